//! Which keys are there, and which values does each take?

use crate::error::listed;
use toml::Value;

/// The sections whose keys are not ours: their owners check them.
pub(super) const FREE: &[&str] = &["parser", "librdkafka"];

/// What a key takes.
pub(super) enum Kind {
    /// A whole number.
    Number(i64, i64),
    /// A whole number or `"auto"`.
    NumberOrAuto(i64, i64),
    /// A decimal from 0 to 1.
    Share,
    Text,
    /// One of these words.
    Choice(&'static [&'static str]),
    Texts,
}

use Kind::{Choice, Number, NumberOrAuto, Share, Text, Texts};

/// Every key; `config/default.toml` gives their meaning and default.
pub(super) const KEYS: &[(&str, Kind)] = &[
    ("engine.workers", NumberOrAuto(1, 512)),
    ("engine.epoch_millis", Number(1, 60_000)),
    ("engine.max_epochs_ahead", Number(1, 100_000)),
    ("admission.threads", NumberOrAuto(1, 512)),
    ("admission.max_text_bytes", Number(1_000, 100_000_000)),
    ("admission.max_sentences", Number(1, 1_000)),
    ("admission.accepted_archetypes", Texts),
    ("decision.calibration", Text),
    ("decision.kra_min", Share),
    ("decision.kra_margin", Share),
    ("decision.kra_margin_wide", Share),
    ("decision.kra_tie", Share),
    ("decision.skill_tie", Share),
    ("decision.skill_witness", Share),
    ("decision.skill_min", Share),
    ("decision.title_gap", Share),
    ("decision.title_similarity", Share),
    ("decision.adjudication_min", Share),
    ("decision.new_kra", Share),
    ("enrichment.path", Text),
    ("taxonomy.path", Text),
    ("store.path", Text),
    ("store.retain_days", Number(0, 100_000)),
    ("store.retain_count", Number(0, 1_000_000_000_000)),
    ("store.reparse_per_second", Number(1, 1_000_000)),
    ("sources.read", Texts),
    ("sources.queue", Number(1, 1_000_000)),
    ("kafka.brokers", Text),
    ("kafka.group", Text),
    ("kafka.raw", Texts),
    ("kafka.parsed", Texts),
    ("kafka.taxonomy", Texts),
    ("kafka.start_from", Text),
    ("kafka.on_expired", Choice(&["fail", "earliest", "latest"])),
    ("kafka.discover_millis", Number(10, 86_400_000)),
    ("sinks.write", Texts),
    ("sinks.prefix", Text),
    ("sinks.interval_millis", Number(1, 60_000)),
    ("dead_letters.to", Text),
    ("service.address", Text),
    ("service.shutdown_seconds", Number(1, 3_600)),
    ("http.address", Text),
    ("http.threads", Number(1, 512)),
    ("http.hosts", Texts),
    ("http.anonymous", Choice(&["none", "read", "all"])),
    ("http.tls_certificate", Text),
    ("http.tls_key", Text),
    ("http.max_body_bytes", Number(1_000, 10_000_000_000)),
    ("http.requests_per_second", Number(0, 1_000_000)),
    ("http.burst", Number(1, 1_000_000)),
    ("http.concurrent_requests", Number(1, 1_000_000)),
    ("http.subscribers", Number(0, 1_000_000)),
    ("http.heartbeat_seconds", Number(1, 3_600)),
    ("http.kept_changes_bytes", Number(0, 1_000_000_000_000)),
    ("output.colour", Choice(&["auto", "always", "never"])),
    ("output.top", Number(1, 100)),
    ("log.level", Choice(&["error", "warn", "info", "debug", "trace"])),
    ("log.format", Choice(&["text", "json"])),
];

/// The names of the sections, in the order of the file.
pub(super) const SECTIONS: &[&str] = &[
    "engine",
    "admission",
    "decision",
    "parser",
    "enrichment",
    "taxonomy",
    "store",
    "sources",
    "kafka",
    "librdkafka",
    "sinks",
    "dead_letters",
    "service",
    "http",
    "output",
    "log",
];

pub(super) fn kind(path: &str) -> Option<&'static Kind> {
    KEYS.iter().find(|(key, _)| *key == path).map(|(_, kind)| kind)
}

impl Kind {
    /// What is expected, in words.
    pub(super) fn expected(&self) -> String {
        match self {
            Number(min, max) => format!("a whole number from {min} to {max}"),
            NumberOrAuto(min, max) => format!("a whole number from {min} to {max}, or \"auto\""),
            Share => "a decimal from 0 to 1".to_owned(),
            Text => "a text".to_owned(),
            Choice(words) => format!("one of {}", listed(words.iter().map(|word| format!("\"{word}\"")))),
            Texts => "a list of texts".to_owned(),
        }
    }

    /// The value as this key takes it, or nothing when it does not.
    pub(super) fn accept(&self, value: Value) -> Option<Value> {
        let fits = match (self, &value) {
            (Number(min, max) | NumberOrAuto(min, max), Value::Integer(n)) => (min..=max).contains(&n),
            (NumberOrAuto(..), Value::String(word)) => word == "auto",
            (Share, Value::Integer(n)) if (0..=1).contains(n) => return Some(Value::Float(*n as f64)),
            (Share, Value::Float(share)) => (0.0..=1.0).contains(share),
            (Text, Value::String(_)) => true,
            (Choice(words), Value::String(word)) => words.contains(&word.as_str()),
            (Texts, Value::Array(items)) => items.iter().all(Value::is_str),
            _ => false,
        };
        fits.then_some(value)
    }

    /// What a text outside TOML means here: texts and words need no quotes, a list may be `a, b`.
    pub(super) fn read(&self, text: &str) -> Value {
        let quoted = text.starts_with(['"', '\'', '[']);
        match self {
            Text | Choice(_) if !quoted => Value::String(text.to_owned()),
            Texts if !quoted => {
                let items = text.split(',').map(str::trim).filter(|item| !item.is_empty());
                Value::Array(items.map(|item| Value::String(item.to_owned())).collect())
            }
            _ => value(text),
        }
    }
}

/// A text as a TOML value, or as itself where it is none.
pub(super) fn value(text: &str) -> Value {
    let read = toml::from_str::<toml::Table>(&format!("value = {text}")).ok();
    match read {
        Some(mut table) if table.len() == 1 => table.remove("value"),
        _ => None,
    }
    .unwrap_or_else(|| Value::String(text.to_owned()))
}
