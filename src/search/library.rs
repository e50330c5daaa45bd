//! Who owns the texts that were found? A role's aliases and KRAs, and a skill's aliases, count for whom it has been
//! merged into; what a retired one owns counts for nobody (SPEC §1).

use super::spelling::Spelling;
use rolestream_dataflows::records::Status;
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

/// A text of something: an alias of a role, a form of a skill. `None` is a role's own name.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct TextOf {
    pub(super) owner: Arc<str>,
    pub(super) text: Option<Arc<str>>,
}

impl TextOf {
    pub(super) fn new(owner: &str, text: Option<&str>) -> TextOf {
        TextOf { owner: owner.into(), text: text.map(Arc::from) }
    }
}

/// What is known of roles, KRAs and skills beside their vectors.
#[derive(Default)]
pub(super) struct Library {
    pub(super) roles: Standings,
    pub(super) skills: Standings,
    /// Role by KRA.
    pub(super) kras: HashMap<String, Arc<str>>,
    /// All forms of skills, as they are spelled.
    pub(super) spellings: BTreeMap<TextOf, Spelling>,
    /// The forms of each skill.
    pub(super) forms: HashMap<String, Vec<TextOf>>,
}

/// Which of them are active, and who stands in for those that are merged.
#[derive(Default)]
pub(super) struct Standings(HashMap<Arc<str>, (Status, Option<Arc<str>>)>);

impl Standings {
    pub(super) fn put(&mut self, slug: &str, status: Status, replaced_by: Option<&str>) {
        self.0.insert(slug.into(), (status, replaced_by.map(Arc::from)));
    }

    pub(super) fn remove(&mut self, slug: &str) {
        self.0.remove(slug);
    }

    /// For whom it counts.
    pub(super) fn owner(&self, slug: &str) -> Option<Arc<str>> {
        let (own, (status, replaced_by)) = self.0.get_key_value(slug)?;
        match status {
            Status::Active => Some(own.clone()),
            Status::Retired => None,
            // A merge re-points earlier ones, so one step leads to an active one.
            Status::Merged => {
                let (survivor, (status, _)) = self.0.get_key_value(replaced_by.as_ref()?)?;
                (*status == Status::Active).then(|| survivor.clone())
            }
        }
    }
}
