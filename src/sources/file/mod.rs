//! How are files, folders and standard input read? Lines are followed as they are appended, whole files are read when
//! they have come to rest, and all of it becomes messages whose meaning `decode` tells.
//!
//! | file | the question it answers |
//! |---|---|
//! | `spec` | what does an entry of `sources.read` name? |
//! | `source` | which file is looked at next? |
//! | `folder` | which files are in a folder? |
//! | `lines` | where does a line end, and what is too much of it? |
//! | `tail` | what was appended to a file since? |
//! | `packed` | which lines are in a compressed file? |
//! | `whole` | what does a file say that is read as a whole? |
//! | `values` | which messages are in the bytes of such a file? |
//! | `stdin` | what comes in on standard input? |

mod folder;
mod lines;
mod packed;
mod source;
mod spec;
mod stdin;
mod tail;
mod values;
mod whole;

pub use source::FileSource;
pub use spec::{Place, Spec};
pub use stdin::StdinSource;

use super::{Kind, Message, Position, Source, Stream};
use crate::error::Error;
use lines::Line;
use std::io;

/// As much of a message that is too large as is kept for its dead letter.
const KEPT: usize = 64 * 1024;

/// The sources of what `sources.read` names: one for all files and folders, and one for standard input. A message may
/// have so many bytes.
pub fn sources(specs: &[Spec], limit: u64) -> Vec<Box<dyn Source>> {
    let mut sources: Vec<Box<dyn Source>> = Vec::new();
    let paths = specs.iter().filter_map(|spec| match &spec.place {
        Place::Path(path) => Some((spec.kind, path.clone())),
        Place::Stdin => None,
    });
    let paths: Vec<_> = paths.collect();
    if !paths.is_empty() {
        sources.push(Box::new(FileSource::new(paths, limit)));
    }
    if let Some(spec) = specs.iter().find(|spec| spec.place == Place::Stdin) {
        sources.push(Box::new(StdinSource::new(spec.kind, limit)));
    }
    sources
}

/// What every message of one file has in common.
#[derive(Clone, Debug)]
struct Origin {
    kind: Kind,
    stream: Stream,
}

impl Origin {
    fn file(kind: Kind, name: &str) -> Origin {
        Origin { kind, stream: Stream { source: "file".into(), name: name.into(), partition: 0 } }
    }

    fn message(&self, offset: u64, read_to: Position, value: Vec<u8>) -> Message {
        Message {
            kind: self.kind,
            stream: self.stream.clone(),
            offset: signed(offset),
            read_to,
            key: None,
            value: Some(value),
            timestamp: None,
            headers: Vec::new(),
        }
    }

    fn line(&self, line: Line, mark: u64) -> Message {
        let read_to = Position { next: signed(line.next), line: line.number, mark };
        let message = self.message(line.number, read_to, line.bytes);
        match line.limit {
            Some(limit) => cut(message, limit),
            None => message,
        }
    }
}

/// A message whose value had more than so many bytes: only its beginning is kept, and it says so.
fn cut(mut message: Message, limit: u64) -> Message {
    message.value.iter_mut().for_each(|value| value.truncate(KEPT));
    message.headers.push((super::decode::CUT.to_owned(), limit.to_string().into_bytes()));
    message
}

fn signed(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

/// How a look at a file ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Looked {
    /// There is nothing new.
    Idle,
    /// There was, and there may be more.
    Moved,
    /// Nobody takes messages any more.
    Stopped,
}

fn unreadable(name: &str, error: &io::Error) -> Error {
    crate::admission::unreadable(name, error)
}
