//! How do a JD's skills group by dimension? As SPEC §6 has it: scoped to the chosen role, the largest group first.

use super::names::Names;
use rolestream_dataflows::id::Id;
use rolestream_dataflows::views::Answer;
use serde::Serialize;
use utoipa::ToSchema;

/// What the group of the skills without one of the role's dimensions is called.
pub const UNALIGNED: &str = "Cross-cutting / unaligned";

/// Skills of one dimension.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = SkillGroup)]
pub struct Group {
    /// The dimension's display name.
    pub dimension: String,
    /// Its slug; null for the unaligned ones.
    pub slug: Option<String>,
    /// The skills, in the order of the JD.
    pub skills: Vec<String>,
}

/// The groups by size descending, name ascending, the unaligned ones last. `skills` are the names of the mentions.
pub fn cluster(answer: &Answer, skills: &[String], names: &Names) -> Vec<Group> {
    let mut groups: Vec<(Id, Vec<String>)> = Vec::new();
    let mut seen: Vec<Id> = Vec::new();
    for (mention, name) in answer.skills.iter().zip(skills) {
        if seen.contains(&mention.skill) {
            continue;
        }
        seen.push(mention.skill);
        let name = names.skill(mention.skill).map_or_else(|| name.clone(), |skill| skill.name.clone());
        match groups.iter_mut().find(|(dimension, _)| *dimension == mention.dimension) {
            Some((_, group)) => group.push(name),
            None => groups.push((mention.dimension, vec![name])),
        }
    }
    let named = |(id, skills): (Id, Vec<String>)| match names.dimension(id) {
        Some(dimension) => Group { dimension: dimension.name.clone(), slug: Some(dimension.slug.clone()), skills },
        None => Group { dimension: UNALIGNED.to_owned(), slug: None, skills },
    };
    let mut groups: Vec<Group> = groups.into_iter().map(named).collect();
    let rank = |group: &Group| (group.slug.is_none(), usize::MAX - group.skills.len());
    groups.sort_by(|a, b| rank(a).cmp(&rank(b)).then_with(|| a.dimension.cmp(&b.dimension)));
    groups
}
