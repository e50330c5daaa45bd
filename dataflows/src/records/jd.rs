//! What does the engine need to know of a JD? Its features: ids, flags and vectors. Texts stay outside.

use crate::fixed::{Vector, Vectors};
use crate::id::Id;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// A JD inserted, replaced or (with no value) withdrawn. At most one per id and epoch: admission settles the rest.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct JdUpdate {
    /// [`Id::jd`] of the id its source gave it.
    pub id: Id,
    /// What it is from now on; `None` withdraws it.
    pub jd: Option<Arc<Jd>>,
}

/// One version of one JD.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Jd {
    /// Hash of the content: with the id it names the run.
    pub content: u64,
    /// [`Id::text`] of the source's name.
    pub source: Id,
    /// When it was received, in milliseconds since 1970.
    pub received_at: i64,
    /// [`Id::text`] of the normalised company name; [`Id::NONE`] when unknown.
    pub company: Id,
    /// What was found in it, or why it is no JD.
    pub features: Result<Features, Rejection>,
}

/// What was found in an accepted JD.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Features {
    /// The title, if there is one.
    pub title: Option<Title>,
    /// [`Id::text`] of the normalised role aliases, in order, none equal to the title.
    pub role_aliases: Vec<Id>,
    /// The skills named, in the order of the JD, each normalised text once.
    pub skills: Vec<Mention>,
    /// [`Id::text`] of each normalised responsibility sentence, in order (SPEC §2: at most 25 by default).
    pub sentences: Vec<Id>,
    /// The sentences' vectors, as many as there are sentences.
    pub vectors: Vectors,
    /// The vector of the whole responsibilities text: what the JD contributes to a centroid.
    pub vector: Option<Vector>,
    /// What its text says of AI.
    #[serde(default)]
    pub ai: AiFlags,
}

/// What the text of a JD says of AI, apart from its skills (SPEC §6).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct AiFlags {
    /// The title names it.
    pub title: bool,
    /// The job is on a team for it.
    pub team: bool,
    /// The job is to build products with it.
    pub product: bool,
}

/// A JD's title in the forms that can be compared.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Title {
    /// [`Id::text`] of the normalised title as written.
    pub written: Id,
    /// [`Id::text`] of the normalised title with level and qualifier words removed; may equal `written`.
    pub plain: Id,
    /// The slug a new role of this title would get: transliterated, may be empty.
    pub slug: Arc<str>,
    /// The vector of the title as written.
    pub vector: Vector,
}

/// A skill as the JD names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Mention {
    /// [`Id::text`] of the normalised text.
    pub text: Id,
    /// Whether the JD makes it primary.
    pub primary: bool,
}

/// Why something is no JD (SPEC §2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Rejection {
    /// The text is something else.
    NotAJd,
    /// There is no text.
    NoText,
    /// Neither title, skill nor responsibility sentence.
    NoRole,
    /// Its archetype is not among the accepted ones.
    ArchetypeNotAccepted,
    /// The text is longer than the limit.
    TooLarge,
}

impl Rejection {
    /// The name SPEC gives it.
    pub fn name(self) -> &'static str {
        match self {
            Rejection::NotAJd => "not_a_jd",
            Rejection::NoText => "no_text",
            Rejection::NoRole => "no_role",
            Rejection::ArchetypeNotAccepted => "archetype_not_accepted",
            Rejection::TooLarge => "too_large",
        }
    }
}
