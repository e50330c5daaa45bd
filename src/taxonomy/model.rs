//! What is said of a role, a title, a responsibility, a skill? The records of SPEC §1 before embedding.
//!
//! Those that need no vector anyway (dimensions, alias rules, what a role has and lists) are the engine's own.

use super::Keyed;
use rolestream_dataflows::records::{
    AiClass, AliasRule, Dimension, Era, Hints, RoleDimension, RoleSkill, Skill as EngineSkill, Status,
};
use rolestream_dataflows::text::normalise;
use serde::{Deserialize, Serialize};

/// A role; key: slug.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs, reason = "SPEC §1 lists the fields")]
pub struct Role {
    pub slug: String,
    pub name: String,
    #[serde(rename = "id")]
    pub number: u32,
    #[serde(default, skip_serializing_if = "is_default")]
    pub archetype: String,
    #[serde(default, skip_serializing_if = "is_default")]
    pub status: Status,
    #[serde(default, skip_serializing_if = "is_default")]
    pub replaced_by: Option<String>,
}

/// Another title of a role; key: (role, normalised text).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs, reason = "SPEC §1 lists the fields")]
pub struct Alias {
    pub role: String,
    pub text: String,
}

/// A key responsibility; key: its id.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs, reason = "SPEC §1 lists the fields")]
pub struct Kra {
    pub id: String,
    pub role: String,
    pub sentence: String,
}

/// A canonical skill; key: slug.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs, reason = "SPEC §1 lists the fields")]
pub struct Skill {
    pub slug: String,
    pub name: String,
    #[serde(rename = "id")]
    pub number: u32,
    #[serde(default)]
    pub aliases: Vec<String>,
    #[serde(default, skip_serializing_if = "is_default")]
    pub dimension: Option<String>,
    #[serde(default)]
    pub kind: String,
    #[serde(default, skip_serializing_if = "is_default")]
    pub ai: AiClass,
    #[serde(default)]
    pub era: Era,
    #[serde(default, skip_serializing_if = "is_default")]
    pub case_sensitive: bool,
    #[serde(default, skip_serializing_if = "is_default")]
    pub context: Vec<String>,
    #[serde(default, skip_serializing_if = "is_default")]
    pub status: Status,
    #[serde(default, skip_serializing_if = "is_default")]
    pub replaced_by: Option<String>,
}

fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

impl Skill {
    /// As the engine takes it.
    pub fn to_engine(&self) -> EngineSkill {
        EngineSkill {
            slug: self.slug.clone(),
            name: self.name.clone(),
            number: self.number,
            aliases: self.aliases.clone(),
            dimension: self.dimension.clone(),
            kind: self.kind.clone(),
            ai: self.ai,
            era: self.era,
            hints: Hints { case_sensitive: self.case_sensitive, context: self.context.clone() },
            status: self.status,
            replaced_by: self.replaced_by.clone(),
        }
    }
}

impl Keyed for Role {
    const COLLECTION: &'static str = "roles";
    fn key(&self) -> String {
        self.slug.clone()
    }
}

impl Keyed for Alias {
    const COLLECTION: &'static str = "aliases";
    fn key(&self) -> String {
        format!("{}\n{}", self.role, normalise(&self.text))
    }
}

impl Keyed for AliasRule {
    const COLLECTION: &'static str = "alias_rules";
    fn key(&self) -> String {
        self.term.clone()
    }
}

impl Keyed for Kra {
    const COLLECTION: &'static str = "kras";
    fn key(&self) -> String {
        self.id.clone()
    }
}

impl Keyed for Skill {
    const COLLECTION: &'static str = "skills";
    fn key(&self) -> String {
        self.slug.clone()
    }
}

impl Keyed for Dimension {
    const COLLECTION: &'static str = "dimensions";
    fn key(&self) -> String {
        self.slug.clone()
    }
}

impl Keyed for RoleDimension {
    const COLLECTION: &'static str = "role_dimensions";
    fn key(&self) -> String {
        format!("{}\n{}", self.role, self.dimension)
    }
}

impl Keyed for RoleSkill {
    const COLLECTION: &'static str = "role_skills";
    fn key(&self) -> String {
        format!("{}\n{}", self.role, self.skill)
    }
}
