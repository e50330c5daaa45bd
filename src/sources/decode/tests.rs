//! What each kind of message means, and why what means nothing is refused.

use super::*;
use crate::jd::Format;
use crate::sources::{Position, Stream};
use crate::taxonomy::json_lines::Line;
use rolestream_dataflows::records::Key;
use serde_json::{Value, json};

pub(super) fn of(source: &str, kind: Kind, key: Option<&[u8]>, value: Option<&[u8]>) -> Message {
    Message {
        kind,
        stream: Stream { source: source.into(), name: "jd.raw".into(), partition: 3 },
        offset: 17,
        read_to: Position { next: 18, line: 0, mark: 0 },
        key: key.map(<[u8]>::to_vec),
        value: value.map(<[u8]>::to_vec),
        timestamp: Some(1_000),
        headers: Vec::new(),
    }
}

fn kafka(kind: Kind, key: &str, value: &Value) -> Result<Incoming, Refusal> {
    let key = Some(key.as_bytes()).filter(|key| !key.is_empty());
    decode(&of("kafka", kind, key, Some(value.to_string().as_bytes())))
}

fn line(kind: Kind, value: &Value) -> Result<Incoming, Refusal> {
    decode(&of("file", kind, None, Some(value.to_string().as_bytes())))
}

fn jd(incoming: Result<Incoming, Refusal>) -> Document {
    match incoming.unwrap() {
        Incoming::Jd(document) => document,
        other => panic!("{other:?}"),
    }
}

fn withdrawn(id: &str) -> Result<Incoming, Refusal> {
    Ok(Incoming::Withdrawn(id.to_owned()))
}

fn reason(incoming: Result<Incoming, Refusal>) -> Reason {
    let refusal = incoming.unwrap_err();
    let error = &refusal.error;
    assert!(error.detail.is_some() && error.hint.is_some() && error.source.is_some(), "{error}");
    refusal.reason
}

#[test]
fn a_jd_is_called_by_its_value_else_its_key_else_its_line() {
    let text = json!({"text": "x"});
    assert_eq!(jd(kafka(Kind::Raw, "k", &json!({"id": "v", "text": "x"}))).id, "v");
    assert_eq!(jd(kafka(Kind::Raw, "k", &text)).id, "k");
    assert_eq!(jd(line(Kind::Raw, &text)).id, "jd.raw:17");
    assert_eq!(reason(kafka(Kind::Raw, "", &text)), Reason::NoId);
    for key in
        ["{\"id\":\"k\"}", "{\"schema\":{},\"payload\":{\"id\":\"k\"}}", "{\"schema\":{},\"payload\":\"k\"}", "\"k\""]
    {
        assert_eq!(jd(kafka(Kind::Raw, key, &text)).id, "k", "{key}");
    }
    assert_eq!(jd(kafka(Kind::Raw, "{\"id\": 7}", &text)).id, "7");
    assert_eq!(jd(kafka(Kind::Raw, "{draft} 7", &text)).id, "{draft} 7");
}

#[test]
fn a_jd_was_received_when_it_says_else_when_its_message_was_written() {
    let said = json!({"id": "a", "text": "x", "received_at": "1970-01-01T00:00:09Z"});
    assert_eq!(jd(kafka(Kind::Raw, "", &said)).received_at, Some(9_000));
    assert_eq!(jd(kafka(Kind::Raw, "", &json!({"id": "a", "text": "x"}))).received_at, Some(1_000));
    let event = json!({"op": "c", "before": null, "after": {"id": "a", "text": "x"}, "ts_ms": 5_000});
    assert_eq!(jd(kafka(Kind::Raw, "", &event)).received_at, Some(5_000));
}

#[test]
fn what_the_value_says_gets_into_the_document() {
    let value = json!({"id": "a", "title": "T", "text": "<p>x", "company": "C", "format": "html", "salary": 5});
    let document = jd(kafka(Kind::Raw, "", &value));
    assert_eq!(document.title.as_deref(), Some("T"));
    assert_eq!((document.text.as_str(), document.company.as_deref()), ("<p>x", Some("C")));
    assert_eq!(document.format, Some(Format::Html));
    assert_eq!(document.at.to_string(), "jd.raw/3/17");
    assert_eq!(jd(line(Kind::Raw, &value)).at.to_string(), "jd.raw:17");
}

#[test]
fn a_jd_is_withdrawn_by_a_tombstone_or_by_saying_so() {
    for kind in [Kind::Raw, Kind::Parsed] {
        assert_eq!(decode(&of("kafka", kind, Some(b"a"), None)), withdrawn("a"));
        assert_eq!(reason(decode(&of("kafka", kind, None, None))), Reason::NoId);
        let said = json!({"id": "a", "withdrawn": true});
        assert_eq!(line(kind, &said), withdrawn("a"));
        assert_eq!(kafka(kind, "k", &said), withdrawn("a"));
        assert_eq!(kafka(kind, "k", &json!({"withdrawn": true})), withdrawn("k"));
        // A line cannot mean itself.
        assert_eq!(reason(line(kind, &json!({"withdrawn": true}))), Reason::NoId);
        assert_eq!(reason(kafka(kind, "k", &json!({"withdrawn": "yes", "text": ""}))), Reason::WrongType);
    }
    assert_eq!(jd(line(Kind::Raw, &json!({"id": "a", "text": "x", "withdrawn": false}))).id, "a");
}

#[test]
fn envelopes_of_change_data_capture_are_taken_off() {
    let row = json!({"id": "a", "text": "x"});
    let wrapped = |payload: Value| json!({"schema": {"type": "struct"}, "payload": payload});
    for (op, before) in [("c", Value::Null), ("r", Value::Null), ("u", row.clone())] {
        let event = json!({"op": op, "before": before, "after": row, "source": {}, "ts_ms": 1});
        assert_eq!(jd(kafka(Kind::Raw, "k", &event)).id, "a", "{op}");
        assert_eq!(jd(kafka(Kind::Raw, "k", &wrapped(event))).text, "x", "{op}");
    }
    let gone = json!({"op": "d", "before": {"id": "a", "text": null}, "after": null});
    assert_eq!(kafka(Kind::Raw, "k", &gone), withdrawn("a"));
    assert_eq!(kafka(Kind::Raw, "{\"id\":\"k\"}", &json!({"op": "d", "before": null, "after": null})), withdrawn("k"));
    assert_eq!(kafka(Kind::Raw, "k", &wrapped(Value::Null)), withdrawn("k"));
    assert_eq!(kafka(Kind::Raw, "k", &json!({"id": "a", "text": "x", "__deleted": "true"})), withdrawn("a"));
    assert_eq!(jd(kafka(Kind::Raw, "k", &json!({"id": "a", "text": "x", "__deleted": "false"}))).id, "a");
    assert_eq!(jd(kafka(Kind::Raw, "k", &wrapped(row))).id, "a");
}

#[test]
fn heartbeats_markers_and_reads_of_nothing_say_nothing() {
    for value in [
        json!({"ts_ms": 5}),
        json!({"schema": {}, "payload": {"ts_ms": 5}}),
        json!({"status": "BEGIN", "id": "571:1", "event_count": null, "data_collections": null, "ts_ms": 5}),
        json!({"op": "r", "before": null, "after": null}),
        json!({"op": "m", "before": null, "after": null}),
    ] {
        for kind in [Kind::Raw, Kind::Parsed, Kind::Taxonomy] {
            assert_eq!(kafka(kind, "{\"serverName\":\"s\"}", &value), Ok(Incoming::Nothing), "{value}");
        }
    }
}

#[test]
fn what_is_no_message_is_refused_by_its_reason() {
    let bytes = |bytes: &[u8]| reason(decode(&of("kafka", Kind::Raw, Some(b"k"), Some(bytes))));
    assert_eq!(bytes(b""), Reason::Empty);
    assert_eq!(bytes(b" \n"), Reason::Empty);
    assert_eq!(bytes(b"{\"text\": \"caf\xe9\"}"), Reason::NotText);
    assert_eq!(bytes(b"We are hiring"), Reason::NotJson);
    assert_eq!(bytes(b"{\"text\": \"\\ud800\"}"), Reason::NotJson);
    assert_eq!(bytes(b"{\"text\": \"\", \"n\": 1e999}"), Reason::NotJson);
    assert_eq!(bytes("[".repeat(100_000).as_bytes()), Reason::NotJson);
    assert_eq!(bytes(b"[{\"text\": \"x\"}]"), Reason::NotAnObject);
    assert_eq!(bytes(b"{\"schema\": {}, \"payload\": 5}"), Reason::NotAnObject);
    assert_eq!(bytes(b"{\"title\": \"x\"}"), Reason::NoText);
    assert_eq!(bytes(b"{\"text\": 5}"), Reason::WrongType);
    assert_eq!(bytes(b"{\"id\": \"a\\u0000b\", \"text\": \"\"}"), Reason::InvalidId);
    assert_eq!(bytes(format!("{{\"id\": \"{}\", \"text\": \"\"}}", "x".repeat(2_000)).as_bytes()), Reason::InvalidId);
    assert_eq!(bytes(b"{\"text\": \"\", \"received_at\": \"soon\"}"), Reason::InvalidTime);
    assert_eq!(bytes(b"{\"op\": \"x\", \"after\": {}}"), Reason::InvalidEnvelope);
    assert_eq!(bytes(b"{\"op\": \"t\", \"before\": null}"), Reason::InvalidEnvelope);
    assert_eq!(bytes(b"{\"op\": \"c\", \"after\": 1}"), Reason::InvalidEnvelope);
    assert_eq!(bytes(b"{\"op\": \"u\", \"after\": null}"), Reason::InvalidEnvelope);
    assert_eq!(reason(decode(&of("kafka", Kind::Raw, Some(b"\xff"), Some(b"{\"text\": \"\"}")))), Reason::InvalidKey);
    // A file may be in another encoding; and twice the same key is once, the last.
    let old = decode(&of("file", Kind::Raw, None, Some(b"{\"text\": \"caf\xe9\", \"id\": 1, \"id\": 2}")));
    assert_eq!((jd(old.clone()).text, jd(old).id), ("café".to_owned(), "2".to_owned()));
    let mut cut = of("file", Kind::Raw, None, Some(b"{\"text\": \"x\"}"));
    cut.headers.push((CUT.to_owned(), b"100".to_vec()));
    assert_eq!(reason(decode(&cut)), Reason::TooLarge);
}

#[test]
fn a_parse_is_taken_with_what_it_leaves_out() {
    let value = json!({
        "id": "a", "parser": "model-7", "received_at": "1970-01-01T00:00:02Z",
        "nano_parsed": {"role": "Cook", "company_name": "C", "education": null, "experience": {"min": 2, "max": null}, "odd": 1},
        "final_skills": [{"skill_name": "Knife", "is_primary": true}, {"skill_name": "Salt"}],
    });
    let Ok(Incoming::Parsed(parsed)) = kafka(Kind::Parsed, "", &value) else { panic!() };
    assert_eq!(parsed.document.title.as_deref(), Some("Cook"));
    assert_eq!((parsed.document.company.as_deref(), parsed.document.received_at), (Some("C"), Some(2_000)));
    assert_eq!(parsed.nano_parsed.jd_type, crate::jd::JdType::Pass);
    assert_eq!(parsed.nano_parsed.experience.as_ref().unwrap().min, Some(2));
    assert_eq!((parsed.final_skills.len(), parsed.final_skills[1].is_primary), (2, false));
    assert_eq!(parsed.parser.as_deref(), Some("model-7"));
    let mut other = parsed.clone();
    other.document.received_at = None;
    assert_eq!(other.content(), parsed.content());
    other.final_skills.pop();
    assert_ne!(other.content(), parsed.content());
}

#[test]
fn a_parse_that_is_none_is_refused_with_the_field() {
    let refusal = |nano: Value, skills: Value| {
        kafka(Kind::Parsed, "a", &json!({"nano_parsed": nano, "final_skills": skills})).unwrap_err()
    };
    let one = refusal(json!({"role": "x", "education": "none"}), json!([]));
    assert_eq!((one.reason, one.error.primary.as_str()), (Reason::WrongType, "\"nano_parsed.education\" does not fit"));
    assert_eq!(refusal(json!({}), json!(["Knife"])).reason, Reason::WrongType);
    assert_eq!(refusal(json!({}), json!({})).reason, Reason::WrongType);
    assert_eq!(refusal(json!([]), json!([])).reason, Reason::WrongType);
    assert_eq!(refusal(Value::Null, json!([])).reason, Reason::NotParsed);
}

fn put(incoming: Result<Incoming, Refusal>) -> Line {
    match incoming.unwrap() {
        Incoming::Edit(Edit::Put(line)) => line,
        other => panic!("{other:?}"),
    }
}

#[test]
fn every_kind_of_record_is_put_and_deleted_by_its_key() {
    for (key, value, kind, parts) in [
        ("role/cook", json!({"slug": "cook", "name": "Cook", "id": 1}), "role", &["cook"][..]),
        ("alias/cook/Chef/Boss", json!({"role": "cook", "text": "chef/boss"}), "alias", &["cook", "chef/boss"]),
        ("alias-rule/ Head  Chef", json!({"term": "head chef", "verdict": "ambiguous"}), "alias-rule", &["head chef"]),
        ("kra/cook/k1", json!({"id": "cook/k1", "role": "cook", "sentence": "Cooks."}), "kra", &["cook/k1"]),
        ("skill/knife", json!({"slug": "knife", "name": "Knife", "id": 1}), "skill", &["knife"]),
        ("dimension/tools", json!({"slug": "tools", "name": "Tools"}), "dimension", &["tools"]),
        (
            "role-dimension/cook/tools",
            json!({"role": "cook", "dimension": "tools"}),
            "role-dimension",
            &["cook", "tools"],
        ),
        ("role-skill/cook/knife", json!({"role": "cook", "skill": "knife"}), "role-skill", &["cook", "knife"]),
    ] {
        let named = Key::new(kind, parts);
        assert_eq!(put(kafka(Kind::Taxonomy, key, &value)).key().as_ref(), Some(&named), "{key}");
        assert_eq!(
            put(line(Kind::Taxonomy, &json!({"key": key, "value": value}))).key().as_ref(),
            Some(&named),
            "{key}"
        );
        let deleted = Ok(Incoming::Edit(Edit::Delete(named)));
        assert_eq!(decode(&of("kafka", Kind::Taxonomy, Some(key.as_bytes()), None)), deleted, "{key}");
        assert_eq!(line(Kind::Taxonomy, &json!({"key": key, "value": null})), deleted, "{key}");
        // As an export has it: the record names itself.
        let mut export = value.clone();
        export["collection"] = json!(super::taxonomy::collection(kind).unwrap());
        assert_eq!(put(line(Kind::Taxonomy, &export)), put(kafka(Kind::Taxonomy, key, &export)), "{key}");
        let row = json!({"op": "d", "before": export, "after": null});
        assert_eq!(kafka(Kind::Taxonomy, "", &row), deleted, "{key}");
    }
    assert_eq!(line(Kind::Taxonomy, &json!({"collection": "taxonomy", "name": "Kitchen"})), Ok(Incoming::Nothing));
}

#[test]
fn edits_that_cannot_be_told_are_refused() {
    use Reason::{InvalidKey, InvalidRecord, KeyMismatch, NoKey, UnknownField, UnknownKind};
    let cook = json!({"slug": "cook", "name": "Cook", "id": 1});
    for (key, value, why) in [
        ("", cook.clone(), NoKey),
        ("cook", cook.clone(), InvalidKey),
        ("role/", cook.clone(), InvalidKey),
        ("role/The Cook", cook.clone(), InvalidKey),
        ("role-skill/cook", json!({"role": "cook", "skill": "knife"}), InvalidKey),
        ("alias/cook/…", json!({"role": "cook", "text": "…"}), InvalidKey),
        ("roles/cook", cook.clone(), UnknownKind),
        ("review/cook", cook.clone(), UnknownKind),
        ("role/chef", cook.clone(), KeyMismatch),
        ("skill/cook", json!({"collection": "roles", "slug": "cook", "name": "Cook", "id": 1}), KeyMismatch),
        ("dimension/tools", json!({"slug": "tools", "nmae": "Tools"}), UnknownField),
        ("role/cook", json!({"slug": "cook", "name": "Cook"}), InvalidRecord),
        ("role/cook", json!({"slug": "cook", "name": "Cook", "id": -1}), InvalidRecord),
        ("kra/k", json!({"id": "k", "role": "The Cook", "sentence": "x"}), InvalidRecord),
    ] {
        assert_eq!(reason(kafka(Kind::Taxonomy, key, &value)), why, "{key}");
    }
    let hint = |key: &str, value: &Value| kafka(Kind::Taxonomy, key, value).unwrap_err().error.hint.unwrap();
    assert_eq!(hint("roles/cook", &cook), "did you mean \"role/cook\"?");
    assert_eq!(hint("dimension/x", &json!({"slug": "x", "nmae": "Tools"})), "did you mean \"name\"?");
    assert_eq!(reason(line(Kind::Taxonomy, &json!({"key": "role/cook"}))), InvalidRecord);
    assert_eq!(reason(line(Kind::Taxonomy, &json!({"key": "role/cook", "valeu": null}))), UnknownField);
    // A record whose key could not be written could never be deleted.
    let silent = json!({"collection": "aliases", "role": "cook", "text": "…"});
    assert_eq!(reason(line(Kind::Taxonomy, &silent)), InvalidRecord);
}
