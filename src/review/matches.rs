//! What may a row be the same as, and how urgent is it?
//!
//! *score* is the similarity of the best possible match, 0 where there is none. *margin* is its lead over the second,
//! its whole score where there is no second. *priority* = frequency × (1 − score) × (1 − margin): a row comes first
//! that many runs wait for, that is like nothing known, or like several things alike. A row that is clearly like one
//! thing can wait, for it is settled at a glance.
//!
//! The possible matches of skills, roles and sentences are searched for ([`Matches`]). Those of a run or a collision
//! are the roles of the run's own rankings: its KRA ranking, or its skill ranking where it has none; of a collision,
//! the mean over the runs that are its examples. A role it is undecided between and that is not ranked has score 0.

use super::queues::{Candidate, Of};
use super::row::micro;
use super::standing::Reviews;
use super::texts::Runs;
use crate::report::Names;
use rolestream_dataflows::fixed::{Micro, divide_half_up};
use rolestream_dataflows::id::Id;
use rolestream_dataflows::views::Answer;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use utoipa::ToSchema;

/// So many are shown.
const MOST: usize = 5;

/// What a row may be the same as.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs, reason = "the names say it")]
pub enum MatchKind {
    Role,
    Skill,
    Kra,
}

/// Something a row may be the same as.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = PossibleMatch)]
pub struct Match {
    /// What it is.
    pub kind: MatchKind,
    /// Its slug; of a KRA its id.
    pub slug: String,
    /// Its display name; of a KRA its sentence.
    pub name: String,
    /// How similar it is.
    #[serde(with = "micro")]
    #[schema(value_type = f64)]
    pub score: Micro,
    /// In what it is similar.
    pub why: String,
}

impl Match {
    /// Its id.
    pub fn id(&self) -> Id {
        thing(self.kind, &self.slug)
    }
}

/// The id of a role, skill or KRA.
pub(super) fn thing(kind: MatchKind, slug: &str) -> Id {
    match kind {
        MatchKind::Role => Id::role(slug),
        MatchKind::Skill => Id::skill(slug),
        MatchKind::Kra => Id::kra(slug),
    }
}

/// Searches the taxonomy for what is like a text. A queue that is ordered by priority asks for each of its rows: who
/// implements it may remember its answers for one version of the taxonomy.
pub trait Matches {
    /// Skills like this one.
    fn skills(&self, text: &str) -> Vec<Match>;

    /// Roles like the one that these runs of this title ask for.
    fn roles(&self, title: &str, runs: &[Id]) -> Vec<Match>;

    /// KRAs like this sentence.
    fn kras(&self, sentence: &str) -> Vec<Match>;
}

/// What a row is like, the best first.
pub(super) struct Likeness {
    pub(super) matches: Vec<Match>,
    pub(super) score: Micro,
    pub(super) margin: Micro,
}

impl Likeness {
    /// Of what was found, less what a person said is something else.
    pub(super) fn of(subject: Id, found: Vec<Match>, reviews: &Reviews) -> Likeness {
        let mut matches: Vec<Match> = Vec::with_capacity(found.len());
        let mut found: Vec<Match> = found.into_iter().filter(|m| !reviews.apart(subject, m.id())).collect();
        found.sort_by(|a, b| b.score.cmp(&a.score).then_with(|| a.slug.cmp(&b.slug)));
        for one in found {
            if !matches.iter().any(|m| (m.kind, &m.slug) == (one.kind, &one.slug)) {
                matches.push(one);
            }
        }
        matches.truncate(MOST);
        let score = |place: usize| matches.get(place).map_or(Micro::ZERO, |m| m.score.min(Micro::ONE));
        Likeness { score: score(0), margin: score(0).minus(score(1)), matches }
    }
}

/// frequency × (1 − score) × (1 − margin), in micro-units, rounded half up.
pub fn priority(frequency: u64, score: Micro, margin: Micro) -> u64 {
    let rest = |share: Micro| u64::from(Micro::ONE.minus(share).0);
    let weight = divide_half_up(rest(score) * rest(margin), 1_000_000);
    frequency.saturating_mul(weight)
}

/// What may be the same as a row, before it is sorted and cut.
pub(super) fn found(
    candidate: &Candidate,
    title: &str,
    names: &Names,
    runs: &dyn Runs,
    search: &dyn Matches,
) -> Vec<Match> {
    match &candidate.of {
        Of::Skill(_) => search.skills(title),
        Of::Sentence(_) => search.kras(title),
        Of::NewRole(_) => {
            let jds: Vec<Id> = candidate.examples.iter().map(|(jd, _)| *jd).collect();
            search.roles(title, &jds)
        }
        Of::Responsibilities(jd) => {
            let evidence = runs.answer(*jd).map(|answer| evidence(&answer, *jd, names, runs)).unwrap_or_default();
            if evidence.is_empty() { search.kras(title) } else { evidence }
        }
        Of::Undecided(jd) => {
            let answers: Vec<_> = runs.answer(*jd).into_iter().collect();
            let mut roles: Vec<Id> = candidate.roles.iter().map(|share| share.role).collect();
            roles.extend(answers.iter().flat_map(|answer| ranking(answer).1.into_keys()));
            ranked(&roles, &answers, names)
        }
        Of::Collision(_) => {
            let answers: Vec<_> = candidate.examples.iter().filter_map(|(jd, _)| runs.answer(*jd)).collect();
            let roles: Vec<Id> = candidate.roles.iter().map(|share| share.role).collect();
            ranked(&roles, &answers, names)
        }
    }
}

/// The KRAs of its role that a JD's sentences come nearest to.
fn evidence(answer: &Answer, jd: Id, names: &Names, runs: &dyn Runs) -> Vec<Match> {
    let rank = answer.signals.kra.iter().find(|rank| Some(rank.role) == answer.decision.role);
    let run = runs.run(jd);
    let found = rank.into_iter().flat_map(|rank| &rank.evidence).filter_map(|evidence| {
        let kra = names.kra(evidence.kra)?;
        let sentence = run.as_ref().and_then(|run| run.sentences.get(usize::from(evidence.sentence)));
        Some(Match {
            kind: MatchKind::Kra,
            slug: kra.key.clone(),
            name: kra.sentence.clone(),
            score: evidence.similarity,
            why: sentence.map_or_else(|| "a sentence of the JD".to_owned(), |text| format!("the sentence \"{text}\"")),
        })
    });
    found.collect()
}

/// What a run's rankings say of roles, and by what.
fn ranking(answer: &Answer) -> (&'static str, BTreeMap<Id, Micro>) {
    let signals = &answer.signals;
    match (signals.kra.is_empty(), &signals.skill) {
        (true, Some(skill)) => ("skills", skill.ranking.iter().map(|rank| (rank.role, rank.score)).collect()),
        _ => ("responsibilities", signals.kra.iter().map(|rank| (rank.role, rank.score)).collect()),
    }
}

/// Roles by their mean score in the rankings of these runs.
fn ranked(roles: &[Id], answers: &[std::sync::Arc<Answer>], names: &Names) -> Vec<Match> {
    let rankings: Vec<_> = answers.iter().map(|answer| ranking(answer)).collect();
    let by = rankings.first().map_or("responsibilities", |(by, _)| *by);
    let one = |role: Id| {
        let known = names.role(role)?;
        let sum: u64 =
            rankings.iter().filter_map(|(_, scores)| scores.get(&role)).map(|score| u64::from(score.0)).sum();
        let score = Micro(divide_half_up(sum, (rankings.len() as u64).max(1)) as u32);
        let why = if score > Micro::ZERO { by } else { "the title" };
        let (slug, name) = (known.slug.clone(), known.name.clone());
        Some(Match { kind: MatchKind::Role, slug, name, score, why: why.to_owned() })
    };
    roles.iter().filter_map(|role| one(*role)).collect()
}
