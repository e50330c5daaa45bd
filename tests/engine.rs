//! Does the engine hold what the specification says, at every epoch, on any number of workers? And what was said?

use rolestream::engine::{Batch, Cause, Engine, Options, RoleChange};
use rolestream_dataflows::fixed::{DIMENSIONS, Micro, SCALE, Vector, Vectors};
use rolestream_dataflows::id::Id;
use rolestream_dataflows::oracle;
use rolestream_dataflows::records::{
    Adjudication, Alias, AtIngest, Author, Change, Features, Jd, JdUpdate, Kra, Mention, Record, Rejection, Role,
    RoleSkill, Settings, Skill, Status, Title,
};
use rolestream_dataflows::text::normalise;
use rolestream_dataflows::views::{Rule, Snapshot};
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::thread;

/// A unit vector in the plane of two blocks of axes, at this cosine to the first.
fn at(cosine: f64) -> Vector {
    let half = DIMENSIONS / 2;
    let along = |share: f64| (share * f64::from(SCALE) / (half as f64).sqrt()).round() as i8;
    let mut components = vec![along(cosine); half];
    components.resize(DIMENSIONS, along((1.0 - cosine * cosine).sqrt()));
    Vector::new(&components).expect("unit length")
}

/// Similar to nothing that `at` gives.
fn elsewhere() -> Vector {
    let components: Vec<i8> = (0..DIMENSIONS).map(|i| if i % 2 == 0 { 26 } else { -26 }).collect();
    Vector::new(&components).expect("unit length")
}

fn text(text: &str) -> Id {
    Id::text(&normalise(text))
}

fn role(slug: &str, name: &str) -> Record {
    Record::Role(Role {
        slug: slug.into(),
        name: name.into(),
        number: 1,
        archetype: "engineer".into(),
        status: Status::Active,
        replaced_by: None,
        vector: elsewhere(),
    })
}

fn alias(role: &str, text: &str) -> Record {
    Record::Alias(Alias { role: role.into(), text: text.into(), vector: elsewhere() })
}

fn kra(id: &str, role: &str, vector: Vector) -> Record {
    Record::Kra(Kra { id: id.into(), role: role.into(), sentence: id.into(), vector })
}

fn skill(slug: &str) -> Record {
    Record::Skill(Skill {
        slug: slug.into(),
        name: slug.into(),
        number: 1,
        aliases: vec![],
        dimension: None,
        kind: "tool".into(),
        ai: Default::default(),
        era: Default::default(),
        hints: Default::default(),
        status: Status::Active,
        replaced_by: None,
    })
}

fn lists(role: &str, skill: &str) -> Record {
    Record::RoleSkill(RoleSkill { role: role.into(), skill: skill.into() })
}

fn taxonomy() -> Vec<Record> {
    vec![
        role("backend", "Backend Developer"),
        role("data", "Data Engineer"),
        kra("build services", "backend", at(1.0)),
        kra("build pipelines", "data", at(0.0)),
        skill("java"),
        skill("spark"),
        lists("backend", "java"),
        lists("data", "spark"),
        Record::Settings(Settings::default()),
    ]
}

/// A JD with a title or none, sentences at these cosines to what a backend developer does, and skills.
fn features(title: Option<&str>, cosines: &[f64], skills: &[&str]) -> Features {
    let written = |title| Title { written: text(title), plain: text(title), slug: title.into(), vector: elsewhere() };
    let vectors: Vec<Vector> = cosines.iter().map(|cosine| at(*cosine)).collect();
    Features {
        title: title.map(written),
        skills: skills.iter().map(|skill| Mention { text: text(skill), primary: true }).collect(),
        sentences: (0..cosines.len()).map(|i| text(&format!("sentence {i}"))).collect(),
        vectors: Vectors::new(&vectors),
        vector: vectors.first().cloned(),
        ..Features::default()
    }
}

fn put(records: impl IntoIterator<Item = Record>) -> Batch {
    Batch::of_changes(records.into_iter().map(Change::Put).collect())
}

/// An engine, and what went into it.
struct Story {
    engine: Engine,
    jds: BTreeMap<Id, Arc<Jd>>,
}

impl Story {
    fn new(workers: usize) -> Story {
        let story = Story { engine: Engine::start(workers).expect("it starts"), jds: BTreeMap::new() };
        story.edit(taxonomy());
        story
    }

    /// Puts records in; gives the role changes that made.
    fn edit(&self, records: Vec<Record>) -> Vec<RoleChange> {
        let report = self.engine.apply(put(records)).expect("it closes");
        self.check();
        report.role_changes.clone()
    }

    /// Delivers a JD; gives the role changes that made.
    fn deliver(&mut self, id: &str, content: u64, features: Result<Features, Rejection>) -> Vec<RoleChange> {
        let jd = Jd { content, source: text("file"), received_at: 1_000, company: text("acme"), features };
        self.give(id, Some(jd), Cause::Ingest)
    }

    fn give(&mut self, id: &str, jd: Option<Jd>, cause: Cause) -> Vec<RoleChange> {
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
    fn check(&self) {
        check(&self.engine, &self.jds);
    }

    fn role_of(&self, id: &str) -> Option<Id> {
        self.engine.decision(Id::jd(id)).and_then(|answer| answer.decision.role)
    }

    fn at_ingest(&self, id: &str, content: u64) -> Option<Id> {
        self.engine.at_ingest(Id::jd(id), content).and_then(|first| first.said().role)
    }
}

fn check(engine: &Engine, jds: &BTreeMap<Id, Arc<Jd>>) {
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
fn assert_same(held: &Snapshot, right: &Snapshot) {
    macro_rules! same {
        ($($view:ident)*) => { $(assert_eq!(held.$view, right.$view, stringify!($view));)* };
    }
    same!(decisions members centroids skill_support kra_support collisions undecided new_roles new_skills);
    same!(new_kras novel_sentences impact clusters counts);
}

/// The role changes of each JD chain: each `before` is the previous `after`.
fn assert_chains(engine: &Engine) {
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

fn ends(change: &RoleChange) -> (Option<Id>, Option<Id>) {
    let role = |stated: &Option<rolestream::engine::Stated>| stated.as_ref().and_then(|stated| stated.said.role);
    (role(&change.before), role(&change.after))
}

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
    let engine = Engine::start_with(Options { workers: 2, max_epochs_ahead: 8 }).expect("it starts");
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
