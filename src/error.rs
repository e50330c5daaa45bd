//! What went wrong, why, and what can be done about it? One shape for everything a person reads.

use serde::{Deserialize, Serialize};
use std::any::Any;
use std::fmt;
use std::sync::Arc;

/// Where something stands: a line of a file, or what else it came from.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Position {
    /// The file's path, or a name such as `flag --set`.
    pub file: Arc<str>,
    /// From 1; 0 where there are no lines.
    pub line: u32,
}

impl Position {
    /// A line of a file.
    pub fn new(file: impl Into<Arc<str>>, line: u32) -> Position {
        Position { file: file.into(), line }
    }

    /// Something as a whole.
    pub fn whole(file: impl Into<Arc<str>>) -> Position {
        Position::new(file, 0)
    }
}

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            0 => f.write_str(&self.file),
            line => write!(f, "{}:{line}", self.file),
        }
    }
}

/// A message in three parts, and where it is about.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Error {
    /// What is wrong; lower case, no full stop.
    pub primary: String,
    /// What was found and what was expected.
    pub detail: Option<String>,
    /// What to do.
    pub hint: Option<String>,
    /// Where.
    pub source: Option<Position>,
}

impl Error {
    /// A message of which only the first part is known yet.
    pub fn new(primary: impl Into<String>) -> Error {
        Error { primary: primary.into(), detail: None, hint: None, source: None }
    }

    /// With what was found and expected.
    pub fn detail(mut self, detail: impl Into<String>) -> Error {
        self.detail = Some(detail.into());
        self
    }

    /// With what to do.
    pub fn hint(mut self, hint: impl Into<String>) -> Error {
        self.hint = Some(hint.into());
        self
    }

    /// With where.
    pub fn at(mut self, source: Position) -> Error {
        self.source = Some(source);
        self
    }
}

impl fmt::Display for Error {
    /// Three lines: `file:line: primary`, the detail and the hint indented; a part that is missing has no line.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(source) = &self.source {
            write!(f, "{source}: ")?;
        }
        f.write_str(&self.primary)?;
        if let Some(detail) = &self.detail {
            write!(f, "\n  {detail}")?;
        }
        if let Some(hint) = &self.hint {
            write!(f, "\n  hint: {hint}")?;
        }
        Ok(())
    }
}

impl std::error::Error for Error {}

/// Several messages: a reader of files reports all it can find at once. Never empty where it is an `Err`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Errors(pub Vec<Error>);

impl Errors {
    /// `Err(self)` unless there is nothing in it.
    pub fn into_result(self) -> Result<(), Errors> {
        if self.0.is_empty() { Ok(()) } else { Err(self) }
    }
}

impl fmt::Display for Errors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (n, error) in self.0.iter().enumerate() {
            write!(f, "{}{error}", if n == 0 { "" } else { "\n" })?;
        }
        Ok(())
    }
}

impl std::error::Error for Errors {}

impl From<Error> for Errors {
    fn from(error: Error) -> Errors {
        Errors(vec![error])
    }
}

/// What a panic said.
pub fn said_by_panic(panic: &(dyn Any + Send)) -> &str {
    let text = panic.downcast_ref::<&str>().copied();
    text.or_else(|| panic.downcast_ref::<String>().map(String::as_str)).unwrap_or("no message")
}

/// `texts` as a person would list them: `a, b, c`.
pub fn listed<T: AsRef<str>>(texts: impl IntoIterator<Item = T>) -> String {
    let texts: Vec<String> = texts.into_iter().map(|t| t.as_ref().to_owned()).collect();
    texts.join(", ")
}

/// The known word a mistyped one was probably meant to be.
pub fn nearest<'a>(typed: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let typed = typed.to_lowercase();
    known
        .into_iter()
        .map(|word| (strsim::jaro_winkler(&typed, &word.to_lowercase()), word))
        .filter(|(similarity, _)| *similarity >= 0.8)
        .max_by(|a, b| a.0.total_cmp(&b.0).then_with(|| b.1.cmp(a.1)))
        .map(|(_, word)| word)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_prints_its_three_parts_on_three_lines() {
        let error = Error::new("unknown key \"alias\"")
            .detail("a skill has the keys id, name, aliases")
            .hint("did you mean \"aliases\"?")
            .at(Position::new("skills/x.toml", 7));
        assert_eq!(
            error.to_string(),
            "skills/x.toml:7: unknown key \"alias\"\n  a skill has the keys id, name, aliases\n  hint: did you mean \"aliases\"?"
        );
    }

    #[test]
    fn the_nearest_word_is_found_and_a_far_one_is_not() {
        assert_eq!(nearest("alais", ["name", "aliases", "kind"]), Some("aliases"));
        assert_eq!(nearest("Kafka", ["java", "kafka"]), Some("kafka"));
        assert_eq!(nearest("wages", ["id", "kind"]), None);
    }
}
