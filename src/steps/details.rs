//! What does the second step of the API answer (SPEC §7)? Each skill against the library, and the roles they speak for.

use super::catalogue::{Catalogue, RoleRef};
use super::mentions::{beside, lines, written};
use super::proposal::{self, Evidence};
use crate::admission::Admitted;
use crate::report::Row;
use crate::report::step_one::run_id;
use rolestream_dataflows::fixed::Micro;
use rolestream_dataflows::id::Id;
use rolestream_dataflows::records::{AiClass, Era, Skill};
use rolestream_dataflows::text::normalise;
use rolestream_dataflows::views::SkillUse;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use utoipa::ToSchema;

/// The answer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct StepTwo {
    /// The run.
    pub run_id: String,
    /// The taxonomy version it was compared with.
    pub taxonomy_version: u64,
    /// The JD's skills, each once, primary first, each group in the order of the JD.
    pub skills: Vec<SkillDetail>,
    /// The roles that list most of the known ones: coverage, then matched rows, then slug; at most five.
    pub candidate_roles: Vec<CandidateRole>,
    /// The decision's role; null when it has none.
    pub chosen_role: Option<RoleRef>,
    /// The role that the decision proposes to add, for NEW.
    pub new_role: Option<NewRole>,
}

/// A skill of the JD.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct SkillDetail {
    /// The canonical name of a known skill, else the name as written.
    pub skill_name: String,
    /// Whether the JD makes it primary.
    pub is_primary: bool,
    /// How it matched.
    pub matched_by: MatchedBy,
    /// The text that matched, as the JD has it; null when none did.
    pub matched_text: Option<String>,
    /// What the library says of it; null when it does not know it.
    pub canonical: Option<Canonical>,
    /// Its dimensions: the home dimension of a known skill.
    pub dimensions: Vec<SkillDimension>,
    /// Where it would belong, for one that the library does not know.
    pub proposal: Option<SkillProposal>,
}

/// How a skill matched the library.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum MatchedBy {
    /// The JD writes its display name.
    DisplayName,
    /// The JD writes an alias, or the name of a skill that was merged into it.
    Alias,
    /// The library does not know it.
    Unmatched,
}

/// What the library says of a skill.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[allow(missing_docs, reason = "SPEC §1 lists the fields")]
pub struct Canonical {
    pub skill_id: u32,
    pub slug: String,
    pub display_name: String,
    pub kind: String,
    pub home_dimension: Option<String>,
    #[schema(value_type = String)]
    pub ai: AiClass,
    #[schema(value_type = String)]
    pub era: Era,
    pub aliases: Vec<String>,
}

/// A dimension of a skill.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct SkillDimension {
    /// Its slug.
    pub slug: String,
    /// What it is called.
    pub display_name: String,
    /// Whether the chosen role has it.
    pub of_chosen_role: bool,
}

/// Where an unknown skill would belong.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct SkillProposal {
    /// The slug of the dimension it would have as its home; null where none is near.
    pub home_dimension: Option<String>,
    /// The nearest dimensions: score, then slug; at most five.
    pub nearest_dimensions: Vec<NearDimension>,
    /// The known skills nearest to its text: similarity, then slug; at most five.
    pub related_skills: Vec<RelatedSkill>,
    /// Dimensions among the nearest whose overlap with another was settled.
    pub locked_dimensions: Vec<LockedDimension>,
}

/// A dimension near an unknown skill.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct NearDimension {
    /// Its slug.
    pub slug: String,
    /// What it is called.
    pub display_name: String,
    /// The mean of the two that follow.
    pub score: f64,
    /// The share of the known skills in lines with it that are at home there (of all the JD's, where none is).
    pub co_occurrence: f64,
    /// The greatest similarity of the text to a skill that is at home there.
    pub similarity: f64,
}

/// A known skill near an unknown one.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct RelatedSkill {
    /// Its slug.
    pub slug: String,
    /// What it is called.
    pub display_name: String,
    /// Of its name to the text.
    pub similarity: f64,
    /// The slug of its home dimension.
    pub home_dimension: Option<String>,
}

/// How it was settled that two dimensions overlap.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Overlap {
    /// Both stay.
    Keep,
    /// The first counts for the other.
    Merge,
    /// What they share was parted.
    Split,
}

/// A settled overlap of two dimensions, by slug.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
pub struct Settlement {
    /// The dimension whose overlap was looked at.
    pub dimension: String,
    /// The one it overlaps with.
    pub with: String,
    /// What was settled.
    pub settled: Overlap,
}

/// A dimension that must not be proposed anew: its overlap with another was settled.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct LockedDimension {
    /// Its slug.
    pub slug: String,
    /// The one it overlaps with.
    pub with: String,
    /// What was settled.
    pub settled: Overlap,
}

/// A role that lists skills of the JD.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct CandidateRole {
    /// Its number.
    pub role_id: u32,
    /// Its slug.
    pub slug: String,
    /// What it is called.
    pub display_name: String,
    /// The skills of the JD that it lists, by display name.
    pub matched_skills: Vec<String>,
    /// How many these are: its matched rows.
    pub matched_count: usize,
    /// How many known skills the JD has.
    pub total_count: usize,
    /// `matched_count` of `total_count`.
    pub coverage: f64,
}

/// A role that the decision proposes to add.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct NewRole {
    /// The slug it would get.
    pub slug: String,
    /// What it would be called: the title.
    pub display_name: String,
}

/// How many roles, dimensions and skills a list of near ones has.
pub(super) const LISTED: usize = 5;

/// Compares a run's skills with the library. `nearest` gives the known skills (by slug) whose names are near a text,
/// with their similarities, in any order; `settled` are the overlaps of dimensions that people settled.
pub fn details(
    row: Row<'_>,
    catalogue: &Catalogue<'_>,
    nearest: &dyn Fn(&str) -> Vec<(String, Micro)>,
    settled: &[Settlement],
) -> StepTwo {
    let chosen = row.answer.decision.role.and_then(|role| catalogue.role_of(role));
    let mentions = mentions(row);
    let known: Vec<&Skill> = mentions.iter().filter_map(|(mention, _)| catalogue.skill_of(mention.skill)).collect();
    let lines = lines(row);
    let role = chosen.map(|role| role.slug.as_str());
    let skills = mentions.iter().map(|(mention, written)| {
        let canonical = catalogue.skill_of(mention.skill);
        let mut detail = match canonical {
            Some(skill) => known_detail(row.admitted, skill, mention.skill, row, role, catalogue),
            None => SkillDetail {
                skill_name: (*written).to_owned(),
                is_primary: false,
                matched_by: MatchedBy::Unmatched,
                matched_text: None,
                canonical: None,
                dimensions: Vec::new(),
                proposal: Some({
                    let beside = beside(mention.skill, &lines, catalogue);
                    let evidence = Evidence::of(if beside.is_empty() { &known } else { &beside }, catalogue, settled);
                    proposal::propose(&nearest(written), &evidence, catalogue)
                }),
            },
        };
        detail.is_primary = mention.primary;
        detail
    });
    StepTwo {
        run_id: run_id(row.admitted.update.id, row.answer.content),
        taxonomy_version: row.taxonomy_version,
        skills: skills.collect(),
        candidate_roles: candidates(&known, catalogue),
        chosen_role: chosen.map(RoleRef::from),
        new_role: row.answer.decision.new_role.as_deref().map(|slug| NewRole {
            slug: slug.to_owned(),
            display_name: row.admitted.title().unwrap_or(slug).to_owned(),
        }),
    }
}

/// The distinct skills, primary first, with the name of the first mention; primary where one mention is.
fn mentions(row: Row<'_>) -> Vec<(SkillUse, &str)> {
    let mut distinct: Vec<(SkillUse, &str)> = Vec::new();
    for (mention, written) in row.answer.skills.iter().zip(&row.admitted.skills) {
        match distinct.iter_mut().find(|(other, _)| other.skill == mention.skill) {
            Some((other, _)) => other.primary |= mention.primary,
            None => distinct.push((*mention, written)),
        }
    }
    distinct.sort_by_key(|(mention, _)| !mention.primary);
    distinct
}

fn known_detail(
    admitted: &Admitted,
    skill: &Skill,
    id: Id,
    row: Row<'_>,
    role: Option<&str>,
    catalogue: &Catalogue<'_>,
) -> SkillDetail {
    let names = row.answer.skills.iter().zip(&admitted.skills).filter(|(mention, _)| mention.skill == id);
    let mut texts: Vec<&str> = Vec::new();
    for (_, name) in names {
        let written = admitted.parsed.as_ref().map(|parsed| written(parsed, name)).unwrap_or_default();
        texts.extend(if written.is_empty() { vec![name.as_str()] } else { written });
    }
    let display = normalise(&skill.name);
    let by_name = texts.iter().find(|text| normalise(text) == display);
    let home = catalogue.home(skill);
    SkillDetail {
        skill_name: skill.name.clone(),
        is_primary: false,
        matched_by: if by_name.is_some() { MatchedBy::DisplayName } else { MatchedBy::Alias },
        matched_text: by_name.or(texts.first()).map(|text| (*text).to_owned()),
        canonical: Some(Canonical::from(skill)),
        dimensions: home
            .map(|home| SkillDimension {
                slug: home.slug.clone(),
                display_name: home.name.clone(),
                of_chosen_role: role.is_some_and(|role| catalogue.has_dimension(role, &home.slug)),
            })
            .into_iter()
            .collect(),
        proposal: None,
    }
}

fn candidates(known: &[&Skill], catalogue: &Catalogue<'_>) -> Vec<CandidateRole> {
    let known: BTreeSet<&str> = known.iter().map(|skill| skill.slug.as_str()).collect();
    let mut candidates: Vec<(Micro, CandidateRole)> = catalogue
        .listings()
        .filter_map(|(role, listed)| {
            let matched = known.iter().filter(|skill| listed.contains(*skill));
            let mut matched: Vec<String> =
                matched.filter_map(|slug| catalogue.active_skill(slug)).map(|skill| skill.name.clone()).collect();
            matched.sort();
            // Without a known skill no role is here, so the total is not zero.
            let coverage = (!matched.is_empty()).then(|| Micro::ratio(matched.len() as u64, known.len() as u64))?;
            let candidate = CandidateRole {
                role_id: role.number,
                slug: role.slug.clone(),
                display_name: role.name.clone(),
                matched_count: matched.len(),
                matched_skills: matched,
                total_count: known.len(),
                coverage: coverage.to_f64(),
            };
            Some((coverage, candidate))
        })
        .collect();
    candidates.sort_by(|(a, left), (b, right)| {
        b.cmp(a).then(right.matched_count.cmp(&left.matched_count)).then_with(|| left.slug.cmp(&right.slug))
    });
    candidates.into_iter().take(LISTED).map(|(_, candidate)| candidate).collect()
}

impl From<&Skill> for Canonical {
    fn from(skill: &Skill) -> Canonical {
        Canonical {
            skill_id: skill.number,
            slug: skill.slug.clone(),
            display_name: skill.name.clone(),
            kind: skill.kind.clone(),
            home_dimension: skill.dimension.clone(),
            ai: skill.ai,
            era: skill.era,
            aliases: skill.aliases.clone(),
        }
    }
}
