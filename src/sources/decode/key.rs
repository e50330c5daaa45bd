//! What does the key of a message name? A JD's id or a record's `kind/id`: as text, or as JSON around it.

use super::body::no_object;
use super::{Message, place};
use crate::admission::{Reason, Refusal, own_id};
use crate::error::Error;
use serde_json::Value;

/// Ids are shown, logged and used as keys: no longer than this, in bytes.
const LONGEST: usize = 1_024;

/// The text of a message's key, if it has one. Beside plain text, what JSON converters make of it is understood:
/// `"…"`, `{"id": …}`, and either under `{"schema": …, "payload": …}`.
pub(super) fn text(message: &Message) -> Result<Option<String>, Refusal> {
    let Some(bytes) = message.key.as_deref().filter(|key| !key.is_empty()) else { return Ok(None) };
    let Ok(text) = std::str::from_utf8(bytes) else {
        let error = Error::new("the key is no text")
            .detail("its bytes are not UTF-8")
            .hint("send the id as text, as {\"id\": …}, or in the value")
            .at(place(message));
        return Err(Refusal::new(Reason::InvalidKey, error));
    };
    let text = text.trim_start_matches('\u{feff}');
    if !text.starts_with(['{', '"']) {
        return Ok(Some(text.to_owned()));
    }
    match serde_json::from_str::<Value>(text) {
        Ok(value) => of_json(value, message, true),
        // A name in quotes, or in brackets: nobody said that it must be JSON.
        Err(_) => Ok(Some(text.to_owned())),
    }
}

fn of_json(value: Value, message: &Message, schema: bool) -> Result<Option<String>, Refusal> {
    match value {
        Value::Null => Ok(None),
        Value::String(text) => Ok(Some(text)),
        Value::Number(number) => Ok(Some(number.to_string())),
        Value::Object(mut object) => {
            if schema && object.contains_key("payload") && !object.contains_key("id") {
                return of_json(object.remove("payload").unwrap_or_default(), message, false);
            }
            own_id(&object, &place(message))
        }
        other => Err(no_object(&other, place(message))),
    }
}

/// The id of a JD: `own` where its value brings one, else the key's, else, in files, name and line.
pub(super) fn jd_id(own: Option<String>, message: &Message) -> Result<String, Refusal> {
    if let Some(id) = own {
        return checked(id, message);
    }
    if let Some(id) = text(message)? {
        return checked(id, message);
    }
    match &*message.stream.source {
        "kafka" => {
            let error = Error::new("a JD without an id")
                .detail("neither its value nor its key has one")
                .hint("send it as {\"id\": \"…\", \"text\": \"…\"}, or with its id as key")
                .at(place(message));
            Err(Refusal::new(Reason::NoId, error))
        }
        _ => Ok(format!("{}:{}", message.stream.name, message.offset)),
    }
}

fn checked(id: String, message: &Message) -> Result<String, Refusal> {
    let said = if id.trim().is_empty() {
        "it is empty".to_owned()
    } else if id.len() > LONGEST {
        format!("it has {} bytes, and may have {LONGEST}", id.len())
    } else if let Some(odd) = id.chars().find(|c| c.is_control()) {
        format!("it has the character U+{:04X}, which does not print", u32::from(odd))
    } else {
        return Ok(id);
    };
    let error = Error::new("the id of the JD cannot be used")
        .detail(said)
        .hint("take a short text that prints, such as \"board-7/1234\"")
        .at(place(message));
    Err(Refusal::new(Reason::InvalidId, error))
}
