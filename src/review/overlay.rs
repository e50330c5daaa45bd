//! How does each row of a bulk action see what those before it did? Changes are laid over the records.

use super::content::Content;
use crate::error::{Error, nearest};
use crate::taxonomy::json_lines::Line;
use crate::taxonomy::slugs::{Numbers, Slugs};
use crate::taxonomy::{Kra, Role, Skill};
use rolestream_dataflows::records::{Dimension, Key, Record, Status, Tables};
use rolestream_dataflows::text::normalise;
use std::collections::{BTreeMap, HashMap, HashSet};

/// The records, and what is to change of them.
pub(super) struct Overlay<'a> {
    tables: &'a Tables,
    changed: BTreeMap<Key, Option<Content>>,
    known: Option<Known>,
}

/// What no key finds.
#[derive(Default)]
struct Known {
    /// Normalised names and aliases of skills, with the slug of the active skill they mean.
    forms: HashMap<String, String>,
    numbers: HashSet<u32>,
    role_numbers: HashSet<u32>,
}

impl<'a> Overlay<'a> {
    pub(super) fn new(tables: &'a Tables) -> Overlay<'a> {
        Overlay { tables, changed: BTreeMap::new(), known: None }
    }

    /// The record of a key as it is with the changes.
    pub(super) fn get(&self, key: &Key) -> Option<Content> {
        match self.changed.get(key) {
            Some(content) => content.clone(),
            None => self.tables.get(key).and_then(Content::of),
        }
    }

    pub(super) fn put(&mut self, content: Content) {
        let Some(key) = content.key() else { return };
        if let (Some(known), Content::Taxonomy(line)) = (&mut self.known, &content) {
            known.learn(line);
        }
        self.changed.insert(key, Some(content));
    }

    pub(super) fn delete(&mut self, key: Key) {
        self.changed.insert(key, None);
    }

    /// What differs from the records: key, before, after.
    pub(super) fn differences(self) -> Vec<(Key, Option<Content>, Option<Content>)> {
        let tables = self.tables;
        let all = self.changed.into_iter().map(|(key, after)| {
            let before = tables.get(&key).and_then(Content::of);
            (key, before, after)
        });
        all.filter(|(_, before, after)| before != after).collect()
    }

    /// All records as they are with the changes, in no order.
    fn all(&self) -> impl Iterator<Item = Content> {
        self.matching(|_| true)
    }

    /// The held records that match, without those that change; and all that are changed.
    fn matching(&self, matches: impl Fn(&Record) -> bool) -> impl Iterator<Item = Content> {
        let held = self.tables.iter().filter(move |record| matches(record));
        let held = held.filter(|record| self.changed.is_empty() || !self.changed.contains_key(&record.key()));
        held.filter_map(Content::of).chain(self.changed.values().flatten().cloned())
    }

    pub(super) fn role(&self, slug: &str) -> Option<Role> {
        match self.get(&Key::new("role", &[slug])) {
            Some(Content::Taxonomy(Line::Roles(role))) => Some(role),
            _ => None,
        }
    }

    pub(super) fn skill(&self, slug: &str) -> Option<Skill> {
        match self.get(&Key::new("skill", &[slug])) {
            Some(Content::Taxonomy(Line::Skills(skill))) => Some(skill),
            _ => None,
        }
    }

    /// The active role that a slug means: itself, or the one it was merged into.
    pub(super) fn active_role(&self, slug: &str) -> Result<Role, Error> {
        let mut found = self.role(slug);
        if let Some(Role { status: Status::Merged, replaced_by: Some(survivor), .. }) = &found {
            found = self.role(survivor);
        }
        match found {
            Some(role) if role.status == Status::Active => Ok(role),
            Some(role) => Err(inactive("role", &role.name, slug)),
            None => Err(self.missing("role", slug)),
        }
    }

    /// The active skill that a slug means.
    pub(super) fn active_skill(&self, slug: &str) -> Result<Skill, Error> {
        let mut found = self.skill(slug);
        if let Some(Skill { status: Status::Merged, replaced_by: Some(survivor), .. }) = &found {
            found = self.skill(survivor);
        }
        match found {
            Some(skill) if skill.status == Status::Active => Ok(skill),
            Some(skill) => Err(inactive("skill", &skill.name, slug)),
            None => Err(self.missing("skill", slug)),
        }
    }

    pub(super) fn dimension(&self, slug: &str) -> Result<Dimension, Error> {
        match self.get(&Key::new("dimension", &[slug])) {
            Some(Content::Taxonomy(Line::Dimensions(dimension))) => Ok(dimension),
            _ => Err(self.missing("dimension", slug)),
        }
    }

    /// The message on a slug that names nothing.
    pub(super) fn missing(&self, kind: &str, typed: &str) -> Error {
        let named: Vec<(String, String)> = self.all().filter_map(|content| named(kind, content)).collect();
        let by_name = named.iter().find(|(_, name)| normalise(name) == normalise(typed)).map(|(slug, _)| &**slug);
        let hint = match by_name.or_else(|| nearest(typed, named.iter().map(|(slug, _)| &**slug))) {
            Some(slug) => format!("did you mean \"{slug}\"?"),
            None => format!("take the slug of a {kind} that is there"),
        };
        Error::new(format!("unknown {kind} \"{typed}\""))
            .detail(format!("the taxonomy has no {kind} of that slug"))
            .hint(hint)
    }

    /// The active skill that the library knows by this text.
    pub(super) fn knows(&mut self, text: &str) -> Option<Skill> {
        let slug = self.known().forms.get(&normalise(text))?.clone();
        self.skill(&slug)
    }

    /// A slug for a new skill of this name, and its number.
    pub(super) fn new_skill_slug(&mut self, name: &str, otherwise: &str) -> (String, u32) {
        let mut slugs = Slugs::default();
        let slug = loop {
            let slug = slugs.give(name, otherwise);
            if self.get(&Key::new("skill", &[&slug])).is_none() {
                break slug;
            }
        };
        let mut numbers = Numbers::default();
        let number = loop {
            let number = numbers.give(&slug);
            if !self.known().numbers.contains(&number) {
                break number;
            }
        };
        (slug, number)
    }

    /// The KRAs of a role.
    pub(super) fn kras_of(&self, role: &str) -> Vec<Kra> {
        self.matching(|record| matches!(record, Record::Kra(kra) if kra.role == role))
            .filter_map(|content| match content {
                Content::Taxonomy(Line::Kras(kra)) if kra.role == role => Some(kra),
                _ => None,
            })
            .collect()
    }

    /// The slugs of the roles that have an alias of this normalised text.
    pub(super) fn aliases(&self, term: &str) -> Vec<String> {
        self.matching(|record| matches!(record, Record::Alias(alias) if normalise(&alias.text) == term))
            .filter_map(|content| match content {
                Content::Taxonomy(Line::Aliases(alias)) if normalise(&alias.text) == term => Some(alias.role),
                _ => None,
            })
            .collect()
    }

    /// Whether a role has this number.
    pub(super) fn role_number_taken(&mut self, number: u32) -> bool {
        self.known().role_numbers.contains(&number)
    }

    fn known(&mut self) -> &mut Known {
        let mut known = self.known.take();
        if known.is_none() {
            let mut all = Known::default();
            let mut merged: Vec<Skill> = Vec::new();
            for content in self.all() {
                match content {
                    Content::Taxonomy(Line::Skills(skill)) if skill.status == Status::Merged => merged.push(skill),
                    Content::Taxonomy(line) => all.learn(&line),
                    _ => {}
                }
            }
            for skill in merged {
                all.numbers.insert(skill.number);
                let survivor = skill.replaced_by.as_deref().and_then(|slug| self.active_skill(slug).ok());
                if let Some(survivor) = survivor {
                    all.means(&skill, &survivor.slug);
                }
            }
            known = Some(all);
        }
        self.known.insert(known.unwrap_or_default())
    }
}

impl Known {
    fn learn(&mut self, line: &Line) {
        match line {
            Line::Skills(skill) => {
                self.numbers.insert(skill.number);
                if skill.status == Status::Active {
                    self.means(skill, &skill.slug);
                }
            }
            Line::Roles(role) => drop(self.role_numbers.insert(role.number)),
            _ => {}
        }
    }

    /// Of two skills with one name the first slug is meant, as in the views.
    fn means(&mut self, skill: &Skill, slug: &str) {
        for text in skill.aliases.iter().chain([&skill.name]) {
            let owner = self.forms.entry(normalise(text)).or_insert_with(|| slug.to_owned());
            if slug < owner.as_str() {
                slug.clone_into(owner);
            }
        }
    }
}

fn named(kind: &str, content: Content) -> Option<(String, String)> {
    match (kind, content) {
        ("role", Content::Taxonomy(Line::Roles(role))) if role.status == Status::Active => Some((role.slug, role.name)),
        ("skill", Content::Taxonomy(Line::Skills(skill))) if skill.status == Status::Active => {
            Some((skill.slug, skill.name))
        }
        ("dimension", Content::Taxonomy(Line::Dimensions(dimension))) => Some((dimension.slug, dimension.name)),
        ("KRA", Content::Taxonomy(Line::Kras(kra))) => Some((kra.id, kra.sentence)),
        _ => None,
    }
}

fn inactive(kind: &str, name: &str, slug: &str) -> Error {
    Error::new(format!("the {kind} \"{slug}\" is not active"))
        .detail(format!("{name} is retired, or what it was merged into is: nothing counts for it"))
        .hint(format!("take an active {kind}, or make this one active again first"))
}
