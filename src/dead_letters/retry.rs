//! How is a letter sent again that came from a file or standard input? As a line of a new file in a folder that
//! `rolestream run` always watches: `retry/KIND` in the store's folder.

use super::letter::DeadLetter;
use crate::error::{Error, Position};
use crate::sources::Kind;
use crate::sources::decode::CUT;
use crate::sources::file::{Place, Spec};
use serde_json::{Map, Value};
use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use xxhash_rust::xxh3::xxh3_64;

/// The folders to watch, of this store.
pub fn folders(store: &Path) -> Vec<Spec> {
    let spec = |kind: Kind| Spec { kind, place: Place::Path(folder(store, kind)) };
    [Kind::Raw, Kind::Parsed, Kind::Taxonomy].map(spec).to_vec()
}

/// Makes the folders to watch where there are none.
pub fn make_folders(store: &Path) -> Result<(), Error> {
    for spec in folders(store) {
        if let Place::Path(path) = spec.place {
            std::fs::create_dir_all(&path).map_err(|error| unwritable(&path, &error))?;
        }
    }
    Ok(())
}

fn folder(store: &Path, kind: Kind) -> PathBuf {
    store.join("retry").join(kind.name())
}

/// Why a letter cannot be sent again; nothing where it can.
pub fn obstacle(letter: &DeadLetter) -> Option<Error> {
    let refused = |detail: &str, hint: &str| {
        Some(Error::new(format!("{} cannot be sent again", letter.id())).detail(detail).hint(hint))
    };
    if letter.headers.iter().any(|(name, _)| name == CUT) {
        return refused("it was too large, and only its beginning was kept", "send it from where it came from");
    }
    match (&*letter.stream.source, &letter.value) {
        ("kafka", _) | ("file" | "stdin", Some(_)) => None,
        ("file" | "stdin", None) => refused("it has no value", "write a line that says what you mean"),
        (other, _) => refused(&format!("it came from \"{other}\""), "send it from where it came from"),
    }
}

/// Writes letters into the folders of their kinds, one file a kind, whole or not at all. `now` is in milliseconds
/// since 1970.
pub fn write(store: &Path, letters: &[&DeadLetter], now: i64) -> Result<(), Error> {
    let mut texts: BTreeMap<Kind, Vec<u8>> = BTreeMap::new();
    for letter in letters {
        let text = texts.entry(letter.kind).or_default();
        text.extend(line(letter));
        text.push(b'\n');
    }
    for (kind, text) in texts {
        let folder = folder(store, kind);
        // A name that was never there: positions are kept by name.
        let name = format!("{now}-{:016x}.jsonl", xxh3_64(&text));
        put(&folder, &name, &text).map_err(|error| unwritable(&folder, &error))?;
    }
    Ok(())
}

fn put(folder: &Path, name: &str, text: &[u8]) -> io::Result<()> {
    std::fs::create_dir_all(folder)?;
    let unfinished = folder.join(format!("{name}.tmp"));
    let mut file = File::create(&unfinished)?;
    file.write_all(text)?;
    file.sync_data()?;
    std::fs::rename(&unfinished, folder.join(name))?;
    File::open(folder)?.sync_all()
}

/// The bytes as they were. Where their place gave the JD its id, that is written into them, for they stand elsewhere
/// now; and line ends, which mean nothing between two tokens of JSON, become spaces.
fn line(letter: &DeadLetter) -> Vec<u8> {
    let bytes = letter.value.as_deref().unwrap_or_default();
    let mut line = match letter.kind {
        Kind::Taxonomy => bytes.to_vec(),
        Kind::Raw | Kind::Parsed => with_id(letter, bytes).unwrap_or_else(|| bytes.to_vec()),
    };
    line.iter_mut().filter(|byte| matches!(byte, b'\n' | b'\r')).for_each(|byte| *byte = b' ');
    line
}

fn with_id(letter: &DeadLetter, bytes: &[u8]) -> Option<Vec<u8>> {
    let mut object: Map<String, Value> = serde_json::from_slice(bytes).ok()?;
    let enveloped = ["payload", "op", "ts_ms", "status"].iter().any(|key| object.contains_key(*key));
    if enveloped || object.get("id").is_some_and(|id| !id.is_null()) {
        return None;
    }
    let key = letter.key.as_deref().and_then(|key| std::str::from_utf8(key).ok());
    let id = key.map_or_else(|| format!("{}:{}", letter.stream.name, letter.offset), str::to_owned);
    object.insert("id".to_owned(), id.into());
    serde_json::to_vec(&object).ok()
}

fn unwritable(path: &Path, error: &io::Error) -> Error {
    Error::new(format!("cannot write to {}", path.display()))
        .detail(error.to_string())
        .hint("check who may write there and whether the disk is full; store.path names the store")
        .at(Position::whole(path.display().to_string()))
}

#[cfg(test)]
mod tests {
    use super::super::letter::tests::letter;
    use super::*;

    #[test]
    fn a_line_is_as_it_was_and_keeps_the_id_that_its_place_gave_it() {
        let of =
            |value: &[u8]| String::from_utf8_lossy(&line(&letter("file", "in.jsonl", 7, Some(value)))).into_owned();
        assert_eq!(of(b"not\r\njson"), "not  json");
        assert_eq!(of(b"{\"id\": 1,\n \"txt\": \"x\"}"), "{\"id\": 1,  \"txt\": \"x\"}");
        assert_eq!(of(b"{\"text\": 5}"), "{\"id\":\"in.jsonl:7\",\"text\":5}");
        assert_eq!(of(b"{\"op\": \"x\", \"after\": {}}"), "{\"op\": \"x\", \"after\": {}}");
        let mut keyed = letter("file", "in.json", 2, Some(b"{}"));
        keyed.key = Some(b"in.json#2".to_vec());
        assert_eq!(line(&keyed), b"{\"id\":\"in.json#2\"}");
        keyed.kind = Kind::Taxonomy;
        assert_eq!(line(&keyed), b"{}");
    }

    #[test]
    fn what_is_not_whole_is_not_sent_again() {
        assert!(obstacle(&letter("kafka", "t", 1, None)).is_none());
        assert!(obstacle(&letter("stdin", "stdin", 1, Some(b"x"))).is_none());
        let mut cut = letter("file", "t", 1, Some(b"x"));
        cut.headers.push((CUT.to_owned(), b"9".to_vec()));
        assert!(obstacle(&cut).unwrap().detail.unwrap().contains("too large"));
        assert!(obstacle(&letter("http", "t", 1, Some(b"x"))).is_some());
    }
}
