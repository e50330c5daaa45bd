//! What stands in `alias_rules.toml`?
//!
//! `[rules."full stack developer"]` and one verdict: `assigned = "role-slug"`, `ambiguous = true`, or
//! `role = "role-slug"` with `skills = ["skill-slug", …]`, of which the JD must have one.

use super::read::twice;
use crate::error::Error;
use crate::taxonomy::Taxonomy;
use crate::toml_source::{Fields, Source};
use rolestream_dataflows::records::{AliasRule, AliasVerdict};
use rolestream_dataflows::text::normalise;
use toml::de::DeTable;

pub(super) fn read(
    taxonomy: &mut Taxonomy,
    source: &Source<'_>,
    table: &DeTable<'_>,
    _stem: &str,
    errors: &mut Vec<Error>,
) {
    let what = "alias_rules.toml".to_owned();
    let rules = Fields::open(source, table, what, source.whole(), &["rules"], errors).table("rules");
    for (term, value) in rules.into_iter().flatten() {
        let at = source.at(term.span());
        let term = normalise(term.get_ref());
        let verdict = value.get_ref().as_table().and_then(|table| {
            let known = &["assigned", "ambiguous", "role", "skills"];
            let mut fields = Fields::open(source, table, format!("the rule on \"{term}\""), at.clone(), known, errors);
            verdict(&mut fields)
        });
        let Some(verdict) = verdict else {
            errors.push(
                Error::new(format!("the rule on \"{term}\" has no single verdict"))
                    .detail("a rule has either assigned, or ambiguous = true, or role and skills")
                    .hint("write assigned = \"role-slug\", or role = \"role-slug\" and skills = [\"skill-slug\"]")
                    .at(at),
            );
            continue;
        };
        if let Err(there) = taxonomy.alias_rules.add(AliasRule { term: term.clone(), verdict }, at.clone()) {
            errors.push(twice(&format!("the rule on \"{term}\""), at, &there, "keep one of them"));
        }
    }
}

fn verdict(fields: &mut Fields<'_, '_, '_>) -> Option<AliasVerdict> {
    let (assigned, ambiguous) = (fields.text("assigned"), fields.flag("ambiguous"));
    let (role, skills) = (fields.text("role"), fields.texts("skills"));
    match (assigned, ambiguous, role) {
        (Some(role), false, None) if skills.is_empty() => Some(AliasVerdict::Assigned(role)),
        (None, true, None) if skills.is_empty() => Some(AliasVerdict::Ambiguous),
        (None, false, Some(role)) if !skills.is_empty() => {
            Some(AliasVerdict::BySkills { role, skills: skills.into_iter().map(|(skill, _)| skill).collect() })
        }
        _ => None,
    }
}
