//! Which stored vectors are nearest to this one, while others come and go?
//!
//! Few vectors are looked at one by one. From [`Limits::exact_below`] on, a thread of its own moves them into a graph;
//! what comes later waits in a tail, which is looked at one by one beside the graph, until it is a quarter of that. When
//! more than a quarter of the graph is tombstones, the thread builds another aside and swaps them: readers wait for the
//! swap only, which is a pass over small records. While it builds there are two graphs in memory.
//!
//! What is put in is found by the next search, and what is removed by none, whatever the thread is doing.

use super::graph::Graph;
use super::recall::Recall;
use super::rows::Rows;
use rolestream_dataflows::fixed::{Micro, Vector};
use std::collections::HashSet;
use std::hash::Hash;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

/// When a graph is there, and how dense it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// So many different vectors, or fewer, are looked at one by one.
    pub exact_below: usize,
    /// The graph has no more than these: it bounds its memory. The rest is looked at one by one.
    pub graph_at_most: usize,
    /// Neighbours that a vector of the graph keeps; on the lowest layer twice as many.
    pub connections: usize,
    /// Candidates among which they are chosen.
    pub ef_construction: usize,
}

/// Looking at a vector costs some 70 ns: 100 000 are looked at in 7 ms, and always rightly. A graph is quicker from some
/// 20 000 on, but takes a second to build for every thousand vectors, and 2 to 3 KB a vector beside its components, which is
/// far more than these take.
impl Default for Limits {
    fn default() -> Limits {
        Limits { exact_below: 100_000, graph_at_most: 500_000, connections: 12, ef_construction: 64 }
    }
}

/// Nodes that move from the tail into the graph at a time.
const CHUNK: usize = 500;

/// Vectors by key, and the nearest of them. Threads share it.
pub struct Index<K: Clone + Ord + Hash + Send + Sync + 'static> {
    shared: Arc<Shared<K>>,
}

struct Shared<K> {
    limits: Limits,
    rows: RwLock<Rows<K>>,
    recall: Recall,
    /// Whether the thread is at work.
    working: Mutex<bool>,
    rested: Condvar,
    /// The index is gone, or a graph could not be built: there is nothing to do any more.
    ended: AtomicBool,
}

/// What is to be done to the graph.
enum Work {
    Rebuild,
    Extend,
}

impl<K: Clone + Ord + Hash + Send + Sync + 'static> Index<K> {
    /// Nothing in it. Recall is measured, and told, whenever the graph has changed.
    pub fn new(limits: Limits, recall: Recall) -> Index<K> {
        let shared = Shared {
            limits,
            rows: RwLock::new(Rows::default()),
            recall,
            working: Mutex::new(false),
            rested: Condvar::new(),
            ended: AtomicBool::new(false),
        };
        Index { shared: Arc::new(shared) }
    }

    /// Stores a vector under a key, in the place of the key's old one.
    pub fn insert(&self, key: K, vector: Vector) {
        self.change(|rows| rows.put(key, vector));
    }

    /// The same, or removes the key where there is no vector any more.
    pub fn replace(&self, key: K, vector: Option<Vector>) {
        match vector {
            Some(vector) => self.insert(key, vector),
            None => {
                self.remove(&key);
            }
        }
    }

    /// Removes a key; whether it was there.
    pub fn remove(&self, key: &K) -> bool {
        self.change(|rows| rows.remove(key))
    }

    /// Keys stored.
    pub fn len(&self) -> usize {
        self.shared.read().len()
    }

    /// No keys at all.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The `k` nearest: score descending, key ascending. `ef` candidates of a graph are looked at; more find more.
    pub fn nearest(&self, vector: &Vector, k: usize, ef: usize) -> Vec<(K, Micro)> {
        self.shared.read().nearest(vector, k, ef)
    }

    /// The same, of all vectors for certain.
    pub fn nearest_exactly(&self, vector: &Vector, k: usize) -> Vec<(K, Micro)> {
        self.shared.read().nearest_exactly(vector, k)
    }

    /// The recall last measured.
    pub fn recall(&self) -> Micro {
        self.shared.recall.last()
    }

    /// Measures it now, with searches as people make them.
    pub fn measure_recall(&self) -> Micro {
        self.shared.measure_recall()
    }

    /// Different vectors that are looked at one by one; those in the graph; the tombstones among these.
    pub fn sizes(&self) -> (usize, usize, usize) {
        self.shared.read().sizes()
    }

    /// Waits until nothing is left to be done to the graph.
    pub fn settle(&self) {
        let mut working = self.shared.working();
        while *working {
            working = self.shared.rested.wait(working).unwrap_or_else(PoisonError::into_inner);
        }
    }

    fn change<T>(&self, change: impl FnOnce(&mut Rows<K>) -> T) -> T {
        let mut rows = self.shared.write();
        let result = change(&mut rows);
        let due = self.shared.due(&rows).is_some();
        drop(rows);
        if due {
            self.shared.work_aside();
        }
        result
    }
}

impl<K: Clone + Ord + Hash + Send + Sync + 'static> Drop for Index<K> {
    fn drop(&mut self) {
        self.shared.ended.store(true, Ordering::Relaxed);
    }
}

impl<K: Clone + Ord + Hash + Send + Sync + 'static> Shared<K> {
    fn read(&self) -> RwLockReadGuard<'_, Rows<K>> {
        self.rows.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> RwLockWriteGuard<'_, Rows<K>> {
        self.rows.write().unwrap_or_else(PoisonError::into_inner)
    }

    fn working(&self) -> MutexGuard<'_, bool> {
        self.working.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn ended(&self) -> bool {
        self.ended.load(Ordering::Relaxed)
    }

    fn due(&self, rows: &Rows<K>) -> Option<Work> {
        let (tail, in_graph, dead) = rows.sizes();
        // Beside a graph a tail costs extra.
        let patience = if in_graph == 0 { self.limits.exact_below } else { self.limits.exact_below / 4 };
        match () {
            () if self.ended() => None,
            () if dead * 4 > in_graph => Some(Work::Rebuild),
            () if tail > patience && in_graph < self.limits.graph_at_most => Some(Work::Extend),
            () => None,
        }
    }

    fn work_aside(self: &Arc<Self>) {
        let mut working = self.working();
        if *working {
            return;
        }
        let shared = self.clone();
        let thread = std::thread::Builder::new().name("search".into()).spawn(move || shared.work());
        // Without a thread all of it is looked at one by one, until the next change asks for one again.
        *working = thread.is_ok();
    }

    fn work(&self) {
        loop {
            // What panics once would panic again; looking at the vectors one by one is right without any graph.
            if catch_unwind(AssertUnwindSafe(|| self.work_off())).is_err() {
                tracing::error!("the search graph could not be built: vectors are looked at one by one from now on");
                self.ended.store(true, Ordering::Relaxed);
                let graph = self.write().replace_graph(None, &HashSet::new());
                drop(graph);
            }
            let mut working = self.working();
            if self.due(&self.read()).is_none() {
                *working = false;
                self.rested.notify_all();
                return;
            }
        }
    }

    fn work_off(&self) {
        loop {
            let due = self.due(&self.read());
            match due {
                Some(Work::Rebuild) => self.rebuild(),
                Some(Work::Extend) => self.extend(),
                None => break,
            }
        }
        if !self.ended() {
            self.measure_recall();
        }
    }

    /// Moves the whole tail of now into the graph, chunk by chunk.
    fn extend(&self) {
        let (graph, nodes) = {
            let mut rows = self.write();
            let (tail, in_graph, _) = rows.sizes();
            let graph = rows.graph.get_or_insert_with(|| Arc::new(Graph::new(tail, &self.limits))).clone();
            (graph, rows.move_some(self.limits.graph_at_most - in_graph))
        };
        for chunk in nodes.chunks(CHUNK) {
            for (number, vector) in chunk {
                if self.ended() {
                    return;
                }
                graph.insert(*number, vector);
            }
            self.write().moved(chunk.iter().map(|(number, _)| *number));
        }
    }

    /// Builds a graph of what is alive aside, and swaps. Where little is left, there is none.
    fn rebuild(&self) {
        let nodes = self.read().living_in_graph();
        let few = nodes.len() <= self.limits.exact_below;
        let nodes = if few { Vec::new() } else { nodes };
        let graph = (!few).then(|| Arc::new(Graph::new(nodes.len(), &self.limits)));
        if let Some(graph) = &graph {
            for (number, vector) in &nodes {
                if self.ended() {
                    return;
                }
                graph.insert(*number, vector);
            }
        }
        let has = nodes.iter().map(|(number, _)| *number).collect();
        let old = self.write().replace_graph(graph, &has);
        // Taking a graph apart takes a while; nobody waits for it here.
        drop(old);
    }

    fn measure_recall(&self) -> Micro {
        let sample = {
            let rows = self.read();
            rows.sample(Recall::sample(rows.len()))
        };
        self.recall.measure(
            &sample,
            |vector, k| self.read().nearest_exactly(vector, k),
            |vector, k| self.read().nearest(vector, k, super::collections::CANDIDATES),
        )
    }
}
