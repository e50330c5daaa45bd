//! What is the thing with this id called? Names of the taxonomy, ids of JDs and sources, as of now.

use super::names::Names;
use crate::admission::Admitted;
use rolestream_dataflows::id::Id;
use rolestream_dataflows::records::Record;
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard};

/// What a JD is called in lists.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Heading {
    /// Its title as written; empty where it has none.
    pub title: Arc<str>,
    /// The company; empty where none is known.
    pub company: Arc<str>,
}

impl Heading {
    /// Of a JD as it was admitted.
    pub fn of(admitted: &Admitted) -> Heading {
        let parsed = admitted.parsed.as_ref().and_then(|parsed| parsed.nano_parsed.company_name.as_deref());
        let title = admitted.title().or(admitted.document.title.as_deref());
        let company = parsed.or(admitted.document.company.as_deref());
        Heading { title: title.unwrap_or_default().into(), company: company.unwrap_or_default().into() }
    }
}

/// Names by id. Any thread may ask.
#[derive(Debug, Default)]
pub struct Lookup {
    names: RwLock<Names>,
    jds: RwLock<HashMap<Id, Arc<str>>>,
    headings: RwLock<HashMap<Id, Heading>>,
    sources: RwLock<HashMap<Id, Arc<str>>>,
}

impl Lookup {
    /// Takes in records that are new or changed. Names of what was deleted stay: what was said of it is still told.
    pub fn put_records<'a>(&self, records: impl IntoIterator<Item = &'a Record>) {
        let mut names = self.names.write().unwrap_or_else(PoisonError::into_inner);
        records.into_iter().for_each(|record| names.put(record));
    }

    /// Takes in the slugs of roles that were deleted: what was said of them is still told.
    pub fn put_gone_roles(&self, slugs: &[String]) {
        let mut names = self.names.write().unwrap_or_else(PoisonError::into_inner);
        slugs.iter().for_each(|slug| names.put_gone_role(slug));
    }

    /// Takes in JDs by the id their source gave them, and the name of that source.
    pub fn put_jds<'a>(&self, jds: impl IntoIterator<Item = (Id, &'a str)>) {
        let mut known = self.jds.write().unwrap_or_else(PoisonError::into_inner);
        for (id, name) in jds {
            known.entry(id).or_insert_with(|| name.into());
        }
    }

    /// Takes in what JDs are called in lists.
    pub fn put_headings(&self, headings: impl IntoIterator<Item = (Id, Heading)>) {
        self.headings.write().unwrap_or_else(PoisonError::into_inner).extend(headings);
    }

    /// What a JD is called in lists.
    pub fn heading(&self, jd: Id) -> Heading {
        self.headings.read().unwrap_or_else(PoisonError::into_inner).get(&jd).cloned().unwrap_or_default()
    }

    /// Takes in the name of a source.
    pub fn put_source(&self, name: &str) {
        let id = Id::text(name);
        let known = self.sources.read().unwrap_or_else(PoisonError::into_inner).contains_key(&id);
        if !known {
            self.sources.write().unwrap_or_else(PoisonError::into_inner).insert(id, name.into());
        }
    }

    /// Nothing is told of these JDs any more.
    pub fn forget_jds(&self, jds: &[Id]) {
        let mut known = self.jds.write().unwrap_or_else(PoisonError::into_inner);
        jds.iter().for_each(|id| drop(known.remove(id)));
        let mut known = self.headings.write().unwrap_or_else(PoisonError::into_inner);
        jds.iter().for_each(|id| drop(known.remove(id)));
    }

    /// The names of the taxonomy.
    pub fn names(&self) -> RwLockReadGuard<'_, Names> {
        self.names.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// The id its source gave a JD; its own where none is known.
    pub fn jd(&self, id: Id) -> Arc<str> {
        let known = self.jds.read().unwrap_or_else(PoisonError::into_inner).get(&id).cloned();
        known.unwrap_or_else(|| id.to_string().into())
    }

    /// The name of a source.
    pub fn source(&self, id: Id) -> Option<Arc<str>> {
        self.sources.read().unwrap_or_else(PoisonError::into_inner).get(&id).cloned()
    }

    /// The slug of a role; its id where none is known.
    pub fn role(&self, id: Id) -> String {
        self.names().role(id).map_or_else(|| id.to_string(), |role| role.slug.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rolestream_dataflows::fixed::{DIMENSIONS, Vector};
    use rolestream_dataflows::records::Role;

    #[test]
    fn a_deleted_role_is_called_by_its_slug_until_it_is_back() {
        let lookup = Lookup::default();
        assert_eq!(lookup.role(Id::role("cook")), Id::role("cook").to_string());
        lookup.put_gone_roles(&["cook".to_owned()]);
        assert_eq!(lookup.role(Id::role("cook")), "cook");
        let role = Role {
            slug: "cook".to_owned(),
            name: "Cook".to_owned(),
            number: 7,
            archetype: String::new(),
            status: Default::default(),
            replaced_by: None,
            vector: Vector::new(&[0; DIMENSIONS]).unwrap(),
        };
        lookup.put_records([&Record::Role(role)]);
        lookup.put_gone_roles(&["cook".to_owned()]);
        assert_eq!(lookup.names().role_name(Id::role("cook")), "Cook");
    }
}
