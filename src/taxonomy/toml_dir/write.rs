//! How does a taxonomy become a folder again?

use super::skills::{AI_CLASSES, ERAS, STATUSES};
use super::text::{key, list_line, quoted, text_line};
use super::{NO_DIMENSION, roles};
use crate::error::Error;
use crate::taxonomy::{Skill, Taxonomy, slugs};
use rolestream_dataflows::records::{AiClass, AliasVerdict, Status};
use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::Path;

pub(super) fn save(taxonomy: &Taxonomy, folder: &Path) -> Result<(), Error> {
    let files = files(taxonomy)?;
    guard(folder)?;
    for part in ["skills", "roles"] {
        let part = folder.join(part);
        std::fs::create_dir_all(&part).map_err(|error| unwritable(&part, error))?;
    }
    for (path, text) in &files {
        let path = folder.join(path);
        // First beside it, then in its place: a reader never sees half a file.
        let beside = path.with_extension("toml~");
        let written = std::fs::write(&beside, text).and_then(|()| std::fs::rename(&beside, &path));
        written.map_err(|error| unwritable(&path, error))?;
    }
    for part in ["skills", "roles"] {
        for entry in std::fs::read_dir(folder.join(part)).into_iter().flatten().flatten() {
            let name = entry.file_name().to_string_lossy().into_owned();
            if name.ends_with(".toml") && !files.contains_key(&format!("{part}/{name}")) {
                std::fs::remove_file(entry.path()).map_err(|error| unwritable(&entry.path(), error))?;
            }
        }
    }
    for name in ["taxonomy.toml", "alias_rules.toml"] {
        let path = folder.join(name);
        if !files.contains_key(name) && path.exists() {
            std::fs::remove_file(&path).map_err(|error| unwritable(&path, error))?;
        }
    }
    Ok(())
}

fn unwritable(path: &Path, error: std::io::Error) -> Error {
    Error::new(format!("cannot write {}", path.display()))
        .detail(error.to_string())
        .hint("check the path, who may write there, and that the disk is not full")
}

/// A folder that holds something else stays as it is.
fn guard(folder: &Path) -> Result<(), Error> {
    let mut names = std::fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.file_name());
    let mut empty = true;
    let taxonomy = names.any(|name| {
        empty = false;
        ["skills", "roles", "taxonomy.toml"].iter().any(|known| name == *known)
    });
    if empty || taxonomy {
        return Ok(());
    }
    Err(Error::new(format!("{} holds something else", folder.display()))
        .detail("a taxonomy is written to a new or empty folder, or over a taxonomy")
        .hint("name another folder"))
}

/// The files by path.
fn files(taxonomy: &Taxonomy) -> Result<BTreeMap<String, String>, Error> {
    let mut files = BTreeMap::new();
    if let Some(text) = whole(taxonomy) {
        files.insert("taxonomy.toml".to_owned(), text);
    }
    if !taxonomy.alias_rules.is_empty() {
        files.insert("alias_rules.toml".to_owned(), alias_rules(taxonomy));
    }
    let mut skills: BTreeMap<&str, String> = BTreeMap::new();
    for dimension in taxonomy.dimensions.iter() {
        slugs::check(&dimension.slug, "dimension", Default::default)?;
        let text = skills.entry(&dimension.slug).or_default();
        let _ = writeln!(text, "[dimension]\nname = {}", quoted(&dimension.name));
    }
    for entry in taxonomy.skills.entries() {
        slugs::check(&entry.record.slug, "skill", || entry.at.clone())?;
        if let Some(dimension) = &entry.record.dimension {
            slugs::check(dimension, "dimension", || entry.at.clone())?;
        }
        skill(skills.entry(entry.record.dimension.as_deref().unwrap_or(NO_DIMENSION)).or_default(), &entry.record);
    }
    files.extend(skills.into_iter().map(|(slug, text)| (format!("skills/{slug}.toml"), text)));
    for (slug, text) in role_files(taxonomy)? {
        files.insert(format!("roles/{slug}.toml"), text);
    }
    Ok(files)
}

fn whole(taxonomy: &Taxonomy) -> Option<String> {
    let mut table = toml::Table::new();
    if !taxonomy.name.is_empty() {
        table.insert("name".to_owned(), toml::Value::String(taxonomy.name.clone()));
    }
    if !taxonomy.calibration.is_empty() {
        table.insert("calibration".to_owned(), toml::Value::Table(taxonomy.calibration.clone()));
    }
    (!table.is_empty()).then(|| table.to_string())
}

fn alias_rules(taxonomy: &Taxonomy) -> String {
    let mut out = "# What a title means that several roles claim.\n".to_owned();
    for rule in taxonomy.alias_rules.iter() {
        let _ = writeln!(out, "\n[rules.{}]", key(&rule.term));
        match &rule.verdict {
            AliasVerdict::Assigned(role) => text_line(&mut out, "assigned", role),
            AliasVerdict::Ambiguous => out.push_str("ambiguous = true\n"),
            AliasVerdict::BySkills { role, skills } => {
                text_line(&mut out, "role", role);
                list_line(&mut out, "skills", &skills.iter().map(String::as_str).collect::<Vec<_>>());
            }
        }
    }
    out
}

fn name_of<T: Copy + PartialEq>(value: T, words: &[(&'static str, T)]) -> &'static str {
    words.iter().find(|(_, v)| *v == value).map_or("", |(word, _)| word)
}

fn state(out: &mut String, status: Status, replaced_by: Option<&str>) {
    if status != Status::Active {
        text_line(out, "status", name_of(status, STATUSES));
    }
    if let Some(other) = replaced_by {
        text_line(out, "replaced_by", other);
    }
}

fn skill(out: &mut String, skill: &Skill) {
    let _ = writeln!(out, "\n[skills.{}]\nid = {}", key(&skill.slug), skill.number);
    text_line(out, "name", &skill.name);
    list_line(out, "aliases", &skill.aliases.iter().map(String::as_str).collect::<Vec<_>>());
    text_line(out, "kind", &skill.kind);
    text_line(out, "era", name_of(skill.era, ERAS));
    if skill.ai != AiClass::None {
        text_line(out, "ai", name_of(skill.ai, AI_CLASSES));
    }
    if skill.case_sensitive {
        out.push_str("case_sensitive = true\n");
    }
    if !skill.context.is_empty() {
        list_line(out, "context", &skill.context.iter().map(String::as_str).collect::<Vec<_>>());
    }
    state(out, skill.status, skill.replaced_by.as_deref());
}

/// What the files of the roles hold, collected by role before it is written.
#[derive(Default)]
struct RoleFile<'a> {
    head: String,
    aliases: Vec<&'a str>,
    kras: Vec<(String, &'a str)>,
    dimensions: Vec<&'a str>,
    skills: Vec<&'a str>,
}

fn role_files(taxonomy: &Taxonomy) -> Result<BTreeMap<&str, String>, Error> {
    let mut files: BTreeMap<&str, RoleFile<'_>> = BTreeMap::new();
    for role in taxonomy.roles.iter() {
        let head = &mut files.entry(&role.slug).or_default().head;
        let _ = writeln!(head, "id = {}", role.number);
        text_line(head, "name", &role.name);
        text_line(head, "archetype", &role.archetype);
        state(head, role.status, role.replaced_by.as_deref());
    }
    for alias in taxonomy.aliases.iter() {
        files.entry(&alias.role).or_default().aliases.push(&alias.text);
    }
    for kra in taxonomy.kras.iter() {
        files.entry(&kra.role).or_default().kras.push((roles::handle(&kra.role, &kra.id), &kra.sentence));
    }
    for owned in taxonomy.role_dimensions.iter() {
        files.entry(&owned.role).or_default().dimensions.push(&owned.dimension);
    }
    for listed in taxonomy.role_skills.iter() {
        files.entry(&listed.role).or_default().skills.push(&listed.skill);
    }
    files
        .into_iter()
        .map(|(slug, file)| slugs::check(slug, "role", Default::default).map(|()| (slug, file.write(taxonomy))))
        .collect()
}

impl RoleFile<'_> {
    fn write(&self, taxonomy: &Taxonomy) -> String {
        let mut out = self.head.clone();
        if !self.aliases.is_empty() {
            list_line(&mut out, "aliases", &self.aliases);
        }
        if !self.kras.is_empty() {
            out.push_str("\n[kras]\n");
            self.kras.iter().for_each(|(handle, sentence)| text_line(&mut out, handle, sentence));
        }
        let mut by_dimension: indexmap::IndexMap<&str, Vec<&str>> =
            self.dimensions.iter().map(|dimension| (*dimension, Vec::new())).collect();
        for slug in &self.skills {
            let home = taxonomy.skills.get(slug).and_then(|skill| skill.dimension.as_deref());
            let place = home.filter(|home| by_dimension.contains_key(home)).unwrap_or(NO_DIMENSION);
            by_dimension.entry(place).or_default().push(slug);
        }
        if !by_dimension.is_empty() {
            out.push_str("\n[skills]\n");
            by_dimension.iter().for_each(|(dimension, skills)| list_line(&mut out, dimension, skills));
        }
        out
    }
}
