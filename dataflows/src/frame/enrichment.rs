//! What does a JD say of its work, its stack and AI (SPEC §6)? The scorer over label prototypes, and three counts.
//!
//! The nature of work is a ranking of labels as that of roles by KRAs is. It depends on the JD and the labels alone, so
//! it is kept with the JD until either changes; the rest is counted over the skills whenever the JD is answered.

use super::board::Board;
use super::held::{Entry, Held};
use super::kras;
use crate::fixed::Micro;
use crate::id::Id;
use crate::kernel::{Group, Isa, LANES, Rows};
use crate::records::{AiClass, AiFlags, EnrichmentSettings, Era, MaturityRule};
use crate::views::{AiIndex, Enrichment, Maturity, Nature, SkillUse};

/// The labels as the kernel wants them.
#[derive(Default)]
pub(crate) struct Labels {
    pub(crate) settings: EnrichmentSettings,
    rows: Vec<Rows>,
}

impl Labels {
    /// Takes settings in, and gives those before.
    pub(crate) fn set(&mut self, settings: EnrichmentSettings) -> EnrichmentSettings {
        self.rows = settings.labels.iter().map(|label| Rows::new(label.prototypes.iter())).collect();
        std::mem::replace(&mut self.settings, settings)
    }
}

/// The label nearest to a JD, and its sentence nearest to that.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Nearest {
    label: u16,
    sentence: u16,
    similarity: Micro,
}

/// Finds the nature of the JDs of a gathered block that have none yet. Returns the rows and lanes it took.
pub(crate) fn fill(board: &Board, held: &mut Held, isa: Isa, groups: &[Group], jds: &[(u32, usize)]) -> u64 {
    let stale = |place: u32| held.entry(place).is_some_and(|entry| entry.nature.is_none());
    let stale: Vec<(u32, usize)> = jds.iter().copied().filter(|(place, _)| stale(*place)).collect();
    if stale.is_empty() {
        return 0;
    }
    let mut nearest: Vec<Option<Nearest>> = vec![None; stale.len()];
    let mut best = Vec::new();
    let mut work = 0;
    for (label, rows) in board.labels.rows.iter().enumerate().filter(|(_, rows)| !rows.is_empty()) {
        kras::best_of(isa, groups, rows.all(), &mut best);
        work += (rows.len() * groups.len() * LANES) as u64;
        for (nearest, (place, at)) in nearest.iter_mut().zip(&stale) {
            let lanes = &best[*at..at + held.runs[*place as usize].len as usize];
            if lanes.is_empty() {
                continue;
            }
            let similarity = Micro(kras::score(lanes));
            if nearest.is_none_or(|so_far| similarity > so_far.similarity) {
                *nearest = Some(Nearest { label: label as u16, sentence: first_best(lanes), similarity });
            }
        }
    }
    for (nearest, (place, _)) in nearest.into_iter().zip(stale) {
        if let Some(entry) = held.entries[place as usize].as_mut() {
            entry.nature = Some(nearest);
        }
    }
    work
}

/// The first of the sentences with the greatest dot product.
fn first_best(lanes: &[i32]) -> u16 {
    let dots = lanes.iter().map(|packed| packed >> 12).enumerate();
    dots.reduce(|best, other| if other.1 > best.1 { other } else { best }).map_or(0, |(place, _)| place as u16)
}

/// What is said beside the decision.
pub(crate) fn enrich(board: &Board, entry: &Entry, skills: &[SkillUse]) -> Enrichment {
    let settings = &board.labels.settings;
    let mut distinct: Vec<SkillUse> = Vec::with_capacity(skills.len());
    for skill in skills.iter().filter(|skill| skill.known) {
        match distinct.iter_mut().find(|known| known.skill == skill.skill) {
            Some(known) => known.primary |= skill.primary,
            None => distinct.push(*skill),
        }
    }
    let nearest = entry.nature.flatten().filter(|nearest| nearest.similarity >= settings.nature_min);
    let mute = entry.mentions.is_empty() && entry.sentences.is_empty() && entry.ai == AiFlags::default();
    Enrichment {
        nature: nearest.and_then(|Nearest { label, sentence, similarity }| {
            let label = settings.labels.get(label as usize)?.name.clone();
            Some(Nature { label, similarity, sentence })
        }),
        ai: (!mute).then(|| ai_index(settings, entry.ai, &distinct)),
        maturity: maturity(&settings.maturity, &distinct),
        skill_set: skill_set(&distinct),
    }
}

fn ai_index(settings: &EnrichmentSettings, flags: AiFlags, distinct: &[SkillUse]) -> AiIndex {
    let (weights, legacy) = (&settings.ai, &settings.legacy);
    let of = |holds: bool, weight: Micro| if holds { weight } else { Micro::ZERO };
    let ai = || distinct.iter().filter(|skill| skill.ai != AiClass::None);
    let count = |class: AiClass| ai().filter(|skill| skill.ai == class).count() as u32;
    let mut index = AiIndex {
        title: of(flags.title, weights.title),
        skill: of(ai().next().is_some(), weights.skill),
        primary: of(ai().any(|skill| skill.primary), weights.primary),
        secondary: of(ai().any(|skill| !skill.primary), weights.secondary),
        team: of(flags.team, weights.team),
        product: of(flags.product, weights.product),
        assistants: count(AiClass::Assistant),
        frameworks: count(AiClass::Framework),
        concepts: count(AiClass::Concept),
        ..AiIndex::default()
    };
    let parts = [index.title, index.skill, index.primary, index.secondary, index.team, index.product];
    let sum: u64 = parts.iter().map(|part| u64::from(part.0)).sum();
    index.value = Micro(sum.min(u64::from(weights.cap.0)) as u32);
    let counts = [
        (index.assistants, legacy.assistants),
        (index.frameworks, legacy.frameworks),
        (index.concepts, legacy.concepts),
    ];
    index.legacy = counts.iter().fold(0, |sum, (count, weight)| weight.saturating_mul(*count).saturating_add(sum));
    index
}

fn maturity(rule: &MaturityRule, distinct: &[SkillUse]) -> Option<Maturity> {
    let total = distinct.len() as u64;
    if total == 0 {
        return None;
    }
    let count = |wanted: &dyn Fn(&SkillUse) -> bool| distinct.iter().filter(|skill| wanted(skill)).count() as u64;
    let reaches = |count: u64, share: Micro| Micro::ratio(count, total) >= share;
    let ai = count(&|skill| skill.ai != AiClass::None);
    let cloud_native = count(&|skill| skill.era == Era::CloudNative);
    let modern = count(&|skill| matches!(skill.era, Era::Modern | Era::CloudNative | Era::Emerging));
    Some(if reaches(ai, rule.ai_native) && ai >= u64::from(rule.ai_native_least) {
        Maturity::AiNative
    } else if reaches(count(&|skill| skill.era == Era::Legacy), rule.legacy) {
        Maturity::Legacy
    } else if !reaches(modern, rule.modern) {
        Maturity::Established
    } else if reaches(cloud_native, rule.cloud_native) && cloud_native >= u64::from(rule.cloud_native_least) {
        Maturity::ModernCloudNative
    } else {
        Maturity::Modern
    })
}

fn skill_set(distinct: &[SkillUse]) -> Id {
    let mut ids: Vec<Id> = distinct.iter().map(|skill| skill.skill).collect();
    ids.sort_unstable();
    if ids.is_empty() { Id::NONE } else { Id::all("skill-set", &ids) }
}
