//! Which held JDs read differently since the skill library changed? A thread looks them through, at a bounded rate.
//!
//! What is to be done stands in the store, so that a restart goes on where it was. An edit that comes meanwhile begins
//! it anew, for the forms of both.

use super::kit::{Kit, Prepared};
use super::reread::{again, concerns};
use super::work::Work;
use crate::admission::in_parallel;
use crate::error::Error;
use crate::jd::FormSearch;
use crate::sources::Stop;
use crate::store::{PendingReparse, Store, StoredText};
use crate::telemetry::Metrics;
use crate::telemetry::metrics::Reparse as Progress;
use rolestream_dataflows::id::Id;
use std::sync::mpsc::SyncSender;
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Texts looked at between two messages to the clock, where so many may be parsed again in a second.
const CHUNK: u32 = 256;

/// Wakes the thread, and tells what it found is of which state of affairs.
#[derive(Default)]
pub(super) struct Reparse {
    generation: Mutex<u64>,
    woken: Condvar,
}

/// What a look at some texts found.
pub(super) struct Found {
    /// JDs that may read differently, with the content that was read.
    pub(super) jds: Vec<(u64, Prepared)>,
    /// The version that made it necessary; 0: the program did.
    pub(super) version: u64,
    /// What is left to be done then.
    pub(super) pending: Option<PendingReparse>,
    generation: u64,
}

impl Reparse {
    /// There is something to do, or something else than before.
    pub(super) fn wake(&self) {
        *self.generation.lock().unwrap_or_else(PoisonError::into_inner) += 1;
        self.woken.notify_all();
    }

    fn generation(&self) -> u64 {
        *self.generation.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether nothing else was to be done since.
    pub(super) fn is_current(&self, found: &Found) -> bool {
        self.generation() == found.generation
    }

    /// Waits so long, or until woken after that generation or told to stop; whether it was neither.
    fn pause(&self, time: Duration, after: u64, stop: &Stop) -> bool {
        /// How often is asked whether to stop.
        const STEP: Duration = Duration::from_millis(20);
        let deadline = Instant::now() + time;
        let mut generation = self.generation.lock().unwrap_or_else(PoisonError::into_inner);
        loop {
            let left = deadline.saturating_duration_since(Instant::now());
            if *generation != after || stop.stopped() || left.is_zero() {
                return *generation == after && !stop.stopped();
            }
            let waited = self.woken.wait_timeout(generation, left.min(STEP));
            generation = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
    }
}

/// The thread's tools.
pub(super) struct Reparser {
    pub(super) store: Arc<Store>,
    pub(super) kit: Arc<Kit>,
    pub(super) reparse: Arc<Reparse>,
    pub(super) metrics: Metrics,
    pub(super) per_second: u32,
}

impl Reparser {
    /// Looks for something to do until told to stop.
    pub(super) fn run(&self, work: &SyncSender<Work>, stop: &Stop) -> Result<(), Error> {
        let mut seen = None;
        while !stop.stopped() {
            let generation = self.reparse.generation();
            if seen == Some(generation) {
                self.reparse.pause(Duration::from_secs(3_600), generation, stop);
                continue;
            }
            match self.store.pending_reparse()? {
                Some(pending) => self.look_through(pending, generation, work, stop)?,
                None => self.metrics.set_reparse(Progress { pending: 0, done: 0 }),
            }
            seen = Some(generation);
        }
        Ok(())
    }

    fn look_through(
        &self,
        mut pending: PendingReparse,
        generation: u64,
        work: &SyncSender<Work>,
        stop: &Stop,
    ) -> Result<(), Error> {
        let all = self.store.jd_count()? as u64;
        let search = pending.forms.as_ref().map(|forms| FormSearch::new(forms));
        let version = pending.taxonomy_version;
        let (mut looked, mut parsed) = (0, 0);
        tracing::info!(version, jds = all, "looking for JDs that read differently now");
        let mut texts = self.store.texts(pending.through, CHUNK.min(self.per_second).max(1) as usize);
        while let Some(chunk) = texts.next().transpose()? {
            looked += chunk.len() as u64;
            pending.through = chunk.last().map(|(id, _)| id.0);
            let concerned = |(_, text): &(Id, StoredText)| match &search {
                Some(search) => concerns(search, text),
                None => text.parser.is_none(),
            };
            let again: Vec<(Id, StoredText)> = chunk.into_iter().filter(concerned).collect();
            parsed += again.len() as u64;
            let jds = in_parallel(&again, self.kit.threads, |(id, text)| self.again(*id, text));
            let jds = jds.into_iter().collect::<Result<Vec<_>, _>>()?.into_iter().flatten().collect();
            let found = Found { jds, version, pending: Some(pending.clone()), generation };
            if work.send(Work::Reparsed(found)).is_err() {
                return Ok(());
            }
            self.metrics.set_reparse(Progress { pending: all.saturating_sub(looked), done: looked });
            // At most so many are parsed in a second.
            let pause = Duration::from_secs_f64(again.len() as f64 / f64::from(self.per_second));
            if !self.reparse.pause(pause, generation, stop) {
                return Ok(());
            }
        }
        let done = Found { jds: Vec::new(), version, pending: None, generation };
        if work.send(Work::Reparsed(done)).is_ok() {
            self.metrics.set_reparse(Progress { pending: 0, done: looked });
            tracing::info!(version, looked, parsed, "all JDs read as the skill library has it");
        }
        Ok(())
    }

    /// The JD parsed again, unless it has changed meanwhile.
    fn again(&self, id: Id, text: &StoredText) -> Result<Option<(u64, Prepared)>, Error> {
        let again = again(&self.store, &self.kit, &self.kit.parser(), id, text)?;
        Ok(again.map(|(held, prepared)| (held.jd.content, prepared)))
    }
}
