//! Why is there no vector, and what can be done about it?

use std::fmt;

/// A failure of an embedder, in three parts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EmbedError {
    /// What failed; lower case, no full stop.
    pub primary: String,
    /// What was found and what was expected.
    pub detail: String,
    /// What to do.
    pub hint: String,
}

impl EmbedError {
    pub(super) fn new(primary: impl Into<String>, detail: impl Into<String>, hint: impl Into<String>) -> EmbedError {
        EmbedError { primary: primary.into(), detail: detail.into(), hint: hint.into() }
    }
}

impl fmt::Display for EmbedError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}\n  {}\n  hint: {}", self.primary, self.detail, self.hint)
    }
}

impl std::error::Error for EmbedError {}
