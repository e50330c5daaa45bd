//! Who makes the topics of the changelogs? We do, compacted, where it is permitted; else the brokers as they like.

use crate::error::Error;
use crate::kafka::{Passing, create, refused, wait};
use crate::sources::Stop;
use rdkafka::admin::{AdminClient, AdminOptions, NewTopic, TopicReplication};
use rdkafka::error::{KafkaError, RDKafkaErrorCode as Code};
use rdkafka::{ClientConfig, ClientContext};
use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

/// How long brokers may take to answer.
const PATIENCE: Duration = Duration::from_secs(10);
/// How soon it asks again.
const AGAIN: Duration = Duration::from_millis(500);

pub(super) struct Topics {
    config: ClientConfig,
    partitions: i32,
    /// The topics that are known to be there, or that we may not make.
    made: BTreeSet<Arc<str>>,
}

/// An administrator of whom nothing is logged but in our own words.
struct Quiet;

impl ClientContext for Quiet {
    fn log(&self, level: rdkafka::config::RDKafkaLogLevel, facility: &str, line: &str) {
        crate::kafka::log(level, facility, line);
    }

    fn error(&self, error: KafkaError, reason: &str) {
        tracing::debug!(target: "librdkafka", %error, reason, "error");
    }
}

impl Topics {
    pub(super) fn new(config: ClientConfig, partitions: i32) -> Topics {
        Topics { config, partitions: partitions.max(1), made: BTreeSet::new() }
    }

    /// What was there may be no more.
    pub(super) fn forget(&mut self) {
        self.made.clear();
    }

    /// Makes those of these that are not there; whether it was done before it was told to stop.
    pub(super) fn make<'a>(&mut self, topics: impl Iterator<Item = &'a Arc<str>>, stop: &Stop) -> Result<bool, Error> {
        let mut missing: BTreeSet<Arc<str>> = topics.filter(|topic| !self.made.contains(*topic)).cloned().collect();
        if missing.is_empty() {
            return Ok(true);
        }
        let admin: AdminClient<Quiet> = create(&self.config, Quiet)?;
        let mut said = false;
        loop {
            let new: Vec<NewTopic<'_>> = missing.iter().map(|topic| self.new_topic(topic)).collect();
            let options = AdminOptions::new().request_timeout(Some(PATIENCE)).operation_timeout(Some(PATIENCE));
            let Some(answer) = wait(admin.create_topics(&new, &options), stop) else { return Ok(false) };
            let results = match answer {
                Ok(results) => results,
                Err(error) => {
                    if !std::mem::replace(&mut said, true) {
                        tracing::warn!(%error, "kafka does not answer; the topics of the changelogs are made when it does");
                    }
                    Vec::new()
                }
            };
            for result in results {
                let name: Arc<str> = match &result {
                    Ok(name) | Err((name, _)) => name.as_str().into(),
                };
                match result {
                    Ok(_) => tracing::info!(topic = &*name, partitions = self.partitions, "made a topic, compacted"),
                    Err((_, Code::TopicAlreadyExists)) => {}
                    Err((_, code @ Code::InvalidTopic)) => {
                        return Err(refused(format!("the topic \"{name}\" cannot be made"), code, ""));
                    }
                    Err((
                        _,
                        code @ (Code::InvalidReplicationFactor | Code::InvalidConfig | Code::InvalidPartitions),
                    )) => {
                        tracing::warn!(topic = &*name, %code, "kafka does not make the topic so; it may make it by itself");
                    }
                    Err((_, code)) if code.passes() => {
                        tracing::debug!(topic = &*name, %code, "the topic is not made yet");
                        continue;
                    }
                    Err((_, code)) => {
                        tracing::warn!(topic = &*name, %code, "the topic may not be made; it should be there, compacted");
                    }
                }
                missing.remove(&name);
                self.made.insert(name);
            }
            if missing.is_empty() {
                return Ok(true);
            }
            if stop.sleep(AGAIN) {
                return Ok(false);
            }
        }
    }

    fn new_topic<'a>(&self, name: &'a str) -> NewTopic<'a> {
        // As many replicas as the brokers make where nobody says.
        NewTopic::new(name, self.partitions, TopicReplication::Fixed(-1)).set("cleanup.policy", "compact")
    }
}
