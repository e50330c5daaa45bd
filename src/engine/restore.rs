//! How is an earlier life taken up? First the taxonomy and the facts, then the JDs in chunks, then what is gone.
//!
//! Facts are taken as they stand: nothing is said of a JD that was said of it before. Where its decision is another one
//! now (the engine is newer, or stopped between an edit and its role changes), that is a role change like any other.

use super::batch::{Batch, Cause};
use super::facts::{FirstSaid, LastSaid};
use super::intake::Admitted;
use super::{Engine, Ticket};
use crate::error::Error;
use rolestream_dataflows::id::Id;
use rolestream_dataflows::records::{AtIngest, JdUpdate, Record};

/// What was kept of an earlier life.
#[derive(Debug, Default)]
pub struct Restored {
    /// The records of all collections but the JDs.
    pub records: Vec<Record>,
    /// The taxonomy version they are.
    pub taxonomy_version: u64,
    /// What was said first, by JD and content.
    pub first_said: Vec<(Id, u64, FirstSaid)>,
    /// What was last said, by JD.
    pub last_said: Vec<(Id, LastSaid)>,
}

impl Engine {
    /// Takes up taxonomy and facts of an earlier life, and waits until they stand. Before anything else is submitted.
    pub fn restore(&self, restored: Restored) -> Result<(), Error> {
        let mut state = self.shared.lock();
        let version = restored.taxonomy_version;
        let mut records = state.intake.restore(restored.records, version);
        let as_record = |(jd, content, first): &(Id, u64, FirstSaid)| {
            (Record::AtIngest(AtIngest { jd: *jd, content: *content, said: first.said() }), 1)
        };
        records.extend(restored.first_said.iter().map(as_record));
        state.facts.restore(restored.first_said, restored.last_said);
        let ticket = state.submit(Admitted::of_facts(records, version));
        drop(state);
        self.wait(&ticket).map(drop)
    }

    /// Takes up JDs of an earlier life. Where something else is said of one now than was, `cause` is why.
    pub fn restore_jds(&self, jds: Vec<JdUpdate>, cause: Cause) -> Result<Ticket, Error> {
        self.submit(Batch { jds, cause, ..Batch::default() })
    }

    /// All JDs were taken up: waits until all of it stands, and says of those that are missing that they are gone.
    pub fn restored(&self) -> Result<(), Error> {
        self.wait_for_all()?;
        self.shared.lock().say_what_is_gone();
        self.wait_for_all()
    }
}
