//! How do upserts and messages get into topics? Each once and in order, whatever brokers do meanwhile.
//!
//! | file | the question it answers |
//! |---|---|
//! | `client` | what does a producer of ours promise, and what has become of each message? |
//! | `producer` | how are single messages sent? |
//! | `topics` | who makes the topics of the changelogs? |

mod client;
mod producer;
mod topics;

pub use producer::{KafkaProducer, Sent};

use super::{Outgoing, Writer};
use crate::error::Error;
use crate::kafka::{Passing, refused};
use crate::sources::Stop;
use client::{Client, Refusal};
use rdkafka::error::RDKafkaErrorCode as Code;
use std::time::Duration;
use topics::Topics;

/// The header that says at which epoch of the engine an upsert is so, as decimal text.
pub const EPOCH_HEADER: &str = "rolestream-epoch";

/// How long it waits before it writes again what was not kept.
const AGAIN: Duration = Duration::from_millis(200);

/// Writes upserts to Kafka.
pub struct KafkaWriter {
    client: Client,
    topics: Topics,
    /// Whether a batch has been refused.
    singly: bool,
}

impl KafkaWriter {
    /// To these brokers, with the options of `[librdkafka]`. Topics that are not there are made, compacted and with so
    /// many partitions.
    pub fn new(brokers: &str, options: &toml::Table, partitions: i32) -> Result<KafkaWriter, Error> {
        let client = Client::new(brokers, options)?;
        let topics = Topics::new(client.config(), partitions);
        Ok(KafkaWriter { client, topics, singly: false })
    }

    /// Writes these and waits for all; how many of them, from the first on, are kept.
    fn attempt(&mut self, upserts: &[Outgoing], stop: &Stop) -> Result<usize, Error> {
        let mut refusal = None;
        self.client.begin();
        for (number, upsert) in upserts.iter().enumerate() {
            let epoch = upsert.epoch.to_string();
            let headers = [(EPOCH_HEADER, epoch.as_bytes())];
            let value = upsert.value.as_deref().map(str::as_bytes);
            let queued = self.client.send(number, &upsert.topic, Some(upsert.key.as_bytes()), value, &headers, stop);
            match queued {
                Ok(()) => {}
                Err(Refusal::Stopped) => return Err(self.stopped()),
                Err(Refusal::Refused(code)) => {
                    refusal = Some((number, code));
                    break;
                }
            }
        }
        match self.client.settle(stop) {
            Ok(true) => {}
            Ok(false) => return Err(self.stopped()),
            Err(error) => {
                self.client.give_up();
                return Err(error);
            }
        }
        // What follows a message that was not kept is written again, too: an older upsert of a key must not come last.
        let failed = self.client.first_failure().into_iter().chain(refusal).min_by_key(|(number, _)| *number);
        let Some((number, code)) = failed else { return Ok(upserts.len()) };
        let Outgoing { topic, key, value, .. } = &upserts[number];
        // A batch is refused as a whole: written one by one, all go that may, and the one that may not is found.
        if matches!(code, Code::MessageSizeTooLarge | Code::MessageBatchTooLarge | Code::InvalidRecord)
            && upserts.len() > 1
        {
            self.singly = true;
            return Ok(number);
        }
        if !code.passes() {
            let size = value.as_ref().map_or(0, String::len);
            let what = format!("Kafka does not take the upsert of \"{key}\" into the topic \"{topic}\"");
            return Err(refused(what, code, &format!("{code}; its value has {size} bytes")));
        }
        tracing::warn!(topic = &**topic, key, %code, "kafka has not kept an upsert; it and those after it are written again");
        if matches!(code, Code::UnknownTopic | Code::UnknownPartition | Code::UnknownTopicOrPartition) {
            self.topics.forget();
        }
        self.client.renew_if_broken()?;
        Ok(number)
    }

    fn stopped(&mut self) -> Error {
        self.client.give_up();
        Error::new("stopped before Kafka had acknowledged all upserts")
            .detail("the brokers had not answered when the program was told to end")
            .hint("start it again: what was not acknowledged is written then")
    }
}

impl Writer for KafkaWriter {
    fn write(&mut self, upserts: &[Outgoing], stop: &Stop) -> Result<(), Error> {
        let mut rest = upserts;
        self.singly = false;
        while !rest.is_empty() {
            if !self.topics.make(rest.iter().map(|upsert| &upsert.topic), stop)? {
                return Err(self.stopped());
            }
            let whole = if self.singly { &rest[..1] } else { rest };
            let kept = self.attempt(whole, stop)?;
            let all = kept == whole.len();
            rest = rest.get(kept..).unwrap_or_default();
            if !all && stop.sleep(AGAIN) {
                return Err(self.stopped());
            }
        }
        Ok(())
    }
}
