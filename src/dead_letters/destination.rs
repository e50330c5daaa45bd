//! Where do letters go? To the topic or file that `dead_letters.to` names.

use crate::error::Error;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// The topic of `auto`.
pub const TOPIC: &str = "rolestream.dead-letters";
/// The file of `auto`, in the store's folder.
const FILE: &str = "dead-letters.jsonl";

/// A topic or a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Destination {
    /// A topic of the configured brokers.
    Kafka {
        /// Its name.
        topic: Arc<str>,
    },
    /// A file of JSON lines.
    File {
        /// Its path.
        path: PathBuf,
    },
}

impl Destination {
    /// Reads `dead_letters.to`: `kafka:TOPIC`, `file:PATH` or `auto`. `brokers` is `kafka.brokers`, and `store` the
    /// store's folder.
    pub fn parse(to: &str, brokers: &str, store: &Path) -> Result<Destination, Error> {
        let to = to.trim();
        let wrong = |primary: String, detail: &str, hint: &str| Error::new(primary).detail(detail).hint(hint);
        if to == "auto" {
            return Ok(match brokers.trim().is_empty() {
                true => Destination::File { path: store.join(FILE) },
                false => Destination::Kafka { topic: TOPIC.into() },
            });
        }
        match to.split_once(':').map(|(word, name)| (word, name.trim())) {
            Some(("kafka", topic)) if !is_topic(topic) => Err(wrong(
                format!("\"{topic}\" is no name of a topic"),
                "a topic has letters, digits, dots, hyphens and underscores, at most 249 of them",
                "write dead_letters.to as \"kafka:rolestream.dead-letters\"",
            )),
            Some(("kafka", _)) if brokers.trim().is_empty() => Err(wrong(
                format!("dead letters cannot go to \"{to}\""),
                "kafka.brokers is empty: there is no Kafka",
                "name the brokers in kafka.brokers, or set dead_letters.to to \"file:PATH\" or \"auto\"",
            )),
            Some(("kafka", topic)) => Ok(Destination::Kafka { topic: topic.into() }),
            Some(("file", path)) if !path.is_empty() => Ok(Destination::File { path: path.into() }),
            _ => Err(wrong(
                format!("dead letters cannot go to \"{to}\""),
                "dead_letters.to must be \"kafka:TOPIC\", \"file:PATH\" or \"auto\"",
                "leave it at \"auto\", or put kafka: or file: before the name",
            )),
        }
    }
}

fn is_topic(name: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
    (1..=249).contains(&name.len()) && name.bytes().all(allowed) && name != "." && name != ".."
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn auto_is_a_topic_where_there_are_brokers() {
        let parse = |to: &str, brokers: &str| Destination::parse(to, brokers, Path::new("store"));
        assert_eq!(parse("auto", " "), Ok(Destination::File { path: "store/dead-letters.jsonl".into() }));
        assert_eq!(parse("auto", "b:1"), Ok(Destination::Kafka { topic: TOPIC.into() }));
        assert_eq!(parse("kafka:dead", "b:1"), Ok(Destination::Kafka { topic: "dead".into() }));
        assert_eq!(parse("file:/tmp/a:b.jsonl", "b:1"), Ok(Destination::File { path: "/tmp/a:b.jsonl".into() }));
        for to in ["", "dead.jsonl", "file:", "kafka:", "kafka:a/b", "topic:dead"] {
            let error = parse(to, "b:1").unwrap_err();
            assert!(error.detail.is_some() && error.hint.is_some(), "{error}");
        }
        assert!(parse("kafka:dead", "").unwrap_err().detail.unwrap().contains("kafka.brokers"));
    }
}
