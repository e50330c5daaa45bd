//! How do the tests read? With the source on a thread of its own, as the service has it.

use super::kafka::Broker;
use rolestream::config::Kafka;
use rolestream::error::Error;
use rolestream::sources::kafka::{KafkaSource, Progress};
use rolestream::sources::{Feed, Message, Position, Positions, Source, Stop, Stream};
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// How long a message may take.
const PATIENCE: Duration = Duration::from_secs(60);

/// A source that reads.
pub(crate) struct Reading {
    pub(crate) messages: Receiver<Message>,
    pub(crate) positions: Positions,
    pub(crate) progress: Progress,
    stop: Stop,
    thread: JoinHandle<Result<(), Error>>,
}

/// Settings for these topics of raw JDs; new ones are found quickly.
pub(crate) fn settings(broker: &Broker, topics: &[&str]) -> Kafka {
    Kafka {
        brokers: broker.address(),
        raw: topics.iter().map(|topic| (*topic).to_owned()).collect(),
        parsed: Vec::new(),
        taxonomy: Vec::new(),
        discover_millis: 50,
        ..Kafka::default()
    }
}

pub(crate) fn stream(topic: &str, partition: i32) -> Stream {
    Stream { source: "kafka".into(), name: topic.into(), partition }
}

/// The store has a topic up to these offsets, from partition 0 on.
pub(crate) fn stored(topic: &str, next: &[i64]) -> Positions {
    let position = |next: i64| Position { next, ..Position::default() };
    Positions::new((0..).zip(next).map(|(partition, next)| (stream(topic, partition), position(*next))))
}

/// Reads with nothing in the store.
pub(crate) fn read(settings: &Kafka) -> Reading {
    read_with(settings, Positions::default(), 1_000, false)
}

/// All there is, until it ends by itself.
pub(crate) fn read_once(settings: &Kafka, positions: Positions) -> Result<Vec<Message>, Error> {
    let reading = read_with(settings, positions, 1_000, true);
    let mut all = Vec::new();
    loop {
        match reading.messages.recv_timeout(PATIENCE) {
            Ok(message) => all.push(message),
            Err(RecvTimeoutError::Disconnected) => return reading.ended().map(|()| all),
            Err(RecvTimeoutError::Timeout) => panic!("it does not end; {} messages so far", all.len()),
        }
    }
}

pub(crate) fn read_with(settings: &Kafka, positions: Positions, room: usize, once: bool) -> Reading {
    read_with_options(settings, &toml::Table::new(), positions, room, once)
}

pub(crate) fn read_with_options(
    settings: &Kafka,
    options: &toml::Table,
    positions: Positions,
    room: usize,
    once: bool,
) -> Reading {
    let stop = Stop::default();
    let (feed, messages) = Feed::new(room, positions.clone(), stop.clone(), once);
    let source = KafkaSource::new(settings, options).expect("sound settings");
    let progress = source.progress();
    let thread = std::thread::spawn(move || Box::new(source).run(feed));
    Reading { messages, positions, progress, stop, thread }
}

impl Reading {
    /// The next messages, as many as that.
    pub(crate) fn take(&self, count: usize) -> Vec<Message> {
        let next = |n| {
            let message = self.messages.recv_timeout(PATIENCE);
            message.unwrap_or_else(|error| panic!("{error} after {n} of {count} messages"))
        };
        (0..count).map(next).collect()
    }

    /// Tells it to stop: it does so at once, and there is nothing more.
    pub(crate) fn stop(self) -> Result<(), Error> {
        let begun = Instant::now();
        self.stop.stop();
        let ended = self.thread.join().expect("no panic");
        assert!(begun.elapsed() < Duration::from_millis(400), "it took {:?}", begun.elapsed());
        let left: Vec<Message> = self.messages.try_iter().collect();
        assert!(left.is_empty(), "more messages than expected: {left:?}");
        ended
    }

    /// Why it has ended.
    pub(crate) fn ended(self) -> Result<(), Error> {
        self.thread.join().expect("no panic")
    }
}

/// `partition:offset` of messages, sorted: partitions are read side by side.
pub(crate) fn places(messages: &[Message]) -> Vec<String> {
    let mut places: Vec<(i32, i64)> = messages.iter().map(|one| (one.stream.partition, one.offset)).collect();
    places.sort_unstable();
    places.into_iter().map(|(partition, offset)| format!("{partition}:{offset}")).collect()
}
