//! How is the program run and killed? As a process of its own, whose lines are read while it runs.

use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::{Arc, Condvar, Mutex};
use std::thread;
use std::time::{Duration, Instant};

/// How long it may take until a line comes that must come.
const PATIENCE: Duration = Duration::from_secs(90);

#[derive(Default)]
struct Lines(Mutex<Vec<String>>, Condvar);

impl Lines {
    fn read(self: &Arc<Lines>, from: impl Read + Send + 'static) {
        let lines = self.clone();
        thread::spawn(move || {
            for line in BufReader::new(from).lines().map_while(Result::ok) {
                lines.0.lock().unwrap().push(line);
                lines.1.notify_all();
            }
        });
    }

    /// The first line that holds this, as soon as it is there.
    fn wait(&self, part: &str, most: Duration) -> Option<String> {
        let begun = Instant::now();
        let mut lines = self.0.lock().unwrap();
        loop {
            if let Some(line) = lines.iter().find(|line| line.contains(part)) {
                return Some(line.clone());
            }
            let left = most.checked_sub(begun.elapsed())?;
            lines = self.1.wait_timeout(lines, left).unwrap().0;
        }
    }
}

/// `rolestream run`, running.
pub(crate) struct Running {
    child: Child,
    lines: Arc<Lines>,
}

impl Running {
    /// In this folder: its store, its taxonomy.
    pub(crate) fn start(folder: &Path, brokers: &str) -> Running {
        // Where the program was built elsewhere, such as in release.
        let program = std::env::var_os("ROLESTREAM_BINARY").unwrap_or_else(|| env!("CARGO_BIN_EXE_rolestream").into());
        let mut child = Command::new(program)
            .args(["run", "--brokers", brokers, "--sink", "kafka", "--store", "store", "--taxonomy", "taxonomy"])
            .args(["--address", "127.0.0.1:0"])
            .args(super::SETTINGS.iter().flat_map(|setting| ["--set", setting]))
            .current_dir(folder)
            .env_remove("ROLESTREAM_CONFIG")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let lines = Arc::new(Lines::default());
        lines.read(child.stdout.take().unwrap());
        lines.read(child.stderr.take().unwrap());
        Running { child, lines }
    }

    /// Waits for a line that must come.
    pub(crate) fn wait(&mut self, part: &str) -> String {
        let begun = Instant::now();
        loop {
            if let Some(line) = self.lines.wait(part, Duration::from_millis(200)) {
                return line;
            }
            self.must_run();
            assert!(begun.elapsed() < PATIENCE, "{part:?} is not said:\n{}", self.said());
        }
    }

    /// Waits for a line that may come, or for so long; whether it came.
    pub(crate) fn may_say(&self, part: &str, most: Duration) -> bool {
        self.lines.wait(part, most).is_some()
    }

    /// Fails where it has ended: nobody told it to.
    pub(crate) fn must_run(&mut self) {
        if let Some(status) = self.child.try_wait().unwrap() {
            panic!("it ended by itself, {status}:\n{}", self.said());
        }
    }

    /// As a crash ends it.
    pub(crate) fn kill(mut self) {
        self.must_run();
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// In order, by SIGTERM.
    pub(crate) fn end(mut self) -> (ExitStatus, String) {
        self.must_run();
        assert!(Command::new("kill").arg(self.child.id().to_string()).status().unwrap().success());
        let status = self.child.wait().unwrap();
        (status, self.said())
    }

    /// What its metrics say now.
    pub(crate) fn metrics(&mut self) -> String {
        let line = self.wait("metrics at ");
        let address = line.split("metrics at ").nth(1).unwrap().trim();
        ureq::get(address).call().unwrap().body_mut().read_to_string().unwrap()
    }

    fn said(&self) -> String {
        let lines = self.lines.0.lock().unwrap();
        lines[lines.len().saturating_sub(60)..].join("\n")
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
