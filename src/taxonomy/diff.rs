//! How do two taxonomies differ? By collection and key: added, removed, and which fields changed from what to what.

use super::{Keyed, Table, Taxonomy};
use serde::Serialize;
use serde_json::{Map, Value};

/// One record that differs.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Difference {
    /// The collection's name in SPEC §1.
    pub collection: &'static str,
    /// The record's key there; parts are joined by a line feed.
    pub key: String,
    /// What became of it.
    #[serde(flatten)]
    pub change: Change,
}

/// What became of a record.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Change {
    /// It is new, with these fields.
    Added(Map<String, Value>),
    /// It is gone; these were its fields.
    Removed(Map<String, Value>),
    /// These of its fields changed, in the order of their names.
    Changed(Vec<FieldChange>),
}

/// One field that changed.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct FieldChange {
    /// Its name.
    pub field: String,
    /// What it was; null where it was at its default.
    pub before: Value,
    /// What it is; null where it is at its default.
    pub after: Value,
}

/// What changed from `before` to `after`, by collection in SPEC's order, then by key.
pub fn diff(before: &Taxonomy, after: &Taxonomy) -> Vec<Difference> {
    let mut out = Vec::new();
    table(&before.roles, &after.roles, &mut out);
    table(&before.aliases, &after.aliases, &mut out);
    table(&before.alias_rules, &after.alias_rules, &mut out);
    table(&before.kras, &after.kras, &mut out);
    table(&before.skills, &after.skills, &mut out);
    table(&before.dimensions, &after.dimensions, &mut out);
    table(&before.role_dimensions, &after.role_dimensions, &mut out);
    table(&before.role_skills, &after.role_skills, &mut out);
    out
}

fn table<R: Keyed + Serialize + PartialEq>(before: &Table<R>, after: &Table<R>, out: &mut Vec<Difference>) {
    let mut keys: Vec<&str> = before.keys().chain(after.keys().filter(|key| !before.contains(key))).collect();
    keys.sort_unstable();
    for key in keys {
        let change = match (before.get(key), after.get(key)) {
            (Some(old), Some(new)) if old == new => continue,
            (Some(old), Some(new)) => Change::Changed(changes(fields(old), fields(new))),
            (Some(old), None) => Change::Removed(fields(old)),
            (None, Some(new)) => Change::Added(fields(new)),
            (None, None) => continue,
        };
        out.push(Difference { collection: R::COLLECTION, key: key.to_owned(), change });
    }
}

fn fields<R: Serialize>(record: &R) -> Map<String, Value> {
    match serde_json::to_value(record) {
        Ok(Value::Object(fields)) => fields,
        // Records are structs of texts, numbers and lists: they always become objects.
        _ => Map::new(),
    }
}

fn changes(mut old: Map<String, Value>, new: Map<String, Value>) -> Vec<FieldChange> {
    let mut changes: Vec<FieldChange> = new
        .into_iter()
        .filter_map(|(field, after)| {
            let before = old.remove(&field).unwrap_or_default();
            (before != after).then_some(FieldChange { field, before, after })
        })
        .collect();
    changes.extend(old.into_iter().map(|(field, before)| FieldChange { field, before, after: Value::Null }));
    changes.sort_by(|a, b| a.field.cmp(&b.field));
    changes
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Position;
    use crate::taxonomy::{Alias, Role};

    #[test]
    fn what_is_added_removed_and_changed_is_told_by_field() {
        let role = |name: &str, archetype: &str| Role {
            slug: "cook".to_owned(),
            name: name.to_owned(),
            number: 1,
            archetype: archetype.to_owned(),
            ..Role::default()
        };
        let alias = |text: &str| Alias { role: "cook".to_owned(), text: text.to_owned() };
        let (mut before, mut after) = (Taxonomy::default(), Taxonomy::default());
        before.roles.put(role("Cook", "Kitchen"), Position::default());
        before.aliases.put(alias("Chef"), Position::default());
        after.roles.put(role("Head Cook", ""), Position::default());
        after.aliases.put(alias("Line Cook"), Position::default());
        let said: Vec<Value> = diff(&before, &after).iter().map(|d| serde_json::to_value(d).unwrap()).collect();
        let expected = serde_json::json!([
            {"collection": "roles", "key": "cook", "changed": [
                {"field": "archetype", "before": "Kitchen", "after": null},
                {"field": "name", "before": "Cook", "after": "Head Cook"}]},
            {"collection": "aliases", "key": "cook\nchef", "removed": {"role": "cook", "text": "Chef"}},
            {"collection": "aliases", "key": "cook\nline cook", "added": {"role": "cook", "text": "Line Cook"}},
        ]);
        assert_eq!(Value::Array(said), expected);
        assert_eq!(diff(&after, &after), []);
    }
}
