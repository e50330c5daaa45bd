//! What stands in `skills/<dimension slug>.toml`?

use super::NO_DIMENSION;
use super::read::twice;
use crate::error::Error;
use crate::taxonomy::{Skill, Taxonomy, lints, slugs};
use crate::toml_source::{Fields, Source};
use rolestream_dataflows::records::{AiClass, Dimension, Era, Status};
use rolestream_dataflows::text::normalise;
use std::collections::HashSet;
use toml::de::DeTable;

const KEYS: &[&str] =
    &["id", "name", "aliases", "kind", "era", "ai", "case_sensitive", "context", "status", "replaced_by"];

/// The ages of technologies by their names.
pub(super) const ERAS: &[(&str, Era)] = &[
    ("legacy", Era::Legacy),
    ("established", Era::Established),
    ("modern", Era::Modern),
    ("cloud_native", Era::CloudNative),
    ("emerging", Era::Emerging),
];

/// The AI classes by their names.
pub(super) const AI_CLASSES: &[(&str, AiClass)] = &[
    ("none", AiClass::None),
    ("assistant", AiClass::Assistant),
    ("framework", AiClass::Framework),
    ("concept", AiClass::Concept),
];

/// The states by their names.
pub(super) const STATUSES: &[(&str, Status)] =
    &[("active", Status::Active), ("merged", Status::Merged), ("retired", Status::Retired)];

pub(super) fn read(
    taxonomy: &mut Taxonomy,
    source: &Source<'_>,
    table: &DeTable<'_>,
    stem: &str,
    errors: &mut Vec<Error>,
) {
    let known: &[&str] = if stem == NO_DIMENSION { &["skills"] } else { &["dimension", "skills"] };
    let mut fields = Fields::open(source, table, format!("skills/{stem}.toml"), source.whole(), known, errors);
    let (at, dimension) = (fields.at("dimension"), fields.table("dimension"));
    let skills = fields.table("skills");
    if let Some(dimension) = dimension {
        let what = format!("dimension {stem}");
        let name = Fields::open(source, dimension, what, at.clone(), &["name"], errors).required("name");
        // One file a dimension: it cannot stand twice.
        let _ = taxonomy.dimensions.add(Dimension { slug: stem.to_owned(), name }, at);
    }
    let dimension = (stem != NO_DIMENSION).then(|| stem.to_owned());
    for (slug, value) in skills.into_iter().flatten() {
        let at = source.at(slug.span());
        let slug = slug.get_ref().as_ref();
        match (slugs::check(slug, "skill", || at.clone()), value.get_ref().as_table()) {
            (Err(error), _) => errors.push(error),
            (_, None) => errors.push(
                Error::new(format!("skill {slug} is no table"))
                    .detail("each skill is a table of its own")
                    .hint(format!("write [skills.{slug}] and its keys on the lines below"))
                    .at(at),
            ),
            (_, Some(table)) => {
                let fields = Fields::open(source, table, format!("skill {slug}"), at.clone(), KEYS, errors);
                let skill = skill(fields, slug, dimension.clone(), &mut taxonomy.remarks);
                if let Err(there) = taxonomy.skills.add(skill, at.clone()) {
                    let hint = "a skill has one home dimension: keep it there and remove the other";
                    errors.push(twice(&format!("skill {slug}"), at, &there, hint));
                }
            }
        }
    }
}

fn skill(
    mut fields: Fields<'_, '_, '_>,
    slug: &str,
    dimension: Option<String>,
    remarks: &mut Vec<lints::Lint>,
) -> Skill {
    let name = fields.required("name");
    if !fields.has("id") {
        let error = Error::new(format!("skill {slug} has no id"))
            .detail("id is required: a number no other skill has")
            .hint("add id = … with a free number")
            .at(fields.at("id"));
        fields.error(error);
    }
    let mut seen = HashSet::from([normalise(&name)]);
    let mut aliases = Vec::new();
    for (text, at) in fields.texts("aliases") {
        if !seen.insert(normalise(&text)) {
            remarks.push(lints::repeated(&format!("alias \"{text}\""), &format!("skill {slug}"), at));
        }
        aliases.push(text);
    }
    Skill {
        slug: slug.to_owned(),
        name,
        number: fields.number("id").unwrap_or_default(),
        aliases,
        dimension,
        kind: fields.text("kind").unwrap_or_default(),
        ai: fields.choice("ai", AI_CLASSES),
        era: fields.choice("era", ERAS),
        case_sensitive: fields.flag("case_sensitive"),
        context: fields.texts("context").into_iter().map(|(text, _)| text).collect(),
        status: fields.choice("status", STATUSES),
        replaced_by: fields.text("replaced_by"),
    }
}
