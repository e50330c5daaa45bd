//! What do the records say, by slug, with merges followed? Made anew for each step, of references only.
//!
//! What a merged role or skill owns counts for its survivor, what a retired one owns for nobody (SPEC §1).

use crate::error::{Error, nearest};
use crate::taxonomy::slugs::{Numbers, Slugs};
use rolestream_dataflows::id::Id;
use rolestream_dataflows::records::{Dimension, Record, Review, Role, Scope, Skill, Status, Verdict};
use rolestream_dataflows::text::normalise;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use utoipa::ToSchema;

/// A role by name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct RoleRef {
    /// Its number.
    pub role_id: u32,
    /// Its slug.
    pub slug: String,
    /// What it is called.
    pub display_name: String,
}

/// The records of a taxonomy and the reviews, indexed as the steps ask.
#[derive(Default)]
pub struct Catalogue<'a> {
    roles: BTreeMap<&'a str, &'a Role>,
    skills: BTreeMap<&'a str, &'a Skill>,
    dimensions: BTreeMap<&'a str, &'a Dimension>,
    skill_ids: HashMap<Id, &'a str>,
    role_ids: HashMap<Id, &'a str>,
    /// The active skill that a normalised text names; of several the first slug.
    forms: HashMap<String, &'a str>,
    /// The active roles that have this normalised name or alias.
    titles: BTreeMap<String, BTreeSet<&'a str>>,
    role_skills: BTreeMap<&'a str, BTreeSet<&'a str>>,
    role_dimensions: BTreeMap<&'a str, BTreeSet<&'a str>>,
    reviews: HashMap<Id, Vec<&'a Review>>,
}

impl<'a> Catalogue<'a> {
    /// Of these records; what refers to nothing active is left out.
    pub fn of(records: impl IntoIterator<Item = &'a Record>) -> Catalogue<'a> {
        let mut catalogue = Catalogue::default();
        let mut owned = Vec::new();
        for record in records {
            match record {
                Record::Role(role) => {
                    catalogue.roles.insert(&role.slug, role);
                    catalogue.role_ids.insert(Id::role(&role.slug), &role.slug);
                }
                Record::Skill(skill) => {
                    catalogue.skills.insert(&skill.slug, skill);
                    catalogue.skill_ids.insert(Id::skill(&skill.slug), &skill.slug);
                }
                Record::Dimension(dimension) => {
                    catalogue.dimensions.insert(&dimension.slug, dimension);
                }
                Record::Review(review) => catalogue.reviews.entry(review.subject).or_default().push(review),
                Record::Alias(_) | Record::RoleSkill(_) | Record::RoleDimension(_) => owned.push(record),
                _ => {}
            }
        }
        catalogue.read_forms();
        owned.into_iter().for_each(|record| catalogue.read_owned(record));
        catalogue
    }

    fn read_forms(&mut self) {
        for skill in self.skills.values() {
            let Some(owner) = self.active_skill(&skill.slug) else { continue };
            for form in std::iter::once(&skill.name).chain(&skill.aliases) {
                let slug = self.forms.entry(normalise(form)).or_insert(&owner.slug);
                *slug = owner.slug.as_str().min(slug);
            }
        }
        for role in self.roles.values() {
            let Some(owner) = self.active_role(&role.slug) else { continue };
            self.titles.entry(normalise(&role.name)).or_default().insert(&owner.slug);
        }
    }

    fn read_owned(&mut self, record: &'a Record) {
        match record {
            Record::Alias(alias) => {
                let Some(owner) = self.active_role(&alias.role) else { return };
                self.titles.entry(normalise(&alias.text)).or_default().insert(&owner.slug);
            }
            Record::RoleSkill(pair) => {
                let (Some(role), Some(skill)) = (self.active_role(&pair.role), self.active_skill(&pair.skill)) else {
                    return;
                };
                self.role_skills.entry(&role.slug).or_default().insert(&skill.slug);
            }
            Record::RoleDimension(pair) => {
                let (Some(role), Some(dimension)) = (self.active_role(&pair.role), self.dimension(&pair.dimension))
                else {
                    return;
                };
                self.role_dimensions.entry(&role.slug).or_default().insert(&dimension.slug);
            }
            _ => {}
        }
    }

    /// The role of this slug if it is active, its survivor if it is merged.
    pub fn active_role(&self, slug: &str) -> Option<&'a Role> {
        let role = *self.roles.get(slug)?;
        let owner = match role.status {
            Status::Active => role,
            Status::Merged => self.roles.get(role.replaced_by.as_deref()?)?,
            Status::Retired => return None,
        };
        (owner.status == Status::Active).then_some(owner)
    }

    /// The same for a skill.
    pub fn active_skill(&self, slug: &str) -> Option<&'a Skill> {
        let skill = *self.skills.get(slug)?;
        let owner = match skill.status {
            Status::Active => skill,
            Status::Merged => self.skills.get(skill.replaced_by.as_deref()?)?,
            Status::Retired => return None,
        };
        (owner.status == Status::Active).then_some(owner)
    }

    /// The active role with this id.
    pub fn role_of(&self, id: Id) -> Option<&'a Role> {
        self.role_ids.get(&id).and_then(|slug| self.active_role(slug))
    }

    /// The active skill with this id.
    pub fn skill_of(&self, id: Id) -> Option<&'a Skill> {
        self.skill_ids.get(&id).and_then(|slug| self.active_skill(slug))
    }

    /// The active skill that a text names.
    pub fn skill_called(&self, text: &str) -> Option<&'a Skill> {
        self.forms.get(&normalise(text)).and_then(|slug| self.active_skill(slug))
    }

    /// A dimension.
    pub fn dimension(&self, slug: &str) -> Option<&'a Dimension> {
        self.dimensions.get(slug).copied()
    }

    /// A skill's home dimension.
    pub fn home(&self, skill: &Skill) -> Option<&'a Dimension> {
        self.dimension(skill.dimension.as_deref()?)
    }

    /// The active roles that list skills, each with these, by slug.
    pub fn listings(&self) -> impl Iterator<Item = (&'a Role, &BTreeSet<&'a str>)> {
        self.role_skills.iter().filter_map(|(slug, skills)| Some((self.active_role(slug)?, skills)))
    }

    /// Whether an active role lists a skill.
    pub fn lists(&self, role: &str, skill: &str) -> bool {
        self.role_skills.get(role).is_some_and(|skills| skills.contains(skill))
    }

    /// Whether an active role has a dimension.
    pub fn has_dimension(&self, role: &str, dimension: &str) -> bool {
        self.role_dimensions.get(role).is_some_and(|dimensions| dimensions.contains(dimension))
    }

    /// Whether another active role than this one has that name or alias.
    pub fn title_is_anothers(&self, title: &str, role: &str) -> bool {
        self.titles.get(&normalise(title)).is_some_and(|roles| roles.iter().any(|other| *other != role))
    }

    /// Whether a review hides a queue row with this subject: rejected for ever, or snoozed. `role` is the row's.
    pub fn hidden(&self, subject: Id, role: Option<&str>) -> Option<&'a Verdict> {
        let holds = |scope: &Scope| match scope {
            Scope::Everywhere => true,
            Scope::Role(slug) => role.is_some() && self.active_role(slug).map(|role| role.slug.as_str()) == role,
        };
        let mut reviews = self.reviews.get(&subject)?.iter().filter(|review| holds(&review.scope));
        reviews
            .find(|review| matches!(review.verdict, Verdict::Rejected | Verdict::Snoozed(_)))
            .map(|review| &review.verdict)
    }

    /// The role that a person names by slug; with a note where that is the survivor of the one named.
    pub fn wanted_role(&self, slug: &str) -> Result<(&'a Role, Option<String>), Error> {
        let Some(role) = self.roles.get(slug) else { return Err(unknown("role", slug, self.roles.keys().copied())) };
        let Some(owner) = self.active_role(slug) else { return Err(retired("role", &role.slug)) };
        let note = (owner.slug != slug).then(|| format!("{slug} was merged into {}", owner.slug));
        Ok((owner, note))
    }

    /// The same for a skill.
    pub fn wanted_skill(&self, slug: &str) -> Result<(&'a Skill, Option<String>), Error> {
        let Some(skill) = self.skills.get(slug) else {
            return Err(unknown("skill", slug, self.skills.keys().copied()));
        };
        let Some(owner) = self.active_skill(slug) else { return Err(retired("skill", &skill.slug)) };
        let note = (owner.slug != slug).then(|| format!("{slug} was merged into {}", owner.slug));
        Ok((owner, note))
    }

    /// The same for a dimension, which is never merged.
    pub fn wanted_dimension(&self, slug: &str) -> Result<&'a Dimension, Error> {
        self.dimension(slug).ok_or_else(|| unknown("dimension", slug, self.dimensions.keys().copied()))
    }

    /// Whether there is a role of this slug, active or not.
    pub fn has_role(&self, slug: &str) -> bool {
        self.roles.contains_key(slug)
    }

    /// What gives slugs to new skills.
    pub(super) fn skill_slugs(&self) -> Slugs {
        Slugs(self.skills.keys().map(|slug| (*slug).to_owned()).collect())
    }

    /// What gives numbers to new skills.
    pub(super) fn skill_numbers(&self) -> Numbers {
        Numbers(self.skills.values().map(|skill| skill.number).collect())
    }

    /// What gives numbers to new roles.
    pub(super) fn role_numbers(&self) -> Numbers {
        Numbers(self.roles.values().map(|role| role.number).collect())
    }
}

impl From<&Role> for RoleRef {
    fn from(role: &Role) -> RoleRef {
        RoleRef { role_id: role.number, slug: role.slug.clone(), display_name: role.name.clone() }
    }
}

fn unknown<'a>(what: &str, slug: &str, known: impl Iterator<Item = &'a str>) -> Error {
    let hint = match nearest(slug, known) {
        Some(word) => format!("did you mean \"{word}\"?"),
        None => format!("name a {what} of the taxonomy by its slug"),
    };
    Error::new(format!("unknown {what} \"{slug}\""))
        .detail(format!("the taxonomy has no {what} of that slug"))
        .hint(hint)
}

fn retired(what: &str, slug: &str) -> Error {
    Error::new(format!("the {what} \"{slug}\" is not active"))
        .detail(format!("it was retired, or merged into a {what} that is not active"))
        .hint(format!("name an active {what}, or make this one active first"))
}
