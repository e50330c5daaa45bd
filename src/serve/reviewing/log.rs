//! Who decided what, when and why? The history of the review loop: in memory whole, in the store an entry each.

use crate::error::Error;
use crate::review::history::{Undone, Wanted, list};
use crate::review::{Entry, Order, Queue, Row};
use crate::serve::app::kept;
use crate::store::Store;
use crate::time::rfc3339;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::sync::{PoisonError, RwLock};
use utoipa::ToSchema;

/// The entries, by number.
#[derive(Default)]
pub(crate) struct Log(RwLock<Vec<Entry>>);

impl Log {
    /// What a store holds.
    pub(super) fn open(store: &Store) -> Result<Log, Error> {
        let entries = store.reviewed()?.into_iter().map(|(_, json)| kept(&json));
        let mut entries = entries.collect::<Result<Vec<Entry>, Error>>()?;
        entries.sort_by_key(|entry| entry.number);
        Ok(Log(RwLock::new(entries)))
    }

    /// An entry, in the place of that with its number.
    pub(super) fn put(&self, entry: Entry) {
        let mut entries = self.0.write().unwrap_or_else(PoisonError::into_inner);
        match entries.binary_search_by_key(&entry.number, |entry| entry.number) {
            Ok(place) => entries[place] = entry,
            Err(place) => entries.insert(place, entry),
        }
    }

    /// The entry of a number.
    pub(super) fn get(&self, number: u64) -> Option<Entry> {
        self.look(|entries| {
            let place = entries.binary_search_by_key(&number, |entry| entry.number).ok()?;
            entries.get(place).cloned()
        })
    }

    /// A look at all of them.
    pub(super) fn look<R>(&self, look: impl FnOnce(&[Entry]) -> R) -> R {
        look(&self.0.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Those that are wanted, the latest first.
    pub(crate) fn list(&self, wanted: &Wanted) -> Vec<Told> {
        self.look(|entries| list(entries, wanted).into_iter().map(Told::of).collect())
    }
}

/// What somebody decided, as it is told.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[schema(as = ReviewDecision)]
pub struct Told {
    /// For `/review-history/{number}/undo`.
    pub number: u64,
    /// The name of a token.
    pub who: String,
    /// When (RFC 3339).
    pub at: String,
    /// What was ordered, and why.
    pub order: Order,
    /// Which rows it was about.
    pub rows: Vec<Settled>,
    /// What it came to: a sentence a row.
    pub said: Vec<String>,
    /// The records that it changed as they were, by kind and key; null where there was none.
    #[schema(value_type = Object)]
    pub before: Value,
    /// As they became; null where one was deleted.
    #[schema(value_type = Object)]
    pub after: Value,
    /// Whether it was taken back.
    pub undone: Option<TakenBack>,
}

/// A row that was settled.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = SettledRow)]
pub struct Settled {
    /// Its number.
    pub id: u64,
    /// Where it was.
    pub queue: Queue,
    /// What it was about.
    pub title: String,
}

/// That something was taken back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct TakenBack {
    /// By whom.
    pub who: String,
    /// When (RFC 3339).
    pub at: String,
    /// Why.
    pub reason: String,
}

impl Told {
    /// Of an entry.
    pub(super) fn of(entry: &Entry) -> Told {
        let row = |row: &Row| Settled { id: row.id, queue: row.queue, title: row.title.clone() };
        let undone = |undone: &Undone| TakenBack {
            who: undone.who.clone(),
            at: rfc3339(undone.when),
            reason: undone.why.clone(),
        };
        Told {
            number: entry.number,
            who: entry.who.clone(),
            at: rfc3339(entry.when),
            order: entry.order.clone(),
            rows: entry.rows.iter().map(row).collect(),
            said: entry.line.lines().map(str::to_owned).collect(),
            before: entry.undo.before(),
            after: entry.undo.after(),
            undone: entry.undone.as_ref().map(undone),
        }
    }
}
