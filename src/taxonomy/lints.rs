//! What in a taxonomy is allowed and yet looks wrong? References to nothing, shared titles, thin roles, ….

mod dimensions;
mod near;
mod references;
mod roles;
mod row;
mod skills;

use super::Taxonomy;
use crate::error::{Error, Position};
use rolestream_dataflows::fixed::Vector;
use serde::{Deserialize, Serialize};
use std::fmt;
use utoipa::ToSchema;

pub use near::NEARLY_EQUAL;
pub use row::LintRow;

/// Fewer responsibilities make a role thin (SPEC §4, tie-break).
pub const ENOUGH_KRAS: usize = 3;
/// Fewer skills make a role thin.
pub const ENOUGH_SKILLS: usize = 10;

/// How much a lint matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
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
    /// The keys of the records it is about, such as `role/data-engineer`; the first is the one to change.
    pub subjects: Vec<String>,
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
        self.lints_knowing(&mut Knows::default())
    }

    /// All that looks wrong, also what only those can see who have vectors or runs.
    pub fn lints_knowing(&self, knows: &mut Knows<'_>) -> Vec<Lint> {
        let mut lints = Lints(self.remarks.clone());
        references::check(self, &mut lints);
        roles::check(self, knows, &mut lints);
        skills::check(self, &mut lints);
        dimensions::check(self, &mut lints);
        if let Some(embed) = &mut knows.embed {
            near::check(self, embed, &mut lints);
        }
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

/// Gives each text its vector, or none.
pub type Embed<'a> = dyn FnMut(&[&str]) -> Vec<Option<Vector>> + 'a;

/// What is known beside the records; what is missing here has lints that are not looked for.
#[derive(Default)]
pub struct Knows<'a> {
    /// The vectors of texts, as [`Taxonomy::to_records`] asks for them: finds responsibilities nearly equal across roles.
    pub embed: Option<&'a mut Embed<'a>>,
    /// Whether some run hits this normalised term: finds titles that several roles claim and nobody uses.
    pub is_hit: Option<&'a dyn Fn(&str) -> bool>,
}

/// The key of a record as it is written.
fn key(kind: &str, parts: &[&str]) -> String {
    format!("{kind}/{}", parts.join("/"))
}

/// Collects what the rules say.
struct Lints(Vec<Lint>);

impl Lints {
    fn say<const N: usize>(
        &mut self,
        rule: &'static str,
        severity: Severity,
        at: &Position,
        subjects: [String; N],
        parts: [String; 3],
    ) {
        self.say_of(rule, severity, at, subjects.into(), parts);
    }

    fn say_of(
        &mut self,
        rule: &'static str,
        severity: Severity,
        at: &Position,
        subjects: Vec<String>,
        parts: [String; 3],
    ) {
        let [primary, detail, hint] = parts;
        let message = Error::new(primary).detail(detail).hint(hint).at(at.clone());
        self.0.push(Lint { rule, severity, subjects, message });
    }
}

/// What a reader remarks on a text or slug that a list holds twice.
pub(super) fn repeated(what: &str, owner: &str, at: Position) -> Lint {
    let message = Error::new(format!("{what} of {owner} is repeated"))
        .detail("it stands there already; texts are compared without case, width and outer punctuation")
        .hint("remove one of the two")
        .at(at);
    Lint { rule: "repeated", severity: Severity::Note, subjects: Vec::new(), message }
}

#[cfg(test)]
mod tests;
