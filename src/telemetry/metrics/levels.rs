//! What is said of a state, from time to time? Gauges that whoever knows sets; what is costly to know is set seldom.

use super::Metrics;
use crate::report::reasoning;
use crate::sources::Stream;
use rolestream_dataflows::views::Case;
use std::collections::HashSet;
use std::sync::PoisonError;
use std::time::Duration;

/// How far re-parsing is after an edit of a skill's names.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Reparse {
    /// JDs still to be parsed again.
    pub pending: u64,
    /// JDs parsed again since the edit.
    pub done: u64,
}

const CASES: [Case; 8] = [Case::A, Case::B, Case::C, Case::D, Case::E, Case::F, Case::New, Case::R];
const COLLECTIONS: [&str; 4] = ["jds", "roles", "kras", "skills"];
const QUEUES: [&str; 6] = ["collisions", "undecided", "new_roles", "new_skills", "new_kras", "novel_sentences"];

impl Metrics {
    pub(super) fn begin_levels(&self) {
        let families = self.families();
        for case in CASES {
            self.set_case(case, 0);
        }
        for queue in QUEUES {
            self.set_queue(queue, 0);
        }
        for collection in COLLECTIONS {
            self.set_search_recall(collection, 1.0);
        }
        self.set_reparse(Reparse::default());
        let none: &[&str] = &[];
        for gauge in [
            &families.intake_queue,
            &families.intake_room,
            &families.held,
            &families.taxonomy_version,
            &families.closed_epoch,
            &families.store_disk,
            &families.service_ready,
        ] {
            gauge.with_label_values(none);
        }
        families.build_info.with_label_values(&[env!("CARGO_PKG_VERSION")]).set(1.0);
    }

    /// Messages of a partition that are not in the store yet.
    pub fn set_lag(&self, stream: &Stream, records: u64) {
        let partition = stream.partition.to_string();
        self.families().source_lag.with_label_values(&[&*stream.name, &partition]).set(records as f64);
    }

    /// Messages that wait to be parsed, and how many may.
    pub fn set_intake(&self, waiting: u64, room: u64) {
        let none: &[&str] = &[];
        self.families().intake_queue.with_label_values(none).set(waiting as f64);
        self.families().intake_room.with_label_values(none).set(room as f64);
    }

    /// JDs held.
    pub fn set_held(&self, jds: u64) {
        self.set(&self.families().held, jds as f64);
    }

    /// JDs held whose decision has this case.
    pub fn set_case(&self, case: Case, jds: u64) {
        self.families().cases.with_label_values(&[reasoning::case(case)]).set(jds as f64);
    }

    /// The taxonomy's version in force.
    pub fn set_taxonomy_version(&self, version: u64) {
        self.set(&self.families().taxonomy_version, version as f64);
    }

    /// How far re-parsing is.
    pub fn set_reparse(&self, progress: Reparse) {
        self.families().reparse.with_label_values(&["pending"]).set(progress.pending as f64);
        self.families().reparse.with_label_values(&["done"]).set(progress.done as f64);
    }

    /// How far a view is behind the clock.
    pub fn set_freshness(&self, view: &'static str, behind: Duration) {
        self.families().freshness.with_label_values(&[view]).set(behind.as_secs_f64());
    }

    /// Members of all centroids, by role. A role that is not named has none any more, and its line goes.
    pub fn set_centroids<'a>(&self, members: impl IntoIterator<Item = (&'a str, u64)>) {
        let mut known = self.0.centroids.lock().unwrap_or_else(PoisonError::into_inner);
        let mut named = HashSet::new();
        for (role, count) in members {
            self.families().centroid_members.with_label_values(&[role]).set(count as f64);
            named.insert(role.to_owned());
        }
        for gone in known.difference(&named) {
            // An error says that there is no such line, which is what is wanted.
            let _ = self.families().centroid_members.remove_label_values(&[gone]);
        }
        *known = named;
    }

    /// Rows that wait in a queue: `collisions`, `undecided`, `new_roles`, `new_skills`, `new_kras`, `novel_sentences`.
    pub fn set_queue(&self, queue: &'static str, rows: u64) {
        self.families().queue_rows.with_label_values(&[queue]).set(rows as f64);
    }

    /// Of the ten nearest vectors the share that a search of a collection (`jds`, `roles`, `kras`, `skills`) finds.
    pub fn set_search_recall(&self, collection: &'static str, recall: f64) {
        self.families().search_recall.with_label_values(&[collection]).set(recall);
    }

    /// How far what a sink has written is behind what is said. Its counters are there from now on.
    pub fn set_sink_lag(&self, sink: &str, behind: Duration) {
        self.families().sink_lag.with_label_values(&[sink]).set(behind.as_secs_f64());
        self.families().sink_upserts.with_label_values(&[sink]);
        self.families().sink_errors.with_label_values(&[sink]);
    }

    /// Bytes of a collection in the store.
    pub fn set_store_bytes(&self, collection: &'static str, bytes: u64) {
        self.families().store_bytes.with_label_values(&[collection]).set(bytes as f64);
    }

    /// Bytes of the whole store on disk.
    pub fn set_store_disk(&self, bytes: u64) {
        self.set(&self.families().store_disk, bytes as f64);
    }

    /// Whether the service answers rightly.
    pub fn set_ready(&self, ready: bool) {
        self.set(&self.families().service_ready, if ready { 1.0 } else { 0.0 });
    }

    /// Sets what has no labels.
    pub(super) fn set(&self, gauge: &prometheus::GaugeVec, value: f64) {
        let none: &[&str] = &[];
        gauge.with_label_values(none).set(value);
    }
}
