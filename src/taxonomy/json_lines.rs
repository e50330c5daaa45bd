//! How does a taxonomy travel as a stream? One record a line: `{"collection": "roles", "slug": …}`.

use super::slugs;
use super::toml_dir::twice;
use super::{Alias, Keyed, Kra, Role, Skill, Table, Taxonomy};
use crate::error::{Error, Errors, Position, listed, nearest};
use rolestream_dataflows::records::{AliasRule, Dimension, Key, RoleDimension, RoleSkill};
use rolestream_dataflows::text::normalise;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::io::{self, BufRead, Write};
use std::sync::Arc;

/// A record of any collection.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "collection", rename_all = "snake_case")]
#[allow(missing_docs, reason = "each variant is the collection of its record type")]
pub enum Line {
    /// The taxonomy as a whole; no collection, and at most one line.
    Taxonomy {
        #[serde(default)]
        name: String,
        #[serde(default, skip_serializing_if = "toml::Table::is_empty")]
        calibration: toml::Table,
    },
    Roles(Role),
    Aliases(Alias),
    AliasRules(AliasRule),
    Kras(Kra),
    Skills(Skill),
    Dimensions(Dimension),
    RoleDimensions(RoleDimension),
    RoleSkills(RoleSkill),
}

const COLLECTIONS: &[&str] = &[
    "taxonomy",
    Role::COLLECTION,
    Alias::COLLECTION,
    AliasRule::COLLECTION,
    Kra::COLLECTION,
    Skill::COLLECTION,
    Dimension::COLLECTION,
    RoleDimension::COLLECTION,
    RoleSkill::COLLECTION,
];

/// Reads one record a line; empty lines are skipped. `name` is how messages call the source.
pub fn read(name: &str, lines: impl BufRead) -> Result<Taxonomy, Errors> {
    let file: Arc<str> = name.into();
    let mut taxonomy = Taxonomy::default();
    let mut errors = Vec::new();
    for (n, line) in lines.lines().enumerate() {
        let at = Position::new(file.clone(), n as u32 + 1);
        let read = match line {
            Ok(text) if text.trim().is_empty() => continue,
            Ok(text) => parse(&text).map_err(|error| error.at(at.clone())),
            Err(error) => {
                let hint = "the file must be readable and be UTF-8 text";
                errors.push(Error::new(format!("cannot read {name}")).detail(error.to_string()).hint(hint).at(at));
                break;
            }
        };
        errors.extend(read.and_then(|line| taxonomy.take(line, at)).err());
    }
    Errors(errors).into_result().map(|()| taxonomy)
}

/// Writes one record a line, collection by collection.
pub fn write(taxonomy: &Taxonomy, out: &mut impl Write) -> io::Result<()> {
    fn all<R: Keyed + Clone>(table: &Table<R>, line: fn(R) -> Line, out: &mut impl Write) -> io::Result<()> {
        table.iter().try_for_each(|record| one(&line(record.clone()), out))
    }
    fn one(line: &Line, out: &mut impl Write) -> io::Result<()> {
        serde_json::to_writer(&mut *out, line)?;
        out.write_all(b"\n")
    }
    if !taxonomy.name.is_empty() || !taxonomy.calibration.is_empty() {
        one(&Line::Taxonomy { name: taxonomy.name.clone(), calibration: taxonomy.calibration.clone() }, out)?;
    }
    all(&taxonomy.roles, Line::Roles, out)?;
    all(&taxonomy.aliases, Line::Aliases, out)?;
    all(&taxonomy.alias_rules, Line::AliasRules, out)?;
    all(&taxonomy.kras, Line::Kras, out)?;
    all(&taxonomy.dimensions, Line::Dimensions, out)?;
    all(&taxonomy.skills, Line::Skills, out)?;
    all(&taxonomy.role_dimensions, Line::RoleDimensions, out)?;
    all(&taxonomy.role_skills, Line::RoleSkills, out)
}

/// The fields of each collection's records.
const FIELDS: &[(&str, &[&str])] = &[
    ("taxonomy", &["name", "calibration"]),
    (Role::COLLECTION, &["slug", "name", "id", "archetype", "status", "replaced_by"]),
    (Alias::COLLECTION, &["role", "text"]),
    (AliasRule::COLLECTION, &["term", "verdict"]),
    (Kra::COLLECTION, &["id", "role", "sentence"]),
    (
        Skill::COLLECTION,
        &[
            "slug",
            "name",
            "id",
            "aliases",
            "dimension",
            "kind",
            "ai",
            "era",
            "case_sensitive",
            "context",
            "status",
            "replaced_by",
        ],
    ),
    (Dimension::COLLECTION, &["slug", "name"]),
    (RoleDimension::COLLECTION, &["role", "dimension"]),
    (RoleSkill::COLLECTION, &["role", "skill"]),
];

/// One line as a record, checked.
pub fn parse(text: &str) -> Result<Line, Error> {
    let value: Value = serde_json::from_str(text).map_err(|error| {
        let hint = "write one JSON object a line, without line breaks".to_owned();
        broken(format!("it is not JSON: {error}"), hint)
    })?;
    match value.as_object().and_then(unknown_field) {
        Some(error) => Err(error),
        None => from_value(value),
    }
}

fn broken(detail: String, hint: String) -> Error {
    Error::new("this is no record of a taxonomy").detail(detail).hint(hint)
}

/// The message on the first field that records of this object's collection do not have, if there is one.
pub fn unknown_field(object: &Map<String, Value>) -> Option<Error> {
    let collection = object.get("collection").and_then(Value::as_str)?;
    let (_, fields) = FIELDS.iter().find(|(name, _)| *name == collection)?;
    let unknown = object.keys().find(|key| *key != "collection" && !fields.contains(&key.as_str()))?;
    let hint = match nearest(unknown, fields.iter().copied()) {
        Some(field) => format!("did you mean \"{field}\"?"),
        None => format!("leave \"{unknown}\" out"),
    };
    let detail = format!("a record of {collection} has the fields {}", listed(*fields));
    Some(Error::new(format!("unknown field \"{unknown}\"")).detail(detail).hint(hint))
}

/// A JSON value as a record, checked; fields it should not have are another matter ([`unknown_field`]).
pub fn from_value(value: Value) -> Result<Line, Error> {
    let collection = value.get("collection").and_then(Value::as_str).unwrap_or_default().to_owned();
    if !COLLECTIONS.contains(&&*collection) {
        let hint = match nearest(&collection, COLLECTIONS.iter().copied()) {
            Some(word) => format!("did you mean \"{word}\"?"),
            None => "add \"collection\": \"roles\" or another of them".to_owned(),
        };
        return Err(broken(format!("its collection is \"{collection}\", not one of {}", listed(COLLECTIONS)), hint));
    }
    let mut line: Line = serde_json::from_value(value).map_err(|error| {
        let hint = format!("write the fields of {collection} as an export of the taxonomy shows them");
        broken(format!("as a record of {collection}: {error}"), hint)
    })?;
    match &mut line {
        Line::AliasRules(rule) => rule.term = normalise(&rule.term),
        Line::Kras(kra) => kra.sentence = kra.sentence.trim().to_owned(),
        _ => {}
    }
    let slugs: Vec<(&str, &str)> = match &line {
        Line::Taxonomy { .. } | Line::AliasRules(_) => vec![],
        Line::Roles(role) => vec![("role", &role.slug)],
        Line::Aliases(alias) => vec![("role", &alias.role)],
        Line::Kras(kra) => vec![("role", &kra.role)],
        Line::Skills(skill) => {
            let dimension = skill.dimension.iter().map(|dimension| ("dimension", &**dimension));
            dimension.chain([("skill", &*skill.slug)]).collect()
        }
        Line::Dimensions(dimension) => vec![("dimension", &dimension.slug)],
        Line::RoleDimensions(owned) => vec![("role", &owned.role), ("dimension", &owned.dimension)],
        Line::RoleSkills(listed) => vec![("role", &listed.role), ("skill", &listed.skill)],
    };
    for (what, slug) in slugs {
        slugs::check(slug, what, Position::default).map_err(|error| Error { source: None, ..error })?;
    }
    Ok(line)
}

impl Line {
    /// What the engine replaces and deletes this record by; nothing for the taxonomy as a whole.
    pub fn key(&self) -> Option<Key> {
        Some(match self {
            Line::Taxonomy { .. } => return None,
            Line::Roles(role) => Key::new("role", &[&role.slug]),
            Line::Aliases(alias) => Key::new("alias", &[&alias.role, &normalise(&alias.text)]),
            Line::AliasRules(rule) => Key::new("alias-rule", &[&rule.term]),
            Line::Kras(kra) => Key::new("kra", &[&kra.id]),
            Line::Skills(skill) => Key::new("skill", &[&skill.slug]),
            Line::Dimensions(dimension) => Key::new("dimension", &[&dimension.slug]),
            Line::RoleDimensions(owned) => Key::new("role-dimension", &[&owned.role, &owned.dimension]),
            Line::RoleSkills(listed) => Key::new("role-skill", &[&listed.role, &listed.skill]),
        })
    }
}

impl Taxonomy {
    /// Adds a record of any collection; one of its key must not be there yet.
    pub(crate) fn take(&mut self, line: Line, at: Position) -> Result<(), Error> {
        fn add<R: Keyed>(table: &mut Table<R>, record: R, at: Position) -> Result<(), Error> {
            let key = record.key().replace('\n', " / ");
            table.add(record, at.clone()).map_err(|there| {
                twice(&format!("\"{key}\" of {}", R::COLLECTION), at, &there, "a key names one record: remove one line")
            })
        }
        match line {
            Line::Taxonomy { name, calibration } => {
                (self.name, self.calibration) = (name, calibration);
                Ok(())
            }
            Line::Roles(role) => add(&mut self.roles, role, at),
            Line::Aliases(alias) => add(&mut self.aliases, alias, at),
            Line::AliasRules(rule) => add(&mut self.alias_rules, rule, at),
            Line::Kras(kra) => add(&mut self.kras, kra, at),
            Line::Skills(skill) => add(&mut self.skills, skill, at),
            Line::Dimensions(dimension) => add(&mut self.dimensions, dimension, at),
            Line::RoleDimensions(owned) => add(&mut self.role_dimensions, owned, at),
            Line::RoleSkills(listed) => add(&mut self.role_skills, listed, at),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_text(text: &str) -> Result<Taxonomy, Errors> {
        read("feed.jsonl", text.as_bytes())
    }

    #[test]
    fn what_is_written_reads_back_equal() {
        let shipped = crate::taxonomy::toml_dir::tests::kitchen();
        let mut lines = Vec::new();
        write(&shipped, &mut lines).unwrap();
        assert_eq!(read("feed.jsonl", &lines[..]).unwrap(), shipped);
    }

    #[test]
    fn the_listed_fields_are_those_of_the_records_and_keys_are_the_engines() {
        let kitchen = crate::taxonomy::toml_dir::tests::kitchen();
        let mut lines = Vec::new();
        write(&kitchen, &mut lines).unwrap();
        let lines = String::from_utf8(lines).unwrap();
        // A record with a field that is not listed would be refused here.
        let lines: Vec<Line> = lines.lines().map(|line| parse(line).unwrap()).collect();
        let mut keys: Vec<Key> = lines.iter().filter_map(Line::key).collect();
        let mut engine: Vec<Key> =
            kitchen.to_records(&mut |texts| vec![None; texts.len()]).iter().map(|record| record.key()).collect();
        keys.sort();
        engine.sort();
        assert_eq!(keys, engine);
        let skill = Skill {
            dimension: Some("d".to_owned()),
            ai: rolestream_dataflows::records::AiClass::Concept,
            case_sensitive: true,
            context: vec!["x".to_owned()],
            status: rolestream_dataflows::records::Status::Merged,
            replaced_by: Some("y".to_owned()),
            slug: "z".to_owned(),
            ..Skill::default()
        };
        assert_eq!(parse(&serde_json::to_string(&Line::Skills(skill.clone())).unwrap()).unwrap(), Line::Skills(skill));
        let odd = parse("{\"collection\":\"dimensions\",\"slug\":\"tools\",\"nmae\":\"Tools\"}").unwrap_err();
        assert_eq!(odd.hint.as_deref(), Some("did you mean \"name\"?"));
    }

    #[test]
    fn defaults_may_be_left_out_and_terms_are_normalised() {
        let taxonomy = read_text(
            "{\"collection\":\"skills\",\"slug\":\"knife\",\"name\":\"Knife\",\"id\":1}\n\n\
             {\"collection\":\"alias_rules\",\"term\":\" Head  Chef\",\"verdict\":\"ambiguous\"}\n",
        )
        .unwrap();
        assert!(taxonomy.skills.get("knife").unwrap().aliases.is_empty());
        assert!(taxonomy.alias_rules.contains("head chef"));
    }

    #[test]
    fn every_bad_line_is_named_with_what_to_do() {
        let errors = read_text(
            "{\"collection\":\"role\",\"slug\":\"cook\"}\n\
             {\"collection\":\"roles\",\"slug\":\"../cook\",\"name\":\"Cook\",\"id\":1}\n\
             {\"collection\":\"roles\",\"slug\":\"cook\",\"nam\":\"Cook\",\"id\":1}\n\
             nonsense\n\
             {\"collection\":\"dimensions\",\"slug\":\"tools\",\"name\":\"Tools\"}\n\
             {\"collection\":\"dimensions\",\"slug\":\"tools\",\"name\":\"Tools\"}\n",
        )
        .unwrap_err();
        let lines: Vec<u32> = errors.0.iter().map(|error| error.source.as_ref().unwrap().line).collect();
        assert_eq!(lines, [1, 2, 3, 4, 6]);
        assert!(errors.0.iter().all(|error| error.detail.is_some() && error.hint.is_some()));
        assert_eq!(errors.0[0].hint.as_deref(), Some("did you mean \"roles\"?"));
        assert!(errors.0[4].detail.as_deref().unwrap().contains("feed.jsonl:5"));
    }
}
