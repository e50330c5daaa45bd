//! Which titles are claimed twice, which roles are thin, which responsibilities are said twice?

use super::{ENOUGH_KRAS, ENOUGH_SKILLS, Knows, Lints, Severity, key};
use crate::error::{Position, listed};
use crate::taxonomy::ownership::{Mergeable, owner};
use crate::taxonomy::{Table, Taxonomy};
use rolestream_dataflows::records::Status;
use rolestream_dataflows::text::normalise;
use std::collections::{BTreeMap, BTreeSet, HashMap};

pub(super) fn check(taxonomy: &Taxonomy, knows: &Knows<'_>, lints: &mut Lints) {
    titles(taxonomy, knows, lints);
    thin(taxonomy, lints);
    repeated_kras(taxonomy, lints);
    numbers(&taxonomy.roles, "role", lints);
}

/// Terms by what claims them: names and aliases of roles, mapped to their owners.
fn titles(taxonomy: &Taxonomy, knows: &Knows<'_>, lints: &mut Lints) {
    let mut names: HashMap<String, BTreeSet<&str>> = HashMap::new();
    for entry in taxonomy.roles.entries().filter(|entry| entry.record.status == Status::Active) {
        names.entry(normalise(&entry.record.name)).or_default().insert(&entry.record.slug);
    }
    let mut claims: BTreeMap<String, (BTreeSet<&str>, &Position)> = BTreeMap::new();
    let aliases = taxonomy.aliases.entries().map(|entry| (&entry.record.role, &entry.record.text, &entry.at, true));
    // The name of a merged role is an alias of its survivor.
    let merged = taxonomy.roles.entries().filter(|entry| entry.record.status == Status::Merged);
    let merged = merged.map(|entry| (&entry.record.slug, &entry.record.name, &entry.at, false));
    for (slug, text, at, is_alias) in aliases.chain(merged) {
        let term = normalise(text);
        let subject = if is_alias { key("alias", &[slug, &term]) } else { key("role", &[slug]) };
        if term.is_empty() {
            let parts = [
                format!("alias \"{}\" has no letters", text),
                "nothing of it is left when it is compared: it has no effect".to_owned(),
                "remove it".to_owned(),
            ];
            lints.say("empty-text", Severity::Warning, at, [subject], parts);
            continue;
        }
        let Some(role) = owner(&taxonomy.roles, slug) else { continue };
        if let Some(other) = names.get(&term).and_then(|roles| roles.iter().find(|named| **named != role)) {
            let parts = [
                format!("alias \"{}\" of role {role} is the name of role {other}", text),
                "a title resolves to the role it names: as a title the alias has no effect".to_owned(),
                "remove the alias, or merge the roles".to_owned(),
            ];
            lints.say("alias-is-a-role-name", Severity::Warning, at, [subject, key("role", &[other])], parts);
        }
        claims.entry(term).or_insert_with(|| (BTreeSet::new(), at)).0.insert(role);
    }
    for entry in taxonomy.roles.entries() {
        let roles = &names.get(&normalise(&entry.record.name));
        if let Some(roles) = roles.filter(|roles| roles.len() > 1 && roles.first() == Some(&&*entry.record.slug)) {
            let parts = [
                format!("\"{}\" is the name of {} roles", entry.record.name, roles.len()),
                format!("it names {}", listed(roles.iter())),
                "give each its own name, or merge them".to_owned(),
            ];
            let subjects = roles.iter().map(|role| key("role", &[role])).collect();
            lints.say_of("name-twice", Severity::Error, &entry.at, subjects, parts);
        }
    }
    for rule in taxonomy.alias_rules.entries() {
        if claims.get(&rule.record.term).is_none_or(|(roles, _)| roles.len() < 2) {
            let parts = [
                format!("the alias rule on \"{}\" never speaks", rule.record.term),
                "a rule speaks where several roles have the term as an alias".to_owned(),
                "remove it, or add the alias to the roles it is about".to_owned(),
            ];
            lints.say("idle-alias-rule", Severity::Note, &rule.at, [key("alias-rule", &[&rule.record.term])], parts);
        }
    }
    for (term, (roles, at)) in claims {
        if roles.len() > 1 && !names.contains_key(&term) && !taxonomy.alias_rules.contains(&term) {
            let parts = [
                format!("{} roles claim the title \"{term}\"", roles.len()),
                format!("it is an alias of {}: a JD of that title is ambiguous", listed(&roles)),
                format!("keep it at one of them, or settle it in alias_rules.toml under [rules.\"{term}\"]"),
            ];
            let subjects = roles.iter().map(|role| key("role", &[role])).collect();
            // One that runs hit is a row of the collisions; one that none hits is seen nowhere else.
            if knows.is_hit.is_some_and(|is_hit| !is_hit(&term)) {
                let [primary, detail, _] = parts;
                let hint = "delete the alias where it is not needed; nobody would notice".to_owned();
                let parts = [primary, format!("{detail}; no run has it"), hint];
                lints.say_of("shared-title-unused", Severity::Note, at, subjects, parts);
                continue;
            }
            lints.say_of("shared-title", Severity::Warning, at, subjects, parts);
        }
    }
}

fn thin(taxonomy: &Taxonomy, lints: &mut Lints) {
    let mut kras: HashMap<&str, usize> = HashMap::new();
    let mut skills: HashMap<&str, BTreeSet<&str>> = HashMap::new();
    for kra in taxonomy.kras.iter() {
        *kras.entry(owner(&taxonomy.roles, &kra.role).unwrap_or_default()).or_default() += 1;
    }
    for listed in taxonomy.role_skills.iter() {
        if let (Some(role), Some(skill)) =
            (owner(&taxonomy.roles, &listed.role), owner(&taxonomy.skills, &listed.skill))
        {
            skills.entry(role).or_default().insert(skill);
        }
    }
    for entry in taxonomy.roles.entries().filter(|entry| entry.record.status == Status::Active) {
        let slug = &*entry.record.slug;
        let (kras, skills) = (kras.get(slug).copied().unwrap_or(0), skills.get(slug).map_or(0, BTreeSet::len));
        if kras < ENOUGH_KRAS || skills < ENOUGH_SKILLS {
            let parts = [
                format!("role {slug} is thin"),
                format!(
                    "it has {kras} responsibilities and {skills} skills; {ENOUGH_KRAS} and {ENOUGH_SKILLS} let it win ties"
                ),
                "add responsibilities and skills, or retire it".to_owned(),
            ];
            lints.say("thin-role", Severity::Warning, &entry.at, [key("role", &[slug])], parts);
        }
    }
}

fn repeated_kras(taxonomy: &Taxonomy, lints: &mut Lints) {
    let mut said: HashMap<String, (&str, &Position)> = HashMap::new();
    for entry in taxonomy.kras.entries() {
        match said.get(&normalise(&entry.record.sentence)) {
            Some((first, at)) => {
                let parts = [
                    format!("responsibility {} says the same as {first}", entry.record.id),
                    format!("the other stands in {at}; a JD's sentence is as like the one as the other"),
                    "say what sets the roles apart, or remove one".to_owned(),
                ];
                let subjects = [key("kra", &[&entry.record.id]), key("kra", &[first])];
                lints.say("repeated-kra", Severity::Warning, &entry.at, subjects, parts);
            }
            None => {
                said.insert(normalise(&entry.record.sentence), (&entry.record.id, &entry.at));
            }
        }
    }
}

/// Whether a numeric id names two records.
pub(super) fn numbers<R: Mergeable>(table: &Table<R>, kind: &str, lints: &mut Lints) {
    let mut taken: HashMap<u32, (&str, &Position)> = HashMap::new();
    let next = table.iter().map(Mergeable::number).max().unwrap_or_default().saturating_add(1);
    for entry in table.entries() {
        let (slug, number) = (entry.record.slug(), entry.record.number());
        if let Some((other, at)) = taken.insert(number, (slug, &entry.at)) {
            let parts = [
                format!("{kind} {slug} has the id {number} of {kind} {other}"),
                format!("the other stands in {at}; an id names one {kind}"),
                format!("take a free one, such as {next}"),
            ];
            lints.say("id-twice", Severity::Error, &entry.at, [key(kind, &[slug]), key(kind, &[other])], parts);
        }
    }
}
