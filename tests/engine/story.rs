//! An engine to which things happen one after the other, compared with the specification after each.

use crate::world::{put, taxonomy, text};
use rolestream::engine::{Batch, Cause, Engine, RoleChange, Stated};
use rolestream_dataflows::id::Id;
use rolestream_dataflows::oracle;
use rolestream_dataflows::records::{AtIngest, Change, Features, Jd, JdUpdate, Record, Rejection};
use rolestream_dataflows::views::Snapshot;
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

/// An engine, and what went into it.
pub(crate) struct Story {
    pub(crate) engine: Engine,
    pub(crate) jds: BTreeMap<Id, Arc<Jd>>,
}

impl Story {
    pub(crate) fn new(workers: usize) -> Story {
        let story = Story { engine: Engine::start(workers).expect("it starts"), jds: BTreeMap::new() };
        story.edit(taxonomy());
        story
    }

    /// Puts records in; gives the role changes that made.
    pub(crate) fn edit(&self, records: Vec<Record>) -> Vec<RoleChange> {
        let report = self.engine.apply(put(records)).expect("it closes");
        self.check();
        report.role_changes.clone()
    }

    /// Delivers a JD; gives the role changes that made.
    pub(crate) fn deliver(&mut self, id: &str, content: u64, features: Result<Features, Rejection>) -> Vec<RoleChange> {
        let jd = Jd { content, source: text("file"), received_at: 1_000, company: text("acme"), features };
        self.give(id, Some(jd), Cause::Ingest)
    }

    pub(crate) fn give(&mut self, id: &str, jd: Option<Jd>, cause: Cause) -> Vec<RoleChange> {
        let update = JdUpdate { id: Id::jd(id), jd: jd.map(Arc::new) };
        match &update.jd {
            Some(jd) => self.jds.insert(update.id, jd.clone()),
            None => self.jds.remove(&update.id),
        };
        let batch = Batch { cause, ..Batch::of_jds(vec![update]) };
        let report = self.engine.apply(batch).expect("it closes");
        self.check();
        report.role_changes.clone()
    }

    /// Every view must hold what the specification says of what went in, facts included.
    pub(crate) fn check(&self) {
        check(&self.engine, &self.jds);
    }

    pub(crate) fn role_of(&self, id: &str) -> Option<Id> {
        self.engine.decision(Id::jd(id)).and_then(|answer| answer.decision.role)
    }

    pub(crate) fn at_ingest(&self, id: &str, content: u64) -> Option<Id> {
        self.engine.at_ingest(Id::jd(id), content).and_then(|first| first.said().role)
    }
}

pub(crate) fn check(engine: &Engine, jds: &BTreeMap<Id, Arc<Jd>>) {
    let held = engine.snapshot().expect("it can be read");
    let mut tables = engine.with_tables(Clone::clone);
    engine.with_facts(|facts| {
        for (jd, content, first) in facts.all_at_ingest() {
            tables.apply(Change::Put(Record::AtIngest(AtIngest { jd, content, said: first.said() })));
        }
    });
    let right = oracle::compute(&tables, jds);
    assert_eq!(engine.decisions(&held.decisions.keys().copied().collect::<Vec<_>>()).len(), held.decisions.len());
    for (jd, answer) in &held.decisions {
        assert_eq!(engine.decision(*jd).as_ref(), Some(answer), "what is peeked at is what the view holds");
    }
    assert_same(&held, &right);
}

/// One view after the other: the first that differs is shown.
pub(crate) fn assert_same(held: &Snapshot, right: &Snapshot) {
    macro_rules! same {
        ($($view:ident)*) => { $(assert_eq!(held.$view, right.$view, stringify!($view));)* };
    }
    same!(decisions members centroids skill_support kra_support collisions undecided new_roles new_skills);
    same!(new_kras novel_sentences impact clusters counts);
}

/// The role changes of each JD chain: each `before` is the previous `after`.
pub(crate) fn assert_chains(engine: &Engine) {
    engine.with_facts(|facts| {
        let mut last: HashMap<Id, &RoleChange> = HashMap::new();
        for change in facts.role_changes() {
            assert_ne!(change.before, change.after);
            if let Some(previous) = last.insert(change.jd, change) {
                assert_eq!(previous.after, change.before);
                assert!(previous.epoch < change.epoch);
            }
        }
        for (jd, change) in last {
            let said = facts.decision(jd).map(|answer| answer.decision.said());
            assert_eq!(change.after.as_ref().map(|stated| &stated.said), said.as_ref());
        }
    });
}

pub(crate) fn ends(change: &RoleChange) -> (Option<Id>, Option<Id>) {
    let role = |stated: &Option<Stated>| stated.as_ref().and_then(|stated| stated.said.role);
    (role(&change.before), role(&change.after))
}
