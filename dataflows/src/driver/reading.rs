//! What does this worker's share of each view hold at a closed epoch? By key, by a range of keys, or all of it.

use crate::graph::Views;
use crate::id::Id;
use crate::views::*;
use crate::{Time, Trace};
use differential_dataflow::ExchangeData;
use differential_dataflow::trace::cursor::cursor_list;
use differential_dataflow::trace::{Cursor, TraceReader};
use std::ops::{Bound, ControlFlow, RangeBounds};
use std::sync::Arc;
use timely::dataflow::operators::probe::{Handle, Probe};
use timely::progress::frontier::AntichainRef;

/// One worker's share of every view, all at one closed epoch.
pub struct Reader<'a> {
    pub(super) traces: &'a mut Traces,
    pub(super) at: Time,
}

macro_rules! traces {
    ($($name:ident: $key:ty => $value:ty,)*) => {
        /// The index of every view.
        pub(super) struct Traces {
            $($name: Trace<$key, $value>,)*
        }

        impl Traces {
            /// Keeps the views' indexes, and lets `probe` follow all of them.
            pub(super) fn new(views: Views<'_>, probe: &Handle<Time>) -> Traces {
                $(views.$name.stream.clone().probe_with(probe);)*
                Traces { $($name: views.$name.trace,)* }
            }

            /// Forgets history before `at`.
            pub(super) fn compact(&mut self, at: Time) {
                $(
                    self.$name.set_logical_compaction(AntichainRef::new(&[at]));
                    self.$name.set_physical_compaction(AntichainRef::new(&[]));
                )*
            }
        }

        impl Reader<'_> {
            /// This worker's share of every view, whole.
            pub fn snapshot(&mut self) -> Snapshot {
                Snapshot { $($name: self.$name().rows().into_iter().collect(),)* }
            }

            $(
                #[doc = concat!("The view *", stringify!($name), "*.")]
                pub fn $name(&mut self) -> View<'_, $key, $value> {
                    View { trace: &mut self.traces.$name, at: self.at }
                }
            )*
        }
    };
}

traces! {
    decisions: Id => Arc<Answer>,
    members: Id => Member,
    centroids: (Id, i32) => Centroid,
    role_centroids: Id => Centroid,
    skill_support: (Id, Id) => u64,
    kra_support: (Id, Id) => u64,
    collisions: (Id, Box<[Id]>) => Summary,
    undecided: Id => Undecided,
    new_roles: Arc<str> => Summary,
    new_skills: (Id, Id) => NewSkill,
    new_kras: (Id, Id) => NewKra,
    novel_sentences: (Id, Id) => Summary,
    impact: Id => Impact,
    clusters: Id => Cluster,
    counts: CountKey => u64,
    baselines: Id => Baseline,
    skill_sets: Id => u64,
}

impl Reader<'_> {
    /// The epoch it is all of.
    pub fn epoch(&self) -> super::Epoch {
        self.at
    }
}

/// This worker's share of one view. Rows come in the order of their keys, then values; of another worker come others.
pub struct View<'a, K: ExchangeData, V: ExchangeData> {
    trace: &'a mut Trace<K, V>,
    at: Time,
}

impl<K: ExchangeData, V: ExchangeData> View<'_, K, V> {
    /// Looks at the rows whose key is `from` or comes after it, at all where there is none, until told to stop.
    ///
    /// # Panics
    /// When a row is there several or a negative number of times: a defect.
    pub fn scan(&mut self, from: Option<&K>, mut look: impl FnMut(&K, &V) -> ControlFlow<()>) {
        let batches = self.trace.batches_through(AntichainRef::new(&[])).expect("the cut of all batches is sound");
        let (mut cursor, storage) = cursor_list(batches);
        if let Some(from) = from {
            cursor.seek_key(&storage, from);
        }
        while let Some(key) = cursor.get_key(&storage) {
            while let Some(value) = cursor.get_val(&storage) {
                let mut times = 0;
                cursor.map_times(&storage, |t, d| times += if *t <= self.at { *d } else { 0 });
                assert!((0..=1).contains(&times), "a row of a view is there once or not at all, not {times} times");
                if times == 1 && look(key, value).is_break() {
                    return;
                }
                cursor.step_val(&storage);
            }
            cursor.step_key(&storage);
        }
    }

    /// The row of a key, if it is in this share; of several the first.
    pub fn get(&mut self, key: &K) -> Option<V> {
        let mut found = None;
        self.scan(Some(key), |at, value| {
            found = (at == key).then(|| value.clone());
            ControlFlow::Break(())
        });
        found
    }

    /// All rows of a key, in this share.
    pub fn values(&mut self, key: &K) -> Vec<V> {
        let mut values = Vec::new();
        self.each((Bound::Included(key), Bound::Included(key)), |_, value| values.push(value.clone()));
        values
    }

    /// All rows.
    pub fn rows(&mut self) -> Vec<(K, V)> {
        self.range(..)
    }

    /// The rows whose keys are in a range.
    pub fn range(&mut self, keys: impl RangeBounds<K>) -> Vec<(K, V)> {
        let mut rows = Vec::new();
        self.each(keys, |key, value| rows.push((key.clone(), value.clone())));
        rows
    }

    /// Looks at the rows whose keys are in a range, without a copy.
    pub fn each(&mut self, keys: impl RangeBounds<K>, mut look: impl FnMut(&K, &V)) {
        let from = match keys.start_bound() {
            Bound::Included(key) | Bound::Excluded(key) => Some(key),
            Bound::Unbounded => None,
        };
        let past = |key: &K| match keys.end_bound() {
            Bound::Included(last) => key > last,
            Bound::Excluded(end) => key >= end,
            Bound::Unbounded => false,
        };
        self.scan(from, |key, value| {
            if past(key) {
                return ControlFlow::Break(());
            }
            if keys.contains(key) {
                look(key, value);
            }
            ControlFlow::Continue(())
        });
    }

    /// A page: rows after `key`, from the first one where there is none, `most` of them, and the rest of the last key's.
    pub fn after(&mut self, key: Option<&K>, most: usize) -> Vec<(K, V)> {
        let mut rows: Vec<(K, V)> = Vec::new();
        self.scan(key, |at, value| {
            if key == Some(at) {
                return ControlFlow::Continue(());
            }
            if rows.len() >= most && rows.last().is_none_or(|(last, _)| last != at) {
                return ControlFlow::Break(());
            }
            rows.push((at.clone(), value.clone()));
            ControlFlow::Continue(())
        });
        rows
    }

    /// How many rows.
    pub fn count(&mut self) -> usize {
        let mut rows = 0;
        self.each(.., |_, _| rows += 1);
        rows
    }
}

impl<A: ExchangeData, B: ExchangeData + Least, V: ExchangeData> View<'_, (A, B), V> {
    /// The rows whose key begins with this.
    pub fn of(&mut self, first: &A) -> Vec<((A, B), V)> {
        let mut rows = Vec::new();
        self.scan(Some(&(first.clone(), B::least())), |key, value| {
            if key.0 != *first {
                return ControlFlow::Break(());
            }
            rows.push((key.clone(), value.clone()));
            ControlFlow::Continue(())
        });
        rows
    }
}

/// What has a least value: with it begin the keys that have a first part in common.
pub trait Least {
    /// The least value.
    fn least() -> Self;
}

impl Least for Id {
    fn least() -> Id {
        Id(0)
    }
}

impl Least for i32 {
    fn least() -> i32 {
        i32::MIN
    }
}

impl Least for Box<[Id]> {
    fn least() -> Box<[Id]> {
        Box::default()
    }
}
