//! What is an operation called, and what is it about?

use super::Operation;
use crate::sources::decode::shown_key;
use rolestream_dataflows::text::{normalise, slugify};

impl Operation {
    /// Its name, as `op` says it.
    pub fn name(&self) -> String {
        let tag = serde_json::to_value(self).ok().and_then(|value| value.get("op")?.as_str().map(str::to_owned));
        tag.unwrap_or_default()
    }

    /// The key of the record that it is mostly about, such as `role/data-engineer`: the survivor of a merge, the
    /// source of a split or a move.
    pub fn subject(&self) -> String {
        use Operation as O;
        let made = |kind: &str, slug: &Option<String>, name: &str| {
            format!("{kind}/{}", slug.clone().unwrap_or_else(|| slugify(name)))
        };
        match self {
            O::CreateRole { name, slug, .. } => made("role", slug, name),
            O::CreateSkill { name, slug, .. } => made("skill", slug, name),
            O::CreateDimension { name, slug } => made("dimension", slug, name),
            O::ChangeRole { role, .. }
            | O::RetireRole { role, .. }
            | O::ReactivateRole { role }
            | O::UnmergeRole { role, .. }
            | O::SplitRole { role, .. }
            | O::MergeRoles { into: role, .. }
            | O::CreateKra { role, id: None, .. } => format!("role/{role}"),
            O::ChangeSkill { skill, .. }
            | O::RetireSkill { skill, .. }
            | O::ReactivateSkill { skill }
            | O::UnmergeSkill { skill, .. }
            | O::SplitSkill { skill, .. }
            | O::MergeSkills { into: skill, .. }
            | O::AddSkillAlias { skill, .. }
            | O::DeleteSkillAlias { skill, .. }
            | O::MoveSkillAlias { skill, .. } => format!("skill/{skill}"),
            O::ChangeDimension { dimension, .. }
            | O::DeleteDimension { dimension, .. }
            | O::MergeDimensions { into: dimension, .. } => format!("dimension/{dimension}"),
            O::AddRoleDimension { role, dimension }
            | O::RemoveRoleDimension { role, dimension, .. }
            | O::MoveRoleDimension { role, dimension, .. } => format!("role-dimension/{role}/{dimension}"),
            O::AddRoleSkill { role, skill } | O::RemoveRoleSkill { role, skill } => {
                format!("role-skill/{role}/{skill}")
            }
            O::ChangeKra { kra, .. } | O::MoveKra { kra, .. } | O::DeleteKra { kra } => format!("kra/{kra}"),
            O::CreateKra { id: Some(kra), .. } => format!("kra/{kra}"),
            O::AddAlias { role, text } | O::DeleteAlias { role, text } | O::MoveAlias { role, text, .. } => {
                format!("alias/{role}/{}", normalise(text))
            }
            O::PutAliasRule { term, .. } | O::DeleteAliasRule { term } => format!("alias-rule/{}", normalise(term)),
            O::Put { record } => record.key().map(|key| shown_key(&key)).unwrap_or_default(),
            O::Delete { key } => key.clone(),
        }
    }
}
