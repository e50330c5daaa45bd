//! What is looked at every second? Lag, freshness, size; and JDs that are past their time.

use super::retention::Retention;
use super::running::now;
use super::work::{Work, wait};
use crate::engine::{Engine, Epoch};
use crate::error::Error;
use crate::review;
use crate::sinks::Inbox;
use crate::sources::Stop;
use crate::sources::kafka::Progress;
use crate::store::Store;
use crate::telemetry::Metrics;
use std::sync::Arc;
use std::sync::mpsc::SyncSender;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// The views whose freshness is told. One frontier closes them all.
const VIEWS: [&str; 8] =
    ["decisions", "centroids", "collisions", "undecided", "new_roles", "new_skills", "new_kras", "novel_sentences"];

/// What is looked at.
pub(super) struct Housekeeping {
    pub(super) engine: Arc<Engine>,
    pub(super) store: Arc<Store>,
    pub(super) metrics: Metrics,
    pub(super) sinks: Vec<(String, Inbox)>,
    pub(super) kafka: Option<Progress>,
    pub(super) retention: Retention,
}

impl Housekeeping {
    /// Looks until told to stop.
    pub(super) fn run(&self, work: &SyncSender<Work>, stop: &Stop) -> Result<(), Error> {
        let mut rounds: u32 = 0;
        while !stop.stopped() {
            self.look(rounds.is_multiple_of(10));
            // As fast as the clock does it: more may come in a second than are withdrawn at once.
            while !stop.stopped() && !self.retention.expired(&self.engine).is_empty() {
                if work.send(Work::Expired).is_err() || !wait(work) {
                    return Ok(());
                }
            }
            let snoozed = self.engine.with_tables(|tables| !review::ended(tables.of_kind("review"), now()).is_empty());
            if snoozed && work.send(Work::Snoozed).is_err() {
                return Ok(());
            }
            rounds = rounds.wrapping_add(1);
            stop.sleep(Duration::from_secs(1));
        }
        Ok(())
    }

    fn look(&self, at_all: bool) {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        // While an epoch is open, the views are as old as it; otherwise they hold all there is.
        let behind = |epoch: Option<Epoch>| {
            // Epochs are milliseconds.
            epoch.map_or(Duration::ZERO, |epoch| now.saturating_sub(Duration::from_millis(epoch)))
        };
        let open = behind(self.engine.oldest_open());
        VIEWS.iter().for_each(|view| self.metrics.set_freshness(view, open));
        for (name, inbox) in &self.sinks {
            self.metrics.set_sink_lag(name, behind(inbox.since()));
        }
        if let Some(kafka) = &self.kafka {
            kafka.all().iter().for_each(|reading| self.metrics.set_lag(&reading.stream, reading.lag()));
        }
        if at_all {
            for usage in self.store.usage() {
                self.metrics.set_store_bytes(usage.collection.name(), usage.bytes);
            }
            self.metrics.set_store_disk(self.store.bytes());
        }
    }
}
