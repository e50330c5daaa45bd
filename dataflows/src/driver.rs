//! How does a thread that runs a worker feed the dataflow and read its views?

use crate::id::Id;
use crate::records::{JdUpdate, Record};
use crate::views::{Answer, Snapshot};
use std::sync::Arc;
use timely::worker::Worker;

/// Epochs count the moments at which inputs change.
pub type Epoch = u64;

/// A change of the view *decisions*: what is said of a JD from this epoch on (addition) or no longer (retraction).
#[derive(Clone, Debug)]
pub struct DecisionChange {
    /// When.
    pub epoch: Epoch,
    /// Of which JD.
    pub jd: Id,
    /// What.
    pub answer: Arc<Answer>,
    /// 1 or -1.
    pub difference: isize,
}

/// One worker's end of the dataflow: its inputs, and its share of every view. Lives on the worker's thread.
pub struct Driver {}

impl Driver {
    /// Builds the dataflow. Every worker must do so, once.
    pub fn new(_worker: &mut Worker) -> Driver {
        Driver {}
    }

    /// Adds (1) or retracts (-1) a record at the current epoch. On any one worker.
    pub fn update(&mut self, _record: Record, _difference: isize) {}

    /// Inserts, replaces or withdraws a JD at the current epoch; at most once per JD and epoch. On any one worker.
    pub fn update_jd(&mut self, _update: JdUpdate) {}

    /// Closes the current epoch and all before `epoch`, on this worker. Every worker must do the same.
    pub fn advance_to(&mut self, _epoch: Epoch) {}

    /// Whether all views hold what the inputs before `epoch` say, on every worker.
    pub fn closed(&self, _epoch: Epoch) -> bool {
        true
    }

    /// This worker's share of the changes of *decisions* since the last call, complete for closed epochs, consolidated.
    pub fn take_decision_changes(&mut self) -> Vec<DecisionChange> {
        Vec::new()
    }

    /// What is said of a JD at the last closed epoch, if this worker holds it.
    pub fn decision(&mut self, _jd: Id) -> Option<Arc<Answer>> {
        None
    }

    /// This worker's share of every view at the last closed epoch.
    pub fn snapshot(&mut self) -> Snapshot {
        Snapshot::default()
    }
}
