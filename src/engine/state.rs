//! Which epochs are open, and what follows when one closes?
//!
//! An epoch is fed to all workers at once. When all of them have reported it closed, its changes of *decisions* go to
//! the facts. New answers at ingest go back into the dataflow, in an epoch of their own; the report of an epoch waits
//! for that one.

use super::batch::{EpochReport, Ticket};
use super::facts::{Causes, Facts};
use super::intake::{Admitted, Intake, Settled};
use super::worker::{Command, Link};
use crate::error::Error;
use rolestream_dataflows::driver::{DecisionChange, Epoch};
use rolestream_dataflows::records::{JdUpdate, Record};
use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, OnceLock, Weak};
use std::time::Instant;

/// JDs go to the workers in turn, so many at a time.
const CHUNK: usize = 64;

/// An epoch that was fed and has not closed.
struct Open {
    epoch: Epoch,
    taxonomy_version: u64,
    causes: Causes,
    unchanged: usize,
    since: Instant,
    to: Weak<OnceLock<Arc<EpochReport>>>,
}

/// A closed epoch whose report waits until that other epoch has closed.
struct Settling {
    until: Epoch,
    since: Instant,
    report: EpochReport,
    to: Weak<OnceLock<Arc<EpochReport>>>,
}

/// What callers and workers share.
pub(super) struct State {
    pub(super) intake: Intake,
    pub(super) facts: Facts,
    /// While somebody waits for a quiet moment, nothing is admitted.
    pub(super) waiting_for_quiet: usize,
    /// Why the engine no longer works.
    pub(super) failure: Option<Error>,
    links: Vec<Link>,
    ready: usize,
    /// The last epoch each worker reported as closed.
    reported: Vec<Epoch>,
    /// The last epoch fed.
    fed: Epoch,
    /// The last epoch that closed on all workers and whose facts are in, and the taxonomy version at its end.
    closed: (Epoch, u64),
    open: VecDeque<Open>,
    /// Changes of *decisions* in epochs that have not closed on all workers.
    changes: BTreeMap<Epoch, Vec<DecisionChange>>,
    settling: Vec<Settling>,
    /// Whose turn it is to be given JDs.
    turn: usize,
}

impl State {
    pub(super) fn new(workers: usize) -> State {
        State {
            intake: Intake::default(),
            facts: Facts::default(),
            waiting_for_quiet: 0,
            failure: None,
            links: Vec::new(),
            ready: 0,
            reported: vec![0; workers],
            fed: 0,
            closed: (0, 0),
            open: VecDeque::new(),
            changes: BTreeMap::new(),
            settling: Vec::new(),
            turn: 0,
        }
    }

    pub(super) fn workers(&self) -> usize {
        self.reported.len()
    }

    pub(super) fn fed(&self) -> Epoch {
        self.fed
    }

    pub(super) fn closed(&self) -> Epoch {
        self.closed.0
    }

    pub(super) fn closed_version(&self) -> u64 {
        self.closed.1
    }

    pub(super) fn one_more_ready(&mut self) {
        self.ready += 1;
    }

    pub(super) fn all_ready(&self) -> bool {
        self.ready == self.workers()
    }

    /// The workers' threads are there. Should one have failed already, the others are told now.
    pub(super) fn connect(&mut self, links: Vec<Link>) {
        self.links = links;
        if self.failure.is_some() {
            self.tell_all(|| Command::Stop);
        }
    }

    pub(super) fn tell_all(&self, command: impl Fn() -> Command) {
        self.links.iter().for_each(|link| link.tell(command()));
    }

    #[cfg(test)]
    pub(super) fn tell_last(&self, command: Command) {
        if let Some(link) = self.links.last() {
            link.tell(command);
        }
    }

    /// Takes a batch in and feeds it as the next epoch.
    pub(super) fn submit(&mut self, batch: Settled) -> Ticket {
        let Admitted { records, jds, causes, unchanged } = self.intake.admit(batch);
        let report = Arc::new(OnceLock::new());
        let epoch = self.feed(records, jds, causes, unchanged, Arc::downgrade(&report));
        Ticket { epoch, taxonomy_version: self.intake.version(), report }
    }

    fn feed(
        &mut self,
        records: Vec<(Record, isize)>,
        jds: Vec<JdUpdate>,
        causes: Causes,
        unchanged: usize,
        to: Weak<OnceLock<Arc<EpochReport>>>,
    ) -> Epoch {
        self.fed += 1;
        let epoch = self.fed;
        let taxonomy_version = self.intake.version();
        self.open.push_back(Open { epoch, taxonomy_version, causes, unchanged, since: Instant::now(), to });
        let mut parts: Vec<_> = self.links.iter().map(|_| (Vec::new(), Vec::new())).collect();
        if let Some((part, _)) = parts.first_mut() {
            *part = records;
        }
        let mut jds = jds.into_iter().peekable();
        while jds.peek().is_some() && !parts.is_empty() {
            self.turn = (self.turn + 1) % parts.len();
            parts[self.turn].1.extend(jds.by_ref().take(CHUNK));
        }
        for (link, (records, jds)) in self.links.iter().zip(parts) {
            link.tell(Command::Feed { epoch, records, jds });
        }
        epoch
    }

    /// Notes what a worker has closed; whether anything closed on all of them.
    pub(super) fn report(&mut self, worker: usize, closed: Epoch, changes: Vec<DecisionChange>) -> bool {
        for change in changes {
            self.changes.entry(change.epoch).or_default().push(change);
        }
        self.reported[worker] = closed;
        let closed = self.reported.iter().copied().min().unwrap_or(0);
        let moved = closed > self.closed();
        if moved {
            self.close_through(closed);
        }
        moved
    }

    /// Feeds the facts with every epoch through `last`, and settles the reports that waited for one of these.
    fn close_through(&mut self, last: Epoch) {
        let mut at_ingest = Vec::new();
        let mut reports = Vec::new();
        while self.open.front().is_some_and(|open| open.epoch <= last) {
            let Some(open) = self.open.pop_front() else { break };
            let changes = self.changes.remove(&open.epoch).unwrap_or_default();
            let outcome = self.facts.close(open.epoch, open.taxonomy_version, &open.causes, changes);
            at_ingest.extend(outcome.at_ingest.into_iter().map(|fact| (Record::AtIngest(fact), 1)));
            self.closed = (open.epoch, open.taxonomy_version);
            let report = EpochReport {
                epoch: open.epoch,
                taxonomy_version: open.taxonomy_version,
                decisions: outcome.decisions,
                role_changes: outcome.role_changes,
                unchanged: open.unchanged,
                elapsed: open.since.elapsed(),
            };
            reports.push((report, open.since, open.to));
        }
        let until = match at_ingest.is_empty() {
            true => last,
            false => self.feed(at_ingest, Vec::new(), Causes::default(), 0, Weak::new()),
        };
        let new = reports.into_iter().map(|(report, since, to)| Settling { until, since, report, to });
        self.settling.extend(new);
        self.settle();
    }

    fn settle(&mut self) {
        let closed = self.closed();
        for Settling { since, mut report, to, .. } in self.settling.extract_if(.., |s| s.until <= closed) {
            // Where nobody holds the ticket any more, nobody wants the report.
            if let Some(to) = to.upgrade() {
                report.elapsed = since.elapsed();
                let _ = to.set(Arc::new(report));
            }
        }
    }
}
