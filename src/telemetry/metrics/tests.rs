//! Are names, values and the reference as they are said to be?

use super::table::ROWS;
use super::*;
use crate::engine::Cause;
use crate::sources::Stream;
use rolestream_dataflows::records::Rejection;
use rolestream_dataflows::views::Case;
use std::time::Duration;

fn stream() -> Stream {
    Stream { source: "kafka".into(), name: "jd.raw".into(), partition: 3 }
}

#[track_caller]
fn says(metrics: &Metrics, line: &str) {
    let text = metrics.text();
    assert!(text.lines().any(|found| found == line), "{line:?} is not in\n{text}");
}

#[test]
fn events_count_under_their_labels() {
    let metrics = Metrics::new();
    metrics.record_read(&stream());
    metrics.clone().record_read(&stream());
    metrics.dead_lettered("not_json", "kafka");
    metrics.jd_admitted(Admitted::Rejected(Rejection::TooLarge));
    metrics.jd_admitted(Admitted::Accepted);
    metrics.role_changed(&Cause::Taxonomy(17));
    metrics.role_changed(&Cause::Taxonomy(18));
    metrics.edited("role", Edited::Deleted);
    metrics.epoch_closed(41, Duration::from_millis(30));
    metrics.sink_wrote("kafka", 12);
    says(&metrics, "rolestream_records_read_total{partition=\"3\",source=\"kafka\",topic=\"jd.raw\"} 2");
    says(&metrics, "rolestream_dead_letters_total{reason=\"not_json\",source=\"kafka\"} 1");
    says(&metrics, "rolestream_jds_admitted_total{outcome=\"rejected\",reason=\"too_large\"} 1");
    says(&metrics, "rolestream_jds_admitted_total{outcome=\"accepted\",reason=\"\"} 1");
    says(&metrics, "rolestream_role_changes_total{cause=\"taxonomy\"} 2");
    says(&metrics, "rolestream_edits_total{change=\"deleted\",kind=\"role\"} 1");
    says(&metrics, "rolestream_closed_epoch 41");
    says(&metrics, "rolestream_epoch_latency_seconds_bucket{le=\"0.025\"} 0");
    says(&metrics, "rolestream_epoch_latency_seconds_bucket{le=\"0.05\"} 1");
    says(&metrics, "rolestream_sink_upserts_total{sink=\"kafka\"} 12");
}

#[test]
fn what_can_happen_is_zero_before_it_does() {
    let metrics = Metrics::new();
    says(&metrics, "rolestream_jds_admitted_total{outcome=\"rejected\",reason=\"no_role\"} 0");
    says(&metrics, "rolestream_decided_jds{case=\"NEW\"} 0");
    says(&metrics, "rolestream_queue_rows{queue=\"novel_sentences\"} 0");
    says(&metrics, "rolestream_role_changes_total{cause=\"reparse\"} 0");
    says(&metrics, "rolestream_store_commit_seconds_count 0");
    says(&metrics, "rolestream_service_ready 0");
}

#[test]
fn two_services_count_apart() {
    let (one, other) = (Metrics::new(), Metrics::new());
    one.set_held(5);
    says(&one, "rolestream_held_jds 5");
    says(&other, "rolestream_held_jds 0");
}

#[test]
fn a_role_without_a_centroid_has_no_line() {
    let metrics = Metrics::new();
    metrics.set_centroids([("data-engineer", 4), ("ux-designer", 2)]);
    metrics.set_centroids([("data-engineer", 5)]);
    says(&metrics, "rolestream_centroid_members{role=\"data-engineer\"} 5");
    assert!(!metrics.text().contains("ux-designer"));
}

#[test]
fn cases_are_named_as_answers_name_them() {
    let metrics = Metrics::new();
    metrics.set_case(Case::New, 9);
    let printed = serde_json::to_value(Case::New).unwrap();
    says(&metrics, &format!("rolestream_decided_jds{{case={printed}}} 9"));
}

#[test]
fn the_process_is_looked_at() {
    let metrics = Metrics::new();
    let text = metrics.text();
    let value = |name: &str| -> f64 {
        let line = text.lines().find_map(|line| line.strip_prefix(name)).unwrap();
        line.trim().parse().unwrap()
    };
    assert!(value("rolestream_process_start_time_seconds ") > 1.7e9, "{text}");
    if cfg!(target_os = "linux") {
        assert!(value("rolestream_process_resident_memory_bytes ") > 1e6, "{text}");
    }
}

#[test]
fn names_keep_to_one_form() {
    for row in ROWS {
        assert!(row.name.starts_with("rolestream_"), "{}", row.name);
        assert!(row.name.chars().all(|c| c.is_ascii_lowercase() || c == '_'), "{}", row.name);
        assert_eq!(row.kind == "counter", row.name.ends_with("_total"), "{}", row.name);
        assert!(row.kind != "histogram" || row.name.ends_with("_seconds"), "{}", row.name);
        assert!(row.help.ends_with('.') && !row.help.contains('|'), "{}", row.help);
    }
}

#[test]
fn the_reference_is_what_the_program_says() {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/metrics.md");
    if std::env::var_os("ROLESTREAM_BLESS").is_some() {
        std::fs::write(&path, reference()).unwrap();
    }
    let written = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        written == reference(),
        "docs/metrics.md is behind; ROLESTREAM_BLESS=1 cargo test --lib telemetry writes it"
    );
}
