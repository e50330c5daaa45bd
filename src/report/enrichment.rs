//! What does the client get beside the decision (SPEC §6)? Skill cluster, nature of work, AI index, maturity, evidence.
//!
//! What the JD itself does not say the baseline of its role does; each field tells which of them speaks.

#[cfg(test)]
mod tests;
mod words;

use super::cluster::{Group, cluster};
use super::names::Names;
use crate::admission::Admitted;
use rolestream_dataflows::fixed::Micro;
use rolestream_dataflows::id::Id;
use rolestream_dataflows::records::{AiClass, EnrichmentSettings};
use rolestream_dataflows::text::normalise;
use rolestream_dataflows::views::{self, Answer, Baseline, SkillUse};
use serde::Serialize;
use utoipa::ToSchema;

/// Of this whole.
const VERSION: &str = "2";
/// Of the AI index.
const AI_INDEX_VERSION: &str = "2.1";
/// How summaries are made without a model.
const PROTOTYPE: &str = "prototype";

/// All that must be known to print the enrichment of one run, as of one epoch.
#[derive(Clone, Copy)]
pub struct Enriching<'a> {
    /// The JD as it was admitted.
    pub admitted: &'a Admitted,
    /// What is said of it.
    pub answer: &'a Answer,
    /// The names of what it speaks of.
    pub names: &'a Names,
    /// The settings it was enriched with.
    pub settings: &'a EnrichmentSettings,
    /// The row of *baselines* of the chosen role, if there is one.
    pub baseline: Option<&'a Baseline>,
    /// The row of *skill sets* of its skill set: how many JDs have it, this one among them.
    pub skill_set_jds: u64,
}

/// The enrichment; each field is one of SPEC §6.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[allow(missing_docs, reason = "SPEC §6 lists the fields")]
pub struct Enrichment {
    pub version: &'static str,
    /// Whether the chosen role has a baseline.
    pub role_baseline_loaded: bool,
    pub sources: EnrichmentSources,
    pub skill_cluster: Vec<Group>,
    pub nature_of_work: NatureOfWork,
    pub ai_index: AiIndex,
    pub tech_stack_maturity: TechStackMaturity,
    /// The skills of the JD, each once.
    pub evidence: Vec<SkillEvidence>,
    /// The responsibilities as the JD has them.
    pub kra_description: Option<String>,
}

/// Who says what a field holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum FieldSource {
    /// The JD.
    Jd,
    /// What most JDs of its role say.
    RoleBaseline,
    /// Nobody: the field is null.
    None,
}

/// Who says what, by field.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[allow(missing_docs, reason = "each is the field of that name")]
pub struct EnrichmentSources {
    pub ai_index: FieldSource,
    pub nature_of_work: FieldSource,
    pub tech_stack_maturity: FieldSource,
}

/// What kind of work it is.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct NatureOfWork {
    /// One of the configured labels.
    pub label: Option<String>,
    /// A sentence about it.
    pub summary: Option<String>,
    /// The sentence of the JD that says so best.
    pub evidence: Option<String>,
    /// How near the JD's best sentences come to the label's.
    pub similarity: Option<f64>,
    /// Who says so.
    pub source: FieldSource,
    /// `prototype`, or the name of the model that wrote the summary; null without one.
    pub summary_method: Option<&'static str>,
}

/// How much the work has to do with AI, from 0.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct AiIndex {
    /// The sum of the components, at most `cap`.
    pub value: Option<f64>,
    /// The greatest value.
    pub cap: f64,
    /// Of the index.
    pub version: &'static str,
    /// Who says so.
    pub source: FieldSource,
    /// What it is made of, in the order of SPEC §6.
    pub components: Vec<AiComponent>,
    /// The older count.
    pub legacy: LegacyBreakdown,
}

/// A part of the AI index.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct AiComponent {
    /// `title_match`, `has_ai_skill`, `ai_skill_primary`, `ai_skill_secondary`, `on_ai_team` or `builds_ai_products`.
    pub name: &'static str,
    /// What it adds.
    pub value: f64,
    /// The words, or the skills, that speak for it.
    pub evidence: Option<String>,
    /// `jd` where it adds something.
    pub source: FieldSource,
}

/// AI skills by class, each class with its weight.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[allow(missing_docs, reason = "SPEC §6 lists the classes")]
pub struct LegacyBreakdown {
    pub assistants: LegacyClass,
    pub frameworks: LegacyClass,
    pub concepts: LegacyClass,
    /// Skills times weights, summed.
    pub total: u32,
}

/// The AI skills of one class.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[allow(missing_docs, reason = "the names say it")]
pub struct LegacyClass {
    pub weight: u32,
    pub skills: Vec<String>,
}

/// How mature the tech stack is.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct TechStackMaturity {
    /// Legacy, Established, Modern, Modern Cloud Native or AI Native.
    pub label: Option<String>,
    /// The skills that make it so.
    pub rationale: Option<String>,
    /// Whether another JD has exactly these skills.
    pub cache_hit: bool,
    /// Who says so.
    pub source: FieldSource,
}

/// A skill of the JD, and where it stands.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct SkillEvidence {
    /// Its canonical name, else as the JD writes it.
    pub skill_name: String,
    /// Whether the JD makes it primary.
    pub is_primary: bool,
    /// The headings of the sections that name it, or `Title`; empty where the parser does not tell.
    #[serde(rename = "where")]
    pub found_in: Vec<String>,
}

/// A skill of the JD by name.
struct Skill<'a> {
    used: SkillUse,
    name: String,
    /// As the JD writes it.
    written: &'a str,
}

/// Puts the enrichment of a run together.
pub fn enrichment(of: Enriching<'_>) -> Enrichment {
    let skills = skills(of);
    let (nature_of_work, ai_index) = (nature(of, &skills), ai_index(of, &skills));
    let tech_stack_maturity = maturity(of, &skills);
    let text = of.admitted.parsed.as_ref().map(|parsed| parsed.responsibilities_text.trim());
    Enrichment {
        version: VERSION,
        role_baseline_loaded: of.baseline.is_some(),
        sources: EnrichmentSources {
            ai_index: ai_index.source,
            nature_of_work: nature_of_work.source,
            tech_stack_maturity: tech_stack_maturity.source,
        },
        skill_cluster: cluster(of.answer, &of.admitted.skills, of.names),
        nature_of_work,
        ai_index,
        tech_stack_maturity,
        evidence: skills.iter().map(|skill| evidence(of, skill)).collect(),
        kra_description: text.filter(|text| !text.is_empty()).map(str::to_owned),
    }
}

/// The distinct skills in the order of the JD; one is primary if any mention of it is.
fn skills(of: Enriching<'_>) -> Vec<Skill<'_>> {
    let mut skills: Vec<Skill<'_>> = Vec::new();
    for (used, written) in of.answer.skills.iter().zip(&of.admitted.skills) {
        match skills.iter_mut().find(|skill| skill.used.skill == used.skill) {
            Some(skill) => skill.used.primary |= used.primary,
            None => {
                let name = of.names.skill(used.skill).map_or_else(|| written.clone(), |skill| skill.name.clone());
                skills.push(Skill { used: *used, name, written });
            }
        }
    }
    skills
}

fn nature(of: Enriching<'_>, skills: &[Skill<'_>]) -> NatureOfWork {
    let own = of.answer.enrichment.nature.as_ref();
    let usual = of.baseline.and_then(|baseline| baseline.nature.as_ref());
    let label = own.map(|nature| &nature.label).or(usual);
    let evidence = own.and_then(|nature| of.admitted.sentences.get(usize::from(nature.sentence)));
    let template = label.and_then(|name| of.settings.labels.iter().find(|label| label.name == *name));
    let summary = template.map(|label| {
        let primary: Vec<&str> = skills.iter().filter(|s| s.used.primary).map(|skill| skill.name.as_str()).collect();
        words::summary(&label.summary, &primary, evidence.map(String::as_str))
    });
    NatureOfWork {
        label: label.map(|label| label.to_string()),
        summary_method: summary.as_ref().map(|_| PROTOTYPE),
        summary,
        evidence: evidence.cloned(),
        similarity: own.map(|nature| nature.similarity.to_f64()),
        source: source(own.is_some(), usual.is_some()),
    }
}

fn ai_index(of: Enriching<'_>, skills: &[Skill<'_>]) -> AiIndex {
    let own = of.answer.enrichment.ai.as_ref();
    let usual = of.baseline.and_then(|baseline| baseline.ai);
    let phrases = of.admitted.parsed.as_ref().map(|parsed| parsed.ai.clone()).unwrap_or_default();
    let text = |phrase: Option<crate::jd::Phrase>| phrase.map(|phrase| phrase.text);
    let named = |wanted: &dyn Fn(&SkillUse) -> bool| -> Vec<String> {
        let ai = skills.iter().filter(|skill| skill.used.known && wanted(&skill.used));
        ai.map(|skill| skill.name.clone()).collect()
    };
    let list = |names: Vec<String>| (!names.is_empty()).then(|| names.join(", "));
    let nothing = views::AiIndex::default();
    let parts = own.unwrap_or(&nothing);
    let is_ai = |skill: &SkillUse| skill.ai != AiClass::None;
    let component = |name, value: Micro, evidence: Option<String>| AiComponent {
        name,
        value: value.to_f64(),
        evidence: evidence.filter(|_| value > Micro::ZERO),
        source: source(value > Micro::ZERO, false),
    };
    let class = |weight, class: AiClass| LegacyClass { weight, skills: named(&|skill| skill.ai == class) };
    let legacy = &of.settings.legacy;
    AiIndex {
        value: own.map(|index| index.value).or(usual).map(Micro::to_f64),
        cap: of.settings.ai.cap.to_f64(),
        version: AI_INDEX_VERSION,
        source: source(own.is_some(), usual.is_some()),
        components: vec![
            component("title_match", parts.title, text(phrases.title)),
            component("has_ai_skill", parts.skill, list(named(&is_ai))),
            component("ai_skill_primary", parts.primary, list(named(&|s| is_ai(s) && s.primary))),
            component("ai_skill_secondary", parts.secondary, list(named(&|s| is_ai(s) && !s.primary))),
            component("on_ai_team", parts.team, text(phrases.team)),
            component("builds_ai_products", parts.product, text(phrases.product)),
        ],
        legacy: LegacyBreakdown {
            assistants: class(legacy.assistants, AiClass::Assistant),
            frameworks: class(legacy.frameworks, AiClass::Framework),
            concepts: class(legacy.concepts, AiClass::Concept),
            total: parts.legacy,
        },
    }
}

fn maturity(of: Enriching<'_>, skills: &[Skill<'_>]) -> TechStackMaturity {
    let own = of.answer.enrichment.maturity;
    let usual = of.baseline.and_then(|baseline| baseline.maturity);
    let role = || of.answer.decision.role.map(|role| of.names.role_name(role)).unwrap_or_default();
    let rationale = match (own, usual) {
        (Some(label), _) => {
            let known: Vec<(&str, SkillUse)> =
                skills.iter().filter(|s| s.used.known).map(|skill| (skill.name.as_str(), skill.used)).collect();
            Some(words::rationale(label, &known))
        }
        (None, Some(_)) => Some(format!("The JD names no known skill; most JDs of {} are so.", role())),
        (None, None) => None,
    };
    TechStackMaturity {
        label: own.or(usual).map(|label| label.name().to_owned()),
        rationale,
        cache_hit: of.answer.enrichment.skill_set != Id::NONE && of.skill_set_jds > 1,
        source: source(own.is_some(), usual.is_some()),
    }
}

fn source(jd: bool, baseline: bool) -> FieldSource {
    match (jd, baseline) {
        (true, _) => FieldSource::Jd,
        (false, true) => FieldSource::RoleBaseline,
        (false, false) => FieldSource::None,
    }
}

fn evidence(of: Enriching<'_>, skill: &Skill<'_>) -> SkillEvidence {
    let mut found_in: Vec<String> = Vec::new();
    if let Some(parsed) = &of.admitted.parsed {
        let key = normalise(skill.written);
        let named = parsed.final_skills.iter().zip(&parsed.evidence).filter(|(s, _)| normalise(&s.skill_name) == key);
        for place in named.flat_map(|(_, places)| places) {
            let heading = match place.section {
                None => Some("Title".to_owned()),
                Some(at) => {
                    parsed.nano_parsed.roles_and_responsibilities.get(at).map(|section| section.heading.clone())
                }
            };
            found_in.extend(heading.filter(|heading| !found_in.contains(heading)));
        }
    }
    SkillEvidence { skill_name: skill.name.clone(), is_primary: skill.used.primary, found_in }
}
