//! What can an edit change? Roles, titles, responsibilities, skills, and what people decided about them.
//!
//! Records refer to each other by slug. A record that refers to something missing is kept and has no effect.

use crate::fixed::{Micro, Vector};
use crate::id::Id;
use serde::{Deserialize, Serialize};

/// Whether a role or skill takes part.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// It does.
    #[default]
    Active,
    /// What it owns counts for its `replaced_by`.
    Merged,
    /// It does not, and neither does what it owns.
    Retired,
}

/// A role; key: slug.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[allow(missing_docs, reason = "SPEC §1 lists the fields")]
pub struct Role {
    pub slug: String,
    pub name: String,
    pub number: u32,
    pub archetype: String,
    pub status: Status,
    /// The slug of an active role, when merged.
    pub replaced_by: Option<String>,
    /// The vector of the display name.
    pub vector: Vector,
}

/// Another title of a role; key: (role, normalised text).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[allow(missing_docs, reason = "SPEC §1 lists the fields")]
pub struct Alias {
    pub role: String,
    pub text: String,
    pub vector: Vector,
}

/// What a term means that several roles claim; key: the normalised term.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[allow(missing_docs, reason = "SPEC §1 lists the fields")]
pub struct AliasRule {
    /// Normalised.
    pub term: String,
    pub verdict: AliasVerdict,
}

/// The verdict of an alias rule; roles and skills by slug.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AliasVerdict {
    /// It means this role.
    Assigned(String),
    /// It stays ambiguous.
    Ambiguous,
    /// It means `role` where the JD has one of `skills`, and stays ambiguous elsewhere.
    BySkills {
        /// The role.
        role: String,
        /// Any one of them suffices.
        skills: Vec<String>,
    },
}

/// A key responsibility; key: its id, unique over all roles.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[allow(missing_docs, reason = "SPEC §1 lists the fields")]
pub struct Kra {
    pub id: String,
    pub role: String,
    pub sentence: String,
    pub vector: Vector,
}

/// What a skill has to do with AI.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs, reason = "SPEC §1 lists the values")]
pub enum AiClass {
    #[default]
    None,
    Assistant,
    Framework,
    Concept,
}

/// The age of a skill's technology.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs, reason = "SPEC §1 lists the values")]
pub enum Era {
    Legacy,
    #[default]
    Established,
    Modern,
    CloudNative,
    Emerging,
}

/// How a skill's forms are recognised in text.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Hints {
    /// Its forms count only as they are written.
    pub case_sensitive: bool,
    /// An ambiguous form counts only near one of these words (or near other unambiguous skills).
    pub context: Vec<String>,
}

/// A canonical skill; key: slug.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[allow(missing_docs, reason = "SPEC §1 lists the fields")]
pub struct Skill {
    pub slug: String,
    pub name: String,
    pub number: u32,
    /// As written; compared normalised.
    pub aliases: Vec<String>,
    /// The slug of its home dimension.
    pub dimension: Option<String>,
    pub kind: String,
    pub ai: AiClass,
    pub era: Era,
    pub hints: Hints,
    pub status: Status,
    /// The slug of an active skill, when merged.
    pub replaced_by: Option<String>,
}

/// A named group of skills; key: slug.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[allow(missing_docs, reason = "SPEC §1 lists the fields")]
pub struct Dimension {
    pub slug: String,
    pub name: String,
}

/// That a role has a dimension; key: both slugs.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[allow(missing_docs, reason = "SPEC §1 lists the fields")]
pub struct RoleDimension {
    pub role: String,
    pub dimension: String,
}

/// That a role lists a skill; key: both slugs.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[allow(missing_docs, reason = "SPEC §1 lists the fields")]
pub struct RoleSkill {
    pub role: String,
    pub skill: String,
}

/// For which role a verdict holds.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scope {
    /// For this one, by slug.
    Role(String),
    /// For all.
    Everywhere,
}

/// What an admin decided of a queue row.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// Taken into the taxonomy, by an edit beside this record.
    Accepted,
    /// The same as this, by slug; an edit beside this record says so.
    Merged(String),
    /// Never show it again.
    Rejected,
    /// Do not show it until then (milliseconds since 1970); the clock deletes the record when it is past.
    Snoozed(i64),
}

/// A verdict on a queue row; key: (subject, scope). Subjects are [`Id::subject`]s of the queues in [`crate::views`].
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[allow(missing_docs, reason = "SPEC §1 lists the fields")]
pub struct Review {
    pub subject: Id,
    pub scope: Scope,
    pub verdict: Verdict,
    pub who: String,
    /// Milliseconds since 1970.
    pub when: i64,
    pub why: String,
}

/// Who made an adjudication.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs, reason = "the names say it")]
pub enum Author {
    Person(String),
    Model(String),
}

/// A person's or a model's choice of role for one content of one JD; key: (JD, content).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[allow(missing_docs, reason = "SPEC §1 lists the fields")]
pub struct Adjudication {
    /// [`Id::jd`].
    pub jd: Id,
    pub content: u64,
    /// By slug.
    pub role: String,
    pub confidence: Micro,
    pub reasoning: String,
    pub author: Author,
}

/// The fact of what was said first of a JD's content; key: (JD, content). *Impact* compares the views with it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct AtIngest {
    /// [`Id::jd`].
    pub jd: Id,
    /// Hash of the content it was said of.
    pub content: u64,
    /// What was said.
    pub said: crate::views::Said,
}
