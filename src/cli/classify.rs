//! `rolestream classify`: which role is each of these JDs?

use super::output::{Failure, Output, complain, counter, grouped, remark, took};
use super::session::{Answered, Session};
use super::views::{full, summary, summary_row};
use crate::admission::{Document, Documents};
use crate::config::Config;
use crate::error::{Error, Errors};
use crate::report::step_one;
use crate::report::tables::table;
use clap::Args;
use serde_json::json;
use std::collections::{BTreeMap, HashSet};
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Instant;

/// JDs admitted in one epoch.
const BATCH: usize = 500;

const EXAMPLES: &str = "\
Examples:
  rolestream classify backend.txt                    one JD, in full
  rolestream classify jds/ --summary                 a folder, counted by rule
  curl -s https://jobs.example/1 | rolestream classify -
  rolestream classify jds.jsonl.gz --json > answers.jsonl
  rolestream classify jds.jsonl --taxonomy onet/ --top 10

Inputs: plain text, Markdown, HTML, a JSON object or array, JSON lines
  {\"id\": \"…\", \"title\": \"…\", \"text\": \"…\", \"company\": \"…\", \"received_at\": \"2026-03-01T09:30:00Z\"}
(only \"text\" must be there), gzip of any of them, folders of them, and - for standard input.

Exit code: 0 when every input was answered (a rejection with its reason is an answer), 1 when one could not be read,
2 when the command could not begin.";

/// Say which role each of these JDs is, and why
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(super) struct Classify {
    /// Files or folders, or - for standard input
    #[arg(required = true, value_name = "FILE|FOLDER|-")]
    inputs: Vec<PathBuf>,
    /// A folder with another taxonomy than the one in the program
    #[arg(long, value_name = "FOLDER")]
    taxonomy: Option<PathBuf>,
    /// Entries of each ranking [default: 5, or output.top]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=100_000))]
    top: Option<u32>,
    /// Count rules, cases and rejections, and print no single answer
    #[arg(long)]
    summary: bool,
}

/// What is counted for the summary.
#[derive(Default)]
struct Counts {
    answered: u64,
    decided: u64,
    queued: u64,
    rejected: u64,
    unread: u64,
    by_rule: BTreeMap<(&'static str, &'static str), u64>,
    by_rejection: BTreeMap<&'static str, u64>,
}

impl Classify {
    pub(super) fn run(self, mut config: Config, out: &mut Output) -> Result<ExitCode, Failure> {
        let mut session = Session::open(&mut config, self.taxonomy.as_deref(), |settings, taxonomy| {
            // More than there are roles is all of them.
            let roles = u32::try_from(taxonomy.roles.len()).unwrap_or(u32::MAX).max(1);
            settings.top = self.top.unwrap_or(settings.top).min(roles);
        })?;
        let begun = Instant::now();
        let progress = counter("JDs");
        let mut counts = Counts::default();
        let mut documents = Documents::new(&self.inputs, session.limits).peekable();
        let mut rows = Vec::new();
        let mut alone = true;
        while documents.peek().is_some() {
            let batch = next_batch(&mut documents);
            alone &= batch.len() == 1 && documents.peek().is_none() && counts.answered + counts.unread == 0;
            progress.inc(batch.len() as u64);
            for answered in answer(&mut session, batch)? {
                match answered {
                    Ok(answered) => {
                        counts.add(&answered);
                        let row = session.row(&answered);
                        match () {
                            () if self.summary => {}
                            () if out.json => out.object(&step_one(row))?,
                            () if alone => full(out, row)?,
                            () => rows.push(summary_row(row)),
                        }
                    }
                    Err(error) => {
                        counts.unread += 1;
                        if out.json && !self.summary {
                            out.object(&json!({"id": null, "error": error}))?;
                        }
                        progress.suspend(|| complain(&Errors(vec![error])));
                    }
                }
            }
        }
        progress.finish_and_clear();
        if !rows.is_empty() {
            out.line(table(summary(), rows, out.width))?;
        }
        if self.summary {
            counts.print(out)?;
        }
        out.flush()?;
        if !alone || self.summary {
            let (all, took_seconds) = (counts.answered, begun.elapsed().as_secs_f64());
            remark(format!(
                "{} JDs in {} ({} a second): {} decided, {} queued, {} rejected{}",
                grouped(all),
                took(begun.elapsed()),
                grouped((all as f64 / took_seconds.max(1e-6)) as u64),
                grouped(counts.decided),
                grouped(counts.queued),
                grouped(counts.rejected),
                if counts.unread > 0 {
                    format!("; {} could not be read", grouped(counts.unread))
                } else {
                    String::new()
                },
            ));
        }
        Ok(if counts.unread > 0 { ExitCode::from(1) } else { ExitCode::SUCCESS })
    }
}

/// Up to so many inputs, no id twice: a second delivery of an id is another version, and of a later epoch.
fn next_batch(
    documents: &mut std::iter::Peekable<impl Iterator<Item = Result<Document, Error>>>,
) -> Vec<Result<Document, Error>> {
    let mut ids: HashSet<String> = HashSet::new();
    let mut batch = Vec::new();
    while batch.len() < BATCH {
        let next = documents.next_if(|next| next.as_ref().map_or(true, |document| !ids.contains(&document.id)));
        let Some(next) = next else { break };
        ids.extend(next.as_ref().ok().map(|document| document.id.clone()));
        batch.push(next);
    }
    batch
}

/// Answers in the order of the inputs; what could not be read stays in its place.
fn answer(session: &mut Session, batch: Vec<Result<Document, Error>>) -> Result<Vec<Result<Answered, Error>>, Failure> {
    let mut documents = Vec::new();
    let errors: Vec<Option<Error>> = batch
        .into_iter()
        .map(|one| match one {
            Ok(document) => {
                documents.push(document);
                None
            }
            Err(error) => Some(error),
        })
        .collect();
    let mut answers = session.answer(documents)?.into_iter();
    let in_place = errors.into_iter().filter_map(|error| match error {
        Some(error) => Some(Err(error)),
        None => answers.next().map(Ok),
    });
    Ok(in_place.collect())
}

impl Counts {
    fn add(&mut self, answered: &Answered) {
        let decision = &answered.answer.decision;
        self.answered += 1;
        self.decided += u64::from(decision.role.is_some());
        self.queued += u64::from(decision.queued());
        self.rejected += u64::from(decision.rejection.is_some());
        let key = (crate::report::reasoning::rule(decision.rule), crate::report::reasoning::case(decision.case));
        *self.by_rule.entry(key).or_default() += 1;
        if let Some(reason) = decision.rejection {
            *self.by_rejection.entry(reason.name()).or_default() += 1;
        }
    }

    fn print(&self, out: &mut Output) -> Result<(), Failure> {
        if out.json {
            let rules: BTreeMap<String, u64> =
                self.by_rule.iter().map(|((rule, case), n)| (format!("{rule} {case}"), *n)).collect();
            return out.object(&json!({
                "answered": self.answered, "decided": self.decided, "queued": self.queued,
                "rejected": self.rejected, "unread": self.unread,
                "by_rule_and_case": rules, "by_rejection": self.by_rejection,
            }));
        }
        let share = |n: u64| format!("{:.1} %", n as f64 * 100.0 / self.answered.max(1) as f64);
        let mut by_rule: Vec<_> = self.by_rule.iter().collect();
        by_rule.sort_by_key(|(_, n)| u64::MAX - **n);
        let rows = by_rule
            .into_iter()
            .map(|((rule, case), n)| vec![(*rule).to_owned(), (*case).to_owned(), grouped(*n), share(*n)]);
        let columns = [("rule", false), ("case", false), ("JDs", true), ("share", true)];
        out.line(table(&columns, rows, out.width))?;
        if !self.by_rejection.is_empty() {
            let rows = self.by_rejection.iter().map(|(reason, n)| vec![(*reason).to_owned(), grouped(*n), share(*n)]);
            out.line(table(&[("rejected as", false), ("JDs", true), ("share", true)], rows, out.width))?;
        }
        Ok(())
    }
}
