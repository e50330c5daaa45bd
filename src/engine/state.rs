//! Which epochs are open, and what follows when one closes?
//!
//! An epoch is fed to all workers at once. When all of them have reported it closed, its changes of *decisions* go to
//! the facts. New answers at ingest go back into the dataflow, in an epoch of their own; the report of an epoch waits
//! for that one, and until its facts are kept where there is a recorder.

use super::batch::{EpochReport, Ticket};
use super::facts::{Causes, Facts};
use super::intake::{Admitted, Intake};
use super::recorder::Saying;
use super::worker::{Command, Link, Share};
use super::{Epochs, Options};
use crate::error::Error;
use rolestream_dataflows::driver::{DecisionChange, Driver, Epoch};
use rolestream_dataflows::records::{Change, Record, Tables};
use rolestream_dataflows::views::ViewChange;
use std::collections::{BTreeMap, VecDeque};
use std::sync::mpsc::{self, Receiver, Sender};
use std::sync::{Arc, OnceLock, Weak};
use std::time::{Instant, SystemTime, UNIX_EPOCH};

/// JDs go to the workers in turn, so many at a time.
const CHUNK: usize = 64;

/// An epoch that was fed and has not closed.
struct Open {
    epoch: Epoch,
    taxonomy_version: u64,
    tag: u64,
    causes: Causes,
    unchanged: usize,
    since: Instant,
    to: Weak<OnceLock<Arc<EpochReport>>>,
}

/// What the workers reported of an epoch that has not closed on all of them.
#[derive(Default)]
struct Changes {
    decisions: Vec<DecisionChange>,
    views: Vec<ViewChange>,
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
    /// Records that were admitted and are not fed yet.
    pub(super) unfed: Vec<(Record, isize)>,
    /// How many times records were fed that are no facts.
    edits: u64,
    links: Vec<Link>,
    ready: usize,
    /// The last epoch each worker reported as closed.
    reported: Vec<Epoch>,
    /// The last epoch fed, and the taxonomy version at its end.
    fed: (Epoch, u64),
    /// The last epoch that closed on all workers and whose facts are in, and the taxonomy version at its end.
    closed: (Epoch, u64),
    open: VecDeque<Open>,
    /// What changed in epochs that have not closed on all workers.
    changes: BTreeMap<Epoch, Changes>,
    epochs: Epochs,
    /// To whoever keeps the facts, where somebody does, and the last epoch whose facts are kept.
    pub(super) recorder: Option<Sender<Vec<Saying>>>,
    kept: Epoch,
    settling: Vec<Settling>,
    /// Whose turn it is to be given JDs.
    turn: usize,
}

impl State {
    pub(super) fn new(options: &Options) -> State {
        State {
            intake: Intake::default(),
            facts: Facts::default(),
            waiting_for_quiet: 0,
            failure: None,
            unfed: Vec::new(),
            edits: 0,
            links: Vec::new(),
            ready: 0,
            reported: vec![0; options.workers],
            fed: (options.after, 0),
            closed: (options.after, 0),
            open: VecDeque::new(),
            changes: BTreeMap::new(),
            epochs: options.epochs,
            recorder: None,
            kept: options.after,
            settling: Vec::new(),
            turn: 0,
        }
    }

    pub(super) fn workers(&self) -> usize {
        self.reported.len()
    }

    pub(super) fn fed(&self) -> Epoch {
        self.fed.0
    }

    /// How many times records were fed that are no facts.
    pub(super) fn edits(&self) -> u64 {
        self.edits
    }

    /// The records of what was fed, so far as they are no facts.
    pub(super) fn fed_tables(&self) -> Arc<Tables> {
        let mut tables = self.intake.tables().clone();
        for (record, difference) in self.unfed.iter().rev() {
            let back = if *difference > 0 { Change::Delete(record.key()) } else { Change::Put(record.clone()) };
            Arc::make_mut(&mut tables).apply(back);
        }
        tables
    }

    /// The taxonomy version of what was fed: one that was admitted and is not fed yet is not it.
    pub(super) fn fed_version(&self) -> u64 {
        self.fed.1
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

    /// Has every worker do something with its end of the dataflow as soon as it has done what it was told before. Where
    /// fewer answer than there are workers, one has failed.
    pub(super) fn ask<T: Send + 'static>(
        &self,
        question: impl Fn(&mut Driver) -> T + Send + Sync + 'static,
    ) -> Receiver<T> {
        let (answer, answers) = mpsc::channel();
        let question = Arc::new(question);
        self.tell_all(|| {
            let (question, answer) = (question.clone(), answer.clone());
            Command::Ask(Box::new(move |driver| {
                // Whoever asked may have gone.
                let _ = answer.send(question(driver));
            }))
        });
        answers
    }

    #[cfg(test)]
    pub(super) fn tell_last(&self, command: Command) {
        if let Some(link) = self.links.last() {
            link.tell(command);
        }
    }

    /// Epochs that were fed and have not closed.
    pub(super) fn open(&self) -> usize {
        self.open.len()
    }

    pub(super) fn oldest_open(&self) -> Option<Epoch> {
        self.open.front().map(|open| open.epoch)
    }

    /// Whether all that was fed has closed, and all facts are kept.
    pub(super) fn quiet(&self) -> bool {
        self.open.is_empty() && self.settling.is_empty() && self.unkept().is_none()
    }

    /// Whether all of an epoch is in: its views, and its facts, which are kept.
    pub(super) fn visible(&self, epoch: Epoch) -> bool {
        let kept = self.recorder.is_none() || self.kept >= epoch.min(self.closed());
        self.closed() >= epoch && kept && !self.settling.iter().any(|one| one.report.epoch <= epoch)
    }

    /// The last closed epoch, where its facts are not kept yet.
    fn unkept(&self) -> Option<Epoch> {
        Some(self.closed()).filter(|closed| self.recorder.is_some() && *closed > self.kept)
    }

    /// Feeds what was admitted as the next epoch.
    pub(super) fn submit(&mut self, admitted: Admitted) -> Ticket {
        let report = Arc::new(OnceLock::new());
        let taxonomy_version = admitted.taxonomy_version;
        let epoch = self.feed(admitted, Arc::downgrade(&report));
        Ticket { epoch, taxonomy_version, report }
    }

    fn next_epoch(&self) -> Epoch {
        let now = || SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_millis() as u64);
        match self.epochs {
            Epochs::Counted => self.fed.0 + 1,
            Epochs::Milliseconds => now().max(self.fed.0 + 1),
        }
    }

    fn feed(&mut self, admitted: Admitted, to: Weak<OnceLock<Arc<EpochReport>>>) -> Epoch {
        let Admitted { records, jds, causes, unchanged, taxonomy_version, tag } = admitted;
        let epoch = self.next_epoch();
        self.edits += u64::from(records.iter().any(|(record, _)| !matches!(record, Record::AtIngest(_))));
        self.fed = (epoch, taxonomy_version);
        self.open.push_back(Open { epoch, taxonomy_version, tag, causes, unchanged, since: Instant::now(), to });
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
    pub(super) fn report(&mut self, worker: usize, closed: Epoch, share: Share) -> bool {
        for change in share.decisions {
            self.changes.entry(change.epoch).or_default().decisions.push(change);
        }
        for change in share.views {
            self.changes.entry(change.epoch).or_default().views.push(change);
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
        let mut sayings = Vec::new();
        while self.open.front().is_some_and(|open| open.epoch <= last) {
            let Some(open) = self.open.pop_front() else { break };
            let changes = self.changes.remove(&open.epoch).unwrap_or_default();
            let outcome = self.facts.close(open.epoch, open.taxonomy_version, &open.causes, changes.decisions);
            at_ingest.extend(outcome.at_ingest.iter().map(|fact| (Record::AtIngest(fact.clone()), 1)));
            self.closed = (open.epoch, open.taxonomy_version);
            if self.recorder.is_some() {
                sayings.push(Saying::of(&self.facts, &outcome, self.closed, open.tag, open.since, changes.views));
            }
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
        self.say(sayings);
        let until = match at_ingest.is_empty() {
            true => last,
            false => self.feed(Admitted::of_facts(at_ingest, self.fed_version()), Weak::new()),
        };
        let new = reports.into_iter().map(|(report, since, to)| Settling { until, since, report, to });
        self.settling.extend(new);
        self.settle();
    }

    fn say(&mut self, sayings: Vec<Saying>) {
        if let Some(recorder) = self.recorder.as_ref().filter(|_| !sayings.is_empty()) {
            // A recorder that is gone has failed the engine.
            let _ = recorder.send(sayings);
        }
    }

    /// From now on what is said goes to a recorder, too.
    pub(super) fn begin_recording(&mut self, recorder: Sender<Vec<Saying>>) {
        self.kept = self.closed();
        self.recorder = Some(recorder);
        self.facts.keep_no_log();
    }

    /// The facts of every epoch through this one are kept.
    pub(super) fn kept(&mut self, epoch: Epoch) {
        self.kept = epoch;
        self.settle();
    }

    /// Says that the JDs which the facts speak of and the views do not have are gone: they were withdrawn while
    /// nobody looked. Call it when all has closed.
    pub(super) fn say_what_is_gone(&mut self) {
        let outcome = self.facts.close_gone(self.closed.0, self.closed.1);
        if self.recorder.is_some() && !outcome.role_changes.is_empty() {
            let saying = Saying::of(&self.facts, &outcome, self.closed, 0, Instant::now(), Vec::new());
            self.kept = self.closed.0 - 1;
            self.say(vec![saying]);
        }
    }

    fn settle(&mut self) {
        let closed = self.closed();
        let kept = if self.recorder.is_some() { self.kept } else { closed };
        let settled = |one: &mut Settling| one.until <= closed && one.report.epoch <= kept;
        for Settling { since, mut report, to, .. } in self.settling.extract_if(.., settled) {
            // Where nobody holds the ticket any more, nobody wants the report.
            if let Some(to) = to.upgrade() {
                report.elapsed = since.elapsed();
                let _ = to.set(Arc::new(report));
            }
        }
    }
}
