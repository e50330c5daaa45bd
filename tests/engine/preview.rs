//! Is a preview what the edit then does? Random drafts, previewed and made; beside them an engine that never previews.

use crate::common::jds::jd_id;
use crate::common::world::World;
use crate::story::assert_same;
use rolestream::engine::{Batch, Engine};
use rolestream_dataflows::id::Id;
use rolestream_dataflows::records::{Change, Jd, JdUpdate, Record};
use rolestream_dataflows::replay::Event;
use rolestream_dataflows::views::Said;
use std::sync::Arc;

/// What the events of an epoch in the making come to.
fn batch(world: &mut World) -> Batch {
    world.changed.clear();
    let (mut jds, mut changes) = (Vec::new(), Vec::new());
    for event in std::mem::take(&mut world.epoch) {
        match event {
            Event::Jd(update) => jds.push(update),
            Event::Change(change) => changes.push(change),
        }
    }
    Batch { jds, changes, ..Batch::default() }
}

/// A few edits, and a held JD or two that read differently with them.
fn draft(world: &mut World) -> Batch {
    for _ in 0..=world.below(3) {
        world.edit();
    }
    for _ in 0..world.below(3) {
        let held: Vec<(Id, Arc<Jd>)> = world.jds.iter().map(|(id, jd)| (*id, jd.clone())).collect();
        let Some((id, jd)) = world.one(&held) else { break };
        let features = world.jd().features;
        world.send(id, Some(Arc::new(Jd { features, ..(*jd).clone() })));
    }
    batch(world)
}

#[test]
fn a_preview_is_what_the_edit_then_does_and_has_no_effect() {
    let (mut moved, mut drafts) = (0, 0);
    for seed in 0..6 {
        let mut world = World::new(seed);
        let engine = Engine::start(1 + (seed % 3) as usize).expect("it starts");
        let never = Engine::start(1).expect("it starts");
        let taxonomy = world.taxonomy(6);
        taxonomy.into_iter().for_each(|record| world.put(record));
        for number in 0..24 {
            let jd = world.jd();
            world.send(jd_id(number), Some(Arc::new(jd)));
        }
        let first = batch(&mut world);
        for engine in [&engine, &never] {
            engine.apply(first.clone()).expect("it closes");
        }
        for _ in 0..12 {
            world.snapshot = engine.snapshot().expect("it can be read");
            let draft = draft(&mut world);
            let preview = engine.preview(draft.changes.clone(), draft.jds.clone()).expect("it can be tried out");
            assert_same(&engine.snapshot().expect("it can be read"), &world.snapshot);
            assert_eq!(preview.epoch, engine.last_closed());
            // Of a draft that is dropped nothing stays either.
            let other = vec![Change::Delete(world.record("role").expect("there are roles").key())];
            engine.preview(other, Vec::new()).expect("it can be tried out");
            never.apply(draft.clone()).expect("it closes");
            let report = engine.apply(draft).expect("it closes");
            let said = |said: &Option<rolestream::engine::Stated>| said.as_ref().map(|stated| stated.said.clone());
            let happened =
                report.role_changes.iter().map(|change| (change.jd, said(&change.before), said(&change.after)));
            let happened: Vec<(Id, Option<Said>, Option<Said>)> = happened.collect();
            let sides = preview.changed.iter().map(|(jd, before, after)| {
                let said = |answer: &Option<Arc<rolestream_dataflows::views::Answer>>| {
                    answer.as_ref().map(|answer| answer.decision.said())
                };
                (*jd, said(before), said(after))
            });
            assert_eq!(sides.collect::<Vec<_>>(), happened, "seed {seed}");
            assert_same(&engine.snapshot().expect("it can be read"), &never.snapshot().expect("it can be read"));
            drafts += 1;
            moved += usize::from(!happened.is_empty());
        }
    }
    assert!(moved * 3 > drafts, "{moved} of {drafts} drafts move a JD");
}

#[test]
fn what_is_admitted_and_not_fed_is_not_previewed() {
    let mut world = World::new(1);
    let engine = Engine::start(2).expect("it starts");
    world.taxonomy(6).into_iter().for_each(|record| world.put(record));
    for number in 0..24 {
        let jd = world.jd();
        world.send(jd_id(number), Some(Arc::new(jd)));
    }
    engine.apply(batch(&mut world)).expect("it closes");
    let roles: Vec<Record> = world.tables.iter().filter(|record| matches!(record, Record::Role(_))).cloned().collect();
    let gone: Vec<Change> = roles.iter().map(|role| Change::Delete(role.key())).collect();
    let all = engine.preview(gone.clone(), Vec::new()).expect("it can be tried out");
    assert!(!all.changed.is_empty() && all.touched >= all.changed.len());
    let admitted = engine.admit(Batch::of_changes(gone.clone())).expect("it is admitted");
    // To the frame the roles are still there: the draft takes them away, putting them back changes nothing.
    assert_eq!(engine.preview(gone, Vec::new()).expect("it can be tried out").changed, all.changed);
    let back: Vec<Change> = roles.into_iter().map(Change::Put).collect();
    assert!(engine.preview(back.clone(), Vec::new()).expect("it can be tried out").changed.is_empty());
    let ticket = engine.feed(admitted).expect("it is fed");
    engine.wait(&ticket).expect("it closes");
    let returned = engine.preview(back, Vec::new()).expect("it can be tried out").changed;
    assert_eq!(returned.len(), all.changed.len());
}

#[test]
fn a_jd_that_is_not_held_is_left_out() {
    let mut world = World::new(2);
    let engine = Engine::start(2).expect("it starts");
    let jd = Some(Arc::new(world.jd()));
    let unknown = JdUpdate { id: jd_id(1), jd };
    let preview = engine.preview(Vec::new(), vec![unknown]).expect("it can be tried out");
    assert_eq!((preview.epoch, preview.changed.len(), preview.touched), (0, 0, 0));
}
