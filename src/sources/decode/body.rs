//! Which JSON object is in a value? Plain, or inside an envelope of change data capture (Debezium), with or without
//! its schema.

use super::{Message, place};
use crate::admission::{Reason, Refusal, json_kind};
use crate::error::{Error, Position, nearest};
use serde_json::{Map, Value};
use std::borrow::Cow;

/// A JSON object.
pub(super) type Object = Map<String, Value>;

/// What a value says of that which the message is about.
pub(super) enum Body {
    /// It is this from now on.
    Put {
        /// What it is.
        object: Object,
        /// When the envelope says that it became so.
        time: Option<i64>,
    },
    /// It is no more. The object is what it was, where that is told.
    Gone(Option<Object>),
    /// Nothing.
    Nothing,
}

/// Reads a message's value.
pub(super) fn body(message: &Message) -> Result<Body, Refusal> {
    let Some(bytes) = &message.value else { return Ok(Body::Gone(None)) };
    let at = place(message);
    match json(&text(message, bytes, &at)?, &at)? {
        Value::Object(object) => unwrap(object, &at),
        other => Err(no_object(&other, at)),
    }
}

/// Values of Kafka are UTF-8. Lines of files are what files are: Windows-1252 is taken, too.
fn text<'a>(message: &Message, bytes: &'a [u8], at: &Position) -> Result<Cow<'a, str>, Refusal> {
    let refused = |detail: String| {
        let error = Error::new("the bytes are no text").detail(detail).hint("send JSON in UTF-8").at(at.clone());
        Refusal::new(Reason::NotText, error)
    };
    let text = match &*message.stream.source {
        "kafka" => {
            let text = std::str::from_utf8(bytes).map_err(|error| refused(format!("they are not UTF-8: {error}")))?;
            Cow::Borrowed(text.trim_start_matches('\u{feff}'))
        }
        _ => {
            let text = crate::jd::decode(bytes);
            Cow::Owned(text.map_err(|_| refused("too many of them stand for no character".to_owned()))?)
        }
    };
    if text.trim().is_empty() {
        let error = Error::new("the value is empty")
            .detail("a JSON object is expected, or no value at all, which deletes")
            .hint("send a null value to delete")
            .at(at.clone());
        return Err(Refusal::new(Reason::Empty, error));
    }
    Ok(text)
}

fn json(text: &str, at: &Position) -> Result<Value, Refusal> {
    serde_json::from_str(text).map_err(|error| {
        let shown = error.to_string();
        let what = shown.split(" at line ").next().unwrap_or(&shown);
        let error = Error::new("this is no JSON")
            .detail(format!("{what}, in column {}", error.column()))
            .hint("send one JSON object a message")
            .at(at.clone());
        Refusal::new(Reason::NotJson, error)
    })
}

/// The refusal of JSON that is no object.
pub(super) fn no_object(value: &Value, at: Position) -> Refusal {
    let error = Error::new(format!("{} is no message", json_kind(value)))
        .detail("a message is a JSON object")
        .hint("send one JSON object a message");
    Refusal::new(Reason::NotAnObject, error.at(at))
}

/// Takes schema and envelope off.
fn unwrap(mut object: Object, at: &Position) -> Result<Body, Refusal> {
    if object.len() == 2 && object.contains_key("schema") && object.contains_key("payload") {
        match object.remove("payload") {
            Some(Value::Object(payload)) => object = payload,
            Some(Value::Null) | None => return Ok(Body::Gone(None)),
            Some(other) => return Err(no_object(&other, at.clone())),
        }
    }
    if is_heartbeat(&object) || is_transaction(&object) {
        return Ok(Body::Nothing);
    }
    if object.contains_key("op") && (object.contains_key("before") || object.contains_key("after")) {
        return envelope(object, at);
    }
    // What is left where only the new state is handed on: the envelope is gone, and this says that the row is.
    match object.remove("__deleted") {
        Some(Value::Bool(true)) => Ok(Body::Gone(Some(object))),
        Some(Value::String(word)) if word == "true" => Ok(Body::Gone(Some(object))),
        _ => Ok(Body::Put { object, time: None }),
    }
}

/// `{"ts_ms": …}`
fn is_heartbeat(object: &Object) -> bool {
    object.len() == 1 && object.get("ts_ms").is_some_and(Value::is_number)
}

/// `{"status": "BEGIN", "id": …, "event_count": …, "data_collections": …, "ts_ms": …}`
fn is_transaction(object: &Object) -> bool {
    let status = object.get("status").and_then(Value::as_str);
    matches!(status, Some("BEGIN" | "END"))
        && object.contains_key("event_count")
        && object.contains_key("data_collections")
}

fn envelope(mut object: Object, at: &Position) -> Result<Body, Refusal> {
    let refused = |primary: &str, detail: String, hint: String| {
        let error = Error::new(primary).detail(detail).hint(hint).at(at.clone());
        Err(Refusal::new(Reason::InvalidEnvelope, error))
    };
    let time = object.get("ts_ms").and_then(Value::as_i64);
    let op = match object.get("op") {
        Some(Value::String(op)) => op.clone(),
        other => other.map(Value::to_string).unwrap_or_default(),
    };
    let side = |object: &mut Object, side: &str| match object.remove(side) {
        Some(Value::Object(row)) => Ok(Some(row)),
        None | Some(Value::Null) => Ok(None),
        Some(other) => {
            let error = Error::new(format!("\"{side}\" of the envelope is {}", json_kind(&other)))
                .detail("it must be an object or null")
                .hint("send rows, not single values")
                .at(at.clone());
            Err(Refusal::new(Reason::InvalidEnvelope, error))
        }
    };
    match op.as_str() {
        "c" | "u" | "r" => match side(&mut object, "after")? {
            Some(object) => Ok(Body::Put { object, time }),
            None if op == "r" => Ok(Body::Nothing),
            None => refused(
                "the envelope has no \"after\"",
                format!("op \"{op}\" says that a row is there"),
                "send \"after\", or op \"d\" where the row is gone".to_owned(),
            ),
        },
        "d" => Ok(Body::Gone(side(&mut object, "before")?)),
        // A message written into the log of the database: about no row.
        "m" => Ok(Body::Nothing),
        "t" => refused(
            "a whole table was emptied",
            "op \"t\" names no row: what it deletes cannot be told".to_owned(),
            "delete the rows one by one, or withdraw what is to go".to_owned(),
        ),
        _ => refused(
            "the envelope's \"op\" is unknown",
            format!("it is \"{op}\", not one of c, r, u, d"),
            match nearest(&op, ["create", "read", "update", "delete"]) {
                Some(word) => format!("write \"{}\"", &word[..1]),
                None => "send change events as Debezium writes them".to_owned(),
            },
        ),
    }
}
