//! What moves inputs forward? This one thread: it keeps a delivery, then feeds it to the engine.
//!
//! Edits of a delivery go before its JDs, each with the positions of the streams they came by; a JD that was parsed
//! before an edit changed the skill library is parsed again here.

mod edits;
mod expiry;
mod jds;
mod orders;

use super::kit::Kit;
use super::order::Changed;
use super::recorder::Listeners;
use super::reparse::Reparse;
use super::retention::Retention;
use super::work::{Delivery, Work};
use crate::dead_letters::DeadLetter;
use crate::engine::{Admitted, Engine, Ticket};
use crate::error::Error;
use crate::report::Lookup;
use crate::sources::{Position, Positions, Stream};
use crate::store::{Commit, Store};
use crate::telemetry::Metrics;
use rolestream_dataflows::records::JdUpdate;
use std::collections::HashMap;
use std::sync::mpsc::Receiver;
use std::sync::{Arc, PoisonError};
use std::time::Instant;

/// The one thread's state.
pub(super) struct Clock {
    pub(super) store: Arc<Store>,
    pub(super) engine: Arc<Engine>,
    pub(super) kit: Arc<Kit>,
    pub(super) lookup: Arc<Lookup>,
    pub(super) positions: Positions,
    pub(super) metrics: Metrics,
    pub(super) reparse: Arc<Reparse>,
    pub(super) retention: Retention,
    /// Who wants to know what is fed.
    pub(super) listeners: Listeners,
    /// Milliseconds since 1970.
    pub(super) now: fn() -> i64,
    /// The number of the last dead letter.
    pub(super) last_letter: u64,
}

impl Clock {
    /// Works until nobody gives it anything more.
    pub(super) fn run(mut self, work: &Receiver<Work>) -> Result<(), Error> {
        // What a crash left half done: that they are withdrawn has been said by now.
        let left = self.store.forgetting()?;
        self.forget(&left)?;
        while let Ok(work) = work.recv() {
            match work {
                Work::Delivery(Delivery { edits, jds }) => {
                    self.deliver_edits(edits)?;
                    self.deliver_jds(jds)?;
                }
                Work::Reparsed(found) => self.reparsed(found)?,
                Work::Expired => self.expire()?,
                Work::Snoozed => self.end_snoozes()?,
                Work::Order(order) => self.carry_out(*order)?,
                Work::Nothing(done) => drop(done.send(())),
            }
        }
        Ok(())
    }

    /// What the next batch is known by: greater than what any before was.
    fn tag(&self) -> u64 {
        self.store.last_commit() + 1
    }

    /// Writes a commit, with what the sources should know of it.
    fn write(
        &mut self,
        mut commit: Commit<'_>,
        letters: Vec<DeadLetter>,
        positions: HashMap<Stream, Position>,
    ) -> Result<(), Error> {
        for letter in &letters {
            self.last_letter += 1;
            commit.put_dead_letter(self.last_letter, letter);
        }
        for (stream, position) in &positions {
            commit.put_position(stream, *position);
        }
        if commit.is_empty() {
            return Ok(());
        }
        let begun = Instant::now();
        commit.write()?;
        self.metrics.store_committed(begun.elapsed());
        self.positions.put(positions);
        Ok(())
    }

    /// Tells who listens what was kept.
    fn tell(&self, changed: &Changed, jds: &[JdUpdate]) {
        let mut listeners = self.listeners.lock().unwrap_or_else(PoisonError::into_inner);
        listeners.iter_mut().for_each(|listener| listener.fed(&changed.records, jds));
    }

    /// Feeds what was kept; no ticket where nothing was new.
    fn feed(&self, admitted: Admitted) -> Result<Option<Ticket>, Error> {
        if admitted.records.is_empty() && admitted.jds.is_empty() {
            return Ok(None);
        }
        self.engine.feed(admitted).map(Some)
    }
}
