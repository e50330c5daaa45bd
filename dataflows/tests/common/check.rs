//! Does the engine say what the oracle says, at every epoch of a history, however it is cut and on any workers?

use super::coverage::Coverage;
use super::difference::difference;
use super::history::{History, Shape, advance};
use rand::RngExt;
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use rolestream_dataflows::id::Id;
use rolestream_dataflows::oracle::check_invariants;
use rolestream_dataflows::records::{Change, Key, Tables};
use rolestream_dataflows::replay::{Event, replay};
use rolestream_dataflows::views::Snapshot;
use std::collections::{BTreeMap, BTreeSet};
use std::panic::{AssertUnwindSafe, catch_unwind};

/// What a history that passed was like.
pub(crate) struct Passed {
    pub(crate) edits: usize,
    pub(crate) epochs: usize,
    pub(crate) coverage: Coverage,
}

/// Makes the history of a seed, replays it and compares. The error says what differs and how to see it again.
pub(crate) fn check(seed: u64, shape: &Shape) -> Result<Passed, String> {
    let history = History::random(seed, shape);
    let workers = 1 + (seed % 3) as usize;
    let coverage = follow(&history, workers).and_then(|coverage| recut(&history, seed, workers).map(|()| coverage));
    let coverage = coverage.map_err(|difference| {
        let again = "cargo test --workspace --test histories";
        format!("seed {seed}, {workers} workers, {difference}\nto see it again: ROLESTREAM_SEED={seed} {again}")
    })?;
    Ok(Passed { edits: history.edits(), epochs: history.epochs.len(), coverage })
}

/// Runs the engine; a panic in it is a difference too.
fn run(workers: usize, epochs: &[Vec<Event>]) -> Result<Vec<Snapshot>, String> {
    let snapshots = catch_unwind(AssertUnwindSafe(|| replay(workers, epochs)));
    let snapshots = snapshots.map_err(|_| "the engine panicked".to_owned())?;
    if snapshots.len() == epochs.len() {
        Ok(snapshots)
    } else {
        Err(format!("the engine gave {} snapshots for {} epochs", snapshots.len(), epochs.len()))
    }
}

/// Compares every view at every epoch and checks the invariants of what the engine says.
fn follow(history: &History, workers: usize) -> Result<Coverage, String> {
    let mut coverage = Coverage::default();
    let (mut tables, mut jds) = (Tables::default(), BTreeMap::new());
    let snapshots = run(workers, &history.epochs)?;
    for (epoch, snapshot) in snapshots.iter().enumerate() {
        for event in &history.epochs[epoch] {
            coverage.event(&tables, &jds, event);
            advance(&mut tables, &mut jds, std::slice::from_ref(event));
        }
        if let Some(difference) = difference(&history.expected[epoch], snapshot) {
            return Err(format!("epoch {epoch}: {difference}"));
        }
        check_invariants(&tables, &jds, snapshot).map_err(|broken| format!("epoch {epoch}: invariant: {broken}"))?;
        coverage.views(&tables, snapshot);
    }
    Ok(coverage)
}

/// Replays the same events in other epochs and another order now and then: the end must be the same.
fn recut(history: &History, seed: u64, workers: usize) -> Result<(), String> {
    if !seed.is_multiple_of(4) {
        return Ok(());
    }
    let mut rng = ChaCha8Rng::seed_from_u64(!seed);
    let mut epochs: Vec<Vec<Event>> = vec![Vec::new()];
    let mut keys = BTreeSet::new();
    let mean = [1, 4, 20, 200][rng.random_range(0..4)];
    for event in history.epochs.iter().flatten() {
        let again = matches!(event, Event::Jd(_)) && keys.contains(&key(event));
        if again || rng.random_ratio(1, mean) {
            epochs.push(Vec::new());
            keys.clear();
        }
        keys.insert(key(event));
        epochs.last_mut().expect("there is a first epoch").push(event.clone());
    }
    for epoch in &mut epochs {
        shuffle_keys(epoch, &mut rng);
    }
    let workers = 1 + workers % 3;
    let snapshots = run(workers, &epochs).map_err(|error| format!("cut anew: {error}"))?;
    let last = history.expected.last().zip(snapshots.last());
    match last.and_then(|(expected, got)| difference(expected, got)) {
        Some(difference) => {
            Err(format!("cut anew into {} epochs on {workers} workers, at the end: {difference}", epochs.len()))
        }
        None => Ok(()),
    }
}

/// What an event is about.
fn key(event: &Event) -> Result<Key, Id> {
    match event {
        Event::Jd(update) => Err(update.id),
        Event::Change(Change::Put(record)) => Ok(record.key()),
        Event::Change(Change::Delete(key)) => Ok(key.clone()),
    }
}

/// Puts an epoch's events into another order in which those of one key stand as before.
fn shuffle_keys(epoch: &mut [Event], rng: &mut ChaCha8Rng) {
    for _ in 0..2 * epoch.len() {
        let (a, b) = (rng.random_range(0..epoch.len()), rng.random_range(0..epoch.len()));
        let (a, b) = (a.min(b), a.max(b));
        let between: BTreeSet<Result<Key, Id>> = epoch[a..=b].iter().map(key).collect();
        if b - a < 16 && between.len() == b - a + 1 {
            epoch.swap(a, b);
        }
    }
}
