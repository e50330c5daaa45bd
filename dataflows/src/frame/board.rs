//! What does the frame know of the taxonomy? Every [`Fact`], indexed by how the scorers ask.

use super::enrichment::Labels;
use crate::decision::RoleNumber;
use crate::fixed::Vector;
use crate::id::Id;
use crate::kernel::{Rows, RowsRef};
use crate::records::{AiClass, EnrichmentSettings, Era, Settings};
use crate::taxonomy::{Fact, RuleVerdict};
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::ops::Range;

/// Fewer KRAs, or fewer skills, make a role thin: a tie-break does not trust it (SPEC §4).
const THIN: (usize, usize) = (3, 10);

/// The taxonomy's side of the frame; the same on every worker.
#[derive(Default)]
pub(crate) struct Board {
    pub(crate) settings: Settings,
    pub(crate) labels: Labels,
    pub(crate) roles: Vec<RoleEntry>,
    numbers: HashMap<Id, RoleNumber>,
    pub(crate) displays: HashMap<Id, BTreeSet<RoleNumber>>,
    pub(crate) aliases: HashMap<Id, BTreeSet<RoleNumber>>,
    pub(crate) rules: HashMap<Id, RuleVerdict>,
    pub(crate) skills: HashMap<Id, Id>,
    /// The roles that list a skill.
    pub(crate) listed_by: HashMap<Id, Vec<RoleNumber>>,
    pub(crate) homes: HashMap<Id, Id>,
    pub(crate) classes: HashMap<Id, (AiClass, Era)>,
    pub(crate) role_owners: HashMap<Id, Id>,
    pub(crate) skill_owners: HashMap<Id, Id>,
    pub(crate) taken_slugs: HashSet<String>,
    kra_rows: Rows,
    form_rows: Rows,
}

/// A role and what it owns. A role that is no longer active owns nothing, so nothing ranks or hits it.
#[derive(Default)]
pub(crate) struct RoleEntry {
    pub(crate) id: Id,
    slug: String,
    /// The key of its display name.
    pub(crate) name: Id,
    kras: BTreeMap<String, Vector>,
    pub(crate) kra_ids: Vec<Id>,
    kra_rows: Range<usize>,
    forms: BTreeSet<(Id, bool, Vector)>,
    form_rows: Range<usize>,
    pub(crate) skills: HashSet<Id>,
    pub(crate) dimensions: HashSet<Id>,
    /// Its place among all roles by slug.
    pub(crate) order: u32,
}

impl RoleEntry {
    pub(crate) fn thin(&self) -> bool {
        self.kras.len() < THIN.0 || self.skills.len() < THIN.1
    }

    pub(crate) fn has_kras(&self) -> bool {
        !self.kras.is_empty()
    }

    pub(crate) fn has_forms(&self) -> bool {
        !self.forms.is_empty()
    }
}

/// What a batch of facts may change in answers already given.
#[derive(Default, Debug)]
pub(crate) struct Touched {
    /// Roles whose KRAs changed.
    pub(crate) kras: BTreeSet<RoleNumber>,
    /// Roles whose forms changed.
    pub(crate) forms: BTreeSet<RoleNumber>,
    /// Terms that now hit other roles or mean something else.
    pub(crate) terms: HashSet<Id>,
    /// Texts that now mean another skill.
    pub(crate) skill_texts: HashSet<Id>,
    /// (role, skill) that the role now lists or no longer.
    pub(crate) role_skills: HashMap<Id, Vec<RoleNumber>>,
    /// Skills whose home moved, or that have another class.
    pub(crate) homes: HashSet<Id>,
    /// Roles whose dimensions changed.
    pub(crate) dimensions: HashSet<Id>,
    /// Roles that tie-breaks trust more or less than before, or whose display name changed.
    pub(crate) contenders: HashSet<Id>,
    /// Whether a role was thin before the batch.
    was_thin: HashMap<RoleNumber, bool>,
    /// Slugs taken or given back.
    pub(crate) slugs: Vec<String>,
    /// Some merge or retirement.
    pub(crate) owners: bool,
    /// A role got its slug.
    reorder: bool,
    /// The settings before.
    pub(crate) settings: Option<Settings>,
    /// What enrichment went by before.
    pub(crate) enrichment: Option<EnrichmentSettings>,
}

impl Board {
    /// The number of a role, given when it is first spoken of.
    fn number(&mut self, role: Id) -> RoleNumber {
        *self.numbers.entry(role).or_insert_with(|| {
            self.roles.push(RoleEntry { id: role, ..RoleEntry::default() });
            self.roles.len() as RoleNumber - 1
        })
    }

    /// The number of a role already spoken of.
    pub(crate) fn known(&self, role: Id) -> Option<RoleNumber> {
        self.numbers.get(&role).copied()
    }

    /// The vectors of a role's KRAs, in the order of `kra_ids`.
    pub(crate) fn kra_rows(&self, role: RoleNumber) -> RowsRef<'_> {
        self.kra_rows.range(self.roles[role as usize].kra_rows.clone())
    }

    /// The vectors of a role's names.
    pub(crate) fn form_rows(&self, role: RoleNumber) -> RowsRef<'_> {
        self.form_rows.range(self.roles[role as usize].form_rows.clone())
    }

    /// The canonical skill a text means, or the text itself, and whether it is known.
    pub(crate) fn identity(&self, text: Id) -> (Id, bool) {
        self.skills.get(&text).map_or((text, false), |skill| (*skill, true))
    }

    /// Applies consolidated facts, retractions first, and says what they may change.
    pub(crate) fn apply(&mut self, mut facts: Vec<(Fact, isize)>) -> Touched {
        let mut touched = Touched::default();
        facts.sort_by_key(|(_, difference)| *difference);
        for (fact, difference) in facts {
            self.apply_one(fact, difference > 0, &mut touched);
        }
        for (number, thin) in touched.was_thin.drain() {
            let entry = &self.roles[number as usize];
            if entry.thin() != thin {
                touched.contenders.insert(entry.id);
            }
        }
        if touched.reorder {
            self.order_roles();
        }
        if !touched.kras.is_empty() {
            self.pack_kras();
        }
        if !touched.forms.is_empty() {
            self.pack_forms();
        }
        touched
    }

    fn apply_one(&mut self, fact: Fact, added: bool, touched: &mut Touched) {
        match fact {
            Fact::Role { role, slug, name } => {
                let number = self.number(role);
                let entry = &mut self.roles[number as usize];
                // A number outlives its role's record; so does the slug, by which ties are ordered.
                touched.reorder |= entry.slug.is_empty();
                entry.slug = slug;
                entry.name = if added { name } else { Id::NONE };
                touched.contenders.insert(role);
            }
            Fact::TakenSlug(slug) => {
                if added {
                    self.taken_slugs.insert(slug.clone())
                } else {
                    self.taken_slugs.remove(&slug)
                };
                touched.slugs.push(slug);
            }
            Fact::RoleOwner { role, owner } => {
                put(&mut self.role_owners, role, owner, added);
                touched.owners = true;
            }
            Fact::SkillOwner { skill, owner } => {
                put(&mut self.skill_owners, skill, owner, added);
                touched.owners = true;
            }
            Fact::Form { role, text, display, vector } => {
                let number = self.number(role);
                let index = if display { &mut self.displays } else { &mut self.aliases };
                let forms = &mut self.roles[number as usize].forms;
                let form = (text, display, vector);
                if added {
                    forms.insert(form)
                } else {
                    forms.remove(&form)
                };
                // Two forms of a role may have one text (written differently): the text stays while one of them does.
                let here = forms.iter().any(|(t, d, _)| (*t, *d) == (text, display));
                let claimants = index.entry(text).or_default();
                if here {
                    claimants.insert(number)
                } else {
                    claimants.remove(&number)
                };
                if claimants.is_empty() {
                    index.remove(&text);
                }
                touched.terms.insert(text);
                touched.forms.insert(number);
            }
            Fact::AliasRule { term, verdict } => {
                put(&mut self.rules, term, verdict, added);
                touched.terms.insert(term);
            }
            Fact::Kra { role, key, vector } => {
                let number = self.number(role);
                touched.was_thin.entry(number).or_insert(self.roles[number as usize].thin());
                put_ordered(&mut self.roles[number as usize].kras, key, vector, added);
                touched.kras.insert(number);
            }
            Fact::SkillForm { text, skill } => {
                put(&mut self.skills, text, skill, added);
                touched.skill_texts.insert(text);
            }
            Fact::RoleSkill { role, skill } => {
                let number = self.number(role);
                touched.was_thin.entry(number).or_insert(self.roles[number as usize].thin());
                let skills = &mut self.roles[number as usize].skills;
                let listing = self.listed_by.entry(skill).or_default();
                if added {
                    skills.insert(skill);
                    listing.push(number);
                } else {
                    skills.remove(&skill);
                    listing.retain(|r| *r != number);
                }
                touched.role_skills.entry(skill).or_default().push(number);
            }
            Fact::RoleDimension { role, dimension } => {
                let number = self.number(role);
                let dimensions = &mut self.roles[number as usize].dimensions;
                if added {
                    dimensions.insert(dimension)
                } else {
                    dimensions.remove(&dimension)
                };
                touched.dimensions.insert(role);
            }
            Fact::Home { skill, dimension } => {
                put(&mut self.homes, skill, dimension, added);
                touched.homes.insert(skill);
            }
            Fact::Class { skill, ai, era } => {
                put(&mut self.classes, skill, (ai, era), added);
                touched.homes.insert(skill);
            }
            Fact::Enrichment(settings) => {
                let now = if added { settings } else { EnrichmentSettings::default() };
                touched.enrichment.get_or_insert(self.labels.set(now));
            }
            Fact::Settings(settings) => {
                let now = if added { settings } else { Settings::default() };
                let before = std::mem::replace(&mut self.settings, now);
                touched.settings.get_or_insert(before);
            }
        }
    }

    fn order_roles(&mut self) {
        let mut by_slug: Vec<usize> = (0..self.roles.len()).collect();
        by_slug.sort_by(|a, b| self.roles[*a].slug.cmp(&self.roles[*b].slug));
        for (order, role) in by_slug.into_iter().enumerate() {
            self.roles[role].order = order as u32;
        }
    }

    /// One buffer for all KRAs, role by role: a cold pass over it costs a third of one over a buffer per role.
    fn pack_kras(&mut self) {
        self.kra_rows = Rows::default();
        for role in &mut self.roles {
            let start = self.kra_rows.len();
            role.kras.values().for_each(|v| self.kra_rows.push(v.components()));
            role.kra_rows = start..self.kra_rows.len();
            role.kra_ids = role.kras.keys().map(|key| Id::kra(key)).collect();
        }
    }

    fn pack_forms(&mut self) {
        self.form_rows = Rows::default();
        for role in &mut self.roles {
            let start = self.form_rows.len();
            role.forms.iter().for_each(|(_, _, v)| self.form_rows.push(v.components()));
            role.form_rows = start..self.form_rows.len();
        }
    }
}

/// Adds, or retracts unless an addition of the same batch already replaced it: retractions come first.
fn put<V>(map: &mut HashMap<Id, V>, key: Id, value: V, added: bool) {
    if added {
        map.insert(key, value);
    } else {
        map.remove(&key);
    }
}

fn put_ordered<V>(map: &mut BTreeMap<String, V>, key: String, value: V, added: bool) {
    if added {
        map.insert(key, value);
    } else {
        map.remove(&key);
    }
}
