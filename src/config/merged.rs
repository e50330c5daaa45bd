//! What comes out when layers are laid over each other, and from which is each value?

use super::keys::{self, FREE, KEYS, SECTIONS};
use crate::error::{Error, Position, listed, nearest};
use indexmap::IndexMap;
use std::fmt::Write;
use toml::Value;

/// A value a layer gives.
#[derive(Clone, Debug)]
pub(super) struct Given {
    /// `section.key`; in the free sections keys may have several parts.
    pub(super) path: String,
    pub(super) value: Value,
    pub(super) at: Position,
}

/// The values by path, in the order of the default file.
#[derive(Clone, Debug, Default)]
pub(super) struct Merged {
    values: IndexMap<String, (Value, Position)>,
}

impl PartialEq for Merged {
    /// Where values came from is no difference, and the values are compared in the sections.
    fn eq(&self, _: &Merged) -> bool {
        true
    }
}

impl Merged {
    /// Lays a layer over what is there; keys that do not exist and values that do not fit are reported.
    pub(super) fn lay(&mut self, layer: Vec<Given>, errors: &mut Vec<Error>) {
        for given in layer {
            match check(given) {
                Ok(given) => {
                    self.values.insert(given.path, (given.value, given.at));
                }
                Err(error) => errors.push(error),
            }
        }
    }

    pub(super) fn origin(&self, path: &str) -> Option<&Position> {
        self.values.get(path).map(|(_, at)| at)
    }

    /// All values as nested tables; every section is there.
    pub(super) fn table(&self) -> toml::Table {
        let mut table = toml::Table::new();
        for section in SECTIONS {
            table.insert((*section).to_owned(), Value::Table(toml::Table::new()));
        }
        for (path, (value, _)) in &self.values {
            put(&mut table, path, value.clone());
        }
        table
    }

    pub(super) fn to_toml(&self) -> String {
        let mut out = String::new();
        for section in SECTIONS {
            let _ = writeln!(out, "{}[{section}]", if out.is_empty() { "" } else { "\n" });
            for (path, (value, at)) in &self.values {
                if let Some(key) = path.strip_prefix(section).and_then(|rest| rest.strip_prefix('.')) {
                    let _ = writeln!(out, "{:<44} # {at}", format!("{key} = {value}"));
                }
            }
        }
        out
    }
}

fn put(table: &mut toml::Table, path: &str, value: Value) {
    let Some((first, rest)) = path.split_once('.') else {
        table.insert(path.to_owned(), value);
        return;
    };
    let inner = table.entry(first).or_insert_with(|| Value::Table(toml::Table::new()));
    match inner {
        Value::Table(inner) => put(inner, rest, value),
        // In a free section a later layer may turn a value into a table.
        _ => {
            let mut new = toml::Table::new();
            put(&mut new, rest, value);
            *inner = Value::Table(new);
        }
    }
}

fn check(given: Given) -> Result<Given, Error> {
    let Given { path, value, at } = given;
    let (section, key) = path.split_once('.').unwrap_or((&path, ""));
    if FREE.contains(&section) && !key.is_empty() {
        return Ok(Given { path, value, at });
    }
    let Some(kind) = keys::kind(&path) else { return Err(unknown(section, key).at(at)) };
    let (found, word) = (value.to_string(), value.as_str().map(str::to_owned));
    if let Some(value) = kind.accept(value) {
        return Ok(Given { path, value, at });
    }
    let near = match (kind, &word) {
        (keys::Kind::Choice(words), Some(word)) => nearest(word, words.iter().copied()),
        _ => None,
    };
    let hint = match near {
        Some(near) => format!("did you mean \"{near}\"?"),
        None => match super::DEFAULT.lines().find(|line| line.starts_with(&format!("{key} = "))) {
            Some(line) => format!("the default is {line}"),
            None => "see config/default.toml".to_owned(),
        },
    };
    Err(Error::new(format!("{path} is {found}")).detail(format!("expected: {}", kind.expected())).hint(hint).at(at))
}

fn unknown(section: &str, key: &str) -> Error {
    if !SECTIONS.contains(&section) {
        let hint = match nearest(section, SECTIONS.iter().copied()) {
            Some(near) => format!("did you mean \"{near}\"?"),
            None => "see config/default.toml for all keys".to_owned(),
        };
        let detail = format!("the sections are {}", listed(SECTIONS.iter()));
        return Error::new(format!("unknown section \"{section}\"")).detail(detail).hint(hint);
    }
    let in_section = || KEYS.iter().filter_map(|(path, _)| path.strip_prefix(section)?.strip_prefix('.'));
    let elsewhere = KEYS.iter().find(|(path, _)| path.split_once('.').is_some_and(|(_, known)| known == key));
    let hint = match (nearest(key, in_section()), elsewhere) {
        (_, Some((path, _))) => format!("did you mean {path}?"),
        (Some(near), None) => format!("did you mean \"{near}\"?"),
        (None, None) => "remove it; config/default.toml has all keys".to_owned(),
    };
    let detail = match section {
        _ if FREE.contains(&section) => format!("[{section}] is a section: a key is missing"),
        _ => format!("the keys there are {}", listed(in_section())),
    };
    Error::new(format!("unknown key \"{key}\" in [{section}]")).detail(detail).hint(hint)
}
