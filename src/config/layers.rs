//! What is laid over the defaults? A file, the environment, flags; each in the form of its own.

use super::keys::{self, FREE};
use super::merged::Given;
use crate::error::{Error, Position};
use crate::toml_source::Source;
use std::path::{Path, PathBuf};
use toml::Value;
use toml::de::{DeTable, DeValue};

/// Environment variables that begin with it are settings: `ROLESTREAM__ENGINE__WORKERS`.
const PREFIX: &str = "ROLESTREAM__";
/// The environment variable that names the file.
const FILE_VARIABLE: &str = "ROLESTREAM_CONFIG";
/// The file that is read where none is named.
const FILE: &str = "rolestream.toml";

/// What is laid over the defaults, later ones over earlier ones: the file, the environment, the flags.
#[derive(Clone, Debug, Default)]
pub struct Layers {
    /// The file, from `--config`. Without it `ROLESTREAM_CONFIG` names one, else `rolestream.toml` is read if it is
    /// there.
    pub file: Option<PathBuf>,
    /// Where `rolestream.toml` is looked for; nowhere if empty.
    pub folder: PathBuf,
    /// Environment variables; those that are no settings are ignored.
    pub environment: Vec<(String, String)>,
    /// `section.key=value`, from `--set`.
    pub flags: Vec<String>,
}

impl Layers {
    /// Those of this process, with its flags.
    pub fn of_process(file: Option<PathBuf>, flags: Vec<String>) -> Layers {
        // A variable that is not Unicode cannot be one of ours.
        let unicode = |(name, value): (std::ffi::OsString, std::ffi::OsString)| {
            Some((name.into_string().ok()?, value.into_string().ok()?))
        };
        Layers {
            file,
            folder: PathBuf::from("."),
            environment: std::env::vars_os().filter_map(unicode).collect(),
            flags,
        }
    }

    pub(super) fn given(&self, errors: &mut Vec<Error>) -> [Vec<Given>; 3] {
        [self.file_layer(errors), self.environment_layer(errors), self.flag_layer(errors)]
    }

    fn file_layer(&self, errors: &mut Vec<Error>) -> Vec<Given> {
        let variable = self.environment.iter().find(|(name, value)| name == FILE_VARIABLE && !value.is_empty());
        let (path, why) = match (&self.file, variable) {
            (Some(path), _) => (path.clone(), "it is named by --config"),
            (None, Some((_, path))) => (PathBuf::from(path), "it is named by ROLESTREAM_CONFIG"),
            (None, None) => {
                let path = self.folder.join(FILE);
                if self.folder.as_os_str().is_empty() || !path.exists() {
                    return Vec::new();
                }
                (path, "it is in the working folder")
            }
        };
        match std::fs::read_to_string(&path) {
            Ok(read) => text(&shown(&path), &read, errors),
            Err(error) => {
                errors.push(
                    Error::new(format!("cannot read the configuration {}", path.display()))
                        .detail(format!("{error}; {why}"))
                        .hint("check the path and who may read it; without a file the defaults count"),
                );
                Vec::new()
            }
        }
    }

    fn environment_layer(&self, errors: &mut Vec<Error>) -> Vec<Given> {
        let mut settings: Vec<&(String, String)> =
            self.environment.iter().filter(|(name, _)| name.starts_with(PREFIX)).collect();
        settings.sort();
        let given = settings.into_iter().filter_map(|(name, value)| {
            let at = Position::whole(format!("environment {name}"));
            let parts: Vec<&str> = name.strip_prefix(PREFIX).unwrap_or_default().split("__").collect();
            if parts.len() < 2 || parts.iter().any(|part| part.is_empty()) {
                errors.push(
                    Error::new(format!("{name} names no setting"))
                        .detail("a setting is section and key with two underscores before each")
                        .hint("write it as ROLESTREAM__ENGINE__WORKERS")
                        .at(at),
                );
                return None;
            }
            let path = parts.join(".").to_lowercase();
            Some(Given { value: read(&path, value), path, at })
        });
        given.collect()
    }

    fn flag_layer(&self, errors: &mut Vec<Error>) -> Vec<Given> {
        let given = self.flags.iter().filter_map(|flag| {
            let at = Position::whole("flag --set");
            match flag.split_once('=').map(|(path, value)| (path.trim(), value.trim())) {
                Some((path, value)) if path.contains('.') => {
                    Some(Given { path: path.to_owned(), value: read(path, value), at })
                }
                _ => {
                    errors.push(
                        Error::new(format!("\"{flag}\" sets nothing"))
                            .detail("a setting is section.key=value")
                            .hint("write it as --set engine.workers=2")
                            .at(at),
                    );
                    None
                }
            }
        });
        given.collect()
    }
}

fn shown(path: &Path) -> String {
    path.strip_prefix(".").unwrap_or(path).to_string_lossy().into_owned()
}

fn read(path: &str, text: &str) -> Value {
    // librdkafka takes texts only, and a password such as 1e5 must not become a number.
    if path.starts_with("librdkafka.") && !text.starts_with(['"', '\'']) {
        return Value::String(text.to_owned());
    }
    keys::kind(path).map_or_else(|| keys::value(text), |kind| kind.read(text))
}

/// The values of a TOML text, each with its line.
pub(super) fn text(name: &str, text: &str, errors: &mut Vec<Error>) -> Vec<Given> {
    let source = Source::new(name, text);
    // Once for the lines, once for the values.
    let (lines, values) = match source.parse() {
        Ok(lines) => (lines, toml::from_str::<toml::Table>(text).unwrap_or_default()),
        Err(error) => {
            errors.push(error);
            return Vec::new();
        }
    };
    let mut given = Vec::new();
    collect(&source, "", &lines, &values, &mut given);
    given
}

/// The values of a table, all with the same origin.
pub(super) fn table(section: &str, table: &toml::Table, at: &Position) -> Vec<Given> {
    let given = |(key, value): (&String, &Value)| Given {
        path: format!("{section}.{key}"),
        value: value.clone(),
        at: at.clone(),
    };
    table.iter().map(given).collect()
}

fn collect(source: &Source<'_>, path: &str, lines: &DeTable<'_>, values: &toml::Table, given: &mut Vec<Given>) {
    for (key, line) in lines {
        let at = source.at(key.span());
        let key = key.get_ref().as_ref();
        let Some(value) = values.get(key) else { continue };
        let whole = if path.is_empty() { key.to_owned() } else { format!("{path}.{key}") };
        // Sections are tables, and the free sections may have some inside; elsewhere a table is a value that fits nowhere.
        let inside = path.is_empty() || path.split('.').next().is_some_and(|section| FREE.contains(&section));
        match (line.get_ref(), value) {
            (DeValue::Table(lines), Value::Table(values)) if inside => {
                if values.is_empty() && path.is_empty() && !keys::SECTIONS.contains(&key) {
                    given.push(Given { path: whole, value: value.clone(), at });
                } else {
                    collect(source, &whole, lines, values, given);
                }
            }
            _ => given.push(Given { path: whole, value: value.clone(), at }),
        }
    }
}
