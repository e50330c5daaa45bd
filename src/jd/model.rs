//! What is a parsed JD made of? The shape of SPEC §2, in the field names the API prints.

use rolestream_dataflows::records::Rejection;
use serde::{Deserialize, Serialize};

/// A JD taken apart: what is printed of it, and what the engine wants of it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct ParsedJd {
    /// What the API prints under the same name.
    pub nano_parsed: NanoParsed,
    /// The skills, primary first, each group in order of first mention.
    pub final_skills: Vec<FinalSkill>,
    /// Where each of `final_skills` stands; as many as there are skills (empty for a JD parsed elsewhere).
    #[serde(default)]
    pub evidence: Vec<Vec<Place>>,
    /// The sentences for KRA matching, by SPEC §2's rule.
    pub sentences: Vec<String>,
    /// The whole responsibilities text: what the centroid vector is made of.
    pub responsibilities_text: String,
    /// The title in the forms that can be compared, if there is one.
    pub title: Option<TitleForms>,
    /// What the text says of AI, beside the skills.
    #[serde(default)]
    pub ai: AiPhrases,
}

/// What a text says of AI, beside the skills: the first phrase of each kind.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct AiPhrases {
    /// In the title.
    pub title: Option<Phrase>,
    /// Of a team for it.
    pub team: Option<Phrase>,
    /// Of products that are built with it.
    pub product: Option<Phrase>,
}

/// A phrase of the word lists, and where it stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Phrase {
    /// As it is written there.
    pub phrase: String,
    /// The sentence, or the title.
    pub text: String,
}

/// A skill as the API prints it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct FinalSkill {
    /// Whether the JD makes it primary.
    pub is_primary: bool,
    /// The canonical name of a known skill, else the name as written.
    pub skill_name: String,
}

/// One mention of a skill: a stretch of a section's `text`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Place {
    /// The place of the section in `roles_and_responsibilities`; none: the title.
    pub section: Option<usize>,
    /// Where the mention begins in the section's `text` (or in the title), in bytes.
    pub start: usize,
    /// Where it ends.
    pub end: usize,
}

/// A title in the forms that can be compared.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct TitleForms {
    /// As written.
    pub written: String,
    /// With level and qualifier words removed; may equal `written`.
    pub plain: String,
}

/// Whether a text is a JD.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "lowercase")]
#[allow(missing_docs, reason = "the names say it")]
pub enum JdType {
    Pass,
    #[default]
    Fail,
}

/// SPEC §2's shape.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(default)]
#[allow(missing_docs, reason = "SPEC §2 lists the fields")]
pub struct NanoParsed {
    #[serde(rename = "JD_type")]
    pub jd_type: JdType,
    pub about_company: Option<String>,
    pub certifications: Vec<String>,
    pub company_name: Option<String>,
    pub ctc: Option<Pay>,
    pub domain: Option<Domain>,
    pub education: Vec<String>,
    pub experience: Option<Experience>,
    pub job_locations: Vec<Location>,
    pub role: Option<String>,
    pub role_aliases: Vec<String>,
    pub role_archetype: Option<String>,
    pub roles_and_responsibilities: Vec<ResponsibilitySection>,
    pub urls: Vec<String>,
}

/// The industry; found outside the parser, by the nearest prototype.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(default)]
pub struct Domain {
    /// The nearest, null under the threshold.
    pub primary: Option<DomainName>,
    /// The next.
    pub secondary: Option<DomainName>,
}

/// An industry by name.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(default)]
pub struct DomainName {
    /// Its other names.
    pub aliases: Vec<String>,
    /// Its name.
    pub domain: String,
}

/// Years of experience asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(default)]
pub struct Experience {
    /// At most; none: no upper bound.
    pub max: Option<u32>,
    /// At least; none: no lower bound.
    pub min: Option<u32>,
    /// As written.
    pub raw: String,
}

/// What the job pays.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(default)]
pub struct Pay {
    /// ISO 4217, where it can be told.
    pub currency: Option<String>,
    /// At most.
    pub max: Option<f64>,
    /// At least.
    pub min: Option<f64>,
    /// `year`, `month`, `week`, `day` or `hour`.
    pub period: Option<String>,
    /// As written.
    pub raw: String,
}

/// Where the work is done.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(default)]
#[allow(missing_docs, reason = "SPEC §2 lists the fields")]
pub struct Location {
    /// Other names of the city.
    pub aliases: Vec<String>,
    pub city: Option<String>,
    pub country: Option<String>,
    pub state: Option<String>,
    pub work_mode: Option<WorkMode>,
}

/// How much of the work is done in the office.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "lowercase")]
#[allow(missing_docs, reason = "the names say it")]
pub enum WorkMode {
    Hybrid,
    Remote,
    Onsite,
}

/// A section that says what the job is.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(default)]
pub struct ResponsibilitySection {
    /// Lines that were bullets.
    pub bullet_count: usize,
    /// As written, or the usual one of its kind where the JD has none.
    pub heading: String,
    /// Whether the JD has it.
    pub heading_was_present: bool,
    /// How the text begins and ends.
    pub source_marker: SourceMarker,
    /// Its lines; bullets begin with "- ".
    pub text: String,
    /// White-space-separated words, without the dashes of the bullets.
    pub word_count: usize,
}

/// How a section's text begins and ends.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(default)]
#[allow(missing_docs, reason = "the names say it")]
pub struct SourceMarker {
    pub first_5_words: String,
    pub last_5_words: String,
}

/// A text that is no JD the engine takes: a run all the same, stored and counted.
#[derive(Clone, Debug, PartialEq)]
pub struct Rejected {
    /// Why, in SPEC's terms.
    pub reason: Rejection,
    /// Why, in a sentence.
    pub detail: String,
    /// What was found in it nonetheless.
    pub parsed: Option<Box<ParsedJd>>,
}

impl std::fmt::Display for Rejected {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: {}", self.reason.name(), self.detail)
    }
}

impl std::error::Error for Rejected {}
