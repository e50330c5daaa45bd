//! Does the service behave as a process: its end on a signal, its exit codes, and the commands that look after it?

use crate::program::{DATA, Place, Run, WEB};
use serde_json::{Value, json};
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

const RUN: [&str; 6] = ["run", "--taxonomy", "taxonomy", "--address", "", "--once"];

fn until(what: &str, so: impl Fn() -> bool) {
    let deadline = Instant::now() + Duration::from_secs(60);
    while !so() {
        assert!(Instant::now() < deadline, "waited in vain until {what}");
        std::thread::sleep(Duration::from_millis(10));
    }
}

/// `run --once --json` with these sources; what it says at the end.
fn once(place: &Place, more: &[&str]) -> Value {
    let run = place.run(&[&RUN, more, &["--json"]].concat());
    assert_eq!(run.code, 0, "{}", run.err);
    run.object()
}

fn line(id: &str, text: &str) -> String {
    format!("{}\n", json!({"id": id, "text": text, "received_at": "2026-03-01T09:30:00Z"}))
}

/// A service that runs; killed should the test fail.
struct Running(Child);

impl Running {
    fn begin(place: &Place, more: &[&str]) -> Running {
        let child = Command::new(env!("CARGO_BIN_EXE_rolestream"))
            .args(["--set", "engine.workers=1", "run", "--taxonomy", "taxonomy"])
            .args(more)
            .current_dir(place.path("."))
            .env_remove("ROLESTREAM_CONFIG")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        Running(child)
    }

    /// The line in which it says that it is ready, and where.
    fn ready(&mut self) -> String {
        let mut said = String::new();
        BufReader::new(self.0.stdout.as_mut().unwrap()).read_line(&mut said).unwrap();
        said
    }

    /// Tells it to end; its exit code.
    fn end(mut self) -> i32 {
        let signalled = Command::new("kill").args(["-TERM", &self.0.id().to_string()]).status().unwrap();
        assert!(signalled.success());
        let deadline = Instant::now() + Duration::from_secs(30);
        loop {
            if let Some(status) = self.0.try_wait().unwrap() {
                return status.code().unwrap();
            }
            assert!(Instant::now() < deadline, "it does not end");
            std::thread::sleep(Duration::from_millis(10));
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// What a changelog of decisions says of a JD in the end.
fn role(place: &Place, id: &str) -> Option<String> {
    let told = rolestream::sinks::file::read_compacted(&place.path("views/rolestream.decisions.jsonl")).ok()?;
    Some(told.get(id)?["role"].as_str().unwrap_or("none").to_owned())
}

#[test]
fn a_file_is_read_to_its_end_and_no_further_twice() {
    let place = Place::new();
    place.put("jds.jsonl", (line("data", DATA) + &line("web", WEB)).as_bytes());
    let reads = ["--source", "jds.jsonl", "--sink", "file:views"];
    let said = once(&place, &reads);
    assert_eq!((&said["whole"], &said["jds"], &said["taxonomy_version"]), (&json!(true), &json!(2), &json!(1)));
    assert_eq!(role(&place, "data").as_deref(), Some("data-engineer"));
    let written = std::fs::read(place.path("views/rolestream.decisions.jsonl")).unwrap();
    assert_eq!(once(&place, &reads)["jds"], 2);
    assert_eq!(std::fs::read(place.path("views/rolestream.decisions.jsonl")).unwrap(), written);
    let piped = place.run_with(&[&RUN, &["--source", "-", "--json"][..]].concat(), line("more", DATA).as_bytes());
    assert_eq!((piped.code, piped.object()["jds"].clone()), (0, json!(3)), "{}", piped.err);
    let absent = place.run(&[&RUN, &["--source", "nowhere.jsonl"][..]].concat());
    assert_ne!(absent.code, 0);
    absent.complains(&["nowhere.jsonl"]);
    let help = place.run(&["run", "--help"]);
    for part in ["Kafka", "--brokers", "Examples", "SIGTERM"] {
        assert!(help.out.contains(part), "{part}: {}", help.out);
    }
}

#[test]
fn a_service_watches_a_folder_ends_on_a_signal_and_goes_on() {
    let place = Place::new();
    place.put("inbox/one.txt", DATA.as_bytes());
    let arguments = ["--source", "inbox", "--sink", "file:views", "--address", "127.0.0.1:0"];
    let mut service = Running::begin(&place, &arguments);
    let said = service.ready();
    let address = said.split_once("http://").and_then(|(_, rest)| rest.split_once("/metrics")).unwrap().0.to_owned();
    until("the first is decided", || role(&place, "one.txt").is_some());
    place.put("inbox/two.txt", WEB.as_bytes());
    until("the second is decided", || role(&place, "two.txt").as_deref() == Some("web-developer"));
    // Asked how it is.
    let health = place.run(&["health", "--url", &format!("http://{address}/readyz")]);
    assert_eq!(health.code, 0, "{}{}", health.out, health.err);
    // Another one is refused, and so is who looks into the store.
    let pid = service.0.id().to_string();
    for refused in [
        place.run(&[&RUN, &["--source", "inbox"][..]].concat()),
        place.run(&["store", "stats"]),
        place.run(&["store", "check"]),
    ] {
        assert_eq!(refused.code, 2);
        refused.complains(&["is in use", &format!("process {pid} has it")]);
    }
    assert_eq!(service.end(), 0);
    assert_eq!(place.run(&["health", "--url", &format!("http://{address}/readyz")]).code, 1);
    place.put("inbox/three.txt", DATA.as_bytes());
    let said = once(&place, &["--source", "inbox", "--sink", "file:views"]);
    assert_eq!((&said["jds"], &said["whole"]), (&json!(3), &json!(true)));
    assert_eq!(role(&place, "three.txt").as_deref(), Some("data-engineer"));
    assert_eq!(place.run(&["store", "check", "--json"]).object()["found"], 0);
}

/// Every file in a folder, but who looked last (the lock), and lists of tables that the database has newer ones of.
fn files(folder: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let mut all = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        match path.is_dir() {
            true => all.extend(files(&path)),
            false if path.ends_with("lock") => {}
            false if path.file_name().unwrap().to_string_lossy().starts_with('v') => {}
            false => all.push((path.clone(), std::fs::read(&path).unwrap())),
        }
    }
    all.sort();
    all
}

#[test]
fn a_store_is_measured_checked_compacted_and_moved() {
    let place = Place::new();
    place.put("jds.jsonl", (line("data", DATA) + &line("web", WEB)).as_bytes());
    once(&place, &["--source", "jds.jsonl"]);
    let stats = place.run(&["store", "stats", "--json"]).object();
    assert_eq!((&stats["jds"], &stats["taxonomy_version"]), (&json!(2), &json!(1)));
    assert!(place.run(&["store", "stats"]).out.contains("2 JDs"));
    assert_eq!(place.run(&["store", "compact", "--json"]).object()["renewed"], 0);
    let check = place.run(&["store", "check"]);
    assert!(check.code == 0 && check.out.contains("the store is whole"), "{}", check.out);
    let exported = place.run(&["store", "export", "--out", "store.jsonl.gz", "--json"]).object();
    let again = place.run(&["store", "export", "--out", "store.jsonl.gz"]);
    assert_eq!(again.code, 2);
    again.complains(&["store.jsonl.gz", "does not exist yet"]);
    let imported = place.run(&["store", "import", "store.jsonl.gz", "--store", "other", "--json"]);
    assert_eq!(imported.code, 0, "{}", imported.err);
    assert!(imported.object()["records"].as_u64() <= exported["records"].as_u64());
    let twice = place.run(&["store", "import", "store.jsonl.gz", "--store", "other"]);
    assert_eq!(twice.code, 2);
    twice.complains(&["not empty"]);
    // There it goes on: nothing is read again, and what is new is.
    std::fs::write(place.path("jds.jsonl"), line("data", DATA) + &line("web", WEB) + &line("more", WEB)).unwrap();
    let said = once(&place, &["--store", "other", "--source", "jds.jsonl"]);
    assert_eq!(said["jds"], 3);
    assert_eq!(place.run(&["store", "check", "--store", "other", "--json"]).object()["found"], 0);
    let absent = place.run(&["store", "stats", "--store", "nowhere"]);
    assert_eq!(absent.code, 2);
    absent.complains(&["there is no store in nowhere"]);
}

#[test]
fn a_damaged_store_is_refused_and_left_as_it_is() {
    let place = Place::new();
    place.put("jds.jsonl", (line("data", DATA) + &line("web", WEB)).as_bytes());
    once(&place, &["--source", "jds.jsonl"]);
    let all = files(&place.path("rolestream-store"));
    let (journal, bytes) = all.iter().find(|(path, _)| path.extension().is_some_and(|e| e == "jnl")).unwrap();
    let mut bytes = bytes.clone();
    let end = bytes.iter().rposition(|byte| *byte != 0).unwrap();
    bytes[end / 2] ^= 0x55;
    std::fs::write(journal, bytes).unwrap();
    let damaged = files(&place.path("rolestream-store"));
    let commands: [&[&str]; 3] = [&["store", "check"], &["store", "stats"], &RUN];
    for command in commands {
        let Run { code, .. } = run_and_complain(&place, command);
        assert_eq!(code, 2, "{command:?}");
        assert!(files(&place.path("rolestream-store")) == damaged, "{command:?} changed it");
    }
}

fn run_and_complain(place: &Place, arguments: &[&str]) -> Run {
    let run = place.run(arguments);
    run.complains(&["rolestream-store", "journal", "nothing of it was changed"]);
    run
}

#[test]
fn refused_messages_are_listed_shown_and_sent_again() {
    let place = Place::new();
    let broken = "{\"id\": \"broken\", \"text\": \"Title: Data Engineer";
    place.put("jds.jsonl", format!("{}{broken}\n{{\"id\": 5, \"jd\": \"x\"}}\n", line("data", DATA)).as_bytes());
    let reads = ["--source", "jds.jsonl"];
    assert_eq!(once(&place, &reads)["jds"], 1);
    let letters = place.run(&["dead-letters", "list", "--json"]).objects();
    let of = |reason: &str| letters.iter().find(|letter| letter["reason"] == reason).unwrap()["id"].as_str().unwrap();
    assert_eq!(letters.len(), 2);
    let id = of("not_json");
    assert!(id.starts_with("jds.jsonl:2#"), "{id}");
    let listed = place.run(&["dead-letters", "list", "--reason", "no_text"]);
    assert!(listed.out.contains(of("no_text")) && !listed.out.contains(id), "{}", listed.out);
    let shown = place.run(&["dead-letters", "show", id]);
    assert!(shown.code == 0 && shown.out.contains(broken), "{}", shown.out);
    let unknown = place.run(&["dead-letters", "show", &id[..id.len() - 1]]);
    assert_eq!(unknown.code, 1);
    unknown.complains(&["no dead letter", id]);

    // Sent again as it was, it is refused again, from where it stands now.
    assert_eq!(place.run(&["dead-letters", "retry", id]).code, 0);
    let retried = files(&place.path("rolestream-store/retry/raw"));
    assert_eq!(retried.len(), 1);
    assert_eq!(String::from_utf8_lossy(&retried[0].1), format!("{broken}\n"));
    assert_eq!(place.run(&["dead-letters", "list", "--json"]).objects().len(), 1, "it was struck off");
    assert_eq!(once(&place, &reads)["jds"], 1);
    let letters = place.run(&["dead-letters", "list", "--reason", "not_json", "--json"]).objects();
    let again = letters[0]["id"].as_str().unwrap();
    assert!(letters.len() == 1 && again.contains("retry/raw/"), "{again}");
    // Mended where it was put, the next run takes it.
    assert_eq!(place.run(&["dead-letters", "retry", "--reason", "not_json"]).code, 0);
    let known: Vec<PathBuf> = retried.into_iter().map(|(path, _)| path).collect();
    let (path, _) =
        files(&place.path("rolestream-store/retry/raw")).into_iter().find(|(path, _)| !known.contains(path)).unwrap();
    std::fs::write(path, line("broken", DATA)).unwrap();
    assert_eq!(once(&place, &reads)["jds"], 2);
    assert_eq!(place.run(&["dead-letters", "list", "--reason", "not_json", "--json"]).objects().len(), 0);
}
