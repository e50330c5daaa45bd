//! Is every record readable, and does it fit the others? Reads all of it; changes nothing.

use super::collections::{Collection, number, shown};
use super::records::{SinkEntry, StoredChange, StoredJd, StoredSaid, StoredText, StoredToken, StoredVersion};
use super::values::{Stored, decode};
use super::{Store, broken};
use crate::dead_letters::DeadLetter;
use crate::engine::{FirstSaid, Stated};
use crate::error::Error;
use crate::sources::{Position, Stream};
use fjall::{Readable, Snapshot};
use rolestream_dataflows::id::Id;
use rolestream_dataflows::records::Record;
use serde::Serialize;
use std::collections::{BTreeMap, HashMap};

/// Findings listed of one kind; more are counted.
const LISTED: usize = 20;

/// Something that is not as it should be.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// Where.
    pub collection: Collection,
    /// What.
    pub error: Error,
}

/// What a check saw.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Checked {
    /// Records read, by collection.
    pub records: BTreeMap<Collection, u64>,
    /// What was found, at most twenty of each collection.
    pub findings: Vec<Finding>,
    /// How much was found.
    pub found: usize,
}

impl Checked {
    fn add(&mut self, collection: Collection, error: Error) {
        self.found += 1;
        if self.findings.iter().filter(|finding| finding.collection == collection).count() < LISTED {
            self.findings.push(Finding { collection, error });
        }
    }

    /// Reads a collection, and shows every sound record.
    fn read<V: Stored>(
        &mut self,
        store: &Store,
        snapshot: &Snapshot,
        collection: Collection,
        progress: &dyn Fn(u64),
        mut look: impl FnMut(&mut Checked, &[u8], V),
    ) {
        for row in snapshot.iter(store.keyspaces.of(collection)) {
            *self.records.entry(collection).or_default() += 1;
            progress(1);
            let row = row.into_inner().map_err(|error| broken("read", &error));
            match row.and_then(|(key, bytes)| Ok((decode::<V>(collection, &key, &bytes)?, key))) {
                Ok((value, key)) => look(self, &key, value),
                Err(error) => self.add(collection, error),
            }
        }
    }
}

impl Store {
    /// Reads every record and compares what belongs together. `progress` is told how many records were read.
    pub fn check(&self, progress: &dyn Fn(u64)) -> Checked {
        let snapshot = self.database.snapshot();
        let mut checked = Checked::default();
        let mut jds: HashMap<u64, (u64, u64)> = HashMap::new();
        checked.read::<StoredJd>(self, &snapshot, Collection::Jds, progress, |checked, key, jd| {
            if Id::jd(&jd.id).0 != number(key) {
                checked.add(Collection::Jds, misplaced(Collection::Jds, key, &jd.id));
            }
            jds.insert(number(key), (jd.jd.content, jd.commit));
        });
        let mut texts = 0;
        checked.read::<StoredText>(self, &snapshot, Collection::Texts, progress, |checked, key, text| {
            texts += 1;
            let content = jds.get(&number(key)).map(|(content, _)| *content);
            // What was parsed upstream is told apart by its parse, too.
            if content.is_none() || (text.parser.is_none() && content != Some(text.content())) {
                let error = Error::new(format!("the text {} belongs to no JD of this content", shown(key)));
                checked.add(Collection::Texts, error.detail(format!("the JD {}", text.document.id)));
            }
        });
        if texts < jds.len() {
            let error = Error::new(format!("{} JDs have no text", jds.len() - texts));
            checked.add(Collection::Texts, error);
        }
        let mark = self.mark().unwrap_or_default();
        let mut said: HashMap<u64, Option<Stated>> = HashMap::new();
        checked.read::<StoredSaid>(self, &snapshot, Collection::LastSaid, progress, |_, key, last| {
            said.insert(number(key), last.said.stated);
        });
        for (jd, (_, commit)) in &jds {
            if *commit <= mark.commit && said.get(jd).is_none_or(Option::is_none) {
                let error = Error::new(format!("nothing was said of the JD {}", Id(*jd)))
                    .detail(format!("it came with commit {commit}; facts are kept through {}", mark.commit));
                checked.add(Collection::LastSaid, error);
            }
        }
        checked.read::<FirstSaid>(self, &snapshot, Collection::FirstSaid, progress, |_, _, _| ());
        let (mut previous, mut after) = (0, HashMap::<Id, Option<Stated>>::new());
        checked.read::<StoredChange>(self, &snapshot, Collection::RoleChanges, progress, |checked, key, stored| {
            let change = stored.change;
            if number(key) != previous + 1 {
                let error = Error::new(format!("role changes {} to {} are missing", previous + 1, number(key) - 1));
                checked.add(Collection::RoleChanges, error);
            }
            previous = number(key);
            let before = after.insert(change.jd, change.after.clone());
            // After a withdrawal it may have been forgotten: it begins anew then.
            if before.flatten().is_some_and(|before| Some(before) != change.before) {
                let error = Error::new(format!("role change {previous} does not follow from the one before"))
                    .detail(format!("of the JD {}", change.jd));
                checked.add(Collection::RoleChanges, error);
            }
        });
        checked.read::<Record>(self, &snapshot, Collection::Records, progress, |_, _, _| ());
        checked.read::<(Stream, Position)>(self, &snapshot, Collection::Positions, progress, |_, _, _| ());
        checked.read::<DeadLetter>(self, &snapshot, Collection::DeadLetters, progress, |_, _, _| ());
        checked.read::<SinkEntry>(self, &snapshot, Collection::Sinks, progress, |_, _, _| ());
        checked.read::<StoredVersion>(self, &snapshot, Collection::Versions, progress, |_, _, _| ());
        for collection in [Collection::Audit, Collection::Drafts, Collection::Runs, Collection::Reviewed] {
            checked.read::<String>(self, &snapshot, collection, progress, |_, _, _| ());
        }
        checked.read::<StoredToken>(self, &snapshot, Collection::Tokens, progress, |_, _, _| ());
        checked
    }
}

fn misplaced(collection: Collection, key: &[u8], id: &str) -> Error {
    Error::new(format!("the record {} of {} stands under another key than its own", shown(key), collection.name()))
        .detail(format!("it is of {id:?}"))
}
