//! What does enrichment go by (SPEC §6)? The labels, weights and rule of `config/enrichment.toml`, embedded.

use crate::embed::Embedder;
use crate::error::{Error, Position};
use crate::toml_source::Source;
use rolestream_dataflows::fixed::{Micro, Vectors};
use rolestream_dataflows::records::{AiWeights, EnrichmentSettings, LegacyWeights, MaturityRule, NatureLabel};
use serde::Deserialize;
use std::path::Path;

/// `config/enrichment.toml`
const BUILT_IN: &str = include_str!("../../config/enrichment.toml");
/// How messages call it.
const BUILT_IN_NAME: &str = "config/enrichment.toml";
/// A weight is no more.
const MOST: f64 = 100.0;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    nature_min: f64,
    ai_index: AiIndex,
    legacy: Legacy,
    maturity: Maturity,
    #[serde(default)]
    label: Vec<Label>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct AiIndex {
    title: f64,
    skill: f64,
    primary: f64,
    secondary: f64,
    team: f64,
    product: f64,
    cap: f64,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Legacy {
    assistants: u32,
    frameworks: u32,
    concepts: u32,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Maturity {
    ai_native: f64,
    ai_native_least: u32,
    legacy: f64,
    cloud_native: f64,
    cloud_native_least: u32,
    modern: f64,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Label {
    name: String,
    summary: String,
    sentences: Vec<String>,
}

/// The settings of a file, or else of the one in the program, with the vectors of their prototypes.
pub fn enrichment_settings(path: &Path, embedder: &dyn Embedder) -> Result<EnrichmentSettings, Error> {
    if path.as_os_str().is_empty() {
        return read(BUILT_IN_NAME, BUILT_IN, embedder);
    }
    let shown = path.display().to_string();
    let text = std::fs::read_to_string(path).map_err(|error| {
        Error::new("the settings of enrichment cannot be read")
            .detail(error.to_string())
            .hint("name a file in enrichment.path, or nothing for the one in the program")
            .at(Position::whole(&*shown))
    })?;
    read(&shown, &text, embedder)
}

fn read(name: &str, text: &str, embedder: &dyn Embedder) -> Result<EnrichmentSettings, Error> {
    let source = Source::new(name, text);
    let wrong = |detail: String| {
        Error::new("the settings of enrichment are not sound")
            .detail(detail)
            .hint("config/enrichment.toml of the project shows every key with its meaning")
            .at(source.whole())
    };
    let file: File = toml::from_str(text).map_err(|error| {
        let at = error.span().map_or_else(|| source.whole(), |span| source.at(span));
        wrong(error.message().to_owned()).at(at)
    })?;
    let amount = |key: &str, value: f64, most: f64| {
        let fits = (0.0..=most).contains(&value);
        let micro = Micro::from_f64(value).filter(|_| fits);
        micro.ok_or_else(|| wrong(format!("{key} is {value}; a number from 0 to {most} is expected")))
    };
    let weight = |key, value| amount(key, value, MOST);
    let share = |key, value| amount(key, value, 1.0);
    let (ai, legacy, maturity) = (&file.ai_index, &file.legacy, &file.maturity);
    let mut labels: Vec<NatureLabel> = Vec::with_capacity(file.label.len());
    for label in &file.label {
        if label.name.trim().is_empty() || labels.iter().any(|other| *other.name == *label.name) {
            return Err(wrong(format!("the label \"{}\" has no name of its own", label.name)));
        }
        labels.push(embedded(label, embedder, &wrong)?);
    }
    Ok(EnrichmentSettings {
        nature_min: share("nature_min", file.nature_min)?,
        labels,
        ai: AiWeights {
            title: weight("ai_index.title", ai.title)?,
            skill: weight("ai_index.skill", ai.skill)?,
            primary: weight("ai_index.primary", ai.primary)?,
            secondary: weight("ai_index.secondary", ai.secondary)?,
            team: weight("ai_index.team", ai.team)?,
            product: weight("ai_index.product", ai.product)?,
            cap: weight("ai_index.cap", ai.cap)?,
        },
        legacy: LegacyWeights {
            assistants: legacy.assistants,
            frameworks: legacy.frameworks,
            concepts: legacy.concepts,
        },
        maturity: MaturityRule {
            ai_native: share("maturity.ai_native", maturity.ai_native)?,
            ai_native_least: maturity.ai_native_least,
            legacy: share("maturity.legacy", maturity.legacy)?,
            cloud_native: share("maturity.cloud_native", maturity.cloud_native)?,
            cloud_native_least: maturity.cloud_native_least,
            modern: share("maturity.modern", maturity.modern)?,
        },
    })
}

fn embedded(label: &Label, embedder: &dyn Embedder, wrong: &dyn Fn(String) -> Error) -> Result<NatureLabel, Error> {
    let sentences: Vec<&str> = label.sentences.iter().map(String::as_str).collect();
    let mut vectors = Vec::with_capacity(sentences.len());
    for (sentence, vector) in sentences.iter().zip(embedder.embed(&sentences)?) {
        let unknown = || wrong(format!("no word of \"{sentence}\" is known, a sentence of \"{}\"", label.name));
        vectors.push(vector.ok_or_else(unknown)?);
    }
    if vectors.is_empty() {
        return Err(wrong(format!("the label \"{}\" has no sentence", label.name)));
    }
    Ok(NatureLabel {
        name: label.name.as_str().into(),
        summary: label.summary.clone(),
        prototypes: Vectors::new(&vectors),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::embed::StaticTable;

    #[test]
    fn the_file_in_the_program_is_sound_and_says_what_the_defaults_say() {
        let embedder = StaticTable::built_in().unwrap();
        let settings = enrichment_settings(Path::new(""), &*embedder).unwrap();
        assert!(settings.labels.len() >= 12 && settings.labels.iter().all(|label| label.prototypes.len() >= 3));
        assert_eq!(settings.ai, AiWeights::default());
        assert_eq!(settings.legacy, LegacyWeights::default());
        assert_eq!(settings.maturity, MaturityRule::default());
    }

    #[test]
    fn what_is_wrong_in_a_file_is_said_with_its_line() {
        let embedder = StaticTable::built_in().unwrap();
        let error = |from: &str, to: &str| {
            let text = BUILT_IN.replacen(from, to, 1);
            read("mine.toml", &text, &*embedder).unwrap_err().to_string()
        };
        let line = BUILT_IN.lines().position(|line| line == "cap = 5.0").unwrap() + 1;
        let unknown = error("cap = 5.0", "caps = 5.0");
        assert!(unknown.contains(&format!("mine.toml:{line}")) && unknown.contains("caps"), "{unknown}");
        assert!(error("cap = 5.0", "cap = -1").contains("ai_index.cap is -1"));
        let twice = error("name = \"Front-end and interface building\"", "name = \"API and service implementation\"");
        assert!(twice.contains("no name of its own"), "{twice}");
    }
}
