//! Whatever comes in: nothing panics, and what is taken can be said again.

use super::tests::of;
use super::*;
use crate::jd::Format;
use crate::taxonomy::json_lines::Line;
use proptest::prelude::*;
use serde_json::{Value, json};

const KINDS: [Kind; 3] = [Kind::Raw, Kind::Parsed, Kind::Taxonomy];

/// What was taken, as a message that says it all: key and value.
fn said(incoming: &Incoming) -> (Option<String>, Option<Value>) {
    let written = |document: &Document| {
        json!({
            "id": document.id, "title": document.title, "text": document.text, "company": document.company,
            "received_at": document.received_at,
            "format": document.format.map(|format| if format == Format::Html { "html" } else { "text" }),
        })
    };
    match incoming {
        Incoming::Jd(document) => (None, Some(written(document))),
        Incoming::Parsed(parsed) => {
            let mut value = written(&parsed.document);
            value["nano_parsed"] = json!(parsed.nano_parsed);
            value["final_skills"] = json!(parsed.final_skills);
            value["parser"] = json!(parsed.parser);
            (None, Some(value))
        }
        Incoming::Withdrawn(id) => (Some(json!({"id": id}).to_string()), None),
        Incoming::Edit(Edit::Put(line)) => (None, Some(json!(line))),
        Incoming::Edit(Edit::Delete(key)) => (Some(format!("{}/{}", key.kind, key.key.replace('\n', "/"))), None),
        Incoming::Nothing => (None, Some(json!({"ts_ms": 1}))),
    }
}

fn check(message: &Message) -> Result<(), TestCaseError> {
    match decode(message) {
        Err(refusal) => {
            prop_assert!(refusal.error.detail.is_some() && refusal.error.hint.is_some(), "{}", refusal.error)
        }
        Ok(incoming) => {
            let (key, value) = said(&incoming);
            let again = Message {
                key: key.map(String::into_bytes),
                value: value.map(|value| value.to_string().into_bytes()),
                ..message.clone()
            };
            prop_assert_eq!(decode(&again).map_err(|refusal| refusal.error), Ok(incoming));
        }
    }
    Ok(())
}

/// JSON out of the words that mean something, so that much of it is nearly right.
fn value() -> impl Strategy<Value = Value> {
    let word = prop::sample::select(vec![
        "id",
        "text",
        "title",
        "company",
        "received_at",
        "format",
        "withdrawn",
        "nano_parsed",
        "final_skills",
        "parser",
        "op",
        "before",
        "after",
        "ts_ms",
        "schema",
        "payload",
        "collection",
        "slug",
        "name",
        "role",
        "skill",
        "term",
        "verdict",
        "sentence",
        "key",
        "value",
        "skill_name",
        "is_primary",
        "experience",
        "min",
        "JD_type",
        "roles_and_responsibilities",
        "heading",
        "__deleted",
        "html",
        "c",
        "d",
        "r",
        "role/cook",
        "cook",
        "roles",
        "aliases",
        "role_skills",
        "ambiguous",
        "2026-03-01T09:30:00Z",
        "\u{0}",
        "true",
        "pass",
    ]);
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        ".{0,8}".prop_map(Value::from),
        word.clone().prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 40, 8, move |inner| {
        let word = word.clone();
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::vec((word, inner), 0..8)
                .prop_map(|fields| Value::Object(fields.into_iter().map(|(k, v)| (k.to_owned(), v)).collect())),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]

    #[test]
    fn any_bytes_are_taken_or_refused(
        kind in prop::sample::select(KINDS.to_vec()),
        source in prop::sample::select(vec!["kafka", "file"]),
        key in prop::option::of(prop::collection::vec(any::<u8>(), 0..40)),
        value in prop::option::of(prop::collection::vec(any::<u8>(), 0..200)),
    ) {
        check(&of(source, kind, key.as_deref(), value.as_deref()))?;
    }

    #[test]
    fn what_is_taken_can_be_said_again(
        kind in prop::sample::select(KINDS.to_vec()),
        source in prop::sample::select(vec!["kafka", "file"]),
        key in prop::option::of(".{0,12}|role/cook|alias/cook/x|\\{\"id\":\"a\"\\}"),
        value in value(),
        (id, text) in (prop::option::of("[a-z]{1,3}"), prop::option::of(".{0,20}")),
    ) {
        let mut value = value;
        if let Value::Object(fields) = &mut value {
            fields.extend(id.map(|id| ("id".to_owned(), Value::from(id))));
            fields.extend(text.map(|text| ("text".to_owned(), Value::from(text))));
            fields.entry("nano_parsed").or_insert_with(|| json!({"role": "Cook"}));
        }
        check(&of(source, kind, key.as_deref().map(str::as_bytes), Some(value.to_string().as_bytes())))?;
    }
}

#[test]
fn an_export_of_the_shipped_taxonomy_is_taken_whole() {
    let taxonomy = crate::taxonomy::Taxonomy::shipped().unwrap();
    let mut lines = Vec::new();
    crate::taxonomy::json_lines::write(&taxonomy, &mut lines).unwrap();
    let mut records = 0;
    for line in lines.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()) {
        let message = of("file", Kind::Taxonomy, None, Some(line));
        match decode(&message).unwrap() {
            Incoming::Edit(Edit::Put(line)) => {
                records += 1;
                assert!(!matches!(line, Line::Taxonomy { .. }));
            }
            other => assert_eq!(other, Incoming::Nothing),
        }
    }
    assert!(records > 2_000, "{records}");
}
