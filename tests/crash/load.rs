//! Who sends messages? A thread, a few at a time with pauses between them, whatever the broker does meanwhile.

use super::kafka::{Broker, Record};
use super::world::World;
use rdkafka::message::{Header, OwnedHeaders};
use rdkafka::producer::{BaseProducer, BaseRecord, Producer};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

pub(crate) struct Load {
    more: Sender<usize>,
    thread: JoinHandle<()>,
}

impl Load {
    pub(crate) fn start(seed: u64, broker: &Broker) -> Load {
        let mut config = broker.client();
        config.set("enable.idempotence", "true").set("linger.ms", "0").set("partitioner", "murmur2_random");
        let producer: BaseProducer = config.create().unwrap();
        let (more, asked) = channel();
        let thread = std::thread::spawn(move || run(World::new(seed), &producer, &asked));
        Load { more, thread }
    }

    /// So many more are to be sent.
    pub(crate) fn send(&self, messages: usize) {
        self.more.send(messages).expect("it sends until it is told to end");
    }

    /// All are in their topics when this returns.
    pub(crate) fn end(self) {
        drop(self.more);
        self.thread.join().expect("all are sent");
    }
}

fn run(mut world: World, producer: &BaseProducer, asked: &Receiver<usize>) {
    for messages in asked {
        for _ in 0..messages {
            let sent = world.next();
            put(producer, sent.topic, &sent.record);
            // Some come together, some alone.
            let pause = if world.below(3) == 0 { world.below(60) } else { 0 };
            producer.poll(Duration::from_millis(pause as u64));
        }
    }
    let begun = Instant::now();
    while producer.in_flight_count() > 0 {
        producer.poll(Duration::from_millis(5));
        assert!(begun.elapsed() < Duration::from_secs(60), "messages are not taken");
    }
}

fn put(producer: &BaseProducer, topic: &str, record: &Record) {
    let headers = record.headers.iter();
    let headers = headers.fold(OwnedHeaders::new(), |all, (key, value)| all.insert(Header { key, value: Some(value) }));
    let mut sent = BaseRecord::<Vec<u8>, Vec<u8>>::to(topic).headers(headers);
    (sent.key, sent.payload) = (record.key.as_ref(), record.value.as_ref());
    producer.send(sent).map_err(|(error, _)| error).expect("there is room");
}
