//! How do the tests run the program? With a small taxonomy, in a folder of their own.

use crate::small_taxonomy;
pub(crate) use crate::small_taxonomy::{DATA, WEB};
use serde_json::Value;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use tempfile::TempDir;

/// What a run of the program gave.
pub(crate) struct Run {
    pub(crate) code: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Run {
    /// Standard output as one JSON object a line.
    pub(crate) fn objects(&self) -> Vec<Value> {
        self.out.lines().map(|line| serde_json::from_str(line).unwrap_or_else(|e| panic!("{e}: {line}"))).collect()
    }

    /// The only object of the output.
    pub(crate) fn object(&self) -> Value {
        let mut objects = self.objects();
        assert_eq!(objects.len(), 1, "{}\n{}", self.out, self.err);
        objects.remove(0)
    }

    /// Fails unless there is one message in three parts that holds these.
    pub(crate) fn complains(&self, parts: &[&str]) {
        assert!(self.err.starts_with("error: ") || self.err.contains("\nerror: "), "{}", self.err);
        assert!(self.err.contains("\n  hint: "), "no remedy: {}", self.err);
        for part in parts {
            assert!(self.err.contains(part), "{part:?} is not in\n{}", self.err);
        }
    }
}

/// A folder with a small taxonomy in `taxonomy`, and what else a test puts there.
pub(crate) struct Place {
    folder: TempDir,
}

impl Place {
    pub(crate) fn new() -> Place {
        let place = Place { folder: tempfile::tempdir().unwrap() };
        for (file, text) in small_taxonomy::files() {
            place.put(&format!("taxonomy/{file}"), text.as_bytes());
        }
        place
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn put(&self, name: &str, bytes: &[u8]) -> PathBuf {
        let path = self.path(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, bytes).unwrap();
        path
    }

    /// Runs the program in this folder.
    pub(crate) fn run(&self, arguments: &[&str]) -> Run {
        self.run_with(arguments, b"")
    }

    /// `classify` with the small taxonomy.
    pub(crate) fn classify(&self, arguments: &[&str]) -> Run {
        self.run(&[&["classify", "--taxonomy", "taxonomy"], arguments].concat())
    }

    pub(crate) fn run_with(&self, arguments: &[&str], input: &[u8]) -> Run {
        run(self.folder.path(), arguments, input)
    }
}

fn run(folder: &Path, arguments: &[&str], input: &[u8]) -> Run {
    let mut child = Command::new(env!("CARGO_BIN_EXE_rolestream"))
        .args(["--set", "engine.workers=1"])
        .args(arguments)
        .current_dir(folder)
        .env_remove("ROLESTREAM_CONFIG")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // A program that does not read may have gone already.
    let _ = child.stdin.take().unwrap().write_all(input);
    let output = child.wait_with_output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    Run { code: output.status.code().unwrap(), out: text(output.stdout), err: text(output.stderr) }
}
