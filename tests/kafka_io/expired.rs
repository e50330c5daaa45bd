//! What happens where the next message is no longer in the topic?

use super::kafka::{Broker, Record, until};
use super::reading::{places, read_once, read_with, settings, stored};
use rolestream::config::{Kafka, OnExpired};

fn numbered(count: usize) -> Vec<Record> {
    (0..count).map(|n| Record::new(&format!("k{n}"), "x").to(0)).collect()
}

fn with(broker: &Broker, topic: &str, on_expired: OnExpired) -> Kafka {
    Kafka { on_expired, ..settings(broker, &[topic]) }
}

#[test]
fn deleted_records_stop_the_source_unless_it_may_go_on() {
    let Some(broker) = Broker::shared() else { return };
    broker.create("expired", 1, &[]);
    broker.produce("expired", &numbered(10));
    broker.expire("expired", 0, 5);
    let error = read_once(&with(broker, "expired", OnExpired::Fail), stored("expired", &[2])).unwrap_err().to_string();
    for part in ["expired", "partition 0", "at offset 2", "5 to 9", "kafka.on_expired"] {
        assert!(error.contains(part), "{part:?} is not in {error}");
    }
    let earliest = read_once(&with(broker, "expired", OnExpired::Earliest), stored("expired", &[2])).unwrap();
    assert_eq!(places(&earliest), ["0:5", "0:6", "0:7", "0:8", "0:9"]);
    let latest = read_once(&with(broker, "expired", OnExpired::Latest), stored("expired", &[2])).unwrap();
    assert!(latest.is_empty());
    let still = read_once(&with(broker, "expired", OnExpired::Fail), stored("expired", &[5])).unwrap();
    assert_eq!(still.len(), 5);
}

#[test]
fn a_topic_made_anew_stops_the_source_unless_it_may_go_on() {
    let Some(broker) = Broker::shared() else { return };
    broker.create("anew", 1, &[]);
    broker.produce("anew", &numbered(10));
    broker.delete("anew");
    broker.create("anew", 1, &[]);
    broker.produce("anew", &numbered(3));
    let error = read_once(&with(broker, "anew", OnExpired::Fail), stored("anew", &[10])).unwrap_err().to_string();
    for part in ["at offset 10", "0 to 2", "made anew"] {
        assert!(error.contains(part), "{part:?} is not in {error}");
    }
    let earliest = read_once(&with(broker, "anew", OnExpired::Earliest), stored("anew", &[10])).unwrap();
    assert_eq!(places(&earliest), ["0:0", "0:1", "0:2"]);
}

/// A source that has handed on the first of many messages and waits for room, while those it has not fetched are deleted.
fn overtaken(broker: &Broker, topic: &str, on_expired: OnExpired) -> Result<Vec<String>, String> {
    broker.create(topic, 2, &[]);
    broker.produce(topic, &numbered(20));
    let reading = read_with(&with(broker, topic, on_expired), stored(topic, &[0, 0]), 1, false);
    until("it is paused", || reading.progress.all().iter().any(|one| one.read == 1 && one.next == 1));
    // Longer than it waits for room before it pauses: what it fetched ahead is thrown away.
    std::thread::sleep(std::time::Duration::from_millis(600));
    broker.expire(topic, 0, 15);
    broker.produce(topic, &[Record::new("k", "y").to(1)]);
    // One in the queue, one in its hand.
    let mut messages = reading.take(2);
    if on_expired == OnExpired::Fail {
        return Err(reading.ended().unwrap_err().to_string());
    }
    messages.extend(reading.take(if on_expired == OnExpired::Earliest { 6 } else { 1 }));
    broker.produce(topic, &[Record::new("k", "z").to(0)]);
    messages.extend(reading.take(1));
    reading.stop().unwrap();
    Ok(places(&messages))
}

#[test]
fn what_is_deleted_while_it_reads_is_noticed_too() {
    let Some(broker) = Broker::shared() else { return };
    let error = overtaken(broker, "overtaken-fail", OnExpired::Fail).unwrap_err();
    assert!(error.contains("at offset 2") && error.contains("15 to 19"), "{error}");
    let earliest = overtaken(broker, "overtaken-earliest", OnExpired::Earliest).unwrap();
    assert_eq!(earliest, ["0:0", "0:1", "0:15", "0:16", "0:17", "0:18", "0:19", "0:20", "1:0"]);
    let latest = overtaken(broker, "overtaken-latest", OnExpired::Latest).unwrap();
    assert_eq!(latest, ["0:0", "0:1", "0:20", "1:0"]);
}

#[test]
fn a_topic_made_anew_while_it_is_read_is_read_from_its_beginning() {
    let Some(broker) = Broker::shared() else { return };
    broker.create("anew-live", 1, &[]);
    broker.produce("anew-live", &numbered(10));
    let reading = read_with(&with(broker, "anew-live", OnExpired::Earliest), stored("anew-live", &[0]), 100, false);
    assert_eq!(reading.take(10).len(), 10);
    broker.delete("anew-live");
    broker.create("anew-live", 1, &[]);
    broker.produce("anew-live", &numbered(3));
    assert_eq!(places(&reading.take(3)), ["0:0", "0:1", "0:2"]);
    reading.stop().unwrap();
}
