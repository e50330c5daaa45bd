//! What are operations made of, beyond names and numbers?

use rolestream_dataflows::records::{AiClass, Era};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// The role that a split makes.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewRole {
    /// Its display name; no other active role may have it.
    pub name: String,
    /// Its slug; made from the name where it is left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub slug: Option<String>,
    /// Its numeric id; derived from the slug where it is left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<u32>,
    /// Its archetype; that of the role that is split where it is left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub archetype: Option<String>,
}

/// The skill that a split makes.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewSkill {
    /// Its display name; no skill may have it as a name or alias but the one that is split, as an alias.
    pub name: String,
    /// Its slug; made from the name where it is left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub slug: Option<String>,
    /// Its numeric id; derived from the slug where it is left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<u32>,
    /// Its home dimension.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dimension: Option<String>,
    /// What it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    /// What it has to do with AI.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<AiClassName>)]
    pub ai: Option<AiClass>,
    /// The age of its technology.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<EraName>)]
    pub era: Option<Era>,
}

/// What a skill has to do with AI, as the description of the API names it.
#[derive(Clone, Copy, Debug, ToSchema)]
#[schema(rename_all = "snake_case")]
#[allow(missing_docs, reason = "SPEC §1 lists the values")]
pub enum AiClassName {
    None,
    Assistant,
    Framework,
    Concept,
}

/// The age of a skill's technology, as the description of the API names it.
#[derive(Clone, Copy, Debug, ToSchema)]
#[schema(rename_all = "snake_case")]
#[allow(missing_docs, reason = "SPEC §1 lists the values")]
pub enum EraName {
    Legacy,
    Established,
    Modern,
    CloudNative,
    Emerging,
}

/// What a title means that several roles claim, as the description of the API shows it.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum AliasVerdictForm {
    /// It means this role.
    Assigned(String),
    /// It stays ambiguous.
    Ambiguous,
    /// It means the role where the JD has one of the skills, and stays ambiguous elsewhere.
    BySkills {
        /// The role.
        role: String,
        /// Any one of them suffices.
        skills: Vec<String>,
    },
}
