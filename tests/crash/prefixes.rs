//! What if it ends after any commit at all? A kill seldom meets the moment between two of them, so each is tried: the
//! journal of a life is cut off at many places, and another life goes on from each.

use super::expected::{Expected, of_messages};
use super::facts::{Facts, copy_all};
use super::kafka::text;
use super::world::{EXPECTED, PARSED, RAW, Sent, TAXONOMY, World};
use super::{config, number, same_views, taxonomy};
use rand::seq::IndexedRandom;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use rolestream::service::{Ended, Service};
use rolestream::sources::file::{Spec, sources};
use rolestream::sources::{Kind, Message, Position, Stop, Stream};
use rolestream::store::Store;
use serde_json::{Value, json};
use std::path::{Path, PathBuf};

/// Lines of all files.
const LINES: usize = 120;
/// Places at which the journal is cut, of all that are between two commits.
const CUTS: usize = 60;
/// Topics as files: the prefix that says what they hold, what that is, the name.
const FILES: [(&str, Kind, &str); 3] =
    [("raw", Kind::Raw, RAW), ("parsed", Kind::Parsed, PARSED), ("taxonomy", Kind::Taxonomy, TAXONOMY)];

#[test]
fn it_goes_on_from_every_commit() {
    let seed = number("ROLESTREAM_SEED").unwrap_or_else(|| rand::rng().random());
    println!("ROLESTREAM_SEED={seed}");
    let folder = tempfile::tempdir().unwrap();
    let (folder, mut world) = (folder.path(), World::new(seed));
    taxonomy::write(&folder.join("taxonomy"));
    let sent: Vec<Sent> = (0..LINES).map(|_| world.next()).collect();
    let lines = FILES.map(|(_, kind, topic)| write(folder, kind, topic, &sent));
    let [raw, parsed, edits] = lines;
    let expected = of_messages(folder, &config(folder), edits, [raw, parsed]);

    let whole = folder.join("whole");
    {
        let service = live(folder, "store", &expected, 1);
        // As it is while the store is open: all that was committed is in the journal.
        copy_all(service.store().path(), &whole);
    }
    let journal = journal(&whole);
    let bytes = std::fs::read(&journal).unwrap();
    let commits = commits(&bytes);
    assert!(commits.len() > LINES / 4, "only {} commits are in the journal", commits.len());
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    let cuts: Vec<usize> = (0..commits.len()).collect();
    for (number, commit) in cuts.sample(&mut random, CUTS).copied().enumerate() {
        let at = commits[commit];
        println!("cut {number} before commit {} of {}", commit + 1, commits.len());
        let store = folder.join(format!("cut-{number}"));
        copy_all(&whole, &store);
        std::fs::write(store.join(journal.strip_prefix(&whole).unwrap()), &bytes[..at]).unwrap();
        // It says that more was safe, which would be told as damage.
        std::fs::write(store.join("safe"), b"").unwrap();
        let mut facts = Facts::default();
        facts.look_at(&Store::open(&store).unwrap());
        let service = live(folder, &format!("cut-{number}"), &expected, 1_000);
        facts.look_at(service.store());
        drop(service);
        std::fs::remove_dir_all(&store).unwrap();
    }
}

/// A life that reads all files to their end; its views are right then. With little room in the queue there are many
/// commits.
fn live(folder: &Path, store: &str, expected: &Expected, room: u32) -> Service {
    let mut config = config(&folder.join(store));
    config.taxonomy.path = folder.join("taxonomy");
    (config.sources.queue, config.engine.epoch_millis, config.store.reparse_per_second) = (room, 1, 100_000);
    let service = Service::open(config, &|_, _, _| ()).unwrap();
    let specs = FILES.map(|(prefix, _, topic)| format!("{prefix}:{}", path(folder, topic).display()));
    let specs = Spec::parse_all(&specs).unwrap();
    let ended = service.run(sources(&specs, 1_000_000), None, true, &Stop::default());
    assert_eq!(ended, Ok(Ended::Whole));
    same_views(&expected.views(service.store()), &service.engine().snapshot().unwrap());
    service
}

fn path(folder: &Path, topic: &str) -> PathBuf {
    folder.join(format!("{topic}.jsonl"))
}

/// Writes what was sent to a topic as lines of a file, and gives these as messages.
fn write(folder: &Path, kind: Kind, topic: &str, sent: &[Sent]) -> Vec<Message> {
    let path = path(folder, topic);
    let stream = Stream { source: "file".into(), name: path.display().to_string().into(), partition: 0 };
    let sent = sent.iter().zip(0..).filter(|(sent, _)| sent.topic == topic);
    let lines: Vec<String> = sent.filter_map(|(sent, number)| Some(line(sent, number)?.to_string())).collect();
    std::fs::write(&path, lines.join("\n") + "\n").unwrap();
    let message = |line: String| Message {
        kind,
        stream: stream.clone(),
        offset: 0,
        read_to: Position::default(),
        key: None,
        value: Some(line.into_bytes()),
        timestamp: None,
        headers: Vec::new(),
    };
    lines.into_iter().map(message).collect()
}

/// The same as a line, which has no key and no time beside it.
fn line(Sent { topic, record }: &Sent, number: i64) -> Option<Value> {
    if record.headers.iter().any(|(name, _)| name == EXPECTED) {
        return None;
    }
    let key = text(record.key.as_ref());
    let value: Value = record.value.as_ref().map(|value| serde_json::from_slice(value).unwrap()).unwrap_or_default();
    if *topic == TAXONOMY {
        return Some(json!({"key": key, "value": value}));
    }
    let mut value = if value.is_null() { json!({"withdrawn": true}) } else { value };
    let has_row = value["after"].is_object();
    let row = if has_row { &mut value["after"] } else { &mut value };
    row["id"] = json!(key);
    if row.get("received_at").is_none() {
        row["received_at"] = json!(1_772_000_000_000 + number);
    }
    Some(value)
}

/// Where in a journal each commit is nearly whole: what is before is whole. The last thing in each is its number.
fn commits(journal: &[u8]) -> Vec<usize> {
    let name = b"last_commit";
    let found = journal.windows(name.len()).enumerate().filter(|(_, window)| window == name);
    found.map(|(place, _)| place).collect()
}

/// The only one.
fn journal(store: &Path) -> PathBuf {
    let files = std::fs::read_dir(store.join("data")).unwrap().map(|entry| entry.unwrap().path());
    let mut journals: Vec<PathBuf> = files.filter(|path| path.extension().is_some_and(|end| end == "jnl")).collect();
    assert_eq!(journals.len(), 1, "{journals:?}");
    journals.remove(0)
}
