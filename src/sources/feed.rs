//! How does a source hand on what it reads? Through a bounded queue, so that it notices when the engine lags.

use super::message::{Message, Position, Stream};
use crate::error::Error;
use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, TrySendError, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// Whether what runs should end. Cheap to clone and to ask.
#[derive(Clone, Debug, Default)]
pub struct Stop(Arc<AtomicBool>);

impl Stop {
    /// From now on it should.
    pub fn stop(&self) {
        self.0.store(true, Ordering::SeqCst);
    }

    /// Whether it should.
    pub fn stopped(&self) -> bool {
        self.0.load(Ordering::SeqCst)
    }

    /// Sleeps so long, or until told to stop; whether it was told.
    pub fn sleep(&self, time: Duration) -> bool {
        let step = Duration::from_millis(20);
        let mut left = time;
        while !self.stopped() && !left.is_zero() {
            std::thread::sleep(left.min(step));
            left = left.saturating_sub(step);
        }
        self.stopped()
    }
}

/// How far each stream is in the store: what a source continues after, and may tell others.
#[derive(Clone, Debug, Default)]
pub struct Positions(Arc<Mutex<HashMap<Stream, Position>>>);

impl Positions {
    /// These.
    pub fn new(known: impl IntoIterator<Item = (Stream, Position)>) -> Positions {
        Positions(Arc::new(Mutex::new(known.into_iter().collect())))
    }

    /// How far the store has this stream; `None` where nothing of it is in.
    pub fn get(&self, stream: &Stream) -> Option<Position> {
        self.lock().get(stream).copied()
    }

    /// All of them.
    pub fn all(&self) -> Vec<(Stream, Position)> {
        self.lock().iter().map(|(stream, position)| (stream.clone(), *position)).collect()
    }

    /// These are in the store now.
    pub fn put(&self, stored: impl IntoIterator<Item = (Stream, Position)>) {
        self.lock().extend(stored);
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<Stream, Position>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A source's end of the queue.
#[derive(Clone, Debug)]
pub struct Feed {
    queue: SyncSender<Message>,
    /// What is in the store of each stream: read from there on.
    pub positions: Positions,
    /// When to end.
    pub stop: Stop,
    /// Whether to end where there is nothing more to read, instead of waiting for more.
    pub once: bool,
}

/// The queue has no room: the message comes back, to be offered again.
pub struct Full(pub Box<Message>);

impl Feed {
    /// A queue with room for so many messages, and its other end.
    pub fn new(room: usize, positions: Positions, stop: Stop, once: bool) -> (Feed, Receiver<Message>) {
        let (queue, messages) = sync_channel(room);
        (Feed { queue, positions, stop, once }, messages)
    }

    /// Hands a message on if there is room. A source that must not block (Kafka wants to be polled) pauses otherwise.
    #[allow(clippy::result_large_err, reason = "the message goes back to whom it belongs")]
    pub fn offer(&self, message: Message) -> Result<(), Full> {
        match self.queue.try_send(message) {
            Ok(()) => Ok(()),
            Err(TrySendError::Full(message)) => Err(Full(Box::new(message))),
            // Nobody takes any more: the service ends.
            Err(TrySendError::Disconnected(_)) => {
                self.stop.stop();
                Ok(())
            }
        }
    }

    /// Hands a message on, waiting for room; whether it was taken (it is not once told to stop).
    pub fn send(&self, message: Message) -> bool {
        let mut message = message;
        loop {
            match self.offer(message) {
                Ok(()) => return !self.stop.stopped(),
                Err(Full(back)) => message = *back,
            }
            if self.stop.sleep(Duration::from_millis(2)) {
                return false;
            }
        }
    }
}

/// What delivers messages. It runs on a thread of its own until told to stop, or, when it is to read once, until
/// there is nothing more.
pub trait Source: Send {
    /// For messages and thread names.
    fn name(&self) -> String;

    /// Reads from where the store is and hands on every message, in the order of its stream. What it returns is why
    /// it cannot go on.
    fn run(self: Box<Self>, feed: Feed) -> Result<(), Error>;
}

/// Everything that is in the queue, waiting at most so long for the first; `None` when no source is left.
pub fn take(messages: &Receiver<Message>, most: usize, wait: Duration) -> Option<Vec<Message>> {
    let mut taken = match messages.recv_timeout(wait) {
        Ok(message) => vec![message],
        Err(RecvTimeoutError::Timeout) => return Some(Vec::new()),
        Err(RecvTimeoutError::Disconnected) => return None,
    };
    taken.extend(messages.try_iter().take(most.saturating_sub(1)));
    Some(taken)
}
