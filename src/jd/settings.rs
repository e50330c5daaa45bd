//! What can be configured of the parser? Weights, limits and word lists; the defaults are compiled in.

use crate::error::Error;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Everything the parser's rules call configurable.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct ParserSettings {
    /// A longer text is rejected as too large; in bytes.
    pub max_bytes: usize,
    /// A shorter text says nothing; in characters that are no white space.
    pub min_characters: usize,
    /// Archetypes to accept; empty: all.
    pub accepted_archetypes: Vec<String>,
    /// Sentences kept for KRA matching.
    pub max_sentences: usize,
    /// A sentence shorter than this is dropped; in characters.
    pub min_sentence: usize,
    /// Role aliases kept.
    pub max_role_aliases: usize,
    /// Unknown skills kept of one JD.
    pub max_unknown_skills: usize,
    /// How a skill's score is made.
    pub weights: SkillWeights,
    /// The word lists.
    pub words: Words,
    /// The vocabulary of titles.
    pub titles: TitleWords,
    /// The vocabulary of section headings.
    pub headings: HeadingWords,
}

impl Default for ParserSettings {
    fn default() -> ParserSettings {
        ParserSettings {
            max_bytes: 256 * 1024,
            min_characters: 20,
            accepted_archetypes: Vec::new(),
            max_sentences: 25,
            min_sentence: 20,
            max_role_aliases: 4,
            max_unknown_skills: 24,
            weights: SkillWeights::default(),
            words: Words::default(),
            titles: TitleWords::default(),
            headings: HeadingWords::default(),
        }
    }
}

impl ParserSettings {
    /// The defaults, with what a configuration says in their place: `[parser]` of the configuration file. Tables are
    /// merged key by key, a list replaces the one it is given for.
    pub fn from_table(given: &toml::Table) -> Result<ParserSettings, Error> {
        let fault = |detail: String| {
            Error::new("the parser's settings cannot be read")
                .detail(detail)
                .hint("the keys and lists are those of config/parser/*.toml; see ParserSettings")
        };
        let mut merged = toml::Table::try_from(ParserSettings::default()).map_err(|e| fault(e.to_string()))?;
        merge(&mut merged, given, "parser").map_err(fault)?;
        merged.try_into().map_err(|e: toml::de::Error| fault(e.message().to_owned()))
    }
}

/// Tables whose keys are words, not settings: there a new key is an addition.
const OPEN_TABLES: [&str; 4] =
    ["parser.titles.heads", "parser.titles.words", "parser.titles.abbreviations", "parser.titles.spellings"];

fn merge(into: &mut toml::Table, given: &toml::Table, path: &str) -> Result<(), String> {
    for (key, value) in given {
        match (into.get_mut(key), value) {
            (Some(toml::Value::Table(old)), toml::Value::Table(new)) => merge(old, new, &format!("{path}.{key}"))?,
            // A whole number where a weight is meant.
            (Some(old @ toml::Value::Float(_)), toml::Value::Integer(new)) => *old = toml::Value::Float(*new as f64),
            (Some(old), new) => *old = new.clone(),
            (None, new) if OPEN_TABLES.contains(&path) => {
                into.insert(key.clone(), new.clone());
            }
            (None, _) => return Err(format!("{path}.{key} is no setting")),
        }
    }
    Ok(())
}

/// The numbers of SPEC §2's "primary or secondary".
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
#[allow(missing_docs, reason = "SPEC §2 lists them")]
pub struct SkillWeights {
    pub required: f64,
    pub responsibilities: f64,
    pub about_the_role: f64,
    pub preferred: f64,
    pub further_section: f64,
    pub bracketed_alternative: f64,
    pub late_bullet: f64,
    pub strong_cue: f64,
    pub weak_cue: f64,
    pub optional_cue: f64,
    pub primary_from: f64,
}

impl Default for SkillWeights {
    fn default() -> SkillWeights {
        SkillWeights {
            required: 1.0,
            responsibilities: 0.6,
            about_the_role: 0.5,
            preferred: 0.3,
            further_section: 0.2,
            bracketed_alternative: 0.4,
            late_bullet: 0.6,
            strong_cue: 1.2,
            weak_cue: 0.8,
            optional_cue: 0.5,
            primary_from: 0.45,
        }
    }
}

/// The word lists of `config/parser/words.toml`; a table given in the configuration replaces the one of its name.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
#[allow(missing_docs, reason = "the file says what each list is")]
pub struct Words {
    pub labels: Labels,
    pub jd: JdWords,
    pub boilerplate: Boilerplate,
    pub cues: CueWords,
    pub finding: FindingWords,
    pub not_skills: NotSkills,
    pub education: EducationWords,
    pub certifications: CertificationWords,
    pub work_mode: WorkModeWords,
    pub ai: AiWords,
}

macro_rules! word_lists {
    ($($(#[$doc:meta])* $name:ident { $($field:ident : $type:ty),* $(,)? })*) => {$(
        $(#[$doc])*
        #[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
        #[allow(missing_docs, reason = "the file says what each list is")]
        pub struct $name { $(pub $field: $type),* }
    )*};
}

word_lists! {
    /// Labels of the lines that give one fact.
    Labels {
        title: Vec<String>, company: Vec<String>, location: Vec<String>, experience: Vec<String>, pay: Vec<String>,
        work_mode: Vec<String>, education: Vec<String>, ignored: Vec<String>,
    }
    /// What shows that a text is a JD.
    JdWords { cues: Vec<String>, least: usize }
    /// What gives away a paragraph that is not about the role.
    Boilerplate {
        equal_opportunity: Vec<String>, benefits: Vec<String>, company: Vec<String>, how_to_apply: Vec<String>,
    }
    /// What a bullet says of the skills in it.
    CueWords { strong: Vec<String>, weak: Vec<String>, optional: Vec<String> }
    /// Where an unknown skill may stand.
    FindingWords { lead: Vec<String>, trail: Vec<String> }
    /// What is never an unknown skill.
    NotSkills { words: Vec<String>, ends: Vec<String>, brands: Vec<String> }
    /// How degrees are written.
    EducationWords { degrees: Vec<String> }
    /// Certificates known by name.
    CertificationWords { names: Vec<String>, shy: Vec<String> }
    /// Words of the work mode.
    WorkModeWords { hybrid: Vec<String>, remote: Vec<String>, onsite: Vec<String> }
    /// What speaks of AI.
    AiWords { title: Vec<String>, team: Vec<String>, product: Vec<String> }
    /// A head noun that means the same as another.
    Synonym { from: String, to: String, r#for: Vec<String> }
    /// The headings of one kind of section.
    HeadingKind { kind: String, headings: Vec<String>, words: Vec<String> }
}

/// The vocabulary of titles: `config/parser/titles.toml`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
#[allow(missing_docs, reason = "the file says what each list is")]
pub struct TitleWords {
    pub levels: Vec<String>,
    pub levels_before_heads: Vec<String>,
    pub qualifiers: Vec<String>,
    pub heads: BTreeMap<String, Vec<String>>,
    pub words: BTreeMap<String, Vec<String>>,
    pub abbreviations: BTreeMap<String, String>,
    pub spellings: BTreeMap<String, String>,
    pub synonyms: Vec<Synonym>,
}

/// The vocabulary of section headings: `config/parser/headings.toml`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct HeadingWords {
    /// One entry a kind; an earlier one wins where several fit.
    pub kinds: Vec<HeadingKind>,
}

/// Reads a file that is compiled in. `#[serde(default)]` on the target would call its own `Default` here, so each
/// file is read into a shape of its own that has no defaults.
macro_rules! compiled_in {
    ($type:ident from $file:literal { $($field:ident : $of:ty),* $(,)? }) => {
        impl Default for $type {
            fn default() -> $type {
                #[derive(Deserialize)]
                struct File { $($field: $of),* }
                let file: File = toml::from_str(include_str!(concat!("../../config/parser/", $file)))
                    .expect(concat!("the compiled-in ", $file, " is valid: a test reads it"));
                $type { $($field: file.$field),* }
            }
        }
    };
}

compiled_in!(Words from "words.toml" {
    labels: Labels, jd: JdWords, boilerplate: Boilerplate, cues: CueWords, finding: FindingWords,
    not_skills: NotSkills, education: EducationWords, certifications: CertificationWords, work_mode: WorkModeWords,
    ai: AiWords,
});
compiled_in!(TitleWords from "titles.toml" {
    levels: Vec<String>, levels_before_heads: Vec<String>, qualifiers: Vec<String>,
    heads: BTreeMap<String, Vec<String>>, words: BTreeMap<String, Vec<String>>,
    abbreviations: BTreeMap<String, String>, spellings: BTreeMap<String, String>, synonyms: Vec<Synonym>,
});
compiled_in!(HeadingWords from "headings.toml" { kinds: Vec<HeadingKind> });

/// The ordinary words, compiled in: `config/parser/ordinary_words.txt`.
pub(crate) fn ordinary_words() -> impl Iterator<Item = &'static str> {
    include_str!("../../config/parser/ordinary_words.txt").lines().filter(|line| !line.starts_with('#'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_compiled_in_files_are_valid() {
        let settings = ParserSettings::default();
        assert!(settings.headings.kinds.len() == 9 && !settings.words.finding.lead.is_empty());
        assert!(ordinary_words().any(|w| w == "patients"));
    }

    #[test]
    fn a_configuration_changes_what_it_names_and_nothing_else() {
        let table = "max_sentences = 7\n[weights]\nrequired = 2\n[words.jd]\nleast = 5\n[titles.abbreviations]\nswe = \"X\"\nzz = \"Y\"";
        let settings = ParserSettings::from_table(&table.parse().unwrap()).unwrap();
        let default = ParserSettings::default();
        assert_eq!((settings.max_sentences, settings.weights.required, settings.words.jd.least), (7, 2.0, 5));
        assert_eq!(settings.words.jd.cues, default.words.jd.cues);
        assert_eq!(settings.titles.abbreviations["swe"], "X");
        assert_eq!(settings.titles.abbreviations.len(), default.titles.abbreviations.len() + 1);
        assert_eq!(ParserSettings::from_table(&toml::Table::new()).unwrap(), default);
    }

    #[test]
    fn a_key_that_is_no_setting_is_refused_by_name() {
        let error = ParserSettings::from_table(&"[weights]\nrequird = 2.0".parse().unwrap()).unwrap_err();
        assert!(error.detail.unwrap().contains("parser.weights.requird"));
        assert!(ParserSettings::from_table(&"max_bytes = \"many\"".parse().unwrap()).is_err());
    }
}
