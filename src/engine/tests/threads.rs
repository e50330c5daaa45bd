//! Every batch gets its report, from whichever thread; a stop or a panic ends all waiting.

use super::{dimension, jd};
use crate::engine::batch::Batch;
use crate::engine::worker::Command;
use crate::engine::{Engine, Options};
use rolestream_dataflows::records::Change;
use std::thread;
use std::time::{Duration, Instant};

fn batch(n: u64) -> Batch {
    Batch::of_jds(vec![jd(&n.to_string(), n, "acme", 0)])
}

#[test]
fn no_workers_is_an_error() {
    assert!(Engine::start(0).is_err());
}

#[test]
fn epochs_close_in_order_and_versions_count() {
    for workers in 1..=3 {
        let engine = Engine::start(workers).unwrap();
        assert_eq!((engine.last_closed(), engine.taxonomy_version()), (0, 0));
        let edit = engine.submit(Batch::of_changes(vec![Change::Put(dimension("d", "one"))])).unwrap();
        let jds = engine.submit(batch(1)).unwrap();
        assert!(edit.epoch() < jds.epoch());
        assert_eq!((edit.taxonomy_version(), jds.taxonomy_version()), (1, 1));
        let report = engine.wait(&jds).unwrap();
        assert_eq!((report.epoch, report.taxonomy_version, report.unchanged), (jds.epoch(), 1, 0));
        assert!(engine.last_closed() >= jds.epoch());
        assert_eq!(engine.taxonomy_version(), 1);
        assert_eq!(engine.with_tables(|tables| tables.len()), 1);
        // Asking again is the same answer.
        assert_eq!(engine.wait(&edit).unwrap().epoch, edit.epoch());
    }
}

#[test]
fn several_threads_submit_and_read_at_once() {
    let engine = Engine::start_with(Options { workers: 2, max_epochs_ahead: 3, ..Options::default() }).unwrap();
    thread::scope(|scope| {
        for submitter in 0..2 {
            let engine = &engine;
            scope.spawn(move || {
                let mut last = 0;
                for n in 0..100 {
                    let report = engine.apply(batch(submitter * 1000 + n)).unwrap();
                    assert!(report.epoch > last);
                    last = report.epoch;
                }
            });
        }
        scope.spawn(|| {
            let mut last = 0;
            for _ in 0..20 {
                let (epoch, _) = engine.snapshot_at().unwrap();
                assert!(epoch >= last);
                last = epoch;
            }
        });
    });
    assert!(engine.last_closed() >= 200);
}

#[test]
fn submitting_far_ahead_is_held_back() {
    let engine = Engine::start_with(Options { workers: 1, max_epochs_ahead: 2, ..Options::default() }).unwrap();
    for n in 0..50 {
        let ticket = engine.submit(batch(n)).unwrap();
        assert!(ticket.epoch() - engine.last_closed() <= 2);
    }
}

#[test]
fn a_busy_engine_can_be_dropped() {
    for workers in 1..=3 {
        let engine = Engine::start(workers).unwrap();
        for n in 0..50 {
            engine.submit(batch(n)).unwrap();
        }
        drop(engine);
    }
}

#[test]
fn a_worker_that_panics_ends_all_waiting_with_an_error() {
    for workers in 1..=2 {
        let engine = Engine::start(workers).unwrap();
        engine.shared.lock().tell_last(Command::Panic);
        let deadline = Instant::now() + Duration::from_secs(60);
        let error = loop {
            match engine.apply(batch(0)) {
                Err(error) => break error,
                Ok(_) => assert!(Instant::now() < deadline),
            }
        };
        let detail = error.detail.unwrap();
        assert!(detail.contains("told to panic"), "{detail}");
        assert!(engine.snapshot().is_err());
        assert!(engine.failure().is_some());
    }
}

#[test]
fn a_parked_worker_wakes_at_once() {
    let engine = Engine::start(2).unwrap();
    engine.apply(batch(0)).unwrap();
    // Long enough for the workers to park, each time anew; far under the longest park.
    let mut waits: Vec<Duration> = (1..20)
        .map(|n| {
            thread::sleep(Duration::from_millis(3));
            engine.apply(batch(n)).unwrap().elapsed
        })
        .collect();
    waits.sort();
    assert!(waits[waits.len() / 2] < Duration::from_millis(100), "{waits:?}");
}
