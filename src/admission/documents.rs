//! Which JDs do these files, folders and streams hold? One document or one error each, in order, read as needed.

use super::document::Document;
use super::stream::{self, Line, Stream, next_line, read_all, read_some, unreadable};
use crate::error::{Error, Position};
use crate::jd::{Format, decode};
use serde_json::Value;
use serde_json::value::RawValue;
use std::collections::VecDeque;
use std::path::{Path, PathBuf};

/// How much is read.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// A longer text becomes a document that is rejected as too large, whatever else it holds.
    pub text_bytes: u64,
    /// A longer JSON array is refused; lines have no such limit.
    pub array_bytes: u64,
}

impl Limits {
    /// For texts of at most so many bytes.
    pub fn of_text(text_bytes: u64) -> Limits {
        Limits { text_bytes, array_bytes: (64 * text_bytes).max(1 << 30) }
    }

    /// JSON may write a character in six bytes.
    fn line_bytes(self) -> u64 {
        8 * self.text_bytes + 65_536
    }
}

/// The documents of several inputs: files, folders (all files in them, by name; hidden ones and those called README are
/// passed over), or `-`.
pub struct Documents {
    limits: Limits,
    pending: VecDeque<Input>,
    reading: Option<Reading>,
    ready: VecDeque<Result<Document, Error>>,
}

/// A file, and what the documents in it are called.
struct Input {
    path: PathBuf,
    /// Its content, where it is no file of this machine.
    bytes: Option<&'static [u8]>,
    name: String,
    id: String,
}

/// A file of JSON lines, half read.
struct Reading {
    stream: Stream,
    name: String,
    id: String,
    line: u32,
    found: bool,
}

impl Documents {
    /// Of these inputs. A document without an id is called after its file: by name where one input is given, else by
    /// path, in a folder by the path inside it.
    pub fn new(inputs: &[PathBuf], limits: Limits) -> Documents {
        let mut documents = Documents { limits, pending: VecDeque::new(), reading: None, ready: VecDeque::new() };
        for path in inputs {
            let name = if path == Path::new("-") { "stdin".to_owned() } else { path.display().to_string() };
            if path.is_dir() {
                let before = documents.pending.len();
                documents.folder(path, "");
                if documents.pending.len() == before && documents.ready.is_empty() {
                    documents.ready.push_back(Err(Error::new(format!("no file in the folder {name}"))
                        .detail("hidden files are passed over")
                        .hint("name a folder that holds JDs, or the files themselves")
                        .at(Position::whole(name.as_str()))));
                }
                continue;
            }
            let file = path.file_name().map_or_else(|| name.clone(), |file| file.to_string_lossy().into_owned());
            let id = if inputs.len() == 1 && name != "stdin" { file } else { name.clone() };
            documents.pending.push_back(Input { path: path.clone(), bytes: None, name, id });
        }
        documents
    }

    /// Of files that are in the program, by name.
    pub fn compiled_in(files: impl IntoIterator<Item = (String, &'static [u8])>, limits: Limits) -> Documents {
        let input = |(name, bytes): (String, &'static [u8])| Input {
            path: PathBuf::from(&name),
            bytes: Some(bytes),
            id: name.clone(),
            name,
        };
        let pending = files.into_iter().map(input).collect();
        Documents { limits, pending, reading: None, ready: VecDeque::new() }
    }

    fn folder(&mut self, folder: &Path, inside: &str) {
        let entries = std::fs::read_dir(folder).and_then(Iterator::collect::<Result<Vec<_>, _>>);
        let mut entries = match entries {
            Ok(entries) => entries,
            Err(error) => return self.ready.push_back(Err(unreadable(&folder.display().to_string(), &error))),
        };
        entries.sort_by_key(std::fs::DirEntry::file_name);
        for entry in entries {
            let file = entry.file_name().to_string_lossy().into_owned();
            if file.starts_with('.') || file.to_lowercase().starts_with("readme") {
                continue;
            }
            let id = if inside.is_empty() { file } else { format!("{inside}/{file}") };
            let path = entry.path();
            // A link to a folder is passed over: it may lead back here.
            match entry.file_type() {
                Ok(kind) if kind.is_dir() => self.folder(&path, &id),
                Ok(kind) if kind.is_symlink() && path.is_dir() => {}
                _ => self.pending.push_back(Input { name: path.display().to_string(), bytes: None, path, id }),
            }
        }
    }

    fn begin(&mut self, input: Input) {
        let begun = self.open(&input);
        if let Err(error) = begun {
            self.ready.push_back(Err(error));
        }
    }

    fn open(&mut self, input: &Input) -> Result<(), Error> {
        let Input { path, bytes, name, id } = input;
        let broken = |error: std::io::Error| unreadable(name, &error);
        let (mut stream, head) = match bytes {
            Some(bytes) => stream::begin(Box::new(*bytes), 4 * self.limits.text_bytes).map_err(broken)?,
            None => stream::open(path, name, 4 * self.limits.text_bytes)?,
        };
        match Form::of(path, &head) {
            Form::Text(format) => {
                let bytes = read_some(&mut stream, self.limits.text_bytes + 8).map_err(broken)?;
                let text = decode(&bytes).map_err(|error| not_text(&error.to_string(), Position::whole(&**name)))?;
                let at = Position::whole(&**name);
                self.ready.push_back(Ok(Document { id: id.clone(), at, text, format, ..Document::default() }));
            }
            Form::Lines => {
                let (name, id) = (name.clone(), id.clone());
                self.reading = Some(Reading { stream, name, id, line: 0, found: false });
            }
            Form::Values => {
                let bytes = read_all(&mut stream, self.limits.array_bytes).map_err(broken)?.ok_or_else(|| {
                    Error::new(format!("{name} is too large to be read at once"))
                        .detail(format!("more than {} bytes in one JSON document", self.limits.array_bytes))
                        .hint("write one JSON object a line and call the file .jsonl: lines are read one by one")
                        .at(Position::whole(&**name))
                })?;
                let text = decode(&bytes).map_err(|error| not_text(&error.to_string(), Position::whole(&**name)))?;
                self.values(&text, name, id);
            }
        }
        Ok(())
    }

    /// The objects of an array, or objects one after the other.
    fn values(&mut self, text: &str, name: &str, id: &str) {
        let line_of = |part: &str| {
            let offset = (part.as_ptr() as usize).saturating_sub(text.as_ptr() as usize).min(text.len());
            1 + text.as_bytes()[..offset].iter().filter(|byte| **byte == b'\n').count() as u32
        };
        let mut found: Vec<&RawValue> = Vec::new();
        let mut failure = None;
        for value in serde_json::Deserializer::from_str(text).into_iter::<&RawValue>() {
            let items = value.and_then(|value| match value.get().starts_with('[') {
                true => serde_json::from_str::<Vec<&RawValue>>(value.get()),
                false => Ok(vec![value]),
            });
            match items {
                Ok(items) => found.extend(items),
                Err(error) => failure = Some(broken_json(&error, name, error.line() as u32)),
            }
        }
        let alone = found.len() == 1 && failure.is_none();
        if found.is_empty() && failure.is_none() {
            failure = Some(nothing_in(name));
        }
        for (place, raw) in found.into_iter().enumerate() {
            let at = Position::new(name, line_of(raw.get()));
            let id = if alone { id.to_owned() } else { format!("{id}#{}", place + 1) };
            let value = serde_json::from_str::<Value>(raw.get()).map_err(|error| broken_json(&error, name, at.line));
            self.ready
                .push_back(value.and_then(|value| Document::from_json(value, id, at).map_err(|refusal| refusal.error)));
        }
        self.ready.extend(failure.map(Err));
    }
}

impl Reading {
    fn next(&mut self, limits: Limits) -> Option<Result<Document, Error>> {
        loop {
            self.line += 1;
            let at = Position::new(self.name.as_str(), self.line);
            let bytes = match next_line(&mut self.stream, limits.line_bytes()) {
                Ok(Line::Read(bytes)) if bytes.iter().all(u8::is_ascii_whitespace) => continue,
                Ok(Line::Read(bytes)) => bytes,
                Ok(Line::TooLong) => {
                    self.found = true;
                    return Some(Err(Error::new("the line is too long")
                        .detail(format!("more than {} bytes; nothing of it is kept", limits.line_bytes()))
                        .hint("raise admission.max_text_bytes, or cut the text")
                        .at(at)));
                }
                Ok(Line::End) if self.found => return None,
                Ok(Line::End) => {
                    self.found = true;
                    return Some(Err(nothing_in(&self.name)));
                }
                Err(error) => {
                    // What follows cannot be found again.
                    self.stream = Box::new(std::io::empty());
                    self.found = true;
                    return Some(Err(Error { source: Some(at), ..unreadable(&self.name, &error) }));
                }
            };
            self.found = true;
            return Some(self.document(&bytes, at));
        }
    }

    fn document(&self, bytes: &[u8], at: Position) -> Result<Document, Error> {
        let text = decode(bytes).map_err(|error| not_text(&error.to_string(), at.clone()))?;
        let value = serde_json::from_str(&text).map_err(|error| broken_json(&error, &self.name, self.line))?;
        Document::from_json(value, format!("{}:{}", self.id, self.line), at).map_err(|refusal| refusal.error)
    }
}

impl Iterator for Documents {
    type Item = Result<Document, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            if let Some(ready) = self.ready.pop_front() {
                return Some(ready);
            }
            if let Some(reading) = &mut self.reading {
                match reading.next(self.limits) {
                    Some(next) => return Some(next),
                    None => self.reading = None,
                }
            }
            let input = self.pending.pop_front()?;
            self.begin(input);
        }
    }
}

/// How a file holds JDs.
pub(crate) enum Form {
    /// It is one.
    Text(Option<Format>),
    /// One a line.
    Lines,
    /// Objects or arrays of them over several lines.
    Values,
}

impl Form {
    /// By the name where it says so, else by how the content begins.
    pub(crate) fn of(path: &Path, head: &[u8]) -> Form {
        let name = path.file_name().map(|name| name.to_string_lossy().to_lowercase()).unwrap_or_default();
        let name = name.strip_suffix(".gz").unwrap_or(&name);
        match name.rsplit_once('.').map(|(_, extension)| extension) {
            Some("jsonl" | "ndjson") => Form::Lines,
            Some("json") => Form::json(head),
            Some("html" | "htm" | "xhtml") => Form::Text(Some(Format::Html)),
            Some("txt" | "text" | "md" | "markdown") => Form::Text(None),
            _ if looks_like_json(head) => Form::json(head),
            _ => Form::Text(None),
        }
    }

    /// One object a line where the first line is one, or more of it than is looked at.
    fn json(head: &[u8]) -> Form {
        let start = head.iter().position(|byte| !byte.is_ascii_whitespace()).unwrap_or(0);
        let head = &head[start..];
        let line = head.split(|byte| *byte == b'\n').next().unwrap_or_default();
        let whole = serde_json::from_slice::<serde::de::IgnoredAny>(line).is_ok();
        let long = line.len() == head.len() && head.len() + start >= 4096;
        if head.starts_with(b"{") && (whole || long) { Form::Lines } else { Form::Values }
    }
}

/// `{"` or `[{`: a text may begin with a bracket, too.
fn looks_like_json(head: &[u8]) -> bool {
    let mut bytes = head.iter().filter(|byte| !byte.is_ascii_whitespace());
    matches!((bytes.next(), bytes.next()), (Some(b'{'), Some(b'"' | b'}')) | (Some(b'['), Some(b'{' | b']')))
}

fn broken_json(error: &serde_json::Error, name: &str, line: u32) -> Error {
    let shown = error.to_string();
    let what = shown.split(" at line ").next().unwrap_or(&shown);
    Error::new("this is no JSON")
        .detail(format!("{what}, in column {}", error.column()))
        .hint("a JD in JSON is an object such as {\"text\": \"…\"}; in a .jsonl file each stands on a line of its own")
        .at(Position::new(name, line))
}

fn not_text(said: &str, at: Position) -> Error {
    let detail = said.lines().find_map(|line| line.trim().strip_prefix("detail: ")).unwrap_or(said);
    Error::new("the bytes are no text")
        .detail(detail)
        .hint("send plain text, Markdown, HTML or JSON in UTF-8, not a PDF, an image or a Word file")
        .at(at)
}

fn nothing_in(name: &str) -> Error {
    Error::new(format!("no JD in {name}"))
        .detail("it is empty")
        .hint("a JD in JSON is an object such as {\"text\": \"…\"}, one a line or in an array")
        .at(Position::whole(name))
}
