//! How far has each partition been read, and how far behind is that? Counters that metrics may look at at any time.

use crate::sources::Stream;
use serde::Deserialize;
use std::collections::{BTreeMap, HashMap};
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// The counters of all partitions. Cheap to clone: all clones are of the same ones.
#[derive(Clone, Debug, Default)]
pub struct Progress(Arc<Mutex<BTreeMap<Stream, Arc<Counters>>>>);

/// How far one partition is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reading {
    /// The partition.
    pub stream: Stream,
    /// Messages read since the start.
    pub read: u64,
    /// The offset that is read next.
    pub next: i64,
    /// The offset that is written next, as last heard.
    pub high: i64,
}

impl Reading {
    /// How many offsets are still to be read.
    pub fn lag(&self) -> u64 {
        u64::try_from(self.high - self.next).unwrap_or(0)
    }
}

impl Progress {
    /// All partitions, in order.
    pub fn all(&self) -> Vec<Reading> {
        let reading = |(stream, counters): (&Stream, &Arc<Counters>)| Reading {
            stream: stream.clone(),
            read: counters.read.load(Relaxed),
            next: counters.next.load(Relaxed),
            high: counters.high.load(Relaxed).max(counters.next.load(Relaxed)),
        };
        self.lock().iter().map(reading).collect()
    }

    /// The counters of a partition that is read from `next` on.
    pub(super) fn begin(&self, stream: &Stream, next: i64, high: i64) -> Arc<Counters> {
        let counters = self.lock().entry(stream.clone()).or_default().clone();
        counters.next.store(next, Relaxed);
        counters.high.store(high, Relaxed);
        counters.unsettle();
        counters
    }

    /// A partition ends there now.
    pub(super) fn ends(&self, stream: &Stream, high: i64) {
        if let Some(counters) = self.lock().get(stream) {
            counters.high.store(high, Relaxed);
        }
    }

    /// Takes librdkafka's statistics in.
    pub(super) fn take(&self, statistics: &[u8]) {
        let statistics: Statistics = match serde_json::from_slice(statistics) {
            Ok(statistics) => statistics,
            Err(error) => return tracing::debug!(%error, "librdkafka's statistics are in no known form"),
        };
        for (stream, counters) in &*self.lock() {
            let topic = statistics.topics.get(&*stream.name);
            let Some(partition) = topic.and_then(|topic| topic.partitions.get(&stream.partition.to_string())) else {
                continue;
            };
            // -1001: not known yet.
            if partition.hi_offset >= 0 {
                counters.high.store(partition.hi_offset, Relaxed);
            }
            counters.settle(partition);
        }
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<Stream, Arc<Counters>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The counters of one partition.
#[derive(Debug, Default)]
pub(super) struct Counters {
    read: AtomicU64,
    next: AtomicI64,
    high: AtomicI64,
    /// The offset before which everything that is a message has been handed over; 0: not known.
    settled: AtomicI64,
    /// What `next` was at the last statistics, and how often nothing has moved since.
    seen: AtomicI64,
    quiet: AtomicU64,
}

/// So often in a row nothing must have moved: the first statistics after a pause may still be of the time before it.
const QUIET: u64 = 2;

impl Counters {
    /// A message has been handed on, and this is the offset after it.
    pub(super) fn count(&self, next: i64) {
        self.read.fetch_add(1, Relaxed);
        self.next.store(next, Relaxed);
    }

    /// Whether everything before this offset has been read. The last offsets of a partition may have no message: marks
    /// of transactions are passed over, and compaction takes messages away. Then only librdkafka knows.
    pub(super) fn past(&self, offset: i64) -> bool {
        self.next.load(Relaxed) >= offset || self.settled.load(Relaxed) >= offset
    }

    /// What was fetched ahead is fetched again: what statistics said before says nothing now.
    pub(super) fn unsettle(&self) {
        self.quiet.store(0, Relaxed);
        self.settled.store(0, Relaxed);
    }

    /// Nothing is waiting to be handed over, and nothing was for some time: all before the offset that is fetched next
    /// has been.
    fn settle(&self, partition: &Partition) {
        let next = self.next.load(Relaxed);
        let still = self.seen.swap(next, Relaxed) == next && partition.fetchq_cnt == 0;
        let quiet = if still { self.quiet.load(Relaxed) + 1 } else { 0 };
        self.quiet.store(quiet, Relaxed);
        self.settled.store(if quiet > QUIET { partition.next_offset } else { 0 }, Relaxed);
    }
}

#[derive(Deserialize)]
struct Statistics {
    #[serde(default)]
    topics: HashMap<String, Topic>,
}

#[derive(Deserialize)]
struct Topic {
    partitions: HashMap<String, Partition>,
}

#[derive(Deserialize)]
struct Partition {
    hi_offset: i64,
    next_offset: i64,
    fetchq_cnt: i64,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn statistics(high: i64, next: i64, waiting: i64) -> String {
        format!(
            "{{\"name\":\"x\",\"topics\":{{\"t\":{{\"topic\":\"t\",\"partitions\":{{\"-1\":{{\"hi_offset\":-1001,\
             \"next_offset\":0,\"fetchq_cnt\":0}},\"2\":{{\"hi_offset\":{high},\"next_offset\":{next},\
             \"fetchq_cnt\":{waiting}}}}}}}}}}}"
        )
    }

    #[test]
    fn lag_is_what_statistics_say_is_there_and_has_not_been_read() {
        let progress = Progress::default();
        let stream = Stream { source: "kafka".into(), name: "t".into(), partition: 2 };
        progress.begin(&stream, 5, 9);
        progress.take(statistics(-1001, 5, 0).as_bytes());
        assert_eq!(progress.all()[0].lag(), 4);
        progress.take(statistics(30, 5, 0).as_bytes());
        assert_eq!((progress.all()[0].lag(), progress.all()[0].high), (25, 30));
        progress.take(b"[]");
    }

    #[test]
    fn the_end_is_reached_without_a_message_when_nothing_has_moved_for_some_time() {
        let progress = Progress::default();
        let stream = Stream { source: "kafka".into(), name: "t".into(), partition: 2 };
        let counters = progress.begin(&stream, 5, 9);
        let hear = |next, waiting| progress.take(statistics(9, next, waiting).as_bytes());
        hear(9, 1);
        (0..3).for_each(|_| hear(9, 0));
        assert!(counters.past(9));
        counters.unsettle();
        assert!(!counters.past(9), "what was fetched ahead is fetched again");
        (0..3).for_each(|_| hear(8, 0));
        assert!(!counters.past(9), "nothing says that 8 has been passed");
        counters.next.store(6, Relaxed);
        hear(9, 0);
        assert!(!counters.past(9), "it has moved since the last time");
    }
}
