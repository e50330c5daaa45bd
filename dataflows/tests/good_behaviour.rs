//! Does what speaks for the chosen role keep it chosen? (SPEC §4, good behaviour)
//!
//! Walks over random cases: each step raises K of the chosen role, adds a hit for it, or adds a matched skill for it,
//! and nothing else. Exceptions are printed; they must be rare, and each a tie or a contradiction that appears.
//! `ROLESTREAM_WALKS` says how many taxonomies are walked (400), with twelve JDs each.

mod common;

use common::pools::{noise, quantised};
use common::world::World;
use rand::RngExt;
use rolestream_dataflows::fixed::{DIMENSIONS, Micro, Vector};
use rolestream_dataflows::id::Id;
use rolestream_dataflows::oracle;
use rolestream_dataflows::records::{Alias, Change, Features, Jd, Key, Kra, Record, RoleSkill, Settings, Tables};
use rolestream_dataflows::text::normalise;
use rolestream_dataflows::views::{Answer, Rule};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Steps a walk has.
const STEPS: usize = 6;

/// A step of a walk.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    RaisesK,
    AddsHit,
    AddsSkill,
}

/// One JD under one taxonomy.
struct Case {
    id: Id,
    jd: Arc<Jd>,
}

impl Case {
    fn answer(&self, tables: &Tables) -> Arc<Answer> {
        oracle::compute(tables, &BTreeMap::from([(self.id, self.jd.clone())])).decisions[&self.id].clone()
    }

    fn features(&self) -> Option<&Features> {
        self.jd.features.as_ref().ok()
    }
}

#[test]
fn what_speaks_for_the_chosen_role_keeps_it_chosen() {
    let walks = std::env::var("ROLESTREAM_WALKS").ok().and_then(|text| text.parse().ok()).unwrap_or(400);
    let mut steps: BTreeMap<Kind, u64> = BTreeMap::new();
    let mut exceptions: BTreeMap<(Kind, &str), u64> = BTreeMap::new();
    for seed in 0..walks {
        let mut world = World::new(0x600d_0000 + seed);
        let taxonomy = world.taxonomy(6);
        for number in 0..12 {
            let case = Case { id: Id::jd(&format!("jd-{number}")), jd: Arc::new(world.jd()) };
            // The rules see every role anyway; the walk must see every score.
            world.tables = Tables::default();
            taxonomy.iter().for_each(|record| world.put(record.clone()));
            world.put(Record::Settings(Settings { top: 99, ..Settings::default() }));
            walk(&mut world, &case, &mut |kind, exception| {
                *steps.entry(kind).or_default() += 1;
                if let Some((why, text)) = exception {
                    println!("seed {seed}, JD {number}: {kind:?}: {why}: {text}");
                    *exceptions.entry((kind, why)).or_default() += 1;
                }
            });
        }
    }
    println!("steps {steps:?}\nexceptions {exceptions:?}");
    let (taken, excepted): (u64, u64) = (steps.values().sum(), exceptions.values().sum());
    println!("{excepted} exceptions in {taken} steps, one in {}", taken / excepted.max(1));
    assert!(
        steps.values().all(|count| *count > 100) && steps.len() == 3,
        "each kind of step is taken often: {steps:?}"
    );
    assert!(excepted * 500 < taken, "{excepted} exceptions in {taken} steps");
    assert!(!exceptions.keys().any(|(_, why)| *why == UNEXPLAINED), "an exception is neither tie nor contradiction");
}

const UNEXPLAINED: &str = "unexplained";

/// Walks until no role is chosen; tells of each step whether the role stayed, and if not why.
fn walk(world: &mut World, case: &Case, tell: &mut dyn FnMut(Kind, Option<(&'static str, String)>)) {
    for _ in 0..STEPS {
        let before = case.answer(&world.tables);
        let Some(role) = before.decision.role else { return };
        let kind = world.one(&[Kind::RaisesK, Kind::AddsHit, Kind::AddsSkill]).unwrap_or(Kind::AddsHit);
        let Some(change) = step(world, case, kind, role, &before) else { continue };
        world.tables.apply(change);
        let after = case.answer(&world.tables);
        let effective = match kind {
            Kind::RaisesK => k(&after, role) > k(&before, role),
            Kind::AddsHit => after.signals.alias.contains(&role),
            Kind::AddsSkill => s(&after, role) > s(&before, role),
        };
        if !effective {
            continue;
        }
        if after.decision.role == Some(role) {
            tell(kind, None);
        } else {
            tell(kind, Some((classify(&before, &after, role), format!("{} → {}", said(&before), said(&after)))));
            return;
        }
    }
}

fn k(answer: &Answer, role: Id) -> Micro {
    answer.signals.kra.iter().find(|rank| rank.role == role).map_or(Micro::ZERO, |rank| rank.score)
}

fn s(answer: &Answer, role: Id) -> Micro {
    let ranking = answer.signals.skill.iter().flat_map(|skill| &skill.ranking);
    ranking.into_iter().find(|rank| rank.role == role).map_or(Micro::ZERO, |rank| rank.score)
}

fn said(answer: &Answer) -> String {
    let decision = &answer.decision;
    let kra: Vec<_> = answer.signals.kra.iter().take(3).map(|rank| (rank.role, rank.score.to_string())).collect();
    let skill = answer.signals.skill.iter().flat_map(|skill| skill.ranking.iter().take(3));
    let skill: Vec<_> = skill.map(|rank| (rank.role, rank.score.to_string())).collect();
    format!(
        "{:?} role {:?} tier {:?} title {:?} {:?} hits {:?} K {kra:?} S {skill:?}",
        decision.rule,
        decision.role,
        decision.tier,
        answer.resolution.how,
        answer.resolution.roles,
        answer.signals.alias
    )
}

/// Why a step that speaks for a role lost it: something contradicts or ties that did not before.
fn classify(before: &Answer, after: &Answer, role: Id) -> &'static str {
    use Rule::{AliasAgainstSkill, AliasContradicted, KraTie, SkillContradicts, TitleContradicted, TitleSplit};
    let (old, new) = (&before.decision, &after.decision);
    let contradicts =
        |rule| matches!(rule, TitleContradicted | AliasContradicted | AliasAgainstSkill | SkillContradicts);
    let ties = |rule| matches!(rule, TitleSplit | KraTie);
    let appears = new.rule != old.rule || new.cohort != old.cohort;
    let about_it = new.cohort.contains(&role);
    let skills_tie = |answer: &Answer| {
        let ranking: Vec<Micro> = answer.signals.skill.iter().flat_map(|s| s.ranking.iter().map(|r| r.score)).collect();
        ranking.len() > 1 && ranking[0].minus(ranking[1]) <= Settings::default().skill_tie
    };
    if contradicts(new.rule) && appears && about_it {
        "a contradiction appears"
    } else if ties(new.rule) && appears && about_it || skills_tie(after) && !skills_tie(before) {
        "a tie appears"
    } else if after.signals.alias.len() > 1 && before.signals.alias.len() <= 1 {
        "a tie appears (a second role is hit: the margin widens)"
    } else {
        UNEXPLAINED
    }
}

/// A change that speaks for the role and does nothing else; nothing where there is none to be made.
fn step(world: &mut World, case: &Case, kind: Kind, role: Id, before: &Answer) -> Option<Change> {
    let role = common::pools::ROLES.iter().find(|slug| Id::role(slug) == role)?.to_string();
    match kind {
        Kind::RaisesK => raise_k(world, case, role),
        Kind::AddsHit => add_hit(world, case, role),
        Kind::AddsSkill => add_skill(world, role, before),
    }
}

/// Draws one of the role's KRAs towards a sentence of the JD. The number of KRAs stays: the role grows no thicker.
fn raise_k(world: &mut World, case: &Case, role: String) -> Option<Change> {
    let owned = |record: &&Record| matches!(record, Record::Kra(kra) if kra.role == role);
    let kras: Vec<Record> = world.tables.iter().filter(owned).cloned().collect();
    let Some(Record::Kra(kra)) = world.one(&kras) else { return None };
    let vectors = &case.features()?.vectors;
    let place = world.rng.random_range(0..vectors.len().max(1));
    let sentence = Vector::new(vectors.iter().nth(place)?)?;
    let share = world.rng.random_range(0.05..1.0);
    let mut drawn = [0.0; DIMENSIONS];
    for (i, component) in drawn.iter_mut().enumerate() {
        let [from, to] = [&kra.vector, &sentence].map(|vector| f64::from(vector.components()[i]));
        *component = from + share * (to - from);
    }
    Some(Change::Put(Record::Kra(Kra { vector: quantised(&drawn), ..kra })))
}

/// Gives the role one of the JD's terms as an alias, with a vector like nothing: the hit alone is new.
fn add_hit(world: &mut World, case: &Case, role: String) -> Option<Change> {
    let features = case.features()?;
    let terms: Vec<Id> =
        features.title.iter().map(|title| title.written).chain(features.role_aliases.iter().copied()).collect();
    let titles = common::pools::TITLES.iter().chain(&common::pools::STRANGE);
    let texts: Vec<String> =
        titles.map(|title| (*title).to_owned()).filter(|text| terms.contains(&Id::text(&normalise(text)))).collect();
    let text = world.one(&texts)?;
    let key = Key::new("alias", &[&role, &normalise(&text)]);
    let vector = quantised(&noise(&mut world.rng));
    (!world.has(&key)).then_some(Change::Put(Record::Alias(Alias { role, text, vector })))
}

/// Lists a primary skill of the JD for the role, unless that makes it thick enough to be judged by tier 1.
fn add_skill(world: &mut World, role: String, before: &Answer) -> Option<Change> {
    let primary: Vec<Id> = before.skills.iter().filter(|skill| skill.known && skill.primary).map(|s| s.skill).collect();
    let listed = |record: &Record| matches!(record, Record::RoleSkill(pair) if pair.role == role);
    let count = world.tables.iter().filter(|record| listed(record)).count();
    let slugs = (0..common::pools::SKILLS).map(common::changes::skill_slug);
    let new: Vec<String> = slugs
        .filter(|slug| primary.contains(&Id::skill(slug)) && !world.has(&Key::new("role-skill", &[&role, slug])))
        .collect();
    let skill = world.one(&new)?;
    (count != 9).then_some(Change::Put(Record::RoleSkill(RoleSkill { role, skill })))
}
