//! What does the taxonomy say, once merges are followed and dangling references dropped? (SPEC §1)
//!
//! What a merged role or skill owns counts for its survivor, one hop; what a retired one owns counts for nobody. The
//! name of a merged role or skill is an alias of the survivor. A text that is empty once normalised is no form.

use crate::fixed::Vector;
use crate::id::Id;
use crate::records::{
    Adjudication, AiClass, AliasVerdict, AtIngest, EnrichmentSettings, Era, Kra, Record, Review, Role, Settings, Skill,
    Status, Tables,
};
use crate::text::normalise;
use std::collections::{BTreeMap, BTreeSet};

/// The records as the rules read them. Roles, skills and dimensions go by slug; texts go by [`Id::text`].
#[derive(Default)]
pub(super) struct Taxonomy<'a> {
    /// Every role, active or not.
    pub(super) roles: BTreeMap<&'a str, &'a Role>,
    /// Every skill, active or not.
    skills: BTreeMap<&'a str, &'a Skill>,
    /// Every dimension.
    dimensions: BTreeSet<&'a str>,
    /// Which active roles have this display name.
    pub(super) names: BTreeMap<Id, BTreeSet<&'a str>>,
    /// Which active roles own this alias.
    pub(super) aliases: BTreeMap<Id, BTreeSet<&'a str>>,
    /// The vectors of all names and aliases an active role owns.
    pub(super) title_vectors: BTreeMap<&'a str, Vec<&'a Vector>>,
    /// What a term means that several roles claim.
    pub(super) alias_rules: BTreeMap<Id, &'a AliasVerdict>,
    /// The KRAs an active role owns, in the order of their keys.
    pub(super) kras: BTreeMap<&'a str, BTreeMap<&'a str, &'a Kra>>,
    /// Which active skill a text names.
    pub(super) skill_forms: BTreeMap<Id, &'a str>,
    /// The active skills an active role lists.
    pub(super) role_skills: BTreeMap<&'a str, BTreeSet<&'a str>>,
    /// The dimensions an active role has.
    role_dimensions: BTreeMap<&'a str, BTreeSet<&'a str>>,
    /// By JD and content.
    pub(super) adjudications: BTreeMap<(Id, u64), &'a Adjudication>,
    /// By JD and content.
    pub(super) at_ingest: BTreeMap<(Id, u64), &'a AtIngest>,
    /// In no order that matters.
    pub(super) reviews: Vec<&'a Review>,
    /// The defaults where there is no record.
    pub(super) settings: Settings,
    /// The defaults where there is no record.
    pub(super) enrichment: EnrichmentSettings,
}

impl<'a> Taxonomy<'a> {
    /// Reads the records: first what stands for itself, then what refers to that.
    pub(super) fn read(tables: &'a Tables) -> Taxonomy<'a> {
        let mut taxonomy = Taxonomy::default();
        for record in tables.iter() {
            taxonomy.read_named(record);
        }
        taxonomy.read_forms();
        for record in tables.iter() {
            taxonomy.read_owned(record);
        }
        taxonomy
    }

    fn read_named(&mut self, record: &'a Record) {
        match record {
            Record::Role(role) => {
                self.roles.insert(&role.slug, role);
            }
            Record::Skill(skill) => {
                self.skills.insert(&skill.slug, skill);
            }
            Record::Dimension(dimension) => {
                self.dimensions.insert(&dimension.slug);
            }
            Record::AliasRule(rule) => {
                self.alias_rules.insert(Id::text(&rule.term), &rule.verdict);
            }
            Record::Review(review) => self.reviews.push(review),
            Record::Adjudication(adjudication) => {
                self.adjudications.insert((adjudication.jd, adjudication.content), adjudication);
            }
            Record::AtIngest(fact) => {
                self.at_ingest.insert((fact.jd, fact.content), fact);
            }
            Record::Settings(settings) => self.settings = settings.clone(),
            Record::EnrichmentSettings(settings) => self.enrichment = settings.clone(),
            Record::Alias(_) | Record::Kra(_) | Record::RoleDimension(_) | Record::RoleSkill(_) => {}
        }
    }

    /// Names of roles; names and aliases of skills.
    fn read_forms(&mut self) {
        for role in self.roles.clone().into_values() {
            let Some(owner) = self.role_owner(&role.slug) else { continue };
            let Some(term) = term(&role.name) else { continue };
            let claims = if role.status == Status::Active { &mut self.names } else { &mut self.aliases };
            claims.entry(term).or_default().insert(owner);
            self.title_vectors.entry(owner).or_default().push(&role.vector);
        }
        for skill in self.skills.clone().into_values() {
            let Some(owner) = self.skill_owner(&skill.slug) else { continue };
            for text in std::iter::once(&skill.name).chain(&skill.aliases) {
                let Some(form) = term(text) else { continue };
                let named = self.skill_forms.entry(form).or_insert(owner);
                *named = owner.min(named);
            }
        }
    }

    fn read_owned(&mut self, record: &'a Record) {
        match record {
            Record::Alias(alias) => {
                let Some(owner) = self.role_owner(&alias.role) else { return };
                let Some(term) = term(&alias.text) else { return };
                self.aliases.entry(term).or_default().insert(owner);
                self.title_vectors.entry(owner).or_default().push(&alias.vector);
            }
            Record::Kra(kra) => {
                let Some(owner) = self.role_owner(&kra.role) else { return };
                self.kras.entry(owner).or_default().insert(&kra.id, kra);
            }
            Record::RoleSkill(pair) => {
                let Some(owner) = self.role_owner(&pair.role) else { return };
                let Some(skill) = self.skill_owner(&pair.skill) else { return };
                self.role_skills.entry(owner).or_default().insert(skill);
            }
            Record::RoleDimension(pair) => {
                let Some(owner) = self.role_owner(&pair.role) else { return };
                if self.dimensions.contains(pair.dimension.as_str()) {
                    self.role_dimensions.entry(owner).or_default().insert(&pair.dimension);
                }
            }
            _ => {}
        }
    }

    /// Whom what this role owns counts for: itself if active, its survivor if merged, nobody if retired or unknown.
    pub(super) fn role_owner(&self, slug: &str) -> Option<&'a str> {
        let role = self.roles.get(slug)?;
        let owner = match role.status {
            Status::Active => role,
            Status::Merged => self.roles.get(role.replaced_by.as_deref()?)?,
            Status::Retired => return None,
        };
        (owner.status == Status::Active).then_some(owner.slug.as_str())
    }

    /// The same for a skill.
    pub(super) fn skill_owner(&self, slug: &str) -> Option<&'a str> {
        let skill = self.skills.get(slug)?;
        let owner = match skill.status {
            Status::Active => skill,
            Status::Merged => self.skills.get(skill.replaced_by.as_deref()?)?,
            Status::Retired => return None,
        };
        (owner.status == Status::Active).then_some(owner.slug.as_str())
    }

    /// The active roles.
    pub(super) fn active(&self) -> impl Iterator<Item = &'a str> {
        self.roles.values().filter(|role| role.status == Status::Active).map(|role| role.slug.as_str())
    }

    /// Whether a role owns too little for its lead to be trusted.
    pub(super) fn is_thin(&self, role: &str) -> bool {
        self.kras.get(role).map_or(0, BTreeMap::len) < 3 || self.role_skills.get(role).map_or(0, BTreeSet::len) < 10
    }

    /// What a skill has to do with AI, and its age.
    pub(super) fn class_of(&self, skill: &str) -> (AiClass, Era) {
        self.skills.get(skill).map(|skill| (skill.ai, skill.era)).unwrap_or_default()
    }

    /// The home dimension of an active skill where the chosen role has it, else none.
    pub(super) fn dimension_for(&self, skill: &str, role: Option<Id>) -> Id {
        let home = self.skills.get(skill).and_then(|skill| skill.dimension.as_deref());
        let of_role = self.role_dimensions.iter().find(|(slug, _)| Some(Id::role(slug)) == role);
        match (home, of_role) {
            (Some(home), Some((_, dimensions))) if dimensions.contains(home) => Id::dimension(home),
            _ => Id::NONE,
        }
    }
}

/// The id of a text as a term or form; nothing where nothing is left of it.
fn term(text: &str) -> Option<Id> {
    let key = normalise(text);
    (!key.is_empty()).then(|| Id::text(&key))
}
