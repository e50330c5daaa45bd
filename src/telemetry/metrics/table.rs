//! Which metrics are there, and what do they mean? This table is the only place that declares them.

use prometheus::{GaugeVec, HistogramOpts, HistogramVec, IntCounterVec, Opts, Registry};

/// A metric as it is declared.
pub(super) struct Row {
    pub(super) name: &'static str,
    pub(super) kind: &'static str,
    pub(super) labels: &'static [&'static str],
    pub(super) help: &'static str,
}

/// From a tenth of a millisecond to ten seconds.
const LATENCIES: [f64; 16] =
    [0.000_1, 0.000_25, 0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0];

/// A kind of metric.
pub(super) trait Kind {
    const NAME: &'static str;
    type Family: prometheus::core::Collector + Clone + 'static;

    fn make(name: &str, help: &str, labels: &[&str]) -> prometheus::Result<Self::Family>;
}

/// Only ever rises.
pub(super) struct Counter;
/// Rises and falls.
pub(super) struct Gauge;
/// How often something took how long, in seconds.
pub(super) struct Latency;

impl Kind for Counter {
    const NAME: &'static str = "counter";
    type Family = IntCounterVec;

    fn make(name: &str, help: &str, labels: &[&str]) -> prometheus::Result<IntCounterVec> {
        IntCounterVec::new(Opts::new(name, help), labels)
    }
}

impl Kind for Gauge {
    const NAME: &'static str = "gauge";
    type Family = GaugeVec;

    fn make(name: &str, help: &str, labels: &[&str]) -> prometheus::Result<GaugeVec> {
        GaugeVec::new(Opts::new(name, help), labels)
    }
}

impl Kind for Latency {
    const NAME: &'static str = "histogram";
    type Family = HistogramVec;

    fn make(name: &str, help: &str, labels: &[&str]) -> prometheus::Result<HistogramVec> {
        HistogramVec::new(HistogramOpts::new(name, help).buckets(LATENCIES.to_vec()), labels)
    }
}

macro_rules! metrics {
    ($($field:ident: $kind:ident $name:literal [$($label:literal),*] $help:literal)*) => {
        /// A family for each row of the table.
        pub(super) struct Families {
            $(pub(super) $field: <$kind as Kind>::Family,)*
        }

        /// The table.
        pub(super) const ROWS: &[Row] = &[
            $(Row { name: $name, kind: <$kind as Kind>::NAME, labels: &[$($label),*], help: $help },)*
        ];

        impl Families {
            /// Makes all of them known there.
            pub(super) fn register(registry: &Registry) -> Families {
                let made = || -> prometheus::Result<Families> {
                    $(
                        let $field = <$kind as Kind>::make($name, $help, &[$($label),*])?;
                        registry.register(Box::new($field.clone()))?;
                    )*
                    Ok(Families { $($field,)* })
                };
                // Nothing in it comes from outside: it fails always, which every test would show, or never.
                made().unwrap_or_else(|error| unreachable!("the table of metrics: {error}"))
            }
        }
    };
}

metrics! {
    // Sources
    records_read: Counter "rolestream_records_read_total" ["source", "topic", "partition"]
        "Messages read, by where they came from; of files the topic is the path."
    source_lag: Gauge "rolestream_source_lag_records" ["topic", "partition"]
        "Messages of a partition that are not in the store yet."
    intake_queue: Gauge "rolestream_intake_queue_records" []
        "Messages that wait to be parsed."
    intake_room: Gauge "rolestream_intake_queue_limit_records" []
        "Messages that may wait to be parsed; sources are paused beyond."
    dead_letters: Counter "rolestream_dead_letters_total" ["reason", "source"]
        "Messages that could not be decoded."

    // JDs and edits
    admitted: Counter "rolestream_jds_admitted_total" ["outcome", "reason"]
        "JDs taken in: accepted, rejected (for a reason), withdrawn, or unchanged since they last came."
    held: Gauge "rolestream_held_jds" []
        "JDs held at present."
    cases: Gauge "rolestream_decided_jds" ["case"]
        "JDs held at present, by the case of their decision."
    role_changes: Counter "rolestream_role_changes_total" ["cause"]
        "Decisions that were said before and are different now, by what caused it."
    edits: Counter "rolestream_edits_total" ["kind", "change"]
        "Edits of the taxonomy and of other records, by collection."
    taxonomy_version: Gauge "rolestream_taxonomy_version" []
        "Number of the taxonomy's version in force."
    reparse: Gauge "rolestream_reparse_jds" ["state"]
        "JDs to be parsed again since the last edit of a skill's names: pending and done."

    // Epochs
    epoch_latency: Latency "rolestream_epoch_latency_seconds" []
        "From an epoch's submission until all its facts are on disk."
    commit_latency: Latency "rolestream_store_commit_seconds" []
        "How long it took to write a delivery to the store; it is synced with the facts that follow from it."
    epochs_closed: Counter "rolestream_epochs_closed_total" []
        "Epochs closed since the start."
    closed_epoch: Gauge "rolestream_closed_epoch" []
        "Number of the last closed epoch."

    // Views
    freshness: Gauge "rolestream_view_freshness_seconds" ["view"]
        "How far a view is behind the clock."
    centroid_members: Gauge "rolestream_centroid_members" ["role"]
        "JDs in a role's centroid."
    queue_rows: Gauge "rolestream_queue_rows" ["queue"]
        "Rows that wait for a person: open collisions, undecided JDs, new roles, skills, KRAs and sentences."

    search_recall: Gauge "rolestream_search_recall" ["collection"]
        "Of the ten nearest vectors of a search, the share that it finds, measured on a sample; 1 where it looks at all."

    // Sinks
    sink_upserts: Counter "rolestream_sink_upserts_total" ["sink"]
        "Changes of views that were written and kept."
    sink_lag: Gauge "rolestream_sink_lag_seconds" ["sink"]
        "How far what a sink has written is behind what is said."
    sink_errors: Counter "rolestream_sink_errors_total" ["sink"]
        "Writes that a sink had to try again or give up."

    // Store
    store_bytes: Gauge "rolestream_store_bytes" ["collection"]
        "Bytes that a collection takes in the store."
    store_disk: Gauge "rolestream_store_disk_bytes" []
        "Bytes that the store takes on disk, journals included."

    // HTTP
    http_requests: Counter "rolestream_http_requests_total" ["route", "method", "status"]
        "Requests answered, by the route's template."
    http_latency: Latency "rolestream_http_request_seconds" ["route", "method"]
        "From a request's head until that of its answer."
    http_refused: Counter "rolestream_http_refused_total" ["reason"]
        "Requests refused before their route saw them: token, scope, host, origin, rate, busy, size or subscribers."
    http_subscribers: Gauge "rolestream_http_subscribers" []
        "Subscriptions open at present."
    http_dropped: Counter "rolestream_http_subscribers_dropped_total" []
        "Subscriptions that ended because their clients read more slowly than things changed."

    // Process
    service_ready: Gauge "rolestream_service_ready" []
        "1 when the service answers rightly, 0 while it starts or when it has failed."
    build_info: Gauge "rolestream_build_info" ["version"]
        "1, with the version of the program."
    start_time: Gauge "rolestream_process_start_time_seconds" []
        "When the process started, in seconds since 1970."
    uptime: Gauge "rolestream_process_uptime_seconds" []
        "How long the process has been running."
    resident_memory: Gauge "rolestream_process_resident_memory_bytes" []
        "Memory that the process occupies; 0 where the system does not tell."
}
