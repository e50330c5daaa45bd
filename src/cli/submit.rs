//! `rolestream submit`: JDs into a service that runs, and what it says of them.

use super::fields::{count, list, text};
use super::output::{Failure, Output, complain, counter, grouped, remark, took};
use super::remote::{Client, Remote};
use crate::admission::{Document, Documents, Limits};
use crate::config::Config;
use crate::error::{Error, Errors};
use crate::report::tables::{NAME, styled, table};
use clap::Args;
use serde_json::{Value, json};
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Instant;

/// Lines sent in one request.
const BATCH: usize = 2_000;

const EXAMPLES: &str = "\
Examples:
  rolestream submit backend.txt                 one JD: its role, as the service says it
  rolestream submit backend.txt --steps --json  through all three steps, an object each
  rolestream submit jds/ --bulk                 many at once; waits until all of them are visible

Inputs are those of `rolestream classify`. The service's token is $ROLESTREAM_TOKEN, which needs the scope submit; for one
on this machine the token in the store's folder is taken.

Exit code: 0 when every input was taken, 1 when one was not, 2 when the command could not begin.";

/// Hand JDs to a service that runs
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(super) struct Submit {
    /// Files or folders, or - for standard input
    #[arg(required = true, value_name = "FILE|FOLDER|-")]
    inputs: Vec<PathBuf>,
    /// Take each of them through all three steps
    #[arg(long, conflicts_with = "bulk")]
    steps: bool,
    /// Hand them in many at a time, and tell only how many were taken
    #[arg(long)]
    bulk: bool,
    #[command(flatten)]
    remote: Remote,
}

/// What came of JDs that were handed in.
#[derive(Default)]
struct Sent {
    taken: u64,
    unchanged: u64,
    /// What could not be read here, and what the service refused.
    refused: Vec<Error>,
    /// Whether some of it was not visible in time.
    late: bool,
}

impl Submit {
    pub(super) fn run(self, config: &Config, out: &mut Output) -> Result<ExitCode, Failure> {
        let client = self.remote.client(config)?;
        let documents = Documents::new(&self.inputs, Limits::of_text(config.admission.max_text_bytes));
        let begun = Instant::now();
        let refused = match self.bulk {
            true => many(&client, documents, out)?,
            false => self.each(&client, documents, out)?,
        };
        out.flush()?;
        remark(format!("took {}", took(begun.elapsed())));
        let code = if refused.is_empty() { ExitCode::SUCCESS } else { ExitCode::from(1) };
        complain(&Errors(refused));
        Ok(code)
    }

    /// Hands them in one by one, and tells what is said of each; what was not taken is returned.
    fn each(&self, client: &Client, documents: Documents, out: &mut Output) -> Result<Vec<Error>, Failure> {
        let progress = counter("JDs");
        let (mut refused, mut rows) = (Vec::new(), Vec::new());
        for document in documents {
            progress.inc(1);
            match document.and_then(|document| self.one(client, document)) {
                Ok(answers) if out.json => answers.iter().try_for_each(|answer| out.object(answer))?,
                Ok(answers) => rows.extend(answers.first().map(row)),
                Err(error) => refused.push(error),
            }
        }
        progress.finish_and_clear();
        if !rows.is_empty() {
            let columns = [("JD", false), ("role", false), ("case", false), ("rule", false), ("run", false)];
            out.line(table(&columns, rows, out.width))?;
        }
        Ok(refused)
    }

    /// What the service says of one: an answer a step.
    fn one(&self, client: &Client, document: Document) -> Result<Vec<Value>, Error> {
        let first: Value = client.post(
            "/skills/extract-from-jd",
            &json!({
                "id": document.id, "jd_text": document.text, "title": document.title, "company": document.company,
                "received_at": document.received_at.map(|at| at.to_string()),
            }),
        )?;
        let run = json!({"run_id": first["run_id"]});
        let rejected = first["rejected"] == true;
        let mut answers = vec![first];
        if self.steps && !rejected {
            answers.push(client.post("/skills/extract-details", &run)?);
            answers.push(client.post("/skills/final-role-output", &run)?);
        }
        Ok(answers)
    }
}

/// Hands them in many at a time, and tells how many were taken; what was not is returned.
fn many(client: &Client, documents: Documents, out: &mut Output) -> Result<Vec<Error>, Failure> {
    let progress = counter("JDs");
    let mut sent = Sent::default();
    let mut documents = documents.peekable();
    while documents.peek().is_some() {
        let mut lines = String::new();
        for document in documents.by_ref().take(BATCH) {
            progress.inc(1);
            match document {
                Ok(document) => lines.push_str(&line(&document)),
                Err(error) => sent.refused.push(error),
            }
        }
        if !lines.is_empty() {
            sent.add(&client.post_text("/jds?wait=120", "application/x-ndjson", lines)?);
        }
    }
    progress.finish_and_clear();
    let (taken, unchanged) = (sent.taken, sent.unchanged);
    if out.json {
        let refused = sent.refused.len();
        out.object(&json!({"taken": taken, "unchanged": unchanged, "refused": refused, "visible": !sent.late}))?;
    } else {
        let seen = if sent.late { "some of it is not visible yet" } else { "all of it is visible" };
        out.line(format!("{} JDs taken, {} of them as they were; {seen}", grouped(taken), grouped(unchanged)))?;
    }
    Ok(sent.refused)
}

fn line(document: &Document) -> String {
    let line = json!({
        "id": document.id, "text": document.text, "title": document.title, "company": document.company,
        "received_at": document.received_at,
    });
    format!("{line}\n")
}

impl Sent {
    /// Adds what the service says of some lines.
    fn add(&mut self, told: &Value) {
        self.taken += count(told, "taken");
        self.unchanged += count(told, "unchanged");
        self.late |= told["visible"] != true;
        for line in list(told, "refused") {
            let mut error = Error::new(text(line, "title"));
            error.detail = line["detail"].as_str().map(str::to_owned);
            error.hint = line["hint"].as_str().map(str::to_owned);
            self.refused.push(error);
        }
    }
}

fn row(first: &Value) -> Vec<String> {
    let decision = &first["stage4_decision"];
    let role = match (&decision["chosen_role"]["display_name"], &decision["new_role_display_name"]) {
        (Value::String(name), _) => styled(NAME, name),
        (_, Value::String(name)) => format!("new: {name}"),
        _ if first["rejected"] == true => text(first, "rejection_reason"),
        _ => "queued".to_owned(),
    };
    vec![text(first, "id"), role, text(decision, "case"), text(decision, "rule"), text(first, "run_id")]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_service_refused_or_did_not_show_in_time_is_told() {
        let mut sent = Sent::default();
        sent.add(&json!({"taken": 3, "unchanged": 1, "refused": [], "visible": true}));
        assert!(!sent.late && sent.refused.is_empty());
        let refused = json!({"line": 2, "title": "no id", "detail": null, "hint": "give one"});
        sent.add(&json!({"taken": 1, "unchanged": 0, "refused": [refused], "visible": false}));
        assert_eq!((sent.taken, sent.unchanged, sent.late), (4, 1, true));
        assert_eq!(sent.refused, [Error::new("no id").hint("give one")]);
    }
}
