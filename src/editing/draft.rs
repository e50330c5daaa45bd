//! What does a draft come to, and what has changed under it since it was begun?

use super::operations::Operation;
use super::records::{Overlay, Records};
use super::versions::Version;
use crate::error::{Errors, Position};
use crate::sources::Edit;
use crate::sources::decode::shown_key;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use utoipa::ToSchema;

/// Edits that wait to be published together.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Draft {
    /// Its number.
    pub id: u64,
    /// What people call it.
    pub title: String,
    /// Who began it.
    pub author: String,
    /// When, in milliseconds since 1970.
    pub created_at: i64,
    /// When it was last changed, in milliseconds since 1970.
    pub updated_at: i64,
    /// The taxonomy version that its author saw.
    pub base_version: u64,
    /// What it does, in this order: each operation sees what those before it did.
    #[serde(with = "super::json_text")]
    pub operations: Vec<Operation>,
    /// Why; becomes the reason of the version.
    pub note: String,
}

/// A record that a draft changes and that versions have changed since it was begun.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Conflict {
    /// The record, such as `role/data-engineer`.
    pub key: String,
    /// The numbers of those versions.
    pub versions: Vec<u64>,
}

impl Draft {
    /// The records as they would be, or what is wrong with each operation that cannot be done: the place of such a
    /// message is `operation:N`, counted from 1. The operations after it are tried without it.
    pub fn overlay<'a>(&self, base: &'a dyn Records) -> Result<Overlay<'a>, Errors> {
        let mut overlay = Overlay::new(base);
        let mut errors = Vec::new();
        for (n, operation) in self.operations.iter().enumerate() {
            let at = || Position::new("operation", n as u32 + 1);
            errors.extend(overlay.apply(operation).err().map(|error| error.at(at())));
        }
        Errors(errors).into_result().map(|()| overlay)
    }

    /// The net edits: of each key the last state, those left out that are in the base already.
    pub fn edits(&self, base: &dyn Records) -> Result<Vec<Edit>, Errors> {
        self.overlay(base).map(|overlay| overlay.edits())
    }

    /// The keys that it changes or is about, as they are written.
    pub fn touched(&self, base: &dyn Records) -> BTreeSet<String> {
        let mut overlay = Overlay::new(base);
        let mut keys: BTreeSet<String> = self.operations.iter().map(Operation::subject).collect();
        for operation in &self.operations {
            // What cannot be done any more touches what it is about; `edits` says why it cannot be done.
            drop(overlay.apply(operation));
        }
        keys.extend(overlay.touched().map(shown_key));
        keys
    }

    /// The records it touches that versions after its base have changed. Where there are some, publishing wants a word
    /// that they were seen (`"rebase": true`): the draft's operations are then done on the records as they are.
    pub fn conflicts<'v>(&self, base: &dyn Records, versions: impl IntoIterator<Item = &'v Version>) -> Vec<Conflict> {
        let touched = self.touched(base);
        let mut found: BTreeMap<&str, Vec<u64>> = BTreeMap::new();
        for version in versions.into_iter().filter(|version| version.number > self.base_version) {
            for changed in version.changes.iter().filter(|changed| touched.contains(&changed.key)) {
                found.entry(&changed.key).or_default().push(version.number);
            }
        }
        let conflict = |(key, versions): (&str, Vec<u64>)| Conflict { key: key.to_owned(), versions };
        found.into_iter().map(conflict).collect()
    }
}
