//! What does a role own, by itself and by those that were merged into it (SPEC §1)?

use super::{aliases, all};
use rolestream_dataflows::records::{Key, Record, Skill, Status, Tables};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};
use utoipa::ToSchema;

/// Another title for a role.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct RoleAlias {
    /// As written.
    pub text: String,
    /// The slug of the role that has it: this one, or one that was merged into it.
    pub role: String,
}

/// Something of the taxonomy.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, ToSchema)]
#[allow(missing_docs, reason = "the names say it")]
pub struct NamedBySlug {
    pub slug: String,
    pub display_name: String,
}

/// A role's slug, and those of the roles that were merged into it.
pub(super) fn owners(tables: &Tables, slug: &str) -> Vec<String> {
    let merged = all(tables)
        .filter(|role| role.status == Status::Merged && role.replaced_by.as_deref() == Some(slug))
        .map(|role| role.slug.clone());
    std::iter::once(slug.to_owned()).chain(merged).collect()
}

/// The skills that a role lists, each once, by slug; a merged one is its survivor, a retired one is none.
pub(super) fn listed<'t>(tables: &'t Tables, owners: &[String]) -> Vec<&'t Skill> {
    let skill = |slug: &str| match tables.get(&Key::new("skill", &[slug])) {
        Some(Record::Skill(skill)) => Some(skill),
        _ => None,
    };
    let mut found: BTreeMap<&str, &Skill> = BTreeMap::new();
    for owner in owners {
        let its = format!("{owner}\n");
        for record in tables.starting("role-skill", &its) {
            let Record::RoleSkill(link) = record else { continue };
            let named = skill(&link.skill);
            let active = named.and_then(|named| match named.status {
                Status::Active => Some(named),
                Status::Merged => skill(named.replaced_by.as_deref()?).filter(|other| other.status == Status::Active),
                Status::Retired => None,
            });
            found.extend(active.map(|skill| (skill.slug.as_str(), skill)));
        }
    }
    found.into_values().collect()
}

/// Its dimensions, by slug.
pub(super) fn dimensions(tables: &Tables, owners: &[String]) -> Vec<NamedBySlug> {
    let mut found = BTreeSet::new();
    for owner in owners {
        let its = format!("{owner}\n");
        for record in tables.starting("role-dimension", &its) {
            let Record::RoleDimension(link) = record else { continue };
            if let Some(Record::Dimension(dimension)) = tables.get(&Key::new("dimension", &[&link.dimension])) {
                found.insert(named(&dimension.slug, &dimension.name));
            }
        }
    }
    found.into_iter().collect()
}

/// Something of the taxonomy, as it is told.
pub(super) fn named(slug: &str, name: &str) -> NamedBySlug {
    NamedBySlug { slug: slug.to_owned(), display_name: name.to_owned() }
}

/// The aliases that one of the owners has.
pub(super) fn its_aliases(tables: &Tables, owner: &str) -> Vec<RoleAlias> {
    aliases(tables, owner).into_iter().map(|text| RoleAlias { text, role: owner.to_owned() }).collect()
}
