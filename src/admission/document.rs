//! What does a source say of one JD? Id, title, text, company and time, from plain text or a JSON object.

use super::refusal::{Reason, Refusal};
use crate::error::{Error, Position, listed, nearest};
use crate::jd::Format;
use rolestream_dataflows::id::Id;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// One JD as its source gives it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Document {
    /// The id its source gave it, else its file's name and line.
    pub id: String,
    /// Where it stands.
    pub at: Position,
    /// The title, if the source gives one.
    pub title: Option<String>,
    /// The text.
    pub text: String,
    /// The company, if the source gives one.
    pub company: Option<String>,
    /// When it was received, in milliseconds since 1970, if the source says so.
    pub received_at: Option<i64>,
    /// How the text is marked up, where the source says so.
    pub format: Option<Format>,
}

/// The keys of a JSON object that mean something here; others are passed over.
const KEYS: [&str; 6] = ["id", "title", "text", "company", "received_at", "format"];

impl Document {
    /// What names this version of the JD beside its id: a hash of title, text and company.
    pub fn content(&self) -> u64 {
        let text = |part: Option<&str>| part.map_or(Id::NONE, Id::text);
        Id::all("content", &[text(self.title.as_deref()), text(Some(&self.text)), text(self.company.as_deref())]).0
    }

    /// From a JSON value; `id` is the one it gets where it brings none.
    pub fn from_json(value: Value, id: String, at: Position) -> Result<Document, Refusal> {
        let Value::Object(object) = value else {
            let error = Error::new(format!("{} is no JD", kind(&value)))
                .detail("a JD in JSON is an object with the key \"text\"")
                .hint("write it as {\"id\": \"…\", \"title\": \"…\", \"text\": \"…\"}")
                .at(at);
            return Err(Refusal::new(Reason::NotAnObject, error));
        };
        if !object.contains_key("text") {
            return Err(Refusal::new(Reason::NoText, without_text(&object, at)));
        }
        Document::from_object(object, id, at)
    }

    /// From a JSON object, which may do without a text.
    pub fn from_object(mut object: Map<String, Value>, id: String, at: Position) -> Result<Document, Refusal> {
        let id = own_id(&object, &at)?.unwrap_or(id);
        let (title, text, company) = (
            text_field(&mut object, "title", &at)?,
            text_field(&mut object, "text", &at)?.unwrap_or_default(),
            text_field(&mut object, "company", &at)?,
        );
        let received_at = match object.remove("received_at") {
            None | Some(Value::Null) => None,
            Some(value) => Some(milliseconds(&value, &at)?),
        };
        // Only a hint: whatever else it says, the text is looked at.
        let format = match object.remove("format").as_ref().and_then(Value::as_str) {
            Some("html") => Some(Format::Html),
            Some("text" | "markdown") => Some(Format::Text),
            _ => None,
        };
        Ok(Document { id, at, title, text, company, received_at, format })
    }
}

/// The id that an object brings itself.
pub(crate) fn own_id(object: &Map<String, Value>, at: &Position) -> Result<Option<String>, Refusal> {
    match object.get("id") {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(id)) if !id.trim().is_empty() => Ok(Some(id.clone())),
        Some(Value::Number(id)) => Ok(Some(id.to_string())),
        Some(Value::String(_)) => {
            let error = Error::new("\"id\" is empty").detail(format!("it must be {AN_ID}"));
            Err(Refusal::new(Reason::InvalidId, error.hint("fill it in, or leave \"id\" out").at(at.clone())))
        }
        Some(other) => Err(misfit("id", other, AN_ID, at)),
    }
}

const AN_ID: &str = "a text that is not empty, or a number";

/// Takes a text out of an object.
pub(crate) fn text_field(object: &mut Map<String, Value>, key: &str, at: &Position) -> Result<Option<String>, Refusal> {
    match object.remove(key) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text)),
        Some(other) => Err(misfit(key, &other, "a text", at)),
    }
}

/// A time as RFC 3339 has it, or milliseconds since 1970.
fn milliseconds(time: &Value, at: &Position) -> Result<i64, Refusal> {
    let read = match time {
        Value::String(text) => text.parse::<jiff::Timestamp>().map_err(|error| format!("\"{text}\": {error}")),
        Value::Number(number) => match number.as_i64() {
            Some(number) => jiff::Timestamp::from_millisecond(number).map_err(|error| format!("{number}: {error}")),
            None => Err(format!("{number} is no whole number of milliseconds")),
        },
        other => return Err(misfit("received_at", other, "a text or a number", at)),
    };
    read.map(jiff::Timestamp::as_millisecond).map_err(|said| {
        let error = Error::new("\"received_at\" is no time")
            .detail(said)
            .hint("write it as RFC 3339 has it, 2026-03-01T09:30:00Z, or in milliseconds since 1970")
            .at(at.clone());
        Refusal::new(Reason::InvalidTime, error)
    })
}

fn without_text(object: &Map<String, Value>, at: Position) -> Error {
    let keys: Vec<&str> = object.keys().map(String::as_str).collect();
    let found = if keys.is_empty() { "it is empty".to_owned() } else { format!("its keys are {}", listed(&keys)) };
    let likely = ["text", "description", "jd", "body", "content", "jd_text", "job_description"];
    let meant = keys.iter().find(|key| nearest(key, likely).is_some());
    let hint = match meant {
        Some(key) => format!("rename \"{key}\" to \"text\"; known keys are {}", listed(KEYS)),
        None => format!("known keys are {}", listed(KEYS)),
    };
    Error::new("a JD without \"text\"").detail(format!("the object needs the key \"text\"; {found}")).hint(hint).at(at)
}

pub(crate) fn misfit(key: &str, value: &Value, expected: &str, at: &Position) -> Refusal {
    let error = Error::new(format!("\"{key}\" is {}", kind(value)))
        .detail(format!("it must be {expected}"))
        .hint(format!("quote it, or leave \"{key}\" out"))
        .at(at.clone());
    Refusal::new(Reason::WrongType, error)
}

pub(crate) fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "true or false",
        Value::Number(_) => "a number",
        Value::String(_) => "a text",
        Value::Array(_) => "an array",
        Value::Object(_) => "an object",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn read(value: Value) -> Result<Document, Refusal> {
        Document::from_json(value, "f:3".to_owned(), Position::new("f", 3))
    }

    #[test]
    fn an_object_is_read_and_what_it_lacks_is_made_up() {
        let whole = json!({"id": 7, "title": "T", "text": "x", "company": null, "received_at": "1970-01-01T01:00:01+01:00", "more": []});
        let document = read(whole).unwrap();
        assert_eq!((document.id.as_str(), document.received_at, document.company.as_deref()), ("7", Some(1_000), None));
        assert_eq!(read(json!({"text": null})).unwrap().id, "f:3");
        let timed = read(json!({"text": "", "received_at": 1_000, "format": "html"})).unwrap();
        assert_eq!((timed.received_at, timed.format), (Some(1_000), Some(Format::Html)));
        assert_eq!(read(json!({"text": "", "format": ["full time"]})).unwrap().format, None);
    }

    #[test]
    fn what_is_wrong_is_said_with_place_and_remedy() {
        use Reason::{InvalidId, InvalidTime, NoText, NotAnObject, WrongType};
        for (value, why, said, remedy) in [
            (json!(["x"]), NotAnObject, "an array is no JD", "\"text\""),
            (json!({"description": "x"}), NoText, "without \"text\"", "rename \"description\""),
            (json!({"text": 5}), WrongType, "\"text\" is a number", "quote it"),
            (json!({"id": "", "text": ""}), InvalidId, "\"id\" is empty", "leave \"id\" out"),
            (json!({"id": [], "text": ""}), WrongType, "\"id\" is an array", "leave \"id\" out"),
            (json!({"text": "", "received_at": "yesterday"}), InvalidTime, "no time", "RFC 3339"),
            // Microseconds, as databases give them: no year that is written with four digits.
            (json!({"text": "", "received_at": 1_772_357_400_000_000_i64}), InvalidTime, "no time", "milliseconds"),
        ] {
            let Refusal { reason, error } = read(value).unwrap_err();
            assert_eq!(reason, why);
            assert!(error.primary.contains(said), "{error}");
            assert!(error.hint.as_deref().unwrap().contains(remedy), "{error}");
            assert_eq!(error.source, Some(Position::new("f", 3)));
        }
    }

    #[test]
    fn content_is_title_text_and_company_and_nothing_else() {
        let one = read(json!({"text": "x", "title": "a"})).unwrap();
        let later = Document { received_at: Some(5), id: "other".to_owned(), ..one.clone() };
        assert_eq!(one.content(), later.content());
        let moved = read(json!({"text": "a", "title": "x"})).unwrap();
        let bare = read(json!({"text": "x"})).unwrap();
        assert!(one.content() != moved.content() && one.content() != bare.content());
    }
}
