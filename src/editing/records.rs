//! How are the records of a taxonomy read, with the changes of a draft over them?
//!
//! [`Records`] are lines by key. [`Tables`] are the current ones; an [`Overlay`] lays changes over others, so that
//! each operation of a draft sees what those before it did.

mod index;

pub(super) use index::By;

use super::operations::Operation;
use crate::error::Error;
use crate::sources::Edit;
use crate::taxonomy::json_lines::Line;
use crate::taxonomy::{Alias, Kra, Role, Skill};
use index::Index;
use rolestream_dataflows::records::{Key, Record, Tables};
use std::collections::BTreeMap;
use std::sync::OnceLock;

/// The kinds of record that are part of a taxonomy, as keys name them, in SPEC's order.
pub const KINDS: [&str; 8] =
    ["role", "alias", "alias-rule", "kra", "skill", "dimension", "role-dimension", "role-skill"];

/// The records of a taxonomy, without vectors.
pub trait Records: Sync {
    /// The record of a key.
    fn get(&self, key: &Key) -> Option<Line>;

    /// The records of one kind whose keys begin with `prefix`, ordered by key.
    fn starting<'a>(&'a self, kind: &'static str, prefix: &'a str) -> Box<dyn Iterator<Item = Line> + 'a>;

    /// The records of one kind, ordered by key.
    fn of_kind<'a>(&'a self, kind: &'static str) -> Box<dyn Iterator<Item = Line> + 'a> {
        self.starting(kind, "")
    }
}

/// A record as a line; none where it is no part of a taxonomy (settings, reviews, adjudications, facts).
pub fn line(record: &Record) -> Option<Line> {
    Some(match record.clone() {
        Record::Role(role) => Line::Roles(Role {
            slug: role.slug,
            name: role.name,
            number: role.number,
            archetype: role.archetype,
            status: role.status,
            replaced_by: role.replaced_by,
        }),
        Record::Alias(alias) => Line::Aliases(Alias { role: alias.role, text: alias.text }),
        Record::AliasRule(rule) => Line::AliasRules(rule),
        Record::Kra(kra) => Line::Kras(Kra { id: kra.id, role: kra.role, sentence: kra.sentence }),
        Record::Skill(skill) => Line::Skills(Skill {
            slug: skill.slug,
            name: skill.name,
            number: skill.number,
            aliases: skill.aliases,
            dimension: skill.dimension,
            kind: skill.kind,
            ai: skill.ai,
            era: skill.era,
            case_sensitive: skill.hints.case_sensitive,
            context: skill.hints.context,
            status: skill.status,
            replaced_by: skill.replaced_by,
        }),
        Record::Dimension(dimension) => Line::Dimensions(dimension),
        Record::RoleDimension(owned) => Line::RoleDimensions(owned),
        Record::RoleSkill(listed) => Line::RoleSkills(listed),
        _ => return None,
    })
}

impl Records for Tables {
    fn get(&self, key: &Key) -> Option<Line> {
        Tables::get(self, key).and_then(line)
    }

    fn starting<'a>(&'a self, kind: &'static str, prefix: &'a str) -> Box<dyn Iterator<Item = Line> + 'a> {
        Box::new(Tables::starting(self, kind, prefix).filter_map(line))
    }
}

impl Records for BTreeMap<Key, Line> {
    fn get(&self, key: &Key) -> Option<Line> {
        BTreeMap::get(self, key).cloned()
    }

    fn starting<'a>(&'a self, kind: &'static str, prefix: &'a str) -> Box<dyn Iterator<Item = Line> + 'a> {
        let all = self.range(Key { kind, key: prefix.to_owned() }..);
        let these = all.take_while(move |(key, _)| key.kind == kind && key.key.starts_with(prefix));
        Box::new(these.map(|(_, line)| line.clone()))
    }
}

/// Changes laid over records.
pub struct Overlay<'a> {
    base: &'a dyn Records,
    changed: BTreeMap<Key, Option<Line>>,
    /// What stood in `changed` before each change of the operation under way.
    before: Vec<(Key, Option<Option<Line>>)>,
    index: OnceLock<Index>,
}

impl<'a> Overlay<'a> {
    /// Nothing changed yet.
    pub fn new(base: &'a dyn Records) -> Overlay<'a> {
        Overlay { base, changed: BTreeMap::new(), before: Vec::new(), index: OnceLock::new() }
    }

    /// Does an operation: all of it, or nothing where it is refused.
    pub fn apply(&mut self, operation: &Operation) -> Result<(), Error> {
        self.before.clear();
        let done = operation.apply(self);
        if done.is_err() {
            while let Some((key, before)) = self.before.pop() {
                let now = before.clone().unwrap_or_else(|| self.base.get(&key));
                self.reindex(&key, now.as_ref());
                match before {
                    Some(before) => self.changed.insert(key, before),
                    None => self.changed.remove(&key),
                };
            }
        }
        done
    }

    /// Puts a record in; the head line of a taxonomy is none.
    pub(crate) fn put(&mut self, line: Line) {
        if let Some(key) = line.key() {
            self.set(key, Some(line));
        }
    }

    /// Takes a record out.
    pub(crate) fn delete(&mut self, key: Key) {
        self.set(key, None);
    }

    /// From now on the key has this record, or none.
    pub(crate) fn set(&mut self, key: Key, line: Option<Line>) {
        self.reindex(&key, line.as_ref());
        let before = self.changed.insert(key.clone(), line);
        self.before.push((key, before));
    }

    fn reindex(&mut self, key: &Key, new: Option<&Line>) {
        let old = Records::get(self, key);
        if let Some(index) = self.index.get_mut() {
            old.iter().for_each(|line| index.remove(line));
            new.into_iter().for_each(|line| index.add(line));
        }
    }

    /// The keys (without their kind) of the records that stand in this relation to `value`, in order.
    pub(super) fn by(&self, by: By, value: &str) -> Vec<String> {
        self.index.get_or_init(|| Index::of(self)).find(by, value)
    }

    /// The keys that were changed, even to what they are in the base.
    pub fn touched(&self) -> impl Iterator<Item = &Key> {
        self.changed.keys()
    }

    /// What leads from the base to here: the last state of each key, where it differs from the base.
    pub fn edits(&self) -> Vec<Edit> {
        let changed = self.changed.iter().filter(|(key, line)| self.base.get(key) != **line);
        let edit = |(key, line): (&Key, &Option<Line>)| match line {
            Some(line) => Edit::Put(line.clone()),
            None => Edit::Delete(key.clone()),
        };
        changed.map(edit).collect()
    }
}

impl Records for Overlay<'_> {
    fn get(&self, key: &Key) -> Option<Line> {
        match self.changed.get(key) {
            Some(line) => line.clone(),
            None => self.base.get(key),
        }
    }

    fn starting<'a>(&'a self, kind: &'static str, prefix: &'a str) -> Box<dyn Iterator<Item = Line> + 'a> {
        let changed = self.changed.range(Key { kind, key: prefix.to_owned() }..);
        let mut changed =
            changed.take_while(move |(key, _)| key.kind == kind && key.key.starts_with(prefix)).peekable();
        let base = self.base.starting(kind, prefix);
        if changed.peek().is_none() {
            return base;
        }
        let keyed = base.filter_map(|line| Some((line.key()?, line)));
        let mut all: BTreeMap<Key, Line> = keyed.collect();
        for (key, line) in changed {
            match line {
                Some(line) => all.insert(key.clone(), line.clone()),
                None => all.remove(key),
            };
        }
        Box::new(all.into_values())
    }
}
