//! What is kept of a refused message? All of it, and why it was refused.

use crate::admission::Refusal;
use crate::error::Error;
use crate::sinks::Outgoing;
use crate::sources::{Kind, Message, Stream};
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use xxhash_rust::xxh3::xxh3_64;

/// A message that was refused.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeadLetter {
    /// The stream it stood in.
    pub stream: Stream,
    /// What it was taken to be about.
    pub kind: Kind,
    /// Its offset there, or its line.
    pub offset: i64,
    /// Its key, byte for byte.
    pub key: Option<Vec<u8>>,
    /// Its value, byte for byte; of one that was too large to be read, its beginning.
    pub value: Option<Vec<u8>>,
    /// What else its source said of it.
    pub headers: Vec<(String, Vec<u8>)>,
    /// When its source says it was written, in milliseconds since 1970.
    pub timestamp: Option<i64>,
    /// The name of the [`Reason`](crate::admission::Reason). A text: a letter may be older or newer than the program.
    pub reason: String,
    /// What is wrong with it, and what was found and expected.
    pub detail: String,
    /// What can be done.
    pub hint: Option<String>,
    /// When it was refused, in milliseconds since 1970.
    pub at: i64,
}

impl DeadLetter {
    /// Of a message that was refused at a time (milliseconds since 1970).
    pub fn new(message: Message, refusal: &Refusal, at: i64) -> DeadLetter {
        let Error { primary, detail, hint, .. } = &refusal.error;
        DeadLetter {
            stream: message.stream,
            kind: message.kind,
            offset: message.offset,
            key: message.key,
            value: message.value,
            headers: message.headers,
            timestamp: message.timestamp,
            reason: refusal.reason.name().to_owned(),
            detail: detail.as_ref().map_or_else(|| primary.clone(), |detail| format!("{primary}: {detail}")),
            hint: hint.clone(),
            at,
        }
    }

    /// What names it, however often it is delivered: `jd.raw/0/123`, or `inbox/jds.jsonl:12#5f0c96d1` where a hash of
    /// its bytes tells it from what stood in this line at another time.
    pub fn id(&self) -> String {
        match &*self.stream.source {
            "kafka" => format!("{}/{}", self.stream, self.offset),
            _ => {
                let hash = xxh3_64(self.value.as_deref().unwrap_or_default()) >> 32;
                format!("{}:{}#{hash:08x}", self.stream.name, self.offset)
            }
        }
    }

    /// When it was refused, as RFC 3339 has it.
    pub fn time(&self) -> String {
        super::json::time(self.at)
    }

    /// As it goes to a topic: JSON under its id.
    pub fn outgoing(&self, topic: &Arc<str>, epoch: u64) -> Outgoing {
        Outgoing { topic: topic.clone(), key: self.id(), value: Some(self.to_json().to_string()), epoch }
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::admission::Reason;
    use crate::sources::Position;

    pub(crate) fn letter(source: &str, name: &str, offset: i64, value: Option<&[u8]>) -> DeadLetter {
        let message = Message {
            kind: Kind::Raw,
            stream: Stream { source: source.into(), name: name.into(), partition: 0 },
            offset,
            read_to: Position::default(),
            key: None,
            value: value.map(<[u8]>::to_vec),
            timestamp: Some(1_000),
            headers: Vec::new(),
        };
        let error = Error::new("this is no JSON").detail("expected value, in column 1").hint("send JSON");
        DeadLetter::new(message, &Refusal::new(Reason::NotJson, error), 1_772_357_400_000)
    }

    #[test]
    fn a_letter_is_called_by_where_it_stood_and_in_a_file_by_its_bytes_too() {
        let id = |source: &str, offset, value: &[u8]| letter(source, "jd.raw", offset, Some(value)).id();
        assert_eq!(id("kafka", 123, b"x"), "jd.raw/0/123");
        assert_eq!(id("kafka", 123, b"x"), id("kafka", 123, b"y"));
        assert!(id("stdin", 5, b"x").starts_with("jd.raw:5#"));
        assert_eq!(id("file", 5, b"x"), id("file", 5, b"x"));
        assert_ne!(id("file", 5, b"x"), id("file", 5, b"y"));
    }

    #[test]
    fn the_store_gives_back_what_it_took() {
        let mut whole = letter("kafka", "jd.raw", 7, Some(b"\xff\0{"));
        whole.key = Some(vec![0xFE]);
        whole.headers = vec![("a".to_owned(), vec![1]), ("a".to_owned(), vec![])];
        let bytes = bincode::serialize(&whole).unwrap();
        assert_eq!(bincode::deserialize::<DeadLetter>(&bytes).unwrap(), whole);
        assert_eq!(whole.detail, "this is no JSON: expected value, in column 1");
        let outgoing = whole.outgoing(&"letters".into(), 9);
        assert_eq!((outgoing.key.as_str(), outgoing.epoch), ("jd.raw/0/7", 9));
    }
}
