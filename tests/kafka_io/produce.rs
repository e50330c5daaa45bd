//! Does `rolestream produce` send what it should, and say what it did?

use super::kafka::{Broker, text};
use serde_json::Value;
use std::collections::BTreeSet;
use std::process::{Command, Output};

fn produce(arguments: &[&str], folder: &std::path::Path) -> Output {
    Command::new(env!("CARGO_BIN_EXE_rolestream"))
        .arg("produce")
        .args(arguments)
        .current_dir(folder)
        .env_remove("ROLESTREAM_CONFIG")
        .output()
        .unwrap()
}

#[test]
fn samples_are_sent_over_and_over_each_under_an_id_of_its_own() {
    let Some(broker) = Broker::shared() else { return };
    let folder = tempfile::tempdir().unwrap();
    let address = broker.address();
    let output = produce(&["--brokers", &address, "--topic", "samples", "--count", "200", "--json"], folder.path());
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.success(), "{said}");
    let summary: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!((summary["sent"].as_u64(), summary["failed"].as_u64()), (Some(200), Some(0)));
    assert!(summary["rate"].as_f64().unwrap() > 0.0 && summary["seconds"].as_f64().unwrap() > 0.0);
    let records = broker.read("samples");
    let ids: BTreeSet<String> = records.iter().map(|record| text(record.key.as_ref())).collect();
    assert_eq!((records.len(), ids.len()), (200, 200));
    for record in &records {
        let value: Value = serde_json::from_slice(record.value.as_ref().unwrap()).unwrap();
        assert_eq!(value["id"].as_str(), Some(text(record.key.as_ref()).as_str()));
        assert!(value["text"].is_string());
    }
}

#[test]
fn files_and_edits_go_to_their_topics_at_the_rate_that_is_asked_for() {
    let Some(broker) = Broker::shared() else { return };
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(
        folder.path().join("jds.jsonl"),
        "{\"id\":\"a\",\"text\":\"x\"}\nnonsense\n{\"id\":\"b\",\"text\":\"y\"}\n",
    )
    .unwrap();
    let edits = "{\"key\":\"skills/x\",\"value\":{\"name\":\"X\"}}\n{\"key\":\"skills/x\",\"value\":null}\n";
    std::fs::write(folder.path().join("edits.jsonl"), edits).unwrap();
    let settings = format!(
        "[kafka]\nbrokers = \"{}\"\nraw = [\"p.*\", \"p.raw\"]\ntaxonomy = [\"p.taxonomy\"]\n",
        broker.address()
    );
    std::fs::write(folder.path().join("rolestream.toml"), settings).unwrap();
    let output = produce(&["jds.jsonl", "--taxonomy-edits", "edits.jsonl", "--rate", "20", "--json"], folder.path());
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(said.contains("jds.jsonl:2"), "{said}");
    let summary: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!((summary["sent"].as_u64(), summary["unread"].as_u64()), (Some(4), Some(1)));
    // The fourth of 20 a second is due after 150 ms.
    assert!(summary["seconds"].as_f64().unwrap() >= 0.15, "{summary}");
    let keys: Vec<String> = broker.read("p.raw").iter().map(|record| text(record.key.as_ref())).collect();
    assert_eq!(keys, ["a", "b"]);
    let edits = broker.read("p.taxonomy");
    let values: Vec<Option<String>> =
        edits.iter().map(|record| record.value.as_ref().map(|value| text(Some(value)))).collect();
    assert_eq!(values, [Some("{\"name\":\"X\"}".to_owned()), None]);
}

#[test]
fn without_a_broker_it_says_so_and_does_not_begin() {
    let folder = tempfile::tempdir().unwrap();
    for (arguments, part) in [(&["--brokers", "127.0.0.1:1"][..], "127.0.0.1:1"), (&[], "kafka.brokers is empty")] {
        let output = produce(arguments, folder.path());
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2), "{said}");
        assert!(said.contains(part) && said.contains("hint: "), "{said}");
    }
}
