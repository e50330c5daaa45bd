//! What do the views hold, given the answer for every JD? (SPEC §5, without the queues)

use super::taxonomy::Taxonomy;
use super::{enrichment, queues};
use crate::fixed::{DIMENSIONS, Vector};
use crate::id::Id;
use crate::records::Jd;
use crate::views::{Answer, Centroid, Cluster, CountKey, Impact, Member, Snapshot, Summary};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

const HOUR: i64 = 3_600_000;
const DAY: i64 = 24 * HOUR;

/// One JD's part in a summary: its answer, whether it is flagged there, and the place of the example in it.
pub(super) struct Case<'b> {
    pub(super) jd: Id,
    pub(super) answer: &'b Answer,
    pub(super) flagged: bool,
    pub(super) place: u16,
}

/// What a log or queue row says of the JDs behind it.
pub(super) fn summary(cases: &[Case]) -> Summary {
    let times = cases.iter().map(|case| case.answer.received_at);
    let companies: BTreeSet<Id> = cases.iter().map(|case| case.answer.company).filter(|id| *id != Id::NONE).collect();
    let examples: BTreeSet<(i64, Id, u16)> =
        cases.iter().map(|case| (case.answer.received_at, case.jd, case.place)).collect();
    Summary {
        jds: cases.len() as u64,
        flagged: cases.iter().filter(|case| case.flagged).count() as u64,
        companies: companies.len() as u64,
        first_seen: times.clone().min().unwrap_or_default(),
        last_seen: times.max().unwrap_or_default(),
        examples: examples.into_iter().take(3).collect(),
    }
}

/// Every view.
pub(super) fn all(taxonomy: &Taxonomy, jds: &BTreeMap<Id, Arc<Jd>>, decisions: BTreeMap<Id, Arc<Answer>>) -> Snapshot {
    let members = members(jds, &decisions);
    Snapshot {
        centroids: centroids(members.iter().map(|(role, member)| ((*role, member.day), member))),
        role_centroids: centroids(members.iter().map(|(role, member)| (*role, member))),
        members,
        skill_support: skill_support(&decisions),
        kra_support: kra_support(&decisions),
        collisions: collisions(&decisions),
        undecided: queues::undecided(taxonomy, &decisions),
        new_roles: queues::new_roles(taxonomy, &decisions),
        new_skills: queues::new_skills(taxonomy, &decisions),
        new_kras: queues::new_kras(taxonomy, jds, &decisions),
        novel_sentences: queues::novel_sentences(taxonomy, &decisions),
        impact: impact(taxonomy, &decisions),
        clusters: clusters(&decisions),
        counts: counts(&decisions),
        baselines: enrichment::baselines(&decisions),
        skill_sets: enrichment::skill_sets(&decisions),
        decisions,
    }
}

/// The vector a JD contributes to a centroid, if it has one.
pub(super) fn vector_of(jd: &Jd) -> Option<&Vector> {
    jd.features.as_ref().ok().and_then(|features| features.vector.as_ref())
}

fn members(jds: &BTreeMap<Id, Arc<Jd>>, decisions: &BTreeMap<Id, Arc<Answer>>) -> BTreeSet<(Id, Member)> {
    let mut members = BTreeSet::new();
    for (id, jd) in jds {
        if let (Some(role), Some(vector)) = (decisions[id].decision.role, vector_of(jd)) {
            let day = jd.received_at.div_euclid(DAY) as i32;
            members.insert((role, Member { jd: *id, day, vector: vector.clone() }));
        }
    }
    members
}

fn centroids<'m, K: Ord>(members: impl Iterator<Item = (K, &'m Member)>) -> BTreeMap<K, Centroid> {
    let mut centroids = BTreeMap::new();
    for (key, member) in members {
        let centroid = centroids.entry(key).or_insert_with(|| Centroid { n: 0, sum: Box::new([0; DIMENSIONS]) });
        centroid.n += 1;
        for (sum, component) in centroid.sum.iter_mut().zip(member.vector.components()) {
            *sum += i64::from(*component);
        }
    }
    centroids
}

fn skill_support(decisions: &BTreeMap<Id, Arc<Answer>>) -> BTreeMap<(Id, Id), u64> {
    let mut support = BTreeMap::new();
    for answer in decisions.values() {
        let Some(role) = answer.decision.role else { continue };
        let skills: BTreeSet<Id> = answer.skills.iter().map(|skill| skill.skill).collect();
        for skill in skills {
            *support.entry((role, skill)).or_default() += 1;
        }
    }
    support
}

fn kra_support(decisions: &BTreeMap<Id, Arc<Answer>>) -> BTreeMap<(Id, Id), u64> {
    let mut support = BTreeMap::new();
    for answer in decisions.values() {
        let Some(role) = answer.decision.role else { continue };
        let evidence = answer.signals.kra.iter().filter(|rank| rank.role == role).flat_map(|rank| &rank.evidence);
        let kras: BTreeSet<Id> = evidence.map(|evidence| evidence.kra).collect();
        for kra in kras {
            *support.entry((role, kra)).or_default() += 1;
        }
    }
    support
}

fn collisions(decisions: &BTreeMap<Id, Arc<Answer>>) -> BTreeMap<(Id, Box<[Id]>), Summary> {
    let mut cases: BTreeMap<(Id, Box<[Id]>), Vec<Case>> = BTreeMap::new();
    for (jd, answer) in decisions {
        if let Some(collision) = &answer.decision.collision {
            let settled = answer.decision.role.is_some();
            let key = (collision.term, collision.roles.clone());
            cases.entry(key).or_default().push(Case { jd: *jd, answer, flagged: settled, place: 0 });
        }
    }
    cases.into_iter().map(|(key, cases)| (key, summary(&cases))).collect()
}

fn impact(taxonomy: &Taxonomy, decisions: &BTreeMap<Id, Arc<Answer>>) -> BTreeMap<Id, Impact> {
    let mut impact = BTreeMap::new();
    for (jd, answer) in decisions {
        let Some(fact) = taxonomy.at_ingest.get(&(*jd, answer.content)) else { continue };
        let current = answer.decision.said();
        if fact.said != current {
            impact.insert(*jd, Impact { content: answer.content, at_ingest: fact.said.clone(), current });
        }
    }
    impact
}

fn clusters(decisions: &BTreeMap<Id, Arc<Answer>>) -> BTreeMap<Id, Cluster> {
    let mut clusters = BTreeMap::new();
    for (jd, answer) in decisions {
        let mut seen = BTreeSet::new();
        let mut groups: BTreeMap<Id, Vec<Id>> = BTreeMap::new();
        for skill in &answer.skills {
            if seen.insert(skill.skill) {
                groups.entry(skill.dimension).or_default().push(skill.skill);
            }
        }
        if !groups.is_empty() {
            let groups = groups.into_iter().map(|(dimension, skills)| (dimension, skills.into())).collect();
            clusters.insert(*jd, Cluster { groups });
        }
    }
    clusters
}

fn counts(decisions: &BTreeMap<Id, Arc<Answer>>) -> BTreeMap<CountKey, u64> {
    let mut counts = BTreeMap::new();
    for answer in decisions.values() {
        let key = CountKey {
            case: answer.decision.case,
            rule: answer.decision.rule,
            role: answer.decision.role.unwrap_or(Id::NONE),
            source: answer.source,
            hour: answer.received_at.div_euclid(HOUR) as i32,
        };
        *counts.entry(key).or_default() += 1;
    }
    counts
}
