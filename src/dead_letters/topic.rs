//! How are letters read from a topic, and sent again to the topic they came from?
//!
//! A letter that was sent again is crossed out by a tombstone under its id.

use super::letter::DeadLetter;
use super::letters::Letters;
use crate::error::{Error, Position};
use rdkafka::ClientConfig;
use rdkafka::client::ClientContext;
use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::error::{KafkaError, RDKafkaErrorCode};
use rdkafka::message::{DeliveryResult, Header, Message as _, OwnedHeaders};
use rdkafka::producer::{BaseProducer, BaseRecord, Producer, ProducerContext};
use rdkafka::{Offset, TopicPartitionList};
use serde_json::Value;
use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// The group that a consumer has to name; it commits nothing.
const GROUP: &str = "rolestream-dead-letters";

/// The letters of a topic that were not sent again, oldest first. `client` names the brokers and how to speak to them;
/// `patience` is how long nothing may come. There are none where there is no topic.
pub fn read(client: &ClientConfig, topic: &str, patience: Duration) -> Result<Letters, Error> {
    let failed = |error: KafkaError| unreachable(&format!("cannot read dead letters from {topic}"), &error);
    let mut client = client.clone();
    client.set("group.id", GROUP).set("enable.auto.commit", "false").set("enable.partition.eof", "true");
    let consumer: BaseConsumer = client.create().map_err(failed)?;
    let mut unread = assign(&consumer, topic, patience).map_err(failed)?;
    let mut letters = Letters::default();
    let mut last = Instant::now();
    while !unread.is_empty() {
        match consumer.poll(Duration::from_millis(100)) {
            Some(Ok(message)) => {
                last = Instant::now();
                let end = unread.get(&message.partition()).copied();
                // What came after reading began is for the next time.
                if end.is_some_and(|end| message.offset() < end) {
                    take(&mut letters, message.partition(), message.key(), message.payload());
                }
                if end.is_some_and(|end| message.offset() + 1 >= end) {
                    unread.remove(&message.partition());
                }
            }
            // The last offsets may be of no message.
            Some(Err(KafkaError::PartitionEOF(partition))) => drop(unread.remove(&partition)),
            Some(Err(error)) if last.elapsed() > patience => return Err(failed(error)),
            Some(Err(error)) => tracing::debug!(%error, "reading dead letters"),
            None if last.elapsed() > patience => {
                return Err(failed(KafkaError::MessageConsumption(RDKafkaErrorCode::OperationTimedOut)));
            }
            None => {}
        }
    }
    letters.sort();
    Ok(letters)
}

/// Assigns all partitions of a topic that hold anything, from their beginning; where each ends now.
fn assign(consumer: &BaseConsumer, topic: &str, patience: Duration) -> Result<HashMap<i32, i64>, KafkaError> {
    let metadata = consumer.fetch_metadata(Some(topic), patience)?;
    let mut ends = HashMap::new();
    let mut list = TopicPartitionList::new();
    for described in metadata.topics() {
        match described.error().map(RDKafkaErrorCode::from) {
            None => {}
            Some(RDKafkaErrorCode::UnknownTopicOrPartition | RDKafkaErrorCode::UnknownTopic) => continue,
            Some(code) => return Err(KafkaError::MetadataFetch(code)),
        }
        for partition in described.partitions() {
            let (low, high) = consumer.fetch_watermarks(topic, partition.id(), patience)?;
            if low < high {
                list.add_partition_offset(topic, partition.id(), Offset::Beginning)?;
                ends.insert(partition.id(), high);
            }
        }
    }
    consumer.assign(&list)?;
    Ok(ends)
}

fn take(letters: &mut Letters, partition: i32, key: Option<&[u8]>, value: Option<&[u8]>) {
    match (key.and_then(|key| std::str::from_utf8(key).ok()), value) {
        (Some(id), None) => letters.cross_out(id),
        (_, value) => {
            let value: Value = value.and_then(|value| serde_json::from_slice(value).ok()).unwrap_or_default();
            letters.take_of(&value, partition);
        }
    }
}

/// Sends messages again, each to the partition it came from: key, bytes, headers and time are as they were. An answer
/// for each, in order; `Ok` where the brokers have it.
pub fn send_again(client: &ClientConfig, letters: &[&DeadLetter]) -> Result<Vec<Result<(), Error>>, Error> {
    let record = |letter: &&DeadLetter| {
        let headers = letter
            .headers
            .iter()
            .fold(OwnedHeaders::new(), |headers, (key, value)| headers.insert(Header { key, value: Some(value) }));
        Record {
            topic: letter.stream.name.to_string(),
            partition: letter.stream.partition,
            key: letter.key.clone(),
            value: letter.value.clone(),
            headers,
            timestamp: letter.timestamp,
        }
    };
    produce(client, letters.iter().map(record).collect())
}

/// Notes that these letters were sent again. Of each its id, and the partition in which it stands.
pub fn cross_out(client: &ClientConfig, topic: &str, ids: &[(String, i32)]) -> Result<(), Error> {
    let record = |(id, partition): &(String, i32)| Record {
        topic: topic.to_owned(),
        partition: *partition,
        key: Some(id.clone().into_bytes()),
        value: None,
        headers: OwnedHeaders::new(),
        timestamp: None,
    };
    produce(client, ids.iter().map(record).collect())?.into_iter().collect()
}

struct Record {
    topic: String,
    partition: i32,
    key: Option<Vec<u8>>,
    value: Option<Vec<u8>>,
    headers: OwnedHeaders,
    timestamp: Option<i64>,
}

/// What became of each record, by its place.
#[derive(Default)]
struct Delivered(Mutex<HashMap<usize, Result<(), KafkaError>>>);

impl ClientContext for Delivered {}

impl ProducerContext for Delivered {
    type DeliveryOpaque = usize;

    fn delivery(&self, result: &DeliveryResult<'_>, place: usize) {
        let result = result.as_ref().map(|_| ()).map_err(|(error, _)| error.clone());
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(place, result);
    }
}

fn produce(client: &ClientConfig, records: Vec<Record>) -> Result<Vec<Result<(), Error>>, Error> {
    let failed = |error: &KafkaError| unreachable("cannot send messages again", error);
    let mut client = client.clone();
    if client.get("message.timeout.ms").is_none() && client.get("delivery.timeout.ms").is_none() {
        client.set("message.timeout.ms", "30000");
    }
    client.set("enable.idempotence", "true");
    let producer: BaseProducer<Delivered> =
        client.create_with_context(Delivered::default()).map_err(|error| failed(&error))?;
    let refuse = |place: usize, error: KafkaError| {
        producer.context().0.lock().unwrap_or_else(PoisonError::into_inner).insert(place, Err(error));
    };
    for (place, record) in records.iter().enumerate() {
        let mut base = BaseRecord::<Vec<u8>, Vec<u8>, usize>::with_opaque_to(&record.topic, place)
            .partition(record.partition)
            .headers(record.headers.clone());
        base.key = record.key.as_ref();
        base.payload = record.value.as_ref();
        base.timestamp = record.timestamp;
        loop {
            match producer.send(base) {
                Ok(()) => break,
                Err((KafkaError::MessageProduction(RDKafkaErrorCode::QueueFull), back)) => {
                    producer.poll(Duration::from_millis(100));
                    base = back;
                }
                Err((error, _)) => {
                    refuse(place, error);
                    break;
                }
            }
        }
        producer.poll(Duration::ZERO);
    }
    // Each is delivered or given up within its time; this is a little longer.
    let flushed = producer.flush(Duration::from_secs(60));
    let mut delivered = producer.context().0.lock().unwrap_or_else(PoisonError::into_inner);
    let results = records.iter().enumerate().map(|(place, record)| {
        let result = delivered.remove(&place).unwrap_or_else(|| {
            Err(flushed.clone().err().unwrap_or(KafkaError::MessageProduction(RDKafkaErrorCode::MessageTimedOut)))
        });
        result.map_err(|error| unreachable(&format!("cannot send to {}/{}", record.topic, record.partition), &error))
    });
    Ok(results.collect())
}

fn unreachable(primary: &str, error: &KafkaError) -> Error {
    Error::new(primary)
        .detail(error.to_string())
        .hint("check kafka.brokers, the rights of this user, and whether topic and partition are still there")
        .at(Position::whole("kafka"))
}

#[cfg(test)]
mod tests {
    use super::super::letter::tests::letter;
    use super::*;
    use rdkafka::mocking::MockCluster;

    const PATIENCE: Duration = Duration::from_secs(30);

    fn put(client: &ClientConfig, topic: &str, records: &[(i32, Option<&str>, Option<String>)]) {
        let record = |(partition, key, value): &(i32, Option<&str>, Option<String>)| Record {
            topic: topic.to_owned(),
            partition: *partition,
            key: key.map(|key| key.as_bytes().to_vec()),
            value: value.clone().map(String::into_bytes),
            headers: OwnedHeaders::new(),
            timestamp: None,
        };
        produce(client, records.iter().map(record).collect()).unwrap().into_iter().for_each(Result::unwrap);
    }

    #[test]
    fn letters_of_all_partitions_are_read_sent_again_and_crossed_out() {
        let cluster = MockCluster::new(1).unwrap();
        let mut client = ClientConfig::new();
        client.set("bootstrap.servers", cluster.bootstrap_servers());
        cluster.create_topic("dead", 3, 1).unwrap();
        cluster.create_topic("jd.raw", 2, 1).unwrap();
        assert_eq!(read(&client, "dead", PATIENCE).unwrap().iter().count(), 0);

        let mut first = letter("kafka", "jd.raw", 5, Some(b"\xff\0{"));
        first.stream.partition = 1;
        first.key = Some(b"k\xfe".to_vec());
        first.headers = vec![("h".to_owned(), vec![0, 1]), ("h".to_owned(), vec![])];
        let mut second = letter("kafka", "jd.raw", 6, None);
        second.at += 1;
        let text = |letter: &DeadLetter| Some(letter.to_json().to_string());
        put(&client, "dead", &[(2, Some(&second.id()), text(&second)), (0, Some(&first.id()), text(&first))]);
        put(&client, "dead", &[(1, None, Some("no letter".to_owned())), (0, Some("gone"), None)]);
        let letters = read(&client, "dead", PATIENCE).unwrap();
        assert_eq!(letters.iter().collect::<Vec<_>>(), [&first, &second]);
        assert_eq!((letters.passed_over, letters.partition(&second.id())), (1, 2));

        let mut lost = letter("kafka", "jd.raw", 7, Some(b"x"));
        lost.stream.partition = 9;
        let sent = send_again(&client, &[&first, &lost, &second]).unwrap();
        assert_eq!(sent.iter().map(Result::is_ok).collect::<Vec<_>>(), [true, false, true]);
        assert!(sent[1].as_ref().unwrap_err().primary.contains("jd.raw/9"));
        let mut consumer = client.clone();
        let consumer: BaseConsumer = consumer.set("group.id", "test").create().unwrap();
        let mut list = TopicPartitionList::new();
        list.add_partition_offset("jd.raw", 1, Offset::Beginning).unwrap();
        consumer.assign(&list).unwrap();
        let begun = Instant::now();
        let again = loop {
            assert!(begun.elapsed() < PATIENCE);
            if let Some(Ok(message)) = consumer.poll(Duration::from_millis(100)) {
                break message.detach();
            }
        };
        assert_eq!((again.key(), again.payload()), (first.key.as_deref(), first.value.as_deref()));
        assert_eq!(again.timestamp().to_millis(), Some(1_000));
        assert_eq!(rdkafka::message::Headers::count(again.headers().unwrap()), 2);

        cross_out(&client, "dead", &[(first.id(), letters.partition(&first.id()))]).unwrap();
        assert_eq!(read(&client, "dead", PATIENCE).unwrap().iter().collect::<Vec<_>>(), [&second]);
    }
}
