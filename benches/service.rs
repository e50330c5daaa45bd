//! How much does a service take in, how long does it take to come up, and what does it need? With a real broker.
//!
//! ```sh
//! cargo bench --bench service                            # 100,000 JDs
//! ROLESTREAM_JDS=10000 cargo bench --bench service
//! ```
//!
//! JDs are the samples, with ids of their own, produced by `rolestream produce` before the clock starts: what is timed is
//! Kafka → decoded, parsed, embedded, kept, decided, all views maintained, facts safe. Then it is started again.

#[path = "../tests/kafka/mod.rs"]
mod kafka;

use kafka::Broker;
use serde_json::Value;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

const PROGRAM: &str = env!("CARGO_BIN_EXE_rolestream");

/// What a run of the service needed.
struct Needed {
    elapsed: Duration,
    /// Greatest resident memory, in megabytes.
    peak: f64,
    /// What it printed.
    lines: Vec<String>,
}

/// Runs the program to its end, and looks at its memory meanwhile.
fn run(arguments: &[&str]) -> Needed {
    let begun = Instant::now();
    let mut child = Command::new(PROGRAM)
        .args(arguments)
        .env("ROLESTREAM__LOG__LEVEL", "warn")
        .stdout(Stdio::piped())
        .spawn()
        .expect("the program starts");
    let status = format!("/proc/{}/status", child.id());
    let out = child.stdout.take().expect("it is piped");
    let reader = std::thread::spawn(move || BufReader::new(out).lines().map_while(Result::ok).collect::<Vec<_>>());
    let mut peak = 0.0f64;
    while child.try_wait().expect("it can be waited for").is_none() {
        let text = std::fs::read_to_string(&status).unwrap_or_default();
        let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let kilobytes = line.and_then(|line| line.trim().trim_end_matches(" kB").parse::<f64>().ok());
        peak = peak.max(kilobytes.unwrap_or(0.0) / 1_000.0);
        std::thread::sleep(Duration::from_millis(20));
    }
    assert!(child.wait().expect("it ended").success(), "the program failed");
    Needed { elapsed: begun.elapsed(), peak, lines: reader.join().expect("it was read") }
}

fn main() {
    let count = std::env::var("ROLESTREAM_JDS").ok().and_then(|count| count.parse().ok()).unwrap_or(100_000u64);
    let Some(broker) = Broker::start() else { return };
    let folder = tempfile::tempdir().expect("a folder for the store");
    let store = folder.path().join("store");
    let store = store.to_str().expect("a plain path");
    broker.create("jd.raw", 3, &[]);
    let brokers = broker.address();
    let produced = run(&["produce", "--brokers", &brokers, "--count", &count.to_string()]);
    println!("produced {count} JDs in {:.1} s", produced.elapsed.as_secs_f64());

    let service = ["run", "--brokers", &brokers, "--store", store, "--address", "127.0.0.1:0", "--once"];
    let first = run(&service);
    let rate = count as f64 / first.elapsed.as_secs_f64();
    println!(
        "taken in: {:.1} s, {rate:.0} JDs a second, peak memory {:.0} MB",
        first.elapsed.as_secs_f64(),
        first.peak
    );

    let again = run(&service);
    let ready = again.lines.iter().find(|line| line.contains("ready after")).cloned().unwrap_or_default();
    println!("started again: {ready}; peak memory {:.0} MB", again.peak);

    let stats = run(&["store", "stats", "--store", store, "--json"]);
    let stats: Value = serde_json::from_str(&stats.lines.join("")).expect("it prints JSON");
    let (bytes, jds) = (stats["bytes"].as_u64().unwrap_or(0), stats["jds"].as_u64().unwrap_or(0).max(1));
    println!("store: {} bytes, {jds} JDs, {} bytes a JD", bytes, bytes / jds);
    run(&["store", "compact", "--store", store]);
    println!("compacted: {} bytes a JD", on_disk(Path::new(store)) / jds);

    let _ = std::fs::remove_dir_all(store);
    let sinks = [&service[..], &["--sink", "kafka"]].concat();
    let with = run(&sinks);
    let rate = count as f64 / with.elapsed.as_secs_f64();
    println!("with changelogs to Kafka: {:.1} s, {rate:.0} JDs a second", with.elapsed.as_secs_f64());
}

fn on_disk(folder: &Path) -> u64 {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    entries
        .map(|entry| match entry.metadata() {
            Ok(metadata) if metadata.is_dir() => on_disk(&entry.path()),
            Ok(metadata) => metadata.len(),
            Err(_) => 0,
        })
        .sum()
}
