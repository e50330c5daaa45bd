//! What does this worker's share of each view hold at a closed epoch?

use crate::graph::Views;
use crate::id::Id;
use crate::views::*;
use crate::{Time, Trace};
use differential_dataflow::ExchangeData;
use differential_dataflow::trace::cursor::cursor_list;
use differential_dataflow::trace::{Cursor, TraceReader};
use std::sync::Arc;
use timely::dataflow::operators::probe::{Handle, Probe};
use timely::progress::frontier::AntichainRef;

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

            pub(super) fn snapshot(&mut self, at: Time) -> Snapshot {
                Snapshot { $($name: rows(&mut self.$name, at).into_iter().collect(),)* }
            }
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
}

impl Traces {
    pub(super) fn decision(&mut self, jd: Id, at: Time) -> Option<Arc<Answer>> {
        let batches = self.decisions.batches_through(AntichainRef::new(&[])).expect("the cut of all batches is sound");
        let (mut cursor, storage) = cursor_list(batches);
        cursor.seek_key(&storage, &jd);
        if cursor.get_key(&storage) != Some(&jd) {
            return None;
        }
        while let Some(answer) = cursor.get_val(&storage) {
            let mut times = 0;
            cursor.map_times(&storage, |t, d| times += if *t <= at { *d } else { 0 });
            if times != 0 {
                return Some(answer.clone());
            }
            cursor.step_val(&storage);
        }
        None
    }
}

/// The rows of a view that are there at `at`; a row that is there several or a negative number of times is a defect.
fn rows<K: ExchangeData, V: ExchangeData>(trace: &mut Trace<K, V>, at: Time) -> Vec<(K, V)> {
    let batches = trace.batches_through(AntichainRef::new(&[])).expect("the cut of all batches is sound");
    let (mut cursor, storage) = cursor_list(batches);
    let mut rows = Vec::new();
    while let Some(key) = cursor.get_key(&storage) {
        while let Some(value) = cursor.get_val(&storage) {
            let mut times = 0;
            cursor.map_times(&storage, |t, d| times += if *t <= at { *d } else { 0 });
            assert!((0..=1).contains(&times), "a row of a view is there once or not at all, not {times} times");
            if times == 1 {
                rows.push((key.clone(), value.clone()));
            }
            cursor.step_val(&storage);
        }
        cursor.step_key(&storage);
    }
    rows
}
