//! What is counted as it happens? A method an event, so that nobody needs to know the order of labels.

use super::Metrics;
use crate::engine::Cause;
use crate::sources::Stream;
use rolestream_dataflows::records::Rejection;
use std::time::Duration;

/// What became of a JD that came in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Admitted {
    /// It is new, or says something new.
    Accepted,
    /// It is no JD.
    Rejected(Rejection),
    /// Its source took it back.
    Withdrawn,
    /// It says what it said before.
    Unchanged,
}

impl Admitted {
    const ALL: [Admitted; 8] = [
        Admitted::Accepted,
        Admitted::Rejected(Rejection::NotAJd),
        Admitted::Rejected(Rejection::NoText),
        Admitted::Rejected(Rejection::NoRole),
        Admitted::Rejected(Rejection::ArchetypeNotAccepted),
        Admitted::Rejected(Rejection::TooLarge),
        Admitted::Withdrawn,
        Admitted::Unchanged,
    ];

    /// Outcome and reason.
    fn labels(self) -> [&'static str; 2] {
        match self {
            Admitted::Accepted => ["accepted", ""],
            Admitted::Rejected(reason) => ["rejected", reason.name()],
            Admitted::Withdrawn => ["withdrawn", ""],
            Admitted::Unchanged => ["unchanged", ""],
        }
    }
}

/// What an edit did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Edited {
    /// A record was put.
    Put,
    /// A record was deleted.
    Deleted,
}

impl Metrics {
    pub(super) fn begin_events(&self) {
        let families = self.families();
        for outcome in Admitted::ALL {
            families.admitted.with_label_values(&outcome.labels());
        }
        for cause in ["correction", "reparse", "taxonomy", "settings", "adjudication", "upgrade"] {
            families.role_changes.with_label_values(&[cause]);
        }
        let none: &[&str] = &[];
        families.epoch_latency.with_label_values(none);
        families.commit_latency.with_label_values(none);
        families.epochs_closed.with_label_values(none);
    }

    /// A message was read.
    pub fn record_read(&self, stream: &Stream) {
        let partition = stream.partition.to_string();
        self.families().records_read.with_label_values(&[&*stream.source, &*stream.name, &partition]).inc();
    }

    /// A message could not be decoded. The reason is a word of a fixed list; the source is a stream's.
    pub fn dead_lettered(&self, reason: &'static str, source: &str) {
        self.families().dead_letters.with_label_values(&[reason, source]).inc();
    }

    /// A JD came in, and this became of it.
    pub fn jd_admitted(&self, outcome: Admitted) {
        self.families().admitted.with_label_values(&outcome.labels()).inc();
    }

    /// A decision is different from what was said before.
    pub fn role_changed(&self, cause: &Cause) {
        self.families().role_changes.with_label_values(&[cause.name()]).inc();
    }

    /// A record of a collection (`Key::kind`) was edited.
    pub fn edited(&self, kind: &'static str, edit: Edited) {
        let change = match edit {
            Edited::Put => "put",
            Edited::Deleted => "deleted",
        };
        self.families().edits.with_label_values(&[kind, change]).inc();
    }

    /// An epoch has closed. How long it took from its submission until its facts were on disk.
    pub fn epoch_closed(&self, epoch: u64, took: Duration) {
        let none: &[&str] = &[];
        self.families().epoch_latency.with_label_values(none).observe(took.as_secs_f64());
        self.families().epochs_closed.with_label_values(none).inc();
        self.families().closed_epoch.with_label_values(none).set(epoch as f64);
    }

    /// The store has committed.
    pub fn store_committed(&self, took: Duration) {
        let none: &[&str] = &[];
        self.families().commit_latency.with_label_values(none).observe(took.as_secs_f64());
    }

    /// A sink has written so many changes, and they are kept where they went.
    pub fn sink_wrote(&self, sink: &str, upserts: u64) {
        self.families().sink_upserts.with_label_values(&[sink]).inc_by(upserts);
    }

    /// A sink could not write.
    pub fn sink_failed(&self, sink: &str) {
        self.families().sink_errors.with_label_values(&[sink]).inc();
    }
}
