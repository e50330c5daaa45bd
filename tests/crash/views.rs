//! Do the sinks hold what the views hold? Each topic compacted, against the rows of its view.

use super::kafka::Broker;
use rolestream::service::Service;
use rolestream::sinks::{Changelog, rows};
use rolestream_dataflows::views::Snapshot;
use serde_json::Value;
use std::collections::BTreeMap;

/// Every topic of a view against it.
pub(crate) fn check(service: &Service, snapshot: &Snapshot, broker: &Broker) {
    let (lookup, store) = (service.lookup(), service.store());
    let mut expected: BTreeMap<Changelog, BTreeMap<String, String>> = BTreeMap::new();
    for row in rows(snapshot) {
        let of_view = expected.entry(row.changelog()).or_default();
        let twice = of_view.insert(row.key(lookup), row.json(lookup, store).to_string());
        assert_eq!(twice, None, "two rows have the key {}", row.key(lookup));
    }
    for changelog in Changelog::ALL.into_iter().filter(|changelog| *changelog != Changelog::RoleChanges) {
        let expected = expected.remove(&changelog).unwrap_or_default();
        same(changelog.name(), &expected, &broker.compacted(&format!("rolestream.{}", changelog.name())));
        println!("{}: {} rows", changelog.name(), expected.len());
        assert!(!expected.is_empty(), "{} is empty", changelog.name());
    }
}

/// Every dead letter, and nothing else.
pub(crate) fn check_letters(expected: &BTreeMap<String, String>, broker: &Broker) {
    let letters = broker.compacted("rolestream.dead-letters").into_iter().map(|(key, letter)| {
        let letter: Value = serde_json::from_str(&letter).unwrap();
        (key, letter["reason"].as_str().unwrap().to_owned())
    });
    same("dead-letters", expected, &letters.collect());
}

/// Fails where they differ, with the first keys that do.
pub(crate) fn same(topic: &str, expected: &BTreeMap<String, String>, got: &BTreeMap<String, String>) {
    let keys = expected.keys().chain(got.keys().filter(|key| !expected.contains_key(*key)));
    let differing: Vec<&String> = keys.filter(|key| expected.get(*key) != got.get(*key)).collect();
    let shown = differing.iter().take(3);
    let shown: String = shown
        .map(|key| format!("{key}\n expected {:?}\n got      {:?}\n", expected.get(*key), got.get(*key)))
        .collect();
    assert!(differing.is_empty(), "{topic}: {} keys differ\n{shown}", differing.len());
}
