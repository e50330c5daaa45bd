//! Is everything read once and in order, when there is no room, when topics grow, and up to the end?

use super::kafka::{Broker, Record, until};
use super::reading::{places, read, read_once, read_with, read_with_options, settings, stream};
use rdkafka::producer::{BaseProducer, BaseRecord, Producer};
use rolestream::config::Kafka;
use rolestream::sources::{Position, Positions};
use std::collections::BTreeMap;
use std::time::Duration;

#[test]
fn a_tiny_queue_and_a_slow_engine_lose_and_double_nothing() {
    let Some(broker) = Broker::shared() else { return };
    broker.create("slow", 3, &[]);
    let long = "x".repeat(500);
    let records: Vec<Record> = (0..1_500).map(|n| Record::new("k", &long).to(n % 3)).collect();
    broker.produce("slow", &records);
    // Little is fetched ahead, so that it is fetched often.
    let options =
        toml::from_str("queued.max.messages.kbytes = 64\nfetch.max.bytes = 20000\nmessage.max.bytes = 20000").unwrap();
    let reading = read_with_options(&settings(broker, &["slow"]), &options, Positions::default(), 2, false);
    let mut next: BTreeMap<i32, i64> = BTreeMap::new();
    for n in 0..1_500 {
        if n % 400 == 50 {
            // Longer than the source waits for room before it pauses.
            std::thread::sleep(Duration::from_millis(400));
        }
        let message = &reading.take(1)[0];
        let expected = next.entry(message.stream.partition).or_default();
        assert_eq!(message.offset, *expected, "of partition {}", message.stream.partition);
        *expected += 1;
    }
    assert_eq!(next.into_values().collect::<Vec<_>>(), [500, 500, 500]);
    until("the counters say so", || reading.progress.all().iter().all(|one| (one.read, one.lag()) == (500, 0)));
    reading.stop().unwrap();
}

#[test]
fn lag_is_known_by_partition() {
    let Some(broker) = Broker::shared() else { return };
    broker.create("lag", 1, &[]);
    broker.produce("lag", &vec![Record::new("k", "x"); 8]);
    let reading = read_with(&settings(broker, &["lag"]), Positions::default(), 3, false);
    until("the queue is full", || reading.progress.all().first().is_some_and(|one| (one.read, one.lag()) == (3, 5)));
    broker.produce("lag", &vec![Record::new("k", "x"); 4]);
    until("the new ones are counted", || reading.progress.all()[0].lag() == 9);
    assert_eq!(reading.take(12).len(), 12);
    reading.stop().unwrap();
}

#[test]
fn new_topics_and_new_partitions_are_found_and_read_from_their_beginning() {
    let Some(broker) = Broker::shared() else { return };
    broker.create("grow.a", 1, &[]);
    broker.produce("grow.a", &[Record::new("k", "before")]);
    let settings = Kafka { start_from: "latest".to_owned(), ..settings(broker, &["grow.*", "grown"]) };
    let reading = read(&settings);
    until("the first partition is read", || reading.progress.all().len() == 1);
    broker.grow("grow.a", 2);
    broker.produce("grow.a", &[Record::new("k", "x").to(1)]);
    assert_eq!(places(&reading.take(1)), ["1:0"]);
    // One by its beginning, one by its name, both with messages before they are found.
    for topic in ["grow.b", "grown"] {
        broker.create(topic, 1, &[]);
        broker.produce(topic, &[Record::new("k", "x"), Record::new("k", "y")]);
        let messages = reading.take(2);
        assert!(messages.iter().all(|message| &*message.stream.name == topic));
        assert_eq!(places(&messages), ["0:0", "0:1"]);
    }
    // Those that were there are read on.
    broker.produce("grow.a", &[Record::new("k", "z").to(0)]);
    assert_eq!(places(&reading.take(1)), ["0:1"]);
    reading.stop().unwrap();
}

#[test]
fn tools_that_show_lag_see_what_is_in_the_store() {
    let Some(broker) = Broker::shared() else { return };
    broker.create("group", 2, &[]);
    broker.produce("group", &vec![Record::new("k", "x").to(1); 5]);
    let reading = read(&Kafka { group: "group-of-test".to_owned(), ..settings(broker, &["group"]) });
    assert_eq!(reading.take(5).len(), 5);
    assert!(broker.committed("group-of-test", "group", 2).is_empty(), "nothing of it is in the store");
    for next in [3, 5] {
        reading.positions.put([(stream("group", 1), Position { next, ..Position::default() })]);
        until("the group is there", || broker.committed("group-of-test", "group", 2) == BTreeMap::from([(1, next)]));
    }
    reading.stop().unwrap();
}

#[test]
fn reading_once_ends_where_topics_ended_when_it_began() {
    let Some(broker) = Broker::shared() else { return };
    broker.create("once", 2, &[]);
    broker.create("once-empty", 1, &[]);
    broker.produce("once", &vec![Record::new("k", "x").to(0); 4]);
    // The last offset of a transaction is a mark, and no message.
    let mut config = broker.client();
    let producer: BaseProducer = config.set("transactional.id", "once").create().unwrap();
    let patience = Duration::from_secs(30);
    producer.init_transactions(patience).unwrap();
    for (value, commit) in [("kept", true), ("dropped", false)] {
        producer.begin_transaction().unwrap();
        producer.send(BaseRecord::to("once").partition(1).key("k").payload(value)).unwrap();
        producer.flush(patience).unwrap();
        if commit { producer.commit_transaction(patience) } else { producer.abort_transaction(patience) }.unwrap();
    }
    let settings = settings(broker, &["once", "once-empty", "once-absent"]);
    let messages = read_once(&settings, Positions::default()).unwrap();
    assert_eq!(places(&messages), ["0:0", "0:1", "0:2", "0:3", "1:0"]);
    assert!(
        read_once(&Kafka { start_from: "latest".to_owned(), ..settings }, Positions::default()).unwrap().is_empty()
    );
}

#[test]
fn what_cannot_pass_ends_the_source() {
    let Some(broker) = Broker::shared() else { return };
    broker.create("refused", 1, &[]);
    // The broker asks for no password, and takes none.
    let options =
        "security.protocol = \"SASL_PLAINTEXT\"\nsasl = { mechanisms = \"PLAIN\", username = \"u\", password = \"p\" }";
    let options = toml::from_str(options).unwrap();
    let reading = read_with_options(&settings(broker, &["refused"]), &options, Positions::default(), 1, false);
    let error = reading.ended().unwrap_err();
    assert!(error.hint.as_deref().unwrap().contains("sasl.password"), "{error}");
}
