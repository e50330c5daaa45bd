//! What did a person decide of each skill of a run, and does it make sense?

use super::catalogue::Catalogue;
use super::details::{SkillDetail, StepTwo};
use super::final_output::{Action, SkillOverride};
use crate::error::{Error, Errors, listed, nearest};
use rolestream_dataflows::records::Skill as Canonical;
use rolestream_dataflows::text::normalise;

/// What was decided of a skill of the run.
pub(super) enum Decided<'a> {
    /// Nothing.
    Left,
    Accepted {
        dimension: Option<&'a str>,
    },
    Rejected,
    Merged {
        into: &'a Canonical,
        note: Option<String>,
    },
}

/// What was decided of each skill of the run, in their order.
pub(super) fn actions<'a>(
    details: &StepTwo,
    overrides: &'a [SkillOverride],
    catalogue: &Catalogue<'a>,
) -> Result<Vec<Decided<'a>>, Errors> {
    let mut errors = Vec::new();
    let mut decided: Vec<Decided<'a>> = details.skills.iter().map(|_| Decided::Left).collect();
    for one in overrides {
        let key = normalise(&one.skill_name);
        let by_name = details.skills.iter().position(|skill| normalise(&skill.skill_name) == key);
        let is_text = |skill: &SkillDetail| skill.matched_text.as_deref().is_some_and(|text| normalise(text) == key);
        let Some(place) = by_name.or_else(|| details.skills.iter().position(is_text)) else {
            errors.push(not_of_the_run(one, details));
            continue;
        };
        if !matches!(decided[place], Decided::Left) {
            let error = Error::new(format!("the skill \"{}\" is decided twice", one.skill_name));
            errors.push(error.detail("a run has each skill once").hint("leave one of the overrides out"));
            continue;
        }
        match decide(one, &details.skills[place], catalogue) {
            Ok(what) => decided[place] = what,
            Err(error) => errors.push(error),
        }
    }
    Errors(errors).into_result().map(|()| decided)
}

fn decide<'a>(one: &'a SkillOverride, skill: &SkillDetail, catalogue: &Catalogue<'a>) -> Result<Decided<'a>, Error> {
    let name = &one.skill_name;
    let stray = |field: &str, action: &str| {
        Error::new(format!("\"{field}\" of the skill \"{name}\" says nothing here"))
            .detail(format!("it goes with {action} only"))
            .hint(format!("leave \"{field}\" out, or take another action"))
    };
    if one.slug.is_some() && one.action != Action::MergeInto {
        return Err(stray("slug", "merge_into"));
    }
    if one.dimension.is_some() && one.action != Action::Accept {
        return Err(stray("dimension", "accept"));
    }
    match one.action {
        Action::Accept => {
            let dimension = one.dimension.as_deref().map(|slug| catalogue.wanted_dimension(slug)).transpose()?;
            Ok(Decided::Accepted { dimension: dimension.map(|dimension| dimension.slug.as_str()) })
        }
        Action::Reject => Ok(Decided::Rejected),
        Action::MergeInto => {
            let Some(slug) = one.slug.as_deref() else {
                return Err(Error::new(format!("merge_into of the skill \"{name}\" names no skill"))
                    .detail("\"slug\" is missing: the skill that this is another name of")
                    .hint("add \"slug\", or take accept or reject"));
            };
            let (into, note) = catalogue.wanted_skill(slug)?;
            match known(skill, catalogue) {
                Some(other) if other.slug != into.slug => Err(Error::new(format!("\"{name}\" is a known skill"))
                    .detail(format!("the library has it as {} ({})", other.name, other.slug))
                    .hint("merge the two skills by an edit of the taxonomy")),
                _ => Ok(Decided::Merged { into, note }),
            }
        }
    }
}

fn not_of_the_run(one: &SkillOverride, details: &StepTwo) -> Error {
    let names = details.skills.iter().map(|skill| skill.skill_name.as_str());
    let hint = match nearest(&one.skill_name, names.clone()) {
        Some(name) => format!("did you mean \"{name}\"?"),
        None => "name a skill as the second step's answer does".to_owned(),
    };
    Error::new(format!("the run has no skill \"{}\"", one.skill_name))
        .detail(format!("its skills are {}", listed(names)))
        .hint(hint)
}

/// The canonical skill as the library has it now.
pub(super) fn known<'a>(skill: &SkillDetail, catalogue: &Catalogue<'a>) -> Option<&'a Canonical> {
    let before = skill.canonical.as_ref().and_then(|canonical| catalogue.active_skill(&canonical.slug));
    before.or_else(|| catalogue.skill_called(&skill.skill_name))
}
