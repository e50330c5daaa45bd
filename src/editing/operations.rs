//! What can be asked for, and which records does it change?
//!
//! Each [`Operation`] is checked against the records as the operations before it left them. What merged roles and
//! skills own stays theirs and counts for the survivor (SPEC §1): merging changes nothing but who replaces whom.

mod aliases;
mod dimensions;
mod kras;
mod life;
mod lookup;
mod naming;
mod parts;
mod raw;
mod roles;
mod skills;

pub use parts::{AiClassName, AliasVerdictForm, EraName, NewRole, NewSkill};

use super::records::{Overlay, Records};
use crate::error::Error;
use crate::sources::Edit;
use crate::taxonomy::json_lines::Line;
use rolestream_dataflows::records::{AiClass, AliasVerdict, Era};
use serde::{Deserialize, Deserializer, Serialize};
use utoipa::ToSchema;

/// One edit of the taxonomy. `op` says which; roles, skills and dimensions go by their slugs.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "op", rename_all = "snake_case", deny_unknown_fields)]
pub enum Operation {
    /// Creates an active role.
    CreateRole {
        /// Its display name; no other active role may have it.
        name: String,
        /// Its slug; made from the name where it is left out, with -2, -3, … where that is taken.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        slug: Option<String>,
        /// Its numeric id; derived from the slug where it is left out.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        id: Option<u32>,
        /// Its archetype, such as "Engineering".
        #[serde(default, skip_serializing_if = "String::is_empty")]
        archetype: String,
    },
    /// Changes a role; what is left out stays.
    ChangeRole {
        /// The role.
        role: String,
        /// Its new display name.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        name: Option<String>,
        /// Its new numeric id.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        id: Option<u32>,
        /// Its new archetype.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        archetype: Option<String>,
    },
    /// Retires an active role: neither it nor what it owns takes part from then on.
    RetireRole {
        /// The role.
        role: String,
        /// Retires the roles merged into it, too; without it the operation is refused where there are some.
        #[serde(default, skip_serializing_if = "is_false")]
        with_merged: bool,
    },
    /// Makes a retired role active again.
    ReactivateRole {
        /// The role.
        role: String,
    },
    /// Merges active roles into another: what they own counts for the survivor, their names as aliases of it. Roles
    /// merged into one of them earlier are the survivor's, too.
    MergeRoles {
        /// The survivor; active.
        into: String,
        /// The roles that are merged into it.
        roles: Vec<String>,
    },
    /// Takes a merge back: the role is active again, with all it owns.
    UnmergeRole {
        /// The merged role.
        role: String,
        /// Roles of the same survivor that had been merged into this one before, and are to be again.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        with: Vec<String>,
    },
    /// Creates a role of a part of what another owns. What is named moves; all else stays.
    SplitRole {
        /// The role that is split; active.
        role: String,
        /// The new role.
        new: NewRole,
        /// Aliases of the role that move, compared normalised.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        aliases: Vec<String>,
        /// Ids of its responsibilities that move.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        kras: Vec<String>,
        /// Skills that the new role lists instead of it.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        skills: Vec<String>,
        /// Skills of it that both list.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        shared_skills: Vec<String>,
        /// Dimensions that the new role has instead of it.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        dimensions: Vec<String>,
        /// Dimensions of it that both have.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        shared_dimensions: Vec<String>,
    },
    /// Creates an active skill.
    CreateSkill {
        /// Its display name; no other skill may have it as a name or alias.
        name: String,
        /// Its slug; made from the name where it is left out, with -2, -3, … where that is taken.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        slug: Option<String>,
        /// Its numeric id; derived from the slug where it is left out.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        id: Option<u32>,
        /// Other texts that name it.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        aliases: Vec<String>,
        /// Its home dimension.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        dimension: Option<String>,
        /// What it is, such as "language" or "framework".
        #[serde(default, skip_serializing_if = "String::is_empty")]
        kind: String,
        /// What it has to do with AI.
        #[serde(default)]
        #[schema(value_type = AiClassName)]
        ai: AiClass,
        /// The age of its technology.
        #[serde(default)]
        #[schema(value_type = EraName)]
        era: Era,
        /// Whether its texts count only as they are written.
        #[serde(default, skip_serializing_if = "is_false")]
        case_sensitive: bool,
        /// Words near which an ambiguous text of it counts.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        context: Vec<String>,
    },
    /// Changes a skill; what is left out stays.
    ChangeSkill {
        /// The skill.
        skill: String,
        /// Its new display name.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        name: Option<String>,
        /// Its new numeric id.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        id: Option<u32>,
        /// All its aliases from now on.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        aliases: Option<Vec<String>>,
        /// Its new home dimension; null takes it away.
        #[serde(default, deserialize_with = "given", skip_serializing_if = "Option::is_none")]
        #[schema(value_type = Option<String>)]
        dimension: Option<Option<String>>,
        /// What it is from now on.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        kind: Option<String>,
        /// What it has to do with AI from now on.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[schema(value_type = Option<AiClassName>)]
        ai: Option<AiClass>,
        /// Its new era.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[schema(value_type = Option<EraName>)]
        era: Option<Era>,
        /// Whether its texts count only as they are written from now on.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        case_sensitive: Option<bool>,
        /// All its context words from now on.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        context: Option<Vec<String>>,
    },
    /// Retires an active skill: its texts name no skill from then on.
    RetireSkill {
        /// The skill.
        skill: String,
        /// Retires the skills merged into it, too; without it the operation is refused where there are some.
        #[serde(default, skip_serializing_if = "is_false")]
        with_merged: bool,
    },
    /// Makes a retired skill active again.
    ReactivateSkill {
        /// The skill.
        skill: String,
    },
    /// Merges active skills into another: their names and aliases name the survivor, and roles that list them list it.
    MergeSkills {
        /// The survivor; active.
        into: String,
        /// The skills that are merged into it.
        skills: Vec<String>,
    },
    /// Takes a merge back: the skill is active again, with its texts and the roles that list it.
    UnmergeSkill {
        /// The merged skill.
        skill: String,
        /// Skills of the same survivor that had been merged into this one before, and are to be again.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        with: Vec<String>,
    },
    /// Creates a skill of a part of what another stands for. What is named moves; all else stays.
    SplitSkill {
        /// The skill that is split; active.
        skill: String,
        /// The new skill; what is left out it has from the one that is split.
        new: NewSkill,
        /// Aliases of the skill that move; one that is the new skill's name moves without being named.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        aliases: Vec<String>,
        /// Roles that list the new skill instead of it.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        roles: Vec<String>,
        /// Roles that list both.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        shared_roles: Vec<String>,
    },
    /// Creates a dimension.
    CreateDimension {
        /// Its display name; no other dimension may have it.
        name: String,
        /// Its slug; made from the name where it is left out, with -2, -3, … where that is taken.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        slug: Option<String>,
    },
    /// Renames a dimension.
    ChangeDimension {
        /// The dimension.
        dimension: String,
        /// Its new display name.
        name: String,
    },
    /// Deletes a dimension.
    DeleteDimension {
        /// The dimension.
        dimension: String,
        /// Takes it from the roles and skills that have it; without it the operation is refused where there are some.
        #[serde(default, skip_serializing_if = "is_false")]
        force: bool,
    },
    /// Merges dimensions into another: their skills and roles are its from then on, and they are deleted.
    MergeDimensions {
        /// The one that stays.
        into: String,
        /// The dimensions that go.
        dimensions: Vec<String>,
    },
    /// Gives a role a dimension.
    AddRoleDimension {
        /// The role.
        role: String,
        /// The dimension.
        dimension: String,
    },
    /// Takes a dimension from a role.
    RemoveRoleDimension {
        /// The role.
        role: String,
        /// The dimension.
        dimension: String,
        /// Takes the skills from the role whose home it is, too.
        #[serde(default, skip_serializing_if = "is_false")]
        with_skills: bool,
    },
    /// Moves a dimension from one role to another, with the skills of the role whose home it is.
    MoveRoleDimension {
        /// The role that has it.
        role: String,
        /// The dimension.
        dimension: String,
        /// The role that gets it.
        to: String,
    },
    /// Lists a skill in a role.
    AddRoleSkill {
        /// The role.
        role: String,
        /// The skill.
        skill: String,
    },
    /// Takes a skill from the list of a role.
    RemoveRoleSkill {
        /// The role.
        role: String,
        /// The skill.
        skill: String,
    },
    /// Creates a responsibility (KRA) of a role.
    CreateKra {
        /// The role.
        role: String,
        /// The sentence.
        sentence: String,
        /// Its id; made from the role and the first words where it is left out.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        id: Option<String>,
    },
    /// Changes a responsibility's sentence.
    ChangeKra {
        /// Its id.
        kra: String,
        /// The new sentence.
        sentence: String,
    },
    /// Moves a responsibility to another role; it keeps its id.
    MoveKra {
        /// Its id.
        kra: String,
        /// The role that gets it.
        to: String,
    },
    /// Deletes a responsibility.
    DeleteKra {
        /// Its id.
        kra: String,
    },
    /// Adds an alias, another title, to a role. Several roles may claim one title.
    AddAlias {
        /// The role.
        role: String,
        /// The title as written.
        text: String,
    },
    /// Deletes an alias of a role.
    DeleteAlias {
        /// The role.
        role: String,
        /// The title, compared normalised.
        text: String,
    },
    /// Moves an alias to another role.
    MoveAlias {
        /// The role that has it.
        role: String,
        /// The title, compared normalised.
        text: String,
        /// The role that gets it.
        to: String,
    },
    /// Adds an alias to a skill; no other skill may have it as a name or alias.
    AddSkillAlias {
        /// The skill.
        skill: String,
        /// The text as written.
        text: String,
    },
    /// Deletes an alias of a skill.
    DeleteSkillAlias {
        /// The skill.
        skill: String,
        /// The text, compared normalised.
        text: String,
    },
    /// Moves an alias to another skill.
    MoveSkillAlias {
        /// The skill that has it.
        skill: String,
        /// The text, compared normalised.
        text: String,
        /// The skill that gets it.
        to: String,
    },
    /// Says what a title means that several roles claim; in place of an earlier rule on it.
    PutAliasRule {
        /// The title, compared normalised.
        term: String,
        /// What it means.
        #[schema(value_type = AliasVerdictForm)]
        verdict: AliasVerdict,
    },
    /// Deletes the rule on a title.
    DeleteAliasRule {
        /// The title, compared normalised.
        term: String,
    },
    /// Puts a record as it is, in place of the one of its key. Only its form is checked.
    Put {
        /// The record with its `collection`, as in JSON lines of a taxonomy.
        #[schema(value_type = Object)]
        record: Line,
    },
    /// Deletes a record, whatever refers to it.
    Delete {
        /// Its key, such as `role/data-engineer` or `alias/data-engineer/etl developer`.
        key: String,
    },
}

/// What one operation changes in these records.
pub fn edits(records: &impl Records, operation: &Operation) -> Result<Vec<Edit>, Error> {
    let mut overlay = Overlay::new(records);
    overlay.apply(operation)?;
    Ok(overlay.edits())
}

impl Operation {
    pub(super) fn apply(&self, to: &mut Overlay<'_>) -> Result<(), Error> {
        use crate::taxonomy::{Role, Skill};
        match self {
            Operation::CreateRole { name, slug, id, archetype } => {
                let new =
                    NewRole { name: name.clone(), slug: slug.clone(), id: *id, archetype: Some(archetype.clone()) };
                roles::create(to, &new, "").map(drop)
            }
            Operation::ChangeRole { role, name, id, archetype } => {
                roles::change(to, role, name.as_deref(), *id, archetype.as_deref())
            }
            Operation::RetireRole { role, with_merged } => life::retire::<Role>(to, role, *with_merged),
            Operation::ReactivateRole { role } => life::reactivate::<Role>(to, role),
            Operation::MergeRoles { into, roles } => life::merge::<Role>(to, into, roles),
            Operation::UnmergeRole { role, with } => life::unmerge::<Role>(to, role, with),
            Operation::SplitRole { role, new, aliases, kras, skills, shared_skills, dimensions, shared_dimensions } => {
                let parts = roles::Parts { aliases, kras, skills, shared_skills, dimensions, shared_dimensions };
                roles::split(to, role, new, &parts)
            }
            Operation::CreateSkill { .. } => skills::create(to, self),
            Operation::ChangeSkill { skill, .. } => skills::change(to, skill, self),
            Operation::RetireSkill { skill, with_merged } => life::retire::<Skill>(to, skill, *with_merged),
            Operation::ReactivateSkill { skill } => life::reactivate::<Skill>(to, skill),
            Operation::MergeSkills { into, skills } => life::merge::<Skill>(to, into, skills),
            Operation::UnmergeSkill { skill, with } => life::unmerge::<Skill>(to, skill, with),
            Operation::SplitSkill { skill, new, aliases, roles, shared_roles } => {
                skills::split(to, skill, new, aliases, roles, shared_roles)
            }
            Operation::CreateDimension { name, slug } => dimensions::create(to, name, slug.as_deref()),
            Operation::ChangeDimension { dimension, name } => dimensions::change(to, dimension, name),
            Operation::DeleteDimension { dimension, force } => dimensions::delete(to, dimension, *force),
            Operation::MergeDimensions { into, dimensions } => dimensions::merge(to, into, dimensions),
            Operation::AddRoleDimension { role, dimension } => dimensions::add(to, role, dimension),
            Operation::RemoveRoleDimension { role, dimension, with_skills } => {
                dimensions::remove(to, role, dimension, *with_skills)
            }
            Operation::MoveRoleDimension { role, dimension, to: other } => {
                dimensions::move_to(to, role, dimension, other)
            }
            Operation::AddRoleSkill { role, skill } => skills::list(to, role, skill),
            Operation::RemoveRoleSkill { role, skill } => skills::unlist(to, role, skill),
            Operation::CreateKra { role, sentence, id } => kras::create(to, role, sentence, id.as_deref()),
            Operation::ChangeKra { kra, sentence } => kras::change(to, kra, sentence),
            Operation::MoveKra { kra, to: role } => kras::move_to(to, kra, role),
            Operation::DeleteKra { kra } => kras::delete(to, kra),
            Operation::AddAlias { role, text } => aliases::add(to, role, text),
            Operation::DeleteAlias { role, text } => aliases::delete(to, role, text),
            Operation::MoveAlias { role, text, to: other } => aliases::move_to(to, role, text, other),
            Operation::AddSkillAlias { skill, text } => skills::add_alias(to, skill, text),
            Operation::DeleteSkillAlias { skill, text } => skills::delete_alias(to, skill, text),
            Operation::MoveSkillAlias { skill, text, to: other } => skills::move_alias(to, skill, text, other),
            Operation::PutAliasRule { term, verdict } => aliases::put_rule(to, term, verdict),
            Operation::DeleteAliasRule { term } => aliases::delete_rule(to, term),
            Operation::Put { record } => raw::put(to, record),
            Operation::Delete { key } => raw::delete(to, key),
        }
    }
}

fn is_false(value: &bool) -> bool {
    !value
}

/// A field that may be null and was not left out.
fn given<'de, T: Deserialize<'de>, D: Deserializer<'de>>(from: D) -> Result<Option<Option<T>>, D::Error> {
    Option::deserialize(from).map(Some)
}
