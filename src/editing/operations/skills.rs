//! How is a skill made, changed and split, how do its texts move, and which roles list it?

use super::lookup::{self, Living, Named, find, find_active, free_skill_text, text};
use super::{NewSkill, Operation};
use crate::editing::records::{Overlay, Records};
use crate::error::{Error, nearest};
use crate::taxonomy::json_lines::Line;
use crate::taxonomy::{Role, Skill};
use rolestream_dataflows::records::{Dimension, Key, RoleSkill, Status};
use rolestream_dataflows::text::normalise;

pub(super) fn create(to: &mut Overlay<'_>, operation: &Operation) -> Result<(), Error> {
    let Operation::CreateSkill { name, slug, id, aliases, dimension, kind, ai, era, case_sensitive, context } =
        operation
    else {
        return Ok(());
    };
    let name = text(name, "name of the skill")?;
    let slug = lookup::slug::<Skill>(to, slug.as_deref(), &name)?;
    let skill = Skill {
        number: lookup::number::<Skill>(to, *id, &slug)?,
        aliases: texts(aliases)?,
        dimension: home(to, dimension.as_deref())?,
        kind: kind.trim().to_owned(),
        ai: *ai,
        era: *era,
        case_sensitive: *case_sensitive,
        context: context.clone(),
        slug,
        name,
        ..Skill::default()
    };
    skill.check_texts(to)?;
    to.put(Line::Skills(skill));
    Ok(())
}

pub(super) fn change(to: &mut Overlay<'_>, slug: &str, operation: &Operation) -> Result<(), Error> {
    let Operation::ChangeSkill { skill: _, name, id, aliases, dimension, kind, ai, era, case_sensitive, context } =
        operation
    else {
        return Ok(());
    };
    let mut skill: Skill = find(to, slug)?;
    if let Some(name) = name {
        skill.name = text(name, "name of the skill")?;
    }
    if id.is_some() {
        skill.number = lookup::number::<Skill>(to, *id, slug)?;
    }
    if let Some(aliases) = aliases {
        skill.aliases = texts(aliases)?;
    }
    if let Some(dimension) = dimension {
        skill.dimension = home(to, dimension.as_deref())?;
    }
    if let Some(kind) = kind {
        skill.kind = kind.trim().to_owned();
    }
    skill.ai = ai.unwrap_or(skill.ai);
    skill.era = era.unwrap_or(skill.era);
    skill.case_sensitive = case_sensitive.unwrap_or(skill.case_sensitive);
    if let Some(context) = context {
        skill.context.clone_from(context);
    }
    if skill.status != Status::Retired && (name.is_some() || aliases.is_some()) {
        skill.check_texts(to)?;
    }
    to.put(Line::Skills(skill));
    Ok(())
}

pub(super) fn split(
    to: &mut Overlay<'_>,
    slug: &str,
    new: &NewSkill,
    aliases: &[String],
    roles: &[String],
    shared_roles: &[String],
) -> Result<(), Error> {
    let mut skill: Skill = find_active(to, slug)?;
    let name = text(&new.name, "name of the skill")?;
    let mut moved = Vec::new();
    for alias in aliases {
        moved.push(take(&mut skill, alias)?);
    }
    // A text that is the new skill's name cannot stay behind, and need not be its alias.
    let is_name = |alias: &String| normalise(alias) == normalise(&name);
    skill.aliases.retain(|alias| !is_name(alias));
    moved.retain(|alias| !is_name(alias));
    let other = lookup::slug::<Skill>(to, new.slug.as_deref(), &name)?;
    let made = Skill {
        number: lookup::number::<Skill>(to, new.id, &other)?,
        aliases: moved,
        dimension: match &new.dimension {
            Some(dimension) => home(to, Some(dimension))?,
            None => skill.dimension.clone(),
        },
        kind: new.kind.clone().unwrap_or_else(|| skill.kind.clone()),
        ai: new.ai.unwrap_or(skill.ai),
        era: new.era.unwrap_or(skill.era),
        case_sensitive: skill.case_sensitive,
        context: skill.context.clone(),
        slug: other.clone(),
        name,
        ..Skill::default()
    };
    to.put(Line::Skills(skill));
    made.check_texts(to)?;
    to.put(Line::Skills(made));
    let all = roles.iter().map(|role| (role, false)).chain(shared_roles.iter().map(|role| (role, true)));
    for (role, stays) in all {
        listed(to, role, slug)?;
        if !stays {
            to.delete(key(role, slug));
        }
        to.put(Line::RoleSkills(RoleSkill { role: role.clone(), skill: other.clone() }));
    }
    Ok(())
}

pub(super) fn add_alias(to: &mut Overlay<'_>, slug: &str, alias: &str) -> Result<(), Error> {
    let mut skill: Skill = find_active(to, slug)?;
    let alias = text(alias, "alias")?;
    let same = |there: &&String| normalise(there) == normalise(&alias);
    if let Some(there) = skill.aliases.iter().chain([&skill.name]).find(same) {
        return Err(Error::new(format!("\"{alias}\" names skill \"{slug}\" already"))
            .detail(format!("as \"{there}\"; texts are compared without case, width and outer punctuation"))
            .hint("leave it out"));
    }
    free_skill_text(to, &alias, slug)?;
    skill.aliases.push(alias);
    to.put(Line::Skills(skill));
    Ok(())
}

pub(super) fn delete_alias(to: &mut Overlay<'_>, slug: &str, alias: &str) -> Result<(), Error> {
    let mut skill: Skill = find(to, slug)?;
    take(&mut skill, alias)?;
    to.put(Line::Skills(skill));
    Ok(())
}

pub(super) fn move_alias(to: &mut Overlay<'_>, slug: &str, alias: &str, other: &str) -> Result<(), Error> {
    let mut skill: Skill = find(to, slug)?;
    let alias = take(&mut skill, alias)?;
    to.put(Line::Skills(skill));
    add_alias(to, other, &alias)
}

pub(super) fn list(to: &mut Overlay<'_>, role: &str, skill: &str) -> Result<(), Error> {
    find_active::<Role>(to, role)?;
    find_active::<Skill>(to, skill)?;
    if to.get(&key(role, skill)).is_some() {
        return Err(Error::new(format!("role \"{role}\" lists skill \"{skill}\" already"))
            .detail("a role lists a skill once")
            .hint("leave the operation out"));
    }
    to.put(Line::RoleSkills(RoleSkill { role: role.to_owned(), skill: skill.to_owned() }));
    Ok(())
}

pub(super) fn unlist(to: &mut Overlay<'_>, role: &str, skill: &str) -> Result<(), Error> {
    listed(to, role, skill)?;
    to.delete(key(role, skill));
    Ok(())
}

fn key(role: &str, skill: &str) -> Key {
    Key::new("role-skill", &[role, skill])
}

/// Refuses a skill that the role does not list.
fn listed(to: &Overlay<'_>, role: &str, skill: &str) -> Result<(), Error> {
    if to.get(&key(role, skill)).is_some() {
        return Ok(());
    }
    find::<Role>(to, role)?;
    find::<Skill>(to, skill)?;
    Err(Error::new(format!("role \"{role}\" does not list skill \"{skill}\""))
        .detail("the operation names a skill that the role lists; those of roles merged into it are theirs")
        .hint("name another role or skill"))
}

/// The home dimension, which must exist.
fn home(to: &Overlay<'_>, dimension: Option<&str>) -> Result<Option<String>, Error> {
    dimension.map(|slug| find::<Dimension>(to, slug).map(|found| found.slug().to_owned())).transpose()
}

/// Texts of one skill, each once.
fn texts(given: &[String]) -> Result<Vec<String>, Error> {
    let mut seen = std::collections::HashSet::new();
    let mut texts = Vec::new();
    for alias in given {
        let alias = text(alias, "alias")?;
        if !seen.insert(normalise(&alias)) {
            return Err(Error::new(format!("the alias \"{alias}\" is named twice"))
                .detail("texts are compared without case, width and outer punctuation")
                .hint("name it once"));
        }
        texts.push(alias);
    }
    Ok(texts)
}

/// Takes an alias from a skill.
fn take(skill: &mut Skill, alias: &str) -> Result<String, Error> {
    let key = normalise(alias);
    match skill.aliases.iter().position(|there| normalise(there) == key) {
        Some(at) => Ok(skill.aliases.remove(at)),
        None => {
            let hint = match nearest(alias, skill.aliases.iter().map(String::as_str)) {
                Some(near) => format!("did you mean \"{near}\"?"),
                None => "look at the aliases of the skill; its name is none of them".to_owned(),
            };
            Err(Error::new(format!("skill \"{}\" has no alias \"{alias}\"", skill.slug))
                .detail(format!("it has {} aliases", skill.aliases.len()))
                .hint(hint))
        }
    }
}
