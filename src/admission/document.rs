//! What does a source say of one JD? Id, title, text, company and time, from plain text or a JSON object.

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
const KEYS: [&str; 5] = ["id", "title", "text", "company", "received_at"];

impl Document {
    /// What names this version of the JD beside its id: a hash of title, text and company.
    pub fn content(&self) -> u64 {
        let text = |part: Option<&str>| part.map_or(Id::NONE, Id::text);
        Id::all("content", &[text(self.title.as_deref()), text(Some(&self.text)), text(self.company.as_deref())]).0
    }

    /// From a JSON value; `id` is the one it gets where it brings none.
    pub fn from_json(value: Value, id: String, at: Position) -> Result<Document, Error> {
        let Value::Object(mut object) = value else {
            return Err(Error::new(format!("{} is no JD", kind(&value)))
                .detail("a JD in JSON is an object with the key \"text\"")
                .hint("write it as {\"id\": \"…\", \"title\": \"…\", \"text\": \"…\"}")
                .at(at));
        };
        let id = match object.remove("id") {
            None | Some(Value::Null) => id,
            Some(Value::String(id)) if !id.trim().is_empty() => id,
            Some(Value::Number(id)) => id.to_string(),
            Some(other) => return Err(misfit("id", &other, "a text that is not empty, or a number", &at)),
        };
        if !object.contains_key("text") {
            return Err(without_text(&object, at));
        }
        let mut field = |key: &str| match object.remove(key) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::String(text)) => Ok(Some(text)),
            Some(other) => Err(misfit(key, &other, "a text", &at)),
        };
        let (title, text, company) = (field("title")?, field("text")?.unwrap_or_default(), field("company")?);
        let received_at = field("received_at")?.map(|time| milliseconds(&time, &at)).transpose()?;
        Ok(Document { id, at, title, text, company, received_at, format: None })
    }
}

fn milliseconds(time: &str, at: &Position) -> Result<i64, Error> {
    time.parse::<jiff::Timestamp>().map(jiff::Timestamp::as_millisecond).map_err(|error| {
        Error::new("\"received_at\" is no time")
            .detail(format!("\"{time}\": {error}"))
            .hint("write it as RFC 3339 has it: 2026-03-01T09:30:00Z")
            .at(at.clone())
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

fn misfit(key: &str, value: &Value, expected: &str, at: &Position) -> Error {
    Error::new(format!("\"{key}\" is {}", kind(value)))
        .detail(format!("it must be {expected}"))
        .hint(format!("quote it, or leave \"{key}\" out"))
        .at(at.clone())
}

fn kind(value: &Value) -> &'static str {
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

    fn read(value: Value) -> Result<Document, Error> {
        Document::from_json(value, "f:3".to_owned(), Position::new("f", 3))
    }

    #[test]
    fn an_object_is_read_and_what_it_lacks_is_made_up() {
        let whole = json!({"id": 7, "title": "T", "text": "x", "company": null, "received_at": "1970-01-01T01:00:01+01:00", "more": []});
        let document = read(whole).unwrap();
        assert_eq!((document.id.as_str(), document.received_at, document.company.as_deref()), ("7", Some(1_000), None));
        assert_eq!(read(json!({"text": null})).unwrap().id, "f:3");
    }

    #[test]
    fn what_is_wrong_is_said_with_place_and_remedy() {
        for (value, said, remedy) in [
            (json!(["x"]), "an array is no JD", "\"text\""),
            (json!({"description": "x"}), "without \"text\"", "rename \"description\""),
            (json!({"text": 5}), "\"text\" is a number", "quote it"),
            (json!({"id": "", "text": ""}), "\"id\" is a text", "leave \"id\" out"),
            (json!({"text": "", "received_at": "yesterday"}), "no time", "RFC 3339"),
        ] {
            let error = read(value).unwrap_err();
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
