//! Who keeps what was said? A thread of its own, so that closing an epoch does not wait for a disk.
//!
//! It is told every closed epoch, in order, several at once where it lags. What waits for an epoch
//! ([`super::Engine::wait`]) waits until the recorder has kept it.

use super::facts::{Facts, FirstSaid, LastSaid, Outcome, RoleChange};
use super::shared::Shared;
use crate::error::Error;
use rolestream_dataflows::driver::Epoch;
use rolestream_dataflows::id::Id;
use rolestream_dataflows::views::{Answer, ViewChange};
use std::sync::Arc;
use std::sync::mpsc::Receiver;
use std::time::Instant;

/// All that a closed epoch made known.
#[derive(Clone, Debug)]
pub struct Saying {
    /// The epoch.
    pub epoch: Epoch,
    /// The taxonomy version at its end.
    pub taxonomy_version: u64,
    /// The tag of the batch it was.
    pub tag: u64,
    /// When it was fed.
    pub since: Instant,
    /// New facts: what was said first, by JD and content.
    pub first_said: Vec<(Id, u64, FirstSaid)>,
    /// New facts: what was last said, by JD.
    pub last_said: Vec<(Id, LastSaid)>,
    /// New facts: where something else is said.
    pub role_changes: Vec<RoleChange>,
    /// The rows of *decisions* that changed, as they are now; `None`: gone.
    pub decisions: Vec<(Id, Option<Arc<Answer>>)>,
    /// What changed in the other views that are followed.
    pub views: Vec<ViewChange>,
}

impl Saying {
    pub(super) fn of(
        facts: &Facts,
        outcome: &Outcome,
        (epoch, taxonomy_version): (Epoch, u64),
        tag: u64,
        since: Instant,
        views: Vec<ViewChange>,
    ) -> Saying {
        let first = |fact: &rolestream_dataflows::records::AtIngest| {
            Some((fact.jd, fact.content, facts.at_ingest(fact.jd, fact.content)?.clone()))
        };
        Saying {
            epoch,
            taxonomy_version,
            tag,
            since,
            first_said: outcome.at_ingest.iter().filter_map(first).collect(),
            last_said: outcome.last_said.clone(),
            role_changes: outcome.role_changes.clone(),
            decisions: outcome.decisions.iter().map(|jd| (*jd, facts.decision(*jd).cloned())).collect(),
            views,
        }
    }
}

/// What keeps facts.
pub trait Recorder: Send + 'static {
    /// Keeps the facts of these epochs, safely, and returns then.
    fn keep(&mut self, sayings: Vec<Saying>) -> Result<(), Error>;
}

/// The life of the recorder's thread. An error of the recorder fails the engine: nothing may be given out unkept.
pub(super) fn live(shared: &Shared, mut recorder: Box<dyn Recorder>, sayings: &Receiver<Vec<Saying>>) {
    while let Ok(mut batch) = sayings.recv() {
        batch.extend(sayings.try_iter().flatten());
        let Some(last) = batch.last().map(|saying| saying.epoch) else { continue };
        if let Err(error) = recorder.keep(batch) {
            return shared.fail_with(error);
        }
        shared.kept(last);
    }
}
