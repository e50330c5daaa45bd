//! Which threads are there, and how do they end? From the sources on, each when nothing more comes to it.

use super::Service;
use super::clock::Clock;
use super::desk::Way;
use super::housekeeping::Housekeeping;
use super::intake::Intake;
use super::letters::Letters;
use super::reparse::{Reparse, Reparser};
use super::retention::Retention;
use super::startup::all_is_said;
use crate::error::Error;
use crate::sinks::{Follower, Inbox};
use crate::sources::kafka::Progress;
use crate::sources::{Feed, Source, Stop};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::sync::{Arc, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

/// Where threads say that they have ended, and how.
type Ends = Receiver<(&'static str, Result<(), Error>)>;

/// How a service ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ended {
    /// Told to stop, or at the end of all sources; all that was taken in is kept, and told to every sink.
    Whole,
    /// The same, but a sink or the dead letters' destination had not taken all in time: it gets the rest after the next
    /// start.
    Behind,
}

/// The threads of a running service.
struct Threads {
    running: Vec<(&'static str, JoinHandle<()>)>,
    ends: Sender<(&'static str, Result<(), Error>)>,
}

impl Threads {
    fn spawn(
        &mut self,
        name: &'static str,
        task: impl FnOnce() -> Result<(), Error> + Send + 'static,
    ) -> Result<(), Error> {
        let ends = self.ends.clone();
        let run = move || {
            let end = std::panic::catch_unwind(std::panic::AssertUnwindSafe(task));
            let end = end.unwrap_or_else(|_| {
                Err(Error::new(format!("the thread {name} failed"))
                    .detail("it panicked; what it said stands above")
                    .hint("this is a defect of the program: report it, and start again: nothing is lost"))
            });
            // Nobody listens any more when all of it ends.
            let _ = ends.send((name, end));
        };
        let thread = thread::Builder::new().name(name.to_owned()).spawn(run);
        let thread =
            thread.map_err(|error| Error::new(format!("the thread {name} cannot start")).detail(error.to_string()))?;
        self.running.push((name, thread));
        Ok(())
    }

    /// Waits for the threads of a name to end, or for so long.
    fn join(&mut self, name: &str, deadline: Option<Instant>) -> bool {
        let (mut these, others): (Vec<_>, Vec<_>) = self.running.drain(..).partition(|(known, _)| *known == name);
        self.running = others;
        while let Some((name, thread)) = these.pop() {
            while !thread.is_finished() {
                if deadline.is_some_and(|deadline| Instant::now() >= deadline) {
                    these.push((name, thread));
                    self.running.append(&mut these);
                    return false;
                }
                thread::sleep(Duration::from_millis(5));
            }
            // It said how it ended before.
            let _ = thread.join();
        }
        true
    }
}

/// Why a service ends.
enum Why {
    /// It was told to.
    Told,
    /// All sources have ended; and what one of them could not read.
    Read(Option<Error>),
    /// It cannot go on.
    Failed(Error),
}

impl Service {
    /// Reads the sources until told to stop, or, with `once`, until all of them have been read to their end and nothing
    /// is left to be parsed again; then ends in order. `kafka` is what the Kafka source, if there is one, tells of its
    /// progress.
    pub fn run(
        &self,
        sources: Vec<Box<dyn Source>>,
        kafka: Option<Progress>,
        once: bool,
        stop: &Stop,
    ) -> Result<Ended, Error> {
        // Should it not come to run, what was ordered already is told so.
        let begun = self.begun.lock().unwrap_or_else(PoisonError::into_inner).take();
        let way = begun.unwrap_or_else(|| self.gate.open());
        let followers = self.followers()?;
        let letters = Letters::new(self.store.clone(), &self.config)?;
        let sinks: Vec<(String, Inbox)> = followers.iter().map(|one| (one.name.clone(), one.inbox.clone())).collect();
        *self.inboxes.lock().unwrap_or_else(PoisonError::into_inner) =
            sinks.iter().map(|(_, inbox)| inbox.clone()).collect();

        let (ends, ended) = channel();
        let mut threads = Threads { running: Vec::new(), ends };
        // Told apart: sources and what they feed end first, what is written last, and in haste only if need be.
        let (reading, letters_end, abort) = (Stop::default(), Stop::default(), Stop::default());
        self.begin_writing(&mut threads, followers, letters, &letters_end, &abort)?;
        let count = sources.len();
        self.begin_reading(&mut threads, way, sources, kafka, sinks.clone(), once, &reading)?;
        self.health.ready();
        tracing::info!(jds = self.engine.jds(), "ready");

        let mut why = self.watch(&ended, count, once, stop);
        if matches!(why, Why::Read(_)) {
            threads.join("source", None);
            threads.join("intake", None);
            why = self.parse_again(&ended, why, stop)?;
        }
        let begun = Instant::now();
        let bound = Duration::from_secs(self.config.service.shutdown_seconds);
        self.health.begin("ending", None);
        reading.stop();
        // The clock ends when nobody can give it anything any more.
        self.gate.close();
        for name in ["source", "intake", "reparse", "housekeeping", "clock"] {
            threads.join(name, None);
        }
        let first_failure = |ended: &Ends| ended.try_iter().find_map(|(_, end)| end.err());
        let (unread, failure) = match why {
            Why::Told => (None, first_failure(&ended)),
            Why::Read(unread) => (unread, first_failure(&ended)),
            Why::Failed(failure) => (None, Some(failure)),
        };
        let said = || self.engine.wait_for_all().and_then(|()| all_is_said(&self.store, &self.engine));
        let failure = failure.or_else(|| said().err());
        sinks.iter().for_each(|(_, inbox)| inbox.end());
        letters_end.stop();
        // One that reads to the end waits for its sinks as long as it takes; one that is stopped does not.
        let deadline = (!once || stop.stopped() || failure.is_some()).then(|| begun + bound);
        let whole = threads.join("sink", deadline) & threads.join("letters", deadline);
        if !whole {
            abort.stop();
            tracing::warn!("not all was written in time: the rest goes out after the next start");
            threads.join("sink", Some(Instant::now() + Duration::from_secs(1)));
            threads.join("letters", Some(Instant::now() + Duration::from_secs(1)));
        }
        self.store.sync()?;
        match failure.or_else(|| first_failure(&ended)).or(unread) {
            Some(failure) => Err(failure),
            None if whole => Ok(Ended::Whole),
            None => Ok(Ended::Behind),
        }
    }

    fn begin_writing(
        &self,
        threads: &mut Threads,
        followers: Vec<Follower>,
        letters: Letters,
        ended: &Stop,
        abort: &Stop,
    ) -> Result<(), Error> {
        for follower in followers {
            let abort = abort.clone();
            threads.spawn("sink", move || follower.run(&abort))?;
        }
        let (ended, abort) = (ended.clone(), abort.clone());
        threads.spawn("letters", move || letters.run(&ended, &abort))
    }

    #[allow(clippy::too_many_arguments, reason = "each is given to another thread")]
    fn begin_reading(
        &self,
        threads: &mut Threads,
        (work, to_do): Way,
        sources: Vec<Box<dyn Source>>,
        kafka: Option<Progress>,
        sinks: Vec<(String, Inbox)>,
        once: bool,
        stop: &Stop,
    ) -> Result<(), Error> {
        let reparse = Arc::new(Reparse::default());
        let clock = Clock {
            store: self.store.clone(),
            engine: self.engine.clone(),
            kit: self.kit.clone(),
            lookup: self.lookup.clone(),
            positions: self.positions.clone(),
            metrics: self.metrics.clone(),
            reparse: reparse.clone(),
            retention: Retention::new(&self.config.store, now),
            listeners: self.listeners.clone(),
            now,
            last_letter: self.store.last_dead_letter()?,
        };
        threads.spawn("clock", move || clock.run(&to_do))?;
        let reparser = Reparser {
            store: self.store.clone(),
            kit: self.kit.clone(),
            reparse,
            metrics: self.metrics.clone(),
            per_second: self.config.store.reparse_per_second,
        };
        let (its, told) = (work.clone(), stop.clone());
        threads.spawn("reparse", move || reparser.run(&its, &told))?;
        let housekeeping = Housekeeping {
            engine: self.engine.clone(),
            store: self.store.clone(),
            metrics: self.metrics.clone(),
            sinks,
            kafka,
            retention: Retention::new(&self.config.store, now),
        };
        let (its, told) = (work.clone(), stop.clone());
        threads.spawn("housekeeping", move || housekeeping.run(&its, &told))?;
        let room = self.config.sources.queue as usize;
        let (feed, messages) = Feed::new(room, self.positions.clone(), stop.clone(), once);
        let intake = Intake {
            kit: self.kit.clone(),
            lookup: self.lookup.clone(),
            metrics: self.metrics.clone(),
            epoch: Duration::from_millis(self.config.engine.epoch_millis),
            room,
            now,
        };
        let told = stop.clone();
        threads.spawn("intake", move || intake.run(&messages, &work, &told))?;
        for source in sources {
            let feed = feed.clone();
            threads.spawn("source", move || source.run(feed))?;
        }
        Ok(())
    }

    /// Waits until told to stop, until all sources have ended, or until something failed.
    fn watch(&self, ended: &Ends, sources: usize, once: bool, stop: &Stop) -> Why {
        let (mut left, mut unread) = (sources, None);
        while !(once && left == 0) {
            if stop.stopped() {
                return Why::Told;
            }
            match ended.recv_timeout(Duration::from_millis(50)) {
                Ok(("source", Ok(()))) => left -= 1,
                // What one cannot read is no reason to leave unread what others have.
                Ok(("source", Err(error))) if once => {
                    left -= 1;
                    unread.get_or_insert(error);
                }
                Ok((_, Err(error))) => return self.failed(error),
                Ok(_) | Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => {}
            }
            if let Some(failure) = self.engine.failure() {
                return self.failed(failure);
            }
        }
        Why::Read(unread)
    }

    /// Waits until no JD is left that an edit makes read differently: where sources are read to their end, that is part
    /// of what they say.
    fn parse_again(&self, ended: &Ends, read: Why, stop: &Stop) -> Result<Why, Error> {
        while self.store.pending_reparse()?.is_some() {
            if stop.stopped() {
                return Ok(Why::Told);
            }
            if let Ok((_, Err(error))) = ended.recv_timeout(Duration::from_millis(10)) {
                return Ok(self.failed(error));
            }
            if let Some(failure) = self.engine.failure() {
                return Ok(self.failed(failure));
            }
        }
        Ok(read)
    }

    fn failed(&self, failure: Error) -> Why {
        self.health.fail(failure.primary.clone());
        Why::Failed(failure)
    }
}

/// Milliseconds since 1970.
pub(crate) fn now() -> i64 {
    jiff::Timestamp::now().as_millisecond()
}
