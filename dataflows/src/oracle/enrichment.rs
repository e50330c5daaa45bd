//! What does a JD say of its work, its stack and AI, and what do the JDs of a role usually say? (SPEC §6)

use super::taxonomy::Taxonomy;
use crate::fixed::{Micro, Vector, divide_half_up};
use crate::id::Id;
use crate::records::{AiClass, Era, Features};
use crate::views::{AiIndex, Answer, Baseline, Enrichment, Maturity, Nature, SkillUse};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// What an accepted JD itself says.
pub(super) fn of_jd(taxonomy: &Taxonomy, features: &Features, skills: &[SkillUse]) -> Enrichment {
    let known: BTreeSet<Id> = skills.iter().filter(|skill| skill.known).map(|skill| skill.skill).collect();
    let flags = features.ai;
    let tells = !features.skills.is_empty() || !features.sentences.is_empty();
    Enrichment {
        nature: nature(taxonomy, features),
        ai: (tells || flags.title || flags.team || flags.product).then(|| ai_index(taxonomy, features, skills)),
        maturity: maturity(taxonomy, &known, skills),
        skill_set: match known.is_empty() {
            true => Id::NONE,
            false => Id::all("skill-set", &known.into_iter().collect::<Vec<Id>>()),
        },
    }
}

/// Labels rank as roles do by KRAs; of equally near ones the first in the settings.
fn nature(taxonomy: &Taxonomy, features: &Features) -> Option<Nature> {
    let settings = &taxonomy.enrichment;
    let sentences: Vec<Vector> = features.vectors.iter().filter_map(Vector::new).collect();
    let mut best: Option<Nature> = None;
    for label in &settings.labels {
        let prototypes: Vec<Vector> = label.prototypes.iter().filter_map(Vector::new).collect();
        let near = |sentence: &Vector| prototypes.iter().map(|prototype| sentence.similarity(prototype)).max();
        let mut ranked: Vec<(Micro, usize)> =
            sentences.iter().enumerate().filter_map(|(place, sentence)| Some((near(sentence)?, place))).collect();
        ranked.sort_by(|a, b| b.0.cmp(&a.0).then(a.1.cmp(&b.1)));
        ranked.truncate(3);
        let Some((_, sentence)) = ranked.first().copied() else { continue };
        let sum: u64 = ranked.iter().map(|(similarity, _)| u64::from(similarity.0)).sum();
        let similarity = Micro(divide_half_up(sum, ranked.len() as u64) as u32);
        if best.as_ref().is_none_or(|best| similarity > best.similarity) {
            best = Some(Nature { label: label.name.clone(), similarity, sentence: sentence as u16 });
        }
    }
    best.filter(|nature| nature.similarity >= settings.nature_min)
}

fn ai_index(taxonomy: &Taxonomy, features: &Features, skills: &[SkillUse]) -> AiIndex {
    let (weights, legacy) = (&taxonomy.enrichment.ai, &taxonomy.enrichment.legacy);
    // AI skills: their class, and whether any mention makes them primary.
    let mut ai: BTreeMap<Id, (AiClass, bool)> = BTreeMap::new();
    for skill in skills.iter().filter(|skill| skill.known && skill.ai != AiClass::None) {
        ai.entry(skill.skill).or_insert((skill.ai, false)).1 |= skill.primary;
    }
    let count = |class| ai.values().filter(|(of, _)| *of == class).count() as u32;
    let part = |holds: bool, weight: Micro| if holds { weight } else { Micro::ZERO };
    let index = AiIndex {
        value: Micro::ZERO,
        title: part(features.ai.title, weights.title),
        skill: part(!ai.is_empty(), weights.skill),
        primary: part(ai.values().any(|(_, primary)| *primary), weights.primary),
        secondary: part(ai.values().any(|(_, primary)| !*primary), weights.secondary),
        team: part(features.ai.team, weights.team),
        product: part(features.ai.product, weights.product),
        assistants: count(AiClass::Assistant),
        frameworks: count(AiClass::Framework),
        concepts: count(AiClass::Concept),
        legacy: count(AiClass::Assistant) * legacy.assistants
            + count(AiClass::Framework) * legacy.frameworks
            + count(AiClass::Concept) * legacy.concepts,
    };
    let sum = index.title.0 + index.skill.0 + index.primary.0 + index.secondary.0 + index.team.0 + index.product.0;
    AiIndex { value: Micro(sum).min(weights.cap), ..index }
}

fn maturity(taxonomy: &Taxonomy, known: &BTreeSet<Id>, skills: &[SkillUse]) -> Option<Maturity> {
    let rule = &taxonomy.enrichment.maturity;
    let of = |id: &Id| skills.iter().find(|skill| skill.skill == *id);
    let count =
        |wanted: fn(&SkillUse) -> bool| known.iter().filter_map(of).filter(|skill| wanted(skill)).count() as u64;
    let total = known.len() as u64;
    if total == 0 {
        return None;
    }
    let ai = count(|skill| skill.ai != AiClass::None);
    if Micro::ratio(ai, total) >= rule.ai_native && ai >= u64::from(rule.ai_native_least) {
        return Some(Maturity::AiNative);
    }
    if Micro::ratio(count(|skill| skill.era == Era::Legacy), total) >= rule.legacy {
        return Some(Maturity::Legacy);
    }
    let modern = count(|skill| skill.era != Era::Legacy && skill.era != Era::Established);
    if Micro::ratio(modern, total) < rule.modern {
        return Some(Maturity::Established);
    }
    let cloud = count(|skill| skill.era == Era::CloudNative);
    let native = Micro::ratio(cloud, total) >= rule.cloud_native && cloud >= u64::from(rule.cloud_native_least);
    Some(if native { Maturity::ModernCloudNative } else { Maturity::Modern })
}

/// The most frequent of what a role's decided JDs say, of equally frequent ones the least.
fn usual<T: Clone + Ord>(said: impl Iterator<Item = Option<T>>) -> Option<T> {
    let mut counts: BTreeMap<T, u64> = BTreeMap::new();
    for one in said.flatten() {
        *counts.entry(one).or_default() += 1;
    }
    let most = counts.values().max().copied()?;
    counts.into_iter().find(|(_, count)| *count == most).map(|(one, _)| one)
}

/// By role.
pub(super) fn baselines(decisions: &BTreeMap<Id, Arc<Answer>>) -> BTreeMap<Id, Baseline> {
    let mut by_role: BTreeMap<Id, Vec<&Enrichment>> = BTreeMap::new();
    for answer in decisions.values() {
        if let Some(role) = answer.decision.role {
            by_role.entry(role).or_default().push(&answer.enrichment);
        }
    }
    let baseline = |said: Vec<&Enrichment>| Baseline {
        nature: usual(said.iter().map(|one| one.nature.as_ref().map(|nature| nature.label.clone()))),
        maturity: usual(said.iter().map(|one| one.maturity.map(|label| (label.name(), label)))).map(|(_, label)| label),
        ai: usual(said.iter().map(|one| one.ai.as_ref().map(|ai| ai.value))),
    };
    let rows = by_role.into_iter().map(|(role, said)| (role, baseline(said)));
    rows.filter(|(_, baseline)| *baseline != Baseline::default()).collect()
}

/// By skill set.
pub(super) fn skill_sets(decisions: &BTreeMap<Id, Arc<Answer>>) -> BTreeMap<Id, u64> {
    let mut sets = BTreeMap::new();
    for answer in decisions.values().filter(|answer| answer.enrichment.skill_set != Id::NONE) {
        *sets.entry(answer.enrichment.skill_set).or_default() += 1;
    }
    sets
}
