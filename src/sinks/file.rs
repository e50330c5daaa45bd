//! How are changelogs written to files? A file of JSON lines a topic, `{"key": …, "value": …, "epoch": …}`, appended.

use super::{Outgoing, Writer};
use crate::error::{Error, Position};
use crate::sources::Stop;
use serde::Serialize;
use serde_json::Value;
use serde_json::value::RawValue;
use std::collections::BTreeMap;
use std::fs::{File, OpenOptions};
use std::io::{self, BufRead, BufReader, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// How long is waited until a full disk is tried again.
const PAUSE: Duration = Duration::from_secs(1);

/// A folder of changelogs, with one writer.
#[derive(Debug)]
pub struct FileWriter {
    folder: PathBuf,
    files: BTreeMap<String, Open>,
}

/// A changelog that is written to.
#[derive(Debug)]
struct Open {
    file: File,
    /// Bytes of whole lines in it.
    length: u64,
}

/// An upsert as it stands in a file.
#[derive(Serialize)]
struct Line<'a> {
    key: &'a str,
    value: Option<&'a RawValue>,
    epoch: u64,
}

impl FileWriter {
    /// Writes into this folder, which is made where there is none. A changelog is opened when something is written to
    /// it, and a line that a crash has torn is cut off then: what others keep in the folder is never touched.
    pub fn open(folder: &Path) -> Result<FileWriter, Error> {
        std::fs::create_dir_all(folder).map_err(|error| unwritable(folder, &error))?;
        Ok(FileWriter { folder: folder.to_owned(), files: BTreeMap::new() })
    }

    fn file(&mut self, topic: &str) -> Result<&mut Open, Error> {
        if !self.files.contains_key(topic) {
            let path = path(&self.folder, topic)?;
            let file = open(&path).map_err(|error| unwritable(&path, &error))?;
            self.files.insert(topic.to_owned(), file);
        }
        self.files.get_mut(topic).ok_or_else(|| Error::new(format!("the changelog {topic} is not open")))
    }
}

impl Writer for FileWriter {
    fn write(&mut self, upserts: &[Outgoing], stop: &Stop) -> Result<(), Error> {
        let mut texts: BTreeMap<&str, String> = BTreeMap::new();
        for upsert in upserts {
            let text = texts.entry(&upsert.topic).or_default();
            text.push_str(&line(upsert)?);
            text.push('\n');
        }
        for (topic, text) in texts {
            let path = path(&self.folder, topic)?;
            let file = self.file(topic)?;
            loop {
                match file.append(text.as_bytes()) {
                    Ok(()) => break,
                    Err(error) if error.kind() == io::ErrorKind::StorageFull => {
                        tracing::warn!(file = %path.display(), "the disk is full: writing is tried again");
                        if stop.sleep(PAUSE) {
                            return Err(unwritable(&path, &error));
                        }
                    }
                    Err(error) => return Err(unwritable(&path, &error)),
                }
            }
        }
        Ok(())
    }

    fn has(&self, topic: &str) -> bool {
        path(&self.folder, topic).is_ok_and(|path| path.exists())
    }
}

impl Open {
    /// All of it, safely, or nothing.
    fn append(&mut self, bytes: &[u8]) -> io::Result<()> {
        let written = self.file.write_all(bytes).and_then(|()| self.file.sync_data());
        match written {
            Ok(()) => self.length += bytes.len() as u64,
            // Should this fail as well, the next open cuts it off.
            Err(_) => self.file.set_len(self.length)?,
        }
        written
    }
}

/// A file of whole lines, to be appended to.
fn open(path: &Path) -> io::Result<Open> {
    let new = !path.exists();
    let mut file = OpenOptions::new().create(true).append(true).read(true).open(path)?;
    if new && let Some(folder) = path.parent() {
        // Its name is to be as safe as what is in it.
        File::open(folder)?.sync_all()?;
    }
    let all = file.metadata()?.len();
    let length = whole_lines(&mut file, all)?;
    if length < all {
        tracing::warn!(file = %path.display(), bytes = all - length, "the last line was torn: it is cut off");
        file.set_len(length)?;
        file.sync_data()?;
    }
    Ok(Open { file, length })
}

/// How many bytes there are up to the last line end.
fn whole_lines(file: &mut File, length: u64) -> io::Result<u64> {
    const STEP: u64 = 64 * 1024;
    let mut end = length;
    while end > 0 {
        let start = end.saturating_sub(STEP);
        let mut bytes = Vec::new();
        file.seek(SeekFrom::Start(start))?;
        (&mut *file).take(end - start).read_to_end(&mut bytes)?;
        if let Some(place) = bytes.iter().rposition(|byte| *byte == b'\n') {
            return Ok(start + place as u64 + 1);
        }
        end = start;
    }
    Ok(0)
}

fn line(upsert: &Outgoing) -> Result<String, Error> {
    let defect = |error: serde_json::Error| {
        Error::new("a change of a view is no JSON")
            .detail(format!("\"{}\" of {}: {error}", upsert.key, upsert.topic))
            .hint("this is a defect of the program: report it")
    };
    let value = upsert.value.clone().map(RawValue::from_string).transpose().map_err(defect)?;
    let line = Line { key: &upsert.key, value: value.as_deref(), epoch: upsert.epoch };
    let text = serde_json::to_string(&line).map_err(defect)?;
    // Between two tokens a line end means nothing; inside a text JSON has none.
    Ok(if text.contains(['\n', '\r']) { text.replace(['\n', '\r'], " ") } else { text })
}

fn path(folder: &Path, topic: &str) -> Result<PathBuf, Error> {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
    if topic.is_empty() || topic.starts_with('.') || !topic.bytes().all(allowed) {
        return Err(Error::new(format!("\"{topic}\" is no name of a changelog"))
            .detail("it has letters, digits, dots, hyphens and underscores, and does not begin with a dot")
            .hint("choose another sinks.prefix"));
    }
    Ok(folder.join(format!("{topic}.jsonl")))
}

fn unwritable(path: &Path, error: &io::Error) -> Error {
    Error::new(format!("cannot write to {}", path.display()))
        .detail(error.to_string())
        .hint("check who may write there and whether the disk is full; sinks.write names another folder")
        .at(Position::whole(path.display().to_string()))
}

/// What a changelog says in the end: each key with its last value, but those that are gone. Its lines are read as they
/// stand; a last one that is torn is passed over.
pub fn read_compacted(path: &Path) -> Result<BTreeMap<String, Value>, Error> {
    let broken = |line: usize, detail: String| {
        Error::new("this is no changelog")
            .detail(detail)
            .hint("a line is {\"key\": …, \"value\": …, \"epoch\": …}")
            .at(Position::new(path.display().to_string(), u32::try_from(line).unwrap_or(u32::MAX)))
    };
    let file = File::open(path).map_err(|error| broken(0, error.to_string()))?;
    let mut input = BufReader::new(file);
    let mut last = BTreeMap::new();
    for number in 1.. {
        let mut text = Vec::new();
        input.read_until(b'\n', &mut text).map_err(|error| broken(number, error.to_string()))?;
        if text.last() != Some(&b'\n') {
            break;
        }
        let mut line: Value = serde_json::from_slice(&text).map_err(|error| broken(number, error.to_string()))?;
        let (key, value) = (line["key"].as_str().map(str::to_owned), line["value"].take());
        match (key, value) {
            (None, _) => return Err(broken(number, "it has no \"key\"".to_owned())),
            (Some(key), Value::Null) => drop(last.remove(&key)),
            (Some(key), value) => drop(last.insert(key, value)),
        }
    }
    Ok(last)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn upsert(topic: &str, key: &str, value: Option<&str>, epoch: u64) -> Outgoing {
        Outgoing { topic: topic.into(), key: key.to_owned(), value: value.map(str::to_owned), epoch }
    }

    #[test]
    fn each_topic_is_a_file_and_a_value_stands_in_it_as_it_is() {
        let folder = tempfile::tempdir().unwrap();
        let mut writer = FileWriter::open(&folder.path().join("new")).unwrap();
        let upserts = [
            upsert("r.decisions", "a \"b\"", Some("{\"x\": 1.50,\n \"y\": \"\\n\"}"), 7),
            upsert("r.centroids", "c", Some("[1]"), 7),
            upsert("r.decisions", "a \"b\"", None, 8),
        ];
        writer.write(&upserts, &Stop::default()).unwrap();
        let text = std::fs::read_to_string(folder.path().join("new/r.decisions.jsonl")).unwrap();
        assert_eq!(
            text,
            "{\"key\":\"a \\\"b\\\"\",\"value\":{\"x\": 1.50,  \"y\": \"\\n\"},\"epoch\":7}\n{\"key\":\"a \\\"b\\\"\",\"value\":null,\"epoch\":8}\n"
        );
        let read = |topic: &str| read_compacted(&folder.path().join("new").join(topic)).unwrap();
        assert!(read("r.decisions.jsonl").is_empty());
        assert_eq!(read("r.centroids.jsonl")["c"], json!([1]));
    }

    #[test]
    fn what_is_no_changelog_and_no_json_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let mut writer = FileWriter::open(folder.path()).unwrap();
        for odd in [upsert("../x", "k", None, 1), upsert("", "k", None, 1), upsert("t", "k", Some("{"), 1)] {
            assert!(writer.write(&[odd], &Stop::default()).unwrap_err().hint.is_some());
        }
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
    }
}
