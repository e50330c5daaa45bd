//! What has changed and is not written yet? Gathered by key, so that a sink that lags has the more to say at once and
//! holds no history.

use super::rows::{Changelog, Row};
use crate::engine::Saying;
use crate::report::Lookup;
use crate::sources::Stop;
use rolestream_dataflows::driver::Epoch;
use std::collections::BTreeMap;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// Upserts of one write.
pub(super) const MOST: usize = 2_000;

/// What names a row in its changelog.
pub(super) type Key = (Changelog, String);
/// A row as it is now; none: it is gone.
pub(super) type Upsert = (Key, Option<Row>);

/// What changed and is not written yet, by key the last.
#[derive(Default)]
struct Gathered {
    rows: BTreeMap<Key, Option<Row>>,
    /// The last epoch of which all changes are in.
    epoch: Epoch,
    /// The epoch through which all is written; where nothing waits, that of the last change or later.
    written: Epoch,
    writing: bool,
    /// Since when something waits, or is written; and of which epoch what is written now is.
    since: Option<Epoch>,
    writes: Epoch,
    ended: bool,
}

/// The near end of a sink: what changed goes in here.
#[derive(Clone, Default)]
pub struct Inbox(Arc<(Mutex<Gathered>, Condvar)>);

impl Inbox {
    fn lock(&self) -> MutexGuard<'_, Gathered> {
        self.0.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes in what differs at this epoch, before any other.
    pub(super) fn begin(&self, differ: Vec<Upsert>, epoch: Epoch) {
        let mut gathered = self.lock();
        gathered.rows.extend(differ);
        // How old what differs is nobody knows: from now on it is counted.
        (gathered.epoch, gathered.written) = (epoch, epoch);
        gathered.since = Some(epoch).filter(|_| !gathered.rows.is_empty());
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
                    let Some(row) = Row::of(&change.row) else { continue };
                    let key = (row.changelog(), row.key(lookup));
                    gathered.rows.insert(key, there.then_some(row));
                }
            }
            gathered.epoch = gathered.epoch.max(saying.epoch);
            if !gathered.rows.is_empty() {
                gathered.since.get_or_insert(saying.epoch);
            }
        }
        gathered.settle();
        drop(gathered);
        self.0.1.notify_all();
    }

    /// No more comes.
    pub fn end(&self) {
        self.lock().ended = true;
        self.0.1.notify_all();
    }

    /// The last epoch that was taken in, and the last that is written.
    pub fn epochs(&self) -> (Epoch, Epoch) {
        let gathered = self.lock();
        (gathered.epoch, gathered.written)
    }

    /// The epoch since which something waits to be written; `None`: all is written.
    pub fn since(&self) -> Option<Epoch> {
        self.lock().since
    }

    /// Waits until everything taken in is written, or for so long at most; whether it is.
    pub fn wait_until_written(&self, most: Duration) -> bool {
        let behind = |gathered: &mut Gathered| gathered.writing || !gathered.rows.is_empty();
        let (_guard, waited) =
            self.0.1.wait_timeout_while(self.lock(), most, behind).unwrap_or_else(PoisonError::into_inner);
        !waited.timed_out()
    }

    /// What is to be written, as soon as there is something; `None` when no more comes.
    pub(super) fn next(&self) -> Option<(Vec<Upsert>, Epoch)> {
        let idle = |gathered: &mut Gathered| gathered.rows.is_empty() && !gathered.ended;
        let mut gathered = self.0.1.wait_while(self.lock(), idle).unwrap_or_else(PoisonError::into_inner);
        if gathered.rows.is_empty() {
            return None;
        }
        gathered.writing = true;
        gathered.writes = gathered.epoch;
        let rest = match gathered.rows.keys().nth(MOST).cloned() {
            Some(key) => gathered.rows.split_off(&key),
            None => BTreeMap::new(),
        };
        let rows = std::mem::replace(&mut gathered.rows, rest);
        Some((rows.into_iter().collect(), gathered.epoch))
    }

    pub(super) fn wrote(&self) {
        let mut gathered = self.lock();
        gathered.writing = false;
        // What came while it was written is no older than what it was.
        gathered.since = Some(gathered.writes);
        gathered.settle();
        drop(gathered);
        self.0.1.notify_all();
    }

    /// Waits so long, or until no more comes or it is to stop; whether no more comes.
    pub(super) fn pause(&self, time: Duration, stop: &Stop) -> bool {
        /// How often is asked whether to stop.
        const STEP: Duration = Duration::from_millis(20);
        let deadline = Instant::now() + time;
        let mut gathered = self.lock();
        loop {
            let left = deadline.saturating_duration_since(Instant::now());
            if gathered.ended || stop.stopped() || left.is_zero() {
                return gathered.ended;
            }
            let waited = self.0.1.wait_timeout(gathered, left.min(STEP));
            gathered = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
    }
}

impl Gathered {
    /// Where nothing waits, all of it is written.
    fn settle(&mut self) {
        if self.rows.is_empty() && !self.writing {
            (self.written, self.since) = (self.epoch, None);
        }
    }
}
