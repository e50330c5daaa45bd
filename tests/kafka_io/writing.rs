//! Is what is written there, where consumers expect it, and with all that belongs to it?

use super::kafka::{Broker, Record, text};
use rolestream::sinks::kafka::{EPOCH_HEADER, KafkaProducer, KafkaWriter};
use rolestream::sinks::{Outgoing, Writer};
use rolestream::sources::Stop;
use std::collections::BTreeMap;
use std::time::Duration;

pub(crate) fn upsert(topic: &str, key: &str, value: Option<&str>, epoch: u64) -> Outgoing {
    Outgoing { topic: topic.into(), key: key.to_owned(), value: value.map(str::to_owned), epoch }
}

fn writer(broker: &Broker, partitions: i32) -> KafkaWriter {
    KafkaWriter::new(&broker.address(), &toml::Table::new(), partitions).unwrap()
}

#[test]
fn upserts_arrive_in_order_with_their_epochs_and_tombstones() {
    let Some(broker) = Broker::shared() else { return };
    let upserts = [
        upsert("written", "a", Some("1"), 1),
        upsert("written", "b", Some("1"), 1),
        upsert("written", "a", Some("2"), 2),
        upsert("written", "b", None, 3),
        upsert("written", "c", Some(""), 4),
    ];
    writer(broker, 1).write(&upserts, &Stop::default()).unwrap();
    let written: Vec<(String, Option<String>, u64)> = broker.read("written").iter().map(read).collect();
    let expected = upserts.map(|one| (one.key, one.value, one.epoch));
    assert_eq!(written, expected);
    assert_eq!(broker.compacted("written"), BTreeMap::from([("a", "2"), ("c", "")].map(|(k, v)| (k.into(), v.into()))));
}

fn read(record: &Record) -> (String, Option<String>, u64) {
    let [(name, epoch)] = &record.headers[..] else { panic!("one header: {record:?}") };
    assert_eq!(name, EPOCH_HEADER);
    let epoch = text(Some(epoch)).parse().unwrap();
    (text(record.key.as_ref()), record.value.as_ref().map(|value| text(Some(value))), epoch)
}

#[test]
fn topics_are_made_compacted_and_those_that_are_there_stay_as_they_are() {
    let Some(broker) = Broker::shared() else { return };
    broker.create("made-before", 2, &[("cleanup.policy", "delete")]);
    let upserts = [upsert("made", "a", Some("1"), 1), upsert("made-before", "a", Some("1"), 1)];
    writer(broker, 5).write(&upserts, &Stop::default()).unwrap();
    assert_eq!((broker.partitions("made"), broker.setting("made", "cleanup.policy").as_deref()), (5, Some("compact")));
    assert_eq!(broker.partitions("made-before"), 2);
    assert_eq!(broker.read("made-before").len(), 1);
    let error = writer(broker, 1).write(&[upsert("no such name", "a", None, 1)], &Stop::default()).unwrap_err();
    assert!(error.hint.as_deref().unwrap().contains("letters, digits"), "{error}");
}

/// The hash by which Java's producer chooses a partition.
fn murmur2(bytes: &[u8]) -> u32 {
    const M: u32 = 0x5bd1_e995;
    let mut hash = 0x9747_b28c ^ bytes.len() as u32;
    let mut words = bytes.chunks_exact(4);
    for word in &mut words {
        let mut k = u32::from_le_bytes(word.try_into().unwrap()).wrapping_mul(M);
        k ^= k >> 24;
        hash = hash.wrapping_mul(M) ^ k.wrapping_mul(M);
    }
    let rest = words.remainder();
    if !rest.is_empty() {
        for (place, byte) in rest.iter().enumerate() {
            hash ^= u32::from(*byte) << (8 * place);
        }
        hash = hash.wrapping_mul(M);
    }
    hash ^= hash >> 13;
    hash = hash.wrapping_mul(M);
    hash ^ hash >> 15
}

#[test]
fn keys_go_where_javas_producer_would_send_them() {
    let Some(broker) = Broker::shared() else { return };
    let keys: Vec<String> = (0..60).map(|n| format!("{}-{n}", "jd".repeat(n % 5))).collect();
    let upserts: Vec<_> = keys.iter().map(|key| upsert("placed", key, Some("x"), 1)).collect();
    writer(broker, 7).write(&upserts, &Stop::default()).unwrap();
    let records = broker.read("placed");
    assert_eq!(records.len(), keys.len());
    for record in records {
        let expected = (murmur2(record.key.as_ref().unwrap()) & 0x7fff_ffff) % 7;
        assert_eq!(record.partition, Some(expected as i32), "{}", text(record.key.as_ref()));
    }
}

#[test]
fn what_is_too_large_is_an_error_and_what_follows_is_written() {
    let Some(broker) = Broker::shared() else { return };
    broker.create("large", 1, &[("max.message.bytes", "20000")]);
    let mut writer = writer(broker, 1);
    // Noise does not shrink by compression.
    let mut state = 1_u64;
    let mut noise = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        char::from(33 + ((state >> 33) % 90) as u8)
    };
    let noise: String = (0..2_000_000).map(|_| noise()).collect();
    // One that the broker refuses, one that librdkafka does.
    for length in [100_000, 2_000_000] {
        let upserts = [upsert("large", "before", Some("x"), 1), upsert("large", "big", Some(&noise[..length]), 1)];
        let error = writer.write(&upserts, &Stop::default()).unwrap_err();
        let shown = error.to_string();
        for part in ["\"big\"", "\"large\"", &format!("{length} bytes"), "message.max.bytes"] {
            assert!(shown.contains(part), "{part:?} is not in {shown}");
        }
    }
    writer.write(&[upsert("large", "after", Some("x"), 2)], &Stop::default()).unwrap();
    let keys: Vec<String> = broker.compacted("large").into_keys().collect();
    assert_eq!(keys, ["after", "before"]);
}

#[test]
fn single_messages_are_sent_and_counted() {
    let Some(broker) = Broker::shared() else { return };
    broker.create("sent", 1, &[]);
    let mut producer = KafkaProducer::new(&broker.address(), &toml::Table::new()).unwrap();
    producer.reach(Duration::from_secs(20)).unwrap();
    let stop = Stop::default();
    for n in 0..1_000 {
        let key = format!("k{n}");
        producer.send("sent", Some(key.as_bytes()), Some(b"v"), &[("why", b"test")], &stop).unwrap();
    }
    producer.send("sent", Some(b"k0"), None, &[], &stop).unwrap();
    let sent = producer.flush(&stop).unwrap();
    assert_eq!((sent.acknowledged, sent.failed, sent.first_failure), (1_001, 0, None));
    let records = broker.read("sent");
    assert_eq!((records.len(), records[5].headers.clone()), (1_001, vec![("why".to_owned(), b"test".to_vec())]));
    assert_eq!(broker.compacted("sent").len(), 999);
    assert!(producer.send("sent", None, Some(&vec![b'x'; 2_000_000]), &[], &stop).is_err());
    assert_eq!(producer.sent().failed, 1);
}

#[test]
fn where_no_broker_is_that_is_said() {
    let producer = KafkaProducer::new("127.0.0.1:1", &toml::Table::new()).unwrap();
    let error = producer.reach(Duration::from_millis(300)).unwrap_err();
    assert!(error.primary.contains("127.0.0.1:1"), "{error}");
    assert!(error.hint.as_deref().unwrap().contains("kafka.brokers"), "{error}");
}
