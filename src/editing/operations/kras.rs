//! How are responsibilities made, changed, moved and deleted?

use super::lookup::{self, find, find_active};
use crate::editing::records::{Overlay, Records};
use crate::error::Error;
use crate::taxonomy::json_lines::Line;
use crate::taxonomy::{Kra, Role};
use rolestream_dataflows::records::Key;
use rolestream_dataflows::text::slugify;

/// Words of the sentence that an id made of it has.
const WORDS: usize = 4;

pub(super) fn create(to: &mut Overlay<'_>, role: &str, sentence: &str, id: Option<&str>) -> Result<(), Error> {
    find_active::<Role>(to, role)?;
    let sentence = lookup::text(sentence, "sentence")?;
    let taken = |id: &str| to.get(&Key::new("kra", &[id])).is_some();
    let id = match id {
        Some(id) if id.trim().is_empty() || id.chars().any(char::is_control) => {
            return Err(Error::new("the id of the responsibility is empty or does not print")
                .detail(format!("it is {id:?}"))
                .hint("leave it out, or write something like \"data-engineer/pipelines\""));
        }
        Some(id) if taken(id) => {
            return Err(Error::new(format!("the id \"{id}\" is taken"))
                .detail("an id names one responsibility over all roles")
                .hint("leave it out, take another, or change that responsibility"));
        }
        Some(id) => id.to_owned(),
        None => {
            let words: Vec<&str> = sentence.split_whitespace().take(WORDS).collect();
            let made = Some(slugify(&words.join(" "))).filter(|made| !made.is_empty());
            let base = format!("{role}/{}", made.unwrap_or_else(|| "kra".to_owned()));
            let numbered = (2u32..).map(|n| format!("{base}-{n}"));
            std::iter::once(base.clone()).chain(numbered).find(|id| !taken(id)).unwrap_or(base)
        }
    };
    to.put(Line::Kras(Kra { id, role: role.to_owned(), sentence }));
    Ok(())
}

pub(super) fn change(to: &mut Overlay<'_>, id: &str, sentence: &str) -> Result<(), Error> {
    let mut kra: Kra = find(to, id)?;
    kra.sentence = lookup::text(sentence, "sentence")?;
    to.put(Line::Kras(kra));
    Ok(())
}

pub(super) fn move_to(to: &mut Overlay<'_>, id: &str, role: &str) -> Result<(), Error> {
    let mut kra: Kra = find(to, id)?;
    find_active::<Role>(to, role)?;
    if kra.role == role {
        return Err(Error::new(format!("responsibility \"{id}\" is of role \"{role}\" already"))
            .detail("it would move to where it is")
            .hint("name another role"));
    }
    role.clone_into(&mut kra.role);
    to.put(Line::Kras(kra));
    Ok(())
}

pub(super) fn delete(to: &mut Overlay<'_>, id: &str) -> Result<(), Error> {
    let kra: Kra = find(to, id)?;
    to.delete(Key::new("kra", &[&kra.id]));
    Ok(())
}
