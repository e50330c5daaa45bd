//! What stands in `roles/<role slug>.toml`?

use super::NO_DIMENSION;
use super::read::twice;
use super::skills::STATUSES;
use crate::error::{Error, Position};
use crate::taxonomy::{Alias, Kra, Role, Taxonomy, lints, slugs};
use crate::toml_source::{Fields, Source, found, texts_of};
use rolestream_dataflows::records::{RoleDimension, RoleSkill};
use toml::de::DeTable;

const KEYS: &[&str] = &["id", "name", "archetype", "status", "replaced_by", "aliases", "kras", "skills"];

pub(super) fn read(
    taxonomy: &mut Taxonomy,
    source: &Source<'_>,
    table: &DeTable<'_>,
    slug: &str,
    errors: &mut Vec<Error>,
) {
    let mut fields = Fields::open(source, table, format!("role {slug}"), source.whole(), KEYS, errors);
    if ["id", "name", "archetype", "status", "replaced_by"].iter().any(|key| fields.has(key)) {
        role(taxonomy, &mut fields, slug);
    }
    for (text, at) in fields.texts("aliases") {
        let alias = Alias { role: slug.to_owned(), text };
        let what = format!("alias \"{}\"", alias.text);
        if taxonomy.aliases.add(alias, at.clone()).is_err() {
            taxonomy.remarks.push(lints::repeated(&what, &format!("role {slug}"), at));
        }
    }
    let (kras, skills) = (fields.table("kras"), fields.table("skills"));
    for (handle, sentence) in kras.into_iter().flatten() {
        let at = source.at(handle.span());
        let handle = handle.get_ref().as_ref();
        let Some(text) = sentence.get_ref().as_str().map(str::trim).filter(|text| !text.is_empty()) else {
            errors.push(
                Error::new(format!("responsibility {handle} of role {slug} is {}", found(sentence.get_ref())))
                    .detail("a responsibility is one sentence")
                    .hint(format!("write {handle} = \"Designs …\""))
                    .at(at),
            );
            continue;
        };
        let id = kra_id(slug, handle);
        let kra = Kra { id: id.clone(), role: slug.to_owned(), sentence: text.to_owned() };
        if let Err(there) = taxonomy.kras.add(kra, at.clone()) {
            errors.push(twice(&format!("responsibility {id}"), at, &there, "give one of them another key"));
        }
    }
    for (dimension, skills) in skills.into_iter().flatten() {
        let at = source.at(dimension.span());
        listed(taxonomy, source, slug, (dimension.get_ref(), at), skills, errors);
    }
}

fn role(taxonomy: &mut Taxonomy, fields: &mut Fields<'_, '_, '_>, slug: &str) {
    if !fields.has("id") {
        let error = Error::new(format!("role {slug} has no id"))
            .detail("id is required: a number no other role has")
            .hint("add id = … with a free number")
            .at(fields.at("id"));
        fields.error(error);
    }
    let at = fields.at("name");
    let role = Role {
        slug: slug.to_owned(),
        name: fields.required("name"),
        number: fields.number("id").unwrap_or_default(),
        archetype: fields.text("archetype").unwrap_or_default(),
        status: fields.choice("status", STATUSES),
        replaced_by: fields.text("replaced_by"),
    };
    // One file a role: it cannot stand twice.
    let _ = taxonomy.roles.add(role, at);
}

/// The skills a role lists under one dimension.
fn listed(
    taxonomy: &mut Taxonomy,
    source: &Source<'_>,
    slug: &str,
    (dimension, at): (&str, Position),
    skills: &toml::Spanned<toml::de::DeValue<'_>>,
    errors: &mut Vec<Error>,
) {
    if dimension != NO_DIMENSION {
        if let Err(error) = slugs::check(dimension, "dimension", || at.clone()) {
            errors.push(error);
        }
        let owned = RoleDimension { role: slug.to_owned(), dimension: dimension.to_owned() };
        // The keys of a TOML table differ: it cannot stand twice.
        let _ = taxonomy.role_dimensions.add(owned, at.clone());
    }
    let Some(skills) = texts_of(source, skills) else {
        errors.push(
            Error::new(format!("the skills of role {slug} under {dimension} are {}", found(skills.get_ref())))
                .detail("under each dimension stands a list of skill slugs")
                .hint(format!("write {dimension} = [\"…\", \"…\"], or [] where the role lists none of it"))
                .at(at),
        );
        return;
    };
    for (skill, at) in skills {
        if let Err(error) = slugs::check(&skill, "skill", || at.clone()) {
            errors.push(error);
        }
        let what = format!("skill {skill}");
        if taxonomy.role_skills.add(RoleSkill { role: slug.to_owned(), skill }, at.clone()).is_err() {
            taxonomy.remarks.push(lints::repeated(&what, &format!("role {slug}"), at));
        }
    }
}

/// A responsibility's key from its handle in the file.
pub(super) fn kra_id(role: &str, handle: &str) -> String {
    match handle.strip_prefix('/') {
        Some(whole) => whole.to_owned(),
        None => format!("{role}/{handle}"),
    }
}

/// The handle a responsibility has in its role's file.
pub(super) fn handle(role: &str, id: &str) -> String {
    match id.strip_prefix(role).and_then(|rest| rest.strip_prefix('/')) {
        Some(handle) if !handle.is_empty() && !handle.starts_with('/') => handle.to_owned(),
        _ => format!("/{id}"),
    }
}
