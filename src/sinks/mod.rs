//! Where do the views go? Changelogs of upserts, in Kafka topics or files.
//!
//! | file | the question it answers |
//! |---|---|
//! | `file` | how are changelogs written to files? |

pub mod file;

pub use file::FileWriter;

use crate::error::Error;
use crate::sources::Stop;
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
    /// What can pass (a broker that is away) is waited for until `stop`; an error is what cannot.
    fn write(&mut self, upserts: &[Outgoing], stop: &Stop) -> Result<(), Error>;
}
