mod drafts;
mod operations;
mod properties;

use super::records::KINDS;
use super::values::{self, Values};
use super::{Operation, Overlay, Records};
use crate::taxonomy::json_lines::Line;
use rolestream_dataflows::fixed::{DIMENSIONS, Vector};
use rolestream_dataflows::records::{Change, Key, Record, Settings, Tables};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// An operation as a client writes it.
fn op(value: Value) -> Operation {
    serde_json::from_value(value).unwrap()
}

/// A line as the engine takes it.
fn change(line: Line) -> Change {
    let mut one = crate::taxonomy::Taxonomy::default();
    one.take(line, crate::error::Position::default()).unwrap();
    let mut embed = |texts: &[&str]| {
        let vector = |text: &&str| Vector::new(&[text.len() as i8 % 8; DIMENSIONS]);
        texts.iter().map(vector).collect()
    };
    Change::Put(one.to_records(&mut embed).pop().unwrap())
}

/// A small kitchen: roles cook, baker and grill; skills knife, oven, dough and fire in two dimensions.
fn kitchen() -> Tables {
    let mut tables = Tables::default();
    tables.apply(Change::Put(Record::Settings(Settings::default())));
    for line in [
        json!({"collection": "roles", "slug": "cook", "name": "Cook", "id": 1, "archetype": "Kitchen"}),
        json!({"collection": "roles", "slug": "baker", "name": "Baker", "id": 2}),
        json!({"collection": "roles", "slug": "grill", "name": "Grill Cook", "id": 3}),
        json!({"collection": "aliases", "role": "cook", "text": "Chef"}),
        json!({"collection": "aliases", "role": "cook", "text": "Line Cook"}),
        json!({"collection": "aliases", "role": "baker", "text": "Pastry Chef"}),
        json!({"collection": "kras", "id": "cook/cuts", "role": "cook", "sentence": "Cuts what is to be cut."}),
        json!({"collection": "kras", "id": "cook/fries", "role": "cook", "sentence": "Fries what is to be fried."}),
        json!({"collection": "kras", "id": "baker/bakes", "role": "baker", "sentence": "Bakes bread and cake."}),
        json!({"collection": "dimensions", "slug": "tools", "name": "Tools"}),
        json!({"collection": "dimensions", "slug": "heat", "name": "Heat"}),
        json!({"collection": "skills", "slug": "knife", "name": "Knife", "id": 1, "dimension": "tools", "aliases": ["Blade", "Cleaver"]}),
        json!({"collection": "skills", "slug": "oven", "name": "Oven", "id": 2, "dimension": "heat"}),
        json!({"collection": "skills", "slug": "dough", "name": "Dough", "id": 3}),
        json!({"collection": "skills", "slug": "fire", "name": "Fire", "id": 4, "dimension": "heat", "aliases": ["Flame"]}),
        json!({"collection": "role_dimensions", "role": "cook", "dimension": "tools"}),
        json!({"collection": "role_dimensions", "role": "cook", "dimension": "heat"}),
        json!({"collection": "role_dimensions", "role": "baker", "dimension": "heat"}),
        json!({"collection": "role_skills", "role": "cook", "skill": "knife"}),
        json!({"collection": "role_skills", "role": "cook", "skill": "fire"}),
        json!({"collection": "role_skills", "role": "baker", "skill": "oven"}),
        json!({"collection": "role_skills", "role": "baker", "skill": "dough"}),
    ] {
        tables.apply(change(values::to_line(line).unwrap()));
    }
    tables
}

/// A record of these, by its written key.
fn at(records: &dyn Records, key: &str) -> Option<Value> {
    let key = crate::sources::decode::record_key(key).unwrap();
    records.get(&key).map(|line| values::of_line(&line))
}

/// The kitchen after some operations, each of which must be possible.
fn after(base: &Tables, operations: &[Value]) -> Values {
    let mut overlay = Overlay::new(base);
    for operation in operations {
        overlay.apply(&op(operation.clone())).unwrap_or_else(|error| panic!("{operation}: {error}"));
    }
    values::of_records(&overlay)
}

fn lines(records: &dyn Records) -> BTreeMap<Key, Line> {
    KINDS.iter().flat_map(|kind| records.of_kind(kind)).map(|line| (line.key().unwrap(), line)).collect()
}
