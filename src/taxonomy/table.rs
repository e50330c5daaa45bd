//! How is a collection held? By key, in the order read, each record with where it was read.

use crate::error::Position;
use indexmap::IndexMap;

/// A record that knows its collection and its key in it.
pub trait Keyed {
    /// The collection's name in SPEC §1.
    const COLLECTION: &'static str;

    /// Parts are joined by a line feed, as in the engine.
    fn key(&self) -> String;
}

/// A record and where it was read. Where it was read makes no difference between two of them.
#[derive(Clone, Debug)]
pub struct Entry<R> {
    /// The record.
    pub record: R,
    /// Where it was read.
    pub at: Position,
}

impl<R: PartialEq> PartialEq for Entry<R> {
    fn eq(&self, other: &Entry<R>) -> bool {
        self.record == other.record
    }
}

/// A collection: records by key. Equal tables hold equal records, in whatever order.
#[derive(Clone, Debug, PartialEq)]
pub struct Table<R> {
    entries: IndexMap<String, Entry<R>>,
}

impl<R> Default for Table<R> {
    fn default() -> Table<R> {
        Table { entries: IndexMap::new() }
    }
}

impl<R: Keyed> Table<R> {
    /// The record of a key.
    pub fn get(&self, key: &str) -> Option<&R> {
        self.entries.get(key).map(|entry| &entry.record)
    }

    /// The record of a key, with where it was read.
    pub fn entry(&self, key: &str) -> Option<&Entry<R>> {
        self.entries.get(key)
    }

    /// Whether there is a record of that key.
    pub fn contains(&self, key: &str) -> bool {
        self.entries.contains_key(key)
    }

    /// Inserts a record, or replaces the one of its key and gives it back.
    pub fn put(&mut self, record: R, at: Position) -> Option<Entry<R>> {
        self.entries.insert(record.key(), Entry { record, at })
    }

    /// Inserts a record unless there is one of its key: then gives back where that one stands.
    pub fn add(&mut self, record: R, at: Position) -> Result<(), Position> {
        match self.entries.entry(record.key()) {
            indexmap::map::Entry::Occupied(there) => Err(there.get().at.clone()),
            indexmap::map::Entry::Vacant(free) => {
                free.insert(Entry { record, at });
                Ok(())
            }
        }
    }

    /// Deletes the record of a key and gives it back.
    pub fn remove(&mut self, key: &str) -> Option<Entry<R>> {
        self.entries.shift_remove(key)
    }

    /// The records, in the order read.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &R> {
        self.entries.values().map(|entry| &entry.record)
    }

    /// The records with where they were read, in that order.
    pub fn entries(&self) -> impl ExactSizeIterator<Item = &Entry<R>> {
        self.entries.values()
    }

    /// The keys, in the order read.
    pub fn keys(&self) -> impl ExactSizeIterator<Item = &str> {
        self.entries.keys().map(String::as_str)
    }

    /// How many records there are.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// No records at all.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }
}
