//! How does a sink stay equal to the views, through crashes? By noting what goes out before it does.
//!
//! Changes are gathered by key, so that a sink that lags has the more to say at once and holds no history. Before a
//! write, its keys are noted in the store, with its number; when it is acknowledged, that number is. After a crash
//! every noted key whose write was not acknowledged is uncertain and is written again; every other is compared with the
//! view. A key that was noted and is no longer in the view gets its tombstone.

use super::rows::{Changelog, Row, role_change};
use super::{Outgoing, Writer};
use crate::engine::Saying;
use crate::error::Error;
use crate::report::Lookup;
use crate::sources::Stop;
use crate::store::{SinkEntry, Store};
use crate::telemetry::Metrics;
use rolestream_dataflows::driver::Epoch;
use rolestream_dataflows::views::{Snapshot, ViewRow};
use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::Duration;

/// Upserts of one write.
const MOST: usize = 2_000;
/// The hash of a key that was noted to get a tombstone, or of which nobody knows what it has: no row's.
const GONE: u64 = 0;

/// What names a row in its changelog.
type Key = (Changelog, String);
/// A row as it is now; none: it is gone.
type Upsert = (Key, Option<Row>);

/// What changed and is not written yet, by key the last.
#[derive(Default)]
struct Gathered {
    rows: BTreeMap<Key, Option<Row>>,
    /// The last epoch of which all changes are in.
    epoch: Epoch,
    /// The epoch of the oldest change that is being written, and of the oldest that is not.
    writing: Option<Epoch>,
    waiting: Option<Epoch>,
    ended: bool,
}

/// The near end of a sink: what changed goes in here.
#[derive(Clone, Default)]
pub struct Inbox(Arc<(Mutex<Gathered>, Condvar)>);

impl Inbox {
    fn lock(&self) -> std::sync::MutexGuard<'_, Gathered> {
        self.0.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes in what closed epochs made known, in their order.
    pub fn take(&self, sayings: &[Saying], lookup: &Lookup) {
        let mut gathered = self.lock();
        for saying in sayings {
            for (jd, answer) in &saying.decisions {
                let key = (Changelog::Decisions, lookup.jd(*jd).to_string());
                gathered.rows.insert(key, answer.clone().map(|answer| Row::Decision(*jd, answer)));
            }
            // Of one key's rows in one epoch, what goes comes before what comes.
            for there in [false, true] {
                for change in saying.views.iter().filter(|change| (change.difference > 0) == there) {
                    let row = Row::View(change.row.clone());
                    let key = (row.changelog(), row.key(lookup));
                    gathered.rows.insert(key, there.then_some(row));
                }
            }
            gathered.epoch = gathered.epoch.max(saying.epoch);
            if !gathered.rows.is_empty() {
                gathered.waiting.get_or_insert(saying.epoch);
            }
        }
        drop(gathered);
        self.0.1.notify_all();
    }

    /// No more comes.
    pub fn end(&self) {
        self.lock().ended = true;
        self.0.1.notify_all();
    }

    /// The epoch of the oldest change that is not written; `None`: all are.
    pub fn oldest(&self) -> Option<Epoch> {
        let gathered = self.lock();
        gathered.writing.or(gathered.waiting)
    }

    /// What is to be written, as soon as there is something; `None` when no more comes.
    fn next(&self) -> Option<(Vec<Upsert>, Epoch)> {
        let idle = |gathered: &mut Gathered| gathered.rows.is_empty() && !gathered.ended;
        let mut gathered = self.0.1.wait_while(self.lock(), idle).unwrap_or_else(PoisonError::into_inner);
        if gathered.rows.is_empty() {
            return None;
        }
        // What is left over is as old as what is taken, for all anybody knows.
        gathered.writing = gathered.waiting;
        let rest = match gathered.rows.keys().nth(MOST).cloned() {
            Some(key) => gathered.rows.split_off(&key),
            None => BTreeMap::new(),
        };
        let rows = std::mem::replace(&mut gathered.rows, rest);
        if gathered.rows.is_empty() {
            gathered.waiting = None;
        }
        Some((rows.into_iter().collect(), gathered.epoch))
    }

    fn wrote(&self) {
        self.lock().writing = None;
        self.0.1.notify_all();
    }
}

/// The far end of a sink, on a thread of its own.
pub struct Follower {
    /// Its name: `kafka`, or the folder of files.
    pub name: String,
    /// What topics begin with.
    pub prefix: String,
    /// How long changes are gathered.
    pub interval: Duration,
    /// Where they go.
    pub writer: Box<dyn Writer>,
    /// Where they come from.
    pub inbox: Inbox,
    /// What is noted where.
    pub store: Arc<Store>,
    /// What things are called.
    pub lookup: Arc<Lookup>,
    /// What is counted.
    pub metrics: Metrics,
}

impl Follower {
    /// Gathers into the inbox what differs between what was last written and the views of now. Before anything new is
    /// submitted to the engine.
    pub fn catch_up(&mut self, snapshot: &Snapshot, epoch: Epoch) -> Result<(), Error> {
        self.forget_what_is_lost()?;
        let acknowledged = self.acknowledged()?;
        let mut known: HashMap<Key, u64> = HashMap::new();
        let mut commit = self.store.commit();
        for changelog in Changelog::ALL {
            for (key, mut entry) in self.store.sink_entries(&self.name, changelog.name())? {
                if entry.write > acknowledged {
                    // Nobody knows what is there: no value is, until it is written again. Later writes are acknowledged
                    // by higher numbers, which must say nothing of this one.
                    entry.hash = GONE;
                    commit.put_sink_entry(&self.name, changelog.name(), &key, entry);
                }
                known.insert((changelog, key), entry.hash);
            }
        }
        commit.write()?;
        let mut gathered = self.inbox.lock();
        for row in rows(snapshot) {
            let key = (row.changelog(), row.key(&self.lookup));
            if known.remove(&key) != Some(row.hash()) {
                gathered.rows.insert(key, Some(row));
            }
        }
        let gone = known.into_keys().filter(|(changelog, _)| *changelog != Changelog::RoleChanges);
        gathered.rows.extend(gone.map(|key| (key, None)));
        gathered.epoch = epoch;
        gathered.waiting = Some(epoch).filter(|_| !gathered.rows.is_empty());
        Ok(())
    }

    /// Writes what is in the inbox until no more comes, or until told to stop.
    pub fn run(mut self, stop: &Stop) -> Result<(), Error> {
        let mut number = self.acknowledged()?;
        // Numbers of writes that were begun and not acknowledged are not used again.
        for changelog in Changelog::ALL {
            let entries = self.store.sink_entries(&self.name, changelog.name())?;
            number = entries.iter().map(|(_, entry)| entry.write).fold(number, u64::max);
        }
        self.write_role_changes(stop)?;
        while let Some((rows, epoch)) = self.inbox.next() {
            number += 1;
            self.write(rows, epoch, number, stop)?;
            self.write_role_changes(stop)?;
            self.inbox.wrote();
            if stop.stopped() {
                break;
            }
            stop.sleep(self.interval);
        }
        Ok(())
    }

    /// Where somebody took the changelogs away, all of them are written anew.
    fn forget_what_is_lost(&mut self) -> Result<(), Error> {
        for changelog in Changelog::ALL {
            let topic = self.topic(changelog);
            if !self.writer.is_blank(&topic)? {
                continue;
            }
            let mut commit = self.store.commit();
            for (key, _) in self.store.sink_entries(&self.name, changelog.name())? {
                commit.remove_sink_entry(&self.name, changelog.name(), &key);
            }
            if changelog == Changelog::RoleChanges {
                commit.put_read(&self.role_changes_reader(), 0);
            }
            commit.write()?;
        }
        Ok(())
    }

    fn role_changes_reader(&self) -> String {
        format!("role changes {}", self.name)
    }

    fn acknowledged(&self) -> Result<u64, Error> {
        self.store.read_through(&format!("sink {}", self.name))
    }

    fn topic(&self, changelog: Changelog) -> Arc<str> {
        format!("{}{}", self.prefix, changelog.name()).into()
    }

    fn write(&mut self, rows: Vec<Upsert>, epoch: Epoch, number: u64, stop: &Stop) -> Result<(), Error> {
        let mut commit = self.store.commit();
        let mut upserts = Vec::with_capacity(rows.len());
        for ((changelog, key), row) in &rows {
            let entry = SinkEntry { hash: row.as_ref().map_or(GONE, Row::hash), write: number };
            commit.put_sink_entry(&self.name, changelog.name(), key, entry);
            let value = row.as_ref().map(|row| row.json(&self.lookup, &self.store).to_string());
            upserts.push(Outgoing { topic: self.topic(*changelog), key: key.clone(), value, epoch });
        }
        commit.write()?;
        self.store.sync()?;
        self.send(&upserts, stop)?;
        if stop.stopped() {
            // Perhaps not all of it went out: after the next start it goes again.
            return Ok(());
        }
        let mut commit = self.store.commit();
        commit.put_read(&format!("sink {}", self.name), number);
        for ((changelog, key), _) in rows.iter().filter(|(_, row)| row.is_none()) {
            commit.remove_sink_entry(&self.name, changelog.name(), key);
        }
        commit.write().map(drop)
    }

    /// The log of role changes is read from the store: it is a fact, and is there before anybody is told of it.
    fn write_role_changes(&mut self, stop: &Stop) -> Result<(), Error> {
        let reader = self.role_changes_reader();
        let mut read = self.store.read_through(&reader)?;
        loop {
            let changes = self.store.role_changes(read, MOST)?;
            let Some((last, _)) = changes.last() else { return Ok(()) };
            read = *last;
            let topic = self.topic(Changelog::RoleChanges);
            let upserts = changes.iter().map(|(number, change)| Outgoing {
                topic: topic.clone(),
                key: format!("{number:012}"),
                value: Some(role_change(*number, change, &self.lookup).to_string()),
                epoch: change.change.epoch,
            });
            let upserts: Vec<Outgoing> = upserts.collect();
            self.send(&upserts, stop)?;
            if stop.stopped() {
                return Ok(());
            }
            let mut commit = self.store.commit();
            commit.put_read(&reader, read);
            commit.write()?;
        }
    }

    fn send(&mut self, upserts: &[Outgoing], stop: &Stop) -> Result<(), Error> {
        match self.writer.write(upserts, stop) {
            Ok(()) => self.metrics.sink_wrote(&self.name, upserts.len() as u64),
            Err(error) => {
                self.metrics.sink_failed(&self.name);
                return Err(error);
            }
        }
        Ok(())
    }
}

/// Every row of every view that has a changelog.
pub fn rows(snapshot: &Snapshot) -> impl Iterator<Item = Row> {
    let decisions = snapshot.decisions.iter().map(|(jd, answer)| Row::Decision(*jd, answer.clone()));
    let centroids = snapshot.role_centroids.iter().map(|(role, row)| ViewRow::Centroid(*role, row.clone()));
    let collisions = snapshot.collisions.iter().map(|(key, row)| ViewRow::Collision(key.clone(), row.clone()));
    let undecided = snapshot.undecided.iter().map(|(jd, row)| ViewRow::Undecided(*jd, row.clone()));
    let roles = snapshot.new_roles.iter().map(|(slug, row)| ViewRow::NewRole(slug.clone(), row.clone()));
    let skills = snapshot.new_skills.iter().map(|(key, row)| ViewRow::NewSkill(*key, row.clone()));
    let kras = snapshot.new_kras.iter().map(|(key, row)| ViewRow::NewKra(*key, row.clone()));
    let novel = snapshot.novel_sentences.iter().map(|(key, row)| ViewRow::NovelSentence(*key, row.clone()));
    let views = centroids.chain(collisions).chain(undecided).chain(roles).chain(skills).chain(kras).chain(novel);
    decisions.chain(views.map(Row::View))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::{Cause, RoleChange};
    use crate::store::StoredChange;
    use rolestream_dataflows::id::Id;
    use rolestream_dataflows::views::Centroid;

    /// Takes what it gets, until it is told that something else goes wrong.
    #[derive(Clone)]
    struct Paper {
        lines: Arc<Mutex<Vec<(String, Option<String>)>>>,
        /// The topic at which it fails, and after how many writes.
        fails: (&'static str, usize),
        store: Arc<Store>,
    }

    impl Writer for Paper {
        fn write(&mut self, upserts: &[Outgoing], _: &Stop) -> Result<(), Error> {
            let topic = upserts.first().map_or("", |upsert| &upsert.topic);
            if self.fails.0 == topic {
                if self.fails.1 == 0 {
                    return Err(Error::new("the plug was pulled"));
                }
                self.fails.1 -= 1;
            }
            let mut lines = self.lines.lock().unwrap();
            lines.extend(upserts.iter().map(|upsert| (upsert.key.clone(), upsert.value.clone())));
            if topic == "role-changes" {
                return Ok(());
            }
            // There is always one more role change to be written.
            let change = RoleChange {
                jd: Id::jd("a"),
                content: 1,
                before: None,
                after: None,
                cause: Cause::Correction,
                epoch: 1,
                taxonomy_version: 1,
            };
            let mut commit = self.store.commit();
            commit.put_role_change(self.store.last_role_change()? + 1, &StoredChange { id: "a".to_owned(), change });
            commit.write().map(drop)
        }
    }

    fn snapshot(roles: impl IntoIterator<Item = u64>) -> Snapshot {
        let centroid = |role| (Id(role), Centroid { n: 1, sum: Box::default() });
        Snapshot { role_centroids: roles.into_iter().map(centroid).collect(), ..Snapshot::default() }
    }

    /// A life of the follower, through one look at the views; gives how it ended, and the keys it wrote of them.
    fn live(store: &Arc<Store>, snapshot: &Snapshot, fails: (&'static str, usize)) -> (bool, Vec<String>) {
        let paper = Paper { lines: Arc::default(), fails, store: store.clone() };
        let mut follower = Follower {
            name: "paper".to_owned(),
            prefix: String::new(),
            interval: Duration::ZERO,
            writer: Box::new(paper.clone()),
            inbox: Inbox::default(),
            store: store.clone(),
            lookup: Arc::default(),
            metrics: Metrics::new(),
        };
        follower.catch_up(snapshot, 1).unwrap();
        follower.inbox.end();
        let whole = follower.run(&Stop::default()).is_ok();
        let mut keys: Vec<String> = paper.lines.lock().unwrap().iter().map(|(key, _)| key.clone()).collect();
        keys.retain(|key| key.len() == 16);
        (whole, keys)
    }

    #[test]
    fn what_nobody_acknowledged_goes_again_however_much_else_was() {
        let folder = tempfile::tempdir().unwrap();
        let store = Arc::new(Store::open(folder.path()).unwrap());
        let last = u64::MAX;
        let all = || snapshot((0..MOST as u64).chain([last]));
        // One row is on its way; perhaps it arrives.
        assert_eq!(live(&store, &snapshot([last]), ("centroids", 0)), (false, vec![]));
        // Others are before it, and when these are acknowledged, it ends again.
        let (whole, keys) = live(&store, &all(), ("role-changes", 0));
        assert_eq!((whole, keys.len()), (false, MOST));
        let written = live(&store, &all(), ("", 0));
        assert_eq!(written, (true, vec![Id(last).to_string()]));
        assert_eq!(live(&store, &all(), ("", 0)), (true, vec![]));
        // What is gone is deleted, and then forgotten.
        assert_eq!(live(&store, &snapshot([]), ("", 0)).1.len(), MOST + 1);
        assert_eq!(live(&store, &snapshot([]), ("", 0)), (true, vec![]));
    }
}
