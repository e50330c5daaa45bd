//! Where do JDs and edits come from? Kafka, files, folders and standard input, all as [`Message`]s in one queue.
//!
//! | file | the question it answers |
//! |---|---|
//! | `message` | what does a source deliver? |
//! | `feed` | how does it hand on what it reads? |
//! | `decode` | what does a message mean? |
//! | `kafka` | how are topics read? |
//! | `file` | how are files, folders and standard input read? |

pub mod decode;
mod feed;
pub mod file;
pub mod kafka;
mod message;

pub use decode::{Edit, Incoming, ParsedDocument, decode, parsed_document};
pub use feed::{Feed, Full, Positions, Source, Stop, take};
pub use message::{Kind, Message, Position, Stream};
