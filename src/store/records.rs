//! What is kept of a JD, a run, a store? The values of the collections that are not records of the dataflow already.

use super::values::Stored;
use crate::admission::{Admitted, Document};
use crate::dead_letters::DeadLetter;
use crate::engine::{Cause, FirstSaid, LastSaid, RoleChange};
use crate::jd::ParsedJd;
use crate::report::Heading;
use crate::sources::{Position, Stream};
use rolestream_dataflows::driver::Epoch;
use rolestream_dataflows::id::Id;
use rolestream_dataflows::records::{EnrichmentSettings, Jd, JdUpdate, Record, Settings};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// What the engine needs of a JD, and what a restart needs to know of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct StoredJd {
    /// The id its source gave it.
    pub id: String,
    /// What it is called in lists.
    pub heading: Heading,
    /// The record.
    pub jd: Jd,
    /// The commit that brought it.
    pub commit: u64,
    /// Why it is as it is: it came, was corrected, or was parsed again.
    pub cause: Cause,
    /// The version of the skill library it was parsed with; 0 where it was parsed upstream.
    pub library: u64,
}

/// Where a JD came from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Provenance {
    /// The stream.
    pub stream: Stream,
    /// Its offset there, or line.
    pub offset: i64,
    /// What the source said beside it.
    pub headers: Vec<(String, Vec<u8>)>,
}

/// What people read of a JD: its text, what was found in it, whence it came.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct StoredText {
    /// As it was delivered.
    pub document: Document,
    /// What was parsed.
    pub parsed: Option<ParsedJd>,
    /// Why it was rejected, in a sentence.
    pub rejected: Option<String>,
    /// Names of the skills, as many as there are mentions.
    pub skills: Vec<String>,
    /// The sentences, as many as there are in the features.
    pub sentences: Vec<String>,
    /// Who parsed it, where that was upstream: such a JD is not parsed again here.
    pub parser: Option<String>,
    /// Whence it came.
    pub provenance: Option<Provenance>,
}

impl StoredText {
    /// Of an admitted JD.
    pub fn of(admitted: &Admitted, parser: Option<String>, provenance: Option<Provenance>) -> StoredText {
        StoredText {
            document: Document::clone(&admitted.document),
            parsed: admitted.parsed.clone(),
            rejected: admitted.rejected.clone(),
            skills: admitted.skills.clone(),
            sentences: admitted.sentences.clone(),
            parser,
            provenance,
        }
    }

    /// Hash of the content.
    pub fn content(&self) -> u64 {
        self.document.content()
    }

    /// The admitted JD, with its record.
    pub fn into_admitted(self, update: JdUpdate) -> Admitted {
        Admitted {
            document: Arc::new(self.document),
            parsed: self.parsed,
            rejected: self.rejected,
            skills: self.skills,
            sentences: self.sentences,
            update,
        }
    }
}

/// What was last said of a JD, by the id its source gave it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoredSaid {
    /// That id.
    pub id: String,
    /// What was said.
    pub said: LastSaid,
}

/// A role change, of a JD by the id its source gave it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoredChange {
    /// That id.
    pub id: String,
    /// What changed.
    pub change: RoleChange,
}

/// Through where the facts are kept: what came later was perhaps not said.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mark {
    /// The last epoch of which something was said.
    pub epoch: Epoch,
    /// The last commit whose inputs were said something of.
    pub commit: u64,
    /// The taxonomy version then.
    pub taxonomy_version: u64,
}

/// The taxonomy version of the records.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TaxonomyMark {
    /// The number of the last version.
    pub version: u64,
    /// Whether it changed nothing but settings.
    pub only_settings: bool,
}

/// What stored parses and vectors were made with.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fingerprint {
    /// The embedding table.
    pub embedder: String,
    /// The parser: its settings and its own version.
    pub parser: u64,
}

/// JDs that must be looked at again since the skill library or the parser changed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PendingReparse {
    /// The forms that came or went; none: every JD.
    pub forms: Option<Vec<String>>,
    /// The taxonomy version that did it; 0: the program or its settings did.
    pub taxonomy_version: u64,
    /// JDs with ids up to this one have been looked at.
    pub through: Option<u64>,
}

/// What was last sent of a key to a topic of a sink.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SinkEntry {
    /// Hash of the value; 0: a tombstone.
    pub hash: u64,
    /// The number of the write; one that is not yet acknowledged may have gone out or not.
    pub write: u64,
}

/// A taxonomy version: what it changed. The first one is what a store began with, and is not kept.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoredVersion {
    /// Its number.
    pub number: u64,
    /// When it was made, in milliseconds since 1970.
    pub at: i64,
    /// Who made it: a token's name, or the stream that brought it.
    pub author: String,
    /// Why, as its author says.
    pub why: String,
    /// The draft it was.
    pub draft: Option<String>,
    /// The version that it brings back.
    pub undoes: Option<u64>,
    /// Each record before and after.
    pub changes: Vec<(Option<Record>, Option<Record>)>,
}

/// An access token, without the token: that is known to its holder only.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoredToken {
    /// What it is called; the audit log names who did something by it.
    pub name: String,
    /// What it may be used for, as words.
    pub scopes: Vec<String>,
    /// When it was made, in milliseconds since 1970, as the other times.
    pub created_at: i64,
    /// By whom.
    pub created_by: String,
    /// From when on it counts no more.
    pub expires_at: Option<i64>,
    /// When it was taken back.
    pub revoked_at: Option<i64>,
}

impl Stored for StoredVersion {
    const COMPRESSED: bool = true;
}
impl Stored for StoredJd {
    const VERSION: u8 = 2;
}
impl Stored for StoredText {
    const VERSION: u8 = 2;
    const COMPRESSED: bool = true;
}
impl Stored for Mark {}
impl Stored for TaxonomyMark {}
impl Stored for Fingerprint {}
impl Stored for PendingReparse {}
impl Stored for SinkEntry {}
impl Stored for Record {}
impl Stored for Settings {}
impl Stored for EnrichmentSettings {}
impl Stored for FirstSaid {
    const VERSION: u8 = 2;
}
impl Stored for StoredSaid {}
impl Stored for StoredChange {}
impl Stored for String {}
impl Stored for Position {}
impl Stored for (Stream, Position) {}
impl Stored for DeadLetter {
    const COMPRESSED: bool = true;
}
impl Stored for u64 {}
impl Stored for Vec<Id> {}
impl Stored for StoredToken {}
