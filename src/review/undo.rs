//! How is an action taken back? Each record it changed is put back to what it was, if nobody changed it since.

use super::content::Content;
use crate::error::Error;
use crate::sources::decode::Edit;
use rolestream_dataflows::records::{Change, Key, Record, Tables};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// The kinds of record that reviews change.
const KINDS: [&str; 10] = [
    "role",
    "alias",
    "alias-rule",
    "kra",
    "skill",
    "dimension",
    "role-dimension",
    "role-skill",
    "review",
    "adjudication",
];

/// What an action changed. As JSON it can be kept and read back.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Undo(Vec<Changed>);

/// One record that was changed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Changed {
    kind: String,
    key: String,
    before: Option<Content>,
    after: Option<Content>,
}

impl Undo {
    pub(super) fn of(differences: Vec<(Key, Option<Content>, Option<Content>)>) -> Undo {
        let one =
            |(key, before, after): (Key, _, _)| Changed { kind: key.kind.to_owned(), key: key.key, before, after };
        Undo(differences.into_iter().map(one).collect())
    }

    /// Nothing was changed.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The records as they were, by kind and key; null where there was none.
    pub fn before(&self) -> Value {
        self.side(|changed| &changed.before)
    }

    /// The records as they became.
    pub fn after(&self) -> Value {
        self.side(|changed| &changed.after)
    }

    fn side(&self, of: fn(&Changed) -> &Option<Content>) -> Value {
        let one = |changed: &Changed| {
            let content = of(changed).as_ref().map_or(Value::Null, Content::shown);
            (changed.shown(), content)
        };
        Value::Object(self.0.iter().map(one).collect::<Map<String, Value>>())
    }

    /// What leads from what was to what became.
    pub(super) fn forth(&self) -> Result<(Vec<Change>, Vec<Edit>), Error> {
        self.lead(|changed| &changed.after)
    }

    /// What leads back, if the records are still as the action left them.
    pub(super) fn back(&self, tables: &Tables) -> Result<(Vec<Change>, Vec<Edit>), Error> {
        for changed in &self.0 {
            let now = tables.get(&changed.key()?).and_then(Content::of);
            if now != changed.after {
                return Err(changed.moved(now.as_ref()));
            }
        }
        self.lead(|changed| &changed.before)
    }

    /// The same, with before and after exchanged.
    pub(super) fn reversed(&self) -> Undo {
        let one = |changed: &Changed| {
            let Changed { kind, key, before, after } = changed.clone();
            Changed { kind, key, before: after, after: before }
        };
        Undo(self.0.iter().map(one).collect())
    }

    fn lead(&self, to: fn(&Changed) -> &Option<Content>) -> Result<(Vec<Change>, Vec<Edit>), Error> {
        let (mut changes, mut edits) = (Vec::new(), Vec::new());
        for changed in &self.0 {
            let key = changed.key()?;
            let taxonomy = !matches!(key.kind, "review" | "adjudication");
            match to(changed).clone() {
                Some(Content::Taxonomy(line)) => edits.push(Edit::Put(line)),
                Some(Content::Review(review)) => changes.push(Change::Put(Record::Review(review))),
                Some(Content::Adjudication(chosen)) => changes.push(Change::Put(Record::Adjudication(chosen))),
                None if taxonomy => edits.push(Edit::Delete(key)),
                None => changes.push(Change::Delete(key)),
            }
        }
        Ok((changes, edits))
    }
}

impl Changed {
    fn key(&self) -> Result<Key, Error> {
        let kind = KINDS.into_iter().find(|kind| *kind == self.kind).ok_or_else(|| {
            Error::new(format!("what was done cannot be read: unknown kind \"{}\"", self.kind))
                .detail("it names a record that this version of the program does not have")
                .hint("use the version that wrote it, or newer")
        })?;
        Ok(Key { kind, key: self.key.clone() })
    }

    fn shown(&self) -> String {
        format!("{}/{}", self.kind, self.key.replace('\n', "/"))
    }

    /// The message on a record that somebody changed since.
    fn moved(&self, now: Option<&Content>) -> Error {
        let said = match now {
            None => "it is gone",
            Some(_) if self.after.is_none() => "it is there again",
            Some(_) => "it says something else now",
        };
        let hint = match self.kind.as_str() {
            "review" if now.is_none() => "a snooze that is over needs no undoing; else look at what was done since",
            _ => "take back first what changed it, or edit it by itself",
        };
        Error::new("this cannot be taken back any more")
            .detail(format!("{} has changed since: {said}", self.shown()))
            .hint(hint)
    }
}
