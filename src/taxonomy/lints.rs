//! What in a taxonomy is allowed and yet looks wrong? References to nothing, shared titles, thin roles, ….

mod references;
mod roles;
mod skills;

use super::Taxonomy;
use crate::error::{Error, Position};
use serde::Serialize;
use std::fmt;

/// Fewer responsibilities make a role thin (SPEC §4, tie-break).
pub const ENOUGH_KRAS: usize = 3;
/// Fewer skills make a role thin.
pub const ENOUGH_SKILLS: usize = 10;

/// How much a lint matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// Something has no effect, or another than its author expects.
    Error,
    /// Decisions are likely to be worse for it.
    Warning,
    /// Worth a look.
    Note,
}

/// Something that looks wrong.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Lint {
    /// The rule that speaks.
    pub rule: &'static str,
    /// How much it matters.
    pub severity: Severity,
    /// What it says, and where.
    pub message: Error,
}

impl fmt::Display for Lint {
    /// As an error, with the severity and the rule before the message.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let severity = match self.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
            Severity::Note => "note",
        };
        let primary = format!("{severity}[{}]: {}", self.rule, self.message.primary);
        Error { primary, ..self.message.clone() }.fmt(f)
    }
}

impl Taxonomy {
    /// All that looks wrong, the graver first, then by file and line.
    pub fn lints(&self) -> Vec<Lint> {
        let mut lints = Lints(self.remarks.clone());
        references::check(self, &mut lints);
        roles::check(self, &mut lints);
        skills::check(self, &mut lints);
        lints.0.sort_by(|a, b| {
            (a.severity, &a.message.source, a.rule, &a.message.primary).cmp(&(
                b.severity,
                &b.message.source,
                b.rule,
                &b.message.primary,
            ))
        });
        lints.0
    }
}

/// Collects what the rules say.
struct Lints(Vec<Lint>);

impl Lints {
    fn say(&mut self, rule: &'static str, severity: Severity, at: &Position, parts: [String; 3]) {
        let [primary, detail, hint] = parts;
        self.0.push(Lint { rule, severity, message: Error::new(primary).detail(detail).hint(hint).at(at.clone()) });
    }
}

/// What a reader remarks on a text or slug that a list holds twice.
pub(super) fn repeated(what: &str, owner: &str, at: Position) -> Lint {
    let message = Error::new(format!("{what} of {owner} is repeated"))
        .detail("it stands there already; texts are compared without case, width and outer punctuation")
        .hint("remove one of the two")
        .at(at);
    Lint { rule: "repeated", severity: Severity::Note, message }
}

#[cfg(test)]
mod tests;
