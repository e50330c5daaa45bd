//! Who did what, when and why? One entry an action, over however many rows; what was taken back says so.

use super::actions::Order;
use super::row::{Queue, Row};
use super::undo::Undo;
use super::verdicts::Decided;
use crate::error::Error;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Something a person did.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Entry {
    /// Its place in the history; whoever keeps it gives it.
    pub number: u64,
    /// Who.
    pub who: String,
    /// When, milliseconds since 1970.
    pub when: i64,
    /// What, and why.
    pub order: Order,
    /// About what, as it was then: rows that are hidden since are shown from here.
    pub rows: Vec<Row>,
    /// What it came to, a line a row.
    pub line: String,
    /// What it changed.
    #[serde(default)]
    #[schema(value_type = Object)]
    pub undo: Undo,
    /// Whether it was taken back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub undone: Option<Undone>,
}

/// That something was taken back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Undone {
    /// By whom.
    pub who: String,
    /// When, milliseconds since 1970.
    pub when: i64,
    /// Why.
    pub why: String,
}

impl Entry {
    /// Of an action that was done.
    pub fn of(number: u64, rows: &[Row], order: &Order, who: &str, now: i64, decided: &Decided) -> Entry {
        Entry {
            number,
            who: who.to_owned(),
            when: now,
            order: order.clone(),
            rows: rows.to_vec(),
            line: decided.line.clone(),
            undo: decided.undo.clone(),
            undone: None,
        }
    }
}

/// Which entries are wanted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Wanted {
    /// By this person.
    pub who: Option<String>,
    /// About rows of this queue.
    pub queue: Option<Queue>,
    /// About this row.
    pub row: Option<u64>,
    /// Before this number: where the page before ended.
    pub before: Option<u64>,
    /// So many.
    pub limit: usize,
}

/// The entries that are wanted, the latest first.
pub fn list<'a>(history: impl IntoIterator<Item = &'a Entry>, wanted: &Wanted) -> Vec<&'a Entry> {
    let about = |entry: &Entry, is: &dyn Fn(&Row) -> bool| entry.rows.iter().any(is);
    let mut entries: Vec<&Entry> = history
        .into_iter()
        .filter(|entry| wanted.who.as_ref().is_none_or(|who| entry.who == *who))
        .filter(|entry| wanted.queue.is_none_or(|queue| about(entry, &|row| row.queue == queue)))
        .filter(|entry| wanted.row.is_none_or(|id| about(entry, &|row| row.id == id)))
        .filter(|entry| wanted.before.is_none_or(|before| entry.number < before))
        .collect();
    entries.sort_by_key(|entry| std::cmp::Reverse(entry.number));
    entries.truncate(wanted.limit);
    entries
}

/// An entry as a store keeps it that only knows fixed forms: its JSON.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoredEntry {
    json: String,
}

impl StoredEntry {
    /// Of an entry.
    pub fn of(entry: &Entry) -> Result<StoredEntry, Error> {
        let json = serde_json::to_string(entry).map_err(|error| {
            Error::new("an entry of the review history cannot be written").detail(error.to_string())
        })?;
        Ok(StoredEntry { json })
    }

    /// The entry.
    pub fn entry(&self) -> Result<Entry, Error> {
        serde_json::from_str(&self.json).map_err(|error| {
            Error::new("an entry of the review history cannot be read")
                .detail(error.to_string())
                .hint("use the version of the program that wrote it, or newer")
        })
    }
}
