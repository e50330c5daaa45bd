//! Is a partition begun where it should be, and is all of a message there?

use super::kafka::{Broker, Record};
use super::reading::{places, read, read_once, settings, stored, stream};
use rolestream::config::Kafka;
use rolestream::sources::{Kind, Position, Positions};

/// Old times are kept.
const FOR_EVER: &[(&str, &str)] = &[("retention.ms", "-1")];

/// A topic with the times 1 s, 2 s and 3 s in each of two partitions.
fn timed(broker: &Broker, topic: &str) {
    broker.create(topic, 2, FOR_EVER);
    let record = |partition, second: i64| Record::new("k", &second.to_string()).to(partition).at(second * 1_000);
    let records: Vec<Record> = (1..=3).flat_map(|second| [record(0, second), record(1, second)]).collect();
    broker.produce(topic, &records);
}

#[test]
fn what_the_store_does_not_know_is_begun_where_the_configuration_says() {
    let Some(broker) = Broker::shared() else { return };
    timed(broker, "start");
    for (start, expected) in [
        ("earliest", vec!["0:0", "0:1", "0:2", "1:0", "1:1", "1:2"]),
        ("latest", vec![]),
        ("1970-01-01T00:00:02Z", vec!["0:1", "0:2", "1:1", "1:2"]),
        ("1970-01-01T00:00:09Z", vec![]),
        ("start/0=2", vec!["0:2", "1:0", "1:1", "1:2"]),
    ] {
        let settings = Kafka { start_from: start.to_owned(), ..settings(broker, &["start"]) };
        let messages = read_once(&settings, Positions::default()).unwrap();
        assert_eq!(places(&messages), expected, "{start}");
    }
}

#[test]
fn latest_is_what_comes_after_the_start() {
    let Some(broker) = Broker::shared() else { return };
    timed(broker, "start-latest");
    let reading = read(&Kafka { start_from: "latest".to_owned(), ..settings(broker, &["start-latest"]) });
    super::kafka::until("both partitions are read", || reading.progress.all().len() == 2);
    broker.produce("start-latest", &[Record::new("k", "new").to(1)]);
    assert_eq!(places(&reading.take(1)), ["1:3"]);
    reading.stop().unwrap();
}

#[test]
fn what_the_store_knows_goes_on_there_whatever_the_configuration_says() {
    let Some(broker) = Broker::shared() else { return };
    timed(broker, "start-stored");
    for start in ["earliest", "latest", "start-stored/0=0"] {
        let settings = Kafka { start_from: start.to_owned(), ..settings(broker, &["start-stored"]) };
        let messages = read_once(&settings, stored("start-stored", &[2, 3])).unwrap();
        assert_eq!(places(&messages), ["0:2"], "{start}");
    }
}

#[test]
fn an_offset_to_start_from_that_is_not_there_is_an_error() {
    let Some(broker) = Broker::shared() else { return };
    timed(broker, "start-beyond");
    let settings = Kafka { start_from: "start-beyond/1=4".to_owned(), ..settings(broker, &["start-beyond"]) };
    let error = read_once(&settings, Positions::default()).unwrap_err().to_string();
    for part in ["start-beyond", "partition 1", "kafka.start_from begins at offset 4", "0 to 2"] {
        assert!(error.contains(part), "{part:?} is not in {error}");
    }
}

#[test]
fn all_of_a_message_is_there() {
    let Some(broker) = Broker::shared() else { return };
    for topic in ["all-raw", "all-parsed", "all-taxonomy"] {
        broker.create(topic, 1, FOR_EVER);
    }
    broker.produce("all-raw", &[Record::new("a", "x").at(5_000).header("from", "here").header("from", "there")]);
    broker.produce("all-parsed", &[Record { value: Some(b"no key".to_vec()), ..Record::default() }.at(6_000)]);
    broker.produce("all-taxonomy", &[Record::tombstone("skill/1").at(7_000)]);
    let settings = Kafka {
        parsed: vec!["all-parsed".to_owned()],
        taxonomy: vec!["all-tax*".to_owned()],
        ..settings(broker, &["all-raw"])
    };
    let mut messages = read_once(&settings, Positions::default()).unwrap();
    messages.sort_by_key(|message| message.timestamp);
    let kinds: Vec<Kind> = messages.iter().map(|message| message.kind).collect();
    assert_eq!(kinds, [Kind::Raw, Kind::Parsed, Kind::Taxonomy]);
    let raw = &messages[0];
    assert_eq!(raw.stream, stream("all-raw", 0));
    assert_eq!((raw.offset, raw.read_to, raw.timestamp), (0, Position { next: 1, line: 0, mark: 0 }, Some(5_000)));
    assert_eq!((raw.key.as_deref(), raw.value.as_deref()), (Some(&b"a"[..]), Some(&b"x"[..])));
    assert_eq!(raw.headers, [("from".to_owned(), b"here".to_vec()), ("from".to_owned(), b"there".to_vec())]);
    assert_eq!((messages[1].key.as_deref(), messages[1].value.as_deref()), (None, Some(&b"no key"[..])));
    assert_eq!((messages[2].key.as_deref(), messages[2].value.as_deref()), (Some(&b"skill/1"[..]), None));
}
