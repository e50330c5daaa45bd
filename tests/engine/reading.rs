//! Views are read while epochs are fed and closed: what is seen is always one epoch, the same on every worker.

use crate::world::{alias, at, features, kra, put, taxonomy, text};
use rolestream::engine::{Batch, Engine, Options};
use rolestream_dataflows::id::Id;
use rolestream_dataflows::records::{Change, Jd, JdUpdate};
use rolestream_dataflows::views::Answer;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

fn jd(n: u64) -> JdUpdate {
    let cosine = (n % 21) as f64 / 20.0;
    let features = features(n.is_multiple_of(3).then_some("Developer"), &[cosine, 1.0 - cosine], &["java", "spark"]);
    let jd = Jd { content: n, source: text("file"), received_at: n as i64, company: Id::NONE, features: Ok(features) };
    JdUpdate { id: Id::jd(&n.to_string()), jd: Some(Arc::new(jd)) }
}

/// Feeds until nobody reads any more: JDs that come and go, edits that move many of them.
fn feed(engine: &Engine, done: &AtomicBool) {
    for round in 0.. {
        if done.load(Ordering::Relaxed) {
            return;
        }
        let developer = alias("backend", "Developer");
        let edit = match round % 4 {
            0 => vec![Change::Put(developer)],
            1 => vec![Change::Put(kra("build services", "data", at(1.0)))],
            2 => vec![Change::Delete(developer.key())],
            _ => vec![Change::Put(kra("build services", "backend", at(1.0)))],
        };
        engine.submit(Batch::of_changes(edit)).expect("it is taken");
        let gone = (0..200).filter(|n| n % 7 == round % 7).map(|n| JdUpdate { jd: None, ..jd(n) });
        engine.submit(Batch::of_jds(gone.collect())).expect("it is taken");
        engine.submit(Batch::of_jds((0..200).filter(|n| n % 5 == round % 5).map(jd).collect())).expect("it is taken");
    }
}

/// Of one worker: the epoch, decisions, JDs counted, members, members that centroids count.
type Seen = (u64, Vec<(Id, Arc<Answer>)>, u64, usize, u64);

#[test]
fn a_reading_is_of_one_epoch_whatever_is_fed_meanwhile() {
    for workers in 1..=3 {
        let engine =
            Engine::start_with(Options { workers, max_epochs_ahead: 6, ..Options::default() }).expect("it starts");
        engine.apply(put(taxonomy())).expect("it closes");
        engine.apply(Batch::of_jds((0..200).map(jd).collect())).expect("it closes");
        let done = AtomicBool::new(false);
        thread::scope(|scope| {
            scope.spawn(|| feed(&engine, &done));
            let mut last = 0;
            let mut epochs = 0;
            while epochs < 60 {
                let of_facts = |facts: &rolestream::engine::Facts| {
                    let said = (0..200).filter_map(|n| Some((jd(n).id, facts.decision(jd(n).id)?.clone())));
                    said.collect::<BTreeMap<Id, Arc<Answer>>>()
                };
                let (said, read) = engine
                    .read_with(of_facts, |reader| {
                        let counted: u64 = reader.counts().rows().into_iter().map(|(_, jds)| jds).sum();
                        let members: usize = reader.members().count();
                        let sums: u64 = reader.role_centroids().rows().into_iter().map(|(_, row)| row.n).sum();
                        (reader.epoch(), reader.decisions().rows(), counted, members, sums)
                    })
                    .inspect_err(|_| done.store(true, Ordering::Relaxed))
                    .expect("it can be read");
                assert!(read.epoch >= last, "time does not go back");
                epochs += usize::from(read.epoch > last);
                last = read.epoch;
                let all = |part: fn(&Seen) -> u64| -> u64 { read.shares.iter().map(part).sum() };
                let same = read.shares.iter().all(|share| share.0 == read.epoch) && read.shares.len() == workers;
                let held: BTreeMap<Id, Arc<Answer>> = read.shares.iter().flat_map(|share| share.1.clone()).collect();
                let right = same
                    && held == said
                    && all(|share| share.2) == said.len() as u64
                    && all(|share| share.3 as u64) == all(|share| share.4);
                if !right {
                    done.store(true, Ordering::Relaxed);
                }
                assert!(right, "{workers} workers at epoch {}: views and facts are of different epochs", read.epoch);
            }
            done.store(true, Ordering::Relaxed);
        });
    }
}

#[test]
fn what_was_waited_for_is_read() {
    let engine = Engine::start(2).expect("it starts");
    assert_eq!(engine.read(|reader| reader.decisions().count()).expect("it can be read").shares, [0, 0]);
    engine.apply(put(taxonomy())).expect("it closes");
    for n in 0..30 {
        let report = engine.apply(Batch::of_jds(vec![jd(n)])).expect("it closes");
        let read = engine.read(move |reader| reader.decisions().get(&jd(n).id)).expect("it can be read");
        assert!(read.epoch >= report.epoch);
        assert_eq!(read.taxonomy_version, 1);
        assert_eq!(read.found(), engine.decision(jd(n).id));
    }
}

#[test]
fn rows_are_found_by_key_by_part_of_it_and_page_by_page() {
    let engine = Engine::start(2).expect("it starts");
    engine.apply(put(taxonomy())).expect("it closes");
    engine.apply(Batch::of_jds((0..60).map(jd).collect())).expect("it closes");
    let titled = |n: u64| {
        let title = if n.is_multiple_of(2) { "Backend Developer" } else { "Data Engineer" };
        let features = features(Some(title), &[(n % 2) as f64], &["java", "spark", "whip"]);
        let received_at = n as i64 * 86_400_000;
        let jd = Jd { content: n, source: text("file"), received_at, company: Id::NONE, features: Ok(features) };
        JdUpdate { id: Id::jd(&n.to_string()), jd: Some(Arc::new(jd)) }
    };
    engine.apply(Batch::of_jds((60..80).map(titled).collect())).expect("it closes");
    let snapshot = engine.snapshot().expect("it can be read");
    let role = Id::role("backend");
    assert!(snapshot.skill_support.keys().any(|(of, _)| *of != role));
    assert!(snapshot.centroids.keys().filter(|(of, _)| *of == role).count() > 5);

    let mut of_role = engine.read(move |reader| reader.skill_support().of(&role)).expect("it can be read").together();
    of_role.sort();
    let expected: Vec<_> = snapshot.skill_support.clone().into_iter().filter(|((of, _), _)| *of == role).collect();
    assert_eq!(of_role, expected);
    let days = engine.read(move |reader| reader.centroids().of(&role)).expect("it can be read").together();
    assert_eq!(days.len(), snapshot.centroids.keys().filter(|(of, _)| *of == role).count());
    let members = engine.read(move |reader| reader.members().values(&role)).expect("it can be read").together();
    assert_eq!(members.len(), snapshot.members.iter().filter(|(of, _)| *of == role).count());

    let mut pages = Vec::new();
    let mut last = None;
    loop {
        let page = engine.read(move |reader| reader.decisions().after(last.as_ref(), 7)).expect("it can be read");
        assert!(page.shares.iter().all(|share| share.len() <= 7));
        let mut page = page.together();
        page.sort();
        page.truncate(7);
        let Some((id, _)) = page.last() else { break };
        last = Some(*id);
        pages.extend(page);
    }
    assert_eq!(pages, snapshot.decisions.into_iter().collect::<Vec<_>>());
    assert_eq!(
        engine.read(|reader| reader.decisions().count()).expect("it can be read").shares.iter().sum::<usize>(),
        80
    );
}

#[test]
fn a_look_that_panics_ends_nothing() {
    let engine = Engine::start(2).expect("it starts");
    let error = engine.read::<()>(|_| panic!("no such row")).expect_err("nothing was seen");
    assert!(error.detail.expect("it says why").contains("no such row"));
    engine.apply(Batch::of_jds(vec![jd(1)])).expect("it goes on");
}
