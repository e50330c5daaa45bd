//! Which texts name two skills, which skills does no role list, which are listed where they have no home?

use super::roles::numbers;
use super::{Lints, Severity, key};
use crate::error::{Position, nearest};
use crate::taxonomy::Taxonomy;
use crate::taxonomy::ownership::owner;
use rolestream_dataflows::records::Status;
use rolestream_dataflows::text::normalise;
use std::collections::{BTreeMap, HashSet};

/// The kinds the documentation lists; others are allowed.
const KINDS: &[&str] = &[
    "language",
    "framework",
    "library",
    "database",
    "platform",
    "tool",
    "protocol",
    "practice",
    "concept",
    "standard",
];

pub(super) fn check(taxonomy: &Taxonomy, lints: &mut Lints) {
    numbers(&taxonomy.skills, "skill", lints);
    texts(taxonomy, lints);
    orphans(taxonomy, lints);
    outside(taxonomy, lints);
    for entry in taxonomy.skills.entries().filter(|entry| !KINDS.contains(&&*entry.record.kind)) {
        let kind = &entry.record.kind;
        let near = nearest(kind, KINDS.iter().copied()).filter(|near| strsim::damerau_levenshtein(near, kind) <= 2);
        if let Some(near) = near {
            let parts = [
                format!("skill {} is of the unusual kind \"{kind}\"", entry.record.slug),
                format!("the usual kinds are {}", KINDS.join(", ")),
                format!("did you mean \"{near}\"?"),
            ];
            lints.say("unusual-kind", Severity::Note, &entry.at, [key("skill", &[&entry.record.slug])], parts);
        }
    }
}

/// A text that names two skills means the one with the least slug.
fn texts(taxonomy: &Taxonomy, lints: &mut Lints) {
    let mut claims: BTreeMap<String, Vec<(&str, &str, &Position)>> = BTreeMap::new();
    for entry in taxonomy.skills.entries() {
        let Some(slug) = owner(&taxonomy.skills, &entry.record.slug) else { continue };
        for text in std::iter::once(&entry.record.name).chain(&entry.record.aliases) {
            let claim = claims.entry(normalise(text)).or_default();
            if claim.iter().all(|(other, _, _)| *other != slug) {
                claim.push((slug, text, &entry.at));
            }
        }
    }
    for (text, claim) in &mut claims {
        if text.is_empty() {
            for (slug, text, at) in claim {
                let parts = [
                    format!("\"{text}\" of skill {slug} has no letters"),
                    "nothing of it is left when it is compared: it has no effect".to_owned(),
                    "remove it".to_owned(),
                ];
                lints.say("empty-text", Severity::Warning, at, [key("skill", &[slug])], parts);
            }
            continue;
        }
        claim.sort_unstable();
        for (slug, text, at) in claim.iter().skip(1) {
            let (first, _, there) = claim[0];
            let parts = [
                format!("\"{text}\" names skill {slug} and skill {first}"),
                format!("it means {first} (in {there}), whose slug comes first"),
                "keep it at one of them, or merge the skills".to_owned(),
            ];
            lints.say("skill-text-twice", Severity::Error, at, [key("skill", &[slug]), key("skill", &[first])], parts);
        }
    }
}

fn orphans(taxonomy: &Taxonomy, lints: &mut Lints) {
    let listed: HashSet<&str> =
        taxonomy.role_skills.iter().filter_map(|listed| owner(&taxonomy.skills, &listed.skill)).collect();
    for entry in taxonomy.skills.entries().filter(|entry| entry.record.status == Status::Active) {
        let slug = &*entry.record.slug;
        if !listed.contains(slug) {
            let parts = [
                format!("no role lists skill {slug}"),
                "it is recognised in JDs and speaks for no role".to_owned(),
                "list it in the roles that need it".to_owned(),
            ];
            lints.say("orphan-skill", Severity::Note, &entry.at, [key("skill", &[slug])], parts);
        }
    }
}

/// A role's skill whose home dimension the role lacks is unaligned in its clusters.
fn outside(taxonomy: &Taxonomy, lints: &mut Lints) {
    for entry in taxonomy.role_skills.entries() {
        let role = &entry.record.role;
        let home = owner(&taxonomy.skills, &entry.record.skill).and_then(|slug| taxonomy.skills.get(slug));
        let Some(home) = home.and_then(|skill| skill.dimension.as_deref()) else { continue };
        if !taxonomy.dimensions.contains(home) || taxonomy.role_dimensions.contains(&format!("{role}\n{home}")) {
            continue;
        }
        let parts = [
            format!("role {role} lists skill {} and lacks its dimension", entry.record.skill),
            format!("the skill's home is {home}: in skill clusters it would be unaligned"),
            format!("list it under {home}"),
        ];
        let subjects = [key("role-skill", &[role, &entry.record.skill]), key("dimension", &[home])];
        lints.say("skill-outside-its-home", Severity::Warning, &entry.at, subjects, parts);
    }
}
