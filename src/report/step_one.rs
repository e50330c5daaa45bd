//! What does the first step of the API answer (SPEC §7)? The run with its signals, decision and what it changed.

use super::cluster::{Group, cluster};
use super::names::Names;
use super::reasoning::{case, how, reasoning, rule, thresholds};
use crate::admission::Admitted;
use crate::jd::{FinalSkill, NanoParsed};
use rolestream_dataflows::fixed::Micro;
use rolestream_dataflows::id::Id;
use rolestream_dataflows::records::Settings;
use rolestream_dataflows::views::{Answer, Case, KraRank, QueueStatus, Rule, SkillRank, subject};
use serde::Serialize;
use std::collections::BTreeMap;

/// All that must be known to print one run, as of one epoch.
#[derive(Clone, Copy)]
pub struct Row<'a> {
    /// The JD as it was admitted.
    pub admitted: &'a Admitted,
    /// What is said of it.
    pub answer: &'a Answer,
    /// The names of what it speaks of.
    pub names: &'a Names,
    /// The settings it was decided with.
    pub settings: &'a Settings,
    /// The taxonomy version it was decided with.
    pub taxonomy_version: u64,
    /// How many JDs the chosen role's centroid has.
    pub centroid_n: u64,
    /// Where this run's rows of the review queues stand, by subject; a row that is not here is pending.
    pub statuses: &'a BTreeMap<Id, QueueStatus>,
}

/// The answer; field names and shapes are those of SPEC §7.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
#[allow(missing_docs, reason = "SPEC §7 lists the fields")]
pub struct StepOne {
    pub id: String,
    pub final_skills: Vec<FinalSkill>,
    pub jd_role: Option<JdRole>,
    pub nano_parsed: Option<NanoParsed>,
    pub rejected: bool,
    pub rejection_reason: Option<&'static str>,
    pub rejection_detail: Option<String>,
    pub run_id: String,
    pub skill_cluster: Vec<Group>,
    pub stage3_signals: Signals,
    pub stage4_decision: Decision,
    pub stage5_updates: Updates,
    pub title_resolution: TitleResolution,
}

/// The role as the JD names it.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
#[allow(missing_docs, reason = "SPEC §7 lists the fields")]
pub struct JdRole {
    pub display_name: Option<String>,
    pub rationale: Option<String>,
    pub role_aliases: Vec<String>,
    pub role_archetype: Option<String>,
    /// Empty: a JD names a title, not a role.
    pub slug: &'static str,
}

/// `stage3_signals`
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
#[allow(missing_docs, reason = "SPEC §7 lists the fields")]
pub struct Signals {
    pub alias_found: bool,
    pub alias_match_roles: Vec<RoleMatch>,
    pub kra_match_roles: Vec<RoleMatch>,
    pub skill_match_roles: Vec<RoleMatch>,
}

/// A role in a signal, or the chosen one; null where a signal has no such thing.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
#[allow(missing_docs, reason = "SPEC §7 lists the fields")]
pub struct RoleMatch {
    pub role_id: u32,
    pub slug: String,
    pub display_name: String,
    pub score: Option<f64>,
    pub matched_count: Option<usize>,
    pub matched_skills: Option<Vec<String>>,
    pub total_count: Option<u32>,
    pub kra_matches: Option<Vec<KraMatch>>,
}

/// A sentence and the KRA it matches best.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
#[allow(missing_docs, reason = "SPEC §7 lists the fields")]
pub struct KraMatch {
    pub kra_text: String,
    pub sentence: String,
    pub similarity: f64,
}

/// `stage4_decision`
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
#[allow(missing_docs, reason = "SPEC §7 lists the fields")]
pub struct Decision {
    pub alias_collision_detected: bool,
    pub case: &'static str,
    pub chosen_role: Option<RoleMatch>,
    pub confidence: Option<f64>,
    pub is_new_role: bool,
    pub llm2_fired: bool,
    pub llm2_reasoning: Option<String>,
    pub new_role_display_name: Option<String>,
    pub new_role_slug: Option<String>,
    pub queued: bool,
    pub reasoning: String,
    pub rule: &'static str,
    pub tier: Option<u8>,
    pub thresholds: BTreeMap<&'static str, f64>,
    pub taxonomy_version: u64,
}

/// `stage5_updates`
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
#[allow(missing_docs, reason = "SPEC §7 lists the fields")]
pub struct Updates {
    pub centroid_n_after: Option<u64>,
    pub centroid_updated: bool,
    pub collision_log_id: Option<u64>,
    pub new_kra_attached: Option<NewKra>,
    pub new_skills_attached: Vec<NewSkill>,
    pub queue_entry_id: Option<u64>,
    pub v3_pipeline_triggered: bool,
    pub v3_role_slug: Option<String>,
    pub v3_run_id: Option<String>,
}

/// A skill the library lacks.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
#[allow(missing_docs, reason = "SPEC §7 lists the fields")]
pub struct NewSkill {
    pub is_primary: bool,
    pub queue_id: u64,
    pub role_display_name: String,
    pub role_slug: String,
    pub skill_name: String,
    #[schema(value_type = String)]
    pub status: QueueStatus,
}

/// Responsibilities the role lacks.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
#[allow(missing_docs, reason = "SPEC §7 lists the fields")]
pub struct NewKra {
    pub queue_id: u64,
    pub preview: String,
    pub role_slug: String,
    pub role_display_name: String,
    #[schema(value_type = String)]
    pub status: QueueStatus,
}

/// How the title was resolved.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
#[allow(missing_docs, reason = "SPEC §7 lists the fields")]
pub struct TitleResolution {
    pub how: &'static str,
    pub roles: Vec<String>,
    pub similarity: f64,
}

/// Characters of the responsibilities that `new_kra_attached` shows.
const PREVIEW: usize = 200;

/// Puts an answer into the shape of the API.
pub fn step_one(row: Row<'_>) -> StepOne {
    let Row { admitted, answer, names, .. } = row;
    let parsed = admitted.parsed.as_ref();
    let nano = parsed.map(|parsed| &parsed.nano_parsed);
    StepOne {
        id: admitted.document.id.clone(),
        final_skills: final_skills(row),
        jd_role: nano.map(|nano| JdRole {
            display_name: nano.role.clone(),
            rationale: None,
            role_aliases: nano.role_aliases.clone(),
            role_archetype: nano.role_archetype.clone(),
            slug: "",
        }),
        nano_parsed: nano.cloned(),
        rejected: answer.decision.case == Case::R,
        rejection_reason: answer.decision.rejection.map(|reason| reason.name()),
        rejection_detail: admitted.rejected.clone(),
        run_id: run_id(admitted.update.id, answer.content),
        skill_cluster: cluster(answer, &admitted.skills, names),
        stage3_signals: signals(row),
        stage4_decision: decision(row),
        stage5_updates: updates(row),
        title_resolution: TitleResolution {
            how: how(answer.resolution.how),
            roles: answer.resolution.roles.iter().map(|role| slug(names, *role)).collect(),
            similarity: answer.resolution.similarity.to_f64(),
        },
    }
}

/// A run is one content of one JD: both in the form of a UUID.
pub fn run_id(jd: Id, content: u64) -> String {
    let (a, b) = (jd.0, content);
    format!("{:08x}-{:04x}-{:04x}-{:04x}-{:012x}", a >> 32, a >> 16 & 0xFFFF, a & 0xFFFF, b >> 48, b & 0xFFFF_FFFF_FFFF)
}

fn slug(names: &Names, role: Id) -> String {
    names.role(role).map_or_else(|| role.to_string(), |role| role.slug.clone())
}

/// As parsed, a skill that the library knows by now under its canonical name.
fn final_skills(row: Row<'_>) -> Vec<FinalSkill> {
    if row.answer.skills.is_empty() {
        return row.admitted.parsed.as_ref().map(|parsed| parsed.final_skills.clone()).unwrap_or_default();
    }
    let mut seen = Vec::new();
    let mut skills = Vec::new();
    for (mention, written) in row.answer.skills.iter().zip(&row.admitted.skills) {
        if !seen.contains(&mention.skill) {
            seen.push(mention.skill);
            let is_primary = row.answer.skills.iter().any(|other| other.skill == mention.skill && other.primary);
            skills.push(FinalSkill { is_primary, skill_name: skill_name(row.names, mention.skill, written) });
        }
    }
    skills.sort_by_key(|skill| !skill.is_primary);
    skills
}

fn skill_name(names: &Names, skill: Id, written: &str) -> String {
    names.skill(skill).map_or_else(|| written.to_owned(), |skill| skill.name.clone())
}

fn bare(names: &Names, role: Id, score: Option<Micro>) -> RoleMatch {
    let known = names.role(role);
    RoleMatch {
        role_id: known.map_or(0, |role| role.number),
        slug: slug(names, role),
        display_name: names.role_name(role),
        score: score.map(Micro::to_f64),
        matched_count: None,
        matched_skills: None,
        total_count: None,
        kra_matches: None,
    }
}

fn signals(row: Row<'_>) -> Signals {
    let Row { answer, names, .. } = row;
    let signals = &answer.signals;
    let skill = signals.skill.as_ref();
    Signals {
        alias_found: !signals.alias.is_empty(),
        alias_match_roles: signals.alias.iter().map(|role| bare(names, *role, Some(Micro::ONE))).collect(),
        kra_match_roles: signals.kra.iter().map(|rank| kra_match(row, rank)).collect(),
        skill_match_roles: skill
            .map(|skill| skill.ranking.iter().map(|rank| skill_match(names, rank, skill.total)).collect())
            .unwrap_or_default(),
    }
}

fn kra_match(row: Row<'_>, rank: &KraRank) -> RoleMatch {
    let matches = rank.evidence.iter().map(|evidence| KraMatch {
        kra_text: row.names.kra(evidence.kra).map_or_else(|| evidence.kra.to_string(), |kra| kra.sentence.clone()),
        sentence: row.admitted.sentences.get(usize::from(evidence.sentence)).cloned().unwrap_or_default(),
        similarity: evidence.similarity.to_f64(),
    });
    RoleMatch { kra_matches: Some(matches.collect()), ..bare(row.names, rank.role, Some(rank.score)) }
}

fn skill_match(names: &Names, rank: &SkillRank, total: u32) -> RoleMatch {
    let mut matched: Vec<String> =
        rank.matched.iter().map(|skill| skill_name(names, *skill, &skill.to_string())).collect();
    matched.sort();
    RoleMatch {
        matched_count: Some(matched.len()),
        matched_skills: Some(matched),
        total_count: Some(total),
        ..bare(names, rank.role, Some(rank.score))
    }
}

fn decision(row: Row<'_>) -> Decision {
    let Row { admitted, answer, names, settings, .. } = row;
    let decision = &answer.decision;
    let by_title = matches!(
        decision.rule,
        Rule::TitleAgrees | Rule::TitleContradicted | Rule::TitleAlone | Rule::TitleAmbiguous | Rule::TitleSplit
    );
    let score = if by_title { Some(answer.resolution.similarity) } else { decision.confidence };
    let is_new_role = decision.new_role.is_some();
    Decision {
        alias_collision_detected: decision.collision.is_some(),
        case: case(decision.case),
        chosen_role: decision.role.map(|role| bare(names, role, score)),
        confidence: decision.confidence.map(Micro::to_f64),
        is_new_role,
        llm2_fired: false,
        llm2_reasoning: None,
        new_role_display_name: is_new_role.then(|| admitted.title().unwrap_or_default().to_owned()),
        new_role_slug: decision.new_role.as_deref().map(str::to_owned),
        queued: decision.queued(),
        reasoning: reasoning(answer, admitted.title(), names, settings),
        rule: rule(decision.rule),
        tier: decision.tier,
        thresholds: thresholds(answer, settings).into_iter().map(|(name, value)| (name, value.to_f64())).collect(),
        taxonomy_version: row.taxonomy_version,
    }
}

fn updates(row: Row<'_>) -> Updates {
    let Row { admitted, answer, names, .. } = row;
    let decision = &answer.decision;
    let features = admitted.features();
    let centroid_updated = decision.role.is_some() && features.is_some_and(|features| features.vector.is_some());
    let status = |subject: Id| row.statuses.get(&subject).copied().unwrap_or(QueueStatus::Pending);
    let role = decision.role.map(|role| (slug(names, role), names.role_name(role)));
    let new_kra = role.as_ref().filter(|_| answer.new_kra).map(|role| {
        let subject = subject::new_kra(admitted.update.id);
        let text = admitted.parsed.as_ref().map(|parsed| parsed.responsibilities_text.as_str()).unwrap_or_default();
        NewKra {
            queue_id: subject.number(),
            preview: text.chars().take(PREVIEW).collect(),
            role_slug: role.0.clone(),
            role_display_name: role.1.clone(),
            status: status(subject),
        }
    });
    let queued = match &decision.new_role {
        _ if !decision.queued() => None,
        Some(slug) => Some(subject::new_role(slug)),
        None => Some(subject::undecided(admitted.update.id)),
    };
    Updates {
        centroid_n_after: centroid_updated.then_some(row.centroid_n),
        centroid_updated,
        collision_log_id: decision.collision.as_ref().map(|collision| collision.id().number()),
        new_kra_attached: new_kra,
        new_skills_attached: role.map(|role| new_skills(row, &role, &status)).unwrap_or_default(),
        queue_entry_id: queued.map(Id::number),
        v3_pipeline_triggered: decision.case == Case::New,
        v3_role_slug: decision.new_role.as_deref().map(str::to_owned),
        v3_run_id: None,
    }
}

fn new_skills(row: Row<'_>, role: &(String, String), status: &dyn Fn(Id) -> QueueStatus) -> Vec<NewSkill> {
    let unknown = row.answer.skills.iter().zip(&row.admitted.skills).filter(|(mention, _)| !mention.known);
    unknown
        .map(|(mention, written)| {
            let subject = subject::new_skill(mention.skill);
            NewSkill {
                is_primary: mention.primary,
                queue_id: subject.number(),
                role_display_name: role.1.clone(),
                role_slug: role.0.clone(),
                skill_name: written.clone(),
                status: status(subject),
            }
        })
        .collect()
}
