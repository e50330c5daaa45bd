//! Which role does a title name? (SPEC §3, title resolution)

use super::signals::Resolved;
use super::taxonomy::Taxonomy;
use crate::fixed::Micro;
use crate::id::Id;
use crate::records::{AliasVerdict, Title};
use crate::views::{How, Resolution};
use std::collections::BTreeSet;

/// A resolution by slugs.
#[derive(Default)]
pub(super) struct Resolving<'a> {
    how: How,
    roles: BTreeSet<&'a str>,
    similarity: Micro,
    /// The text that resolved it.
    pub(super) term: Id,
}

impl<'a> Resolving<'a> {
    fn by(how: How, roles: BTreeSet<&'a str>, term: Id) -> Resolving<'a> {
        Resolving { how, roles, similarity: Micro::ONE, term }
    }

    /// X of SPEC §4: the one role the title names.
    pub(super) fn one(&self) -> Option<&'a str> {
        if self.how == How::Ambiguous { None } else { self.roles.first().copied() }
    }

    /// T of SPEC §4: the roles it may name; empty unless ambiguous.
    pub(super) fn several(&self) -> BTreeSet<&'a str> {
        if self.how == How::Ambiguous { self.roles.clone() } else { BTreeSet::new() }
    }

    /// As the answer holds it.
    pub(super) fn printed(&self) -> Resolution {
        Resolution {
            how: self.how,
            roles: self.roles.iter().map(|role| Id::role(role)).collect(),
            similarity: self.similarity,
            term: self.term,
        }
    }
}

/// The first stage that finds a role settles it.
pub(super) fn resolve<'a>(taxonomy: &Taxonomy<'a>, title: &Title, mentions: &[Resolved<'a>]) -> Resolving<'a> {
    for term in [title.written, title.plain] {
        if let Some(roles) = taxonomy.names.get(&term) {
            let how = if roles.len() == 1 { How::DisplayName } else { How::Ambiguous };
            return Resolving::by(how, roles.clone(), term);
        }
    }
    for term in [title.written, title.plain] {
        if let Some(roles) = taxonomy.aliases.get(&term) {
            return by_alias(taxonomy, term, roles, mentions);
        }
    }
    by_vector(taxonomy, title).unwrap_or_default()
}

/// One role that owns the alias, or the one an alias rule names where several claim it.
fn by_alias<'a>(
    taxonomy: &Taxonomy<'a>,
    term: Id,
    claimants: &BTreeSet<&'a str>,
    mentions: &[Resolved<'a>],
) -> Resolving<'a> {
    if claimants.len() == 1 {
        return Resolving::by(How::Alias, claimants.clone(), term);
    }
    let named = match taxonomy.alias_rules.get(&term) {
        Some(AliasVerdict::Assigned(role)) => taxonomy.role_owner(role),
        Some(AliasVerdict::BySkills { role, skills }) => {
            let wanted: BTreeSet<&str> = skills.iter().filter_map(|skill| taxonomy.skill_owner(skill)).collect();
            let has_one = mentions.iter().any(|mention| mention.known.is_some_and(|skill| wanted.contains(skill)));
            if has_one { taxonomy.role_owner(role) } else { None }
        }
        Some(AliasVerdict::Ambiguous) | None => None,
    };
    match named {
        Some(role) => Resolving::by(How::Alias, BTreeSet::from([role]), term),
        None => Resolving::by(How::Ambiguous, claimants.clone(), term),
    }
}

/// The nearest role by its names and aliases, if near enough and clear of the next.
fn by_vector<'a>(taxonomy: &Taxonomy<'a>, title: &Title) -> Option<Resolving<'a>> {
    let mut ranking: Vec<(Micro, &'a str)> = Vec::new();
    for (role, vectors) in &taxonomy.title_vectors {
        let similarity = vectors.iter().map(|vector| title.vector.similarity(vector)).max()?;
        ranking.push((similarity, role));
    }
    ranking.sort_by(|a, b| b.0.cmp(&a.0).then(a.1.cmp(b.1)));
    let (similarity, role) = *ranking.first()?;
    let clear = ranking.get(1).is_none_or(|(next, _)| similarity.minus(*next) > taxonomy.settings.kra_margin);
    let near = similarity >= taxonomy.settings.title_similarity;
    (near && clear).then(|| Resolving {
        how: How::Vector,
        roles: BTreeSet::from([role]),
        similarity,
        term: title.written,
    })
}
