//! Which are the best of what was offered? The `k` of the greatest scores; of equal ones the least keys.

use rolestream_dataflows::fixed::{Micro, UNIT_DOT, similarity_of_dot};
use std::cmp::Reverse;
use std::collections::BinaryHeap;

/// The best so far. Scores are kept as dot products between 0 and [`UNIT_DOT`], whose order is that of the similarities.
pub(super) struct Top<'a, K> {
    room: usize,
    /// The worst on top.
    kept: BinaryHeap<(Reverse<i32>, &'a K)>,
}

impl<'a, K: Ord + Clone> Top<'a, K> {
    pub(super) fn new(room: usize) -> Top<'a, K> {
        Top { room, kept: BinaryHeap::new() }
    }

    /// Offers keys of one vector, ascending: the first that is not wanted ends it.
    pub(super) fn offer(&mut self, dot: i32, keys: &'a [K]) {
        let score = Reverse(dot.clamp(0, UNIT_DOT));
        for key in keys {
            if self.kept.len() < self.room {
                self.kept.push((score, key));
                continue;
            }
            let Some(mut worst) = self.kept.peek_mut() else { return };
            if (score, key) >= *worst {
                return;
            }
            *worst = (score, key);
        }
    }

    /// Best first.
    pub(super) fn finish(self) -> Vec<(K, Micro)> {
        let sorted = self.kept.into_sorted_vec();
        sorted.into_iter().map(|(Reverse(dot), key)| (key.clone(), similarity_of_dot(dot))).collect()
    }
}
