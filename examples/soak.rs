//! Does the engine stay right for as long as one cares to wait?
//!
//! Random histories, each followed by the oracle at every epoch, until so many edits are done:
//!
//! ```sh
//! cargo run --release --example soak -- --edits 1000000 --seed 1
//! ```
//!
//! The first difference is printed with its seed and ends the run with status 1.

#[path = "../dataflows/tests/common/mod.rs"]
mod common;

use common::check::check;
use common::coverage::Coverage;
use common::history::Shape;
use std::io::{IsTerminal, Write};
use std::process::ExitCode;
use std::time::{Duration, Instant};

const USAGE: &str = "usage: soak [--edits N] [--seed S]   (100000 edits from seed 1, if not told otherwise)";

/// How many edits, from which seed on.
fn arguments() -> Result<(usize, u64), String> {
    let (mut edits, mut seed) = (100_000, 1);
    let mut arguments = std::env::args().skip(1);
    while let Some(name) = arguments.next() {
        let value = arguments.next().and_then(|value| value.parse::<u64>().ok());
        match (name.as_str(), value) {
            ("--edits", Some(value)) => edits = value as usize,
            ("--seed", Some(value)) => seed = value,
            _ => return Err(format!("cannot read {name}\n{USAGE}")),
        }
    }
    Ok((edits, seed))
}

fn main() -> ExitCode {
    let (wanted, first) = match arguments() {
        Ok(arguments) => arguments,
        Err(error) => {
            eprintln!("{error}");
            return ExitCode::from(2);
        }
    };
    let started = Instant::now();
    let mut coverage = Coverage::default();
    let (mut edits, mut epochs, mut histories) = (0, 0, 0u64);
    let mut progress = Progress { last: None };
    while edits < wanted {
        match check(first.wrapping_add(histories), &Shape::default()) {
            Ok(passed) => {
                edits += passed.edits;
                epochs += passed.epochs;
                histories += 1;
                coverage.add(&passed.coverage);
            }
            Err(difference) => {
                eprintln!("\n{difference}");
                return ExitCode::FAILURE;
            }
        }
        let rate = edits as f64 / started.elapsed().as_secs_f64();
        progress.show(&format!("{edits} of {wanted} edits, {histories} histories, {epochs} epochs, {rate:.0} edits/s"));
    }
    eprintln!();
    println!("{coverage}");
    println!("{edits} edits, {histories} histories, {epochs} epochs in {:.1?}: no difference", started.elapsed());
    let missing = coverage.missing();
    if !missing.is_empty() {
        println!("never reached: {missing:?}");
    }
    ExitCode::SUCCESS
}

/// One line that is written over on a terminal, and a new line now and then elsewhere.
struct Progress {
    last: Option<Instant>,
}

impl Progress {
    fn show(&mut self, line: &str) {
        let terminal = std::io::stderr().is_terminal();
        let pause = Duration::from_secs(if terminal { 1 } else { 30 });
        if self.last.is_some_and(|last| last.elapsed() < pause) {
            return;
        }
        self.last = Some(Instant::now());
        if terminal {
            eprint!("\r{line}")
        } else {
            eprintln!("{line}")
        }
        std::io::stderr().flush().ok();
    }
}
