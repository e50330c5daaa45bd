//! How are topics made, changed and deleted? Each call returns when brokers show it.

use super::{Broker, until};
use rdkafka::TopicPartitionList;
use rdkafka::admin::{AdminClient, AdminOptions, NewPartitions, NewTopic, TopicReplication};
use rdkafka::client::DefaultClientContext;
use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::topic_partition_list::Offset;
use std::collections::BTreeMap;
use std::future::Future;
use std::sync::Arc;
use std::task::{Context, Poll, Wake, Waker};
use std::time::Duration;

const PATIENCE: Duration = Duration::from_secs(20);

impl Broker {
    fn admin(&self) -> AdminClient<DefaultClientContext> {
        self.client().create().expect("an administrator")
    }

    /// Makes a topic with these settings.
    pub(crate) fn create(&self, topic: &str, partitions: i32, settings: &[(&str, &str)]) {
        let new = NewTopic::new(topic, partitions, TopicReplication::Fixed(1));
        let new = settings.iter().fold(new, |new, (key, value)| new.set(key, value));
        let made = wait(self.admin().create_topics([&new], &AdminOptions::new())).expect("an answer");
        assert!(made.iter().all(Result::is_ok), "{made:?}");
        until("the topic is there", || self.partitions(topic) == partitions as usize);
    }

    /// Deletes a topic.
    pub(crate) fn delete(&self, topic: &str) {
        let gone = wait(self.admin().delete_topics(&[topic], &AdminOptions::new())).expect("an answer");
        assert!(gone.iter().all(Result::is_ok), "{gone:?}");
        until("the topic is gone", || self.partitions(topic) == 0);
    }

    /// Gives a topic more partitions, up to so many.
    pub(crate) fn grow(&self, topic: &str, partitions: usize) {
        let new = NewPartitions::new(topic, partitions);
        let grown = wait(self.admin().create_partitions([&new], &AdminOptions::new())).expect("an answer");
        assert!(grown.iter().all(Result::is_ok), "{grown:?}");
        until("the partitions are there", || self.partitions(topic) == partitions);
    }

    /// Deletes the records of a partition before an offset.
    pub(crate) fn expire(&self, topic: &str, partition: i32, before: i64) {
        let mut offsets = TopicPartitionList::new();
        offsets.add_partition_offset(topic, partition, Offset::Offset(before)).expect("an offset");
        let done = wait(self.admin().delete_records(&offsets, &AdminOptions::new())).expect("an answer");
        assert!(done.elements().iter().all(|one| one.error().is_ok()), "{done:?}");
        until("the records are gone", || self.marks(topic, partition).0 == before);
    }

    /// The partitions of a topic that have a leader.
    pub(crate) fn partitions(&self, topic: &str) -> usize {
        let consumer: BaseConsumer = self.client().create().expect("a client");
        let Ok(metadata) = consumer.fetch_metadata(Some(topic), PATIENCE) else { return 0 };
        metadata.topics().iter().flat_map(|topic| topic.partitions()).filter(|one| one.leader() >= 0).count()
    }

    /// The first offset of a partition, and the one that is written next.
    pub(crate) fn marks(&self, topic: &str, partition: i32) -> (i64, i64) {
        let consumer: BaseConsumer = self.client().create().expect("a client");
        consumer.fetch_watermarks(topic, partition, PATIENCE).expect("its offsets")
    }

    /// What a setting of a topic is.
    pub(crate) fn setting(&self, topic: &str, key: &str) -> Option<String> {
        let resource = rdkafka::admin::ResourceSpecifier::Topic(topic);
        let answer = wait(self.admin().describe_configs([&resource], &AdminOptions::new())).expect("an answer");
        let topic = answer.into_iter().next()?.ok()?;
        topic.entry_map().get(key).and_then(|entry| entry.value.clone())
    }

    /// What a group has committed of a topic, by partition.
    pub(crate) fn committed(&self, group: &str, topic: &str, partitions: i32) -> BTreeMap<i32, i64> {
        let consumer: BaseConsumer = self.client().set("group.id", group).create().expect("a client");
        let mut asked = TopicPartitionList::new();
        asked.add_partition_range(topic, 0, partitions - 1);
        let Ok(answer) = consumer.committed_offsets(asked, PATIENCE) else { return BTreeMap::new() };
        let offset = |one: &rdkafka::topic_partition_list::TopicPartitionListElem<'_>| match one.offset() {
            Offset::Offset(offset) => Some((one.partition(), offset)),
            _ => None,
        };
        answer.elements().iter().filter_map(offset).collect()
    }
}

struct Unpark(std::thread::Thread);

impl Wake for Unpark {
    fn wake(self: Arc<Self>) {
        self.0.unpark();
    }
}

fn wait<F: Future>(answer: F) -> F::Output {
    let waker = Waker::from(Arc::new(Unpark(std::thread::current())));
    let mut answer = std::pin::pin!(answer);
    loop {
        if let Poll::Ready(output) = answer.as_mut().poll(&mut Context::from_waker(&waker)) {
            return output;
        }
        std::thread::park_timeout(Duration::from_millis(50));
    }
}
