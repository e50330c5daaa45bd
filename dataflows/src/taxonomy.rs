//! What does the taxonomy mean once merges and retirements are followed?
//!
//! Records refer to each other by slug; joins over shared arrangements turn them into [`Fact`]s about active roles
//! and skills, each at most once. What a merged record owns counts for its survivor, its name as an alias of it; what
//! has no active owner, or refers to something missing, says nothing.

use crate::fixed::Vector;
use crate::id::Id;
use crate::records::{AliasRule, AliasVerdict, Role, Settings, Skill, Status};
use crate::text::normalise;
use crate::{Collection, graph::Collections};
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
    /// The thresholds.
    Settings(Settings),
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
    pub(crate) role_owners: Collection<'scope, (String, String)>,
}

/// Follows merges through every collection of the taxonomy.
pub(crate) fn effective<'scope>(inputs: &Collections<'scope>) -> Effective<'scope> {
    let role_owners = owners(inputs.roles.clone().map(|r: Role| (r.slug, r.status, r.replaced_by)));
    let skill_owners = owners(inputs.skills.clone().map(|s: Skill| (s.slug, s.status, s.replaced_by)));
    let by_role = role_owners.clone().arrange_by_key_named("owners of roles");
    let by_skill = skill_owners.clone().arrange_by_key_named("owners of skills");
    let dimensions = inputs.dimensions.clone().map(|d| (d.slug, ())).arrange_by_key_named("dimensions");

    let roles = inputs.roles.clone().filter(|r| r.status == Status::Active).map(|r| Fact::Role {
        role: Id::role(&r.slug),
        name: Id::text(&normalise(&r.name)),
        slug: r.slug,
    });
    let taken = inputs.roles.clone().map(|r| Fact::TakenSlug(r.slug));
    let settings = inputs.settings.clone().map(Fact::Settings);
    let alias_rules = inputs.alias_rules.clone().map(alias_rule);
    let role_owner_facts =
        role_owners.clone().map(|(slug, owner)| Fact::RoleOwner { role: Id::role(&slug), owner: Id::role(&owner) });
    let skill_owner_facts =
        skill_owners.map(|(slug, owner)| Fact::SkillOwner { skill: Id::skill(&slug), owner: Id::skill(&owner) });

    // A merged role's display name is an alias of its survivor.
    let names = inputs.roles.clone().map(|r| (r.slug, (r.name, r.status == Status::Active, r.vector)));
    let aliases = inputs.aliases.clone().map(|a| (a.role, (a.text, false, a.vector)));
    let forms = names
        .concat(aliases)
        .map(|(role, (text, display, vector))| (role, (normalise(&text), display, vector)))
        .filter(|(_, (key, _, _))| !key.is_empty())
        .join_core(by_role.clone(), |_, (key, display, vector), owner| {
            Some(Fact::Form { role: Id::role(owner), text: Id::text(key), display: *display, vector: vector.clone() })
        });
    let kras = inputs
        .kras
        .clone()
        .map(|k| (k.role, (k.id, k.vector)))
        .join_core(by_role.clone(), |_, (key, vector), owner| {
            Some(Fact::Kra { role: Id::role(owner), key: key.clone(), vector: vector.clone() })
        });
    let role_dimensions = inputs
        .role_dimensions
        .clone()
        .map(|d| (d.role, d.dimension))
        .join_core(by_role.clone(), |_, dimension, owner| Some((dimension.clone(), owner.clone())))
        .join_core(dimensions.clone(), |dimension, role, ()| {
            Some(Fact::RoleDimension { role: Id::role(role), dimension: Id::dimension(dimension) })
        });
    let role_skills = inputs
        .role_skills
        .clone()
        .map(|s| (s.role, s.skill))
        .join_core(by_role, |_, skill, owner| Some((skill.clone(), owner.clone())))
        .join_core(by_skill.clone(), |_, role, owner| {
            Some(Fact::RoleSkill { role: Id::role(role), skill: Id::skill(owner) })
        });
    let homes = inputs
        .skills
        .clone()
        .filter(|s| s.status == Status::Active)
        .flat_map(|s| s.dimension.map(|dimension| (dimension, s.slug)))
        .join_core(dimensions, |dimension, skill, ()| {
            Some(Fact::Home { skill: Id::skill(skill), dimension: Id::dimension(dimension) })
        });
    // A text that names two skills means the first slug.
    let skill_forms = inputs
        .skills
        .clone()
        .flat_map(|s| {
            let texts = s.aliases.into_iter().chain([s.name]);
            texts.map(|t| normalise(&t)).filter(|t| !t.is_empty()).map(|t| (s.slug.clone(), t)).collect::<Vec<_>>()
        })
        .join_core(by_skill, |_, text, owner| Some((text.clone(), owner.clone())))
        .reduce_named("skill forms", |_, owners, first| first.push((owners[0].0.clone(), 1)))
        .map(|(text, slug)| Fact::SkillForm { text: Id::text(&text), skill: Id::skill(&slug) });

    let facts = roles
        .concatenate([
            taken,
            settings,
            alias_rules,
            role_owner_facts,
            skill_owner_facts,
            forms,
            kras,
            role_dimensions,
            role_skills,
            homes,
            skill_forms,
        ])
        .distinct_total();
    Effective { facts, role_owners }
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
