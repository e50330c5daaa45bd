//! Which partitions are there, and where does each begin? Asked beside the reading, for brokers may take their time.

use super::Consumer;
use super::place::{Asking, place};
use super::progress::Progress;
use super::start::StartFrom;
use super::topics::Topics;
use crate::config::OnExpired;
use crate::error::Error;
use crate::kafka::{Passing, refused};
use crate::sources::{Kind, Positions, Stream};
use rdkafka::TopicPartitionList;
use rdkafka::consumer::Consumer as _;
use rdkafka::error::{KafkaError, RDKafkaErrorCode as Code};
use rdkafka::metadata::MetadataTopic;
use rdkafka::topic_partition_list::Offset;
use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::time::Duration;

/// How long brokers may take to answer.
const PATIENCE: Duration = Duration::from_secs(5);
/// How soon it asks again where an answer is missing.
const AGAIN: Duration = Duration::from_millis(500);

/// What it asks for, and with what.
pub(super) struct Scout {
    pub(super) consumer: Arc<Consumer>,
    pub(super) progress: Progress,
    pub(super) topics: Topics,
    pub(super) start: StartFrom,
    pub(super) on_expired: OnExpired,
    pub(super) every: Duration,
    pub(super) positions: Positions,
    pub(super) once: bool,
}

/// Where a partition is read from.
#[derive(Clone, Debug)]
pub(super) struct Found {
    pub(super) stream: Stream,
    pub(super) kind: Kind,
    /// What was asked for, where it was asked to check.
    pub(super) asked: Option<i64>,
    pub(super) next: i64,
    pub(super) high: i64,
}

/// What it tells.
pub(super) enum News {
    /// These are to be read from there on.
    Begin(Vec<Found>),
    /// All that was there at the start has been told.
    Complete,
    /// Brokers answer.
    Here,
    /// They do not.
    Away(String),
    /// It cannot go on.
    Failed(Error),
}

/// What it is asked beside what it looks for by itself.
pub(super) enum Ask {
    /// Are brokers back?
    Look,
    /// Where do all partitions end now? It goes to the counters.
    Ends,
    /// Are these still there, which were to be read from there on?
    Check(Vec<(Stream, Kind, i64)>),
}

/// Both ends of talking with it.
pub(super) struct Scouting {
    pub(super) news: Receiver<News>,
    pub(super) asks: Sender<Ask>,
}

impl Scout {
    /// Begins to look, on a thread of its own that ends when nobody listens any more.
    pub(super) fn begin(self) -> Result<Scouting, Error> {
        let (tell, news) = channel();
        let (asks, asked) = channel();
        let look = Looking {
            scout: self,
            tell,
            known: HashSet::new(),
            absent: HashSet::new(),
            checks: Vec::new(),
            complete: false,
        };
        let thread = std::thread::Builder::new().name("kafka-scout".to_owned());
        thread.spawn(move || look.run(&asked)).map_err(|error| {
            Error::new("cannot start a thread").detail(error.to_string()).hint("look at the limits of this process")
        })?;
        Ok(Scouting { news, asks })
    }
}

/// Why a round is not complete.
enum Short {
    /// Brokers did not answer.
    Away(String),
    /// They did, and something has no answer yet: a partition without a leader.
    Unanswered,
    /// There is something that no further round would mend.
    Failed(Error),
}

impl From<Error> for Short {
    fn from(error: Error) -> Short {
        Short::Failed(error)
    }
}

struct Looking {
    scout: Scout,
    tell: Sender<News>,
    /// What has been told.
    known: HashSet<Stream>,
    /// The topics of which has been said that they are not there.
    absent: HashSet<String>,
    /// What is still to be checked.
    checks: Vec<(Stream, Kind, i64)>,
    /// Whether all of the start has been told.
    complete: bool,
}

impl Looking {
    fn run(mut self, asked: &Receiver<Ask>) {
        while let Some(pause) = self.look() {
            let first = match asked.recv_timeout(pause) {
                Ok(ask) => Some(ask),
                Err(RecvTimeoutError::Timeout) => None,
                Err(RecvTimeoutError::Disconnected) => return,
            };
            for ask in first.into_iter().chain(asked.try_iter()) {
                match ask {
                    Ask::Look => {}
                    Ask::Check(streams) => self.checks = streams,
                    Ask::Ends => self.ends(),
                }
            }
        }
    }

    /// A round, and when the next is due; nothing when there is none.
    fn look(&mut self) -> Option<Duration> {
        let mut found = Vec::new();
        let round = self.round(&mut found);
        let mut news = Vec::new();
        if !found.is_empty() {
            news.push(News::Begin(found));
        }
        let pause = match round {
            Ok(()) => {
                news.push(News::Here);
                if !std::mem::replace(&mut self.complete, true) {
                    news.push(News::Complete);
                }
                Some(self.scout.every)
            }
            Err(Short::Unanswered) => {
                news.push(News::Here);
                Some(AGAIN.min(self.scout.every))
            }
            Err(Short::Away(reason)) => {
                news.push(News::Away(reason));
                Some(AGAIN)
            }
            Err(Short::Failed(error)) => {
                news.push(News::Failed(error));
                None
            }
        };
        let heard = news.into_iter().all(|one| self.tell.send(one).is_ok());
        pause.filter(|_| heard)
    }

    fn round(&mut self, found: &mut Vec<Found>) -> Result<(), Short> {
        let mut whole = true;
        for (stream, kind, next) in std::mem::take(&mut self.checks) {
            match self.checked(&stream, kind, next) {
                Ok(place) => found.push(place),
                Err(Short::Failed(error)) => return Err(Short::Failed(error)),
                Err(_) => {
                    whole = false;
                    self.checks.push((stream, kind, next));
                }
            }
        }
        if self.scout.once && self.complete {
            return if whole { Ok(()) } else { Err(Short::Unanswered) };
        }
        for (topic, partitions) in self.partitions()? {
            let Some(kind) = self.scout.topics.kind(&topic) else { continue };
            let name: Arc<str> = topic.into();
            for partition in partitions {
                let stream = Stream { source: super::SOURCE.into(), name: name.clone(), partition };
                if self.known.contains(&stream) {
                    continue;
                }
                match self.begun(&stream, kind) {
                    Ok(place) => {
                        self.known.insert(stream);
                        found.push(place);
                    }
                    Err(Short::Unanswered) => whole = false,
                    Err(other) => return Err(other),
                }
            }
        }
        if whole { Ok(()) } else { Err(Short::Unanswered) }
    }

    /// The partitions of the topics that are read.
    fn partitions(&mut self) -> Result<BTreeMap<String, Vec<i32>>, Short> {
        let mut all = BTreeMap::new();
        if self.scout.topics.open() {
            let metadata = self.scout.consumer.fetch_metadata(None, PATIENCE).map_err(|error| away(&error))?;
            for topic in metadata.topics() {
                if self.scout.topics.kind(topic.name()).is_some() {
                    all.extend(self.of_topic(topic)?);
                }
            }
            let absent: Vec<String> =
                self.scout.topics.named().filter(|name| !all.contains_key(*name)).map(str::to_owned).collect();
            absent.iter().for_each(|name| self.miss(name));
            return Ok(all);
        }
        let names: Vec<String> = self.scout.topics.named().map(str::to_owned).collect();
        for name in names {
            let metadata = self.scout.consumer.fetch_metadata(Some(&name), PATIENCE).map_err(|error| away(&error))?;
            for topic in metadata.topics() {
                all.extend(self.of_topic(topic)?);
            }
        }
        Ok(all)
    }

    fn of_topic(&mut self, topic: &MetadataTopic) -> Result<Option<(String, Vec<i32>)>, Short> {
        let name = topic.name();
        match topic.error().map(Code::from) {
            None => {}
            Some(Code::UnknownTopicOrPartition | Code::UnknownTopic) => {
                self.miss(name);
                return Ok(None);
            }
            Some(code) if code.passes() => return Err(Short::Unanswered),
            Some(code) => return Err(refused(format!("the topic \"{name}\" cannot be read"), code, "").into()),
        }
        if self.absent.remove(name) {
            tracing::info!(topic = name, "the topic is there now");
        }
        Ok(Some((name.to_owned(), topic.partitions().iter().map(|partition| partition.id()).collect())))
    }

    /// Says once that a topic is not there.
    fn miss(&mut self, name: &str) {
        if !self.absent.insert(name.to_owned()) {
            return;
        }
        let was = self.known.iter().any(|stream| *stream.name == *name);
        match was {
            true => tracing::warn!(topic = name, "the topic is gone; it is read again when it is back"),
            false if self.scout.once => tracing::warn!(topic = name, "the topic is not there: nothing of it is read"),
            false => tracing::warn!(topic = name, "the topic is not there yet; it is read when it is"),
        }
    }

    /// Where a partition begins that has not been told yet.
    fn begun(&self, stream: &Stream, kind: Kind) -> Result<Found, Short> {
        let (low, high) = self.marks(stream)?;
        let next = match (self.scout.positions.get(stream), &self.scout.start) {
            (Some(stored), _) => place(stream, Asking::Store, stored.next, (low, high), self.scout.on_expired)?,
            // It was not there at the start: everything in it is new.
            (None, _) if self.complete => low,
            (None, StartFrom::Earliest) => low,
            (None, StartFrom::Latest) => high,
            (None, StartFrom::Time(time)) => self.at_time(stream, *time)?.unwrap_or(high),
            (None, StartFrom::Offsets(offsets)) => match offsets.get(&(stream.name.to_string(), stream.partition)) {
                Some(offset) => place(stream, Asking::Start, *offset, (low, high), self.scout.on_expired)?,
                None => low,
            },
        };
        tracing::debug!(%stream, next, low, high, "a partition is read");
        Ok(Found { stream: stream.clone(), kind, asked: None, next, high })
    }

    /// Where a partition goes on that the broker said something odd about.
    fn checked(&self, stream: &Stream, kind: Kind, asked: i64) -> Result<Found, Short> {
        let (low, high) = self.marks(stream)?;
        let next = place(stream, Asking::Store, asked, (low, high), self.scout.on_expired)?;
        Ok(Found { stream: stream.clone(), kind, asked: Some(asked), next, high })
    }

    fn ends(&self) {
        for stream in &self.known {
            if let Ok((_, high)) = self.marks(stream) {
                self.scout.progress.ends(stream, high);
            }
        }
    }

    /// The first offset of a partition, and the one that is written next.
    fn marks(&self, stream: &Stream) -> Result<(i64, i64), Short> {
        let marks = self.scout.consumer.fetch_watermarks(&stream.name, stream.partition, PATIENCE);
        marks.map_err(|error| unanswered(stream, &error))
    }

    /// The first offset of this time or later; `None` where all are earlier.
    fn at_time(&self, stream: &Stream, time: i64) -> Result<Option<i64>, Short> {
        let mut asked = TopicPartitionList::new();
        let broken = |error: KafkaError| unanswered(stream, &error);
        asked.add_partition_offset(&stream.name, stream.partition, Offset::Offset(time)).map_err(broken)?;
        let answer = self.scout.consumer.offsets_for_times(asked, PATIENCE).map_err(broken)?;
        let answer = answer.find_partition(&stream.name, stream.partition).ok_or(Short::Unanswered)?;
        answer.error().map_err(broken)?;
        Ok(match answer.offset() {
            Offset::Offset(offset) => Some(offset),
            _ => None,
        })
    }
}

fn away(error: &KafkaError) -> Short {
    match error.rdkafka_error_code() {
        Some(code) if !code.passes() => Short::Failed(refused("Kafka cannot be read", code, "")),
        _ => Short::Away(error.to_string()),
    }
}

/// A partition whose leader does not answer: others may.
fn unanswered(stream: &Stream, error: &KafkaError) -> Short {
    tracing::debug!(%stream, %error, "no answer");
    match error.rdkafka_error_code() {
        Some(code) if !code.passes() => Short::Failed(refused(format!("{stream} cannot be read"), code, "")),
        _ => Short::Unanswered,
    }
}
