//! What is a lint to those who ask over HTTP?

use super::{Lint, Severity};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Something in the taxonomy that looks wrong.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct LintRow {
    /// The rule that speaks, such as `thin-role`.
    pub code: String,
    /// How much it matters.
    pub severity: Severity,
    /// The keys of the records it is about, such as `role/data-engineer`; the first is the one to change.
    pub subjects: Vec<String>,
    /// What looks wrong.
    pub primary: String,
    /// What was found, and what it does.
    pub detail: String,
    /// What to do.
    pub hint: String,
}

impl From<&Lint> for LintRow {
    fn from(lint: &Lint) -> LintRow {
        LintRow {
            code: lint.rule.to_owned(),
            severity: lint.severity,
            subjects: lint.subjects.clone(),
            primary: lint.message.primary.clone(),
            detail: lint.message.detail.clone().unwrap_or_default(),
            hint: lint.message.hint.clone().unwrap_or_default(),
        }
    }
}
