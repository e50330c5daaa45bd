//! How is a letter written, so that its bytes come back exactly? As text where they are UTF-8, else in base64 under
//! another key.

use super::letter::DeadLetter;
use crate::error::Error;
use crate::sources::{Kind, Stream};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value, json};

impl DeadLetter {
    /// As it stands in topic and file.
    pub fn to_json(&self) -> Value {
        let mut object = Map::new();
        let name = if &*self.stream.source == "kafka" { "topic" } else { "file" };
        for (key, value) in [
            ("id", json!(self.id())),
            ("source", json!(self.stream.source)),
            (name, json!(self.stream.name)),
            ("partition", json!(self.stream.partition)),
            ("offset", json!(self.offset)),
            ("kind", json!(self.kind)),
            ("reason", json!(self.reason)),
            ("detail", json!(self.detail)),
            ("hint", json!(self.hint)),
            ("time", json!(time(self.at))),
            ("timestamp", json!(self.timestamp)),
        ] {
            object.insert(key.to_owned(), value);
        }
        put_bytes(&mut object, "key", self.key.as_deref());
        put_bytes(&mut object, "value", self.value.as_deref());
        let headers = self.headers.iter().map(|(name, bytes)| {
            let mut header = Map::new();
            header.insert("name".to_owned(), json!(name));
            put_bytes(&mut header, "value", Some(bytes));
            Value::Object(header)
        });
        object.insert("headers".to_owned(), headers.collect());
        Value::Object(object)
    }

    /// What [`DeadLetter::to_json`] wrote.
    pub fn from_json(value: &Value) -> Result<DeadLetter, Error> {
        let source = text(value, "source")?;
        let name = text(value, if source == "kafka" { "topic" } else { "file" })?;
        let partition = number(value, "partition")?.unwrap_or_default();
        let partition = i32::try_from(partition).map_err(|_| lacks("partition", "a number of 32 bits"))?;
        let kind = value.get("kind").cloned().unwrap_or_default();
        let at: jiff::Timestamp =
            text(value, "time")?.parse().map_err(|_| lacks("time", "a time as RFC 3339 has it"))?;
        let headers = value.get("headers").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
        let header = |header: &Value| Ok((text(header, "name")?, bytes(header, "value")?.unwrap_or_default()));
        Ok(DeadLetter {
            stream: Stream { source: source.into(), name: name.into(), partition },
            kind: serde_json::from_value::<Kind>(kind).map_err(|_| lacks("kind", "raw, parsed or taxonomy"))?,
            offset: number(value, "offset")?.ok_or_else(|| lacks("offset", "a number"))?,
            key: bytes(value, "key")?,
            value: bytes(value, "value")?,
            headers: headers.iter().map(header).collect::<Result<Vec<_>, Error>>()?,
            timestamp: number(value, "timestamp")?,
            reason: text(value, "reason")?,
            detail: text(value, "detail")?,
            hint: value.get("hint").and_then(Value::as_str).map(str::to_owned),
            at: at.as_millisecond(),
        })
    }
}

/// A time as RFC 3339 has it; one that has no date is told as the beginning.
pub(super) fn time(milliseconds: i64) -> String {
    jiff::Timestamp::from_millisecond(milliseconds).unwrap_or_default().to_string()
}

fn put_bytes(object: &mut Map<String, Value>, name: &str, bytes: Option<&[u8]>) {
    match bytes.map(std::str::from_utf8) {
        None => object.insert(name.to_owned(), Value::Null),
        Some(Ok(text)) => object.insert(name.to_owned(), text.into()),
        Some(Err(_)) => object.insert(format!("{name}_base64"), STANDARD.encode(bytes.unwrap_or_default()).into()),
    };
}

fn bytes(value: &Value, name: &str) -> Result<Option<Vec<u8>>, Error> {
    let encoded = format!("{name}_base64");
    match (value.get(name), value.get(&encoded)) {
        (Some(Value::String(text)), _) => Ok(Some(text.clone().into_bytes())),
        (_, Some(Value::String(text))) => STANDARD.decode(text).map(Some).map_err(|_| lacks(&encoded, "base64")),
        _ => Ok(None),
    }
}

fn text(value: &Value, name: &str) -> Result<String, Error> {
    value.get(name).and_then(Value::as_str).map(str::to_owned).ok_or_else(|| lacks(name, "a text"))
}

fn number(value: &Value, name: &str) -> Result<Option<i64>, Error> {
    match value.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(number) => number.as_i64().map(Some).ok_or_else(|| lacks(name, "a whole number")),
    }
}

fn lacks(name: &str, expected: &str) -> Error {
    Error::new("this is no dead letter")
        .detail(format!("\"{name}\" must be {expected}"))
        .hint("letters are written by `rolestream run`; nothing else belongs where they go")
}

#[cfg(test)]
mod tests {
    use super::super::letter::tests::letter;
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_person_can_read_what_is_text() {
        let json = letter("kafka", "jd.raw", 12, Some("{\"text\": é".as_bytes())).to_json();
        assert_eq!(json["id"], "jd.raw/0/12");
        assert_eq!((json["topic"].as_str(), json["kind"].as_str()), (Some("jd.raw"), Some("raw")));
        assert_eq!((json["reason"].as_str(), json["hint"].as_str()), (Some("not_json"), Some("send JSON")));
        assert_eq!(json["time"], "2026-03-01T09:30:00Z");
        assert_eq!((json["value"].as_str(), json["key"].as_str()), (Some("{\"text\": é"), None));
        let json = letter("file", "in/jds.jsonl", 3, Some(b"caf\xe9")).to_json();
        assert_eq!((json["file"].as_str(), json["value_base64"].as_str()), (Some("in/jds.jsonl"), Some("Y2Fm6Q==")));
        assert!(json.get("value").is_none() && json.get("topic").is_none());
    }

    #[test]
    fn what_is_no_letter_is_said() {
        let whole = letter("kafka", "t", 1, None).to_json();
        for lost in ["source", "topic", "offset", "kind", "reason", "detail", "time"] {
            let mut without = whole.clone();
            without.as_object_mut().unwrap().remove(lost);
            let error = DeadLetter::from_json(&without).unwrap_err();
            assert!(error.detail.as_deref().unwrap().contains(lost), "{error}");
        }
        let mut odd = whole;
        odd["value_base64"] = json!("***");
        odd.as_object_mut().unwrap().remove("value");
        assert!(DeadLetter::from_json(&odd).is_err());
    }

    proptest! {
        #[test]
        fn every_byte_comes_back(
            kafka in any::<bool>(),
            key in prop::option::of(prop::collection::vec(any::<u8>(), 0..8)),
            value in prop::option::of(prop_oneof![
                prop::collection::vec(any::<u8>(), 0..20),
                "\\PC{0,8}".prop_map(String::into_bytes),
            ]),
            headers in prop::collection::vec((".{0,4}", prop::collection::vec(any::<u8>(), 0..4)), 0..3),
            timestamp in prop::option::of(any::<i64>()),
        ) {
            let mut whole = letter(if kafka { "kafka" } else { "stdin" }, "a b/c", 1, value.as_deref());
            (whole.key, whole.headers, whole.timestamp) = (key, headers, timestamp);
            let read: Value = serde_json::from_str(&whole.to_json().to_string()).unwrap();
            prop_assert_eq!(DeadLetter::from_json(&read), Ok(whole));
        }
    }
}
