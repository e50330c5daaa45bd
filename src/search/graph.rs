//! Where is a large set's neighbourhood of a vector? A hierarchical navigable small world (`hnsw_rs`).
//!
//! The graph holds clones of the vectors, which share their components with whoever else holds them: there is one copy.
//! One thread inserts; any number may search meanwhile, for the crate locks each point's list of neighbours by itself
//! and never asks for a second lock with one of a search in hand.
//!
//! Nothing can be taken out of such a graph. What is gone stays in it as a tombstone, and paths go over it, until the
//! graph is built anew.

use super::index::Limits;
use hnsw_rs::hnsw::Hnsw;
use hnsw_rs::prelude::Distance;
use rolestream_dataflows::fixed::{MAX_SQUARED_NORM, Vector, dot};

/// As many layers as the crate can have.
const LAYERS: usize = 16;

pub(super) struct Graph {
    inner: Hnsw<'static, Vector, Apart>,
}

/// How far two vectors are apart. An integer below 2^24, exact in `f32`, and never negative, which the crate asserts.
struct Apart;

impl Distance<Vector> for Apart {
    fn eval(&self, a: &[Vector], b: &[Vector]) -> f32 {
        let near: i32 = a.iter().zip(b).map(|(a, b)| dot(a.components(), b.components())).sum();
        (MAX_SQUARED_NORM - near) as f32
    }
}

impl Graph {
    /// Built for so many vectors; more may come. The crate draws levels from a generator with a fixed seed: the same
    /// insertions in the same order make the same graph.
    pub(super) fn new(expected: usize, limits: &Limits) -> Graph {
        Graph { inner: Hnsw::new(limits.connections, expected, LAYERS, limits.ef_construction, Apart) }
    }

    /// Only one thread at a time.
    pub(super) fn insert(&self, node: u32, vector: &Vector) {
        self.inner.insert_slice((std::slice::from_ref(vector), node as usize));
    }

    /// Vectors inserted so far.
    pub(super) fn len(&self) -> usize {
        self.inner.get_nb_point()
    }

    /// At most `ef` nodes, most of them the nearest, tombstones among them.
    pub(super) fn around(&self, vector: &Vector, ef: usize) -> impl Iterator<Item = u32> {
        self.inner.search(std::slice::from_ref(vector), ef, ef).into_iter().map(|found| found.d_id as u32)
    }
}
