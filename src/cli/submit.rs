//! `rolestream submit`: JDs into a service that runs, and what it says of them.

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

impl Submit {
    pub(super) fn run(self, config: &Config, out: &mut Output) -> Result<ExitCode, Failure> {
        let client = self.remote.client(config)?;
        let documents = Documents::new(&self.inputs, Limits::of_text(config.admission.max_text_bytes));
        let mut refused = 0;
        let mut readable = Vec::new();
        let progress = counter("JDs");
        let begun = Instant::now();
        let (mut taken, mut unchanged, mut rows) = (0, 0, Vec::new());
        let mut refuse = |error: Error| {
            refused += 1;
            progress.suspend(|| complain(&Errors(vec![error])));
        };
        for document in documents {
            match document {
                Ok(document) => readable.push(document),
                Err(error) => refuse(error),
            }
            if self.bulk && readable.len() == BATCH {
                progress.inc(BATCH as u64);
                let told = bulk(&client, std::mem::take(&mut readable))?;
                (taken, unchanged) = (taken + number(&told, "taken"), unchanged + number(&told, "unchanged"));
            }
        }
        if self.bulk {
            if !readable.is_empty() {
                let told = bulk(&client, readable)?;
                (taken, unchanged) = (taken + number(&told, "taken"), unchanged + number(&told, "unchanged"));
            }
            progress.finish_and_clear();
            match out.json {
                true => out.object(&json!({"taken": taken, "unchanged": unchanged, "refused": refused}))?,
                false => {
                    let (taken, unchanged) = (grouped(taken), grouped(unchanged));
                    out.line(format!("{taken} JDs taken, {unchanged} of them as they were; all of it is visible"))?;
                }
            }
        } else {
            for document in readable {
                progress.inc(1);
                match self.one(&client, document) {
                    Ok(answers) if out.json => answers.iter().try_for_each(|answer| out.object(answer))?,
                    Ok(answers) => rows.extend(answers.first().map(row)),
                    Err(error) => refuse(error),
                }
            }
            progress.finish_and_clear();
            if !rows.is_empty() {
                let columns = [("JD", false), ("role", false), ("case", false), ("rule", false), ("run", false)];
                out.line(table(&columns, rows, out.width))?;
            }
        }
        out.flush()?;
        remark(format!("took {}", took(begun.elapsed())));
        Ok(if refused > 0 { ExitCode::from(1) } else { ExitCode::SUCCESS })
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

fn bulk(client: &Client, documents: Vec<Document>) -> Result<Value, Error> {
    let line = |document: Document| {
        let line = json!({
            "id": document.id, "text": document.text, "title": document.title, "company": document.company,
            "received_at": document.received_at,
        });
        format!("{line}\n")
    };
    client.post_text("/jds?wait=120", "application/x-ndjson", documents.into_iter().map(line).collect())
}

fn number(answer: &Value, field: &str) -> u64 {
    answer[field].as_u64().unwrap_or(0)
}

fn row(first: &Value) -> Vec<String> {
    let decision = &first["stage4_decision"];
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let role = match (&decision["chosen_role"]["display_name"], &decision["new_role_display_name"]) {
        (Value::String(name), _) => styled(NAME, name),
        (_, Value::String(name)) => format!("new: {name}"),
        _ if first["rejected"] == true => text(&first["rejection_reason"]),
        _ => "queued".to_owned(),
    };
    vec![text(&first["id"]), role, text(&decision["case"]), text(&decision["rule"]), text(&first["run_id"])]
}
