//! What is the thing with this id called? Views hold ids; here are their names, numbers and sentences.

use rolestream_dataflows::id::Id;
use rolestream_dataflows::records::{Record, Status};
use rolestream_dataflows::text::normalise;
use std::collections::HashMap;

/// A role by name.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "SPEC §1 lists the fields")]
pub struct RoleName {
    pub slug: String,
    pub name: String,
    pub number: u32,
    pub status: Status,
    pub replaced_by: Option<String>,
}

/// A skill or dimension by name.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "SPEC §1 lists the fields")]
pub struct Named {
    pub slug: String,
    pub name: String,
}

/// A KRA by name.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "SPEC §1 lists the fields")]
pub struct KraName {
    pub key: String,
    pub sentence: String,
}

/// The names of everything in a taxonomy, by id.
#[derive(Clone, Debug, Default)]
pub struct Names {
    roles: HashMap<Id, RoleName>,
    skills: HashMap<Id, Named>,
    dimensions: HashMap<Id, Named>,
    kras: HashMap<Id, KraName>,
}

impl Names {
    /// Of these records.
    pub fn of<'a>(records: impl IntoIterator<Item = &'a Record>) -> Names {
        let mut names = Names::default();
        for record in records {
            names.put(record);
        }
        names
    }

    /// Takes in a record that is new or changed.
    pub fn put(&mut self, record: &Record) {
        match record {
            Record::Role(role) => {
                let name = RoleName {
                    slug: role.slug.clone(),
                    name: role.name.clone(),
                    number: role.number,
                    status: role.status,
                    replaced_by: role.replaced_by.clone(),
                };
                self.roles.insert(Id::role(&role.slug), name);
            }
            Record::Skill(skill) => {
                let name = Named { slug: skill.slug.clone(), name: skill.name.clone() };
                self.skills.insert(Id::skill(&skill.slug), name);
            }
            Record::Dimension(dimension) => {
                let name = Named { slug: dimension.slug.clone(), name: dimension.name.clone() };
                self.dimensions.insert(Id::dimension(&dimension.slug), name);
            }
            Record::Kra(kra) => {
                let name = KraName { key: kra.id.clone(), sentence: kra.sentence.clone() };
                self.kras.insert(Id::kra(&kra.id), name);
            }
            _ => {}
        }
    }

    /// Takes in a role that was deleted, unless there is one of that slug.
    pub fn put_gone_role(&mut self, slug: &str) {
        let gone = || RoleName {
            slug: slug.to_owned(),
            name: slug.to_owned(),
            number: 0,
            status: Status::Retired,
            replaced_by: None,
        };
        self.roles.entry(Id::role(slug)).or_insert_with(gone);
    }

    /// A role.
    pub fn role(&self, id: Id) -> Option<&RoleName> {
        self.roles.get(&id)
    }

    /// A role's display name; its id where it is unknown.
    pub fn role_name(&self, id: Id) -> String {
        self.roles.get(&id).map_or_else(|| id.to_string(), |role| role.name.clone())
    }

    /// Several roles' display names, as a person would list them.
    pub fn role_names(&self, ids: &[Id]) -> String {
        let names: Vec<String> = ids.iter().map(|id| self.role_name(*id)).collect();
        match names.split_last() {
            Some((last, rest)) if !rest.is_empty() => format!("{} and {last}", rest.join(", ")),
            _ => names.join(""),
        }
    }

    /// A canonical skill.
    pub fn skill(&self, id: Id) -> Option<&Named> {
        self.skills.get(&id)
    }

    /// A dimension.
    pub fn dimension(&self, id: Id) -> Option<&Named> {
        self.dimensions.get(&id)
    }

    /// A KRA.
    pub fn kra(&self, id: Id) -> Option<&KraName> {
        self.kras.get(&id)
    }

    /// The roles whose display name is this text, by slug; those that are active.
    pub fn roles_called(&self, text: &str) -> Vec<&RoleName> {
        let key = normalise(text);
        let mut called: Vec<&RoleName> =
            self.roles.values().filter(|role| role.status == Status::Active && normalise(&role.name) == key).collect();
        called.sort_by(|a, b| a.slug.cmp(&b.slug));
        called
    }
}
