//! What does the maker of a history know while it makes it? What is true now, and what the views held last.

use super::pools::Pools;
use rand::seq::IndexedRandom;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use rolestream_dataflows::id::Id;
use rolestream_dataflows::records::{Change, Jd, Key, Record, Tables};
use rolestream_dataflows::replay::Event;
use rolestream_dataflows::views::Snapshot;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// The state of a history in the making.
pub(crate) struct World {
    pub(crate) rng: ChaCha8Rng,
    pub(crate) pools: Pools,
    pub(crate) tables: Tables,
    pub(crate) jds: BTreeMap<Id, Arc<Jd>>,
    /// What the oracle said at the end of the last epoch.
    pub(crate) snapshot: Snapshot,
    /// The events of the epoch in the making.
    pub(crate) epoch: Vec<Event>,
    /// The JDs that already changed in it.
    pub(crate) changed: BTreeSet<Id>,
}

impl World {
    /// An empty world.
    pub(crate) fn new(seed: u64) -> World {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        let pools = Pools::random(&mut rng);
        World {
            rng,
            pools,
            tables: Tables::default(),
            jds: BTreeMap::new(),
            snapshot: Snapshot::default(),
            epoch: Vec::new(),
            changed: BTreeSet::new(),
        }
    }

    /// Makes a change now.
    pub(crate) fn change(&mut self, change: Change) {
        self.tables.apply(change.clone());
        self.epoch.push(Event::Change(change));
    }

    /// Puts a record now.
    pub(crate) fn put(&mut self, record: Record) {
        self.change(Change::Put(record));
    }

    /// One of several, at random.
    pub(crate) fn one<T: Clone>(&mut self, of: &[T]) -> Option<T> {
        of.choose(&mut self.rng).cloned()
    }

    /// One of several that are there for sure.
    pub(crate) fn pick(&mut self, of: &[&str]) -> String {
        of.choose(&mut self.rng).map(|text| (*text).to_owned()).unwrap_or_default()
    }

    /// True with this probability.
    pub(crate) fn chance(&mut self, probability: f64) -> bool {
        self.rng.random_bool(probability)
    }

    /// A number under `end`.
    pub(crate) fn below(&mut self, end: usize) -> usize {
        self.rng.random_range(0..end)
    }

    /// A current record of a collection, at random.
    pub(crate) fn record(&mut self, kind: &str) -> Option<Record> {
        let records: Vec<&Record> = self.tables.iter().filter(|record| record.key().kind == kind).collect();
        records.choose(&mut self.rng).map(|record| (*record).clone())
    }

    /// Deletes a current record of a collection, if there is one.
    pub(crate) fn delete_one(&mut self, kind: &str) {
        if let Some(record) = self.record(kind) {
            self.change(Change::Delete(record.key()));
        }
    }

    /// Whether a key has a record.
    pub(crate) fn has(&self, key: &Key) -> bool {
        self.tables.get(key).is_some()
    }
}
