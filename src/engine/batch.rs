//! What goes into the engine at one moment, and what comes of it?

use super::facts::RoleChange;
use rolestream_dataflows::driver::Epoch;
use rolestream_dataflows::id::Id;
use rolestream_dataflows::records::{Change, JdUpdate};
use serde::{Deserialize, Serialize};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

/// What changes at one moment: all of it takes effect in one epoch, or none of it.
#[derive(Clone, Debug, Default)]
pub struct Batch {
    /// JDs inserted, replaced or withdrawn. Several updates of one JD come to what they would one batch after the other.
    pub jds: Vec<JdUpdate>,
    /// Records put or deleted. Of several changes of one key the last counts.
    pub changes: Vec<Change>,
    /// Why. For JDs: [`Cause::Ingest`] where a source delivered them, [`Cause::Reparse`] where they were parsed again.
    pub cause: Cause,
    /// What the submitter knows it by; the recorder is told it.
    pub tag: u64,
}

impl Batch {
    /// JDs as a source delivers them.
    pub fn of_jds(jds: Vec<JdUpdate>) -> Batch {
        Batch { jds, ..Batch::default() }
    }

    /// An edit.
    pub fn of_changes(changes: Vec<Change>) -> Batch {
        Batch { changes, ..Batch::default() }
    }
}

/// Why something is said, or said differently now.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Cause {
    /// A JD came in.
    #[default]
    Ingest,
    /// Its source delivered the JD anew, with something else in it.
    Correction,
    /// The JD was withdrawn.
    Withdrawal,
    /// The JD was parsed again for this taxonomy version.
    Reparse(u64),
    /// The edit with this version number.
    Taxonomy(u64),
    /// A change of the settings and of nothing else in the taxonomy.
    Settings,
    /// A person's or a model's choice of role came, changed or went.
    Adjudication,
    /// The engine itself decides differently than the one that spoke last.
    Upgrade,
}

impl Cause {
    /// As it is written in changelogs and metrics.
    pub fn name(self) -> &'static str {
        match self {
            Cause::Ingest => "ingest",
            Cause::Correction => "correction",
            Cause::Withdrawal => "withdrawal",
            Cause::Reparse(_) => "reparse",
            Cause::Taxonomy(_) => "taxonomy",
            Cause::Settings => "settings",
            Cause::Adjudication => "adjudication",
            Cause::Upgrade => "upgrade",
        }
    }

    /// The taxonomy version it names.
    pub fn version(self) -> Option<u64> {
        match self {
            Cause::Reparse(version) | Cause::Taxonomy(version) => Some(version),
            _ => None,
        }
    }
}

/// What a batch was given when it went in; [`super::Engine::wait`] turns it into the report.
#[derive(Clone, Debug)]
pub struct Ticket {
    pub(super) epoch: Epoch,
    pub(super) taxonomy_version: u64,
    pub(super) report: Arc<OnceLock<Arc<EpochReport>>>,
}

impl Ticket {
    /// The epoch of the batch.
    pub fn epoch(&self) -> Epoch {
        self.epoch
    }

    /// The taxonomy version its JDs see.
    pub fn taxonomy_version(&self) -> u64 {
        self.taxonomy_version
    }
}

/// What came of a batch, once the views and the facts of its epoch are in.
#[derive(Clone, Debug)]
pub struct EpochReport {
    /// The epoch.
    pub epoch: Epoch,
    /// The taxonomy version at its end.
    pub taxonomy_version: u64,
    /// The JDs whose row of *decisions* came, changed or went, by id.
    pub decisions: Vec<Id>,
    /// The role changes this made, by JD.
    pub role_changes: Vec<RoleChange>,
    /// JDs of the batch that said nothing new: delivered again, withdrawn though unknown, or replaced in the batch itself.
    pub unchanged: usize,
    /// From when it was submitted until it was all in.
    pub elapsed: Duration,
}
