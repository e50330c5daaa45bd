//! Would Prometheus take it? Metrics, scrape configuration and alerts, checked by its own tool.

use crate::Service;
use rolestream::engine::Cause;
use rolestream::sources::Stream;
use rolestream::telemetry::metrics::{Admitted, Edited, Metrics, Reparse};
use rolestream_dataflows::records::Rejection;
use rolestream_dataflows::views::Case;
use std::collections::BTreeSet;
use std::io::Write;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::Duration;

/// Runs promtool; whether it is there. In CI it has to be.
fn promtool(arguments: &[&str], input: &str) -> bool {
    let started = Command::new("promtool")
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn();
    let mut child = match started {
        Ok(child) => child,
        Err(error) => {
            let how = "on Debian and Ubuntu: apt-get install prometheus";
            assert!(std::env::var_os("CI").is_none(), "promtool cannot be run: {error}; {how}");
            println!("skipped: promtool {}: there is no promtool; {how}", arguments[..2].join(" "));
            return false;
        }
    };
    child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    let said = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "promtool {arguments:?}:\n{said}\n{input}");
    true
}

fn in_config(name: &str) -> String {
    let path: PathBuf = [env!("CARGO_MANIFEST_DIR"), "config", name].iter().collect();
    path.to_str().unwrap().to_owned()
}

/// Calls every method there is.
fn touch_all(metrics: &Metrics) {
    let stream = Stream { source: "kafka".into(), name: "jd.raw \"quoted\"\\".into(), partition: 0 };
    let second = Duration::from_secs(1);
    metrics.record_read(&stream);
    metrics.set_lag(&stream, 4);
    metrics.set_intake(1, 4_096);
    metrics.dead_lettered("not_json", "file");
    metrics.jd_admitted(Admitted::Rejected(Rejection::NoText));
    metrics.set_held(1);
    metrics.set_case(Case::B, 1);
    metrics.role_changed(&Cause::Reparse(2));
    metrics.edited("skill", Edited::Put);
    metrics.set_taxonomy_version(2);
    metrics.set_reparse(Reparse { pending: 1, done: 2 });
    metrics.epoch_closed(7, second);
    metrics.store_committed(second);
    metrics.set_freshness("decisions", second);
    metrics.set_centroids([("data-engineer", 1)]);
    metrics.set_queue("collisions", 1);
    metrics.sink_wrote("kafka", 1);
    metrics.sink_failed("kafka");
    metrics.set_sink_lag("kafka", Duration::from_secs(1));
    metrics.set_store_bytes("texts", 1);
    metrics.set_store_disk(1);
    metrics.http_answered("/runs", "GET", 200, second);
    metrics.set_ready(true);
}

/// Names of the families that a text of metrics declares.
fn declared(text: &str) -> BTreeSet<String> {
    let names = text.lines().filter_map(|line| line.strip_prefix("# TYPE ")?.split(' ').next());
    names.map(str::to_owned).collect()
}

#[test]
fn promtool_takes_the_metrics_and_every_one_of_them_can_be_touched() {
    let service = Service::start();
    touch_all(&service.metrics);
    let (_, _, text) = service.get("/metrics");
    let reference = rolestream::telemetry::metrics::reference();
    let known: BTreeSet<String> =
        reference.lines().filter_map(|line| line.strip_prefix("| `")?.split('`').next()).map(str::to_owned).collect();
    assert_eq!(declared(&text), known);
    promtool(&["check", "metrics"], &text);
}

#[test]
fn promtool_takes_the_configuration_and_the_alerts() {
    if promtool(&["check", "config", &in_config("prometheus.yml")], "") {
        promtool(&["check", "rules", &in_config("alerts.yml")], "");
    }
}

#[test]
fn alerts_fire_when_they_should_and_are_silent_otherwise() {
    let cases = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/operator/alerts.yml");
    promtool(&["test", "rules", cases], "");
}

#[test]
fn alerts_and_metrics_have_the_same_names() {
    let metrics = Metrics::new();
    touch_all(&metrics);
    let known = declared(&metrics.text());
    let alerts = std::fs::read_to_string(in_config("alerts.yml")).unwrap();
    let asked: BTreeSet<&str> = alerts
        .split(|c: char| !c.is_ascii_alphanumeric() && c != '_')
        .filter(|word| word.starts_with("rolestream_"))
        .collect();
    assert!(asked.len() >= 6, "{asked:?}");
    for name in asked {
        let family = name.trim_end_matches("_bucket").trim_end_matches("_count").trim_end_matches("_sum");
        assert!(known.contains(family), "{name} is asked for in config/alerts.yml, and there is no such metric");
    }
}
