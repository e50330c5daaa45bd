//! What is said is kept before anybody who waits is told, and an earlier life is taken up as it was.

use super::{dimension, jd, withdrawn};
use crate::engine::{Batch, Cause, Engine, Epochs, FirstSaid, LastSaid, Options, Recorder, Restored, Saying};
use crate::error::Error;
use rolestream_dataflows::id::Id;
use rolestream_dataflows::records::Change;
use std::sync::{Arc, Mutex};

/// Keeps sayings where the test sees them.
#[derive(Clone, Default)]
struct Kept(Arc<Mutex<Vec<Saying>>>);

impl Recorder for Kept {
    fn keep(&mut self, sayings: Vec<Saying>) -> Result<(), Error> {
        self.0.lock().unwrap().extend(sayings);
        Ok(())
    }
}

impl Kept {
    fn all<T>(&self, part: impl Fn(&Saying) -> Vec<T>) -> Vec<T> {
        self.0.lock().unwrap().iter().flat_map(part).collect()
    }

    fn first(&self) -> Vec<(Id, u64, FirstSaid)> {
        self.all(|saying| saying.first_said.clone())
    }

    fn last(&self) -> Vec<(Id, LastSaid)> {
        self.all(|saying| saying.last_said.clone())
    }
}

fn start(after: u64) -> (Engine, Kept) {
    let options = Options { workers: 2, epochs: Epochs::Milliseconds, after, ..Options::default() };
    let (engine, kept) = (Engine::start_with(options).unwrap(), Kept::default());
    engine.record(Box::new(kept.clone())).unwrap();
    (engine, kept)
}

#[test]
fn whoever_waits_is_told_when_it_is_kept() {
    let (engine, kept) = start(0);
    engine.apply(Batch::of_changes(vec![Change::Put(dimension("d", "one"))])).unwrap();
    for n in 0..20 {
        let report = engine.apply(Batch { tag: n, ..Batch::of_jds(vec![jd(&n.to_string(), n, "acme", 0)]) }).unwrap();
        assert!(report.epoch > 1_600_000_000_000, "epochs are milliseconds");
        assert_eq!((kept.first().len() as u64, kept.last().len() as u64), (n + 1, n + 1));
    }
    engine.apply(Batch::of_jds(vec![withdrawn("3")])).unwrap();
    let changes = kept.all(|saying| saying.role_changes.clone());
    assert_eq!(
        changes.iter().map(|change| (change.jd, change.cause)).collect::<Vec<_>>(),
        [(Id::jd("3"), Cause::Withdrawal)]
    );
    let tags = kept.all(|saying| vec![saying.tag]);
    assert_eq!(tags.iter().max(), Some(&19));
}

#[test]
fn a_second_life_says_nothing_anew_but_what_changed_meanwhile() {
    let (engine, kept) = start(0);
    engine.apply(Batch::of_jds((0..5).map(|n| jd(&n.to_string(), n, "acme", 0)).collect())).unwrap();
    drop(engine);
    let (first_said, last_said) = (kept.first(), kept.last());
    let after = kept.all(|saying| vec![saying.epoch]).into_iter().max().unwrap() + 1_000_000_000;

    let (engine, kept) = start(after);
    let restored = Restored { records: vec![dimension("d", "one")], taxonomy_version: 7, first_said, last_said };
    engine.restore(restored).unwrap();
    // JD 4 was withdrawn, and JD 1 corrected, when nobody was there to say so.
    let mut jds: Vec<_> = (0..4).filter(|n| *n != 1).map(|n| jd(&n.to_string(), n, "acme", 0)).collect();
    engine.restore_jds(std::mem::take(&mut jds), Cause::Upgrade).unwrap();
    engine.restore_jds(vec![super::rejected("1", 99)], Cause::Ingest).unwrap();
    engine.restored().unwrap();
    assert_eq!(engine.taxonomy_version(), 7);
    assert!(engine.last_closed() > after);
    let changes = kept.all(|saying| saying.role_changes.clone());
    let causes: Vec<(Id, Cause)> = changes.iter().map(|change| (change.jd, change.cause)).collect();
    assert_eq!(causes, [(Id::jd("1"), Cause::Correction), (Id::jd("4"), Cause::Withdrawal)]);
    assert_eq!(kept.first().iter().map(|(jd, content, _)| (*jd, *content)).collect::<Vec<_>>(), [(Id::jd("1"), 99)]);
    assert_eq!(engine.jds(), 4);
    engine.forget(&[(Id::jd("4"), vec![4])]).unwrap();
    engine.wait_for_all().unwrap();
    assert!(engine.at_ingest(Id::jd("4"), 4).is_none() && engine.at_ingest(Id::jd("0"), 0).is_some());
    assert_eq!(engine.expired(1, 3, 9).len(), 4, "all were received before");
    assert_eq!(engine.expired(0, 3, 9).len(), 1, "one too many");
}

#[test]
fn an_edit_that_is_not_fed_yet_is_of_no_version_that_was_said() {
    let (engine, kept) = start(0);
    let ticket = engine.submit(Batch::of_jds(vec![jd("a", 1, "acme", 0)])).unwrap();
    let edit = engine.admit(Batch::of_changes(vec![Change::Put(dimension("d", "one"))])).unwrap();
    // The fact that something was said of the JD goes into the dataflow meanwhile.
    engine.wait(&ticket).unwrap();
    engine.wait_for_all().unwrap();
    assert_eq!(kept.all(|saying| vec![saying.taxonomy_version]), [0, 0]);
    let ticket = engine.feed(edit).unwrap();
    engine.wait(&ticket).unwrap();
    assert_eq!(engine.taxonomy_version(), 1);
}
