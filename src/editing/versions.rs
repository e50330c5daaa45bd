//! What was the taxonomy at version n, how do two versions differ, and what leads back to one?
//!
//! Each version keeps what it changed, before and after. What a record was at n is what the first version after n that
//! changed it found, else what it is now. So only the versions between n and now are looked at, and nothing is lost
//! while they are kept.

use super::records::{Overlay, Records};
use super::values::{Restore, kind, of_record, restore, to_line};
use crate::error::Error;
use crate::sources::Edit;
use crate::sources::decode::{record_key, shown_key};
use rolestream_dataflows::records::{Change, Key, Record, Tables};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;
use utoipa::ToSchema;

/// One published batch of edits.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Version {
    /// Its number; the next is one greater.
    pub number: u64,
    /// When it was published, in milliseconds since 1970.
    pub at: i64,
    /// Who did it: a token's name, or the source that brought the edits.
    pub author: String,
    /// Why.
    pub why: String,
    /// The draft it was published from.
    pub draft: Option<u64>,
    /// It brought back what was at the version before this one, or at the one that was rolled back to.
    pub undoes: Option<u64>,
    /// What it changed, in order of key.
    pub changes: Vec<Changed>,
}

/// One record that a version changed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Changed {
    /// The record's key, such as `role/data-engineer` or `role-skill/data-engineer/kafka`.
    pub key: String,
    /// What it was, with its `collection`; null where it was not there.
    #[serde(with = "super::json_text")]
    #[schema(value_type = Option<Object>)]
    pub before: Option<Value>,
    /// What it became; null where it was deleted.
    #[serde(with = "super::json_text")]
    #[schema(value_type = Option<Object>)]
    pub after: Option<Value>,
}

impl Changed {
    /// The kind in its key.
    pub fn kind(&self) -> &str {
        kind(&self.key)
    }

    /// The other way about.
    pub fn reversed(self) -> Changed {
        Changed { key: self.key, before: self.after, after: self.before }
    }

    /// What a change of one record does: `before` and `after` are the records of the key. None where nothing that a
    /// version keeps changes: equal records but for vectors, and facts.
    pub fn of(key: &Key, before: Option<&Record>, after: Option<&Record>) -> Option<Changed> {
        let (before, after) = (before.and_then(of_record), after.and_then(of_record));
        (before != after).then(|| Changed { key: shown_key(key), before, after })
    }
}

/// What a batch of changes does to these records, in order of key; of several changes of one key the last counts.
pub fn changes(tables: &Tables, batch: &[Change]) -> Vec<Changed> {
    let mut last: BTreeMap<Key, Option<&Record>> = BTreeMap::new();
    for change in batch {
        match change {
            Change::Put(record) => last.insert(record.key(), Some(record)),
            Change::Delete(key) => last.insert(key.clone(), None),
        };
    }
    last.iter().filter_map(|(key, after)| Changed::of(key, tables.get(key), *after)).collect()
}

/// What these versions, in order of number, changed together. Those after `a` up to `b` give what leads from `a` to `b`;
/// what leads back is each of them [reversed](Changed::reversed).
pub fn diff<'v>(versions: impl IntoIterator<Item = &'v Version>) -> Vec<Changed> {
    let mut net: BTreeMap<&str, (&Option<Value>, &Option<Value>)> = BTreeMap::new();
    for changed in versions.into_iter().flat_map(|version| &version.changes) {
        let of_key = net.entry(&changed.key).or_insert((&changed.before, &changed.after));
        of_key.1 = &changed.after;
    }
    let differing = net.into_iter().filter(|(_, (before, after))| before != after);
    let changed = |(key, (before, after)): (&str, (&Option<Value>, &Option<Value>))| Changed {
        key: key.to_owned(),
        before: before.clone(),
        after: after.clone(),
    };
    differing.map(changed).collect()
}

/// What each record was before these versions, in order of number, for all that they touched.
pub fn before<'v>(newer: impl IntoIterator<Item = &'v Version>) -> BTreeMap<String, Option<Value>> {
    let mut was = BTreeMap::new();
    for changed in newer.into_iter().flat_map(|version| &version.changes) {
        was.entry(changed.key.clone()).or_insert_with(|| changed.before.clone());
    }
    was
}

/// The records of the taxonomy as they were before the versions in `newer`, which are all later ones in order of
/// number. Records that are no lines are in [`before`].
pub fn as_of<'a, 'v>(
    current: &'a dyn Records,
    newer: impl IntoIterator<Item = &'v Version>,
) -> Result<Overlay<'a>, Error> {
    let mut then = Overlay::new(current);
    for (key, value) in before(newer) {
        if super::records::KINDS.contains(&kind(&key)) {
            then.set(record_key(&key)?, value.map(to_line).transpose()?);
        }
    }
    Ok(then)
}

/// What makes the records again what they were before the versions in `newer`, which are all later ones in order of
/// number; what is so already is left out.
pub fn rollback<'v>(tables: &Tables, newer: impl IntoIterator<Item = &'v Version>) -> Result<Vec<Restore>, Error> {
    let mut restores = Vec::new();
    for (key, was) in before(newer) {
        let restore = restore(&key, was.clone())?;
        let key = match &restore {
            Restore::Edit(Edit::Put(line)) => line.key(),
            Restore::Edit(Edit::Delete(key)) => Some(key.clone()),
            // Of a kind that is not known here: whether it is so already cannot be told.
            Restore::Raw(raw) => raw.key(),
        };
        let now = key.as_ref().and_then(|key| tables.get(key)).and_then(of_record);
        if key.is_none() || now != was {
            restores.push(restore);
        }
    }
    Ok(restores)
}

/// Which roles or skills (by `kind`) had been merged into this one when it was merged itself, by the last version that
/// did it: with them, unmerging restores all. The versions come in order of number.
pub fn merged_along<'v>(versions: impl IntoIterator<Item = &'v Version>, kind: &str, slug: &str) -> Vec<String> {
    let field = |value: &Option<Value>, name: &str| {
        value.as_ref().and_then(|value| value.get(name)).and_then(Value::as_str).map(str::to_owned)
    };
    let own = format!("{kind}/{slug}");
    let mut along = Vec::new();
    for version in versions {
        let merged = version.changes.iter().find(|changed| changed.key == own);
        let merged = merged.filter(|changed| field(&changed.after, "status").as_deref() == Some("merged"));
        if merged.is_some_and(|changed| field(&changed.before, "status").as_deref() != Some("merged")) {
            let with = version.changes.iter().filter(|changed| {
                changed.kind() == kind
                    && field(&changed.before, "replaced_by").as_deref() == Some(slug)
                    && field(&changed.after, "status").as_deref() == Some("merged")
            });
            along = with.filter_map(|changed| field(&changed.after, "slug")).collect();
        }
    }
    along
}
