//! Where does a JD mention its skills, in which words, and what stands in a line with what?

use super::catalogue::Catalogue;
use crate::jd::{ParsedJd, Place};
use crate::report::Row;
use rolestream_dataflows::id::Id;
use rolestream_dataflows::records::Skill;
use std::collections::{BTreeMap, BTreeSet};

/// A line of a JD: its section (none: the title), and its place in that.
pub(super) type Line = (Option<usize>, usize);

/// In which lines each skill stands.
pub(super) fn lines(row: Row<'_>) -> BTreeMap<Id, BTreeSet<Line>> {
    let mut lines: BTreeMap<Id, BTreeSet<Line>> = BTreeMap::new();
    let Some(parsed) = &row.admitted.parsed else { return lines };
    let sections = &parsed.nano_parsed.roles_and_responsibilities;
    for (mention, name) in row.answer.skills.iter().zip(&row.admitted.skills) {
        let of_it = lines.entry(mention.skill).or_default();
        of_it.extend(places(parsed, name).map(|place| {
            let text = place.section.and_then(|section| sections.get(section)).map_or("", |section| &section.text);
            let before = text.as_bytes().iter().take(place.start);
            (place.section, before.filter(|byte| **byte == b'\n').count())
        }));
    }
    lines
}

/// The known skills that stand in a line with this one.
pub(super) fn beside<'a>(skill: Id, lines: &BTreeMap<Id, BTreeSet<Line>>, catalogue: &Catalogue<'a>) -> Vec<&'a Skill> {
    let own = lines.get(&skill);
    let shares = |others: &BTreeSet<Line>| own.is_some_and(|own| !own.is_disjoint(others));
    lines.iter().filter(|(_, others)| shares(others)).filter_map(|(id, _)| catalogue.skill_of(*id)).collect()
}

/// Where a JD mentions the skill that its parse calls so.
fn places<'a>(parsed: &'a ParsedJd, name: &'a str) -> impl Iterator<Item = &'a Place> {
    let skills = parsed.final_skills.iter().zip(&parsed.evidence);
    skills.filter(move |(skill, _)| skill.skill_name == name).flat_map(|(_, places)| places)
}

/// The texts by which a JD mentions the skill that its parse calls so.
pub(super) fn written<'a>(parsed: &'a ParsedJd, name: &'a str) -> Vec<&'a str> {
    let sections = &parsed.nano_parsed.roles_and_responsibilities;
    let text = |place: &Place| match place.section {
        Some(section) => sections.get(section)?.text.get(place.start..place.end),
        None => parsed.nano_parsed.role.as_deref()?.get(place.start..place.end),
    };
    places(parsed, name).filter_map(text).collect()
}
