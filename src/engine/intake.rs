//! What of a batch is new? And which updates of the dataflow does it mean?

use super::batch::{Batch, Cause};
use super::facts::Causes;
use crate::error::Error;
use rolestream_dataflows::id::Id;
use rolestream_dataflows::records::{Change, Features, Jd, JdUpdate, Key, Record, Rejection, Tables};
use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::Arc;
use xxhash_rust::xxh3::Xxh3;

/// A batch with fingerprints, in which each key occurs once. Made outside the engine's lock: fingerprints cost time.
pub(super) struct Settled {
    /// In order, with the fingerprint of what was found in the JD; `None` where it is withdrawn.
    jds: Vec<(JdUpdate, Option<u64>)>,
    changes: Vec<Change>,
    cause: Cause,
    tag: u64,
}

impl Settled {
    /// What its changes would retract and add where these are the records there are.
    pub(super) fn differences(&self, tables: &Tables) -> Vec<(Record, isize)> {
        let mut concerned = Tables::default();
        for record in self.changes.iter().filter_map(|change| tables.get(&key_of(change))) {
            concerned.apply(Change::Put(record.clone()));
        }
        self.changes.iter().flat_map(|change| concerned.apply(change.clone())).collect()
    }

    /// Of several changes of one key the last counts.
    pub(super) fn of(batch: Batch) -> Result<Settled, Error> {
        if batch.changes.iter().any(is_fact) {
            return Err(Error::new("an answer at ingest cannot be edited")
                .detail("it is a fact: said once, by the engine itself")
                .hint("leave it out of the batch"));
        }
        Ok(Settled {
            jds: batch.jds.into_iter().map(|update| (print_of(&update), update)).map(|(print, u)| (u, print)).collect(),
            changes: last_of_each(batch.changes, key_of),
            cause: batch.cause,
            tag: batch.tag,
        })
    }
}

/// What a batch means: what of it is new. It must be fed before the next batch is admitted.
#[derive(Debug)]
pub struct Admitted {
    /// Additions and retractions of records.
    pub records: Vec<(Record, isize)>,
    /// Updates of JDs, each of which says something new.
    pub jds: Vec<JdUpdate>,
    /// Why decisions may change by it.
    pub(super) causes: Causes,
    /// JDs that said nothing new.
    pub unchanged: usize,
    /// The taxonomy version with it.
    pub taxonomy_version: u64,
    /// The batch's tag.
    pub tag: u64,
}

impl Admitted {
    /// Facts that go back into the dataflow.
    pub(super) fn of_facts(records: Vec<(Record, isize)>, taxonomy_version: u64) -> Admitted {
        Admitted { records, jds: Vec::new(), causes: Causes::default(), unchanged: 0, taxonomy_version, tag: 0 }
    }
}

/// What is held of a JD, to tell whether a delivery says anything new, and to keep what a re-parse must not change.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Held {
    content: u64,
    print: u64,
    source: Id,
    received_at: i64,
}

/// What has been submitted so far.
#[derive(Default)]
pub(super) struct Intake {
    /// Shared with who reads them; whoever still holds them keeps what they were.
    tables: Arc<Tables>,
    held: HashMap<Id, Held>,
    /// The same, those received first in front.
    by_age: BTreeSet<(i64, Id)>,
    version: u64,
}

impl Intake {
    pub(super) fn tables(&self) -> &Arc<Tables> {
        &self.tables
    }

    pub(super) fn version(&self) -> u64 {
        self.version
    }

    /// Takes a batch in.
    pub(super) fn admit(&mut self, batch: Settled) -> Admitted {
        let given = batch.jds.len();
        let jds = self.hold_all(batch.jds);
        let records: Vec<(Record, isize)> = match batch.changes.is_empty() {
            // Whoever holds the tables sees by that whether they are still those.
            true => Vec::new(),
            false => {
                let tables = Arc::make_mut(&mut self.tables);
                batch.changes.into_iter().flat_map(|change| tables.apply(change)).collect()
            }
        };
        let causes = self.causes(batch.cause, &jds, &records);
        let unchanged = given - jds.len();
        Admitted { unchanged, records, jds, causes, taxonomy_version: self.version, tag: batch.tag }
    }

    /// Takes records in that were taken in before, in an earlier life, when the taxonomy had reached this version.
    pub(super) fn restore(&mut self, records: Vec<Record>, version: u64) -> Vec<(Record, isize)> {
        self.version = version;
        let tables = Arc::make_mut(&mut self.tables);
        records.into_iter().flat_map(|record| tables.apply(Change::Put(record))).collect()
    }

    /// How many JDs are held.
    pub(super) fn jds(&self) -> usize {
        self.held.len()
    }

    /// The JDs held that were received before `time`, or beyond the `most` received last; of these those received first,
    /// so many.
    pub(super) fn expired(&self, time: i64, most: usize, limit: usize) -> Vec<Id> {
        let beyond = self.by_age.len().saturating_sub(most);
        let by_age = self.by_age.iter().enumerate();
        let expired = by_age.take_while(|(place, (received_at, _))| *place < beyond || *received_at < time);
        expired.take(limit).map(|(_, (_, jd))| *jd).collect()
    }

    /// What the updates come to, by JD. They are taken one after the other, so that it makes no difference which of them
    /// come in one batch: a JD that is sent again keeps when it was received, one that was withdrawn between does not.
    fn hold_all(&mut self, updates: Vec<(JdUpdate, Option<u64>)>) -> Vec<JdUpdate> {
        let mut places: HashMap<Id, (usize, Option<Held>)> = HashMap::with_capacity(updates.len());
        let mut last: Vec<Option<JdUpdate>> = Vec::with_capacity(updates.len());
        for (update, print) in updates {
            let id = update.id;
            let (place, _) = *places.entry(id).or_insert_with(|| {
                last.push(None);
                (last.len() - 1, self.held.get(&id).copied())
            });
            if let Some(update) = self.hold(update, print) {
                last[place] = Some(update);
            }
        }
        let changed = |update: &JdUpdate| {
            let before = places.get(&update.id).and_then(|(_, before)| *before);
            before != self.held.get(&update.id).copied()
        };
        last.into_iter().flatten().filter(changed).collect()
    }

    /// The update, unless it says nothing new.
    fn hold(&mut self, update: JdUpdate, print: Option<u64>) -> Option<JdUpdate> {
        let (update, held) = self.settled(update, print)?;
        let before = match held {
            Some(held) => self.held.insert(update.id, held),
            None => self.held.remove(&update.id),
        };
        self.by_age.extend(held.map(|held| (held.received_at, update.id)));
        let age = held.map(|held| held.received_at);
        if let Some(before) = before.filter(|before| Some(before.received_at) != age) {
            self.by_age.remove(&(before.received_at, update.id));
        }
        Some(update)
    }

    /// The update and what is held of it then, unless it says nothing new. What comes again with the same content keeps
    /// when and whence it came.
    fn settled(&self, mut update: JdUpdate, print: Option<u64>) -> Option<(JdUpdate, Option<Held>)> {
        let before = self.held.get(&update.id);
        let (Some(jd), Some(print)) = (&mut update.jd, print) else {
            return before.map(|_| (update, None));
        };
        if let Some(held) = before.filter(|held| held.content == jd.content) {
            if held.print == print {
                return None;
            }
            if (held.source, held.received_at) != (jd.source, jd.received_at) {
                let jd = Arc::make_mut(jd);
                (jd.source, jd.received_at) = (held.source, held.received_at);
            }
        }
        let held = Held { content: jd.content, print, source: jd.source, received_at: jd.received_at };
        Some((update, Some(held)))
    }

    /// What a batch would change of the JDs held, of each the last; nothing is taken in.
    pub(super) fn would_change(&self, batch: &Settled) -> Vec<JdUpdate> {
        let held = batch.jds.iter().filter(|(update, _)| self.held.contains_key(&update.id)).collect();
        let last = last_of_each(held, |(update, _): &&(JdUpdate, Option<u64>)| update.id);
        last.into_iter().filter_map(|(update, print)| Some(self.settled(update.clone(), *print)?.0)).collect()
    }

    /// Numbers the version, if there is a new one, and says what may have changed by what.
    fn causes(&mut self, cause: Cause, jds: &[JdUpdate], records: &[(Record, isize)]) -> Causes {
        let mut versioned = records.iter().map(|(record, _)| record).filter(|record| record.is_taxonomy()).peekable();
        let mut rest = cause;
        if versioned.peek().is_some() {
            self.version += 1;
            let only_settings = versioned.all(|record| record.key().is_settings());
            rest = if only_settings { Cause::Settings } else { Cause::Taxonomy(self.version) };
        }
        let adjudicated = |(record, _): &(Record, isize)| match record {
            Record::Adjudication(a) => Some(a.jd),
            _ => None,
        };
        Causes {
            jds: jds.iter().map(|update| update.id).collect(),
            of_jds: match cause {
                Cause::Ingest => Cause::Correction,
                _ => cause,
            },
            adjudicated: records.iter().filter_map(adjudicated).collect(),
            rest,
        }
    }
}

fn is_fact(change: &Change) -> bool {
    match change {
        Change::Put(record) => matches!(record, Record::AtIngest(_)),
        Change::Delete(key) => key.kind == "at-ingest",
    }
}

fn key_of(change: &Change) -> Key {
    match change {
        Change::Put(record) => record.key(),
        Change::Delete(key) => key.clone(),
    }
}

/// Of all items of one key the last, in the order of these.
fn last_of_each<T, K: std::hash::Hash + Eq>(items: Vec<T>, key: impl Fn(&T) -> K) -> Vec<T> {
    let mut seen = HashSet::new();
    let mut kept: Vec<T> = items.into_iter().rev().filter(|item| seen.insert(key(item))).collect();
    kept.reverse();
    kept
}

/// The hash of all that was found in a JD: what may differ although its content is the same.
fn print_of(update: &JdUpdate) -> Option<u64> {
    let jd: &Jd = update.jd.as_ref()?;
    let found: (Id, &Result<Features, Rejection>) = (jd.company, &jd.features);
    let mut hash = Xxh3::new();
    // Writing into a hash cannot fail.
    let _ = bincode::serialize_into(&mut hash, &found);
    Some(hash.digest())
}
