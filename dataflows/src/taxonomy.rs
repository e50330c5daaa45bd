//! What does the taxonomy mean once merges and retirements are followed?
//!
//! Records refer to each other by slug; joins over shared arrangements turn them into [`Fact`]s about active roles
//! and skills, each at most once. What a merged record owns counts for its survivor, its name as an alias of it; what
//! has no active owner, or refers to something missing, says nothing.

use crate::fixed::Vector;
use crate::id::Id;
use crate::records::{AiClass, AliasRule, AliasVerdict, EnrichmentSettings, Era, Role, Settings, Status};
use crate::text::normalise;
use crate::{Arranged, Collection, graph::Collections};
use differential_dataflow::operators::ThresholdTotal;
use serde::{Deserialize, Serialize};

/// One fact about active roles and skills. The ranking frame holds them all, on every worker.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub(crate) enum Fact {
    /// An active role; `name` is the key of its display name.
    Role { role: Id, slug: String, name: Id },
    /// A slug that no new role can get.
    TakenSlug(String),
    /// An active or merged role's owner.
    RoleOwner { role: Id, owner: Id },
    /// An active or merged skill's owner.
    SkillOwner { skill: Id, owner: Id },
    /// A name of a role.
    Form { role: Id, text: Id, display: bool, vector: Vector },
    /// What a shared term means.
    AliasRule { term: Id, verdict: RuleVerdict },
    /// A responsibility; `key` orders those of a role.
    Kra { role: Id, key: String, vector: Vector },
    /// The skill a text means.
    SkillForm { text: Id, skill: Id },
    /// A role lists a skill.
    RoleSkill { role: Id, skill: Id },
    /// A role has a dimension.
    RoleDimension { role: Id, dimension: Id },
    /// A skill's home dimension.
    Home { skill: Id, dimension: Id },
    /// What an active skill has to do with AI, and its age.
    Class { skill: Id, ai: AiClass, era: Era },
    /// The thresholds.
    Settings(Settings),
    /// What enrichment goes by.
    Enrichment(EnrichmentSettings),
}

/// An alias rule's verdict by ids as written: owners are looked up when it is applied.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub(crate) enum RuleVerdict {
    Assigned(Id),
    Ambiguous,
    BySkills { role: Id, skills: Vec<Id> },
}

/// All facts, and the owner of each role for those who join with it elsewhere.
pub(crate) struct Effective<'scope> {
    pub(crate) facts: Collection<'scope, Fact>,
    /// (slug, owner's slug).
    pub(crate) role_owners: Arranged<'scope, String, String>,
}

/// What a role owns, as it is written.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
enum OfRole {
    Form { text: Id, display: bool, vector: Vector },
    Kra { key: String, vector: Vector },
    Dimension(String),
    Skill(String),
}

/// What refers to a skill: a text that means it, or a role that lists it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
enum OfSkill {
    Text(Id),
    ListedBy(Id),
}

/// What refers to a dimension: a role that has it, or a skill whose home it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
enum OfDimension {
    Role(Id),
    Home(Id),
}

/// Follows merges through every collection of the taxonomy: one join with the owners of roles, one with those of
/// skills, one with the dimensions there are.
pub(crate) fn effective<'scope>(inputs: &Collections<'scope>) -> Effective<'scope> {
    let roles = &inputs.roles;
    let skills = &inputs.skills;
    let role_owners = owners(roles.clone().map(|r| (r.slug, r.status, r.replaced_by)));
    let skill_owners = owners(skills.clone().map(|s| (s.slug, s.status, s.replaced_by)));
    let by_role = role_owners.arrange_by_key_named("owners of roles");
    let by_skill = skill_owners.arrange_by_key_named("owners of skills");
    let dimensions = inputs.dimensions.clone().map(|d| (d.slug, ())).arrange_by_key_named("dimensions");

    let names = roles.clone().map(|r| (r.slug, form(&r.name, r.status == Status::Active, r.vector)));
    let aliases = inputs.aliases.clone().map(|a| (a.role, form(&a.text, false, a.vector)));
    let of_roles = names
        .concatenate([
            aliases,
            inputs.kras.clone().map(|k| (k.role, OfRole::Kra { key: k.id, vector: k.vector })),
            inputs.role_dimensions.clone().map(|d| (d.role, OfRole::Dimension(d.dimension))),
            inputs.role_skills.clone().map(|s| (s.role, OfRole::Skill(s.skill))),
        ])
        .join_core(by_role.clone(), |_, of, owner| Some((Id::role(owner), of.clone())));

    // A merged skill's name is an alias of its survivor, too.
    let texts = skills.clone().flat_map(|s| {
        let texts = s.aliases.into_iter().chain([s.name]).map(|t| normalise(&t)).filter(|t| !t.is_empty());
        texts.map(|t| (s.slug.clone(), OfSkill::Text(Id::text(&t)))).collect::<Vec<_>>()
    });
    let listed = of_roles.clone().flat_map(|(role, of)| match of {
        OfRole::Skill(skill) => Some((skill, OfSkill::ListedBy(role))),
        _ => None,
    });
    let of_skills = texts.concat(listed).join_core(by_skill.clone(), |_, of, owner| Some((of.clone(), owner.clone())));

    let active = skills.clone().filter(|s| s.status == Status::Active);
    let classes = active.clone().map(|s| Fact::Class { skill: Id::skill(&s.slug), ai: s.ai, era: s.era });
    let homes = active.flat_map(|s| s.dimension.map(|d| (d, OfDimension::Home(Id::skill(&s.slug)))));
    let had = of_roles.clone().flat_map(|(role, of)| match of {
        OfRole::Dimension(dimension) => Some((dimension, OfDimension::Role(role))),
        _ => None,
    });
    let of_dimensions = homes.concat(had).join_core(dimensions, |dimension, of, ()| {
        let dimension = Id::dimension(dimension);
        Some(match *of {
            OfDimension::Role(role) => Fact::RoleDimension { role, dimension },
            OfDimension::Home(skill) => Fact::Home { skill, dimension },
        })
    });

    let facts = of_dimensions
        .concatenate([
            roles.clone().flat_map(of_role),
            inputs.settings.clone().map(Fact::Settings),
            inputs.enrichment.clone().map(Fact::Enrichment),
            classes,
            inputs.alias_rules.clone().map(alias_rule),
            by_role
                .clone()
                .as_collection(|slug, owner| Fact::RoleOwner { role: Id::role(slug), owner: Id::role(owner) }),
            by_skill.as_collection(|slug, owner| Fact::SkillOwner { skill: Id::skill(slug), owner: Id::skill(owner) }),
            of_roles.flat_map(|(role, of)| match of {
                OfRole::Form { text, .. } if text == Id::NONE => None,
                OfRole::Form { text, display, vector } => Some(Fact::Form { role, text, display, vector }),
                OfRole::Kra { key, vector } => Some(Fact::Kra { role, key, vector }),
                OfRole::Dimension(_) | OfRole::Skill(_) => None,
            }),
            skill_forms(of_skills.clone()),
            of_skills.flat_map(|(of, skill)| match of {
                OfSkill::ListedBy(role) => Some(Fact::RoleSkill { role, skill: Id::skill(&skill) }),
                OfSkill::Text(_) => None,
            }),
        ])
        .distinct_total();
    Effective { facts, role_owners: by_role }
}

/// A name of a role; one without any text, [`Id::NONE`], will be no fact.
fn form(text: &str, display: bool, vector: Vector) -> OfRole {
    let key = normalise(text);
    let text = if key.is_empty() { Id::NONE } else { Id::text(&key) };
    OfRole::Form { text, display, vector }
}

/// What a role's own record says.
fn of_role(role: Role) -> Vec<Fact> {
    let mut facts = vec![Fact::TakenSlug(role.slug.clone())];
    if role.status == Status::Active {
        let name = Id::text(&normalise(&role.name));
        facts.push(Fact::Role { role: Id::role(&role.slug), name, slug: role.slug });
    }
    facts
}

/// A text that names several skills means the first slug.
fn skill_forms<'scope>(of_skills: Collection<'scope, (OfSkill, String)>) -> Collection<'scope, Fact> {
    of_skills
        .flat_map(|(of, skill)| match of {
            OfSkill::Text(text) => Some((text, skill)),
            OfSkill::ListedBy(_) => None,
        })
        .reduce_named("skill forms", |_, owners, first| first.push((owners[0].0.clone(), 1)))
        .map(|(text, slug)| Fact::SkillForm { text, skill: Id::skill(&slug) })
}

/// (slug, owner's slug): itself when active; when merged its `replaced_by`, if that is active.
fn owners<'scope>(
    records: Collection<'scope, (String, Status, Option<String>)>,
) -> Collection<'scope, (String, String)> {
    let active = records.clone().filter(|r| r.1 == Status::Active).map(|r| (r.0, ()));
    let merged = records
        .filter(|r| r.1 == Status::Merged)
        .flat_map(|(slug, _, replaced_by)| replaced_by.map(|survivor| (survivor, slug)))
        .join_map(active.clone(), |survivor, slug, ()| (slug.clone(), survivor.clone()));
    active.map(|(slug, ())| (slug.clone(), slug)).concat(merged)
}

fn alias_rule(rule: AliasRule) -> Fact {
    let verdict = match rule.verdict {
        AliasVerdict::Assigned(role) => RuleVerdict::Assigned(Id::role(&role)),
        AliasVerdict::Ambiguous => RuleVerdict::Ambiguous,
        AliasVerdict::BySkills { role, skills } => {
            RuleVerdict::BySkills { role: Id::role(&role), skills: skills.iter().map(|s| Id::skill(s)).collect() }
        }
    };
    Fact::AliasRule { term: Id::text(&rule.term), verdict }
}
