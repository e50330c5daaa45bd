//! Where would a skill belong that the library lacks? Near the dimensions of what stands beside it in the JD
//! (co-occurrence), and of the known skills that its text is like (vectors); each counts half. A word such as a
//! product's name is like nothing it has to do with, so what stands in a line with it counts before the rest of the JD.

use super::catalogue::Catalogue;
use super::details::{LISTED, LockedDimension, NearDimension, Overlap, RelatedSkill, Settlement, SkillProposal};
use rolestream_dataflows::fixed::{Micro, divide_half_up};
use rolestream_dataflows::records::Skill;
use std::collections::{BTreeMap, BTreeSet};

/// From this score on a dimension is proposed as the home; below it, a guess would do more harm than none.
const NEAR: Micro = Micro(200_000);

/// What a JD says of dimensions.
pub(super) struct Evidence<'a> {
    /// The share of the known skills beside it that are at home in a dimension, by slug.
    co_occurrence: BTreeMap<&'a str, Micro>,
    settled: BTreeSet<&'a Settlement>,
}

impl<'a> Evidence<'a> {
    /// Of the known skills beside it, each once. Those without a home count in the total: they speak for no dimension.
    pub(super) fn of(known: &[&Skill], catalogue: &Catalogue<'a>, settled: &'a [Settlement]) -> Evidence<'a> {
        let mut evidence = Evidence { co_occurrence: BTreeMap::new(), settled: settled.iter().collect() };
        let mut counts: BTreeMap<&str, u64> = BTreeMap::new();
        for skill in known {
            if let Some(home) = evidence.home(skill, catalogue) {
                *counts.entry(home).or_default() += 1;
            }
        }
        let total = known.len().max(1) as u64;
        evidence.co_occurrence = counts.into_iter().map(|(slug, n)| (slug, Micro::ratio(n, total))).collect();
        evidence
    }

    /// A skill's home; where that was merged into another dimension, the other.
    fn home(&self, skill: &Skill, catalogue: &Catalogue<'a>) -> Option<&'a str> {
        let home = catalogue.home(skill)?;
        let merged = self.settled.iter().find(|one| one.settled == Overlap::Merge && one.dimension == home.slug);
        let survivor = merged.and_then(|one| catalogue.dimension(&one.with));
        Some(survivor.unwrap_or(home).slug.as_str())
    }
}

/// What to do with a text, given the known skills near it.
pub(super) fn propose(near: &[(String, Micro)], evidence: &Evidence<'_>, catalogue: &Catalogue<'_>) -> SkillProposal {
    let mut related: BTreeMap<&str, (Micro, &Skill)> = BTreeMap::new();
    for (slug, similarity) in near {
        let Some(skill) = catalogue.active_skill(slug) else { continue };
        let best = related.entry(&skill.slug).or_insert((*similarity, skill));
        best.0 = best.0.max(*similarity);
    }
    let mut similarity: BTreeMap<&str, Micro> = BTreeMap::new();
    for (score, skill) in related.values() {
        if let Some(home) = evidence.home(skill, catalogue) {
            let best = similarity.entry(home).or_default();
            *best = (*best).max(*score);
        }
    }
    let slugs: BTreeSet<&str> = evidence.co_occurrence.keys().chain(similarity.keys()).copied().collect();
    let mut dimensions: Vec<(Micro, NearDimension)> = slugs
        .into_iter()
        .filter_map(|slug| {
            let dimension = catalogue.dimension(slug)?;
            let of = |scores: &BTreeMap<&str, Micro>| scores.get(slug).copied().unwrap_or_default();
            let (together, alike) = (of(&evidence.co_occurrence), of(&similarity));
            let score = Micro(divide_half_up(u64::from(together.plus(alike).0), 2) as u32);
            let near = NearDimension {
                slug: slug.to_owned(),
                display_name: dimension.name.clone(),
                score: score.to_f64(),
                co_occurrence: together.to_f64(),
                similarity: alike.to_f64(),
            };
            Some((score, near))
        })
        .filter(|(score, _)| *score > Micro::ZERO)
        .collect();
    dimensions.sort_by(|(a, left), (b, right)| b.cmp(a).then_with(|| left.slug.cmp(&right.slug)));
    let home_dimension = dimensions.first().filter(|(score, _)| *score >= NEAR).map(|(_, near)| near.slug.clone());
    let nearest_dimensions: Vec<NearDimension> = dimensions.into_iter().take(LISTED).map(|(_, near)| near).collect();

    let mut related: Vec<(Micro, &Skill)> = related.into_values().collect();
    related.sort_by(|(a, left), (b, right)| b.cmp(a).then_with(|| left.slug.cmp(&right.slug)));
    let related_skills = related.into_iter().take(LISTED).map(|(similarity, skill)| RelatedSkill {
        slug: skill.slug.clone(),
        display_name: skill.name.clone(),
        similarity: similarity.to_f64(),
        home_dimension: skill.dimension.clone(),
    });
    let is_near = |slug: &str| nearest_dimensions.iter().any(|near| near.slug == slug);
    let locked = evidence.settled.iter().filter(|one| is_near(&one.dimension) || is_near(&one.with));
    SkillProposal {
        home_dimension,
        related_skills: related_skills.collect(),
        locked_dimensions: locked
            .map(|one| LockedDimension { slug: one.dimension.clone(), with: one.with.clone(), settled: one.settled })
            .collect(),
        nearest_dimensions,
    }
}
