//! Does one broken message in a hundred stop anything? All good ones are decided, and every broken one is where dead
//! letters go, once, with its reason and byte for byte.
//!
//! `ROLESTREAM_POISON` says how many messages there are, `ROLESTREAM_BINARY` names another build of the program.

#[path = "kafka/mod.rs"]
mod kafka;
#[path = "crash/taxonomy.rs"]
mod taxonomy;

use kafka::{Broker, Record, text};
use rolestream::admission::Reason;
use rolestream::dead_letters::DeadLetter;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::process::Command;
use std::time::Instant;

const RAW: &str = "jd.raw";
const PARSED: &str = "jd.parsed";
const TAXONOMY: &str = "taxonomy";

/// Ways of meaning nothing: topic, key, value, reason.
fn ways() -> Vec<(&'static str, &'static [u8], Vec<u8>, Reason)> {
    let nested = "[".repeat(10_000);
    let long = format!("{{\"id\": \"{}\", \"text\": \"x\"}}", "x".repeat(2_000));
    let ways: &[(&'static str, &'static [u8], &[u8], Reason)] = &[
        (RAW, b"k", b"{\"text\": \"Title: Cook\\nPrepare me", Reason::NotJson),
        (RAW, b"k", b"We are hiring a cook", Reason::NotJson),
        (RAW, b"k", nested.as_bytes(), Reason::NotJson),
        (RAW, b"k", b"[{\"text\": \"x\"}]", Reason::NotAnObject),
        (RAW, b"k", b"17", Reason::NotAnObject),
        (RAW, b"k", b"\"text\"", Reason::NotAnObject),
        (RAW, b"k", b"{\"schema\": {}, \"payload\": 5}", Reason::NotAnObject),
        (RAW, b"k", b"{\"text\": \"caf\xe9 \xff\xfe\"}", Reason::NotText),
        (RAW, b"k", b"", Reason::Empty),
        (RAW, b"k", b" \n\t", Reason::Empty),
        (RAW, b"", b"{\"text\": \"whose?\"}", Reason::NoId),
        (RAW, b"", b"{\"withdrawn\": true}", Reason::NoId),
        (RAW, b"\xff\xfe", b"{\"text\": \"x\"}", Reason::InvalidKey),
        (RAW, b"k", b"{\"id\": \" \", \"text\": \"x\"}", Reason::InvalidId),
        (RAW, b"k", b"{\"id\": \"a\\u0000b\", \"text\": \"x\"}", Reason::InvalidId),
        (RAW, b"k", long.as_bytes(), Reason::InvalidId),
        (RAW, b"k", b"{\"title\": \"Cook\"}", Reason::NoText),
        (RAW, b"k", b"{\"text\": [\"x\"]}", Reason::WrongType),
        (RAW, b"k", b"{\"text\": \"x\", \"withdrawn\": \"yes\"}", Reason::WrongType),
        (RAW, b"k", b"{\"text\": \"x\", \"received_at\": \"yesterday\"}", Reason::InvalidTime),
        (RAW, b"k", b"{\"text\": \"x\", \"received_at\": 1772357400000000}", Reason::InvalidTime),
        (RAW, b"k", b"{\"op\": \"x\", \"before\": null, \"after\": {}}", Reason::InvalidEnvelope),
        (RAW, b"k", b"{\"op\": \"c\", \"before\": null, \"after\": null}", Reason::InvalidEnvelope),
        (RAW, b"k", b"{\"op\": \"u\", \"after\": \"row\"}", Reason::InvalidEnvelope),
        (RAW, b"k", b"{\"op\": \"t\", \"before\": null}", Reason::InvalidEnvelope),
        (PARSED, b"k", b"{\"text\": \"not parsed\"}", Reason::NotParsed),
        (PARSED, b"k", b"{\"nano_parsed\": {\"education\": \"none\"}}", Reason::WrongType),
        (PARSED, b"k", b"{\"nano_parsed\": {}, \"final_skills\": [\"Knife\"]}", Reason::WrongType),
        (TAXONOMY, b"", b"{\"slug\": \"x\", \"name\": \"X\", \"id\": 1}", Reason::NoKey),
        (TAXONOMY, b"x", b"{\"slug\": \"x\", \"name\": \"X\", \"id\": 1}", Reason::InvalidKey),
        (TAXONOMY, b"roles/x", b"{\"slug\": \"x\", \"name\": \"X\", \"id\": 1}", Reason::UnknownKind),
        (TAXONOMY, b"role/x", b"{\"slug\": \"y\", \"name\": \"X\", \"id\": 1}", Reason::KeyMismatch),
        (TAXONOMY, b"role/x", b"{\"slug\": \"x\", \"nmae\": \"X\", \"id\": 1}", Reason::UnknownField),
        (TAXONOMY, b"role/x", b"{\"slug\": \"x\", \"name\": \"X\", \"id\": -1}", Reason::InvalidRecord),
        (TAXONOMY, b"kra/x", b"{\"id\": \"x\", \"role\": \"The Cook\", \"sentence\": \"x\"}", Reason::InvalidRecord),
    ];
    ways.iter().map(|(topic, key, value, reason)| (*topic, *key, value.to_vec(), *reason)).collect()
}

/// The longest text that is read.
const LONGEST: usize = 2_000;

/// A JD that is decided by its title, and for which role; now and then one that is rejected, which is an answer, too.
fn good(number: usize) -> (&'static str, Record, &'static str) {
    let (role, title, _, duties, _) = taxonomy::ROLES[number % 8];
    let duty = duties[number / 8 % 3];
    let key = format!("jd-{number}");
    if number % 1_000 == 500 {
        return (RAW, Record::new(&key, &json!({"text": "x".repeat(LONGEST + 1)}).to_string()), "too_large");
    }
    let (topic, value) = match number % 10 {
        0 => {
            let section = json!({"heading": "Responsibilities", "text": format!("- {duty}")});
            (PARSED, json!({"nano_parsed": {"role": title, "roles_and_responsibilities": [section]}}))
        }
        1 => {
            let row = json!({"text": format!("Title: {title}\n\nResponsibilities:\n- {duty}\n")});
            (RAW, json!({"op": "c", "before": null, "after": row, "ts_ms": 1_772_000_000_000_u64}))
        }
        _ => (RAW, json!({"text": format!("Title: {title}\n\nResponsibilities:\n- {duty}\n")})),
    };
    (topic, Record::new(&key, &value.to_string()), role)
}

#[test]
fn one_broken_message_in_a_hundred_stops_nothing() {
    let Some(broker) = Broker::start() else { return };
    let count = std::env::var("ROLESTREAM_POISON").map_or(100_000, |text| text.parse().expect("a number"));
    for (topic, partitions) in [(RAW, 3), (PARSED, 2), (TAXONOMY, 1)] {
        broker.create(topic, partitions, &[("retention.ms", "-1")]);
    }
    let ways = ways();
    let mut topics: BTreeMap<&str, Vec<Record>> = BTreeMap::new();
    let (mut expected, mut broken) = (BTreeMap::new(), 0);
    for number in 0..count {
        if number % 100 == 37 {
            let (topic, key, value, reason) = &ways[broken % ways.len()];
            broken += 1;
            let key = (!key.is_empty()).then(|| key.to_vec());
            let record = Record { key, value: Some(value.clone()), ..Record::default() };
            topics.entry(topic).or_default().push(record.header("reason", reason.name()));
        } else {
            let (topic, record, role) = good(number);
            expected.insert(text(record.key.as_ref()), role);
            topics.entry(topic).or_default().push(record);
        }
    }
    for (topic, records) in topics {
        records.chunks(20_000).for_each(|records| broker.produce(topic, records));
    }

    let folder = tempfile::tempdir().unwrap();
    taxonomy::write(&folder.path().join("taxonomy"));
    let program = std::env::var_os("ROLESTREAM_BINARY").unwrap_or_else(|| env!("CARGO_BIN_EXE_rolestream").into());
    let begun = Instant::now();
    let output = Command::new(program)
        .args(["run", "--once", "--json", "--brokers", &broker.address(), "--sink", "kafka"])
        .args(["--store", "store", "--taxonomy", "taxonomy", "--address", "", "--set", "engine.workers=2"])
        .args(["--set", &format!("admission.max_text_bytes={LONGEST}")])
        .current_dir(folder.path())
        .env_remove("ROLESTREAM_CONFIG")
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
    println!("{count} messages, {broken} of them broken: {:?}", begun.elapsed());
    let end: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!((end["whole"].as_bool(), end["jds"].as_u64()), (Some(true), Some(expected.len() as u64)));

    // Each JD once, and as its title has it.
    let mut decided = BTreeMap::new();
    for record in broker.read("rolestream.decisions") {
        let value: Value = serde_json::from_slice(record.value.as_ref().unwrap()).unwrap();
        let said = value["role"].as_str().or(value["rejection"].as_str()).unwrap_or_default().to_owned();
        let twice = decided.insert(text(record.key.as_ref()), said);
        assert_eq!(twice, None, "{} was decided twice", text(record.key.as_ref()));
    }
    for (jd, role) in &expected {
        assert_eq!(decided.remove(jd).as_deref(), Some(*role), "of {jd}");
    }
    assert!(decided.is_empty(), "{decided:?}");

    // Each broken message once, as it was.
    let mut letters = BTreeMap::new();
    for record in broker.read("rolestream.dead-letters") {
        let letter = serde_json::from_slice(record.value.as_ref().unwrap()).unwrap();
        let twice = letters.insert(text(record.key.as_ref()), DeadLetter::from_json(&letter).unwrap());
        assert!(twice.is_none(), "{} is there twice", text(record.key.as_ref()));
    }
    assert_eq!(letters.len(), broken);
    for topic in [RAW, PARSED, TAXONOMY] {
        for record in broker.read(topic) {
            let id = format!("{topic}/{}/{}", record.partition.unwrap(), record.offset);
            let Some((_, reason)) = record.headers.first() else {
                assert!(!letters.contains_key(&id), "{id} was good");
                continue;
            };
            let letter = letters.remove(&id).unwrap_or_else(|| panic!("{id} is lost"));
            assert_eq!(letter.reason.as_bytes(), reason, "{id}: {}", letter.detail);
            assert_eq!((letter.key, letter.value, letter.headers), (record.key, record.value, record.headers), "{id}");
        }
    }
    assert!(letters.is_empty(), "{letters:?}");
}
