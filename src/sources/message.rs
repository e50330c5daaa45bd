//! What does a source deliver? Messages: some bytes, and where they stood.

use serde::{Deserialize, Serialize};
use std::fmt;
use std::sync::Arc;

/// What the messages of a stream are about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// JDs to be parsed here: text and optional title.
    Raw,
    /// JDs parsed upstream, in the shape of SPEC §2.
    Parsed,
    /// Edits of the taxonomy, keyed `kind/id`.
    Taxonomy,
}

impl Kind {
    /// As it is written in the configuration and in messages.
    pub fn name(self) -> &'static str {
        match self {
            Kind::Raw => "raw",
            Kind::Parsed => "parsed",
            Kind::Taxonomy => "taxonomy",
        }
    }
}

/// A sequence of messages whose order counts: a partition of a topic, or a file.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Stream {
    /// `kafka`, `file` or `stdin`.
    pub source: Arc<str>,
    /// The topic, or the file's path as it was given.
    pub name: Arc<str>,
    /// The partition; 0 for files.
    pub partition: i32,
}

impl fmt::Display for Stream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &*self.source {
            "kafka" => write!(f, "{}/{}", self.name, self.partition),
            _ => f.write_str(&self.name),
        }
    }
}

/// How far a stream has been read. Ordered by `next` inside one stream.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Position {
    /// Where the next message begins: an offset of Kafka, or bytes from the beginning of a file.
    pub next: i64,
    /// Lines read so far; 0 for Kafka.
    pub line: u64,
    /// What tells the stream from another of the same name: a hash of the file's first bytes (or of all of it, where
    /// the file is one JD); 0 for Kafka.
    pub mark: u64,
}

/// One message as it came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// What it is about.
    pub kind: Kind,
    /// Where it stood.
    pub stream: Stream,
    /// Its own offset: of Kafka, or the line in a file (from 1).
    pub offset: i64,
    /// How far its stream has been read with it.
    pub read_to: Position,
    /// Its key.
    pub key: Option<Vec<u8>>,
    /// What it says; `None`: that what its key names is gone.
    pub value: Option<Vec<u8>>,
    /// When its source says it was written, in milliseconds since 1970.
    pub timestamp: Option<i64>,
    /// Further things its source says of it.
    pub headers: Vec<(String, Vec<u8>)>,
}
