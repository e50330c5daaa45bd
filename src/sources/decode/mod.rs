//! What does a message mean? A JD, a parsed JD, a withdrawal, an edit of the taxonomy, or nothing at all.
//!
//! Decoding is a pure function of the message. What cannot be decoded is a [`Refusal`], and becomes a dead letter.
//!
//! | file | the question it answers |
//! |---|---|
//! | `body` | which JSON object is in the value, inside or outside an envelope? |
//! | `key` | what does the key of a message name? |
//! | `jd` | which JD is it, and is it put or withdrawn? |
//! | `parsed` | what did a parser upstream find in it? |
//! | `taxonomy` | which record is put or deleted? |

mod body;
mod jd;
mod key;
mod parsed;
mod taxonomy;

pub use crate::admission::{Reason, Refusal};
pub use parsed::{ParsedDocument, parsed_document};
pub use taxonomy::{Edit, key as record_key, shown as shown_key};

use super::message::{Kind, Message};
use crate::admission::Document;
use crate::error::{Error, Position};

/// What a message says.
#[derive(Clone, Debug, PartialEq)]
pub enum Incoming {
    /// A JD as text.
    Jd(Document),
    /// A JD parsed upstream.
    Parsed(Box<ParsedDocument>),
    /// The JD of this id is withdrawn.
    Withdrawn(String),
    /// A record of the taxonomy is put or deleted; its texts have no vectors yet.
    Edit(Edit),
    /// Nothing to do: a heartbeat, a marker of transactions, a read of nothing, the head line of a taxonomy.
    Nothing,
}

/// The header of a message that was too long to be read: how many bytes it had. Its value is its beginning only.
pub const CUT: &str = "rolestream-cut";

/// What a message means, or why that cannot be told.
pub fn decode(message: &Message) -> Result<Incoming, Refusal> {
    if let Some((_, bytes)) = message.headers.iter().find(|(name, _)| name == CUT) {
        let error = Error::new("the message is too large")
            .detail(format!("it has more than {} bytes; its beginning is kept", String::from_utf8_lossy(bytes)))
            .hint("raise admission.max_text_bytes, or cut the text");
        return Err(Refusal::new(Reason::TooLarge, error.at(place(message))));
    }
    match message.kind {
        Kind::Raw => jd::decode(message),
        Kind::Parsed => parsed::decode(message),
        Kind::Taxonomy => taxonomy::decode(message),
    }
}

/// Where a message stood: `topic/partition/offset`, or a line of a file.
pub fn place(message: &Message) -> Position {
    match &*message.stream.source {
        "kafka" => Position::whole(format!("{}/{}", message.stream, message.offset)),
        _ => Position::new(&*message.stream.name, u32::try_from(message.offset).unwrap_or(u32::MAX)),
    }
}

#[cfg(test)]
mod properties;
#[cfg(test)]
mod tests;
