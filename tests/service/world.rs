//! A folder with a small taxonomy, inputs and stores, and services on these.

use crate::small_taxonomy;
pub(crate) use crate::small_taxonomy::{DATA, WEB};
use rolestream::config::{Config, Layers};
use rolestream::error::{Error, Errors};
use rolestream::service::{Ended, Service};
use rolestream::sources::Stop;
use rolestream::sources::file::{Spec, sources};
use rolestream::store::{Collection, Store, StoredChange};
use serde_json::{Value, json};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// How long anything may take that a test waits for.
const PATIENCE: Duration = Duration::from_secs(30);

/// Waits until it is so.
pub(crate) fn until(what: &str, so: impl Fn() -> bool) {
    let deadline = Instant::now() + PATIENCE;
    while !so() {
        assert!(Instant::now() < deadline, "waited in vain until {what}");
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// The folder.
pub(crate) struct World {
    folder: TempDir,
}

impl World {
    pub(crate) fn new() -> World {
        let world = World { folder: tempfile::tempdir().unwrap() };
        for (file, text) in small_taxonomy::files() {
            world.put(&format!("taxonomy/{file}"), &text);
        }
        world
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// The path as sources are given it.
    pub(crate) fn name(&self, name: &str) -> String {
        self.path(name).display().to_string()
    }

    pub(crate) fn put(&self, name: &str, text: &str) {
        let path = self.path(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }

    pub(crate) fn append(&self, name: &str, lines: &[Value]) {
        let path = self.path(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        let text: String = lines.iter().map(|line| format!("{line}\n")).collect();
        let mut file = std::fs::OpenOptions::new().create(true).append(true).open(path).unwrap();
        file.write_all(text.as_bytes()).unwrap();
    }

    /// Settings for a store of this name; `flags` are those of `--set`.
    pub(crate) fn config(&self, store: &str, flags: &[&str]) -> Config {
        let own = [
            format!("store.path={:?}", self.name(store)),
            format!("taxonomy.path={:?}", self.name("taxonomy")),
            "service.address=\"\"".to_owned(),
            "engine.workers=2".to_owned(),
            "engine.epoch_millis=1".to_owned(),
            "sinks.interval_millis=1".to_owned(),
        ];
        let flags = own.into_iter().chain(flags.iter().map(|flag| (*flag).to_owned())).collect();
        Config::load(&Layers { flags, ..Layers::default() }).unwrap()
    }

    pub(crate) fn open(&self, store: &str, flags: &[&str]) -> Service {
        Service::open(self.config(store, flags), &|_, _, _| ()).unwrap()
    }

    pub(crate) fn refused(&self, store: &str, flags: &[&str]) -> Errors {
        Service::open(self.config(store, flags), &|_, _, _| ()).err().expect("it is refused")
    }

    /// Each of `reads` is what `sources.read` may name, with a path in this folder.
    pub(crate) fn sources(&self, reads: &[&str]) -> Vec<Box<dyn rolestream::sources::Source>> {
        let named = |read: &&str| match read.split_once(':') {
            Some((kind, name)) => format!("{kind}:{}", self.name(name)),
            None => format!("raw:{}", self.name(read)),
        };
        let specs = Spec::parse_all(&reads.iter().map(named).collect::<Vec<_>>()).unwrap();
        sources(&specs, 1_000_000)
    }

    /// Opens a service and has it read these to their end.
    pub(crate) fn once(&self, store: &str, flags: &[&str], reads: &[&str]) -> Service {
        let service = self.open(store, flags);
        assert_eq!(self.read(&service, reads), Ok(Ended::Whole));
        service
    }

    pub(crate) fn read(&self, service: &Service, reads: &[&str]) -> Result<Ended, Error> {
        service.run(self.sources(reads), None, true, &Stop::default())
    }

    /// Has a service follow these while something is done, then ends it in order.
    pub(crate) fn live<R>(
        &self,
        service: &Service,
        reads: &[&str],
        act: impl FnOnce() -> R,
    ) -> (R, Result<Ended, Error>) {
        /// Ends the service even where the test fails.
        struct Ending(Stop);
        impl Drop for Ending {
            fn drop(&mut self) {
                self.0.stop();
            }
        }
        let stop = Stop::default();
        std::thread::scope(|scope| {
            let (sources, told) = (self.sources(reads), stop.clone());
            let run = scope.spawn(move || service.run(sources, None, false, &told));
            let ending = Ending(stop.clone());
            let done = act();
            drop(ending);
            (done, run.join().unwrap())
        })
    }

    /// The store as a crash at this moment would leave it.
    pub(crate) fn copy(&self, from: &str, to: &str) {
        fn all(from: &Path, to: &Path) {
            std::fs::create_dir_all(to).unwrap();
            for entry in std::fs::read_dir(from).unwrap() {
                let entry = entry.unwrap();
                let target = to.join(entry.file_name());
                match entry.file_type().unwrap().is_dir() {
                    true => all(&entry.path(), &target),
                    false => drop(std::fs::copy(entry.path(), target).unwrap()),
                }
            }
        }
        all(&self.path(from), &self.path(to));
    }
}

/// Every fact in a store, one a line.
pub(crate) fn facts(store: &Store) -> Vec<String> {
    let names = [Collection::FirstSaid, Collection::LastSaid, Collection::RoleChanges].map(Collection::name);
    let mut lines = Vec::new();
    store.export(&mut lines, &|_| ()).unwrap();
    let of_facts = |line: &&str| names.iter().any(|name| line.starts_with(&format!("{{\"collection\":\"{name}\"")));
    String::from_utf8(lines).unwrap().lines().filter(of_facts).map(str::to_owned).collect()
}

/// The role changes of a store.
pub(crate) fn changes(store: &Store) -> Vec<StoredChange> {
    store.role_changes(0, usize::MAX).unwrap().into_iter().map(|(_, change)| change).collect()
}

/// A JD with a time.
pub(crate) fn jd(id: &str, text: &str) -> Value {
    json!({"id": id, "text": text, "received_at": 1_700_000_000_000_i64})
}

/// One that no role is near, and that names one skill and something that is none yet.
pub(crate) const TAMER: &str = "Title: Lion Tamer\n\nResponsibilities:\n\
- Feed the lions every morning before the gates are opened\n\
- Walk them through the ring in front of a full house\n\n\
Requirements:\n- Strong SQL\n- Long practice with the velvet whip in front of others\n";

/// One that is no JD.
pub(crate) const CAKE: &str =
    "Plum cake. Cream the butter with the sugar, fold in the flour, lay the plums on top and bake for an hour.";

/// Waits until a file has been taken in whole, all of it stands, and nothing is left to be parsed again.
pub(crate) fn settled(world: &World, service: &Service, file: &str) {
    taken(world, service, file);
    until("all is parsed again", || service.store().pending_reparse().unwrap().is_none());
    service.engine().wait_for_all().unwrap();
}

/// Waits until a file has been taken in whole, and all of it stands.
pub(crate) fn taken(world: &World, service: &Service, file: &str) {
    let (name, length) = (world.name(file), std::fs::metadata(world.path(file)).unwrap().len());
    until("the file is read", || {
        let positions = service.store().positions().unwrap();
        positions.iter().any(|(stream, position)| *stream.name == name && position.next as u64 == length)
    });
    service.engine().wait_for_all().unwrap();
}
