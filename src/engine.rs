//! Who drives the dataflow, and remembers what was said?
//!
//! Threads inside do: one timely worker each. A [`Batch`] goes in as one epoch; when its views are right everywhere
//! and its facts are in, [`Engine::wait`] returns. What is read is always as of one closed epoch.
//!
//! `batch` what goes in and comes back · `intake` what of it is new · `state` which epochs are open · `facts` what was
//! said · `recorder` who keeps it · `restore` how an earlier life is taken up · `reading` how views are read · `preview`
//! what a draft would change · `shared` the lock · `worker` the threads.

mod asking;
mod batch;
mod facts;
mod intake;
mod preview;
mod reading;
mod recorder;
mod restore;
mod shared;
mod state;
#[cfg(test)]
mod tests;
mod worker;

pub use batch::{Batch, Cause, EpochReport, Ticket};
pub use facts::{Facts, FirstSaid, LastSaid, RoleChange, Stated};
pub use intake::Admitted;
pub use preview::Preview;
pub use reading::Read;
pub use recorder::{Recorder, Saying};
pub use restore::Restored;
pub use rolestream_dataflows::driver::{Epoch, Least, Reader, View};

use crate::error::Error;
use intake::Settled;
use rolestream_dataflows::id::Id;
use rolestream_dataflows::records::Tables;
use rolestream_dataflows::views::Answer;
use shared::Shared;
use std::sync::mpsc;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use timely::communication::WorkerGuards;

/// How an engine runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Options {
    /// Worker threads; no more than the machine has cores.
    pub workers: usize,
    /// So many epochs may be fed and not closed; beyond, [`Engine::submit`] blocks.
    pub max_epochs_ahead: usize,
    /// How epochs are numbered.
    pub epochs: Epochs,
    /// The last epoch of an earlier life; this one's are greater.
    pub after: Epoch,
    /// Whether a recorder is told what changes in the views, beside *decisions*.
    pub follow: bool,
}

/// How epochs are numbered.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Epochs {
    /// One after the other: the same in every run.
    #[default]
    Counted,
    /// By the milliseconds since 1970 at which they are fed, or one more than the last one where that is greater.
    Milliseconds,
}

impl Default for Options {
    fn default() -> Options {
        Options { workers: 1, max_epochs_ahead: 64, epochs: Epochs::Counted, after: 0, follow: false }
    }
}

/// A running engine. Any thread may use it; dropping it stops its workers, whatever is unfinished.
pub struct Engine {
    shared: Arc<Shared>,
    /// Behind a lock only so that an engine can be shared: what is in it cannot be.
    threads: Mutex<Option<WorkerGuards<()>>>,
    recorder: Mutex<Option<JoinHandle<()>>>,
}

impl Engine {
    /// Starts an engine of so many workers.
    pub fn start(workers: usize) -> Result<Engine, Error> {
        Engine::start_with(Options { workers, ..Options::default() })
    }

    /// Starts an engine.
    pub fn start_with(options: Options) -> Result<Engine, Error> {
        let refused = |detail: String| Error::new("the engine cannot start").detail(detail);
        if options.workers == 0 {
            return Err(refused("it was given no workers".into()).hint("give it one worker or more"));
        }
        let shared = Arc::new(Shared::new(&options));
        let (senders, receivers): (Vec<_>, Vec<_>) = (0..options.workers).map(|_| mpsc::channel()).unzip();
        let receivers = Mutex::new(receivers.into_iter().map(Some).collect::<Vec<_>>());
        let theirs = shared.clone();
        let threads = timely::execute(timely::Config::process(options.workers), move |worker| {
            let mut receivers = receivers.lock().unwrap_or_else(PoisonError::into_inner);
            let commands = receivers.get_mut(worker.index()).and_then(Option::take);
            drop(receivers);
            if let Some(commands) = commands {
                worker::live(worker, &theirs, &commands, &options);
            }
        })
        .map_err(refused)?;
        let links = senders.into_iter().zip(threads.guards());
        let links = links.map(|(commands, guard)| worker::Link { commands, thread: guard.thread().clone() }).collect();
        shared.lock().connect(links);
        let engine = Engine { shared, threads: Mutex::new(Some(threads)), recorder: Mutex::default() };
        engine.shared.wait_until_ready()?;
        Ok(engine)
    }

    /// Takes a batch in, as one epoch. Blocks while too many epochs are open.
    ///
    /// A JD that says nothing new (same id, content and features as what is held) changes nothing, not even when it
    /// was received. Records of the taxonomy and the settings that change make one new taxonomy version.
    pub fn submit(&self, batch: Batch) -> Result<Ticket, Error> {
        self.shared.submit(Settled::of(batch)?)
    }

    /// What of a batch is new. For whoever must keep it before it takes effect: of all batches, one thread at a time must
    /// [`Engine::feed`] what it was told before it asks again.
    pub fn admit(&self, batch: Batch) -> Result<Admitted, Error> {
        self.shared.admit(Settled::of(batch)?)
    }

    /// Feeds what was admitted, as one epoch. Blocks while too many epochs are open.
    pub fn feed(&self, admitted: Admitted) -> Result<Ticket, Error> {
        self.shared.feed(admitted)
    }

    /// From now on, what is said is kept by a recorder, and [`Engine::wait`] waits for that.
    pub fn record(&self, recorder: Box<dyn Recorder>) -> Result<(), Error> {
        let (say, sayings) = mpsc::channel();
        let shared = self.shared.clone();
        let thread = thread::Builder::new()
            .name("recorder".to_owned())
            .spawn(move || recorder::live(&shared, recorder, &sayings))
            .map_err(|error| Error::new("the recorder cannot start").detail(error.to_string()))?;
        *self.recorder.lock().unwrap_or_else(PoisonError::into_inner) = Some(thread);
        self.shared.lock().begin_recording(say);
        Ok(())
    }

    /// Waits until all that was submitted has closed, and its facts are kept.
    pub fn wait_for_all(&self) -> Result<(), Error> {
        self.shared.wait_for_all()
    }

    /// Epochs that were fed and have not closed.
    pub fn open_epochs(&self) -> usize {
        self.shared.lock().open()
    }

    /// The oldest epoch that was fed and has not closed.
    pub fn oldest_open(&self) -> Option<Epoch> {
        self.shared.lock().oldest_open()
    }

    /// How many JDs are held.
    pub fn jds(&self) -> usize {
        self.shared.lock().intake.jds()
    }

    /// The JDs held that were received before `time` (milliseconds since 1970), or that are not among the `most`
    /// received last; of these those received first, so many.
    pub fn expired(&self, time: i64, most: usize, limit: usize) -> Vec<Id> {
        self.shared.lock().intake.expired(time, most, limit)
    }

    /// Forgets all that was said of withdrawn JDs, of these contents, its log apart; one that comes again is a new one.
    pub fn forget(&self, jds: &[(Id, Vec<u64>)]) -> Result<(), Error> {
        self.shared.forget(jds)
    }

    /// Waits until the views and the facts of a batch are in: what is read then knows of it.
    pub fn wait(&self, ticket: &Ticket) -> Result<Arc<EpochReport>, Error> {
        self.shared.wait(ticket)
    }

    /// Submits a batch and waits for it.
    pub fn apply(&self, batch: Batch) -> Result<Arc<EpochReport>, Error> {
        self.wait(&self.submit(batch)?)
    }

    /// What is said of a JD at the last closed epoch.
    pub fn decision(&self, jd: Id) -> Option<Arc<Answer>> {
        self.with_facts(|facts| facts.decision(jd).cloned())
    }

    /// What is said of several JDs, all at the last closed epoch.
    pub fn decisions(&self, jds: &[Id]) -> Vec<Option<Arc<Answer>>> {
        self.with_facts(|facts| jds.iter().map(|jd| facts.decision(*jd).cloned()).collect())
    }

    /// The last epoch whose views and facts are in; 0 before the first.
    pub fn last_closed(&self) -> Epoch {
        self.shared.lock().closed()
    }

    /// The taxonomy version at the last closed epoch; 0 before the first edit.
    pub fn taxonomy_version(&self) -> u64 {
        self.shared.lock().closed_version()
    }

    /// The taxonomy version of what was last submitted: of [`Engine::with_tables`].
    pub fn submitted_version(&self) -> u64 {
        self.shared.lock().intake.version()
    }

    /// Looks at the current records of all collections but the JDs: those last submitted. Nothing moves meanwhile.
    pub fn with_tables<R>(&self, look: impl FnOnce(&Tables) -> R) -> R {
        look(self.shared.lock().intake.tables())
    }

    /// Looks at the facts, as of the last closed epoch. Nothing moves meanwhile.
    pub fn with_facts<R>(&self, look: impl FnOnce(&Facts) -> R) -> R {
        look(&self.shared.lock().facts)
    }

    /// What was said first of one content of a JD.
    pub fn at_ingest(&self, jd: Id, content: u64) -> Option<FirstSaid> {
        self.with_facts(|facts| facts.at_ingest(jd, content).cloned())
    }

    /// Why the engine no longer works, if it does not: what every call would answer.
    pub fn failure(&self) -> Option<Error> {
        self.shared.lock().failure.clone()
    }
}

impl Drop for Engine {
    fn drop(&mut self) {
        self.shared.fail_with(Error::new("the engine was stopped"));
        // A worker that panicked has said so before.
        let threads = self.threads.get_mut().unwrap_or_else(PoisonError::into_inner).take();
        let _ = threads.map(WorkerGuards::join);
        // Nobody says anything any more: the recorder ends.
        self.shared.lock().recorder = None;
        let recorder = self.recorder.get_mut().unwrap_or_else(PoisonError::into_inner).take();
        let _ = recorder.map(JoinHandle::join);
    }
}
