//! Which line of which file does a TOML value stand on? So that a message about it can say so.

use crate::error::{Error, Position, listed, nearest};
use std::ops::Range;
use std::sync::Arc;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// A TOML file's name, text and line starts.
pub(crate) struct Source<'a> {
    file: Arc<str>,
    text: &'a str,
    starts: Vec<usize>,
}

impl<'a> Source<'a> {
    pub(crate) fn new(file: &str, text: &'a str) -> Source<'a> {
        let starts = std::iter::once(0).chain(text.match_indices('\n').map(|(at, _)| at + 1)).collect();
        Source { file: file.into(), text, starts }
    }

    pub(crate) fn text(&self) -> &'a str {
        self.text
    }

    /// The line a byte range begins on.
    pub(crate) fn at(&self, span: Range<usize>) -> Position {
        Position::new(self.file.clone(), self.starts.partition_point(|start| *start <= span.start) as u32)
    }

    /// The file as a whole.
    pub(crate) fn whole(&self) -> Position {
        Position::whole(self.file.clone())
    }

    /// The text as a table whose keys and values know where they stand.
    pub(crate) fn parse(&self) -> Result<DeTable<'a>, Error> {
        DeTable::parse(self.text).map(Spanned::into_inner).map_err(|error| {
            let at = error.span().map_or(self.whole(), |span| self.at(span));
            let line = self.text.lines().nth(at.line.saturating_sub(1) as usize).unwrap_or_default();
            let hint = match error.message() {
                m if m.contains("duplicate key") => "a key stands once in a table: rename or remove one of the two",
                m if m.contains("string") => "texts stand in double quotes, and a quote inside them as \\\"",
                _ => "write key = value, [table], or # comment; texts stand in double quotes",
            };
            Error::new(format!("this is not TOML: {}", error.message()))
                .detail(format!("the line reads: {}", line.trim()))
                .hint(hint)
                .at(at)
        })
    }
}

/// A table whose keys are asked for one by one; what is wrong with them is collected.
pub(crate) struct Fields<'e, 'r, 'a> {
    pub(crate) source: &'r Source<'a>,
    table: &'r DeTable<'a>,
    what: String,
    at: Position,
    errors: &'e mut Vec<Error>,
}

impl<'e, 'r, 'a> Fields<'e, 'r, 'a> {
    /// Opens the table `what`, which may have the keys `known` and no others.
    pub(crate) fn open(
        source: &'r Source<'a>,
        table: &'r DeTable<'a>,
        what: String,
        at: Position,
        known: &[&str],
        errors: &'e mut Vec<Error>,
    ) -> Fields<'e, 'r, 'a> {
        for key in table.keys().filter(|key| !known.contains(&key.get_ref().as_ref())) {
            errors.push(unknown_key(key.get_ref(), &what, known).at(source.at(key.span())));
        }
        Fields { source, table, what, at, errors }
    }

    pub(crate) fn has(&self, key: &str) -> bool {
        self.table.contains_key(key)
    }

    /// Where the value of `key` stands, or the table where there is none.
    pub(crate) fn at(&self, key: &str) -> Position {
        self.table.get(key).map_or(self.at.clone(), |value| self.source.at(value.span()))
    }

    fn wrong(&mut self, key: &str, expected: &str) {
        if let Some(value) = self.table.get(key) {
            let error = Error::new(format!("{} of {} is {}", key, self.what, found(value.get_ref())))
                .detail(format!("{key} must be {expected}"))
                .hint(format!("write {key} = {}", example(expected)))
                .at(self.source.at(value.span()));
            self.errors.push(error);
        }
    }

    pub(crate) fn error(&mut self, error: Error) {
        self.errors.push(error);
    }

    pub(crate) fn text(&mut self, key: &str) -> Option<String> {
        let value = self.table.get(key)?.get_ref();
        let text = value.as_str().map(str::to_owned);
        if text.is_none() {
            self.wrong(key, "a text");
        }
        text
    }

    /// A text that must be there and not be empty.
    pub(crate) fn required(&mut self, key: &str) -> String {
        if !self.has(key) {
            let error = Error::new(format!("{} has no {key}", self.what))
                .detail(format!("{key} is required"))
                .hint(format!("add {key} = \"…\""))
                .at(self.at.clone());
            self.errors.push(error);
        }
        let text = self.text(key).unwrap_or_default();
        if text.trim().is_empty() && self.table.get(key).is_some_and(|v| v.get_ref().is_str()) {
            self.wrong(key, "a text that is not empty");
        }
        text
    }

    pub(crate) fn number(&mut self, key: &str) -> Option<u32> {
        let value = self.table.get(key)?.get_ref();
        let number = value.as_integer().and_then(|n| u32::from_str_radix(n.as_str(), n.radix()).ok());
        if number.is_none() {
            self.wrong(key, "a whole number from 0 to 4294967295");
        }
        number
    }

    pub(crate) fn flag(&mut self, key: &str) -> bool {
        let Some(value) = self.table.get(key).map(Spanned::get_ref) else { return false };
        let flag = value.as_bool();
        if flag.is_none() {
            self.wrong(key, "true or false");
        }
        flag.unwrap_or_default()
    }

    /// A list of texts, each with where it stands.
    pub(crate) fn texts(&mut self, key: &str) -> Vec<(String, Position)> {
        let Some(value) = self.table.get(key) else { return Vec::new() };
        match texts_of(self.source, value) {
            Some(texts) => texts,
            None => {
                self.wrong(key, "a list of texts");
                Vec::new()
            }
        }
    }

    /// One of a few words.
    pub(crate) fn choice<T: Copy + Default>(&mut self, key: &str, words: &[(&str, T)]) -> T {
        let Some(text) = self.text(key) else { return T::default() };
        if let Some((_, value)) = words.iter().find(|(word, _)| *word == text) {
            return *value;
        }
        let known = || words.iter().map(|(word, _)| *word);
        let hint = match nearest(&text, known()) {
            Some(word) => format!("did you mean \"{word}\"?"),
            None => format!("take one of them, or leave {key} out"),
        };
        let error = Error::new(format!("{key} of {} is \"{text}\"", self.what))
            .detail(format!("{key} is one of {}", listed(known())))
            .hint(hint)
            .at(self.at(key));
        self.errors.push(error);
        T::default()
    }

    /// The entries of a table inside this one.
    pub(crate) fn table(&mut self, key: &str) -> Option<&'r DeTable<'a>> {
        let value = self.table.get(key)?.get_ref();
        let table = value.as_table();
        if table.is_none() {
            self.wrong(key, "a table");
        }
        table
    }
}

/// The texts of a list; `None` when it is no list or holds something else.
pub(crate) fn texts_of(source: &Source<'_>, value: &Spanned<DeValue<'_>>) -> Option<Vec<(String, Position)>> {
    let items = value.get_ref().as_array()?.iter();
    items.map(|item| Some((item.get_ref().as_str()?.to_owned(), source.at(item.span())))).collect()
}

/// What a value is, in words.
pub(crate) fn found(value: &DeValue<'_>) -> String {
    match value {
        DeValue::String(text) => format!("the text \"{text}\""),
        DeValue::Integer(number) => format!("the number {number}"),
        DeValue::Float(number) => format!("the number {number}"),
        DeValue::Boolean(flag) => format!("{flag}"),
        DeValue::Datetime(time) => format!("the time {time}"),
        DeValue::Array(_) => "a list".to_owned(),
        DeValue::Table(_) => "a table".to_owned(),
    }
}

fn example(expected: &str) -> &'static str {
    match expected {
        "a list of texts" => "[\"…\", \"…\"]",
        "true or false" => "true",
        "a table" => "{ … }",
        e if e.contains("number") => "1",
        _ => "\"…\"",
    }
}

/// The message on a key that is not among `known`.
pub(crate) fn unknown_key(key: &str, what: &str, known: &[&str]) -> Error {
    let hint = match nearest(key, known.iter().copied()) {
        Some(word) => format!("did you mean \"{word}\"?"),
        None => "remove it, or write it as a # comment".to_owned(),
    };
    Error::new(format!("unknown key \"{key}\" in {what}"))
        .detail(format!("the keys are {}", listed(known.iter())))
        .hint(hint)
}
