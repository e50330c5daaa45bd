//! What does a producer of ours promise, and what has become of each message?
//!
//! It is idempotent: a message that is sent again after a broken connection is kept once and in its place. It retries
//! for ever. Keys go to the partitions that Java's producer would choose.

use crate::error::Error;
use crate::kafka::{Passing, Said, client, create, log, refused};
use crate::sources::Stop;
use rdkafka::config::RDKafkaLogLevel;
use rdkafka::error::{KafkaError, RDKafkaErrorCode as Code};
use rdkafka::message::{Header, OwnedHeaders};
use rdkafka::producer::{BaseProducer, BaseRecord, DeliveryResult, Producer, ProducerContext, PurgeConfig};
use rdkafka::{ClientConfig, ClientContext};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// How long a poll takes while answers are waited for.
const POLL: Duration = Duration::from_millis(1);
/// How long it waits for what is given up to be counted.
const GIVING_UP: Duration = Duration::from_millis(100);

/// Why a message was not queued.
pub(super) enum Refusal {
    Stopped,
    Refused(Code),
}

/// What became of the messages since `begin`.
#[derive(Clone, Debug, Default)]
pub(super) struct Became {
    pub(super) kept: u64,
    pub(super) failed: u64,
    /// The one of the lowest number.
    pub(super) first_failure: Option<(usize, Code)>,
}

/// Listens to a producer.
#[derive(Default)]
pub(super) struct Context {
    said: Said,
    became: Mutex<Became>,
}

impl ClientContext for Context {
    fn log(&self, level: RDKafkaLogLevel, facility: &str, line: &str) {
        log(level, facility, line);
    }

    fn error(&self, error: KafkaError, reason: &str) {
        self.said.keep(&error, reason);
    }
}

impl ProducerContext for Context {
    type DeliveryOpaque = usize;

    fn delivery(&self, result: &DeliveryResult<'_>, number: usize) {
        let mut became = self.became.lock().unwrap_or_else(PoisonError::into_inner);
        let Err((error, _)) = result else {
            became.kept += 1;
            return;
        };
        became.failed += 1;
        let code = error.rdkafka_error_code().unwrap_or(Code::Fail);
        if became.first_failure.is_none_or(|(first, _)| number < first) {
            became.first_failure = Some((number, code));
        }
    }
}

/// A producer, and how many of its messages are under way.
pub(super) struct Client {
    config: ClientConfig,
    producer: BaseProducer<Context>,
    queued: u64,
    away: bool,
}

impl Client {
    pub(super) fn new(brokers: &str, options: &toml::Table) -> Result<Client, Error> {
        let defaults = [
            ("client.id", "rolestream"),
            ("partitioner", "murmur2_random"),
            ("compression.type", "lz4"),
            ("linger.ms", "5"),
            ("queue.buffering.max.kbytes", "65536"),
            // Brokers may be away for as long as they like.
            ("message.timeout.ms", "0"),
            ("reconnect.backoff.max.ms", "2000"),
        ];
        let fixed = [("enable.idempotence", "true"), ("acks", "all")];
        let config = client(brokers, options, &defaults, &fixed)?;
        let producer = create(&config, Context::default())?;
        Ok(Client { config, producer, queued: 0, away: false })
    }

    pub(super) fn config(&self) -> ClientConfig {
        self.config.clone()
    }

    /// Whether brokers answer within this time; if not, why. Where none can be connected to, that is known sooner.
    pub(super) fn reach(&self, patience: Duration) -> Result<(), String> {
        let begun = Instant::now();
        loop {
            let step = Duration::from_millis(250).min(patience);
            let Err(error) = self.producer.client().fetch_metadata(None, step) else { return Ok(()) };
            self.producer.poll(POLL);
            let mut said = self.producer.context().said.take();
            let reason = said.pop_front().map(|(_, reason)| reason);
            if said.iter().any(|(code, _)| *code == Code::AllBrokersDown) || begun.elapsed() >= patience {
                return Err(reason.unwrap_or_else(|| error.to_string()));
            }
        }
    }

    /// Counts from here on; nothing may be under way.
    pub(super) fn begin(&mut self) {
        self.queued = 0;
        *self.became() = Became::default();
    }

    /// Queues a message, waiting for room.
    pub(super) fn send(
        &mut self,
        number: usize,
        topic: &str,
        key: Option<&[u8]>,
        value: Option<&[u8]>,
        headers: &[(&str, &[u8])],
        stop: &Stop,
    ) -> Result<(), Refusal> {
        let owned = headers.iter().fold(OwnedHeaders::new_with_capacity(headers.len()), |all, (key, value)| {
            all.insert(Header { key, value: Some(*value) })
        });
        let mut record = BaseRecord::with_opaque_to(topic, number);
        record.key = key;
        record.payload = value;
        record.headers = (!headers.is_empty()).then_some(owned);
        loop {
            let (error, back) = match self.producer.send(record) {
                Ok(()) => {
                    self.queued += 1;
                    return Ok(());
                }
                Err(refused) => refused,
            };
            let code = error.rdkafka_error_code().unwrap_or(Code::InvalidTopic);
            if code != Code::QueueFull {
                return Err(Refusal::Refused(code));
            }
            if stop.stopped() {
                return Err(Refusal::Stopped);
            }
            self.producer.poll(POLL);
            record = back;
        }
    }

    /// Takes answers that are there.
    pub(super) fn poll(&self) {
        self.producer.poll(Duration::ZERO);
    }

    /// Waits until something has become of every message; whether it has: it has not when told to stop before.
    pub(super) fn settle(&mut self, stop: &Stop) -> Result<bool, Error> {
        loop {
            if !self.under_way() {
                if self.became().kept > 0 && std::mem::take(&mut self.away) {
                    tracing::info!("kafka is back");
                }
                return Ok(true);
            }
            if stop.stopped() {
                return Ok(false);
            }
            self.producer.poll(POLL);
            self.listen()?;
        }
    }

    /// What librdkafka says meanwhile: what cannot pass is an error, an outage is said once.
    fn listen(&mut self) -> Result<(), Error> {
        for (code, reason) in self.producer.context().said.take() {
            match code {
                Code::AllBrokersDown if !self.away => {
                    self.away = true;
                    tracing::warn!(reason, "kafka is away; waiting with what is to be written until it is back");
                }
                // It comes with the messages it is about, which are counted.
                Code::Fatal => {}
                code if code.passes() => tracing::debug!(%code, reason, "kafka has difficulties"),
                code => return Err(refused("Kafka cannot be written to", code, &reason)),
            }
        }
        Ok(())
    }

    pub(super) fn first_failure(&self) -> Option<(usize, Code)> {
        self.became().first_failure
    }

    pub(super) fn became(&self) -> std::sync::MutexGuard<'_, Became> {
        self.producer.context().became.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Forgets what is under way.
    pub(super) fn give_up(&mut self) {
        self.producer.purge(PurgeConfig::default().queue().inflight());
        let begun = Instant::now();
        while begun.elapsed() < GIVING_UP && self.under_way() {
            self.producer.poll(POLL);
        }
    }

    fn under_way(&self) -> bool {
        let became = self.became();
        became.kept + became.failed < self.queued
    }

    /// A producer that has lost count of what brokers kept takes no more: another takes its place.
    pub(super) fn renew_if_broken(&mut self) -> Result<(), Error> {
        let Some((code, reason)) = self.producer.client().fatal_error() else { return Ok(()) };
        if !code.passes() {
            return Err(refused("Kafka cannot be written to", code, &reason));
        }
        tracing::warn!(%code, reason, "the kafka producer has to begin anew");
        self.producer = create(&self.config, Context::default())?;
        self.queued = 0;
        Ok(())
    }
}
