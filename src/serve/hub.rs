//! How are subscribers told what changes? Each closed epoch is a frame; the last ones are kept, and who listens reads them
//! at a pace of its own.
//!
//! The engine's thread only puts a frame down and wakes who waits. A subscriber has no queue: it has a place among the
//! frames that are kept. One that is so slow that the frame after its place is gone has lost it. So the memory for all
//! subscribers together is bounded, and none of them holds anything up.

use crate::engine::{RoleChange, Saying};
use rolestream_dataflows::driver::Epoch;
use rolestream_dataflows::id::Id;
use rolestream_dataflows::views::{Answer, Centroid, ViewChange, ViewRow};
use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::watch;

/// The last frames stay, however large they are: an edit may move every JD at once.
const FEWEST: usize = 8;

/// What one closed epoch changed.
#[derive(Debug)]
pub struct Frame {
    /// The epoch.
    pub epoch: Epoch,
    /// The taxonomy version at its end.
    pub taxonomy_version: u64,
    /// Rows of *decisions*; `None`: gone.
    pub decisions: Vec<(Id, Option<Arc<Answer>>)>,
    /// Rows of the other views. Of a centroid that goes only the key is kept.
    pub views: Vec<ViewChange>,
    /// Role changes, each with its number in the log.
    pub role_changes: Vec<(u64, RoleChange)>,
}

impl Frame {
    fn is_empty(&self) -> bool {
        self.decisions.is_empty() && self.views.is_empty() && self.role_changes.is_empty()
    }

    /// Bytes it takes, about.
    fn bytes(&self) -> u64 {
        let decision = |(_, answer): &(Id, Option<Arc<Answer>>)| if answer.is_some() { 1_500 } else { 32 };
        let row = |change: &ViewChange| match &change.row {
            ViewRow::Centroid(_, row) | ViewRow::DayCentroid(_, row) => 100 + 8 * row.sum.len() as u64,
            _ => 200,
        };
        let decisions = self.decisions.iter().map(decision).sum::<u64>();
        let rows = self.views.iter().map(row).sum::<u64>();
        100 + decisions + rows + 300 * self.role_changes.len() as u64
    }
}

struct Kept {
    frames: VecDeque<Arc<Frame>>,
    bytes: u64,
    /// Everything after this epoch is in `frames`.
    complete_after: Epoch,
    /// The last epoch that was heard of.
    heard: Epoch,
    last_change: u64,
}

/// Where frames go through.
pub struct Hub {
    kept: Mutex<Kept>,
    heard: watch::Sender<Epoch>,
    most_bytes: u64,
}

/// What comes after a place.
#[derive(Clone, Debug)]
pub enum Next {
    /// The next frame.
    Frame(Arc<Frame>),
    /// Nothing yet.
    Nothing,
    /// Nobody knows any more: it was dropped.
    Lost,
}

/// Whether an epoch is a place to go on from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// All that came after it is kept.
    Known,
    /// Not all that came after it is kept.
    TooOld,
    /// It is yet to come: it was another store's.
    Unheard,
}

impl Hub {
    /// From this epoch on, and after this entry of the log of role changes; keeps frames of about so many bytes.
    pub fn new(after: Epoch, last_change: u64, most_bytes: u64) -> Hub {
        let frames = VecDeque::new();
        let kept = Kept { frames, bytes: 0, complete_after: after, heard: after, last_change };
        Hub { kept: Mutex::new(kept), heard: watch::Sender::new(after), most_bytes }
    }

    fn lock(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes in what became known.
    pub fn hear(&self, sayings: &[Saying]) {
        let mut kept = self.lock();
        for saying in sayings {
            kept.heard = kept.heard.max(saying.epoch);
            let first = kept.last_change + 1;
            kept.last_change += saying.role_changes.len() as u64;
            let frame = Frame {
                epoch: saying.epoch,
                taxonomy_version: saying.taxonomy_version,
                decisions: saying.decisions.clone(),
                views: saying.views.iter().map(without_what_goes).collect(),
                role_changes: (first..).zip(saying.role_changes.iter().cloned()).collect(),
            };
            if frame.is_empty() {
                continue;
            }
            kept.bytes += frame.bytes();
            kept.frames.push_back(Arc::new(frame));
            while kept.bytes > self.most_bytes
                && kept.frames.len() > FEWEST
                && let Some(oldest) = kept.frames.pop_front()
            {
                kept.bytes -= oldest.bytes();
                kept.complete_after = oldest.epoch;
            }
        }
        let heard = kept.heard;
        drop(kept);
        // Those who wait look for themselves what there is.
        self.heard.send_replace(heard);
    }

    /// Changes whenever something was heard.
    pub fn heard(&self) -> watch::Receiver<Epoch> {
        self.heard.subscribe()
    }

    /// The first frame after an epoch.
    pub fn next(&self, after: Epoch) -> Next {
        let kept = self.lock();
        if after < kept.complete_after {
            return Next::Lost;
        }
        let place = kept.frames.partition_point(|frame| frame.epoch <= after);
        kept.frames.get(place).map_or(Next::Nothing, |frame| Next::Frame(frame.clone()))
    }

    /// Whether one can go on from an epoch.
    pub fn place(&self, after: Epoch) -> Place {
        let kept = self.lock();
        match after {
            after if after > kept.heard => Place::Unheard,
            after if after < kept.complete_after => Place::TooOld,
            _ => Place::Known,
        }
    }
}

/// A change as it is kept: of a row that goes only the key is told, and a sum is large.
fn without_what_goes(change: &ViewChange) -> ViewChange {
    let of = |row: &Centroid| Centroid { n: row.n, sum: Box::default() };
    let row = match &change.row {
        ViewRow::Centroid(role, row) if change.difference < 0 => ViewRow::Centroid(*role, of(row)),
        ViewRow::DayCentroid(key, row) if change.difference < 0 => ViewRow::DayCentroid(*key, of(row)),
        row => row.clone(),
    };
    ViewChange { epoch: change.epoch, row, difference: change.difference }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Instant;

    fn saying(epoch: Epoch, decisions: usize) -> Saying {
        Saying {
            epoch,
            taxonomy_version: 1,
            tag: 0,
            since: Instant::now(),
            first_said: Vec::new(),
            last_said: Vec::new(),
            role_changes: Vec::new(),
            decisions: (0..decisions).map(|n| (Id(n as u64), None)).collect(),
            views: Vec::new(),
        }
    }

    /// The epochs of all frames after one; `None`: lost.
    fn after(hub: &Hub, mut epoch: Epoch) -> Option<Vec<Epoch>> {
        let mut epochs = Vec::new();
        loop {
            match hub.next(epoch) {
                Next::Frame(frame) => epochs.push(frame.epoch),
                Next::Nothing => return Some(epochs),
                Next::Lost => return None,
            }
            epoch = *epochs.last()?;
        }
    }

    #[test]
    fn who_comes_back_gets_what_was_missed_or_is_told_that_it_is_gone() {
        let hub = Hub::new(10, 0, 2_000);
        hub.hear(&[saying(11, 1), saying(12, 0), saying(13, 2)]);
        assert_eq!(after(&hub, 10), Some(vec![11, 13]), "an epoch that changed nothing is no frame");
        assert_eq!(after(&hub, 11), Some(vec![13]));
        assert_eq!(after(&hub, 9), None, "what was before the hub is not known");
        assert_eq!([9, 12, 14].map(|epoch| hub.place(epoch)), [Place::TooOld, Place::Known, Place::Unheard]);
        hub.hear(&(14..30).map(|epoch| saying(epoch, 3)).collect::<Vec<_>>());
        assert_eq!(after(&hub, 13), None);
        assert_eq!(hub.place(13), Place::TooOld);
        let rest = after(&hub, 24).unwrap();
        assert_eq!(rest, [25, 26, 27, 28, 29]);
    }

    #[test]
    fn the_last_frames_stay_however_large_they_are() {
        let hub = Hub::new(0, 0, 1);
        hub.hear(&(1..=20).map(|epoch| saying(epoch, 100)).collect::<Vec<_>>());
        assert_eq!(after(&hub, 12).unwrap().len(), FEWEST);
        assert_eq!(after(&hub, 11), None);
    }

    #[test]
    fn role_changes_have_the_numbers_of_the_log() {
        let hub = Hub::new(0, 7, 1_000);
        let change = RoleChange {
            jd: Id(1),
            content: 1,
            before: None,
            after: None,
            cause: Default::default(),
            epoch: 1,
            taxonomy_version: 1,
        };
        let of = |epoch, n| Saying { role_changes: vec![change.clone(); n], ..saying(epoch, 0) };
        hub.hear(&[of(1, 2), of(2, 1)]);
        let Next::Frame(second) = hub.next(1) else { panic!("it is there") };
        assert_eq!(second.role_changes[0].0, 10);
    }
}
