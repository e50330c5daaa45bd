//! What does each section hold? `config/default.toml` documents the keys; the defaults here are the same.

use crate::engine::Options;
use rolestream_dataflows::fixed::Micro;
use rolestream_dataflows::records::Settings;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::path::PathBuf;

/// How many threads.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Threads {
    /// One a core.
    #[default]
    Auto,
    /// So many.
    Count(u32),
}

impl Threads {
    /// The number on this machine, at least 1.
    pub fn count(self) -> usize {
        match self {
            Threads::Auto => std::thread::available_parallelism().map_or(1, usize::from),
            Threads::Count(count) => count.max(1) as usize,
        }
    }
}

impl Serialize for Threads {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Threads::Auto => serializer.serialize_str("auto"),
            Threads::Count(count) => serializer.serialize_u32(*count),
        }
    }
}

impl<'de> Deserialize<'de> for Threads {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Threads, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Form {
            Count(u32),
            Word(String),
        }
        match Form::deserialize(deserializer)? {
            Form::Count(count) => Ok(Threads::Count(count)),
            Form::Word(word) if word == "auto" => Ok(Threads::Auto),
            Form::Word(_) => Err(serde::de::Error::custom("a number or \"auto\" is expected")),
        }
    }
}

/// `[engine]`
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs, reason = "config/default.toml documents the keys")]
pub struct Engine {
    pub workers: Threads,
    pub epoch_millis: u64,
    pub max_epochs_ahead: u64,
}

impl Default for Engine {
    fn default() -> Engine {
        Engine { workers: Threads::Auto, epoch_millis: 10, max_epochs_ahead: 64 }
    }
}

impl Engine {
    /// As the engine takes them, with epochs that are counted.
    pub fn options(&self) -> Options {
        let max_epochs_ahead = usize::try_from(self.max_epochs_ahead).unwrap_or(usize::MAX);
        Options { workers: self.workers.count(), max_epochs_ahead, ..Options::default() }
    }
}

/// `[admission]`
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs, reason = "config/default.toml documents the keys")]
pub struct Admission {
    pub threads: Threads,
    pub max_text_bytes: u64,
    pub max_sentences: u32,
    pub accepted_archetypes: Vec<String>,
}

impl Default for Admission {
    fn default() -> Admission {
        Admission { threads: Threads::Auto, max_text_bytes: 1_000_000, max_sentences: 25, accepted_archetypes: vec![] }
    }
}

/// `[decision]`: the thresholds of SPEC §4 and the calibration they belong to.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs, reason = "config/default.toml documents the keys")]
pub struct Decision {
    pub calibration: String,
    pub kra_min: f64,
    pub kra_margin: f64,
    pub kra_margin_wide: f64,
    pub kra_tie: f64,
    pub skill_tie: f64,
    pub skill_witness: f64,
    pub skill_min: f64,
    pub title_gap: f64,
    pub title_similarity: f64,
    pub adjudication_min: f64,
    pub new_kra: f64,
}

impl Default for Decision {
    fn default() -> Decision {
        let settings = Settings::default();
        Decision {
            calibration: "default".to_owned(),
            kra_min: settings.kra_min.to_f64(),
            kra_margin: settings.kra_margin.to_f64(),
            kra_margin_wide: settings.kra_margin_wide.to_f64(),
            kra_tie: settings.kra_tie.to_f64(),
            skill_tie: settings.skill_tie.to_f64(),
            skill_witness: settings.skill_witness.to_f64(),
            skill_min: settings.skill_min.to_f64(),
            title_gap: settings.title_gap.to_f64(),
            title_similarity: settings.title_similarity.to_f64(),
            adjudication_min: settings.adjudication_min.to_f64(),
            new_kra: settings.new_kra.to_f64(),
        }
    }
}

impl Decision {
    /// In micro-units, with the length of the printed rankings.
    pub(super) fn settings(&self, top: u32) -> Settings {
        // Shares between 0 and 1 always have a micro-unit.
        let micro = |share: f64| Micro::from_f64(share).unwrap_or_default();
        Settings {
            kra_min: micro(self.kra_min),
            kra_margin: micro(self.kra_margin),
            kra_margin_wide: micro(self.kra_margin_wide),
            kra_tie: micro(self.kra_tie),
            skill_tie: micro(self.skill_tie),
            skill_witness: micro(self.skill_witness),
            skill_min: micro(self.skill_min),
            title_gap: micro(self.title_gap),
            title_similarity: micro(self.title_similarity),
            adjudication_min: micro(self.adjudication_min),
            new_kra: micro(self.new_kra),
            top,
        }
    }
}

/// `[enrichment]`
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Enrichment {
    /// The file; empty means the one in the program.
    pub path: PathBuf,
}

/// `[taxonomy]`
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TaxonomySource {
    /// The folder; empty means the one in the program.
    pub path: PathBuf,
}

/// `[store]`
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs, reason = "config/default.toml documents the keys")]
pub struct Store {
    pub path: PathBuf,
    pub retain_days: u32,
    pub retain_count: u64,
    pub reparse_per_second: u32,
}

impl Default for Store {
    fn default() -> Store {
        Store { path: PathBuf::from("rolestream-store"), retain_days: 0, retain_count: 0, reparse_per_second: 2_000 }
    }
}

/// `[sources]`
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs, reason = "config/default.toml documents the keys")]
pub struct Sources {
    pub read: Vec<String>,
    pub queue: u32,
}

impl Default for Sources {
    fn default() -> Sources {
        Sources { read: Vec::new(), queue: 4_096 }
    }
}

/// What to do where the store's offset is no longer in the topic.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs, reason = "config/default.toml documents the words")]
pub enum OnExpired {
    #[default]
    Fail,
    Earliest,
    Latest,
}

/// `[kafka]`
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs, reason = "config/default.toml documents the keys")]
pub struct Kafka {
    pub brokers: String,
    pub group: String,
    pub raw: Vec<String>,
    pub parsed: Vec<String>,
    pub taxonomy: Vec<String>,
    pub start_from: String,
    pub on_expired: OnExpired,
    pub discover_millis: u64,
}

impl Default for Kafka {
    fn default() -> Kafka {
        Kafka {
            brokers: String::new(),
            group: "rolestream".to_owned(),
            raw: vec!["jd.raw".to_owned()],
            parsed: vec!["jd.parsed".to_owned()],
            taxonomy: vec!["taxonomy".to_owned()],
            start_from: "earliest".to_owned(),
            on_expired: OnExpired::Fail,
            discover_millis: 5_000,
        }
    }
}

/// `[sinks]`
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs, reason = "config/default.toml documents the keys")]
pub struct Sinks {
    pub write: Vec<String>,
    pub prefix: String,
    pub interval_millis: u64,
}

impl Default for Sinks {
    fn default() -> Sinks {
        Sinks { write: Vec::new(), prefix: "rolestream.".to_owned(), interval_millis: 100 }
    }
}

/// `[dead_letters]`
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs, reason = "config/default.toml documents the keys")]
pub struct DeadLetters {
    pub to: String,
}

impl Default for DeadLetters {
    fn default() -> DeadLetters {
        DeadLetters { to: "auto".to_owned() }
    }
}

/// `[service]`
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs, reason = "config/default.toml documents the keys")]
pub struct Service {
    pub address: String,
    pub shutdown_seconds: u64,
}

impl Default for Service {
    fn default() -> Service {
        Service { address: "127.0.0.1:9464".to_owned(), shutdown_seconds: 20 }
    }
}

/// What may be asked without a token, where the service listens on this machine only.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs, reason = "config/default.toml documents the words")]
pub enum Anonymous {
    None,
    #[default]
    Read,
    All,
}

/// `[http]`
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs, reason = "config/default.toml documents the keys")]
pub struct Http {
    pub address: String,
    pub threads: u32,
    pub hosts: Vec<String>,
    pub anonymous: Anonymous,
    pub tls_certificate: PathBuf,
    pub tls_key: PathBuf,
    pub max_body_bytes: u64,
    pub requests_per_second: u32,
    pub burst: u32,
    pub concurrent_requests: u32,
    pub subscribers: u32,
    pub heartbeat_seconds: u32,
    pub kept_changes_bytes: u64,
}

impl Default for Http {
    fn default() -> Http {
        Http {
            address: "127.0.0.1:8080".to_owned(),
            threads: 2,
            hosts: Vec::new(),
            anonymous: Anonymous::Read,
            tls_certificate: PathBuf::new(),
            tls_key: PathBuf::new(),
            max_body_bytes: 32 << 20,
            requests_per_second: 1_000,
            burst: 2_000,
            concurrent_requests: 256,
            subscribers: 64,
            heartbeat_seconds: 15,
            kept_changes_bytes: 64 << 20,
        }
    }
}

/// When the terminal gets colours.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs, reason = "config/default.toml documents the words")]
pub enum Colour {
    #[default]
    Auto,
    Always,
    Never,
}

/// `[output]`
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs, reason = "config/default.toml documents the keys")]
pub struct Output {
    pub colour: Colour,
    pub top: u32,
}

impl Default for Output {
    fn default() -> Output {
        Output { colour: Colour::Auto, top: Settings::default().top }
    }
}

/// The least severity that is logged.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs, reason = "config/default.toml documents the words")]
pub enum Level {
    Error,
    Warn,
    #[default]
    Info,
    Debug,
    Trace,
}

/// How a line of the log is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs, reason = "config/default.toml documents the words")]
pub enum LogFormat {
    #[default]
    Text,
    Json,
}

/// `[log]`
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs, reason = "config/default.toml documents the keys")]
pub struct Log {
    pub level: Level,
    pub format: LogFormat,
}
