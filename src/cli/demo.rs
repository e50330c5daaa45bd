//! `rolestream demo`: what does the engine do? The main job, on the taxonomy and the JDs that ship with the program.
//!
//! `samples` are the JDs, `state` what stands after them, `edits` what is changed then and which past runs change.

mod edits;
pub(super) mod samples;
mod state;

use super::output::{Failure, Output, bar, grouped, took};
use super::session::Session;
use super::views::{summary, summary_row};
use crate::admission::Admitted;
use crate::config::Config;
use crate::report::tables::{FAINT, heading, styled, table};
use clap::Args;
use edits::Outcome;
use rolestream_dataflows::id::Id;
use rolestream_dataflows::views::Answer;
use serde::Serialize;
use serde_json::json;
use state::State;
use std::collections::HashMap;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// JDs that arrive at one moment.
const BATCH: usize = 10;
/// Decisions shown while they arrive, unless all are wanted.
const SHOWN: usize = 24;

/// See the main job: job descriptions arrive, are decided and captured; three edits correct the past
#[derive(Args, Debug)]
#[command(after_help = "It needs nothing but the program: taxonomy, JDs and embedding table are in it.")]
pub(super) struct Demo {
    /// Show every decision, not just some
    #[arg(long)]
    all: bool,
}

/// The JDs that were taken in, and what is said of each.
pub(super) struct Held {
    admitted: Vec<Admitted>,
    answers: HashMap<Id, Arc<Answer>>,
}

impl Held {
    /// The JD of an id.
    fn get(&self, jd: Id) -> Option<&Admitted> {
        self.admitted.iter().find(|admitted| admitted.update.id == jd)
    }
}

/// What `--json` prints.
#[derive(Serialize)]
struct Printed {
    loading_ms: f64,
    decisions: Vec<serde_json::Value>,
    state: State,
    edits: Vec<Outcome>,
}

impl Demo {
    pub(super) fn run(self, mut config: Config, out: &mut Output) -> Result<ExitCode, Failure> {
        let begun = Instant::now();
        let mut session = Session::open(&mut config, None, |_, _| {})?;
        if !out.json {
            let taxonomy = &session.taxonomy;
            out.line(format!(
                "{} roles, {} titles, {} responsibilities and {} skills stand after {}.",
                taxonomy.roles.len(),
                grouped((taxonomy.roles.len() + taxonomy.aliases.len()) as u64),
                grouped(taxonomy.kras.len() as u64),
                grouped(taxonomy.skills.len() as u64),
                took(session.loading)
            ))?;
        }
        let mut held = Held { admitted: Vec::new(), answers: HashMap::new() };
        let decisions = self.arrive(&mut session, &mut held, out)?;
        let state = State::of(&session, &held)?;
        if !out.json {
            state.print(out)?;
        }
        let mut outcomes = Vec::new();
        for edit in [edits::responsibility, edits::colliding_title, edits::accepted_skill] {
            let Some(edit) = edit(&session, &held)? else { continue };
            let outcome = edit.publish(&mut session, &mut held)?;
            if !out.json {
                outcome.print(outcomes.len() + 1, out)?;
            }
            outcomes.push(outcome);
        }
        if out.json {
            let loading_ms = milliseconds(session.loading);
            out.object(&Printed { loading_ms, decisions, state, edits: outcomes })?;
        } else {
            let hint = "Your own JDs: rolestream classify FILE; why a decision: rolestream explain FILE.";
            out.line(format!("\nAll of this took {}. {}", took(begun.elapsed()), styled(FAINT, hint)))?;
        }
        Ok(ExitCode::SUCCESS)
    }

    /// Takes the samples in, some at a time, and shows what is decided.
    fn arrive(
        &self,
        session: &mut Session,
        held: &mut Held,
        out: &mut Output,
    ) -> Result<Vec<serde_json::Value>, Failure> {
        let mut documents = samples::documents(session.limits)?;
        let begun = Instant::now();
        let progress = bar("JDs arriving", documents.len() as u64);
        let (mut decisions, mut rows) = (Vec::new(), Vec::new());
        while !documents.is_empty() {
            let batch = documents.drain(..BATCH.min(documents.len())).collect();
            for answered in session.answer(batch)? {
                let row = session.row(&answered);
                if out.json {
                    decisions.push(json!(crate::report::step_one(row)));
                } else {
                    rows.push(summary_row(row));
                }
                held.answers.insert(answered.admitted.update.id, answered.answer.clone());
                held.admitted.push(answered.admitted);
                progress.inc(1);
            }
        }
        progress.finish_and_clear();
        if out.json {
            return Ok(decisions);
        }
        let (count, elapsed) = (rows.len(), begun.elapsed());
        let shown = if self.all { rows } else { varied(rows) };
        let left = count - shown.len();
        out.line(heading(&format!(
            "{count} job descriptions arrived, {BATCH} at a time, and were decided in {}",
            took(elapsed)
        )))?;
        out.line(table(summary(), shown, out.width))?;
        if left > 0 {
            out.line(styled(FAINT, format!(" … and {left} more; --all shows them")))?;
        }
        out.flush()?;
        Ok(decisions)
    }
}

/// Some rows, in their order: two of each rule, then the first ones.
fn varied(rows: Vec<Vec<String>>) -> Vec<Vec<String>> {
    let mut seen: HashMap<String, usize> = HashMap::new();
    let mut wanted: Vec<bool> = rows
        .iter()
        .map(|row| {
            let count = seen.entry(row.get(4).cloned().unwrap_or_default()).or_default();
            *count += 1;
            *count <= 2
        })
        .collect();
    let mut room = SHOWN.saturating_sub(wanted.iter().filter(|wanted| **wanted).count());
    for wanted in wanted.iter_mut().filter(|wanted| !**wanted) {
        if room == 0 {
            break;
        }
        (*wanted, room) = (true, room - 1);
    }
    rows.into_iter().zip(wanted).filter(|(_, wanted)| *wanted).map(|(row, _)| row).collect()
}

fn milliseconds(duration: Duration) -> f64 {
    (duration.as_secs_f64() * 1e6).round() / 1e3
}
