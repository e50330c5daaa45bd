//! Which record of the taxonomy is put or deleted? Keyed `kind/id`, in the form of [`json_lines`].

use super::body::{Body, Object, body};
use super::{Incoming, Message, key, place};
use crate::admission::{Reason, Refusal};
use crate::error::{Error, Position, listed, nearest};
use crate::taxonomy::json_lines::{self, Line};
use crate::taxonomy::slugs;
use rolestream_dataflows::records::Key;
use rolestream_dataflows::text::normalise;
use serde_json::Value;

/// A change of one record.
#[derive(Clone, Debug, PartialEq)]
pub enum Edit {
    /// It is this from now on.
    Put(Line),
    /// It is no more.
    Delete(Key),
}

/// What comes after `kind/`.
#[derive(Clone, Copy)]
enum Form {
    Slug,
    Slugs(&'static str),
    /// The role's slug, then a text, which may have slashes.
    SlugAndText,
    /// A text that is compared normalised, and may have slashes.
    Term,
    /// As it is; it may have slashes.
    Id,
}

/// Each kind, the collection of its records, and how its key goes on.
const KINDS: [(&str, &str, Form); 8] = [
    ("role", "roles", Form::Slug),
    ("alias", "aliases", Form::SlugAndText),
    ("alias-rule", "alias_rules", Form::Term),
    ("kra", "kras", Form::Id),
    ("skill", "skills", Form::Slug),
    ("dimension", "dimensions", Form::Slug),
    ("role-dimension", "role_dimensions", Form::Slugs("dimension")),
    ("role-skill", "role_skills", Form::Slugs("skill")),
];

/// The collection of a kind.
pub(super) fn collection(kind: &str) -> Option<&'static str> {
    KINDS.iter().find(|(name, ..)| *name == kind).map(|(_, collection, _)| *collection)
}

pub(super) fn decode(message: &Message) -> Result<Incoming, Refusal> {
    let at = place(message);
    let given = key::text(message)?;
    match body(message)? {
        Body::Nothing => Ok(Incoming::Nothing),
        Body::Gone(before) => delete(given, before, &at),
        // A line of a file has no key but the one in it.
        Body::Put { object, .. } if given.is_none() && !object.contains_key("collection") => in_line(object, &at),
        Body::Put { object, .. } => put(given, object, &at),
    }
}

/// `{"key": "kind/id", "value": {…}}`; null deletes.
fn in_line(mut object: Object, at: &Position) -> Result<Incoming, Refusal> {
    let Some(Value::String(given)) = object.remove("key") else { return Err(no_key(at)) };
    let value = object.remove("value");
    if let Some(other) = object.keys().next() {
        let error = Error::new(format!("unknown field \"{other}\""))
            .detail("beside \"key\" there is \"value\"")
            .hint(match nearest(other, ["value"]) {
                Some(_) => "did you mean \"value\"?".to_owned(),
                None => format!("leave \"{other}\" out"),
            })
            .at(at.clone());
        return Err(Refusal::new(Reason::UnknownField, error));
    }
    match value {
        Some(Value::Object(record)) => put(Some(given), record, at),
        Some(Value::Null) => delete(Some(given), None, at),
        Some(other) => Err(super::body::no_object(&other, at.clone())),
        // Leaving it out might be an oversight, and would delete.
        None => {
            let error = Error::new("an edit without \"value\"")
                .detail("it has only a key")
                .hint("write \"value\": null to delete the record")
                .at(at.clone());
            Err(Refusal::new(Reason::InvalidRecord, error))
        }
    }
}

fn delete(given: Option<String>, before: Option<Object>, at: &Position) -> Result<Incoming, Refusal> {
    let key = match (given, before) {
        (Some(given), _) => parse(&given, at)?,
        (None, Some(before)) => record(before, at)?.key().ok_or_else(|| no_key(at))?,
        (None, None) => return Err(no_key(at)),
    };
    Ok(Incoming::Edit(Edit::Delete(key)))
}

fn put(given: Option<String>, mut object: Object, at: &Position) -> Result<Incoming, Refusal> {
    let Some(given) = given else {
        let line = record(object, at)?;
        return Ok(if line.key().is_some() { Incoming::Edit(Edit::Put(line)) } else { Incoming::Nothing });
    };
    let key = parse(&given, at)?;
    let expected = collection(key.kind).unwrap_or_default();
    match object.get("collection").and_then(Value::as_str) {
        Some(found) if found != expected => {
            let said = format!("the value is of the collection \"{found}\", the key of {expected}");
            return Err(mismatch(&given, said, at));
        }
        _ => object.insert("collection".to_owned(), Value::from(expected)),
    };
    let line = record(object, at)?;
    match line.key() {
        Some(own) if own == key => Ok(Incoming::Edit(Edit::Put(line))),
        own => {
            let own = own.map(|own| shown(&own)).unwrap_or_default();
            Err(mismatch(&given, format!("the value is the record \"{own}\""), at))
        }
    }
}

/// A key as it is written: `kind/id`.
pub fn shown(key: &Key) -> String {
    format!("{}/{}", key.kind, key.key.replace('\n', "/"))
}

fn record(object: Object, at: &Position) -> Result<Line, Refusal> {
    if let Some(error) = json_lines::unknown_field(&object) {
        return Err(Refusal::new(Reason::UnknownField, error.at(at.clone())));
    }
    let refused = |error: Error| Refusal::new(Reason::InvalidRecord, error.at(at.clone()));
    let line = json_lines::from_value(Value::Object(object)).map_err(refused)?;
    // What deletes it later must be able to name it.
    if let Some(key) = line.key() {
        parse(&shown(&key), at).map_err(|refusal| refused(refusal.error))?;
    }
    Ok(line)
}

/// The key that `kind/id` names.
pub fn key(given: &str) -> Result<Key, Error> {
    parse(given, &Position::default()).map_err(|refusal| Error { source: None, ..refusal.error })
}

/// Reads `kind/id`.
fn parse(given: &str, at: &Position) -> Result<Key, Refusal> {
    let Some((kind, rest)) = given.split_once('/') else {
        return Err(invalid(given, "there is no slash in it".to_owned(), at));
    };
    let Some((kind, _, form)) = KINDS.iter().find(|(name, ..)| *name == kind) else {
        let kinds = KINDS.map(|(name, ..)| name);
        let error = Error::new(format!("unknown kind \"{kind}\""))
            .detail(format!("the key is \"{given}\"; kinds are {}", listed(kinds)))
            .hint(match nearest(kind, kinds) {
                Some(name) => format!("did you mean \"{name}/{rest}\"?"),
                None => "write the key as kind/id, such as role/data-engineer".to_owned(),
            })
            .at(at.clone());
        return Err(Refusal::new(Reason::UnknownKind, error));
    };
    let slug = |slug: &str, what: &str| {
        slugs::check(slug, what, || at.clone()).map_err(|error| Refusal::new(Reason::InvalidKey, error))
    };
    let two = |what: &str| {
        let parts = rest.split_once('/').ok_or_else(|| invalid(given, format!("a {what} is missing"), at))?;
        slug(parts.0, "role")?;
        Ok::<(&str, &str), Refusal>(parts)
    };
    let key = match *form {
        Form::Slug => {
            slug(rest, kind)?;
            Key::new(kind, &[rest])
        }
        Form::Slugs(what) => {
            let (role, other) = two(what)?;
            slug(other, what)?;
            Key::new(kind, &[role, other])
        }
        Form::SlugAndText => {
            let (role, text) = two("text")?;
            Key::new(kind, &[role, &normalise(text)])
        }
        Form::Term => Key::new(kind, &[&normalise(rest)]),
        Form::Id if rest.chars().any(char::is_control) => {
            return Err(invalid(given, "it has characters that do not print".to_owned(), at));
        }
        Form::Id => Key::new(kind, &[rest]),
    };
    match key.key.is_empty() || key.key.ends_with('\n') {
        true => Err(invalid(given, "what it names is empty".to_owned(), at)),
        false => Ok(key),
    }
}

fn invalid(given: &str, said: String, at: &Position) -> Refusal {
    let error = Error::new(format!("\"{given}\" is no key of a record"))
        .detail(said)
        .hint("write it as kind/id: role/SLUG, alias/ROLE/TEXT, alias-rule/TERM, kra/ID, skill/SLUG, dimension/SLUG, role-dimension/ROLE/DIMENSION or role-skill/ROLE/SKILL")
        .at(at.clone());
    Refusal::new(Reason::InvalidKey, error)
}

fn mismatch(given: &str, said: String, at: &Position) -> Refusal {
    let error = Error::new("key and value name different records")
        .detail(format!("the key is \"{given}\"; {said}"))
        .hint("send each record under its own key")
        .at(at.clone());
    Refusal::new(Reason::KeyMismatch, error)
}

fn no_key(at: &Position) -> Refusal {
    let error = Error::new("an edit without a key")
        .detail("neither the message nor its value names a record")
        .hint("send the record under its key, such as role/data-engineer, or with its \"collection\"")
        .at(at.clone());
    Refusal::new(Reason::NoKey, error)
}
