//! What do the engine's callers and its workers hold in common? One lock, and a way to wait for what it protects.

use super::Options;
use super::batch::{EpochReport, Ticket};
use super::intake::{Admitted, Settled};
use super::state::State;
use super::worker::{Command, Share};
use crate::error::{Error, said_by_panic};
use rolestream_dataflows::driver::Epoch;
use rolestream_dataflows::id::Id;
use rolestream_dataflows::records::Record;
use std::any::Any;
use std::sync::mpsc::Receiver;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// The lock, and what is waited on.
pub(super) struct Shared {
    state: Mutex<State>,
    moved: Condvar,
    /// At most so many epochs are fed and not closed.
    max_epochs_ahead: usize,
}

impl Shared {
    pub(super) fn new(options: &Options) -> Shared {
        Shared {
            state: Mutex::new(State::new(options)),
            moved: Condvar::new(),
            max_epochs_ahead: options.max_epochs_ahead.max(1),
        }
    }

    /// The state. A worker that panicked while it held the lock has failed the engine; what can be read stays readable.
    pub(super) fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The state, once `busy` no longer holds; the failure, if there is one.
    fn lock_when_not(&self, busy: impl Fn(&State) -> bool) -> Result<MutexGuard<'_, State>, Error> {
        let wait = self.moved.wait_while(self.lock(), |state| state.failure.is_none() && busy(state));
        let state = wait.unwrap_or_else(PoisonError::into_inner);
        match &state.failure {
            Some(failure) => Err(failure.clone()),
            None => Ok(state),
        }
    }

    /// Waits until every worker has built its dataflow.
    pub(super) fn wait_until_ready(&self) -> Result<(), Error> {
        self.lock_when_not(|state| !state.all_ready()).map(drop)
    }

    /// Takes a batch in and feeds it, as soon as few enough epochs are open.
    pub(super) fn submit(&self, batch: Settled) -> Result<Ticket, Error> {
        let mut state = self.lock_when_not(|state| self.busy(state))?;
        let admitted = state.intake.admit(batch);
        Ok(state.submit(admitted))
    }

    /// Tells what of a batch is new. What is told must be fed before the next batch is asked about.
    pub(super) fn admit(&self, batch: Settled) -> Result<Admitted, Error> {
        let mut state = self.lock_when_not(|_| false)?;
        let admitted = state.intake.admit(batch);
        state.unfed.clone_from(&admitted.records);
        Ok(admitted)
    }

    /// Feeds what was admitted, as soon as few enough epochs are open.
    pub(super) fn feed(&self, admitted: Admitted) -> Result<Ticket, Error> {
        let mut state = self.lock_when_not(|state| self.busy(state))?;
        state.unfed.clear();
        Ok(state.submit(admitted))
    }

    fn busy(&self, state: &State) -> bool {
        state.waiting_for_quiet > 0 || state.open() >= self.max_epochs_ahead
    }

    /// Waits until all that was submitted has closed, and its facts are kept.
    pub(super) fn wait_for_all(&self) -> Result<(), Error> {
        self.lock_when_not(|state| !state.quiet()).map(drop)
    }

    /// Forgets what was said of withdrawn JDs, here and in the dataflow.
    pub(super) fn forget(&self, jds: &[(Id, Vec<u64>)]) -> Result<(), Error> {
        let mut state = self.lock_when_not(|state| self.busy(state))?;
        let records = jds.iter().flat_map(|(jd, contents)| state.facts.forget(*jd, contents)).collect::<Vec<_>>();
        if !records.is_empty() {
            let records = records.into_iter().map(|fact| (Record::AtIngest(fact), -1)).collect();
            let version = state.fed_version();
            state.submit(Admitted::of_facts(records, version));
        }
        Ok(())
    }

    /// The facts of every epoch through this one are kept.
    pub(super) fn kept(&self, epoch: Epoch) {
        self.lock().kept(epoch);
        self.moved.notify_all();
    }

    /// Waits until the views and facts of an epoch are in.
    pub(super) fn wait(&self, ticket: &Ticket) -> Result<Arc<EpochReport>, Error> {
        if let Some(report) = ticket.report.get() {
            return Ok(report.clone());
        }
        let _state = self.lock_when_not(|_| ticket.report.get().is_none())?;
        ticket.report.get().cloned().ok_or_else(|| Error::new("an epoch closed without a report"))
    }

    /// Whether everything of an epoch is visible; waits for that until then.
    pub(super) fn wait_for_epoch(&self, epoch: Epoch, until: Option<Instant>) -> Result<bool, Error> {
        let left = until.map_or(Duration::ZERO, |until| until.saturating_duration_since(Instant::now()));
        let not_yet = |state: &mut State| state.failure.is_none() && !state.visible(epoch);
        let wait = self.moved.wait_timeout_while(self.lock(), left, not_yet);
        let (state, _) = wait.unwrap_or_else(PoisonError::into_inner);
        match &state.failure {
            Some(failure) => Err(failure.clone()),
            None => Ok(state.visible(epoch)),
        }
    }

    /// Looks at the state, unless the engine has failed.
    pub(super) fn look<R>(&self, look: impl FnOnce(&State) -> R) -> Result<R, Error> {
        self.lock_when_not(|_| false).map(|state| look(&state))
    }

    /// Looks at the state at a moment when all that was fed has closed; nothing is fed meanwhile.
    pub(super) fn when_quiet<R>(&self, look: impl FnOnce(&State) -> R) -> Result<R, Error> {
        self.lock().waiting_for_quiet += 1;
        let quiet = self.lock_when_not(|state| state.closed() < state.fed());
        // After a failure nothing is admitted any more, so the count no longer matters.
        let seen = quiet.map(|mut state| {
            state.waiting_for_quiet -= 1;
            look(&state)
        });
        self.moved.notify_all();
        seen
    }

    /// What all workers answer to what they were asked.
    pub(super) fn answers<T>(&self, answers: Receiver<T>) -> Result<Vec<T>, Error> {
        let answers: Vec<T> = answers.into_iter().collect();
        let state = self.lock();
        match &state.failure {
            None if answers.len() == state.workers() => Ok(answers),
            None => Err(Error::new("the engine was stopped while its workers were asked")),
            Some(failure) => Err(failure.clone()),
        }
    }

    /// A worker has built its dataflow.
    pub(super) fn ready(&self) {
        self.lock().one_more_ready();
        self.moved.notify_all();
    }

    /// A worker's views hold what was fed through `closed`; this is what changed in them. Returns the last epoch that
    /// closed on all workers.
    pub(super) fn report(&self, worker: usize, closed: Epoch, share: Share) -> Epoch {
        let mut state = self.lock();
        let moved = state.report(worker, closed, share);
        let everywhere = state.closed();
        drop(state);
        if moved {
            self.moved.notify_all();
        }
        everywhere
    }

    /// A worker panicked: nobody must wait for what it will not do, and the others cannot go on without it.
    pub(super) fn fail(&self, worker: usize, panic: &(dyn Any + Send)) {
        let failure = Error::new("the engine has stopped")
            .detail(format!("worker {worker} panicked: {}", said_by_panic(panic)))
            .hint("this is a defect of the program: report it with the detail above, and start again");
        self.fail_with(failure);
    }

    pub(super) fn fail_with(&self, failure: Error) {
        let mut state = self.lock();
        state.failure.get_or_insert(failure);
        state.tell_all(|| Command::Stop);
        drop(state);
        self.moved.notify_all();
    }
}
