//! What does a title mean that several roles claim?
//!
//! An alias rule says so, and is asked only where two roles or more have the title as an alias, and none of them as its
//! display name. A collision of any other kind (the title names one role, the responsibilities another) is none that a
//! rule could settle, and an order to do so is refused with what would.

use super::Case;
use crate::error::{Error, listed};
use crate::review::actions::Accept;
use crate::review::content::Content;
use crate::review::overlay::Overlay;
use crate::taxonomy::json_lines::Line;
use rolestream_dataflows::records::{AliasRule, AliasVerdict, Key, Verdict};
use rolestream_dataflows::text::normalise;
use std::collections::BTreeSet;

impl Case<'_> {
    pub(super) fn settle_collision(&self, overlay: &mut Overlay<'_>, details: &Accept) -> Result<String, Error> {
        let Some(rule) = &details.rule else {
            return Err(Error::new("it is not said what the term means")
                .detail("a collision is accepted with a rule")
                .hint("give \"rule\": {\"means\": \"role\", \"role\": …}, \"ambiguous\", \"role_by_skills\" or \"no_rule\""));
        };
        let term = normalise(&self.row.title);
        let key = Key::new("alias-rule", &[&term]);
        let Some(verdict) = rule.verdict() else {
            if overlay.get(&key).is_none() {
                return Err(Error::new(format!("there is no rule on \"{term}\""))
                    .detail("so there is none to delete")
                    .hint("reject the row to hide it"));
            }
            overlay.delete(key);
            self.review(overlay, Verdict::Accepted);
            return Ok(format!("there is no rule on \"{term}\" any more"));
        };
        let claimants = self.claimants(overlay, &term)?;
        let (verdict, said) = match verdict {
            AliasVerdict::Ambiguous => (AliasVerdict::Ambiguous, "stays ambiguous".to_owned()),
            AliasVerdict::Assigned(role) => {
                let role = overlay.active_role(&role)?;
                (AliasVerdict::Assigned(role.slug.clone()), format!("means {}", role.name))
            }
            AliasVerdict::BySkills { role, skills } => {
                if skills.is_empty() {
                    return Err(Error::new("a rule by skills needs a skill")
                        .detail("it holds where the JD has one of them")
                        .hint("give \"skills\", or let the term mean the role always"));
                }
                let role = overlay.active_role(&role)?;
                let known = skills.iter().map(|slug| overlay.active_skill(slug)).collect::<Result<Vec<_>, Error>>()?;
                let names = listed(known.iter().map(|skill| &skill.name));
                let skills = known.into_iter().map(|skill| skill.slug).collect();
                let said = format!("means {} where the JD has one of {names}", role.name);
                (AliasVerdict::BySkills { role: role.slug, skills }, said)
            }
        };
        overlay.put(Content::Taxonomy(Line::AliasRules(AliasRule { term: term.clone(), verdict })));
        self.review(overlay, Verdict::Accepted);
        Ok(format!("\"{term}\", which {} claim, {said}", listed(claimants)))
    }

    /// The names of the roles that have the term as an alias; an error where a rule would change nothing.
    fn claimants(&self, overlay: &Overlay<'_>, term: &str) -> Result<BTreeSet<String>, Error> {
        let mut names = BTreeSet::new();
        let name = |slug: &String| overlay.active_role(slug).ok().map(|role| role.name);
        let claims = |slug: &&String| overlay.get(&Key::new("alias", &[slug, term])).is_some();
        names.extend(self.row.roles.iter().map(|share| &share.slug).filter(claims).filter_map(name));
        if names.len() < 2 {
            // Perhaps of roles beside those, or of some that were merged.
            names.extend(overlay.aliases(term).iter().filter_map(name));
        }
        let displayed = self.row.roles.iter().filter_map(|share| overlay.active_role(&share.slug).ok());
        let displayed = displayed.map(|role| role.name).find(|name| normalise(name) == term);
        let detail = match (displayed, names.first()) {
            (Some(name), _) => format!("it is the display name of {name}, which comes before all aliases"),
            (None, None) => "no active role has it as an alias".to_owned(),
            (None, Some(name)) if names.len() == 1 => format!("only {name} has it as an alias"),
            _ => return Ok(names),
        };
        Err(Error::new(format!("a rule on \"{term}\" would change nothing"))
            .detail(format!("{detail}; a rule is asked where several roles have an alias"))
            .hint("take the title from the role that it misleads to, add it to another, or reject the row"))
    }
}
