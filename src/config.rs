//! With which settings does the program run, and where did each come from?
//!
//! The defaults are `config/default.toml`, which is in the program and documents every key. [`Layers`] names what is
//! laid over them: a file, the environment, flags. Every value remembers where it came from, so a message about it
//! can say so; [`Config::effective_toml`] prints them all.

mod keys;
mod layers;
mod merged;
mod sections;

pub use layers::Layers;
pub use sections::{
    Admission, Anonymous, Colour, DeadLetters, Decision, Engine, Enrichment, Http, Kafka, Level, Log, LogFormat,
    OnExpired, Output, Service, Sinks, Sources, Store, TaxonomySource, Threads,
};

use crate::error::{Error, Errors, Position};
use merged::Merged;
use rolestream_dataflows::records::Settings;
use serde::{Deserialize, Serialize};

/// `config/default.toml`
pub const DEFAULT: &str = include_str!("../config/default.toml");
/// How messages call it.
const DEFAULT_NAME: &str = "default";

/// All settings.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs, reason = "each field is the section of that name, documented in config/default.toml")]
pub struct Config {
    pub engine: Engine,
    pub admission: Admission,
    pub decision: Decision,
    /// The parser's own keys, checked by the parser.
    pub parser: toml::Table,
    pub enrichment: Enrichment,
    pub taxonomy: TaxonomySource,
    pub store: Store,
    pub sources: Sources,
    pub kafka: Kafka,
    /// Options of librdkafka, for consumer and producer, by its own names.
    pub librdkafka: toml::Table,
    pub sinks: Sinks,
    pub dead_letters: DeadLetters,
    pub service: Service,
    pub http: Http,
    pub output: Output,
    pub log: Log,
    #[serde(skip)]
    merged: Merged,
}

impl Config {
    /// The defaults with all layers laid over them. Everything that is wrong in any of them is reported at once.
    pub fn load(layers: &Layers) -> Result<Config, Errors> {
        let mut errors = Vec::new();
        let mut merged = Merged::default();
        merged.lay(layers::text(DEFAULT_NAME, DEFAULT, &mut errors), &mut errors);
        for given in layers.given(&mut errors) {
            merged.lay(given, &mut errors);
        }
        Errors(errors).into_result()?;
        Ok(Config::of(merged)?)
    }

    /// Takes the thresholds a taxonomy brings (`[calibration]` of the file `file`): they replace defaults, and give
    /// way to what a file, the environment or a flag says.
    pub fn calibrate(&mut self, calibration: &toml::Table, file: &str) -> Result<(), Errors> {
        let at = Position::whole(file);
        let mut given = layers::table("decision", calibration, &at);
        given.retain(|one| self.merged.origin(&one.path).is_none_or(|origin| *origin.file == *DEFAULT_NAME));
        let (mut errors, mut merged) = (Vec::new(), self.merged.clone());
        merged.lay(given, &mut errors);
        Errors(errors).into_result()?;
        // Only these: what a command's own flags laid over other sections stays.
        let calibrated = Config::of(merged)?;
        (self.decision, self.merged) = (calibrated.decision, calibrated.merged);
        Ok(())
    }

    fn of(merged: Merged) -> Result<Config, Error> {
        // The keys have been checked one by one: what fails here would be a key whose rule and type differ.
        let config = merged.table().try_into::<Config>().map_err(|error| {
            Error::new("the settings do not fit together")
                .detail(error.message().to_owned())
                .hint("print them with `rolestream check-config`")
        })?;
        Ok(Config { merged, ..config })
    }

    /// The thresholds and lengths the rules of decision use.
    pub fn settings(&self) -> Settings {
        self.decision.settings(self.output.top)
    }

    /// Where the value of `section.key` came from.
    pub fn origin(&self, key: &str) -> Option<&Position> {
        self.merged.origin(key)
    }

    /// The configuration as TOML, each value with where it came from.
    pub fn effective_toml(&self) -> String {
        self.merged.to_toml()
    }
}

#[cfg(test)]
mod tests;
