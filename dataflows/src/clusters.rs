//! How do a JD's skills group by dimension, seen from its role (SPEC §6)?

use crate::Collection;
use crate::candidates::Answers;
use crate::id::Id;
use crate::views::{Answer, Cluster};
use std::collections::BTreeMap;

/// The skill cluster of every JD that names a skill.
pub(crate) fn clusters<'scope>(answers: Answers<'scope>) -> Collection<'scope, (Id, Cluster)> {
    answers.flat_map(|(jd, answer)| (!answer.skills.is_empty()).then(|| (jd, cluster(&answer))))
}

/// The distinct skills of an answer by dimension, inside a group in the order of the JD.
pub fn cluster(answer: &Answer) -> Cluster {
    let mut groups: BTreeMap<Id, Vec<Id>> = BTreeMap::new();
    for skill in &answer.skills {
        let group = groups.entry(skill.dimension).or_default();
        if !group.contains(&skill.skill) {
            group.push(skill.skill);
        }
    }
    Cluster { groups: groups.into_iter().map(|(dimension, skills)| (dimension, skills.into())).collect() }
}
