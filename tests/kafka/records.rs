//! What is in a topic? Records are written and read here without the program's own code.

use super::Broker;
use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::error::KafkaError;
use rdkafka::message::{Header, Headers, Message, OwnedHeaders};
use rdkafka::producer::{BaseProducer, BaseRecord, DeliveryResult, Producer, ProducerContext};
use rdkafka::topic_partition_list::Offset;
use rdkafka::{ClientContext, TopicPartitionList};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Mutex;
use std::time::{Duration, Instant};

const PATIENCE: Duration = Duration::from_secs(30);

/// A record to write, or as it was read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Record {
    /// Chosen by the key where it is written without.
    pub(crate) partition: Option<i32>,
    /// Where it stood.
    pub(crate) offset: i64,
    pub(crate) key: Option<Vec<u8>>,
    pub(crate) value: Option<Vec<u8>>,
    pub(crate) headers: Vec<(String, Vec<u8>)>,
    pub(crate) timestamp: Option<i64>,
}

impl Record {
    pub(crate) fn new(key: &str, value: &str) -> Record {
        Record { key: Some(key.into()), value: Some(value.into()), ..Record::default() }
    }

    pub(crate) fn tombstone(key: &str) -> Record {
        Record { key: Some(key.into()), ..Record::default() }
    }

    pub(crate) fn to(self, partition: i32) -> Record {
        Record { partition: Some(partition), ..self }
    }

    pub(crate) fn at(self, timestamp: i64) -> Record {
        Record { timestamp: Some(timestamp), ..self }
    }

    pub(crate) fn header(mut self, key: &str, value: &str) -> Record {
        self.headers.push((key.to_owned(), value.into()));
        self
    }
}

/// Bytes as text.
pub(crate) fn text(bytes: Option<&Vec<u8>>) -> String {
    bytes.map(|bytes| String::from_utf8_lossy(bytes).into_owned()).unwrap_or_default()
}

#[derive(Default)]
struct Failures(Mutex<Vec<KafkaError>>);

impl ClientContext for Failures {
    fn error(&self, _: KafkaError, _: &str) {}
}

impl ProducerContext for Failures {
    type DeliveryOpaque = ();

    fn delivery(&self, result: &DeliveryResult<'_>, (): ()) {
        if let Err((error, _)) = result {
            self.0.lock().expect("no panic before").push(error.clone());
        }
    }
}

impl Broker {
    /// Writes records; all are there when this returns.
    pub(crate) fn produce(&self, topic: &str, records: &[Record]) {
        let mut config = self.client();
        config.set("enable.idempotence", "true").set("linger.ms", "0").set("partitioner", "murmur2_random");
        let producer: BaseProducer<Failures> = config.create_with_context(Failures::default()).expect("a producer");
        for record in records {
            let headers = record
                .headers
                .iter()
                .fold(OwnedHeaders::new(), |all, (key, value)| all.insert(Header { key, value: Some(value) }));
            let mut sent = BaseRecord::<Vec<u8>, Vec<u8>>::to(topic).headers(headers);
            (sent.key, sent.payload) = (record.key.as_ref(), record.value.as_ref());
            (sent.partition, sent.timestamp) = (record.partition, record.timestamp);
            producer.send(sent).map_err(|(error, _)| error).expect("room");
        }
        let begun = Instant::now();
        while producer.in_flight_count() > 0 {
            producer.poll(Duration::from_millis(1));
            assert!(begun.elapsed() < PATIENCE, "records are not taken");
        }
        let failures = producer.context().0.lock().expect("no panic before");
        assert!(failures.is_empty(), "{failures:?}");
    }

    /// All records of a topic, up to where it ends now; those of a partition in order.
    pub(crate) fn read(&self, topic: &str) -> Vec<Record> {
        let mut config = self.client();
        config.set("group.id", "reading").set("enable.auto.commit", "false").set("enable.partition.eof", "true");
        let consumer: BaseConsumer = config.create().expect("a consumer");
        let mut assigned = TopicPartitionList::new();
        let mut open: BTreeSet<i32> = (0..self.partitions(topic) as i32).collect();
        for partition in &open {
            assigned.add_partition_offset(topic, *partition, Offset::Beginning).expect("an offset");
        }
        consumer.assign(&assigned).expect("an assignment");
        let begun = Instant::now();
        let mut records = Vec::new();
        while !open.is_empty() {
            assert!(begun.elapsed() < PATIENCE, "the topic has no end");
            match consumer.poll(Duration::from_millis(100)) {
                None => {}
                Some(Err(KafkaError::PartitionEOF(partition))) => {
                    open.remove(&partition);
                }
                Some(Err(error)) => panic!("{error}"),
                Some(Ok(message)) => records.push(Record {
                    partition: Some(message.partition()),
                    offset: message.offset(),
                    key: message.key().map(<[u8]>::to_vec),
                    value: message.payload().map(<[u8]>::to_vec),
                    headers: message.headers().map(headers).unwrap_or_default(),
                    timestamp: message.timestamp().to_millis(),
                }),
            }
        }
        records.sort_by_key(|record| (record.partition, record.offset));
        records
    }

    /// What a compacted topic says in the end: the last value of each key, without those that are deleted.
    pub(crate) fn compacted(&self, topic: &str) -> BTreeMap<String, String> {
        let mut last = BTreeMap::new();
        for record in self.read(topic) {
            last.insert(text(record.key.as_ref()), record.value);
        }
        last.into_iter().filter_map(|(key, value)| Some((key, text(Some(&value?))))).collect()
    }
}

fn headers(headers: &rdkafka::message::BorrowedHeaders) -> Vec<(String, Vec<u8>)> {
    headers.iter().map(|header| (header.key.to_owned(), header.value.unwrap_or_default().to_vec())).collect()
}
