//! Is an index right whatever comes and goes, and near enough where it approximates?

use super::*;
use crate::search::{Index, Limits, Recall};
use rolestream_dataflows::fixed::Micro;
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, mpsc};

/// A graph that tests can afford.
const SMALL: Limits = Limits { exact_below: 100, graph_at_most: 1_000_000, connections: 10, ef_construction: 32 };

fn filled(limits: Limits, vectors: &[Vector]) -> Index<usize> {
    let index = Index::new(limits, Recall::default());
    vectors.iter().cloned().enumerate().for_each(|(key, vector)| index.insert(key, vector));
    index.settle();
    index
}

/// The definition: all scores, sorted.
fn oracle(stored: &BTreeMap<usize, Vector>, vector: &Vector, k: usize) -> Vec<(usize, Micro)> {
    let mut all: Vec<(usize, Micro)> = stored.iter().map(|(key, other)| (*key, other.similarity(vector))).collect();
    all.sort_by(|a, b| b.1.cmp(&a.1).then(a.0.cmp(&b.0)));
    all.truncate(k);
    all
}

#[test]
fn a_small_set_is_searched_exactly_through_every_change() {
    let mut random = seeded(1);
    // Few vectors for many keys: equal ones have several keys, and scores have ties.
    let pool = clustered(&mut random, 60, 4);
    let (index, mut stored) = (Index::new(Limits::default(), Recall::default()), BTreeMap::new());
    for _ in 0..2_000 {
        let key = random_below(&mut random, 150);
        if random_below(&mut random, 3) == 0 {
            assert_eq!(index.remove(&key), stored.remove(&key).is_some());
        } else {
            let vector = pool[random_below(&mut random, pool.len())].clone();
            index.insert(key, vector.clone());
            stored.insert(key, vector);
        }
        let asked = &pool[random_below(&mut random, pool.len())];
        let k = random_below(&mut random, 20);
        assert_eq!(index.nearest(asked, k, 10), oracle(&stored, asked, k));
        assert_eq!(index.len(), stored.len());
    }
}

#[test]
fn a_large_clustered_set_is_searched_well() {
    let told = Arc::new(AtomicU32::new(0));
    let tell = told.clone();
    let vectors = clustered(&mut seeded(2), 2_400, 24);
    let index = Index::new(SMALL, Recall::new(move |recall| tell.store(recall.0, Ordering::Relaxed)));
    vectors.iter().cloned().enumerate().for_each(|(key, vector)| index.insert(key, vector));
    index.settle();
    let (tail, in_graph, _) = index.sizes();
    assert!(in_graph > 2_200 && tail <= SMALL.exact_below, "{tail} {in_graph}");
    assert!(index.recall() >= Micro(950_000), "{}", index.recall());
    assert_eq!(told.load(Ordering::Relaxed), index.recall().0);
    // It is a measurement: with few candidates the same graph finds less.
    let poor = vectors.iter().step_by(10).filter(|v| index.nearest(v, 10, 10) != index.nearest_exactly(v, 10)).count();
    assert!(poor > 0);
}

#[test]
fn what_is_removed_is_never_found_and_what_is_left_always() {
    let mut random = seeded(3);
    let vectors = clustered(&mut random, 1_600, 16);
    let index = filled(SMALL, &vectors);
    let mut stored: BTreeMap<usize, Vector> = vectors.iter().cloned().enumerate().collect();
    let before = index.sizes().1;
    // A whole neighbourhood goes: the graph has only tombstones there. Less than a quarter, so it stays.
    let asked = vectors[7].clone();
    for (key, _) in oracle(&stored, &asked, 300) {
        assert!(index.remove(&key));
        stored.remove(&key);
    }
    index.settle();
    assert!(index.sizes().2 > 250, "{:?}", index.sizes());
    let found = index.nearest(&asked, 10, 64);
    assert_eq!(found.len(), 10);
    assert!(
        found.iter().all(|(key, score)| stored.get(key).map(|v| v.similarity(&asked)) == Some(*score)),
        "{found:?}"
    );
    // Some come back, as they were and as others; then so many go that it is built anew.
    for key in [3_001, 7, 8] {
        index.insert(key, asked.clone());
        stored.insert(key, asked.clone());
    }
    assert_eq!(index.nearest(&asked, 3, 64), oracle(&stored, &asked, 3));
    for key in (0..1_600).step_by(4) {
        assert_eq!(index.remove(&key), stored.remove(&key).is_some());
    }
    index.settle();
    let (tail, in_graph, dead) = index.sizes();
    assert!(in_graph < before - 250 && dead * 4 <= in_graph, "{tail} {in_graph} {dead}");
    assert_eq!(index.len(), stored.len());
    for asked in vectors.iter().step_by(30) {
        let found = index.nearest(asked, 10, 128);
        assert!(found.iter().all(|(key, score)| stored.get(key).map(|v| v.similarity(asked)) == Some(*score)));
        assert_eq!(index.nearest_exactly(asked, 10), oracle(&stored, asked, 10));
    }
    assert!(index.measure_recall() >= Micro(950_000), "{}", index.recall());
    // Down to few: no graph any more.
    stored.keys().skip(100).for_each(|key| assert!(index.remove(key)));
    index.settle();
    assert_eq!(index.sizes(), (index.sizes().0, 0, 0));
    let left = stored.into_iter().take(100).collect();
    assert_eq!(index.nearest(&asked, 10, 10), oracle(&left, &asked, 10));
}

#[test]
fn readers_read_while_a_graph_is_built_and_see_what_is_there() {
    let vectors = clustered(&mut seeded(4), 900, 9);
    let index = Arc::new(filled(SMALL, &vectors));
    let (stop, gone) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicBool::new(false)));
    let (reads, counted) = mpsc::channel();
    // Of 3 keys the second stays, the third goes for ever, the first comes and goes.
    let reader = || {
        let (index, vectors, reads) = (index.clone(), vectors.clone(), reads.clone());
        let (stop, gone) = (stop.clone(), gone.clone());
        std::thread::spawn(move || {
            let (mut asked, mut missed) = (0, 0);
            for key in (1..900).step_by(3).cycle().take_while(|_| !stop.load(Ordering::Relaxed)) {
                let gone = gone.load(Ordering::SeqCst);
                let found = index.nearest(&vectors[key], 5, 64);
                assert_eq!(found.len(), 5);
                assert!(!gone || found.iter().all(|(key, _)| key % 3 != 2), "{found:?}");
                (asked, missed) = (asked + 1, missed + usize::from(found[0].0 != key));
                let _ = reads.send(());
            }
            (asked, missed)
        })
    };
    let readers = [reader(), reader()];
    drop(reads);
    (2..900).step_by(3).for_each(|key| assert!(index.remove(&key)));
    gone.store(true, Ordering::SeqCst);
    for _ in 0..2 {
        (0..900).step_by(3).for_each(|key| assert!(index.remove(&key)));
        // Readers have read since: while the graph is being built, or was.
        assert_eq!(counted.iter().take(10).count(), 10);
        (0..900).step_by(3).for_each(|key| index.insert(key, vectors[key].clone()));
        index.settle();
        assert_eq!(index.len(), 600);
    }
    stop.store(true, Ordering::Relaxed);
    for reader in readers {
        let (asked, missed) = reader.join().unwrap();
        assert!(missed * 20 <= asked, "{missed} of {asked} stored vectors do not find themselves");
    }
    assert!(index.sizes().1 > 0);
}

#[test]
fn memory_for_the_graph_is_bounded() {
    let vectors = clustered(&mut seeded(5), 700, 7);
    let index = filled(Limits { graph_at_most: 400, ..SMALL }, &vectors);
    assert_eq!(index.sizes(), (300, 400, 0));
    let missed = (0..700).filter(|key| index.nearest(&vectors[*key], 1, 60)[0].0 != *key).count();
    assert!(missed < 7, "{missed} vectors do not find themselves");
}
