//! What sinks hold equals the views, through edits, restarts, crashes and failures.

use crate::model::Model;
use crate::world::{DATA, TAMER, WEB, World, jd, taken, until};
use rolestream::engine::Saying;
use rolestream::error::Error;
use rolestream::service::{Ended, Service};
use rolestream::sinks::file::read_compacted;
use rolestream::sinks::{Changelog, Follower, Inbox, Outgoing, Row, Writer, role_change, rows};
use rolestream::sources::{Kind, Stop};
use rolestream::store::{SinkEntry, Store};
use rolestream::telemetry::Metrics;
use rolestream_dataflows::id::Id;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

pub(crate) fn to(world: &World) -> String {
    format!("sinks.write=[\"{}\"]", sink(world))
}

fn sink(world: &World) -> String {
    format!("file:{}", world.name("views"))
}

type Told = BTreeMap<(Changelog, String), Value>;

/// What changelogs must say in the end.
pub(crate) fn right(service: &Service) -> Told {
    // By way of text, for that is what files hold.
    let written = |value: Value| serde_json::from_str(&value.to_string()).unwrap();
    let (lookup, store) = (service.lookup(), service.store());
    let snapshot = service.engine().snapshot().unwrap();
    let of_row = |row: Row| ((row.changelog(), row.key(lookup)), written(row.json(lookup, store)));
    let changes = store.role_changes(0, usize::MAX).unwrap().into_iter();
    let of_change = |(number, change)| {
        ((Changelog::RoleChanges, format!("{number:012}")), written(role_change(number, &change, lookup)))
    };
    rows(&snapshot).map(of_row).chain(changes.map(of_change)).collect()
}

/// What those of a prefix say.
pub(crate) fn told(world: &World, prefix: &str) -> Told {
    let mut told = BTreeMap::new();
    for changelog in Changelog::ALL {
        let path = world.path(&format!("views/{prefix}{}.jsonl", changelog.name()));
        if path.exists() {
            told.extend(read_compacted(&path).unwrap().into_iter().map(|(key, value)| ((changelog, key), value)));
        }
    }
    told
}

/// The changelogs of a prefix, read to their end, say what the views hold, and nothing else.
pub(crate) fn assert_told(world: &World, service: &Service, prefix: &str) {
    let (told, right) = (told(world, prefix), right(service));
    assert_eq!(told.keys().collect::<Vec<_>>(), right.keys().collect::<Vec<_>>());
    assert_eq!(told, right);
}

/// Bytes of all changelogs.
fn size(world: &World) -> u64 {
    std::fs::read_dir(world.path("views")).unwrap().map(|entry| entry.unwrap().metadata().unwrap().len()).sum()
}

#[test]
fn changelogs_follow_the_views_through_runs_edits_and_restarts() {
    let world = World::new();
    let mut model = Model::new(&world);
    let mut deliver = |kind: Kind, file: &str, lines: &[Value]| {
        world.append(file, lines);
        lines.iter().for_each(|line| model.deliver(kind, &world.name(file), line));
    };
    let (reads, flags) = (["jds.jsonl", "taxonomy:edits.jsonl"], [to(&world)]);
    let flags: Vec<&str> = flags.iter().map(String::as_str).collect();
    deliver(Kind::Raw, "jds.jsonl", &[jd("data", DATA), jd("web", WEB), jd("tamer", TAMER)]);
    deliver(Kind::Taxonomy, "edits.jsonl", &[]);
    assert_told(&world, &world.once("store", &flags, &reads), "rolestream.");
    // Nothing new: nothing is written.
    let before = size(&world);
    assert_told(&world, &world.once("store", &flags, &reads), "rolestream.");
    assert_eq!(size(&world), before);
    let alias = json!({"collection": "aliases", "role": "data-engineer", "text": "Lion Tamer"});
    deliver(Kind::Taxonomy, "edits.jsonl", &[alias]);
    deliver(Kind::Raw, "jds.jsonl", &[jd("data", WEB), json!({"id": "web", "withdrawn": true}), jd("new", TAMER)]);
    assert_told(&world, &world.once("store", &flags, &reads), "rolestream.");
    // While nobody writes: what the next run finds different goes out.
    deliver(Kind::Raw, "jds.jsonl", &[jd("new", DATA), json!({"id": "tamer", "withdrawn": true})]);
    drop(world.once("store", &[], &reads));
    let service = world.once("store", &flags, &reads);
    assert_told(&world, &service, "rolestream.");
    drop(service);
    let strict = [flags[0], "decision.kra_min=0.99"];
    assert_told(&world, &world.once("store", &strict, &reads), "rolestream.");
    // Other topics have to be filled from the beginning.
    let renamed = [flags[0], "decision.kra_min=0.99", "sinks.prefix=other."];
    let service = world.once("store", &renamed, &reads);
    assert_told(&world, &service, "other.");
    model.check(&service);
}

#[test]
fn what_was_noted_and_perhaps_not_written_is_written_again() {
    let world = World::new();
    let flags = [to(&world)];
    let flags: Vec<&str> = flags.iter().map(String::as_str).collect();
    world.append("jds.jsonl", &[jd("data", DATA), jd("web", WEB)]);
    drop(world.once("store", &flags, &["jds.jsonl"]));
    // As a crash between the note and the write leaves it: one key that did not go out, and one that did, of a JD that
    // nobody knows any more; and one of an earlier write that is gone, too.
    let path = world.path("views/rolestream.decisions.jsonl");
    let text = std::fs::read_to_string(&path).unwrap();
    let kept: String =
        text.lines().filter(|line| !line.contains("\"key\":\"data\"")).map(|line| format!("{line}\n")).collect();
    assert!(kept.len() < text.len());
    let ghost = |key: &str| format!("{}\n", json!({"key": key, "value": {}, "epoch": 1}));
    std::fs::write(&path, kept + &ghost("ghost") + &ghost("old ghost")).unwrap();
    {
        let store = Store::open(&world.path("store")).unwrap();
        let name = sink(&world);
        let topic = "rolestream.decisions";
        let noted: BTreeMap<_, _> = store.sink_entries(&name, topic).unwrap().into_iter().collect();
        let last = noted.values().map(|entry| entry.write).max().unwrap();
        let mut commit = store.commit();
        commit.put_sink_entry(&name, topic, "data", SinkEntry { write: last + 1, ..noted["data"] });
        commit.put_sink_entry(&name, topic, "ghost", SinkEntry { hash: 7, write: last + 1 });
        commit.put_sink_entry(&name, topic, "old ghost", SinkEntry { hash: 7, write: last });
        commit.write().unwrap();
    }
    let before = std::fs::read_to_string(&path).unwrap();
    let service = world.once("store", &flags, &[]);
    assert_told(&world, &service, "rolestream.");
    let written = std::fs::read_to_string(&path).unwrap();
    let new: Vec<&str> = written.strip_prefix(&before).unwrap().lines().collect();
    assert_eq!(new.len(), 3, "what is certain is not written again: {new:?}");
    drop(service);
    assert_eq!(size_after(&world, &flags), written.len() as u64, "and that is the end of it");
}

fn size_after(world: &World, flags: &[&str]) -> u64 {
    drop(world.once("store", flags, &[]));
    std::fs::metadata(world.path("views/rolestream.decisions.jsonl")).unwrap().len()
}

#[test]
fn a_sink_that_fails_stops_nothing_and_catches_up() {
    let world = World::new();
    let mut model = Model::new(&world);
    let flags = [to(&world)];
    let flags: Vec<&str> = flags.iter().map(String::as_str).collect();
    // A folder stands where the changelog is to be.
    std::fs::create_dir_all(world.path("views/rolestream.decisions.jsonl")).unwrap();
    let service = world.open("store", &flags);
    let ((), ended) = world.live(&service, &["jds.jsonl"], || {
        for line in [jd("data", DATA), jd("web", WEB)] {
            world.append("jds.jsonl", std::slice::from_ref(&line));
            model.deliver(Kind::Raw, &world.name("jds.jsonl"), &line);
            taken(&world, &service, "jds.jsonl");
            model.check(&service);
        }
        until("it has failed", || failures(&service) > 0);
        std::fs::remove_dir(world.path("views/rolestream.decisions.jsonl")).unwrap();
        let decisions = world.path("views/rolestream.decisions.jsonl");
        until("it has caught up", || read_compacted(&decisions).is_ok_and(|told| told.len() == 2));
    });
    assert_eq!(ended, Ok(Ended::Whole));
    assert_told(&world, &service, "rolestream.");
    drop(service);
    // One that fails to the end is told of, and gets the rest later.
    std::fs::rename(world.path("views"), world.path("kept")).unwrap();
    std::fs::create_dir_all(world.path("views/rolestream.decisions.jsonl")).unwrap();
    let line = jd("tamer", TAMER);
    world.append("jds.jsonl", std::slice::from_ref(&line));
    model.deliver(Kind::Raw, &world.name("jds.jsonl"), &line);
    let service = world.open("store", &flags);
    let error = world.read(&service, &["jds.jsonl"]).unwrap_err();
    assert!(error.primary.contains("rolestream.decisions"), "{error}");
    model.check(&service);
    drop(service);
    std::fs::remove_dir_all(world.path("views")).unwrap();
    std::fs::rename(world.path("kept"), world.path("views")).unwrap();
    assert_told(&world, &world.once("store", &flags, &["jds.jsonl"]), "rolestream.");
}

#[test]
fn changelogs_that_were_taken_away_are_written_anew() {
    let world = World::new();
    let flags = [to(&world)];
    let flags: Vec<&str> = flags.iter().map(String::as_str).collect();
    world.append("jds.jsonl", &[jd("data", DATA), jd("web", WEB)]);
    drop(world.once("store", &flags, &["jds.jsonl"]));
    world.append("jds.jsonl", &[json!({"id": "web", "withdrawn": true})]);
    drop(world.once("store", &flags, &["jds.jsonl"]));
    std::fs::remove_dir_all(world.path("views")).unwrap();
    let service = world.once("store", &flags, &["jds.jsonl"]);
    assert!(!read_compacted(&world.path("views/rolestream.role-changes.jsonl")).unwrap().is_empty());
    assert_told(&world, &service, "rolestream.");
}

fn failures(service: &Service) -> u64 {
    let text = service.metrics().text();
    let line = text.lines().find(|line| line.starts_with("rolestream_sink_errors_total{")).unwrap_or_default();
    line.rsplit(' ').next().and_then(|number| number.parse().ok()).unwrap_or(0)
}

/// Takes so many writes, each when it is let; then it fails.
struct Gate {
    let_through: Receiver<()>,
    takes: usize,
    taken: Arc<Mutex<Vec<Outgoing>>>,
}

impl Writer for Gate {
    fn write(&mut self, upserts: &[Outgoing], _: &Stop) -> Result<(), Error> {
        self.let_through.recv().unwrap();
        if self.takes == 0 {
            return Err(Error::new("it takes no more"));
        }
        self.takes -= 1;
        self.taken.lock().unwrap().extend(upserts.iter().cloned());
        Ok(())
    }
}

fn follower(store: &Arc<Store>, takes: usize) -> (Follower, Sender<()>, Arc<Mutex<Vec<Outgoing>>>) {
    let ((open, let_through), taken) = (channel(), Arc::new(Mutex::default()));
    let follower = Follower {
        name: "gate".into(),
        prefix: "r.".into(),
        interval: Duration::ZERO,
        writer: Box::new(Gate { let_through, takes, taken: taken.clone() }),
        inbox: Inbox::default(),
        store: store.clone(),
        lookup: Arc::default(),
        metrics: Metrics::new(),
    };
    (follower, open, taken)
}

#[test]
fn a_slow_sink_holds_no_history() {
    let world = World::new();
    world.append("jds.jsonl", &[jd("data", DATA)]);
    let service = world.once("other", &[], &["jds.jsonl"]);
    let answer = service.engine().decision(Id::jd("data")).unwrap();
    let store = Arc::new(Store::open(&world.path("store")).unwrap());
    let (follower, open, taken) = follower(&store, usize::MAX);
    let (inbox, lookup) = (follower.inbox.clone(), follower.lookup.clone());
    let saying = |epoch: u64, key: u64| {
        let mut answer = (*answer).clone();
        answer.content = epoch;
        Saying {
            epoch,
            taxonomy_version: 1,
            tag: 0,
            since: Instant::now(),
            first_said: Vec::new(),
            last_said: Vec::new(),
            role_changes: Vec::new(),
            decisions: vec![(Id(key), Some(Arc::new(answer)))],
            views: Vec::new(),
        }
    };
    let stop = Stop::default();
    let told = stop.clone();
    let thread = std::thread::spawn(move || follower.run(&told));
    inbox.take(&[saying(1, 1)], &lookup);
    until("it has begun to write", || !store.sink_entries("gate", "r.decisions").unwrap().is_empty());
    for epoch in 2..=100 {
        inbox.take(&[saying(epoch, epoch % 3)], &lookup);
    }
    assert_eq!(inbox.epochs(), (100, 0));
    (0..3).for_each(|_| open.send(()).unwrap());
    assert!(inbox.wait_until_written(Duration::from_secs(30)));
    assert_eq!(inbox.epochs(), (100, 100));
    let said: Vec<(String, u64)> = taken.lock().unwrap().iter().map(|one| (one.key.clone(), one.epoch)).collect();
    let key = |n: u64| Id(n).to_string();
    assert_eq!((said.len(), &said[0]), (4, &(key(1), 1)), "{said:?}");
    // What closes without a row leaves nothing to be written.
    inbox.take(&[Saying { decisions: Vec::new(), ..saying(500, 1) }], &lookup);
    assert_eq!(inbox.epochs(), (500, 500));
    inbox.end();
    assert_eq!(thread.join().unwrap(), Ok(()));
}

#[test]
fn an_uncertain_key_stays_uncertain_through_a_second_crash() {
    let world = World::new();
    let store = Arc::new(Store::open(&world.path("store")).unwrap());
    world.append("jds.jsonl", &[jd("data", DATA)]);
    let service = world.once("other", &[], &["jds.jsonl"]);
    let snapshot = service.engine().snapshot().unwrap();
    let (first, ..) = follower(&store, 0);
    // A crash during write 1: all of these had been noted. The keys of more than one write come before the last.
    let ours = rows(&snapshot).max_by_key(|row| (row.changelog(), row.key(&first.lookup))).unwrap();
    let (changelog, key) = (ours.changelog(), ours.key(&first.lookup));
    assert_ne!(changelog, Changelog::Decisions);
    let mut commit = store.commit();
    for ghost in 0..2_000 {
        commit.put_sink_entry("gate", "r.decisions", &format!("ghost {ghost}"), SinkEntry { hash: 7, write: 1 });
    }
    commit.put_sink_entry("gate", &format!("r.{}", changelog.name()), &key, SinkEntry { hash: ours.hash(), write: 1 });
    commit.write().unwrap();
    drop(first);
    // The next life takes one write, and crashes.
    let run = |takes: usize| {
        let (mut follower, open, taken) = follower(&store, takes);
        follower.catch_up(&snapshot, 9).unwrap();
        follower.inbox.end();
        (0..10).for_each(|_| open.send(()).unwrap());
        let ended = follower.run(&Stop::default());
        let taken = std::mem::take(&mut *taken.lock().unwrap());
        (ended, taken)
    };
    let (ended, taken) = run(1);
    assert!(ended.is_err() && taken.len() == 2_000 && taken.iter().all(|one| one.key != key), "{ended:?}");
    let (ended, taken) = run(9);
    assert_eq!(ended, Ok(()));
    assert!(taken.iter().any(|one| one.key == key && one.value.is_some()), "it went out after all");
    assert_eq!(run(9).1, [], "and that is the end of it");
}
