//! What speaks for which role in a JD: its skills, its terms, its sentences? (SPEC §3)
//!
//! Rankings are whole here; only what is printed is cut.

use super::taxonomy::Taxonomy;
use crate::fixed::{Micro, Vector, divide_half_up};
use crate::id::Id;
use crate::records::Features;
use crate::views::{Evidence, KraRank, Signals, SkillRank, SkillSignal};
use std::collections::{BTreeMap, BTreeSet};

/// A mention resolved against the skill library.
pub(super) struct Resolved<'a> {
    /// The canonical skill's id, else the text's.
    pub(super) identity: Id,
    /// The canonical skill, if the text is known.
    pub(super) known: Option<&'a str>,
    /// As the JD says.
    pub(super) primary: bool,
}

/// Each mention, in order.
pub(super) fn mentions<'a>(taxonomy: &Taxonomy<'a>, features: &Features) -> Vec<Resolved<'a>> {
    let resolve = |mention: &crate::records::Mention| {
        let known = taxonomy.skill_forms.get(&mention.text).copied();
        Resolved { identity: known.map_or(mention.text, Id::skill), known, primary: mention.primary }
    };
    features.skills.iter().map(resolve).collect()
}

/// A role in the skill ranking.
pub(super) struct SkillScore<'a> {
    pub(super) role: &'a str,
    pub(super) score: Micro,
    pub(super) matched: Vec<Id>,
}

/// A role in the KRA ranking.
pub(super) struct KraScore<'a> {
    pub(super) role: &'a str,
    pub(super) score: Micro,
    pub(super) evidence: Vec<Evidence>,
}

/// The three signals over all roles.
pub(super) struct Scores<'a> {
    /// Distinct primary skills of the JD.
    pub(super) total: usize,
    /// Score descending, slug ascending.
    pub(super) skill: Vec<SkillScore<'a>>,
    /// The roles a term hits.
    pub(super) hits: BTreeSet<&'a str>,
    /// Score descending, slug ascending.
    pub(super) kra: Vec<KraScore<'a>>,
    /// Sentences that no role's KRAs come near.
    pub(super) novel: Vec<(u16, Id)>,
}

impl<'a> Scores<'a> {
    /// Scores every active role.
    pub(super) fn of(taxonomy: &Taxonomy<'a>, features: &Features, mentions: &[Resolved<'a>]) -> Scores<'a> {
        let primary = primary_identities(mentions);
        Scores {
            total: primary.len(),
            skill: skill_ranking(taxonomy, &primary),
            hits: terms(features).into_iter().flat_map(|term| hit_by(taxonomy, term)).collect(),
            kra: kra_ranking(taxonomy, features),
            novel: novel(taxonomy, features),
        }
    }

    /// The signals as the answer holds them: rankings cut to `top`.
    pub(super) fn printed(&self, top: usize) -> Signals {
        let skill = self.skill.iter().take(top).map(|rank| SkillRank {
            role: Id::role(rank.role),
            score: rank.score,
            matched: rank.matched.clone().into(),
        });
        let kra = self.kra.iter().take(top).map(|rank| KraRank {
            role: Id::role(rank.role),
            score: rank.score,
            evidence: rank.evidence.clone().into(),
        });
        Signals {
            skill: (self.total > 0).then(|| SkillSignal { total: self.total as u32, ranking: skill.collect() }),
            alias: self.hits.iter().map(|role| Id::role(role)).collect(),
            kra: kra.collect(),
        }
    }
}

/// The terms of a JD: its title as written, then its role aliases.
pub(super) fn terms(features: &Features) -> Vec<Id> {
    features.title.iter().map(|title| title.written).chain(features.role_aliases.iter().copied()).collect()
}

/// The roles whose display name or alias a term equals.
pub(super) fn hit_by<'a>(taxonomy: &Taxonomy<'a>, term: Id) -> BTreeSet<&'a str> {
    [&taxonomy.names, &taxonomy.aliases].into_iter().filter_map(|claims| claims.get(&term)).flatten().copied().collect()
}

/// The distinct skills of which some mention is primary, by first mention (of whichever kind).
fn primary_identities<'a>(mentions: &[Resolved<'a>]) -> Vec<(Id, Option<&'a str>)> {
    let mut distinct: Vec<(Id, Option<&'a str>)> = Vec::new();
    for mention in mentions {
        if !distinct.iter().any(|(identity, _)| *identity == mention.identity) {
            distinct.push((mention.identity, mention.known));
        }
    }
    distinct.retain(|(identity, _)| mentions.iter().any(|m| m.primary && m.identity == *identity));
    distinct
}

fn skill_ranking<'a>(taxonomy: &Taxonomy<'a>, primary: &[(Id, Option<&'a str>)]) -> Vec<SkillScore<'a>> {
    let mut ranking = Vec::new();
    for (role, listed) in &taxonomy.role_skills {
        let lists = |skill: &Option<&str>| skill.is_some_and(|skill| listed.contains(skill));
        let matched: Vec<Id> =
            primary.iter().filter(|(_, skill)| lists(skill)).map(|(identity, _)| *identity).collect();
        if !matched.is_empty() {
            let score = Micro::ratio(matched.len() as u64, primary.len() as u64);
            ranking.push(SkillScore { role, score, matched });
        }
    }
    ranking.sort_by(|a, b| b.score.cmp(&a.score).then(a.role.cmp(b.role)));
    ranking
}

/// Each sentence's best KRA of one role, by sentence; of equally similar KRAs the one with the least key.
fn best_of_role(taxonomy: &Taxonomy, role: &str, features: &Features) -> Vec<Evidence> {
    let kras = &taxonomy.kras[role];
    let best_of_sentence = |(place, sentence): (usize, Vector)| {
        let mut best: Option<Evidence> = None;
        for (key, kra) in kras {
            let similarity = sentence.similarity(&kra.vector);
            if best.is_none_or(|best| similarity > best.similarity) {
                best = Some(Evidence { sentence: place as u16, kra: Id::kra(key), similarity });
            }
        }
        best
    };
    sentences(features).into_iter().enumerate().filter_map(best_of_sentence).collect()
}

/// The sentences' vectors, one by one.
fn sentences(features: &Features) -> Vec<Vector> {
    features.vectors.iter().filter_map(Vector::new).collect()
}

fn kra_ranking<'a>(taxonomy: &Taxonomy<'a>, features: &Features) -> Vec<KraScore<'a>> {
    let mut ranking = Vec::new();
    for role in taxonomy.kras.keys() {
        let mut evidence = best_of_role(taxonomy, role, features);
        evidence.sort_by(|a, b| b.similarity.cmp(&a.similarity).then(a.sentence.cmp(&b.sentence)));
        evidence.truncate(3);
        if evidence.is_empty() {
            continue;
        }
        let sum: u64 = evidence.iter().map(|e| u64::from(e.similarity.0)).sum();
        let score = Micro(divide_half_up(sum, evidence.len() as u64) as u32);
        ranking.push(KraScore { role, score, evidence });
    }
    ranking.sort_by(|a: &KraScore, b| b.score.cmp(&a.score).then(a.role.cmp(b.role)));
    ranking
}

/// The sentences whose best match over all roles is under `new_kra`; all of them where no role has a KRA.
fn novel(taxonomy: &Taxonomy, features: &Features) -> Vec<(u16, Id)> {
    let mut best: BTreeMap<u16, Micro> = BTreeMap::new();
    for role in taxonomy.kras.keys() {
        for evidence in best_of_role(taxonomy, role, features) {
            let so_far = best.entry(evidence.sentence).or_default();
            *so_far = evidence.similarity.max(*so_far);
        }
    }
    let sentences = features.sentences.iter().enumerate().map(|(place, sentence)| (place as u16, *sentence));
    let is_novel = |place: &u16| best.get(place).is_none_or(|similarity| *similarity < taxonomy.settings.new_kra);
    sentences.filter(|(place, _)| is_novel(place)).collect()
}
