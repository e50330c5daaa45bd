//! What does the third step of the API answer, and what is it asked (SPEC §7)? Role and skills of a run as they end,
//! and what that writes into the taxonomy.
//!
//! Without overrides nothing that the library lacks is added: it is *proposed*, and the review queue keeps it. The
//! one exception is a new role, see [`Resolution`].

use super::catalogue::{Catalogue, RoleRef};
use super::decided::actions;
use super::details::StepTwo;
use super::persist::Writer;
use super::resolve::resolve;
use crate::error::Errors;
use crate::report::Row;
use crate::sources::Edit;
use crate::time::rfc3339;
use rolestream_dataflows::records::{Adjudication, Review};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What the step is asked.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct FinalRequest {
    /// The run.
    pub run_id: String,
    /// What a person decided; nothing where it is left out.
    #[serde(default)]
    pub overrides: Option<Overrides>,
}

/// What a person decided.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Overrides {
    /// The role, instead of the decision's.
    #[serde(default)]
    pub role_slug: Option<String>,
    /// What becomes of skills; of those not named nothing was decided.
    #[serde(default)]
    pub skills: Vec<SkillOverride>,
}

/// What becomes of a skill.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SkillOverride {
    /// As the run calls it.
    pub skill_name: String,
    /// What to do.
    pub action: Action,
    /// For `merge_into`: the skill that this is another name of.
    #[serde(default)]
    pub slug: Option<String>,
    /// For `accept`: its home dimension, instead of the proposed one.
    #[serde(default)]
    pub dimension: Option<String>,
}

/// What to do with a skill.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Action {
    /// Add it to the library, and to the run's role.
    Accept,
    /// It is no skill.
    Reject,
    /// It is another name of a known skill.
    MergeInto,
}

/// How the run came to its role.
///
/// `auto_created` needs all of these: the decision is NEW, no review rejects or snoozes that new role, and the best
/// candidate of the second step lists at least two skills of the JD (two *matched rows*) or at least 30 % of its known
/// ones (*coverage*). The reason: a role whose skills none of the library's roles share is outside of what the library
/// is about, and a person should look at it first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Resolution {
    /// The decision's role, or the one a person named; the taxonomy has it.
    InDb,
    /// The role that the decision proposes; this step adds it.
    AutoCreated,
    /// None yet: a person must look.
    HumanReviewRequired,
}

/// The answer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct StepThree {
    /// The run.
    pub run_id: String,
    /// The taxonomy version that was read; the edits make a later one.
    pub taxonomy_version: u64,
    /// The version the edits made; null where there were none. Whoever publishes them fills it in.
    pub published_version: Option<u64>,
    /// The role; null when a person must look.
    pub chosen_role: Option<RoleRef>,
    /// How the run came to it.
    pub chosen_role_resolution: Resolution,
    /// Why, in a sentence.
    pub resolution_reason: String,
    /// The skills it ends with, primary first; a rejected one is not among them.
    pub final_input_skills: Vec<FinalInputSkill>,
    /// What was written, what only proposed, and what not.
    pub persistence: Persistence,
    /// What is new in the library or its queues.
    pub artifacts: Vec<Artifact>,
}

/// A skill as the run ends with it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct FinalInputSkill {
    /// Its canonical name, or as written.
    pub skill: String,
    /// Whether the library had it.
    pub tag: SkillTag,
}

/// Whether the library had a skill before this step.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs, reason = "the names say it")]
pub enum SkillTag {
    InDb,
    New,
}

/// What was written: counts, and each thing.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[allow(missing_docs, reason = "the names say it")]
pub struct Persistence {
    pub roles_created: u32,
    pub kras_added: u32,
    pub role_skills_linked: u32,
    pub role_dimensions_linked: u32,
    pub skills_added: u32,
    pub skills_proposed: u32,
    pub skills_rejected: u32,
    pub aliases_added: u32,
    pub dimensions_proposed: u32,
    pub skipped: u32,
    pub items: Vec<Item>,
}

/// One thing that the step writes, or would write.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Item {
    /// What it is.
    pub kind: ItemKind,
    /// What it is called.
    pub name: String,
    /// What became of it.
    pub outcome: ItemOutcome,
    /// Why nothing did, where it was skipped.
    pub skipped_reason: Option<String>,
    /// All of that in a line.
    pub outcome_line: String,
}

/// What an item is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs, reason = "the names say it")]
pub enum ItemKind {
    Role,
    Adjudication,
    Kra,
    Skill,
    SkillAlias,
    Dimension,
    RoleSkill,
    RoleDimension,
}

/// What became of an item.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ItemOutcome {
    /// It was added.
    Added,
    /// It waits for a person.
    Proposed,
    /// A person's rejection was recorded.
    Rejected,
    /// It was there already.
    Unchanged,
    /// Nothing, for a reason.
    Skipped,
}

/// Something new in the library, or in its queues.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Artifact {
    /// What it is.
    pub kind: ArtifactKind,
    /// The slug or key of a record, or the number of a queue row.
    pub entity_id: String,
    /// In words.
    pub detail: String,
    /// When (RFC 3339).
    pub created_at: String,
}

/// What an artifact is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs, reason = "the names say it")]
pub enum ArtifactKind {
    AliasAdded,
    CanonicalSkillProposed,
    CanonicalSkillAdded,
    CanonicalSkillRejected,
    DimensionProposed,
    DimensionSkillLink,
    DimensionSkillLinkProposed,
    RoleAdjudicated,
    RoleCreated,
    RoleKra,
    RoleDimensionLink,
    RoleSkillLink,
}

/// The answer, and what it asks for to be true. All edits are one version.
#[derive(Clone, Debug, PartialEq)]
pub struct Outcome {
    /// What is given out.
    pub answer: StepThree,
    /// Records to put into the taxonomy.
    pub edits: Vec<Edit>,
    /// Verdicts to put beside them.
    pub reviews: Vec<Review>,
    /// A person's choice of another role than the decision's.
    pub adjudication: Option<Adjudication>,
}

/// Who asks, and when.
#[derive(Clone, Copy, Debug)]
pub struct Asked<'a> {
    /// The name of their token.
    pub who: &'a str,
    /// In milliseconds since 1970.
    pub at: i64,
}

/// Ends a run. `details` is what its second step gave out; the taxonomy may have changed since, and counts as it is
/// now. Errors are of the request (422): all of them at once.
pub fn final_output(
    row: Row<'_>,
    details: &StepTwo,
    request: &FinalRequest,
    catalogue: &Catalogue<'_>,
    asked: Asked<'_>,
) -> Result<Outcome, Errors> {
    let nothing = Overrides::default();
    let overrides = request.overrides.as_ref().unwrap_or(&nothing);
    let mut errors = Vec::new();
    let ending = resolve(row, details, overrides.role_slug.as_deref(), catalogue);
    let ending = ending.map_err(|error| errors.push(error)).ok();
    let actions = actions(details, &overrides.skills, catalogue);
    let actions = actions.map_err(|all| errors.extend(all.0)).ok();
    let (Some(ending), Some(actions)) = (ending, actions) else { return Err(Errors(errors)) };

    let mut writer = Writer::new(row, catalogue, asked, &ending);
    writer.role(&ending);
    for (detail, action) in details.skills.iter().zip(&actions) {
        writer.skill(detail, action);
    }
    Ok(writer.finish(|written| StepThree {
        run_id: details.run_id.clone(),
        taxonomy_version: row.taxonomy_version,
        published_version: None,
        chosen_role: ending.role(),
        chosen_role_resolution: ending.resolution(),
        resolution_reason: ending.reason().to_owned(),
        final_input_skills: written.skills,
        persistence: written.persistence,
        artifacts: written.artifacts,
    }))
}

impl Asked<'_> {
    pub(super) fn time(&self) -> String {
        rfc3339(self.at)
    }
}
