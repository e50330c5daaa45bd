//! What does a record say that a person can change? Its texts; vectors are made of them anew.

use crate::editing::records::line;
use crate::taxonomy::json_lines::Line;
use rolestream_dataflows::records::{Adjudication, Key, Record, Review};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// A record of the taxonomy, a review or an adjudication.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs, reason = "each variant is the collection of its record type")]
pub enum Content {
    Taxonomy(Line),
    Review(Review),
    Adjudication(Adjudication),
}

impl Content {
    /// Of a record; none of settings and facts, which are no business of reviewers.
    pub fn of(record: &Record) -> Option<Content> {
        match record {
            Record::Review(review) => Some(Content::Review(review.clone())),
            Record::Adjudication(adjudication) => Some(Content::Adjudication(adjudication.clone())),
            _ => line(record).map(Content::Taxonomy),
        }
    }

    /// What replaces and deletes it; none for the head line of a taxonomy.
    pub(super) fn key(&self) -> Option<Key> {
        match self {
            Content::Taxonomy(line) => line.key(),
            Content::Review(review) => Some(Record::Review(review.clone()).key()),
            Content::Adjudication(adjudication) => Some(Record::Adjudication(adjudication.clone()).key()),
        }
    }

    /// As a log shows it: ids in the form that people know them by.
    pub(super) fn shown(&self) -> Value {
        match self {
            Content::Taxonomy(line) => json!(line),
            Content::Review(review) => json!({
                "subject": review.subject.to_string(),
                "scope": review.scope,
                "verdict": review.verdict,
                "who": review.who,
                "when": review.when,
                "why": review.why,
            }),
            Content::Adjudication(adjudication) => json!({
                "jd": adjudication.jd.to_string(),
                "content": format!("{:016x}", adjudication.content),
                "role": adjudication.role,
                "confidence": adjudication.confidence.to_f64(),
                "reasoning": adjudication.reasoning,
                "author": adjudication.author,
            }),
        }
    }
}
