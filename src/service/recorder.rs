//! What is done with what the engine says? It is kept, made safe, and then handed to sinks and counters.

use super::counts::Counts;
use crate::engine::{Recorder, Saying};
use crate::error::Error;
use crate::report::Lookup;
use crate::sinks::Inbox;
use crate::store::{Mark, Store, StoredChange, StoredSaid};
use rolestream_dataflows::records::{JdUpdate, Key, Record};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

/// The sinks' near ends; they are there when start-up has caught up.
pub(super) type Inboxes = Arc<Mutex<Vec<Inbox>>>;

/// Somebody who wants to know what becomes known.
pub trait Listener: Send {
    /// What closed epochs made known, in order. It must not block: the engine waits for it.
    fn hear(&mut self, sayings: &[Saying]);

    /// What was kept and fed: records before and after, and JDs; before anything is said of it. On the clock's thread.
    fn fed(&mut self, records: &BTreeMap<Key, (Option<Record>, Option<Record>)>, jds: &[JdUpdate]);
}

/// All who listen.
pub(super) type Listeners = Arc<Mutex<Vec<Box<dyn Listener>>>>;

/// Keeps facts in the store.
pub(super) struct Keeper {
    store: Arc<Store>,
    lookup: Arc<Lookup>,
    inboxes: Inboxes,
    listeners: Listeners,
    counts: Counts,
    last_change: u64,
}

impl Keeper {
    pub(super) fn new(
        store: Arc<Store>,
        lookup: Arc<Lookup>,
        inboxes: Inboxes,
        listeners: Listeners,
        counts: Counts,
    ) -> Result<Keeper, Error> {
        let last_change = store.last_role_change()?;
        Ok(Keeper { store, lookup, inboxes, listeners, counts, last_change })
    }

    /// Writes the facts of some epochs; whether there were any.
    fn write(&mut self, sayings: &[Saying]) -> Result<bool, Error> {
        let store = self.store.clone();
        let mut commit = store.commit();
        for saying in sayings {
            for (jd, content, said) in &saying.first_said {
                commit.put_first_said(*jd, *content, said);
            }
            for (jd, said) in &saying.last_said {
                let id = self.lookup.jd(*jd).to_string();
                commit.put_last_said(*jd, &StoredSaid { id, said: said.clone() });
            }
            for change in &saying.role_changes {
                self.last_change += 1;
                let id = self.lookup.jd(change.jd).to_string();
                commit.put_role_change(self.last_change, &StoredChange { id, change: change.clone() });
            }
        }
        let Some(last) = sayings.last() else { return Ok(false) };
        let before = self.store.mark()?;
        // Only what has a tag is an input that is spoken of for the first time. What is taken up again at the start has
        // none: until all of it is, the mark says what the last life had said (`startup::all_is_said`).
        let tagged = sayings.iter().filter(|saying| saying.tag > before.commit).max_by_key(|saying| saying.tag);
        let mark = Mark {
            epoch: last.epoch,
            commit: tagged.map_or(before.commit, |saying| saying.tag),
            taxonomy_version: tagged.map_or(before.taxonomy_version, |saying| saying.taxonomy_version),
        };
        if commit.is_empty() && mark.taxonomy_version == before.taxonomy_version {
            return Ok(false);
        }
        commit.put_mark(mark);
        commit.write()?;
        Ok(true)
    }
}

impl Recorder for Keeper {
    fn keep(&mut self, sayings: Vec<Saying>) -> Result<(), Error> {
        if self.write(&sayings)? {
            self.store.sync()?;
        }
        self.counts.take(&sayings, &self.lookup);
        for inbox in self.inboxes.lock().unwrap_or_else(PoisonError::into_inner).iter() {
            inbox.take(&sayings, &self.lookup);
        }
        for listener in self.listeners.lock().unwrap_or_else(PoisonError::into_inner).iter_mut() {
            listener.hear(&sayings);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::LastSaid;
    use crate::telemetry::Metrics;
    use rolestream_dataflows::id::Id;
    use std::time::Instant;

    fn saying(epoch: u64, tag: u64, taxonomy_version: u64) -> Saying {
        Saying {
            epoch,
            taxonomy_version,
            tag,
            since: Instant::now(),
            first_said: Vec::new(),
            last_said: vec![(Id::jd("a"), LastSaid::default())],
            role_changes: Vec::new(),
            decisions: Vec::new(),
            views: Vec::new(),
        }
    }

    #[test]
    fn a_version_of_which_not_all_is_said_is_not_marked() {
        let folder = tempfile::tempdir().unwrap();
        let store = Arc::new(Store::open(folder.path()).unwrap());
        let counts = Counts::new(Metrics::new());
        let mut keeper = Keeper::new(store.clone(), Arc::default(), Arc::default(), Arc::default(), counts).unwrap();
        // A store is loaded that has version 3.
        keeper.keep(vec![saying(10, 0, 3), saying(11, 0, 3)]).unwrap();
        assert_eq!(store.mark().unwrap(), Mark { epoch: 11, commit: 0, taxonomy_version: 0 });
        keeper.keep(vec![saying(12, 7, 3), saying(13, 0, 4)]).unwrap();
        assert_eq!(store.mark().unwrap(), Mark { epoch: 13, commit: 7, taxonomy_version: 3 });
    }
}
