//! What is asked of the clock by somebody who waits for what comes of it?
//!
//! A plan is made on the clock's own thread: what it sees of the records is what its changes are applied to.

use super::kit::Prepared;
use crate::engine::Ticket;
use crate::error::Error;
use crate::store::Commit;
use rolestream_dataflows::records::{Change, JdUpdate, Key, Record, Tables};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::mpsc::SyncSender;

/// Who makes a taxonomy version, and why.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Authored {
    /// A token's name, or the stream that brings it.
    pub author: String,
    /// In the author's words; may be empty.
    pub why: String,
    /// The draft that is published.
    pub draft: Option<String>,
    /// The version that is brought back.
    pub undoes: Option<u64>,
}

/// What is to change.
#[derive(Default)]
pub struct Plan {
    /// Records put and deleted, in order: one version, if any of it is of the taxonomy.
    pub changes: Vec<Change>,
    /// JDs put and withdrawn, in order.
    pub(crate) jds: Vec<(JdUpdate, Option<Box<Prepared>>)>,
    /// By whom.
    pub authored: Authored,
}

/// What was changed, before anybody is told.
#[derive(Clone, Debug, Default)]
pub struct Changed {
    /// The taxonomy version this made; none where nothing of the taxonomy changed.
    pub version: Option<u64>,
    /// Each record that changed, before and after.
    pub records: BTreeMap<Key, (Option<Record>, Option<Record>)>,
}

/// What came of an order.
#[derive(Clone, Debug, Default)]
pub struct Done {
    /// What was changed.
    pub changed: Changed,
    /// Epochs under way; whoever waits for them reads what it wrote.
    pub tickets: Vec<Ticket>,
    /// JDs that said nothing new.
    pub unchanged: usize,
}

/// Makes a plan of the records as they stand and the number of the taxonomy version they are.
pub(super) type Planner = Box<dyn FnOnce(&Arc<Tables>, u64) -> Result<Plan, Error> + Send>;
/// What else goes into the commit.
pub(super) type Keeping = Box<dyn FnOnce(&Changed, &mut Commit<'_>) + Send>;

/// An order.
pub(crate) struct Order {
    pub(super) plan: Planner,
    pub(super) keep: Keeping,
    pub(super) reply: SyncSender<Result<Done, Error>>,
}
