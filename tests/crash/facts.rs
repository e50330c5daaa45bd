//! Does what was once said stand? Seen in the stores of the dead, and in the log that consumers have read.

use super::kafka::{Broker, text};
use rolestream::engine::{Cause, FirstSaid};
use rolestream::service::Service;
use rolestream::sinks::role_change;
use rolestream::store::{Store, StoredChange};
use rolestream_dataflows::id::Id;
use std::collections::BTreeMap;
use std::path::Path;

/// All facts ever seen.
#[derive(Default)]
pub(crate) struct Facts {
    first_said: BTreeMap<(Id, u64), FirstSaid>,
    role_changes: BTreeMap<u64, StoredChange>,
}

impl Facts {
    /// Looks into a copy of a store that nobody has open: opening is left to the next life of the service.
    pub(crate) fn look_at_dead(&mut self, store: &Path) {
        let copy = tempfile::tempdir().unwrap();
        copy_all(store, copy.path());
        self.look_at(&Store::open(copy.path()).unwrap());
    }

    /// Looks into a store.
    pub(crate) fn look_at(&mut self, store: &Store) {
        let checked = store.check(&|_| ());
        assert!(checked.findings.is_empty(), "{:#?}", checked.findings);
        let now: BTreeMap<(Id, u64), FirstSaid> =
            store.first_said().unwrap().into_iter().map(|(jd, content, first)| ((jd, content), first)).collect();
        for (run, first) in &self.first_said {
            assert_eq!(now.get(run), Some(first), "what was first said of {run:?} is another thing now");
        }
        self.first_said = now;
        let now: BTreeMap<u64, StoredChange> = store.role_changes(0, usize::MAX).unwrap().into_iter().collect();
        for (number, change) in &self.role_changes {
            assert_eq!(now.get(number), Some(change), "role change {number} is another one now");
        }
        for (number, StoredChange { change, .. }) in &now {
            // Neither engine nor settings have changed.
            assert!(!matches!(change.cause, Cause::Upgrade | Cause::Settings | Cause::Ingest), "{number}: {change:?}");
        }
        self.role_changes = now;
    }

    /// Compares them with each other, with what is said now, and with the topic.
    pub(crate) fn check(&self, service: &Service, broker: &Broker) {
        let store = service.store();
        let mut said: BTreeMap<Id, _> = BTreeMap::new();
        for ((number, stored), expected) in self.role_changes.iter().zip(1..) {
            let change = &stored.change;
            assert_eq!(*number, expected, "numbers have no gaps");
            let before = said.insert(change.jd, change.after.clone());
            assert!(before.is_none_or(|before| before == change.before), "role change {number} follows from none");
            assert_ne!(change.before.as_ref().map(|one| &one.said), change.after.as_ref().map(|one| &one.said));
        }
        assert!(self.role_changes.len() > 50, "only {} role changes", self.role_changes.len());
        for (jd, last) in store.last_said().unwrap() {
            let now = service.engine().decision(jd).map(|answer| answer.decision.said());
            let last = last.said.stated;
            assert_eq!(last.as_ref().map(|stated| stated.said.clone()), now, "of {jd}");
            assert!(
                said.get(&jd).is_none_or(|after| *after == last),
                "what was last said of {jd} is in no role change"
            );
        }
        let mut written: BTreeMap<String, String> = BTreeMap::new();
        for record in broker.read("rolestream.role-changes") {
            let (key, value) = (text(record.key.as_ref()), text(record.value.as_ref()));
            if let Some(before) = written.insert(key.clone(), value.clone()) {
                assert_eq!(value, before, "role change {key} was told in two ways");
            }
        }
        let expected = self.role_changes.iter().map(|(number, stored)| {
            (format!("{number:012}"), role_change(*number, stored, service.lookup()).to_string())
        });
        super::views::same("role-changes", &expected.collect(), &written);
        println!("{} runs with facts, {} role changes", self.first_said.len(), self.role_changes.len());
    }
}

pub(crate) fn copy_all(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        let to = to.join(path.file_name().unwrap());
        if path.is_dir() {
            copy_all(&path, &to);
        } else {
            std::fs::copy(&path, &to).unwrap();
        }
    }
}
