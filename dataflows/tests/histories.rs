//! Does every view equal the oracle, at every epoch of many random histories?
//!
//! `ROLESTREAM_HISTORIES` says how many (500), `ROLESTREAM_SEED` takes one seed alone.

mod common;

use common::check::{Passed, check};
use common::coverage::Coverage;
use common::history::Shape;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

fn number(variable: &str) -> Option<u64> {
    std::env::var(variable).ok().map(|text| text.parse().unwrap_or_else(|_| panic!("{variable} must be a number")))
}

/// Checks seeds from a shared counter until they are used up or one fails.
fn work(next: &AtomicU64, end: u64) -> Result<Vec<Passed>, String> {
    let mut passed = Vec::new();
    loop {
        let seed = next.fetch_add(1, Ordering::Relaxed);
        if seed >= end {
            return Ok(passed);
        }
        // One failure suffices: the others stop after the history they are at.
        passed.push(check(seed, &Shape::default()).inspect_err(|_| next.store(end, Ordering::Relaxed))?);
    }
}

#[test]
fn the_engine_equals_the_oracle() {
    let started = Instant::now();
    let only = number("ROLESTREAM_SEED");
    let end = only.map_or_else(|| number("ROLESTREAM_HISTORIES").unwrap_or(500), |seed| seed + 1);
    let next = AtomicU64::new(only.unwrap_or(0));
    let threads = std::thread::available_parallelism().map_or(2, |n| n.get().min(4));
    let results: Vec<Result<Vec<Passed>, String>> = std::thread::scope(|scope| {
        let running: Vec<_> = (0..threads).map(|_| scope.spawn(|| work(&next, end))).collect();
        running.into_iter().map(|thread| thread.join().expect("a checking thread does not panic")).collect()
    });
    let mut coverage = Coverage::default();
    let (mut histories, mut epochs, mut edits) = (0, 0, 0);
    for passed in results.into_iter().flat_map(|result| result.unwrap_or_else(|failure| panic!("{failure}"))) {
        coverage.add(&passed.coverage);
        histories += 1;
        epochs += passed.epochs;
        edits += passed.edits;
    }
    println!("{coverage}{histories} histories, {epochs} epochs, {edits} edits in {:.1?}", started.elapsed());
    // A few histories need not reach everything.
    let missing = coverage.missing();
    assert!(histories < 100 || missing.is_empty(), "never reached: {missing:?}");
}
