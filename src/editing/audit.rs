//! Who did what, when and why? One entry for each thing that was asked for, done or refused; none is ever changed.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

/// One line of the audit log.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct AuditEntry {
    /// Its number; the next is one greater.
    pub number: u64,
    /// When, in milliseconds since 1970.
    pub at: i64,
    /// Who: the name of a token, or how the program is called where it acts by itself.
    pub who: String,
    /// What was asked for, such as `publish`, `rollback`, `merge_roles`, `create_token`.
    pub action: String,
    /// What it was about: a key such as `role/data-engineer`, `draft/7`, `version/12`, `token/ci`.
    pub subject: String,
    /// What that was before; null where it was not there, or was not looked at.
    #[serde(with = "super::json_text")]
    #[schema(value_type = Option<Object>)]
    pub before: Option<Value>,
    /// What it was afterwards; null where it is no more, or nothing was done.
    #[serde(with = "super::json_text")]
    #[schema(value_type = Option<Object>)]
    pub after: Option<Value>,
    /// The reason that was given, or why it was refused.
    pub why: String,
    /// Whether it was done.
    pub outcome: Outcome,
    /// The taxonomy version that it made.
    pub version: Option<u64>,
}

/// What became of something that was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// It was done.
    Done,
    /// It was refused, and nothing changed.
    Refused,
}
