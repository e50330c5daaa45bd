//! Where do the views go? Changelogs of upserts, in Kafka topics or files.
//!
//! | file | the question it answers |
//! |---|---|
//! | `rows` | what does a changelog say of a row? |
//! | `inbox` | what has changed and is not written yet? |
//! | `follower` | how does a sink stay equal to the views, through crashes? |
//! | `file` | how are changelogs written to files? |
//! | `kafka` | how do upserts and messages get into topics? |

pub mod file;
mod follower;
mod inbox;
pub mod kafka;
mod rows;

pub use file::FileWriter;
pub use follower::{Follower, rows};
pub use inbox::Inbox;
pub use kafka::KafkaWriter;
pub(crate) use rows::term_text;
pub use rows::{Changelog, Row, role_change};

use crate::config::Config;
use crate::error::Error;
use crate::sources::Stop;
use std::path::Path;
use std::sync::Arc;

/// One upsert of a changelog.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outgoing {
    /// The topic it goes to (a file of that name where files are written).
    pub topic: Arc<str>,
    /// What it is about.
    pub key: String,
    /// What is said of it now, as JSON; `None`: nothing any more (a tombstone).
    pub value: Option<String>,
    /// The engine's epoch at which that is so.
    pub epoch: u64,
}

/// What takes upserts.
pub trait Writer: Send {
    /// Writes all of them, those of one key in their order, and returns when all are kept safely where they went.
    /// What can pass (a broker that is away) is waited for until `stop`; an error is what needs a person: whoever calls
    /// tries again all the same. What was perhaps written already may be written twice.
    fn write(&mut self, upserts: &[Outgoing], stop: &Stop) -> Result<(), Error>;

    /// Whether it can be told that a topic holds nothing at all: what was written to it, if anything was, is lost.
    fn is_blank(&mut self, _topic: &str) -> Result<bool, Error> {
        Ok(false)
    }
}

/// Opens what `sinks.write` names: `kafka`, or `file:FOLDER`. Gives its name, under which the store notes what it holds.
pub fn open(to: &str, config: &Config) -> Result<(String, Box<dyn Writer>), Error> {
    match to.trim().split_once(':').unwrap_or((to.trim(), "")) {
        ("kafka", "") if config.kafka.brokers.trim().is_empty() => Err(Error::new("there is no Kafka to write to")
            .detail("sinks.write names \"kafka\", and kafka.brokers is empty")
            .hint("name the brokers: --brokers HOST:PORT")),
        ("kafka", "") => {
            let writer = KafkaWriter::new(&config.kafka.brokers, &config.librdkafka, 1)?;
            Ok(("kafka".to_owned(), Box::new(writer)))
        }
        ("file", folder) if !folder.is_empty() => {
            Ok((to.trim().to_owned(), Box::new(FileWriter::open(Path::new(folder))?)))
        }
        _ => Err(Error::new(format!("views cannot go to \"{to}\""))
            .detail("a sink is \"kafka\" or \"file:FOLDER\"")
            .hint("write --sink kafka, or --sink file:changelogs/")),
    }
}
