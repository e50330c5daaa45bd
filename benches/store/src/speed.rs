//! How fast, how big? The stages of the workload, each in a process of its own.

use crate::store::{CANDIDATES, Table, bytes_on_disk, open};
use crate::workload::{BATCH, Batch, Random, TEXT, batch, jd, key};
use std::path::Path;
use std::process::Command;
use std::time::Instant;

const JDS: u64 = 100_000;
const READS: u64 = 20_000;

/// Runs all candidates and prints a table, one row a measurement.
pub fn table(folder: &Path) {
    let mut columns: Vec<(String, Vec<(String, String)>)> = Vec::new();
    for candidate in CANDIDATES {
        for sync in ["sync", "none"] {
            // Quick repair is about durable commits.
            if candidate == "redb-quick-repair" && sync == "none" {
                continue;
            }
            let here = folder.join(format!("{candidate}-{sync}"));
            let mut rows = Vec::new();
            for stage in ["load", "reopen", "replace"] {
                rows.extend(run(candidate, stage, sync, &here));
            }
            let _ = std::fs::remove_dir_all(&here);
            let title = if sync == "sync" { candidate.to_owned() } else { format!("{candidate}, no sync") };
            columns.push((title, rows));
        }
    }
    let titles: Vec<&str> = columns.iter().map(|(title, _)| title.as_str()).collect();
    println!("\n| | {} |\n|---|{}", titles.join(" | "), "---:|".repeat(titles.len()));
    for (row, (name, _)) in columns[0].1.iter().enumerate() {
        let values: Vec<&str> =
            columns.iter().map(|(_, rows)| rows.get(row).map_or("failed", |(_, value)| value.as_str())).collect();
        println!("| {name} | {} |", values.join(" | "));
    }
}

/// One stage as a process; what it said, `name: value` a line.
fn run(candidate: &str, stage: &str, sync: &str, folder: &Path) -> Vec<(String, String)> {
    let output = Command::new(crate::program()).args(["stage", candidate, stage, sync]).arg(folder).output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    eprint!("--- {candidate} {stage} {sync}: {}\n{said}{}", output.status, String::from_utf8_lossy(&output.stderr));
    said.lines().filter_map(|line| line.split_once(": ")).map(|(a, b)| (a.to_owned(), b.to_owned())).collect()
}

pub fn stage(candidate: &str, stage: &str, sync: bool, folder: &Path) {
    let begun = Instant::now();
    let mut store = open(candidate, folder).unwrap();
    let opened = begun.elapsed();
    match stage {
        "load" => {
            // What is to be written is made beforehand, a part at a time, so that only the store is timed.
            let mut taken = Vec::new();
            for part in (0..JDS).step_by(10 * BATCH as usize) {
                let batches: Vec<Batch> = (part..part + 10 * BATCH).step_by(BATCH as usize).map(batch).collect();
                for batch in &batches {
                    // Without syncs the last one is synced all the same: redb keeps nothing else over a kill.
                    let sync = sync || batch.offset == JDS;
                    let begun = Instant::now();
                    store.commit(batch, sync).unwrap();
                    taken.push(begun.elapsed().as_secs_f64());
                }
            }
            let total: f64 = taken.iter().sum();
            taken.sort_by(f64::total_cmp);
            println!("load 100,000 JDs, JDs a second: {:.0}", JDS as f64 / total);
            println!("commit of 100 JDs, p50 ms: {:.1}", 1e3 * taken[taken.len() / 2]);
            println!("commit, p99 ms: {:.1}", 1e3 * taken[taken.len() * 99 / 100]);
            println!("commit, longest ms: {:.0}", 1e3 * taken[taken.len() - 1]);
            println!("on disk after load, MB: {}", bytes_on_disk(folder) / 1_000_000);
            println!("peak memory of load, MB: {}", peak());
            // A kill: nothing is closed.
            std::process::abort();
        }
        "reopen" => {
            println!("open after a kill, s: {:.2}", opened.as_secs_f64());
            let offset = store
                .get(Table::Offsets, b"jd.raw/0")
                .unwrap()
                .map_or(0, |bytes| u64::from_le_bytes(bytes.try_into().unwrap()));
            println!("JDs in the store then: {offset}");
            let begun = Instant::now();
            let (mut records, mut bytes) = (0u64, 0u64);
            store
                .scan(Table::Features, &mut |_, value| {
                    records += 1;
                    bytes += value.len() as u64;
                })
                .unwrap();
            assert_eq!(records, offset);
            let seconds = begun.elapsed().as_secs_f64();
            println!("scan of all features, s (MB/s): {seconds:.2} ({:.0})", bytes as f64 / 1e6 / seconds);
            if offset > 0 {
                let mut random = Random(7);
                let begun = Instant::now();
                for _ in 0..READS {
                    let text = store.get(Table::Texts, &key(random.below(offset))).unwrap();
                    assert_eq!(text.map(|text| text.len()), Some(TEXT));
                }
                println!("random reads of texts, a second: {:.0}", READS as f64 / begun.elapsed().as_secs_f64());
            } else {
                println!("random reads of texts, a second: –");
            }
            println!("peak memory of reading, MB: {}", peak());
            drop(store);
        }
        "replace" => {
            println!("open after an orderly end, s: {:.2}", opened.as_secs_f64());
            let mut random = Random(11);
            let mut seconds = 0.0;
            for _ in 0..JDS / 5 / BATCH {
                let jds = (0..BATCH).map(|_| jd(random.below(JDS), 1)).collect();
                let batch = Batch { jds, offset: JDS };
                let begun = Instant::now();
                store.commit(&batch, sync).unwrap();
                seconds += begun.elapsed().as_secs_f64();
            }
            println!("replace 20,000 at random, JDs a second: {:.0}", (JDS / 5) as f64 / seconds);
            println!("on disk then, MB: {}", bytes_on_disk(folder) / 1_000_000);
            let begun = Instant::now();
            store.compact().unwrap();
            println!("compaction, s: {:.1}", begun.elapsed().as_secs_f64());
            drop(store);
            println!("on disk after compaction and an orderly end, MB: {}", bytes_on_disk(folder) / 1_000_000);
            println!("peak memory of replacing, MB: {}", peak());
        }
        other => panic!("no such stage: {other}"),
    }
}

/// The most memory that this process ever held, in MB.
fn peak() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with("VmHWM:")).unwrap_or_default();
    line.split_whitespace().nth(1).and_then(|kb| kb.parse::<u64>().ok()).unwrap_or(0) / 1_000
}
