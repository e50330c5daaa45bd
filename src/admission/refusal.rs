//! Why can something not be taken in? A reason out of a short list, which can be counted, and a message for a person.

use crate::error::Error;

macro_rules! reasons {
    ($($(#[doc = $doc:literal])+ $variant:ident = $name:literal,)+) => {
        /// Why a message is refused. The names are labels of metrics and stand in dead letters: they are never renamed.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Reason {
            $($(#[doc = $doc])+ $variant,)+
        }

        impl Reason {
            /// All of them.
            pub const ALL: &'static [Reason] = &[$(Reason::$variant,)+];

            /// As it is written in metrics and dead letters.
            pub fn name(self) -> &'static str {
                match self {
                    $(Reason::$variant => $name,)+
                }
            }

            /// The reason of that name.
            pub fn of_name(name: &str) -> Option<Reason> {
                Reason::ALL.iter().copied().find(|reason| reason.name() == name)
            }
        }
    };
}

reasons! {
    /// There is a value, and nothing in it. (No value at all is a withdrawal.)
    Empty = "empty",
    /// The bytes are no text.
    NotText = "not_text",
    /// The text is no JSON.
    NotJson = "not_json",
    /// It is JSON, but no object.
    NotAnObject = "not_an_object",
    /// It is more than is read of one message; only its beginning is kept.
    TooLarge = "too_large",
    /// It looks like an envelope of change data capture, and a part of it is missing or not understood.
    InvalidEnvelope = "invalid_envelope",
    /// A JD has an id neither in its value nor in its key.
    NoId = "no_id",
    /// The id of a JD is empty, too long, or has characters that do not print.
    InvalidId = "invalid_id",
    /// A JD has no key "text".
    NoText = "no_text",
    /// A JD of a stream of parsed ones has no parse.
    NotParsed = "not_parsed",
    /// A field holds something of another type.
    WrongType = "wrong_type",
    /// A time is none.
    InvalidTime = "invalid_time",
    /// An edit says neither in its key nor in its value which record it is of.
    NoKey = "no_key",
    /// The key of an edit is not of the form `kind/id`.
    InvalidKey = "invalid_key",
    /// The kind of an edit is none of those there are.
    UnknownKind = "unknown_kind",
    /// The key of an edit names another record than its value does.
    KeyMismatch = "key_mismatch",
    /// An edit has a field that its record does not have.
    UnknownField = "unknown_field",
    /// The value of an edit is no record of its kind.
    InvalidRecord = "invalid_record",
    /// It was understood, and could not be admitted all the same.
    NotAdmitted = "not_admitted",
}

/// What is refused, why, and what can be done about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// Why, to be counted.
    pub reason: Reason,
    /// Why, to be read.
    pub error: Error,
}

impl Refusal {
    /// For this reason.
    pub fn new(reason: Reason, error: Error) -> Refusal {
        Refusal { reason, error }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_labels_and_each_is_given_once() {
        let mut names: Vec<&str> = Reason::ALL.iter().map(|reason| reason.name()).collect();
        assert!(
            names.iter().all(|name| name.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_')),
            "{names:?}"
        );
        assert!(Reason::ALL.iter().all(|reason| Reason::of_name(reason.name()) == Some(*reason)));
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), Reason::ALL.len());
    }
}
