//! What does a changelog say of a row? Its topic, its key, and its JSON; a function of the row and of names alone.
//!
//! Roles, skills and KRAs are named by slug and key, JDs by the id their source gave them: those do not change, so that
//! what was written stays true when a display name does.

use crate::engine::Stated;
use crate::report::reasoning::{case, how, rule};
use crate::report::{Lookup, Names};
use crate::store::{Store, StoredChange};
use rolestream_dataflows::fixed::Micro;
use rolestream_dataflows::id::Id;
use rolestream_dataflows::text::normalise;
use rolestream_dataflows::views::{Answer, Centroid, Cluster, Collision, Said, Summary, ViewRow};
use serde_json::{Value, json};
use std::sync::Arc;
use xxhash_rust::xxh3::xxh3_64;

/// A changelog.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Changelog {
    /// What is said of each JD.
    Decisions,
    /// The mean of each role's JDs.
    Centroids,
    /// Terms that several roles claim, and the JDs they hit.
    Collisions,
    /// What waits for a person: undecided JDs, new roles, new skills, new KRAs, novel sentences.
    ReviewQueue,
    /// Where something else was said than before; keyed by number, so that none replaces another.
    RoleChanges,
}

impl Changelog {
    /// All of them.
    pub const ALL: [Changelog; 5] = [
        Changelog::Decisions,
        Changelog::Centroids,
        Changelog::Collisions,
        Changelog::ReviewQueue,
        Changelog::RoleChanges,
    ];

    /// The end of its topic's name.
    pub fn name(self) -> &'static str {
        match self {
            Changelog::Decisions => "decisions",
            Changelog::Centroids => "centroids",
            Changelog::Collisions => "collisions",
            Changelog::ReviewQueue => "review-queue",
            Changelog::RoleChanges => "role-changes",
        }
    }
}

/// A row of a view, as it is told to others.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Row {
    /// Of *decisions*.
    Decision(Id, Arc<Answer>),
    /// Of another view; [`Row::of`] knows which have a changelog. The others have key and value, too.
    View(ViewRow),
}

/// The form of the JSON: a higher number has everything written anew after an update of the program.
const FORM: u64 = 1;

impl Row {
    /// A row of a view other than *decisions*, if that has a changelog.
    pub fn of(row: &ViewRow) -> Option<Row> {
        (!without_changelog(row)).then(|| Row::View(row.clone()))
    }

    /// Where it goes.
    pub fn changelog(&self) -> Changelog {
        match self {
            Row::Decision(..) => Changelog::Decisions,
            Row::View(ViewRow::Centroid(..)) => Changelog::Centroids,
            Row::View(ViewRow::Collision(..)) => Changelog::Collisions,
            Row::View(_) => Changelog::ReviewQueue,
        }
    }

    /// What names it there.
    pub fn key(&self, lookup: &Lookup) -> String {
        match self {
            Row::Decision(jd, _) => lookup.jd(*jd).to_string(),
            Row::View(row) => match row {
                ViewRow::Centroid(role, _) => lookup.role(*role),
                ViewRow::Collision((term, roles), _) => collision(*term, roles).to_string(),
                ViewRow::Undecided(jd, _) => format!("undecided/{}", lookup.jd(*jd)),
                ViewRow::NewRole(slug, _) => format!("new-role/{slug}"),
                ViewRow::NewSkill((skill, role), _) => format!("new-skill/{skill}/{}", lookup.role(*role)),
                ViewRow::NewKra((role, jd), _) => format!("new-kra/{}/{}", lookup.role(*role), lookup.jd(*jd)),
                ViewRow::NovelSentence((role, sentence), _) => {
                    format!("novel-sentence/{}/{sentence}", lookup.role(*role))
                }
                ViewRow::Impact(jd, _) | ViewRow::Cluster(jd, _) => lookup.jd(*jd).to_string(),
                ViewRow::Count(key, _) => {
                    let role = if key.role == Id::NONE { "-".to_owned() } else { lookup.role(key.role) };
                    let source = lookup.source(key.source).unwrap_or_else(|| key.source.to_string().into());
                    format!("{}/{}/{role}/{source}/{}", case(key.case), rule(key.rule), key.hour)
                }
                ViewRow::SkillSupport((role, skill), _) => {
                    format!("{}/{}", lookup.role(*role), skill_slug(*skill, &lookup.names()))
                }
                ViewRow::KraSupport((role, kra), _) => {
                    format!("{}/{}", lookup.role(*role), kra_key(*kra, &lookup.names()))
                }
                ViewRow::DayCentroid((role, day), _) => format!("{}/{}", lookup.role(*role), date(*day)),
                ViewRow::Baseline(role, _) => lookup.role(*role),
            },
        }
    }

    /// What tells it from another value of the same key.
    pub fn hash(&self) -> u64 {
        let bytes = match self {
            Row::Decision(jd, answer) => bincode::serialize(&(jd, answer)),
            Row::View(row) => bincode::serialize(row),
        };
        // Rows are plain data; 0 stands for a tombstone.
        xxh3_64(&bytes.unwrap_or_default()).wrapping_add(FORM).max(1)
    }

    /// Its value.
    pub fn json(&self, lookup: &Lookup, store: &Store) -> Value {
        match self {
            Row::Decision(jd, answer) => decision(*jd, answer, lookup),
            Row::View(row) => view(row, lookup, store),
        }
    }
}

/// Of these views nothing is written.
fn without_changelog(row: &ViewRow) -> bool {
    use ViewRow::{Baseline, Cluster, Count, DayCentroid, Impact, KraSupport, SkillSupport};
    matches!(
        row,
        Impact(..) | Cluster(..) | Count(..) | SkillSupport(..) | KraSupport(..) | DayCentroid(..) | Baseline(..)
    )
}

fn collision(term: Id, roles: &[Id]) -> Id {
    Collision { term, roles: roles.into() }.id()
}

fn share(value: Micro) -> Value {
    json!((value.to_f64() * 10_000.0).round() / 10_000.0)
}

fn slugs(roles: &[Id], lookup: &Lookup) -> Vec<String> {
    roles.iter().map(|role| lookup.role(*role)).collect()
}

fn skill_slug(skill: Id, names: &Names) -> String {
    names.skill(skill).map_or_else(|| skill.to_string(), |skill| skill.slug.clone())
}

fn kra_key(kra: Id, names: &Names) -> String {
    names.kra(kra).map_or_else(|| kra.to_string(), |kra| kra.key.clone())
}

/// A day since 1970.
fn date(day: i32) -> String {
    let at = jiff::civil::date(1970, 1, 1).checked_add(jiff::Span::new().days(day));
    // No JD was received outside the calendar.
    at.map_or_else(|_| day.to_string(), |date| date.to_string())
}

/// An hour since 1970.
fn hour(hour: i32) -> String {
    jiff::Timestamp::from_second(i64::from(hour) * 3_600).unwrap_or_default().to_string()
}

fn said(said: &Said, lookup: &Lookup) -> Value {
    json!({
        "rule": rule(said.rule),
        "case": case(said.case),
        "role": said.role.map(|role| lookup.role(role)),
        "new_role": said.new_role,
    })
}

fn decision(jd: Id, answer: &Answer, lookup: &Lookup) -> Value {
    let decision = &answer.decision;
    let names = lookup.names();
    let kra = answer.signals.kra.iter().map(|rank| {
        let evidence = rank.evidence.iter().map(|evidence| {
            let kra = kra_key(evidence.kra, &names);
            json!({"sentence": evidence.sentence, "kra": kra, "similarity": share(evidence.similarity)})
        });
        let role = names.role(rank.role).map_or_else(|| rank.role.to_string(), |role| role.slug.clone());
        json!({"role": role, "score": share(rank.score), "evidence": evidence.collect::<Vec<_>>()})
    });
    let kra: Vec<Value> = kra.collect();
    let skill = answer.signals.skill.as_ref().map(|signal| {
        let ranks = signal.ranking.iter().map(|rank| {
            let slug = |skill: &Id| skill_slug(*skill, &names);
            let role = names.role(rank.role).map_or_else(|| rank.role.to_string(), |role| role.slug.clone());
            let matched: Vec<String> = rank.matched.iter().map(slug).collect();
            json!({"role": role, "score": share(rank.score), "matched": matched})
        });
        json!({"total": signal.total, "ranking": ranks.collect::<Vec<_>>()})
    });
    drop(names);
    json!({
        "jd": lookup.jd(jd),
        "content": Id(answer.content).to_string(),
        "source": lookup.source(answer.source),
        "received_at": answer.received_at,
        "rule": rule(decision.rule),
        "case": case(decision.case),
        "role": decision.role.map(|role| lookup.role(role)),
        "confidence": decision.confidence.map(share),
        "queued": decision.queued(),
        "tier": decision.tier,
        "cohort": slugs(&decision.cohort, lookup),
        "collision": decision.collision.as_ref().map(|collision| collision.id().to_string()),
        "new_role": decision.new_role,
        "rejection": decision.rejection.map(|reason| reason.name()),
        "title_resolution": {
            "how": how(answer.resolution.how),
            "roles": slugs(&answer.resolution.roles, lookup),
            "similarity": share(answer.resolution.similarity),
        },
        "signals": {"alias": slugs(&answer.signals.alias, lookup), "kra": kra, "skill": skill},
    })
}

fn view(row: &ViewRow, lookup: &Lookup, store: &Store) -> Value {
    match row {
        ViewRow::Centroid(role, row) => centroid(lookup.role(*role), row),
        ViewRow::Collision((term, roles), row) => {
            let text = term_text(*term, row, store);
            let mut value = summary(row, lookup);
            extend(&mut value, json!({"term": text, "roles": slugs(roles, lookup), "settled": row.flagged}));
            value
        }
        ViewRow::Undecided(jd, row) => json!({
            "queue": "undecided",
            "jd": lookup.jd(*jd),
            "rule": rule(row.rule),
            "case": case(row.case),
            "cohort": slugs(&row.cohort, lookup),
        }),
        ViewRow::NewRole(slug, row) => queued("new-role", row, json!({"role": slug}), lookup),
        ViewRow::NewSkill((skill, role), row) => {
            let text = example(&row.summary, store, |text, place| text.skills.get(place).cloned());
            let more = json!({
                "skill": text.unwrap_or_else(|| skill.to_string()),
                "role": lookup.role(*role),
                "primary": row.summary.flagged,
                "status": row.status,
            });
            queued("new-skill", &row.summary, more, lookup)
        }
        ViewRow::NewKra((role, jd), row) => json!({
            "queue": "new-kra",
            "role": lookup.role(*role),
            "jd": lookup.jd(*jd),
            "score": share(row.score),
            "status": row.status,
        }),
        ViewRow::NovelSentence((role, sentence), row) => {
            let text = example(row, store, |text, place| text.sentences.get(place).cloned());
            let more = json!({"sentence": text.unwrap_or_else(|| sentence.to_string()), "role": lookup.role(*role)});
            queued("novel-sentence", row, more, lookup)
        }
        ViewRow::Impact(jd, row) => json!({
            "jd": lookup.jd(*jd),
            "content": Id(row.content).to_string(),
            "at_ingest": said(&row.at_ingest, lookup),
            "current": said(&row.current, lookup),
        }),
        ViewRow::Cluster(jd, row) => cluster(*jd, row, lookup, store),
        ViewRow::Count(key, jds) => json!({
            "case": case(key.case),
            "rule": rule(key.rule),
            "role": (key.role != Id::NONE).then(|| lookup.role(key.role)),
            "source": lookup.source(key.source),
            "hour": hour(key.hour),
            "jds": jds,
        }),
        ViewRow::SkillSupport((role, skill), jds) => {
            json!({"role": lookup.role(*role), "skill": skill_slug(*skill, &lookup.names()), "jds": jds})
        }
        ViewRow::KraSupport((role, kra), jds) => {
            json!({"role": lookup.role(*role), "kra": kra_key(*kra, &lookup.names()), "jds": jds})
        }
        ViewRow::DayCentroid((role, day), row) => {
            let mut value = centroid(lookup.role(*role), row);
            extend(&mut value, json!({"day": date(*day)}));
            value
        }
        ViewRow::Baseline(role, row) => json!({
            "role": lookup.role(*role),
            "nature_of_work": row.nature,
            "maturity": row.maturity.map(|maturity| maturity.name()),
            "ai_index": row.ai.map(share),
        }),
    }
}

/// A JD's skills by dimension, as SPEC §6 orders them; the unaligned ones have no dimension.
fn cluster(jd: Id, row: &Cluster, lookup: &Lookup, store: &Store) -> Value {
    // What the library does not know is called as the JD calls it.
    let text = store.text(jd).ok().flatten();
    let names = lookup.names();
    let written =
        |skill: Id| text.iter().flat_map(|text| &text.skills).find(|name| Id::text(&normalise(name)) == skill);
    let name = |skill: &Id| match names.skill(*skill) {
        Some(skill) => skill.slug.clone(),
        None => written(*skill).cloned().unwrap_or_else(|| skill.to_string()),
    };
    let mut groups: Vec<(Option<String>, Vec<String>)> = row
        .groups
        .iter()
        .map(|(dimension, skills)| {
            let slug = (*dimension != Id::NONE).then(|| match names.dimension(*dimension) {
                Some(dimension) => dimension.slug.clone(),
                None => dimension.to_string(),
            });
            (slug, skills.iter().map(name).collect())
        })
        .collect();
    drop(names);
    groups.sort_by_key(|(slug, skills)| (slug.is_none(), std::cmp::Reverse(skills.len()), slug.clone()));
    let groups = groups.into_iter().map(|(dimension, skills)| json!({"dimension": dimension, "skills": skills}));
    json!({"jd": lookup.jd(jd), "groups": groups.collect::<Vec<Value>>()})
}

/// Members, their mean vector and how far they lie apart: 1 less its length.
fn centroid(role: String, row: &Centroid) -> Value {
    let scale = f64::from(rolestream_dataflows::fixed::SCALE) * row.n.max(1) as f64;
    let mean: Vec<f64> = row.sum.iter().map(|sum| *sum as f64 / scale).collect();
    let length = mean.iter().map(|component| component * component).sum::<f64>().sqrt();
    let rounded = |value: f64| (value * 1e6).round() / 1e6;
    json!({
        "role": role,
        "n": row.n,
        "dispersion": rounded(1.0 - length),
        "mean": mean.into_iter().map(rounded).collect::<Vec<f64>>(),
    })
}

fn summary(row: &Summary, lookup: &Lookup) -> Value {
    let examples: Vec<Arc<str>> = row.examples.iter().map(|(_, jd, _)| lookup.jd(*jd)).collect();
    json!({
        "jds": row.jds,
        "companies": row.companies,
        "first_seen": row.first_seen,
        "last_seen": row.last_seen,
        "examples": examples,
    })
}

fn queued(queue: &str, row: &Summary, more: Value, lookup: &Lookup) -> Value {
    let mut value = summary(row, lookup);
    extend(&mut value, json!({"queue": queue}));
    extend(&mut value, more);
    value
}

fn extend(value: &mut Value, more: Value) {
    if let (Value::Object(fields), Value::Object(more)) = (value, more) {
        fields.extend(more);
    }
}

/// What a row is about, as one of its examples has it.
fn example(
    row: &Summary,
    store: &Store,
    read: impl Fn(&crate::store::StoredText, usize) -> Option<String>,
) -> Option<String> {
    row.examples.iter().find_map(|(_, jd, place)| {
        // What cannot be read is told by its id; the store's own check says why.
        read(&store.text(*jd).ok().flatten()?, usize::from(*place))
    })
}

/// A term, as one of the JDs it hit has it.
pub(crate) fn term_text(term: Id, row: &Summary, store: &Store) -> String {
    let found = example(row, store, |text, _| {
        let parsed = text.parsed.as_ref()?;
        let forms = parsed.title.iter().flat_map(|title| [&title.written, &title.plain]);
        let mut terms = forms.chain(&parsed.nano_parsed.role_aliases);
        terms.find(|text| Id::text(&normalise(text)) == term).cloned()
    });
    found.unwrap_or_else(|| term.to_string())
}

/// The value of a role change.
pub fn role_change(number: u64, stored: &StoredChange, lookup: &Lookup) -> Value {
    let change = &stored.change;
    let stated = |stated: &Stated| {
        let mut value = said(&stated.said, lookup);
        extend(&mut value, json!({"confidence": stated.confidence.map(share)}));
        value
    };
    json!({
        "number": number,
        "jd": stored.id,
        "content": Id(change.content).to_string(),
        "before": change.before.as_ref().map(stated),
        "after": change.after.as_ref().map(stated),
        "cause": change.cause.name(),
        "cause_version": change.cause.version(),
        "epoch": change.epoch,
        "taxonomy_version": change.taxonomy_version,
    })
}
