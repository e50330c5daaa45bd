//! Is a flipped bit noticed? Flips one bit of a store's files at a time, opens the store and compares all it says with
//! what was written.

use crate::store::{TABLES, Table, files, open};
use crate::workload::{BATCH, Random, batch, jd};
use std::collections::BTreeMap;
use std::fs::File;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::process::Command;

const JDS: u64 = 1_000;
const TRIALS: u64 = 200;

/// Prints how often each outcome was seen, for each candidate, for a store that was killed and one that was closed.
pub fn table(folder: &Path) {
    println!("\n| store | state | flips | what came of it |\n|---|---|---:|---|");
    for (candidate, how) in [
        ("fjall", "killed"),
        ("fjall-blobs", "killed"),
        ("fjall", "settled"),
        ("fjall-blobs", "settled"),
        ("redb", "killed"),
        ("redb", "settled"),
    ] {
        let whole = folder.join(format!("damage-{candidate}-{how}"));
        let copy = folder.join("damaged");
        let jds = JDS.to_string();
        let filled = Command::new(crate::program()).args(["fill", candidate, &jds, how]).arg(&whole).output().unwrap();
        eprintln!("fill {candidate} {how}: {}", filled.status);
        let mut outcomes: BTreeMap<String, u64> = BTreeMap::new();
        let mut random = Random(3);
        // Without damage all is there, or what follows says nothing.
        copy_folder(&whole, &copy);
        let untouched = ask(candidate, &copy);
        assert!(untouched.starts_with("nothing lost"), "{candidate} {how}, undamaged: {untouched}");
        for _ in 0..TRIALS {
            copy_folder(&whole, &copy);
            let place = flip(&copy, &mut random);
            let outcome = ask(candidate, &copy);
            eprintln!("{candidate} {how} {place}: {outcome}");
            *outcomes.entry(outcome).or_default() += 1;
        }
        println!("| {candidate} | {how} | {TRIALS} | {} |", listed(&outcomes));
        let _ = std::fs::remove_dir_all(&whole);
        let _ = std::fs::remove_dir_all(&copy);
    }
    framing(folder);
    lists(folder);
}

/// Prints what each flipped bit of the framing of one batch in the middle of fjall's journal leads to, by field.
fn framing(folder: &Path) {
    let whole = folder.join("damage-framing");
    let copy = folder.join("damaged");
    let jds = JDS.to_string();
    let fill = ["fill", "fjall-blobs", &jds, "killed"];
    Command::new(crate::program()).args(fill).arg(&whole).output().unwrap();
    let journal = std::fs::read(whole.join("0.jnl")).unwrap();
    // The trailer that ends each batch; the fifth batch begins after the fourth.
    const TRAILER: &[u8] = b"FJL\x03";
    let ends: Vec<usize> =
        journal.windows(TRAILER.len()).enumerate().filter(|(_, w)| *w == TRAILER).map(|(at, _)| at + 4).collect();
    let (begin, end) = (ends[ends.len() / 2], ends[ends.len() / 2 + 1]);
    let fields = [
        ("start: tag", begin, 1),
        ("start: number of records", begin + 1, 4),
        ("start: sequence number", begin + 5, 8),
        ("record: tag", begin + 13, 1),
        ("record: kind, compression", begin + 14, 2),
        ("record: keyspace", begin + 16, 8),
        ("record: length of key", begin + 24, 2),
        ("record: length of value", begin + 26, 4),
        ("record: length as stored", begin + 30, 4),
        ("record: key", begin + 34, 8),
        ("end: tag", end - 13, 1),
        ("end: checksum", end - 12, 8),
        ("end: trailer", end - 4, 4),
    ];
    println!("\n| fjall's journal, a batch in the middle | bits | what came of a flip |\n|---|---:|---|");
    for (name, from, bytes) in fields {
        let mut outcomes: BTreeMap<String, u64> = BTreeMap::new();
        for bit in 0..8 * bytes {
            copy_folder(&whole, &copy);
            let opened = File::options().write(true).open(copy.join("0.jnl")).unwrap();
            let byte = journal[from + bit / 8] ^ 1 << (bit % 8);
            opened.write_all_at(&[byte], (from + bit / 8) as u64).unwrap();
            *outcomes.entry(ask("fjall-blobs", &copy)).or_default() += 1;
        }
        println!("| {name} | {} | {} |", 8 * bytes, listed(&outcomes));
    }
    let _ = std::fs::remove_dir_all(&whole);
    let _ = std::fs::remove_dir_all(&copy);
}

/// Prints what a flipped bit in each byte of fjall's own lists of its files leads to, once no journal is left to hide it.
pub fn lists(folder: &Path) {
    let whole = folder.join("damage-lists");
    let copy = folder.join("damaged");
    let fill = ["fill", "fjall", &JDS.to_string(), "settled"];
    Command::new(crate::program()).args(fill).arg(&whole).output().unwrap();
    for file in files(&whole) {
        if file.extension().is_some_and(|extension| extension == "jnl") {
            std::fs::remove_file(file).unwrap();
        }
    }
    println!(
        "\nfjall, settled, its journal removed: {}; opened once more: {}",
        ask("fjall", &whole),
        ask("fjall", &whole)
    );
    copy_folder(&whole, &copy);
    assert_eq!(ask("fjall", &copy), "nothing lost", "undamaged");
    println!("\n| fjall's lists of its files | bytes | what came of a flip in each |\n|---|---:|---|");
    for name in ["version", "keyspaces/1/current", "keyspaces/1/v2"] {
        let bytes = std::fs::read(whole.join(name)).unwrap();
        let mut outcomes: BTreeMap<String, u64> = BTreeMap::new();
        for (at, byte) in bytes.iter().enumerate() {
            copy_folder(&whole, &copy);
            let opened = File::options().write(true).open(copy.join(name)).unwrap();
            opened.write_all_at(&[byte ^ 1], at as u64).unwrap();
            let outcome = ask("fjall", &copy);
            eprintln!("{name} at {at} of {}: {outcome}", bytes.len());
            *outcomes.entry(outcome).or_default() += 1;
        }
        println!("| {name} | {} | {} |", bytes.len(), listed(&outcomes));
    }
    let _ = std::fs::remove_dir_all(&whole);
    let _ = std::fs::remove_dir_all(&copy);
}

/// Has a process of its own look at a damaged store; what it says.
fn ask(candidate: &str, folder: &Path) -> String {
    let jds = JDS.to_string();
    let output = Command::new(crate::program()).args(["look", candidate, &jds]).arg(folder).output().unwrap();
    match String::from_utf8_lossy(&output.stdout).lines().last() {
        Some(line) => line.to_owned(),
        None => format!("the process died: {}", output.status),
    }
}

fn listed(outcomes: &BTreeMap<String, u64>) -> String {
    outcomes.iter().map(|(outcome, n)| format!("{n}: {outcome}")).collect::<Vec<_>>().join(" · ")
}

/// Fills a small store, and ends as a kill does or in order, with nothing left in a journal.
pub fn fill(candidate: &str, jds: u64, how: &str, folder: &Path) {
    let mut store = open(candidate, folder).unwrap();
    for from in (0..jds).step_by(BATCH as usize) {
        store.commit(&batch(from), true).unwrap();
    }
    if how == "killed" {
        std::process::abort();
    }
    store.settle().unwrap();
}

/// Flips a bit of what is in the files; zeros at a file's end, allocated ahead, do not count. Where it was.
fn flip(folder: &Path, random: &mut Random) -> String {
    let used: Vec<(PathBuf, u64)> = files(folder)
        .into_iter()
        .map(|file| {
            let bytes = std::fs::read(&file).unwrap();
            let used = bytes.iter().rposition(|byte| *byte != 0).map_or(0, |last| last as u64 + 1);
            (file, used)
        })
        .collect();
    let mut place = random.below(used.iter().map(|(_, bytes)| bytes).sum());
    for (file, bytes) in used {
        if place < bytes {
            let opened = File::options().read(true).write(true).open(&file).unwrap();
            let mut byte = [0];
            opened.read_exact_at(&mut byte, place).unwrap();
            byte[0] ^= 1 << random.below(8);
            opened.write_all_at(&byte, place).unwrap();
            return format!("{} at {place} of {bytes}", file.strip_prefix(folder).unwrap().display());
        }
        place -= bytes;
    }
    unreachable!("the place is in one of the files")
}

/// Opens a damaged store, checks it as its library can, reads it all, and says what came of it in one line.
pub fn look(candidate: &str, jds: u64, folder: &Path) {
    std::panic::set_hook(Box::new(|_| {}));
    let seen = std::panic::catch_unwind(|| open(candidate, folder));
    let mut store = match seen {
        Err(_) => return println!("panic on opening"),
        Ok(Err(_)) => return println!("error on opening"),
        Ok(Ok(store)) => store,
    };
    let read = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| compare(&*store, jds)));
    let read = read.unwrap_or_else(|_| "panic on reading".to_owned());
    let checked = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| store.check()));
    let checked = match checked {
        Err(_) => ", check: panic",
        Ok(None) => "",
        Ok(Some(Err(_))) => ", check: error",
        Ok(Some(Ok(false))) => ", check: repaired",
        Ok(Some(Ok(true))) => ", check: in order",
    };
    println!("{read}{checked}");
}

/// What the store says against what was written.
fn compare(store: &dyn crate::store::Store, jds: u64) -> String {
    let (mut missing, mut wrong) = (0u64, 0u64);
    for table in TABLES {
        let mut held: BTreeMap<Vec<u8>, Vec<u8>> = BTreeMap::new();
        if store.scan(table, &mut |key, value| drop(held.insert(key.to_vec(), value.to_vec()))).is_err() {
            return "error on reading".to_owned();
        }
        if table == Table::Offsets {
            continue;
        }
        for n in 0..jds {
            let jd = jd(n, 0);
            let expected = match table {
                Table::Features => &jd.features,
                Table::Texts => &jd.text,
                _ => &jd.fact,
            };
            match held.remove(jd.key.as_slice()) {
                None => missing += 1,
                Some(value) if value != *expected => wrong += 1,
                Some(_) => {}
            }
        }
        wrong += held.len() as u64;
    }
    match (missing, wrong) {
        (0, 0) => "nothing lost".to_owned(),
        (missing, 0) if missing > 3 * BATCH => "silently lost what followed".to_owned(),
        (_, 0) => "silently lost the last commit or less".to_owned(),
        _ => "silently wrong records".to_owned(),
    }
}

fn copy_folder(from: &Path, to: &Path) {
    let _ = std::fs::remove_dir_all(to);
    for file in files(from) {
        let target = to.join(file.strip_prefix(from).unwrap());
        std::fs::create_dir_all(target.parent().unwrap()).unwrap();
        // Sparse ends stay sparse: what is zero to the end is not written.
        let bytes = std::fs::read(&file).unwrap();
        let used = bytes.iter().rposition(|byte| *byte != 0).map_or(0, |last| last + 1);
        let copy = File::create(&target).unwrap();
        copy.write_all_at(&bytes[..used], 0).unwrap();
        copy.set_len(bytes.len() as u64).unwrap();
    }
}
