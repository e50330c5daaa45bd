//! How are titles of roles added, moved and deleted, and the rules on titles that several roles claim?

use super::lookup::{self, find, find_active};
use crate::editing::records::{Overlay, Records};
use crate::error::{Error, nearest};
use crate::taxonomy::json_lines::Line;
use crate::taxonomy::{Alias, Role, Skill};
use rolestream_dataflows::records::{AliasRule, AliasVerdict, Key};
use rolestream_dataflows::text::normalise;

/// The key of an alias.
pub(super) fn key(role: &str, text: &str) -> Key {
    Key::new("alias", &[role, &normalise(text)])
}

pub(super) fn add(to: &mut Overlay<'_>, role: &str, text: &str) -> Result<(), Error> {
    find_active::<Role>(to, role)?;
    let text = lookup::text(text, "alias")?;
    if let Some(Line::Aliases(there)) = to.get(&key(role, &text)) {
        return Err(Error::new(format!("role \"{role}\" has the alias \"{text}\" already"))
            .detail(format!("as \"{}\"; titles are compared without case, width and outer punctuation", there.text))
            .hint("leave it out; to write it another way, delete it first"));
    }
    to.put(Line::Aliases(Alias { role: role.to_owned(), text }));
    Ok(())
}

pub(super) fn delete(to: &mut Overlay<'_>, role: &str, text: &str) -> Result<(), Error> {
    own(to, role, text)?;
    to.delete(key(role, text));
    Ok(())
}

pub(super) fn move_to(to: &mut Overlay<'_>, role: &str, text: &str, other: &str) -> Result<(), Error> {
    let alias = own(to, role, text)?;
    if role == other {
        return Err(Error::new(format!("\"{text}\" is an alias of role \"{role}\" already"))
            .detail("it would move to where it is")
            .hint("name another role"));
    }
    add(to, other, &alias.text)?;
    to.delete(key(role, text));
    Ok(())
}

/// The alias of this role, which must exist.
fn own(to: &Overlay<'_>, role: &str, text: &str) -> Result<Alias, Error> {
    if let Some(Line::Aliases(alias)) = to.get(&key(role, text)) {
        return Ok(alias);
    }
    let role: Role = find(to, role)?;
    let texts: Vec<String> = to
        .starting("alias", &format!("{}\n", role.slug))
        .filter_map(|line| if let Line::Aliases(alias) = line { Some(alias.text) } else { None })
        .collect();
    let hint = match nearest(text, texts.iter().map(String::as_str)) {
        Some(near) => format!("did you mean \"{near}\"?"),
        None => "look at the aliases of the role".to_owned(),
    };
    Err(Error::new(format!("role \"{}\" has no alias \"{text}\"", role.slug))
        .detail(format!("it has {} aliases of its own; those of roles merged into it are theirs", texts.len()))
        .hint(hint))
}

pub(super) fn put_rule(to: &mut Overlay<'_>, term: &str, verdict: &AliasVerdict) -> Result<(), Error> {
    let term = normalise(&lookup::text(term, "title of the rule")?);
    match verdict {
        AliasVerdict::Ambiguous => {}
        AliasVerdict::Assigned(role) => drop(find_active::<Role>(to, role)?),
        AliasVerdict::BySkills { role, skills } => {
            find_active::<Role>(to, role)?;
            for skill in lookup::each_once(skills, "skill")? {
                find::<Skill>(to, skill)?;
            }
        }
    }
    to.put(Line::AliasRules(AliasRule { term, verdict: verdict.clone() }));
    Ok(())
}

pub(super) fn delete_rule(to: &mut Overlay<'_>, term: &str) -> Result<(), Error> {
    let key = Key::new("alias-rule", &[&normalise(term)]);
    if to.get(&key).is_none() {
        let terms: Vec<String> = to.of_kind("alias-rule").filter_map(|line| Some(line.key()?.key)).collect();
        let hint = match nearest(term, terms.iter().map(String::as_str)) {
            Some(near) => format!("did you mean \"{near}\"?"),
            None => "look at the rules there are".to_owned(),
        };
        return Err(Error::new(format!("there is no rule on \"{term}\""))
            .detail(format!("there are rules on {} titles, none of them this one", terms.len()))
            .hint(hint));
    }
    to.delete(key);
    Ok(())
}
