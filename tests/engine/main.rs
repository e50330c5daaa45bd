//! Does the engine hold what the specification says, at every epoch, on any number of workers? And what was said?

#[path = "../../dataflows/tests/common/mod.rs"]
mod common;
mod preview;
mod reading;
mod story;
mod world;

use rolestream::engine::{Batch, Cause, Engine, Options, RoleChange};
use rolestream_dataflows::fixed::Micro;
use rolestream_dataflows::id::Id;
use rolestream_dataflows::records::{Adjudication, Author, Change, Jd, JdUpdate, Record, Rejection, Settings};
use rolestream_dataflows::views::Rule;
use std::sync::Arc;
use std::thread;
use story::{Story, assert_chains, assert_same, check, ends};
use world::{alias, at, features, kra, put, taxonomy, text};

#[test]
fn an_edit_corrects_the_past_and_says_so() {
    for workers in 1..=3 {
        let mut story = Story::new(workers);
        assert!(story.deliver("titled", 1, Ok(features(Some("Backend Developer"), &[0.9], &["java"]))).is_empty());
        assert!(story.deliver("untitled", 2, Ok(features(None, &[0.95, 0.9], &[]))).is_empty());
        assert!(story.deliver("unheard of", 3, Ok(features(Some("Lion Tamer"), &[], &["whip"]))).is_empty());
        assert!(story.deliver("no jd", 4, Err(Rejection::NotAJd)).is_empty());
        let (backend, data) = (Some(Id::role("backend")), Some(Id::role("data")));
        assert_eq!((story.role_of("titled"), story.role_of("untitled")), (backend, backend));
        assert!(story.engine.snapshot().expect("it can be read").impact.is_empty());

        let taught = story.edit(vec![alias("data", "Lion Tamer")]);
        assert_eq!(taught.len(), 1);
        assert_eq!(
            (taught[0].jd, taught[0].cause, ends(&taught[0])),
            (Id::jd("unheard of"), Cause::Taxonomy(2), (None, data))
        );
        let moved = story.edit(vec![kra("build services", "data", at(1.0))]);
        assert_eq!(moved.iter().find(|change| change.jd == Id::jd("untitled")).map(ends), Some((backend, data)));
        assert!(moved.iter().all(|change| change.cause == Cause::Taxonomy(3)));

        let impact = story.engine.snapshot().expect("it can be read").impact;
        assert!(impact.contains_key(&Id::jd("untitled")) && impact.contains_key(&Id::jd("unheard of")));
        assert_eq!((story.at_ingest("untitled", 2), story.at_ingest("unheard of", 3)), (backend, None));
        let back = story.edit(vec![kra("build services", "backend", at(1.0))]);
        assert_eq!(back.iter().find(|change| change.jd == Id::jd("untitled")).map(ends), Some((data, backend)));
        assert_eq!((story.at_ingest("untitled", 2), story.engine.taxonomy_version()), (backend, 4));
        assert_chains(&story.engine);
    }
}

#[test]
fn what_is_delivered_again_changes_nothing() {
    let mut story = Story::new(2);
    let jd = |content, received_at| {
        let features = Ok(features(None, &[0.95], &["java"]));
        Jd { content, source: text("file"), received_at, company: text("acme"), features }
    };
    story.give("x", Some(jd(1, 1_000)), Cause::Ingest);
    let before = story.engine.snapshot().expect("it can be read");
    let again = JdUpdate { id: Id::jd("x"), jd: Some(Arc::new(jd(1, 9_000))) };
    let report = story.engine.apply(Batch::of_jds(vec![again])).expect("it closes");
    assert_eq!((report.unchanged, report.decisions.len(), report.role_changes.len()), (1, 0, 0));
    assert_same(&story.engine.snapshot().expect("it can be read"), &before);
    story.give("x", Some(jd(2, 9_000)), Cause::Ingest);
    assert_eq!(story.engine.decision(Id::jd("x")).map(|answer| answer.received_at), Some(9_000));
}

#[test]
fn every_cause_is_named_and_the_changes_chain() {
    for workers in 1..=2 {
        let mut story = Story::new(workers);
        let jd = |content, cosine| Jd {
            content,
            source: text("file"),
            received_at: 0,
            company: Id::NONE,
            features: Ok(features(None, &[cosine], &[])),
        };
        let causes = |changes: Vec<RoleChange>| changes.iter().map(|change| change.cause).collect::<Vec<_>>();
        assert_eq!(causes(story.give("x", Some(jd(1, 0.95)), Cause::Ingest)), []);
        assert_eq!(causes(story.give("x", Some(jd(2, 0.05)), Cause::Ingest)), [Cause::Correction]);
        assert_eq!(causes(story.give("x", Some(jd(2, 0.95)), Cause::Reparse(1))), [Cause::Reparse(1)]);
        assert_eq!(causes(story.give("x", None, Cause::Ingest)), [Cause::Withdrawal]);
        assert_eq!(causes(story.give("x", Some(jd(3, 0.95)), Cause::Ingest)), [Cause::Correction]);
        let strict = Settings { kra_min: Micro::ONE, ..Settings::default() };
        assert_eq!(causes(story.edit(vec![Record::Settings(strict)])), [Cause::Settings]);
        assert_eq!(story.role_of("x"), None);
        let choice = Record::Adjudication(Adjudication {
            jd: Id::jd("x"),
            content: 3,
            role: "data".into(),
            confidence: Micro(900_000),
            reasoning: String::new(),
            author: Author::Person("somebody".into()),
        });
        assert_eq!(causes(story.edit(vec![choice])), [Cause::Adjudication]);
        let said = story.engine.decision(Id::jd("x")).map(|answer| (answer.decision.rule, answer.decision.role));
        assert_eq!(said, Some((Rule::Adjudicated, Some(Id::role("data")))));
        assert_chains(&story.engine);
        assert_eq!(story.engine.with_facts(|facts| facts.role_changes().len()), 6);
    }
}

#[test]
fn submitted_from_several_threads_while_people_edit() {
    let engine =
        Engine::start_with(Options { workers: 2, max_epochs_ahead: 8, ..Options::default() }).expect("it starts");
    let jds = |thread: usize| {
        (0..40).map(move |n| {
            let cosine = (n % 21) as f64 / 20.0;
            let features =
                Ok(features((n % 3 == 0).then_some("Developer"), &[cosine, 1.0 - cosine], &["java", "spark"]));
            let jd = Jd { content: n, source: text("file"), received_at: n as i64, company: Id::NONE, features };
            (Id::jd(&format!("{thread}-{n}")), Arc::new(jd))
        })
    };
    thread::scope(|scope| {
        for thread in 0..2 {
            let engine = &engine;
            scope.spawn(move || {
                for (id, jd) in jds(thread) {
                    engine.submit(Batch::of_jds(vec![JdUpdate { id, jd: Some(jd) }])).expect("it is taken");
                }
            });
        }
        engine.apply(put(taxonomy())).expect("it closes");
        for _ in 0..3 {
            engine.apply(put([alias("backend", "Developer")])).expect("it closes");
            engine.apply(put([kra("build services", "data", at(1.0))])).expect("it closes");
            let gone = vec![Change::Delete(alias("backend", "Developer").key())];
            engine.apply(Batch::of_changes(gone)).expect("it closes");
            engine.apply(put([kra("build services", "backend", at(1.0))])).expect("it closes");
        }
    });
    check(&engine, &(0..2).flat_map(jds).collect());
    assert_chains(&engine);
}

#[test]
fn a_busy_engine_can_be_dropped() {
    for workers in 1..=3 {
        let engine = Engine::start(workers).expect("it starts");
        engine.submit(put(taxonomy())).expect("it is taken");
        let jd = |n: u64| Jd {
            content: n,
            source: Id::NONE,
            received_at: 0,
            company: Id::NONE,
            features: Ok(features(None, &[0.5; 5], &["java"])),
        };
        let jds = (0..500).map(|n| JdUpdate { id: Id::jd(&n.to_string()), jd: Some(Arc::new(jd(n))) });
        engine.submit(Batch::of_jds(jds.collect())).expect("it is taken");
    }
}
