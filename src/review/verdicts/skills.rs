//! What does it take for the library to learn a skill: as one of its own, or as another name of one it has?

use super::Case;
use crate::error::Error;
use crate::review::actions::Accept;
use crate::review::content::Content;
use crate::review::matches::MatchKind;
use crate::review::overlay::Overlay;
use crate::review::row::Row;
use crate::taxonomy::Skill;
use crate::taxonomy::json_lines::Line;
use rolestream_dataflows::fixed::Micro;
use rolestream_dataflows::records::{Dimension, Key, RoleSkill, Status, Tables, Verdict};
use rolestream_dataflows::text::{normalise, slugify};

/// A role lists the skill that is primary in this part of its runs, or more.
const LINKED: Micro = Micro(500_000);
/// A skill this similar has a home that the new one may share.
const NEAR: Micro = Micro(500_000);

/// Where a row's skill would belong by deciding alone: the home of the best possible match, if that is near enough.
pub fn near_home(tables: &Tables, row: &Row) -> Option<String> {
    home(&Overlay::new(tables), row).map(|dimension| dimension.slug)
}

fn home(overlay: &Overlay<'_>, row: &Row) -> Option<Dimension> {
    let best = row.possible_matches.first();
    let best = best.filter(|best| best.kind == MatchKind::Skill && best.score >= NEAR)?;
    let home = overlay.active_skill(&best.slug).ok()?.dimension?;
    overlay.dimension(&home).ok()
}

impl Case<'_> {
    pub(super) fn accept_skill(&self, overlay: &mut Overlay<'_>, details: &Accept) -> Result<String, Error> {
        let text = self.row.title.trim();
        let name = details.name.as_deref().map_or(text, str::trim);
        let key = normalise(name);
        if key.is_empty() {
            return Err(Error::new("a skill needs a name")
                .detail(format!("\"{name}\" has no letter or digit"))
                .hint("give \"name\", or leave it out to take the text itself"));
        }
        let mut names = vec![key];
        let mut aliases: Vec<String> = Vec::new();
        for alias in std::iter::once(text).chain(details.aliases.iter().flatten().map(|alias| alias.trim())) {
            let key = normalise(alias);
            if !key.is_empty() && !names.contains(&key) {
                names.push(key);
                aliases.push(alias.to_owned());
            }
        }
        for form in &names {
            if let Some(known) = overlay.knows(form) {
                return Err(Error::new(format!("the library knows \"{form}\" already"))
                    .detail(format!("it is a name of {} (\"{}\")", known.name, known.slug))
                    .hint(format!("merge into \"{}\", or leave this name out", known.slug)));
            }
        }
        if let Some(old) = overlay.skill(&slugify(name)).filter(|old| {
            old.status == Status::Retired
                && old.aliases.iter().chain([&old.name]).any(|n| names.contains(&normalise(n)))
        }) {
            return Err(Error::new(format!("\"{name}\" is a retired skill"))
                .detail(format!("the record \"{}\" is there, and does not count", old.slug))
                .hint("make it active again"));
        }
        let (dimension, home) = match self.dimension(overlay, details)? {
            Some((slug, name)) => (Some(slug), format!(", in the dimension {name}")),
            None => (None, String::new()),
        };
        let (slug, number) = overlay.new_skill_slug(name, &format!("skill-{}", self.row.id));
        let skill = Skill {
            slug: slug.clone(),
            name: name.to_owned(),
            number,
            aliases,
            dimension,
            kind: details.kind.clone().unwrap_or_default(),
            ai: details.ai.unwrap_or_default(),
            era: details.era.unwrap_or_default(),
            case_sensitive: details.case_sensitive.unwrap_or_default(),
            context: details.context.clone().unwrap_or_default(),
            status: Status::Active,
            replaced_by: None,
        };
        overlay.put(Content::Taxonomy(Line::Skills(skill)));
        let links = if details.link_roles == Some(true) { self.link(overlay, &slug) } else { Vec::new() };
        self.review(overlay, Verdict::Accepted);
        let listed = if links.is_empty() { String::new() } else { format!(", listed by {}", links.join(", ")) };
        Ok(format!("\"{name}\" is a skill now ({slug}){home}{listed}"))
    }

    pub(super) fn merge_skill(&self, overlay: &mut Overlay<'_>, target: &str) -> Result<String, Error> {
        let text = self.row.title.trim();
        let mut skill = overlay.active_skill(target)?;
        match overlay.knows(text) {
            Some(known) if known.slug != skill.slug => {
                return Err(Error::new(format!("the library knows \"{text}\" already"))
                    .detail(format!("it is a name of {} (\"{}\")", known.name, known.slug))
                    .hint(format!("take that name from \"{}\" first", known.slug)));
            }
            // Learnt meanwhile, by another way.
            Some(_) => {}
            None => skill.aliases.push(text.to_owned()),
        }
        let line = format!("\"{text}\" is another name of {} ({})", skill.name, skill.slug);
        self.review(overlay, Verdict::Merged(skill.slug.clone()));
        overlay.put(Content::Taxonomy(Line::Skills(skill)));
        Ok(line)
    }

    /// The home that was given, or that of the best possible match: slug and name.
    fn dimension(&self, overlay: &Overlay<'_>, details: &Accept) -> Result<Option<(String, String)>, Error> {
        match details.dimension.as_deref() {
            Some("") => Ok(None),
            Some(slug) => overlay.dimension(slug).map(|dimension| Some((dimension.slug, dimension.name))),
            None => Ok(home(overlay, self.row).map(|dimension| (dimension.slug, dimension.name))),
        }
    }

    /// Lets the roles list it in which it is mostly primary. Returns their names.
    fn link(&self, overlay: &mut Overlay<'_>, skill: &str) -> Vec<String> {
        let mut names = Vec::new();
        for share in &self.row.roles {
            let wanted = self.order.role.as_ref().is_none_or(|role| *role == share.slug);
            if !wanted || share.primary_share.is_none_or(|share| share < LINKED) {
                continue;
            }
            // A role that went meanwhile is no reason not to take the skill in.
            let Ok(role) = overlay.active_role(&share.slug) else { continue };
            if overlay.get(&Key::new("role-skill", &[&role.slug, skill])).is_none() {
                let listed = RoleSkill { role: role.slug, skill: skill.to_owned() };
                overlay.put(Content::Taxonomy(Line::RoleSkills(listed)));
                names.push(role.name);
            }
        }
        names
    }
}
