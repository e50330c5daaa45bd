//! What do readers and writers do when the broker is killed? Wait, and go on where they were.

use super::kafka::{Broker, Record, until};
use super::reading::{read, settings};
use super::writing::upsert;
use rolestream::sinks::kafka::KafkaWriter;
use rolestream::sinks::{Outgoing, Writer};
use rolestream::sources::Stop;
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// Keys that are written over and over.
const KEYS: u64 = 50;

/// What a changelog says at an epoch: of all keys, some of them deleted.
fn epoch(topic: &str, epoch: u64) -> Vec<Outgoing> {
    let one = |key: u64| {
        let value = (!(key + epoch).is_multiple_of(7)).then(|| format!("{epoch}"));
        upsert(topic, &format!("k{key}"), value.as_deref(), epoch)
    };
    (0..KEYS).map(one).collect()
}

#[test]
fn a_killed_broker_loses_and_doubles_nothing() {
    let Some(mut broker) = Broker::start() else { return };
    let written = AtomicU64::new(0);
    let stop = Stop::default();
    let reading = read(&settings(&broker, &["changes"]));
    let address = broker.address();
    std::thread::scope(|scope| {
        let writing = scope.spawn(|| {
            let mut writer = KafkaWriter::new(&address, &toml::Table::new(), 3).unwrap();
            while !stop.stopped() {
                let next = written.load(Ordering::SeqCst) + 1;
                writer.write(&epoch("changes", next), &Stop::default()).unwrap();
                written.store(next, Ordering::SeqCst);
            }
        });
        let reached = |count: u64| until("epochs are written", || written.load(Ordering::SeqCst) >= count);
        for _ in 0..2 {
            reached(written.load(Ordering::SeqCst) + 20);
            broker.kill();
            broker.restart();
        }
        reached(written.load(Ordering::SeqCst) + 20);
        stop.stop();
        writing.join().unwrap();
    });
    let last = written.load(Ordering::SeqCst);
    let expected: BTreeMap<String, String> =
        epoch("changes", last).into_iter().filter_map(|one| Some((one.key, one.value?))).collect();
    assert_eq!(broker.compacted("changes"), expected);
    // Idempotence: not only the last of each key is right, each was kept once.
    let records = broker.read("changes");
    assert_eq!(records.len() as u64, last * KEYS);
    // The reader saw each of them once, in the order of its partition.
    let mut next: BTreeMap<i32, i64> = BTreeMap::new();
    for message in reading.take(records.len()) {
        let expected = next.entry(message.stream.partition).or_default();
        assert_eq!(message.offset, *expected, "of partition {}", message.stream.partition);
        *expected += 1;
    }
    // With the broker away, both still end when they are told to.
    broker.kill();
    until("the outage is noticed", || std::net::TcpStream::connect(&address).is_err());
    reading.stop().unwrap();
    let mut writer = KafkaWriter::new(&address, &toml::Table::new(), 3).unwrap();
    let stop = Stop::default();
    std::thread::scope(|scope| {
        let waiting = scope.spawn(|| writer.write(&epoch("changes", last + 1), &stop));
        std::thread::sleep(Duration::from_millis(300));
        assert!(!waiting.is_finished(), "it waits for the broker");
        stop.stop();
        let begun = Instant::now();
        let error = waiting.join().unwrap().unwrap_err();
        assert!(begun.elapsed() < Duration::from_secs(1), "it took {:?}", begun.elapsed());
        assert!(error.primary.contains("stopped before"), "{error}");
    });
}

#[test]
fn a_source_that_begins_before_the_broker_waits_for_it() {
    let Some(mut broker) = Broker::start() else { return };
    broker.create("early", 1, &[]);
    broker.produce("early", &[Record::new("k", "x")]);
    broker.stop();
    let reading = read(&settings(&broker, &["early"]));
    broker.restart();
    assert_eq!(reading.take(1)[0].offset, 0);
    reading.stop().unwrap();
}
