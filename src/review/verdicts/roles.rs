//! What does it take for the taxonomy to learn a role: from a proposal, or as another title of one it has?

use super::Case;
use crate::error::Error;
use crate::review::actions::Accept;
use crate::review::content::Content;
use crate::review::overlay::Overlay;
use crate::taxonomy::json_lines::{self, Line};
use crate::taxonomy::slugs::Numbers;
use crate::taxonomy::{Alias, Role};
use rolestream_dataflows::records::{Key, Status, Verdict};
use rolestream_dataflows::text::normalise;
use std::collections::BTreeSet;

impl Case<'_> {
    pub(super) fn accept_role(&self, overlay: &mut Overlay<'_>, details: &Accept) -> Result<String, Error> {
        let given = details.records.as_deref().unwrap_or_default();
        let mut lines = given.iter().map(checked).collect::<Result<Vec<Line>, Error>>()?;
        let role = self.new_role(overlay, &mut lines)?;
        let mut keys = BTreeSet::new();
        for line in &lines {
            let Some(key) = line.key() else { return Err(misplaced("a taxonomy's head line", &role)) };
            let shown = format!("{}/{}", key.kind, key.key.replace('\n', "/"));
            if !keys.insert(key.clone()) {
                return Err(Error::new(format!("the proposal has {shown} twice"))
                    .detail("a key names one record")
                    .hint("leave one of them out"));
            }
            if overlay.get(&key).is_some() {
                return Err(Error::new(format!("the proposal would replace {shown}"))
                    .detail("a new role brings records that are not there yet")
                    .hint("leave the record out, or take another key"));
            }
            if let Some(other) = owner(line).filter(|owner| *owner != role.slug) {
                return Err(misplaced(&format!("{shown}, of the role \"{other}\","), &role));
            }
        }
        for line in &lines {
            self.refers(overlay, line, &keys)?;
        }
        let counts = |is: fn(&Line) -> bool| lines.iter().filter(|line| is(line)).count();
        let kras = counts(|line| matches!(line, Line::Kras(_)));
        let skills = counts(|line| matches!(line, Line::RoleSkills(_)));
        lines.into_iter().for_each(|line| overlay.put(Content::Taxonomy(line)));
        if self.titled() && normalise(&role.name) != normalise(&self.row.title) {
            let alias = Alias { role: role.slug.clone(), text: self.row.title.trim().to_owned() };
            let key = Key::new("alias", &[&alias.role, &normalise(&alias.text)]);
            if overlay.get(&key).is_none() {
                // Its runs find it by their title.
                overlay.put(Content::Taxonomy(Line::Aliases(alias)));
            }
        }
        self.review(overlay, Verdict::Accepted);
        Ok(format!("\"{}\" is a role now ({}), with {kras} KRAs and {skills} skills", role.name, role.slug))
    }

    pub(super) fn merge_role(&self, overlay: &mut Overlay<'_>, target: &str) -> Result<String, Error> {
        let role = overlay.active_role(target)?;
        let text = self.row.title.trim();
        if !self.titled() {
            return Err(Error::new("its title is no longer known")
                .detail(format!("only the slug \"{text}\" is left of it"))
                .hint("add the title as an alias of the role by yourself"));
        }
        let line = format!("\"{text}\" is another title of {} ({})", role.name, role.slug);
        self.review(overlay, Verdict::Merged(role.slug.clone()));
        let key = Key::new("alias", &[&role.slug, &normalise(text)]);
        if overlay.get(&key).is_none() {
            overlay.put(Content::Taxonomy(Line::Aliases(Alias { role: role.slug, text: text.to_owned() })));
        }
        Ok(line)
    }

    /// Whether the row's title is one, and not the slug that stands for it where its runs are gone.
    fn titled(&self) -> bool {
        let title = &self.row.title;
        let slug = self.row.slug.as_deref() == Some(title) && title.contains('-');
        !slug && !normalise(title).is_empty()
    }

    /// The one role of a proposal, with a number of its own.
    fn new_role(&self, overlay: &mut Overlay<'_>, lines: &mut [Line]) -> Result<Role, Error> {
        let mut roles = lines.iter_mut().filter_map(|line| match line {
            Line::Roles(role) => Some(role),
            _ => None,
        });
        let (Some(role), None) = (roles.next(), roles.next()) else {
            return Err(Error::new("a new role needs a proposal of one role")
                .detail("among its \"records\" there must be one of the collection roles, and no other")
                .hint("ask for the proposal of this row, change what is wrong in it, and send it"));
        };
        if let Some(there) = overlay.role(&role.slug) {
            return Err(Error::new(format!("the slug \"{}\" is taken", role.slug))
                .detail(format!("it is that of {}", there.name))
                .hint(format!("merge into \"{}\", or take another slug", role.slug)));
        }
        if normalise(&role.name).is_empty() || role.status != Status::Active || role.replaced_by.is_some() {
            return Err(Error::new("a new role has a name and is active")
                .detail(format!("the one of the proposal is called \"{}\"", role.name))
                .hint("give it a name, and leave status and replaced_by out"));
        }
        if role.number == 0 {
            let mut numbers = Numbers::default();
            role.number = numbers.give(&role.slug);
            while overlay.role_number_taken(role.number) {
                role.number = numbers.give(&role.slug);
            }
        } else if overlay.role_number_taken(role.number) {
            return Err(Error::new(format!("the id {} is another role's", role.number))
                .detail("a role's id is its own for ever")
                .hint("write \"id\": 0 to be given one"));
        }
        Ok(role.clone())
    }

    /// What a record refers to must be there, or come with it.
    fn refers(&self, overlay: &mut Overlay<'_>, line: &Line, coming: &BTreeSet<Key>) -> Result<(), Error> {
        let comes = |kind: &'static str, slug: &str| coming.contains(&Key::new(kind, &[slug]));
        match line {
            Line::RoleSkills(listed) if !comes("skill", &listed.skill) => overlay.active_skill(&listed.skill).map(drop),
            Line::RoleDimensions(owned) if !comes("dimension", &owned.dimension) => {
                overlay.dimension(&owned.dimension).map(drop)
            }
            Line::Skills(skill) => match overlay.knows(&skill.name) {
                Some(known) => Err(Error::new(format!("the library knows \"{}\" already", skill.name))
                    .detail(format!("it is a name of {} (\"{}\")", known.name, known.slug))
                    .hint(format!("let the role list \"{}\"", known.slug))),
                None => Ok(()),
            },
            _ => Ok(()),
        }
    }
}

/// A record as a reader of files would take it.
fn checked(line: &Line) -> Result<Line, Error> {
    let value = serde_json::to_value(line).map_err(|error| {
        Error::new("a record of the proposal cannot be written").detail(error.to_string()).hint("leave it out")
    })?;
    json_lines::from_value(value)
}

/// The role that a record belongs to.
fn owner(line: &Line) -> Option<&str> {
    match line {
        Line::Aliases(alias) => Some(&alias.role),
        Line::Kras(kra) => Some(&kra.role),
        Line::RoleDimensions(owned) => Some(&owned.role),
        Line::RoleSkills(listed) => Some(&listed.role),
        _ => None,
    }
}

fn misplaced(what: &str, role: &Role) -> Error {
    Error::new(format!("{what} is no part of a new role"))
        .detail(format!("the proposal is of the role \"{}\": its titles, KRAs, dimensions and skills", role.slug))
        .hint("leave it out, and edit it by itself")
}
