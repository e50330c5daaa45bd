//! Which messages are in the bytes of a whole file? One where it is a text; one a value where it is JSON.

use super::{Kind, Message, Origin, Position, cut};
use crate::admission::Form;
use crate::jd::{Format, decode};
use serde_json::json;
use serde_json::value::RawValue;
use std::path::Path;

/// What was read of a file.
pub(super) struct Content {
    pub(super) bytes: Vec<u8>,
    /// The limit, where there is more.
    pub(super) limit: Option<u64>,
    /// Bytes in all.
    pub(super) length: u64,
    /// Bytes that a single message may have.
    pub(super) most: u64,
}

/// Whether a file holds JSON values, by its name and how it begins.
pub(super) fn is_json(path: &Path, bytes: &[u8]) -> bool {
    !matches!(form(path, bytes), Form::Text(_))
}

fn form(path: &Path, bytes: &[u8]) -> Form {
    let bytes = bytes.strip_prefix(&[0xEF, 0xBB, 0xBF]).unwrap_or(bytes);
    Form::of(path, &bytes[..bytes.len().min(4_096)])
}

/// The messages, with their number as offset; how far each has been read is told by the caller.
pub(super) fn messages(origin: &Origin, path: &Path, id: &str, content: Content) -> Vec<Message> {
    let Content { bytes, limit, most, .. } = content;
    let alone = |bytes: Vec<u8>| origin.message(1, Position::default(), bytes);
    if let Some(limit) = limit {
        return vec![cut(alone(bytes), limit)];
    }
    let form = form(path, &bytes);
    // What is no text is for `decode` to refuse, as it came.
    let Ok(text) = decode(&bytes) else { return vec![alone(bytes)] };
    match form {
        _ if text.trim().is_empty() => Vec::new(),
        Form::Text(format) if origin.kind == Kind::Raw => {
            let format = format.map(|format| if format == Format::Html { "html" } else { "text" });
            let object = json!({"id": id, "text": text, "format": format});
            vec![alone(object.to_string().into_bytes())]
        }
        Form::Text(_) => vec![alone(bytes)],
        Form::Lines => {
            let lines = text.lines().zip(1..).filter(|(line, _)| !line.trim().is_empty());
            let lines: Vec<(&str, u64)> = lines.collect();
            let named = |number: u64| if lines.len() == 1 { id.to_owned() } else { format!("{id}:{number}") };
            lines.iter().map(|(line, number)| value(origin, line, *number, named(*number), most)).collect()
        }
        Form::Values => {
            let values = values(&text);
            let named = |number: u64| if values.len() == 1 { id.to_owned() } else { format!("{id}#{number}") };
            values.iter().zip(1..).map(|(one, number)| value(origin, one, number, named(number), most)).collect()
        }
    }
}

/// A value that has no id of its own is called after its file. Edits are called by what they say.
fn value(origin: &Origin, text: &str, number: u64, id: String, most: u64) -> Message {
    let key = (origin.kind != Kind::Taxonomy).then(|| id.into_bytes());
    let message = Message { key, ..origin.message(number, Position::default(), text.as_bytes().to_vec()) };
    if text.len() as u64 > most { cut(message, most) } else { message }
}

/// Values one after the other, and those in arrays. Where one is broken, all from there on is one.
fn values(text: &str) -> Vec<&str> {
    let mut found: Vec<&str> = Vec::new();
    let mut stream = serde_json::Deserializer::from_str(text).into_iter::<&RawValue>();
    loop {
        let before = stream.byte_offset();
        match stream.next() {
            None => return found,
            Some(Ok(value)) => match serde_json::from_str::<Vec<&RawValue>>(value.get()) {
                Ok(items) => found.extend(items.into_iter().map(RawValue::get)),
                Err(_) => found.push(value.get()),
            },
            Some(Err(_)) => {
                found.push(text.get(before..).unwrap_or_default().trim());
                return found;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(kind: Kind, path: &str, bytes: &[u8]) -> Vec<(Option<String>, String)> {
        let content = Content { bytes: bytes.to_vec(), limit: None, length: bytes.len() as u64, most: 1_000 };
        let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
        let found = messages(&Origin::file(kind, "in/x"), Path::new(path), "x", content);
        found.into_iter().map(|message| (message.key.map(text), text(message.value.unwrap()))).collect()
    }

    #[test]
    fn a_text_becomes_the_json_that_is_decoded() {
        let jd = |bytes: &[u8], path: &str| {
            let message = &read(Kind::Raw, path, bytes)[0].1;
            serde_json::from_str::<serde_json::Value>(message).unwrap()
        };
        assert_eq!(jd(b"caf\xe9", "a.txt"), json!({"id": "x", "text": "café", "format": null}));
        assert_eq!(jd(b"<p>x", "a.HTML")["format"], "html");
        assert_eq!(read(Kind::Taxonomy, "a.txt", b"x"), [(None, "x".to_owned())]);
        assert_eq!(read(Kind::Raw, "a.txt", b"\x89PNG\0\0\0\r\x01\x02")[0].0, None);
        assert!(read(Kind::Raw, "a.txt", b" \n").is_empty());
    }

    #[test]
    fn json_is_a_message_a_value() {
        let whole = read(Kind::Raw, "a.json", b"\xef\xbb\xbf{\n \"text\": \"x\"}");
        assert_eq!(whole, [(Some("x".to_owned()), "{\n \"text\": \"x\"}".to_owned())]);
        let keys = |bytes: &[u8]| -> Vec<_> {
            read(Kind::Raw, "a.json", bytes).into_iter().map(|(key, _)| key.unwrap()).collect()
        };
        assert_eq!(keys(b"[{}, [1],\n5]"), ["x#1", "x#2", "x#3"]);
        assert_eq!(keys(b"{\"a\": 1}\n\nbroken\n{\"b\": 1}\n"), ["x:1", "x:3", "x:4"]);
        let broken = read(Kind::Taxonomy, "a.json", b"[{}] {\"a\": } [{}]");
        assert_eq!(broken, [(None, "{}".to_owned()), (None, "{\"a\": } [{}]".to_owned())]);
        assert!(read(Kind::Raw, "a.json", b"[]").is_empty());
    }
}
