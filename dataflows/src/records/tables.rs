//! What is the current record of a key? And which retraction and addition does a keyed change mean?

use super::{Key, Record, Scope};
use crate::id::Id;
use crate::text::normalise;
use std::collections::BTreeMap;

/// A keyed change: a record put in (inserted or replaced) or a key deleted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// Insert, or replace what has the same key.
    Put(Record),
    /// Delete; no effect where there is none.
    Delete(Key),
}

/// The current records of all collections but the JDs.
#[derive(Clone, Debug, Default)]
pub struct Tables {
    records: BTreeMap<Key, Record>,
}

impl Tables {
    /// Applies a change and says what it retracts and adds. Putting what is there already does nothing.
    pub fn apply(&mut self, change: Change) -> Vec<(Record, isize)> {
        let (key, new) = match change {
            Change::Put(record) => (record.key(), Some(record)),
            Change::Delete(key) => (key, None),
        };
        let old = self.records.get(&key);
        if old == new.as_ref() {
            return Vec::new();
        }
        let mut updates: Vec<(Record, isize)> = old.cloned().map(|r| (r, -1)).into_iter().collect();
        match new {
            Some(record) => {
                updates.push((record.clone(), 1));
                self.records.insert(key, record);
            }
            None => {
                self.records.remove(&key);
            }
        }
        updates
    }

    /// All current records, ordered by key.
    pub fn iter(&self) -> impl Iterator<Item = &Record> {
        self.records.values()
    }

    /// The current records of one collection (the name in their [`Key`]s), ordered by key.
    pub fn of_kind(&self, kind: &'static str) -> impl Iterator<Item = &Record> {
        let first = Key { kind, key: String::new() };
        self.records.range(first..).take_while(move |(key, _)| key.kind == kind).map(|(_, record)| record)
    }

    /// The record of a key.
    pub fn get(&self, key: &Key) -> Option<&Record> {
        self.records.get(key)
    }

    /// The records of one kind whose keys begin with `prefix`, ordered by key.
    pub fn starting<'a>(&'a self, kind: &'static str, prefix: &'a str) -> impl Iterator<Item = &'a Record> + use<'a> {
        let from = Key { kind, key: prefix.to_owned() };
        let all =
            self.records.range(from..).take_while(move |(key, _)| key.kind == kind && key.key.starts_with(prefix));
        all.map(|(_, record)| record)
    }

    /// How many records there are.
    pub fn len(&self) -> usize {
        self.records.len()
    }

    /// No records at all.
    pub fn is_empty(&self) -> bool {
        self.records.is_empty()
    }
}

impl Key {
    /// A key of the collection `kind`, of one or more parts.
    pub fn new(kind: &'static str, parts: &[&str]) -> Key {
        Key { kind, key: parts.join("\n") }
    }

    /// Whether a change under this key makes a taxonomy version: settings are versioned with the taxonomy, what people
    /// decide of single rows and JDs is not, and facts are none of it.
    pub fn is_taxonomy(&self) -> bool {
        !matches!(self.kind, "review" | "adjudication" | "at-ingest")
    }

    /// Whether it is of the settings, which are versioned and no records of roles or skills.
    pub fn is_settings(&self) -> bool {
        matches!(self.kind, "settings" | "enrichment")
    }

    fn of_jd(kind: &'static str, jd: Id, content: u64) -> Key {
        Key::new(kind, &[&jd.to_string(), &format!("{content:016x}")])
    }
}

impl Record {
    /// As [`Key::is_taxonomy`] of its key, which need not be made for that.
    pub fn is_taxonomy(&self) -> bool {
        !matches!(self, Record::Review(_) | Record::Adjudication(_) | Record::AtIngest(_))
    }

    /// What replaces and deletes this record.
    pub fn key(&self) -> Key {
        match self {
            Record::Role(r) => Key::new("role", &[&r.slug]),
            Record::Alias(a) => Key::new("alias", &[&a.role, &normalise(&a.text)]),
            Record::AliasRule(r) => Key::new("alias-rule", &[&r.term]),
            Record::Kra(k) => Key::new("kra", &[&k.id]),
            Record::Skill(s) => Key::new("skill", &[&s.slug]),
            Record::Dimension(d) => Key::new("dimension", &[&d.slug]),
            Record::RoleDimension(d) => Key::new("role-dimension", &[&d.role, &d.dimension]),
            Record::RoleSkill(s) => Key::new("role-skill", &[&s.role, &s.skill]),
            Record::Review(r) => match &r.scope {
                Scope::Everywhere => Key::new("review", &[&r.subject.to_string()]),
                Scope::Role(role) => Key::new("review", &[&r.subject.to_string(), role]),
            },
            Record::Adjudication(a) => Key::of_jd("adjudication", a.jd, a.content),
            Record::Settings(_) => Key::new("settings", &[""]),
            Record::EnrichmentSettings(_) => Key::new("enrichment", &[""]),
            Record::AtIngest(a) => Key::of_jd("at-ingest", a.jd, a.content),
        }
    }
}
