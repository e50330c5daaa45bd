//! How much of the truth does an approximate search find?
//!
//! Recall at ten, on a sample of the stored vectors: of the ten that looking at all finds, how many does the search find
//! that people get? A neighbour counts as found where its score is there, for of equal scores any will do.

use rolestream_dataflows::fixed::Micro;
use std::sync::atomic::{AtomicU32, Ordering};

/// Neighbours compared.
const NEIGHBOURS: usize = 10;
/// Vectors sampled, where there are few enough to look at all of them so often.
const SAMPLE: usize = 100;
/// Dot products that one measurement may cost, about; ten vectors are always sampled.
const DOTS: usize = 20_000_000;

/// The last recall measured, and who is told.
pub struct Recall {
    last: AtomicU32,
    tell: Box<dyn Fn(Micro) + Send + Sync>,
}

impl Recall {
    /// `tell` is called with each measurement.
    pub fn new(tell: impl Fn(Micro) + Send + Sync + 'static) -> Recall {
        Recall { last: AtomicU32::new(Micro::ONE.0), tell: Box::new(tell) }
    }

    /// The last measurement; 1 before the first.
    pub fn last(&self) -> Micro {
        Micro(self.last.load(Ordering::Relaxed))
    }

    /// How many vectors to ask for, of so many.
    pub(super) fn sample(stored: usize) -> usize {
        (DOTS / stored.max(1)).clamp(10, SAMPLE)
    }

    /// Asks both searches for the neighbours of each sampled thing, and tells.
    pub(super) fn measure<Q, K>(
        &self,
        sample: &[Q],
        exact: impl Fn(&Q, usize) -> Vec<(K, Micro)>,
        approximate: impl Fn(&Q, usize) -> Vec<(K, Micro)>,
    ) -> Micro {
        let (mut found, mut there) = (0, 0);
        for asked in sample {
            let exact = exact(asked, NEIGHBOURS);
            let Some((_, least)) = exact.last() else { continue };
            let hits = approximate(asked, NEIGHBOURS).iter().filter(|(_, score)| score >= least).count();
            found += hits.min(exact.len()) as u64;
            there += exact.len() as u64;
        }
        let recall = if there == 0 { Micro::ONE } else { Micro::ratio(found, there) };
        self.last.store(recall.0, Ordering::Relaxed);
        (self.tell)(recall);
        recall
    }
}

impl Default for Recall {
    /// Tells nobody.
    fn default() -> Recall {
        Recall::new(|_| {})
    }
}
