//! How are single messages sent? Queued one by one; what became of them is asked afterwards.

use super::client::{Client, Refusal};
use crate::error::Error;
use crate::kafka::{Passing, refused};
use crate::sources::Stop;
use std::time::Duration;

/// Sends messages to topics: dead letters, samples, load.
pub struct KafkaProducer {
    client: Client,
    number: usize,
    refused: u64,
    first: Option<Error>,
}

/// What became of the messages.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sent {
    /// Those that brokers have acknowledged.
    pub acknowledged: u64,
    /// Those that they never will.
    pub failed: u64,
    /// Why the first of those failed.
    pub first_failure: Option<Error>,
}

impl KafkaProducer {
    /// To these brokers, with the options of `[librdkafka]`.
    pub fn new(brokers: &str, options: &toml::Table) -> Result<KafkaProducer, Error> {
        let mut client = Client::new(brokers, options)?;
        client.begin();
        Ok(KafkaProducer { client, number: 0, refused: 0, first: None })
    }

    /// Fails unless brokers answer within this time.
    pub fn reach(&self, patience: Duration) -> Result<(), Error> {
        self.client.reach(patience).map_err(|reason| {
            let brokers = self.client.config().get("bootstrap.servers").unwrap_or_default().to_owned();
            Error::new(format!("no Kafka broker answers at {brokers}"))
                .detail(reason)
                .hint("check that it runs, and kafka.brokers or --brokers")
        })
    }

    /// Queues a message, waiting for room; one without a value is a tombstone. What is refused at once counts as failed.
    pub fn send(
        &mut self,
        topic: &str,
        key: Option<&[u8]>,
        value: Option<&[u8]>,
        headers: &[(&str, &[u8])],
        stop: &Stop,
    ) -> Result<(), Error> {
        let number = self.number;
        self.number += 1;
        let queued = self.client.send(number, topic, key, value, headers, stop);
        self.client.poll();
        let error = match queued {
            Ok(()) => return Ok(()),
            Err(Refusal::Stopped) => Error::new("stopped before a message was sent")
                .detail("the brokers had not taken those before it")
                .hint("send it again"),
            Err(Refusal::Refused(code)) => {
                let size = value.map_or(0, <[u8]>::len);
                refused(
                    format!("Kafka does not take a message into the topic \"{topic}\""),
                    code,
                    &format!("{code}; its value has {size} bytes"),
                )
            }
        };
        self.refused += 1;
        self.first.get_or_insert_with(|| error.clone());
        Err(error)
    }

    /// Takes answers that are there: to be called now and then where nothing is sent for a while.
    pub fn poll(&mut self) {
        self.client.poll();
    }

    /// What became of the messages so far.
    pub fn sent(&self) -> Sent {
        let became = self.client.became().clone();
        let first = became.first_failure.map(|(_, code)| {
            let passes = if code.passes() { "; it may pass" } else { "" };
            refused("Kafka has not kept a message", code, &format!("{code}{passes}"))
        });
        Sent {
            acknowledged: became.kept,
            failed: became.failed + self.refused,
            first_failure: self.first.clone().or(first),
        }
    }

    /// Waits until something has become of all, or until told to stop.
    pub fn flush(&mut self, stop: &Stop) -> Result<Sent, Error> {
        self.client.settle(stop)?;
        Ok(self.sent())
    }
}
