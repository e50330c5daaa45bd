//! What waits for a person, what can be done about it, and how is it taken back? The review loop as pure functions.
//!
//! Views and records come in; rows, records and edits come out. Nothing here knows of HTTP, threads or the store.
//!
//! | file | the question it answers |
//! |---|---|
//! | [`row`] | what does a row of a review queue show? |
//! | [`queues`] | which rows do the views have, counted over all their roles? |
//! | [`standing`] | what have reviews settled, and which snoozes are over? |
//! | [`texts`] | where do rows get their words from? |
//! | [`mod@matches`] | what may a row be the same as, and how urgent is it? |
//! | [`listing`] | which rows are shown, in which order, page by page? |
//! | [`actions`] | what can be done about a row? |
//! | [`verdicts`] | which records does an action change? |
//! | [`undo`] | how is it taken back? |
//! | [`history`] | who did what, when and why? |

pub mod actions;
mod content;
pub mod history;
pub mod listing;
pub mod matches;
mod overlay;
pub mod queues;
pub mod row;
pub mod standing;
pub mod texts;
pub mod undo;
pub mod verdicts;

#[cfg(test)]
mod tests;

pub use actions::{Accept, Action, Order, Settlement, Target};
pub use content::Content;
pub use history::{Entry, StoredEntry};
pub use listing::{Filter, Page, Sort, Sources, page, show};
pub use matches::{Match, MatchKind, Matches};
pub use queues::Candidate;
pub use row::{Queue, Row, Standing};
pub use standing::{Reviews, ended};
pub use texts::{Run, Runs};
pub use undo::Undo;
pub use verdicts::{Decided, decide, decide_each, near_home, take_back};
