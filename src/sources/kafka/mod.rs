//! How are topics read? All of them by one consumer, each partition from where the store is.
//!
//! The store's offsets are the truth, so the consumer is no member of a group: nobody else decides what it reads, and
//! what Kafka is told of its offsets is for tools that show lag.
//!
//! | file | the question it answers |
//! |---|---|
//! | `topics` | which topics are read, and what are their messages about? |
//! | `start` | where is a partition begun that the store does not know? |
//! | `place` | is the next message still there, and what if not? |
//! | `scout` | which partitions are there, and where does each begin? |
//! | `reader` | how are messages handed on, one by one and none twice? |
//! | `outages` | what is said when brokers go away and come back? |
//! | `progress` | how far has each partition been read, and how far behind is that? |

mod outages;
mod place;
mod progress;
mod reader;
mod scout;
mod start;
mod topics;

pub use progress::{Progress, Reading};

use super::feed::{Feed, Source};
use crate::config;
use crate::error::Error;
use crate::kafka::{Said, client, create, log};
use rdkafka::config::RDKafkaLogLevel;
use rdkafka::consumer::{BaseConsumer, ConsumerContext};
use rdkafka::error::{KafkaError, KafkaResult};
use rdkafka::{ClientConfig, ClientContext, TopicPartitionList};
use reader::Reader;
use scout::Scout;
use start::StartFrom;
use std::sync::Arc;
use std::time::Duration;
use topics::Topics;

/// What streams of Kafka are called in [`super::Stream::source`].
pub const SOURCE: &str = "kafka";

/// How often librdkafka tells how far it is, where the configuration does not say.
const STATISTICS: &str = "1000";
/// The same where reading has an end: it is found by them where transactions leave no message at the end.
const STATISTICS_ONCE: &str = "200";

/// Reads the topics of the configuration.
pub struct KafkaSource {
    config: config::Kafka,
    client: ClientConfig,
    statistics_given: bool,
    topics: Topics,
    start: StartFrom,
    progress: Progress,
}

impl KafkaSource {
    /// As `[kafka]` and `[librdkafka]` say. Nothing is connected to yet; what is wrong in them is found here.
    pub fn new(config: &config::Kafka, options: &toml::Table) -> Result<KafkaSource, Error> {
        let defaults = [
            ("client.id", "rolestream"),
            ("statistics.interval.ms", STATISTICS),
            // What is fetched ahead waits in memory, and is fetched again after a pause.
            ("queued.max.messages.kbytes", "16384"),
            // Where that much waits, its default is to look again after a second, though all is taken long before.
            ("fetch.queue.backoff.ms", "20"),
            ("fetch.wait.max.ms", "100"),
            ("reconnect.backoff.max.ms", "2000"),
        ];
        let fixed = [
            ("group.id", config.group.as_str()),
            ("enable.auto.commit", "false"),
            ("enable.auto.offset.store", "false"),
            ("auto.offset.reset", "error"),
        ];
        let statistics = ["statistics.interval.ms", "statistics"];
        Ok(KafkaSource {
            client: client(&config.brokers, options, &defaults, &fixed)?,
            statistics_given: statistics.iter().any(|option| options.contains_key(*option)),
            topics: Topics::new(config)?,
            start: StartFrom::parse(&config.start_from)?,
            progress: Progress::default(),
            config: config.clone(),
        })
    }

    /// How far it is, from now on and for as long as anybody asks.
    pub fn progress(&self) -> Progress {
        self.progress.clone()
    }
}

impl Source for KafkaSource {
    fn name(&self) -> String {
        SOURCE.to_owned()
    }

    fn run(mut self: Box<Self>, feed: Feed) -> Result<(), Error> {
        if feed.once && !self.statistics_given {
            self.client.set("statistics.interval.ms", STATISTICS_ONCE);
        }
        let heard = Arc::new(Heard { said: Said::default(), progress: self.progress.clone() });
        let consumer: Arc<Consumer> = Arc::new(create(&self.client, Context(heard.clone()))?);
        let scout = Scout {
            consumer: consumer.clone(),
            progress: self.progress,
            topics: self.topics,
            start: self.start,
            on_expired: self.config.on_expired,
            every: Duration::from_millis(self.config.discover_millis),
            positions: feed.positions.clone(),
            once: feed.once,
        };
        let read = Reader::new(consumer.clone(), heard, feed, scout.begin()?).run();
        // Closing a consumer may wait for brokers, and nobody waits for it.
        let closed = std::thread::Builder::new().name("kafka-close".to_owned()).spawn(move || drop(consumer));
        drop(closed);
        read
    }
}

type Consumer = BaseConsumer<Context>;

/// What librdkafka tells between messages.
#[derive(Debug)]
struct Heard {
    said: Said,
    progress: Progress,
}

/// Listens to a consumer.
struct Context(Arc<Heard>);

impl ClientContext for Context {
    fn log(&self, level: RDKafkaLogLevel, facility: &str, line: &str) {
        log(level, facility, line);
    }

    fn stats_raw(&self, statistics: &[u8]) {
        self.0.progress.take(statistics);
    }

    fn error(&self, error: KafkaError, reason: &str) {
        self.0.said.keep(&error, reason);
    }
}

impl ConsumerContext for Context {
    fn commit_callback(&self, result: KafkaResult<()>, _offsets: &TopicPartitionList) {
        if let Err(error) = result {
            tracing::debug!(%error, "kafka does not take the group's offsets; only tools that show lag miss them");
        }
    }
}
