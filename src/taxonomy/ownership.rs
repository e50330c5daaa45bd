//! For whom does what a role or skill owns count?
//!
//! For itself when active; for its `replaced_by` when merged and that one is active; else for nobody.

use super::{Keyed, Role, Skill, Table};
use rolestream_dataflows::records::Status;

/// A record that can be merged into another.
pub(super) trait Mergeable: Keyed {
    fn slug(&self) -> &str;
    fn number(&self) -> u32;
    fn status(&self) -> Status;
    fn replaced_by(&self) -> Option<&str>;
}

impl Mergeable for Role {
    fn slug(&self) -> &str {
        &self.slug
    }
    fn number(&self) -> u32 {
        self.number
    }
    fn status(&self) -> Status {
        self.status
    }
    fn replaced_by(&self) -> Option<&str> {
        self.replaced_by.as_deref()
    }
}

impl Mergeable for Skill {
    fn slug(&self) -> &str {
        &self.slug
    }
    fn number(&self) -> u32 {
        self.number
    }
    fn status(&self) -> Status {
        self.status
    }
    fn replaced_by(&self) -> Option<&str> {
        self.replaced_by.as_deref()
    }
}

/// The slug of the active record for which what `slug` owns counts.
pub(super) fn owner<'a, R: Mergeable>(table: &'a Table<R>, slug: &str) -> Option<&'a str> {
    let active = |record: &'a R| (record.status() == Status::Active).then(|| record.slug());
    let record = table.get(slug)?;
    match record.status() {
        Status::Active => active(record),
        Status::Merged => table.get(record.replaced_by()?).and_then(active),
        Status::Retired => None,
    }
}
