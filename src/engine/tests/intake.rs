//! Only what is new goes in, once.

use super::{dimension, jd, rejected, withdrawn};
use crate::engine::batch::{Batch, Cause};
use crate::engine::intake::{Admitted, Intake, Settled};
use rolestream_dataflows::fixed::Micro;
use rolestream_dataflows::id::Id;
use rolestream_dataflows::records::{Adjudication, AtIngest, Author, Change, JdUpdate, Record, Settings};
use rolestream_dataflows::views::{Case, Rule, Said};
use std::sync::Arc;

fn admit(intake: &mut Intake, batch: Batch) -> Admitted {
    intake.admit(Settled::of(batch).unwrap())
}

fn put(records: impl IntoIterator<Item = Record>) -> Batch {
    Batch::of_changes(records.into_iter().map(Change::Put).collect())
}

#[test]
fn a_jd_delivered_again_says_nothing_not_even_when_it_came() {
    let mut intake = Intake::default();
    assert_eq!(admit(&mut intake, Batch::of_jds(vec![jd("x", 1, "acme", 5)])).jds.len(), 1);
    let again = admit(&mut intake, Batch::of_jds(vec![jd("x", 1, "acme", 9)]));
    assert_eq!((again.jds.len(), again.unchanged), (0, 1));
    assert_eq!(admit(&mut intake, Batch::of_jds(vec![jd("x", 2, "acme", 9)])).jds, [jd("x", 2, "acme", 9)]);
    assert_eq!(admit(&mut intake, Batch::of_jds(vec![rejected("x", 2)])).jds.len(), 1);
}

#[test]
fn what_is_parsed_anew_keeps_when_and_whence_it_came() {
    let mut intake = Intake::default();
    admit(&mut intake, Batch::of_jds(vec![jd("x", 1, "acme", 5)]));
    let parsed = Batch { cause: Cause::Reparse(4), ..Batch::of_jds(vec![jd("x", 1, "acme ltd", 9)]) };
    let admitted = admit(&mut intake, parsed);
    assert_eq!(admitted.jds, [jd("x", 1, "acme ltd", 5)]);
    assert_eq!(admitted.causes.of_jds, Cause::Reparse(4));
}

#[test]
fn several_updates_of_one_jd_come_to_the_last() {
    let mut intake = Intake::default();
    let several = vec![jd("x", 1, "acme", 5), jd("y", 1, "acme", 5), withdrawn("x"), jd("x", 2, "acme", 6)];
    let admitted = admit(&mut intake, Batch::of_jds(several));
    assert_eq!(admitted.jds, [jd("x", 2, "acme", 6), jd("y", 1, "acme", 5)]);
    assert_eq!(admitted.unchanged, 2);
    // There and back is nowhere.
    let back = admit(&mut intake, Batch::of_jds(vec![withdrawn("x"), jd("x", 2, "acme", 6)]));
    assert_eq!((back.jds.len(), back.unchanged), (0, 2));
    let gone = admit(&mut intake, Batch::of_jds(vec![jd("z", 1, "acme", 5), withdrawn("z")]));
    assert_eq!((gone.jds.len(), gone.unchanged), (0, 2));
}

#[test]
fn it_makes_no_difference_what_comes_in_one_batch() {
    let updates = [
        // Sent again: received at 5 nonetheless.
        vec![jd("x", 1, "acme", 5), jd("x", 1, "acme", 9)],
        // Corrected and corrected back: it came anew.
        vec![jd("x", 2, "acme", 6), jd("x", 1, "acme", 7)],
        // Withdrawn and sent again: so did it then.
        vec![withdrawn("x"), jd("x", 1, "acme", 8), jd("x", 1, "acme ltd", 9)],
    ];
    let (mut together, mut alone) = (Intake::default(), Intake::default());
    for (updates, received_at) in updates.into_iter().zip([5, 7, 8]) {
        let last = updates.iter().filter_map(|update| admit(&mut alone, Batch::of_jds(vec![update.clone()])).jds.pop());
        let last = last.last();
        let admitted = admit(&mut together, Batch::of_jds(updates)).jds;
        assert_eq!(admitted.last(), last.as_ref());
        assert_eq!(admitted[0].jd.as_ref().unwrap().received_at, received_at);
    }
}

#[test]
fn only_what_is_held_can_be_withdrawn() {
    let mut intake = Intake::default();
    assert!(admit(&mut intake, Batch::of_jds(vec![withdrawn("x")])).jds.is_empty());
    admit(&mut intake, Batch::of_jds(vec![jd("x", 1, "acme", 5)]));
    assert_eq!(admit(&mut intake, Batch::of_jds(vec![withdrawn("x")])).jds, [withdrawn("x")]);
    assert!(admit(&mut intake, Batch::of_jds(vec![withdrawn("x")])).jds.is_empty());
}

#[test]
fn a_record_replaced_twice_in_a_batch_is_replaced_once() {
    let mut intake = Intake::default();
    admit(&mut intake, put([dimension("d", "one")]));
    let twice = admit(&mut intake, put([dimension("d", "two"), dimension("d", "three")]));
    assert_eq!(twice.records, [(dimension("d", "one"), -1), (dimension("d", "three"), 1)]);
    let unchanged = admit(&mut intake, put([dimension("d", "four"), dimension("d", "three")]));
    assert!(unchanged.records.is_empty());
}

#[test]
fn an_edit_that_changes_something_makes_one_version() {
    let mut intake = Intake::default();
    let first = admit(&mut intake, put([dimension("d", "one"), dimension("e", "two")]));
    assert_eq!((first.taxonomy_version, first.causes.rest), (1, Cause::Taxonomy(1)));
    let nothing = admit(&mut intake, put([dimension("d", "one")]));
    assert_eq!((nothing.taxonomy_version, nothing.causes.rest), (1, Cause::Ingest));
    let settings = admit(&mut intake, put([Record::Settings(Settings::default())]));
    assert_eq!((settings.taxonomy_version, settings.causes.rest), (2, Cause::Settings));
    let adjudication = Adjudication {
        jd: Id::jd("x"),
        content: 1,
        role: "a".into(),
        confidence: Micro::ONE,
        reasoning: String::new(),
        author: Author::Person("p".into()),
    };
    let admitted = admit(&mut intake, put([Record::Adjudication(adjudication)]));
    assert_eq!(admitted.taxonomy_version, 2);
    assert!(admitted.causes.adjudicated.contains(&Id::jd("x")));
}

#[test]
fn facts_cannot_be_edited() {
    let said = Said { rule: Rule::NoEvidence, case: Case::E, role: None, new_role: None };
    let fact = Record::AtIngest(AtIngest { jd: Id::jd("x"), content: 1, said });
    for change in [Change::Delete(fact.key()), Change::Put(fact)] {
        assert!(Settled::of(Batch::of_changes(vec![change])).is_err());
    }
}

#[test]
fn features_that_differ_have_different_fingerprints() {
    let mut intake = Intake::default();
    let with_alias = |alias: &str| {
        let mut update = jd("x", 1, "acme", 5);
        if let Some(Ok(features)) = update.jd.as_mut().map(|jd| &mut Arc::make_mut(jd).features) {
            features.role_aliases = vec![Id::text(alias)];
        }
        update
    };
    let count = |intake: &mut Intake, update: JdUpdate| admit(intake, Batch::of_jds(vec![update])).jds.len();
    assert_eq!(count(&mut intake, with_alias("a")), 1);
    assert_eq!(count(&mut intake, with_alias("b")), 1);
    assert_eq!(count(&mut intake, with_alias("b")), 0);
}

#[test]
fn those_received_first_expire_first_and_corrections_count() {
    let mut intake = Intake::default();
    let jds = (0..6).map(|n| jd(&n.to_string(), n, "acme", 10 + n as i64)).collect();
    admit(&mut intake, Batch::of_jds(jds));
    let named = |jds: Vec<Id>| (0..6).filter(|n| jds.contains(&Id::jd(&n.to_string()))).collect::<Vec<_>>();
    let expired = |intake: &Intake, time, most| named(intake.expired(time, most, 9));
    assert_eq!(expired(&intake, 12, 9), [0, 1]);
    assert_eq!(expired(&intake, 0, 2), [0, 1, 2, 3]);
    assert_eq!(expired(&intake, 15, 5), [0, 1, 2, 3, 4]);
    assert_eq!(intake.expired(15, 5, 2), [Id::jd("0"), Id::jd("1")]);
    // What is sent again was received when it first was; what is corrected, when it was corrected.
    admit(&mut intake, Batch::of_jds(vec![jd("0", 0, "acme", 99), jd("1", 7, "acme", 99), withdrawn("2")]));
    assert_eq!(expired(&intake, 14, 9), [0, 3]);
    assert_eq!(expired(&intake, 0, 1), [0, 3, 4, 5]);
}
