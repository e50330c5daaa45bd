//! How is a role made, changed, and split?

use super::NewRole;
use super::lookup::{self, Living, find, find_active, text};
use super::{aliases, kras};
use crate::editing::records::{By, Overlay, Records};
use crate::error::Error;
use crate::taxonomy::Role;
use crate::taxonomy::json_lines::Line;
use rolestream_dataflows::records::{Key, RoleDimension, RoleSkill, Status};

pub(super) fn create(to: &mut Overlay<'_>, new: &NewRole, archetype: &str) -> Result<String, Error> {
    let name = text(&new.name, "name of the role")?;
    let slug = lookup::slug::<Role>(to, new.slug.as_deref(), &name)?;
    let number = lookup::number::<Role>(to, new.id, &slug)?;
    let archetype = new.archetype.as_deref().unwrap_or(archetype).trim().to_owned();
    let role = Role { slug: slug.clone(), name, number, archetype, ..Role::default() };
    role.check_texts(to)?;
    to.put(Line::Roles(role));
    Ok(slug)
}

pub(super) fn change(
    to: &mut Overlay<'_>,
    slug: &str,
    name: Option<&str>,
    id: Option<u32>,
    archetype: Option<&str>,
) -> Result<(), Error> {
    let mut role: Role = find(to, slug)?;
    if let Some(name) = name {
        role.name = text(name, "name of the role")?;
        if role.status == Status::Active {
            role.check_texts(to)?;
        }
    }
    if id.is_some() {
        role.number = lookup::number::<Role>(to, id, slug)?;
    }
    if let Some(archetype) = archetype {
        role.archetype = archetype.trim().to_owned();
    }
    to.put(Line::Roles(role));
    Ok(())
}

/// What goes to the new role of a split.
pub(super) struct Parts<'a> {
    pub(super) aliases: &'a [String],
    pub(super) kras: &'a [String],
    pub(super) skills: &'a [String],
    pub(super) shared_skills: &'a [String],
    pub(super) dimensions: &'a [String],
    pub(super) shared_dimensions: &'a [String],
}

pub(super) fn split(to: &mut Overlay<'_>, slug: &str, new: &NewRole, parts: &Parts<'_>) -> Result<(), Error> {
    let role: Role = find_active(to, slug)?;
    // What roles merged into it own is its own.
    let mut owners = vec![slug.to_owned()];
    owners.extend(to.by(By::RoleMergedInto, slug));
    let other = create(to, new, &role.archetype)?;
    for alias in parts.aliases {
        let Some(owner) = owners.iter().find(|owner| to.get(&aliases::key(owner, alias)).is_some()) else {
            return Err(lacks(slug, "alias", alias));
        };
        aliases::move_to(to, owner, alias, &other)?;
    }
    for kra in parts.kras {
        if !owners.iter().any(|owner| to.by(By::KraOfRole, owner).contains(kra)) {
            return Err(lacks(slug, "responsibility", kra));
        }
        kras::move_to(to, kra, &other)?;
    }
    let skills = parts.skills.iter().map(|skill| (skill, false));
    for (skill, stays) in skills.chain(parts.shared_skills.iter().map(|skill| (skill, true))) {
        share(to, &owners, "role-skill", skill, stays)?;
        to.put(Line::RoleSkills(RoleSkill { role: other.clone(), skill: skill.clone() }));
    }
    let dimensions = parts.dimensions.iter().map(|dimension| (dimension, false));
    for (dimension, stays) in dimensions.chain(parts.shared_dimensions.iter().map(|dimension| (dimension, true))) {
        share(to, &owners, "role-dimension", dimension, stays)?;
        to.put(Line::RoleDimensions(RoleDimension { role: other.clone(), dimension: dimension.clone() }));
    }
    Ok(())
}

/// One of the owners must have it; unless it stays, none has it afterwards.
fn share(to: &mut Overlay<'_>, owners: &[String], kind: &'static str, slug: &str, stays: bool) -> Result<(), Error> {
    let keys = owners.iter().map(|owner| Key::new(kind, &[owner, slug]));
    let there: Vec<Key> = keys.filter(|key| to.get(key).is_some()).collect();
    if there.is_empty() {
        return Err(lacks(&owners[0], kind.trim_start_matches("role-"), slug));
    }
    if !stays {
        there.into_iter().for_each(|key| to.delete(key));
    }
    Ok(())
}

fn lacks(role: &str, what: &str, which: &str) -> Error {
    Error::new(format!("role \"{role}\" has no {what} \"{which}\""))
        .detail("a split moves what the role or one merged into it has, each once")
        .hint(format!("leave it out, or add the {what} to the role first"))
}
