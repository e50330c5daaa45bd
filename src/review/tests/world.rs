//! What is there, and how does an action take effect on it?

use crate::error::Position;
use crate::report::Names;
use crate::review::queues::{self, Candidate};
use crate::review::{
    Accept, Action, Decided, Match, MatchKind, Matches, Order, Reviews, Row, Run, Runs, Sources, show,
};
use crate::sources::decode::Edit;
use crate::taxonomy::{Alias, Kra, Role, Skill, Taxonomy};
use rolestream_dataflows::fixed::Micro;
use rolestream_dataflows::id::Id;
use rolestream_dataflows::records::{Change, Dimension, Record, Status, Tables};
use rolestream_dataflows::text::normalise;
use rolestream_dataflows::views::{
    Answer, Case, Decision, KraRank, NewKra, NewSkill, QueueStatus, Resolution, Rule, Signals, Summary, Undecided,
};
use std::collections::HashMap;
use std::sync::Arc;

pub(super) const DAY: i64 = 86_400_000;
pub(super) const NOW: i64 = 100 * DAY;

pub(super) fn text(text: &str) -> Id {
    Id::text(&normalise(text))
}

/// A taxonomy's records, with vectors of zeros: what an edit makes of them as well.
pub(super) fn tables() -> Tables {
    let mut taxonomy = Taxonomy::default();
    for (number, slug, name, status) in [
        (1, "backend-engineer", "Backend Engineer", Status::Active),
        (2, "data-engineer", "Data Engineer", Status::Active),
        (3, "platform-engineer", "Platform Engineer", Status::Active),
        (4, "webmaster", "Webmaster", Status::Retired),
    ] {
        let role = Role { slug: slug.into(), name: name.into(), number, status, ..Role::default() };
        taxonomy.roles.put(role, Position::default());
    }
    for (role, title) in [
        ("backend-engineer", "Software Engineer"),
        ("data-engineer", "Software Engineer"),
        ("backend-engineer", "API Developer"),
    ] {
        taxonomy.aliases.put(Alias { role: role.into(), text: title.into() }, Position::default());
    }
    let kra = Kra { id: "data-engineer/1".into(), role: "data-engineer".into(), sentence: "Builds pipelines.".into() };
    taxonomy.kras.put(kra, Position::default());
    taxonomy.dimensions.put(Dimension { slug: "databases".into(), name: "Databases".into() }, Position::default());
    let skill = |slug: &str, name: &str, number: u32| Skill {
        slug: slug.into(),
        name: name.into(),
        number,
        ..Skill::default()
    };
    let postgres = Skill { dimension: Some("databases".into()), ..skill("postgresql", "PostgreSQL", 1) };
    let merged =
        Skill { status: Status::Merged, replaced_by: Some("postgresql".into()), ..skill("postgres", "Postgres", 2) };
    let retired = Skill { status: Status::Retired, ..skill("flash", "Flash", 3) };
    for skill in [postgres, merged, retired, skill("python", "Python", 4)] {
        taxonomy.skills.put(skill, Position::default());
    }
    let mut tables = Tables::default();
    for record in records(&taxonomy) {
        tables.apply(Change::Put(record));
    }
    tables
}

fn records(taxonomy: &Taxonomy) -> Vec<Record> {
    taxonomy.to_records(&mut |texts| vec![None; texts.len()])
}

/// Lets an action take effect.
pub(super) fn apply(tables: &mut Tables, decided: &Decided) {
    for edit in &decided.edits {
        let change = match edit {
            Edit::Delete(key) => Change::Delete(key.clone()),
            Edit::Put(line) => {
                let mut one = Taxonomy::default();
                one.take(line.clone(), Position::default()).unwrap();
                Change::Put(records(&one).remove(0))
            }
        };
        tables.apply(change);
    }
    for change in &decided.changes {
        tables.apply(change.clone());
    }
}

/// What is there, to be compared.
pub(super) fn all(tables: &Tables) -> Vec<Record> {
    tables.iter().cloned().collect()
}

/// The runs, and what is like what they say.
#[derive(Default)]
pub(super) struct Held {
    pub(super) runs: HashMap<Id, Arc<Run>>,
    pub(super) answers: HashMap<Id, Arc<Answer>>,
    pub(super) like: HashMap<String, Vec<Match>>,
}

impl Runs for Held {
    fn run(&self, jd: Id) -> Option<Arc<Run>> {
        self.runs.get(&jd).cloned()
    }
    fn answer(&self, jd: Id) -> Option<Arc<Answer>> {
        self.answers.get(&jd).cloned()
    }
}

impl Matches for Held {
    fn skills(&self, text: &str) -> Vec<Match> {
        self.like.get(text).cloned().unwrap_or_default()
    }
    fn roles(&self, title: &str, _: &[Id]) -> Vec<Match> {
        self.skills(title)
    }
    fn kras(&self, sentence: &str) -> Vec<Match> {
        self.skills(sentence)
    }
}

pub(super) fn like(kind: MatchKind, slug: &str, score: u32) -> Match {
    Match { kind, slug: slug.into(), name: slug.into(), score: Micro(score), why: "its name".into() }
}

/// What all rows are made from.
pub(super) fn held() -> Held {
    let mut held = Held::default();
    for n in 1..=4i64 {
        let jd = format!("jd-{n}");
        let run = Run {
            run_id: format!("run-{n}"),
            jd: jd.clone(),
            content: n as u64,
            title: Some("Data Wrangler".into()),
            role_aliases: vec!["Software Engineer".into()],
            skills: vec!["Alembic".into(), "Citus".into()],
            sentences: vec!["Keeps the fleet of databases healthy.".into(), format!("Writes Alembic migrations {n}.")],
            responsibilities: "Keeps the fleet of databases healthy. Writes Alembic migrations.".into(),
            text: "Citus is a plus".into(),
        };
        held.runs.insert(Id::jd(&jd), Arc::new(run));
        held.answers.insert(Id::jd(&jd), Arc::new(answer(n)));
    }
    held.like.insert("Citus".into(), vec![like(MatchKind::Skill, "postgresql", 700_000)]);
    held
}

fn answer(n: i64) -> Answer {
    let rank = |role: &str, score: u32| KraRank { role: Id::role(role), score: Micro(score), evidence: [].into() };
    let second = if n == 1 { 500_000 } else { 300_000 };
    Answer {
        content: n as u64,
        received_at: n * DAY,
        source: Id::NONE,
        company: Id::text("acme"),
        skills: [].into(),
        signals: Signals {
            kra: [rank("backend-engineer", 600_000), rank("data-engineer", second)].into(),
            ..Signals::default()
        },
        resolution: Resolution::default(),
        decision: Decision {
            rule: Rule::TitleSplit,
            case: Case::D,
            role: None,
            confidence: None,
            collision: None,
            cohort: [].into(),
            tier: None,
            new_role: None,
            rejection: None,
            kra: Micro::ZERO,
            skill: Micro::ZERO,
        },
        novel: [].into(),
        new_kra: false,
        enrichment: Default::default(),
    }
}

pub(super) fn summary(jds: u64, flagged: u64, companies: u64, examples: &[(i64, &str, u16)]) -> Summary {
    let days: Vec<i64> = examples.iter().map(|(day, ..)| *day).collect();
    Summary {
        jds,
        flagged,
        companies,
        first_seen: days.iter().min().unwrap() * DAY,
        last_seen: days.iter().max().unwrap() * DAY,
        examples: examples.iter().map(|(day, jd, place)| (day * DAY, Id::jd(jd), *place)).collect(),
    }
}

/// A row of each queue, two of new skills, in the order of [`crate::review::Queue`].
pub(super) fn candidates(tables: &Tables, held: &Held) -> Vec<Candidate> {
    let (names, reviews) = (Names::of(tables.iter()), Reviews::of(tables.iter()));
    let [backend, data] = ["backend-engineer", "data-engineer"].map(Id::role);
    let pending = |summary| NewSkill { summary, status: QueueStatus::Pending };
    let skills = [
        ((text("Alembic"), backend), pending(summary(3, 2, 2, &[(1, "jd-1", 0), (3, "jd-3", 0), (4, "jd-4", 0)]))),
        ((text("Alembic"), data), pending(summary(1, 0, 1, &[(2, "jd-2", 0)]))),
        ((text("Citus"), data), pending(summary(2, 2, 1, &[(2, "jd-2", 1)]))),
    ];
    let role: Arc<str> = "data-wrangler".into();
    let kra = NewKra { score: Micro(300_000), status: QueueStatus::Pending };
    let sentence = text("Keeps the fleet of databases healthy.");
    let cohort = [backend, data].into();
    let waits = Undecided { rule: Rule::TitleSplit, case: Case::D, cohort };
    let seen = summary(2, 0, 1, &[(1, "jd-1", 0), (2, "jd-2", 0)]);
    let mut all = queues::new_skills(skills.iter().map(|(key, row)| (key, row)));
    all.sort_by_key(|candidate| std::cmp::Reverse(candidate.frequency));
    all.extend(queues::new_roles([(&role, &seen)], &reviews, &names));
    all.extend(queues::new_kras([(&(data, Id::jd("jd-2")), &kra)], held));
    let novel = [((backend, sentence), seen.clone()), ((data, sentence), seen.clone())];
    all.extend(queues::novel_sentences(novel.iter().map(|(key, row)| (key, row)), &reviews, &names));
    all.extend(queues::undecided([(&Id::jd("jd-1"), &waits)], held, &reviews, &names));
    let term = (text("Software Engineer"), [backend, data].into());
    all.extend(queues::collisions([(&term, &seen)], &reviews, &names));
    all
}

/// Does something with what rows are made with.
pub(super) fn with_sources<R>(tables: &Tables, held: &Held, look: impl FnOnce(&Sources<'_>) -> R) -> R {
    let terms = crate::review::texts::terms(tables.iter());
    let sources = Sources {
        runs: held,
        matches: held,
        names: &Names::of(tables.iter()),
        reviews: &Reviews::of(tables.iter()),
        terms: &terms,
        now: NOW,
    };
    look(&sources)
}

/// All rows, in the order of [`candidates`].
pub(super) fn rows(tables: &Tables) -> Vec<Row> {
    let held = held();
    with_sources(tables, &held, |sources| {
        candidates(tables, &held).into_iter().map(|candidate| show(sources, candidate)).collect()
    })
}

pub(super) const ALEMBIC: usize = 0;
pub(super) const CITUS: usize = 1;
pub(super) const WRANGLER: usize = 2;
pub(super) const KRA: usize = 3;
pub(super) const SENTENCE: usize = 4;
pub(super) const UNDECIDED: usize = 5;
pub(super) const COLLISION: usize = 6;

pub(super) fn order(action: Action) -> Order {
    Order { action, role: None, reason: "as agreed".into() }
}

pub(super) fn accept(details: Accept) -> Order {
    order(Action::Accept(Box::new(details)))
}
