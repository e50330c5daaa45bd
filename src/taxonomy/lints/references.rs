//! Which records refer to something that is missing or takes no part?

use super::{Lints, Severity, key};
use crate::error::{Position, nearest};
use crate::taxonomy::ownership::{Mergeable, owner};
use crate::taxonomy::{Keyed, Table, Taxonomy};
use rolestream_dataflows::records::{AliasVerdict, Status};
use rolestream_dataflows::text::normalise;
use std::collections::HashSet;

pub(super) fn check(taxonomy: &Taxonomy, lints: &mut Lints) {
    let mut found = Found { lints, said: HashSet::new() };
    for entry in taxonomy.aliases.entries() {
        let subject = key("alias", &[&entry.record.role, &normalise(&entry.record.text)]);
        found.role(taxonomy, &entry.record.role, "alias", &entry.at, subject);
        retired_owner(taxonomy, &entry.record.role, &entry.record.text, &entry.at, found.lints);
    }
    for entry in taxonomy.kras.entries() {
        found.role(taxonomy, &entry.record.role, "responsibility", &entry.at, key("kra", &[&entry.record.id]));
    }
    for entry in taxonomy.role_dimensions.entries() {
        let subject = key("role-dimension", &[&entry.record.role, &entry.record.dimension]);
        found.role(taxonomy, &entry.record.role, "dimension", &entry.at, subject.clone());
        found.refer(
            &taxonomy.dimensions,
            "dimension",
            &entry.record.dimension,
            "a role's dimension",
            &entry.at,
            subject,
        );
    }
    for entry in taxonomy.role_skills.entries() {
        let subject = key("role-skill", &[&entry.record.role, &entry.record.skill]);
        found.role(taxonomy, &entry.record.role, "skill", &entry.at, subject.clone());
        found.refer(&taxonomy.skills, "skill", &entry.record.skill, "a role's skill", &entry.at, subject);
    }
    for entry in taxonomy.skills.entries() {
        if let Some(dimension) = &entry.record.dimension {
            let subject = key("skill", &[&entry.record.slug]);
            found.refer(&taxonomy.dimensions, "dimension", dimension, "a skill's home", &entry.at, subject);
        }
    }
    for entry in taxonomy.alias_rules.entries() {
        let (role, skills): (_, &[String]) = match &entry.record.verdict {
            AliasVerdict::Assigned(role) => (Some(role), &[]),
            AliasVerdict::Ambiguous => (None, &[]),
            AliasVerdict::BySkills { role, skills } => (Some(role), skills),
        };
        let subject = key("alias-rule", &[&entry.record.term]);
        if let Some(role) = role {
            found.refer(&taxonomy.roles, "role", role, "an alias rule", &entry.at, subject.clone());
        }
        for skill in skills {
            found.refer(&taxonomy.skills, "skill", skill, "an alias rule", &entry.at, subject.clone());
        }
    }
    merges(&taxonomy.roles, "role", lints);
    merges(&taxonomy.skills, "skill", lints);
}

struct Found<'l> {
    lints: &'l mut Lints,
    /// One message a missing thing and line is enough.
    said: HashSet<(String, Position)>,
}

impl Found<'_> {
    fn role(&mut self, taxonomy: &Taxonomy, slug: &str, what: &str, at: &Position, subject: String) {
        let at = Position::whole(at.file.clone());
        self.refer(&taxonomy.roles, "role", slug, &format!("{what} of a role"), &at, subject);
    }

    fn refer<R: Keyed>(
        &mut self,
        table: &Table<R>,
        kind: &str,
        slug: &str,
        from: &str,
        at: &Position,
        subject: String,
    ) {
        if table.contains(slug) || !self.said.insert((format!("{kind} {slug}"), at.clone())) {
            return;
        }
        let hint = match nearest(slug, table.keys()) {
            Some(near) => format!("did you mean \"{near}\"?"),
            None => format!("add the {kind}, or remove what refers to it"),
        };
        let parts = [format!("there is no {kind} \"{slug}\""), format!("{from} refers to it and has no effect"), hint];
        self.lints.say("dangling-reference", Severity::Error, at, [subject, key(kind, &[slug])], parts);
    }
}

fn retired_owner(taxonomy: &Taxonomy, role: &str, text: &str, at: &Position, lints: &mut Lints) {
    if taxonomy.roles.get(role).is_some_and(|role| role.status == Status::Retired) {
        let parts = [
            format!("alias \"{text}\" belongs to the retired role {role}"),
            "a retired role is never hit: the alias has no effect".to_owned(),
            "move it to an active role, or remove it".to_owned(),
        ];
        let subjects = [key("alias", &[role, &normalise(text)]), key("role", &[role])];
        lints.say("alias-of-retired-role", Severity::Warning, at, subjects, parts);
    }
}

/// Whether each `replaced_by` names an active one, and only what is merged has one.
fn merges<R: Mergeable>(table: &Table<R>, kind: &str, lints: &mut Lints) {
    for entry in table.entries() {
        let (slug, status, target) = (entry.record.slug(), entry.record.status(), entry.record.replaced_by());
        let (primary, hint) = match (status, target) {
            (Status::Merged, None) => {
                (format!("{kind} {slug} is merged into nothing"), format!("add replaced_by = \"the surviving {kind}\""))
            }
            (Status::Merged, Some(into)) if owner(table, slug).is_none() => {
                let why = match table.get(into).map(Mergeable::status) {
                    None => "does not exist",
                    Some(_) if cycle(table, slug) => "leads back to it",
                    Some(Status::Retired) => "is retired",
                    Some(_) => "is merged itself",
                };
                (format!("{kind} {slug} is merged into {into}, which {why}"), "name an active one".to_owned())
            }
            (Status::Active | Status::Retired, Some(into)) => {
                let hint = "write status = \"merged\", or remove replaced_by".to_owned();
                (format!("{kind} {slug} has replaced_by = \"{into}\" and is not merged"), hint)
            }
            _ => continue,
        };
        let detail = match status {
            Status::Merged => "what a merged one owns counts for its replaced_by, which must be active",
            _ => "replaced_by has an effect only with status = \"merged\"",
        };
        let around = status == Status::Merged && cycle(table, slug);
        let rule = if around { "redirect-cycle" } else { "replaced-by" };
        lints.say(rule, Severity::Error, &entry.at, [key(kind, &[slug])], [primary, detail.to_owned(), hint]);
    }
}

fn cycle<R: Mergeable>(table: &Table<R>, slug: &str) -> bool {
    let mut seen = HashSet::new();
    let mut now = slug;
    while let Some(next) = table.get(now).and_then(Mergeable::replaced_by) {
        if next == slug {
            return true;
        }
        if !seen.insert(next) {
            return false;
        }
        now = next;
    }
    false
}
