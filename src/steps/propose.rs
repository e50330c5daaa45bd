//! What would a new role own, going by the runs that wait for it? Titles, responsibilities and skills that they share.

use super::catalogue::Catalogue;
use super::central::central;
use crate::admission::Admitted;
use crate::taxonomy::json_lines::Line;
use crate::taxonomy::slugs::Slugs;
use crate::taxonomy::{Alias, Kra, Role};
use rolestream_dataflows::records::{RoleDimension, RoleSkill, Status};
use rolestream_dataflows::text::normalise;
use rolestream_dataflows::views::Answer;
use serde::{Deserialize, Serialize};
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use utoipa::ToSchema;

/// KRAs a new role gets at most.
const KRAS: usize = 12;
/// Skills a new role gets at most.
const SKILLS: usize = 25;
/// Aliases a new role gets at most.
const ALIASES: usize = 10;
/// Of how many runs, in tenths, must have a skill.
const TENTHS: usize = 3;

/// A run that waits for the new role.
#[derive(Clone, Debug)]
pub struct QueuedRun<'a> {
    /// Its title as written.
    pub title: &'a str,
    /// Its archetype, if one was found.
    pub archetype: Option<&'a str>,
    /// Its responsibility sentences, with their vectors' components.
    pub sentences: Vec<(&'a str, &'a [i8])>,
    /// Its known skills by slug, and whether they are primary.
    pub skills: Vec<(String, bool)>,
}

/// What a role would be made of.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct RoleProposal {
    /// The slug that its queue row has.
    pub slug: String,
    /// The most frequent title.
    pub display_name: String,
    /// A number that no other role has.
    pub role_id: u32,
    /// The most frequent archetype; empty where no run has one.
    pub archetype: String,
    /// From how many runs.
    pub runs: usize,
    /// Other titles that no other role has: by runs, then text.
    pub aliases: Vec<ProposedAlias>,
    /// What most runs say, then what is most like all they say.
    pub kras: Vec<ProposedKra>,
    /// Known skills of at least three tenths of the runs: by runs that make them primary, then runs, then slug.
    pub skills: Vec<ProposedSkill>,
    /// The home dimensions of these skills, by slug.
    pub dimensions: Vec<String>,
}

/// Another title.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ProposedAlias {
    /// As most runs write it.
    pub text: String,
    /// How many runs have it.
    pub runs: usize,
}

/// A responsibility.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ProposedKra {
    /// The id it would get.
    pub id: String,
    /// As a run says it.
    pub sentence: String,
    /// How many runs say it or nearly the same.
    pub runs: usize,
}

/// A skill.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ProposedSkill {
    /// Its slug.
    pub slug: String,
    /// What it is called.
    pub display_name: String,
    /// How many runs have it.
    pub runs: usize,
    /// How many runs make it primary.
    pub primary_runs: usize,
}

impl<'a> QueuedRun<'a> {
    /// From a JD and what is said of it.
    pub fn of(admitted: &'a Admitted, answer: &Answer, catalogue: &Catalogue<'_>) -> QueuedRun<'a> {
        let vectors = admitted.features().map(|features| &features.vectors);
        let sentences = admitted.sentences.iter().map(String::as_str).zip(vectors.iter().flat_map(|all| all.iter()));
        let known = answer.skills.iter().filter_map(|used| Some((catalogue.skill_of(used.skill)?, used.primary)));
        QueuedRun {
            title: admitted.title().unwrap_or_default(),
            archetype: admitted.parsed.as_ref().and_then(|parsed| parsed.nano_parsed.role_archetype.as_deref()),
            sentences: sentences.collect(),
            skills: known.map(|(skill, primary)| (skill.slug.clone(), primary)).collect(),
        }
    }
}

/// What the role of this slug would own. Nothing in the answer depends on the order of the runs.
pub fn propose(slug: &str, runs: &[QueuedRun<'_>], catalogue: &Catalogue<'_>) -> RoleProposal {
    let mut titles = frequent(runs.iter().map(|run| run.title));
    let name = if titles.is_empty() { slug.to_owned() } else { titles.remove(0).0 };
    titles.retain(|(title, _)| !catalogue.title_is_anothers(title, slug));
    titles.truncate(ALIASES);
    let archetypes = frequent(runs.iter().filter_map(|run| run.archetype));

    let sentences: Vec<&[(&str, &[i8])]> = runs.iter().map(|run| &run.sentences[..]).collect();
    let mut ids = Slugs::default();
    let kras = central(&sentences, KRAS).into_iter().map(|found| {
        let begin: Vec<&str> = found.sentence.split_whitespace().take(5).collect();
        ProposedKra {
            id: format!("{slug}/{}", ids.give(&begin.join(" "), "kra")),
            sentence: found.sentence.trim().to_owned(),
            runs: found.runs,
        }
    });
    let kras: Vec<ProposedKra> = kras.collect();
    let skills = skills(runs, catalogue);
    let homes = skills.iter().filter_map(|skill| catalogue.home(catalogue.active_skill(&skill.slug)?));
    let dimensions: BTreeSet<&str> = homes.map(|home| home.slug.as_str()).collect();
    RoleProposal {
        slug: slug.to_owned(),
        display_name: name,
        role_id: catalogue.role_numbers().give(slug),
        archetype: archetypes.into_iter().next().map(|(archetype, _)| archetype).unwrap_or_default(),
        runs: runs.len(),
        aliases: titles.into_iter().map(|(text, runs)| ProposedAlias { text, runs }).collect(),
        kras,
        dimensions: dimensions.into_iter().map(str::to_owned).collect(),
        skills,
    }
}

/// Texts that differ as keys, the most frequent first, then by key; each as it is most often written.
fn frequent<'a>(texts: impl Iterator<Item = &'a str>) -> Vec<(String, usize)> {
    let mut by_key: BTreeMap<String, BTreeMap<&str, usize>> = BTreeMap::new();
    for text in texts.map(str::trim) {
        let key = normalise(text);
        if !key.is_empty() {
            *by_key.entry(key).or_default().entry(text).or_default() += 1;
        }
    }
    let mut found: Vec<(String, usize)> = by_key
        .into_values()
        .filter_map(|forms| {
            let total = forms.values().sum();
            let (form, _) = forms.into_iter().max_by_key(|(form, n)| (*n, Reverse(*form)))?;
            Some((form.to_owned(), total))
        })
        .collect();
    found.sort_by_key(|(_, n)| Reverse(*n));
    found
}

fn skills(runs: &[QueuedRun<'_>], catalogue: &Catalogue<'_>) -> Vec<ProposedSkill> {
    let mut counts: BTreeMap<&str, ProposedSkill> = BTreeMap::new();
    for run in runs {
        let mut of_run: BTreeMap<&str, bool> = BTreeMap::new();
        for (slug, primary) in &run.skills {
            let Some(skill) = catalogue.active_skill(slug) else { continue };
            *of_run.entry(&skill.slug).or_default() |= primary;
            counts.entry(&skill.slug).or_insert_with(|| ProposedSkill {
                slug: skill.slug.clone(),
                display_name: skill.name.clone(),
                runs: 0,
                primary_runs: 0,
            });
        }
        for (slug, primary) in of_run {
            if let Some(count) = counts.get_mut(slug) {
                count.runs += 1;
                count.primary_runs += usize::from(primary);
            }
        }
    }
    let mut skills: Vec<ProposedSkill> =
        counts.into_values().filter(|skill| skill.runs * 10 >= runs.len() * TENTHS).collect();
    skills.sort_by_key(|skill| (Reverse(skill.primary_runs), Reverse(skill.runs)));
    skills.truncate(SKILLS);
    skills
}

impl RoleProposal {
    /// The records to put: the role, then what it owns.
    pub fn lines(&self) -> Vec<Line> {
        let role = || self.slug.clone();
        let own = Line::Roles(Role {
            slug: role(),
            name: self.display_name.clone(),
            number: self.role_id,
            archetype: self.archetype.clone(),
            status: Status::Active,
            replaced_by: None,
        });
        let alias = |alias: &ProposedAlias| Line::Aliases(Alias { role: role(), text: alias.text.clone() });
        let kra =
            |kra: &ProposedKra| Line::Kras(Kra { id: kra.id.clone(), role: role(), sentence: kra.sentence.clone() });
        let dimension = |slug: &String| Line::RoleDimensions(RoleDimension { role: role(), dimension: slug.clone() });
        let skill = |skill: &ProposedSkill| Line::RoleSkills(RoleSkill { role: role(), skill: skill.slug.clone() });
        std::iter::once(own)
            .chain(self.aliases.iter().map(alias))
            .chain(self.kras.iter().map(kra))
            .chain(self.dimensions.iter().map(dimension))
            .chain(self.skills.iter().map(skill))
            .collect()
    }
}
