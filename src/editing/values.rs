//! What is a record as JSON, and which change does such a value mean?
//!
//! A record of a collection of the taxonomy is its line, `{"collection": "roles", "slug": …}`. Records that are versioned
//! or taken back with it and are no lines (settings, reviews, adjudications) are their fields beside their collection.
//! Either stands under its key as it is written, `role/data-engineer`; the settings under `settings/`.

use super::records::{Records, line};
use crate::error::{Error, listed};
use crate::sources::Edit;
use crate::sources::decode::{record_key, shown_key};
use crate::taxonomy::json_lines::{self, Line};
use rolestream_dataflows::records::{Change, Key, Record, Tables};
use serde::Serialize;
use serde_json::Value;
use std::collections::BTreeMap;

/// Records by their written keys.
pub type Values = BTreeMap<String, Value>;

/// What puts a record back as it was.
#[derive(Clone, Debug, PartialEq)]
pub enum Restore {
    /// A record of a taxonomy; its texts are embedded anew.
    Edit(Edit),
    /// Any other.
    Raw(RawChange),
}

/// A change of a record that is no line.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct RawChange {
    /// Its key as it is written.
    pub key: String,
    /// What it is from now on; none: it is deleted.
    pub value: Option<Value>,
}

/// Kinds that are no lines, and their collections.
const RAW: [(&str, &str); 3] = [("settings", "settings"), ("review", "reviews"), ("adjudication", "adjudications")];

/// The kind in a written key.
pub fn kind(key: &str) -> &str {
    key.split('/').next().unwrap_or_default()
}

/// A line as JSON.
pub fn of_line(line: &Line) -> Value {
    // Lines are structs of texts, numbers and lists: they always become objects.
    serde_json::to_value(line).unwrap_or_default()
}

/// A record as JSON; none for facts, which no version changes.
pub fn of_record(record: &Record) -> Option<Value> {
    if let Some(line) = line(record) {
        return Some(of_line(&line));
    }
    let value = match record {
        Record::Settings(settings) => serde_json::to_value(settings),
        Record::Review(review) => serde_json::to_value(review),
        Record::Adjudication(adjudication) => serde_json::to_value(adjudication),
        _ => return None,
    };
    let mut value = value.ok()?;
    let (_, collection) = RAW.iter().find(|(kind, _)| *kind == record.key().kind)?;
    value.as_object_mut()?.insert("collection".to_owned(), Value::from(*collection));
    Some(value)
}

/// All records that have such a form, by key.
pub fn all(tables: &Tables) -> Values {
    tables.iter().filter_map(|record| Some((shown_key(&record.key()), of_record(record)?))).collect()
}

/// All records of a taxonomy, by key.
pub fn of_records(records: &dyn Records) -> Values {
    let lines = super::records::KINDS.iter().flat_map(|kind| records.of_kind(kind));
    lines.filter_map(|line| Some((shown_key(&line.key()?), of_line(&line)))).collect()
}

/// A JSON value as the line that it is.
pub fn to_line(value: Value) -> Result<Line, Error> {
    json_lines::from_value(value)
}

/// What gives a key this value, or none.
pub fn restore(key: &str, value: Option<Value>) -> Result<Restore, Error> {
    if !super::records::KINDS.contains(&kind(key)) {
        return Ok(Restore::Raw(RawChange { key: key.to_owned(), value }));
    }
    Ok(Restore::Edit(match value {
        Some(value) => Edit::Put(to_line(value)?),
        None => Edit::Delete(record_key(key)?),
    }))
}

impl RawChange {
    /// The key that it writes; none where the kind is not known here.
    pub fn key(&self) -> Option<Key> {
        let (kind, _) = RAW.iter().find(|(name, _)| *name == kind(&self.key))?;
        let rest = self.key.split_once('/').map_or("", |(_, rest)| rest);
        Some(Key { kind, key: rest.replace('/', "\n") })
    }

    /// As the engine takes it. A kind that this does not know is an error: whoever made that kind knows it.
    pub fn change(self) -> Result<Change, Error> {
        let Some(key) = RawChange::key(&self) else {
            return Err(Error::new(format!("no record is of the kind \"{}\"", kind(&self.key)))
                .detail(format!("the key is \"{}\"; kinds are {}", self.key, listed(RAW.map(|(kind, _)| kind))))
                .hint("use the program that wrote this version"));
        };
        let Some(mut value) = self.value else { return Ok(Change::Delete(key)) };
        if let Some(fields) = value.as_object_mut() {
            fields.remove("collection");
        }
        let record = match key.kind {
            "settings" => serde_json::from_value(value).map(Record::Settings),
            "review" => serde_json::from_value(value).map(Record::Review),
            _ => serde_json::from_value(value).map(Record::Adjudication),
        };
        record.map(Change::Put).map_err(|error| {
            Error::new(format!("the record \"{}\" cannot be read", self.key))
                .detail(error.to_string())
                .hint("use the program that wrote this version")
        })
    }
}
