//! How is a taxonomy written down so that people can edit it? As a folder of TOML files.
//!
//! - `taxonomy.toml` (optional): its name, and thresholds made for it
//! - `skills/<dimension slug>.toml`: a dimension and the skills whose home it is
//! - `roles/<role slug>.toml`: a role, its other titles, responsibilities and skills by dimension
//! - `alias_rules.toml` (optional): what a title means that several roles claim
//!
//! `_` stands for *no dimension*: `skills/_.toml` holds skills without a home, `_ = [..]` under a role's skills those
//! whose dimension the role lacks. A responsibility's key is `<role slug>/<handle>`; a handle that begins with `/` is
//! a whole key. A skills file without `[dimension]`, or a role file without `id` and `name`, holds records that refer
//! to something missing.

mod read;
mod roles;
mod rules;
mod skills;
mod text;
mod write;

pub(crate) use read::twice;

use super::Taxonomy;
use crate::error::{Error, Errors};
use include_dir::{Dir, include_dir};
use std::borrow::Cow;
use std::path::Path;

/// *No dimension*, where a dimension's slug is expected.
const NO_DIMENSION: &str = "_";

static SHIPPED: Dir<'static> = include_dir!("$CARGO_MANIFEST_DIR/config/taxonomy");

/// A file of the folder.
struct File<'a> {
    /// Its path in the folder, with `/`.
    path: String,
    /// How messages name it.
    shown: String,
    text: Cow<'a, str>,
}

impl Taxonomy {
    /// Reads a folder. All that is wrong in it is reported at once.
    pub fn load(folder: &Path) -> Result<Taxonomy, Errors> {
        let mut files = Vec::new();
        collect(folder, "", &mut files)?;
        if !files.iter().any(|file| file.path.starts_with("roles/") || file.path.starts_with("skills/")) {
            return Err(Error::new("no taxonomy in this folder")
                .detail(format!("{} has no file roles/<slug>.toml and no file skills/<slug>.toml", folder.display()))
                .hint("name the folder that holds `roles` and `skills`; an O*NET or ESCO folder must be imported first")
                .into());
        }
        read::read(&files)
    }

    /// The taxonomy that is compiled into the program.
    pub fn shipped() -> Result<Taxonomy, Errors> {
        fn collect(dir: &'static Dir<'static>, files: &mut Vec<File<'static>>) {
            for file in dir.files() {
                let path = file.path().to_string_lossy().replace('\\', "/");
                let text = String::from_utf8_lossy(file.contents());
                files.push(File { shown: format!("config/taxonomy/{path}"), path, text });
            }
            dir.dirs().for_each(|dir| collect(dir, files));
        }
        let mut files = Vec::new();
        collect(&SHIPPED, &mut files);
        files.sort_by(|a, b| a.path.cmp(&b.path));
        read::read(&files)
    }

    /// Writes the taxonomy as a folder; files of roles and dimensions it does not have are deleted there.
    pub fn save(&self, folder: &Path) -> Result<(), Error> {
        write::save(self, folder)
    }
}

fn collect(folder: &Path, path: &str, files: &mut Vec<File<'_>>) -> Result<(), Error> {
    let unreadable = |path: &Path, error: std::io::Error| {
        Error::new(format!("cannot read {}", path.display()))
            .detail(error.to_string())
            .hint("check the path and who may read it; `rolestream` without a path takes the taxonomy in the program")
    };
    let mut entries: Vec<_> = std::fs::read_dir(folder)
        .and_then(Iterator::collect::<Result<_, _>>)
        .map_err(|error| unreadable(folder, error))?;
    entries.sort_by_key(std::fs::DirEntry::file_name);
    for entry in entries {
        let name = entry.file_name().to_string_lossy().into_owned();
        let (full, path) = (entry.path(), if path.is_empty() { name.clone() } else { format!("{path}/{name}") });
        if name.starts_with('.') || name.ends_with(".md") {
            continue;
        }
        // Folders inside `skills` or `roles` are no part of a taxonomy: they are named, not entered.
        if full.is_dir() && !path.contains('/') {
            collect(&full, &path, files)?;
        } else {
            let is_toml = name.ends_with(".toml") && full.is_file();
            let text = if is_toml { std::fs::read_to_string(&full) } else { Ok(String::new()) };
            let text = text.map_err(|error| unreadable(&full, error))?;
            files.push(File { path, shown: full.to_string_lossy().into_owned(), text: Cow::Owned(text) });
        }
    }
    Ok(())
}

#[cfg(test)]
pub(crate) mod tests;
