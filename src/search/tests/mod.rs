//! Is what is near found, and what is gone not?

mod collections;
mod index;

use crate::embed::quantise;
use rand::{Rng, RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use rolestream_dataflows::fixed::{DIMENSIONS, Vector};

fn seeded(seed: u64) -> ChaCha8Rng {
    ChaCha8Rng::seed_from_u64(seed)
}

fn direction(random: &mut impl Rng) -> [f32; DIMENSIONS] {
    std::array::from_fn(|_| random.random_range(-1.0..1.0))
}

/// Vectors in clusters, as JDs are: a similarity of about .6 inside, about 0 between them.
fn clustered(random: &mut impl Rng, count: usize, clusters: usize) -> Vec<Vector> {
    let centres: Vec<_> = (0..clusters).map(|_| direction(random)).collect();
    let near = |random: &mut _| {
        let (centre, off) = (&centres[random_below(random, clusters)], direction(random));
        quantise(&std::array::from_fn(|i| centre[i] + 0.8 * off[i])).unwrap()
    };
    (0..count).map(|_| near(random)).collect()
}

fn random_below(random: &mut impl Rng, bound: usize) -> usize {
    random.random_range(0..bound)
}
