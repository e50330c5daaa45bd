//! How are messages handed on, one by one and none twice? Polled, offered, and held while there is no room.

use super::outages::Outages;
use super::progress::{Counters, Progress};
use super::scout::{Ask, Found, News, Scouting};
use super::{Consumer, Heard};
use crate::error::Error;
use crate::kafka::{Passing, refused};
use crate::sources::{Feed, Full, Kind, Message, Position, Stream};
use rdkafka::TopicPartitionList;
use rdkafka::consumer::{CommitMode, Consumer as _};
use rdkafka::error::{KafkaError, RDKafkaErrorCode as Code};
use rdkafka::message::{BorrowedMessage, Headers, Message as _};
use rdkafka::topic_partition_list::Offset;
use std::collections::{HashMap, VecDeque};
use std::sync::Arc;
use std::sync::mpsc::TryRecvError;
use std::time::{Duration, Instant};

/// How long a poll may wait: stopping is noticed after it.
const POLL: Duration = Duration::from_millis(50);
/// How soon a message that found no room is offered again.
const AGAIN: Duration = Duration::from_millis(1);
/// How long there may be no room before the partitions are paused. A pause throws away what has been fetched ahead, so
/// it is for when the engine is long at something.
const PATIENCE: Duration = Duration::from_millis(250);
/// How often Kafka is told of the offsets in the store.
const COMMIT: Duration = Duration::from_secs(1);
/// How often is asked how far behind it is, while nothing is fetched that would say so.
const ENDS: Duration = Duration::from_secs(1);

/// A partition that is read.
struct Partition {
    stream: Stream,
    kind: Kind,
    /// What is handed on next: anything before has been.
    next: i64,
    /// Where reading once ends.
    end: i64,
    /// What Kafka has been told.
    committed: i64,
    counters: Arc<Counters>,
}

pub(super) struct Reader {
    consumer: Arc<Consumer>,
    heard: Arc<Heard>,
    feed: Feed,
    scouting: Scouting,
    progress: Progress,
    partitions: HashMap<Arc<str>, HashMap<i32, Partition>>,
    /// Read and not handed on yet, in order.
    held: VecDeque<(Message, Arc<Counters>)>,
    /// Since when there is no room.
    full: Option<Instant>,
    paused: bool,
    /// Whether the partitions of the start are all there.
    complete: bool,
    /// Whether the scout has been asked to look at all of them.
    checking: bool,
    told: Instant,
    ends: Instant,
    outages: Outages,
}

impl Reader {
    pub(super) fn new(consumer: Arc<Consumer>, heard: Arc<Heard>, feed: Feed, scouting: Scouting) -> Reader {
        Reader {
            progress: heard.progress.clone(),
            consumer,
            heard,
            feed,
            scouting,
            partitions: HashMap::new(),
            held: VecDeque::new(),
            full: None,
            paused: false,
            complete: false,
            checking: false,
            told: Instant::now(),
            ends: Instant::now(),
            outages: Outages::default(),
        }
    }

    /// Until told to stop, or until there is nothing more where it reads once.
    pub(super) fn run(mut self) -> Result<(), Error> {
        while !self.feed.stop.stopped() {
            self.hand_on()?;
            if self.held.is_empty() {
                // Partitions are changed only while nothing is held: what is paused stays what was paused.
                self.news()?;
            }
            self.tell();
            match self.full {
                // What librdkafka holds ready stays there meanwhile.
                Some(_) if !self.paused => std::thread::sleep(AGAIN),
                _ => self.poll()?,
            }
            if self.feed.once && self.done() {
                return Ok(());
            }
        }
        Ok(())
    }

    fn poll(&mut self) -> Result<(), Error> {
        let wait = if self.paused { AGAIN } else { POLL };
        let error = match self.consumer.clone().poll(wait) {
            None => return Ok(()),
            Some(Ok(message)) => {
                let message = self.message(&message);
                self.held.extend(message);
                return Ok(());
            }
            Some(Err(error)) => error,
        };
        let said = self.heard.said.take();
        if said.is_empty() {
            return self.trouble(error.rdkafka_error_code().unwrap_or(Code::Fail), &error.to_string());
        }
        said.into_iter().try_for_each(|(code, reason)| self.trouble(code, &reason))
    }

    /// The message as others know it, unless it has been handed on before.
    fn message(&mut self, message: &BorrowedMessage<'_>) -> Option<(Message, Arc<Counters>)> {
        let of_topic = self.partitions.get_mut(message.topic())?;
        let partition = of_topic.get_mut(&message.partition())?;
        let offset = message.offset();
        if offset < partition.next {
            return None;
        }
        partition.next = offset + 1;
        let headers = message.headers().map(|headers| {
            let header = |header: rdkafka::message::Header<'_, &[u8]>| {
                (header.key.to_owned(), header.value.unwrap_or_default().to_vec())
            };
            headers.iter().map(header).collect()
        });
        let message = Message {
            kind: partition.kind,
            stream: partition.stream.clone(),
            offset,
            read_to: Position { next: offset + 1, ..Position::default() },
            key: message.key().map(<[u8]>::to_vec),
            value: message.payload().map(<[u8]>::to_vec),
            timestamp: message.timestamp().to_millis(),
            headers: headers.unwrap_or_default(),
        };
        Some((message, partition.counters.clone()))
    }

    /// Hands on what is held, as far as there is room.
    fn hand_on(&mut self) -> Result<(), Error> {
        while let Some((message, counters)) = self.held.pop_front() {
            let next = message.read_to.next;
            if let Err(Full(message)) = self.feed.offer(message) {
                self.held.push_front((*message, counters));
                let since = *self.full.get_or_insert_with(Instant::now);
                if self.paused && self.ends.elapsed() >= ENDS {
                    self.ends = Instant::now();
                    self.ask(Ask::Ends);
                }
                return if since.elapsed() >= PATIENCE { self.pause(true) } else { Ok(()) };
            }
            counters.count(next);
        }
        self.full = None;
        self.pause(false)
    }

    fn pause(&mut self, pause: bool) -> Result<(), Error> {
        if self.paused == pause {
            return Ok(());
        }
        tracing::debug!(pause, "partitions are paused or resumed");
        let mut all = TopicPartitionList::new();
        for partition in self.partitions.values().flat_map(HashMap::values) {
            all.add_partition(&partition.stream.name, partition.stream.partition);
            partition.counters.unsettle();
        }
        let done = if pause { self.consumer.pause(&all) } else { self.consumer.resume(&all) };
        done.map_err(|error| refuses(&error))?;
        self.paused = pause;
        Ok(())
    }

    /// What the scout has found out.
    fn news(&mut self) -> Result<(), Error> {
        loop {
            match self.scouting.news.try_recv() {
                Ok(News::Begin(found)) => self.begin(&found)?,
                Ok(News::Complete) => self.complete = true,
                Ok(News::Here) => self.outages.here(),
                Ok(News::Away(reason)) => {
                    self.outages.away(&reason);
                }
                Ok(News::Failed(error)) => return Err(error),
                Err(TryRecvError::Empty) => return Ok(()),
                Err(TryRecvError::Disconnected) => {
                    return Err(Error::new("nobody looks for partitions any more")
                        .detail("the thread that does has ended")
                        .hint("this is a defect of the program: report it"));
                }
            }
        }
    }

    /// Reads these from now on, from where they were found to begin.
    fn begin(&mut self, found: &[Found]) -> Result<(), Error> {
        let (mut new, mut old) = (TopicPartitionList::new(), TopicPartitionList::new());
        for Found { stream, kind, asked, next, high } in found {
            let partitions = self.partitions.entry(stream.name.clone()).or_default();
            let before = partitions.get(&stream.partition);
            // What was asked for is there: others have been read on meanwhile.
            let still = before.filter(|_| *asked == Some(*next)).map(|before| before.next);
            if before.is_some() {
                old.add_partition(&stream.name, stream.partition);
                self.checking = false;
            }
            let next = still.unwrap_or(*next);
            let end = before.map_or(*high, |before| before.end.min(*high));
            let counters = self.progress.begin(stream, next, *high);
            let partition = Partition { stream: stream.clone(), kind: *kind, next, end, committed: -1, counters };
            partitions.insert(stream.partition, partition);
            let added = new.add_partition_offset(&stream.name, stream.partition, Offset::Offset(next));
            added.map_err(|error| refuses(&error))?;
        }
        if old.count() > 0 {
            self.consumer.incremental_unassign(&old).map_err(|error| refuses(&error))?;
        }
        self.consumer.incremental_assign(&new).map_err(|error| refuses(&error))
    }

    /// Tells Kafka, now and then, what is in the store; the answer is of no interest.
    fn tell(&mut self) {
        if self.told.elapsed() < COMMIT {
            return;
        }
        self.told = Instant::now();
        let mut offsets = TopicPartitionList::new();
        for partition in self.partitions.values_mut().flat_map(HashMap::values_mut) {
            let Some(stored) = self.feed.positions.get(&partition.stream) else { continue };
            if stored.next == partition.committed {
                continue;
            }
            let Stream { name, partition: number, .. } = &partition.stream;
            if offsets.add_partition_offset(name, *number, Offset::Offset(stored.next)).is_ok() {
                partition.committed = stored.next;
            }
        }
        if offsets.count() > 0
            && let Err(error) = self.consumer.commit(&offsets, CommitMode::Async)
        {
            tracing::debug!(%error, "kafka cannot be told the group's offsets");
        }
    }

    fn trouble(&mut self, code: Code, reason: &str) -> Result<(), Error> {
        match code {
            // It does not say of which partition.
            Code::AutoOffsetReset | Code::OffsetOutOfRange | Code::LogTruncation => self.check(),
            Code::AllBrokersDown => {
                if self.outages.away(reason) {
                    self.ask(Ask::Look);
                }
            }
            Code::UnknownTopicOrPartition | Code::UnknownPartition | Code::UnknownTopic => self.ask(Ask::Look),
            // One broker of several; and the group, which is for tools only.
            Code::BrokerTransportFailure
            | Code::Resolve
            | Code::OperationTimedOut
            | Code::WaitingForCoordinator
            | Code::CoordinatorNotAvailable
            | Code::NotCoordinator
            | Code::GroupAuthorizationFailed => {}
            Code::Fatal => return Err(refused("Kafka cannot be read", code, reason)),
            code if code.passes() => self.outages.other(code, reason),
            code => return Err(refused("Kafka cannot be read", code, reason)),
        }
        Ok(())
    }

    /// Has all partitions looked at, and begun again where they are: one of them has stopped.
    fn check(&mut self) {
        if std::mem::replace(&mut self.checking, true) {
            return;
        }
        let all = self.partitions.values().flat_map(HashMap::values);
        let all = all.map(|partition| (partition.stream.clone(), partition.kind, partition.next)).collect();
        self.ask(Ask::Check(all));
    }

    fn ask(&self, ask: Ask) {
        // If it has ended, its news say so.
        let _ = self.scouting.asks.send(ask);
    }

    fn done(&self) -> bool {
        let past = |partition: &Partition| partition.counters.past(partition.end);
        self.complete
            && self.held.is_empty()
            && !self.paused
            && self.partitions.values().flat_map(HashMap::values).all(past)
    }
}

fn refuses(error: &KafkaError) -> Error {
    Error::new("the Kafka client refuses to read a partition")
        .detail(error.to_string())
        .hint("this is a defect of the program: report it with the options in [librdkafka]")
}
