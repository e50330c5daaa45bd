//! `rolestream runs`: what does a service say of each JD, and why?

mod explain;
mod show;

use super::fields::{print, rows, verdict};
use super::fields::{score, text, time};
use super::output::{Failure, Output};
use super::remote::{Remote, escaped};
use crate::config::Config;
use crate::report::tables::{FAINT, cut, styled, table};
use clap::{Args, Subcommand};
use serde_json::Value;
use std::process::ExitCode;

const EXAMPLES: &str = "\
Examples:
  rolestream runs list --role data-engineer
  rolestream runs list --case NEW --from 2026-03-01 --json
  rolestream runs show 4c25357b-bb70-414e-99a1-88ab7c6f68a1       decision, signals, enrichment
  rolestream runs explain 4c25357b-bb70-414e-99a1-88ab7c6f68a1    the parts of every number";

/// List what a service says of its JDs, show one, or have one explained
#[derive(Subcommand, Debug)]
#[command(after_help = EXAMPLES)]
pub(super) enum Command {
    /// List them, newest first
    List(List),
    /// Show one: decision, signals, skills, enrichment, what else was said of it
    Show(One),
    /// Say why: what the rules compared, and the parts of every number
    Explain(One),
}

#[derive(Args, Debug)]
pub(super) struct List {
    /// Only those at this step, such as completed
    #[arg(long)]
    status: Option<String>,
    /// Only those decided for this role, by slug
    #[arg(long, value_name = "SLUG")]
    role: Option<String>,
    /// Only those of this case: A to F, NEW, R
    #[arg(long)]
    case: Option<String>,
    /// Only those with this in title, company or id
    #[arg(long)]
    text: Option<String>,
    /// Only those received from then on: a day, or a time such as 2026-03-01T09:30:00Z
    #[arg(long, value_name = "TIME")]
    from: Option<String>,
    /// Only those received before then
    #[arg(long, value_name = "TIME")]
    before: Option<String>,
    /// At most so many
    #[arg(long, value_name = "N", default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..))]
    limit: u32,
    #[command(flatten)]
    remote: Remote,
}

#[derive(Args, Debug)]
pub(super) struct One {
    /// Its id, as `list` prints it
    run_id: String,
    #[command(flatten)]
    remote: Remote,
}

impl Command {
    pub(super) fn run(self, config: &Config, out: &mut Output) -> Result<ExitCode, Failure> {
        match self {
            Command::List(command) => command.run(config, out)?,
            Command::Show(one) => one.run(config, "", out, show::show)?,
            Command::Explain(one) => one.run(config, "/explain", out, explain::show)?,
        }
        Ok(ExitCode::SUCCESS)
    }
}

impl One {
    fn run(
        self,
        config: &Config,
        what: &str,
        out: &mut Output,
        show: impl FnOnce(&mut Output, &Value) -> Result<(), Failure>,
    ) -> Result<(), Failure> {
        let client = self.remote.client(config)?;
        let told: Value = client.get(&format!("/runs/{}{what}", escaped(&self.run_id)))?;
        if out.json { out.object(&told) } else { show(out, &told) }
    }
}

impl List {
    fn run(self, config: &Config, out: &mut Output) -> Result<(), Failure> {
        let client = self.remote.client(config)?;
        let asked = [
            ("status", self.status),
            ("role", self.role),
            ("case", self.case),
            ("text", self.text),
            ("from", self.from),
            ("before", self.before),
        ];
        let found = rows(&client, "/runs", &asked, "runs", self.limit as usize)?;
        print(out, found, "no run is like that", |out, runs| {
            let rows = runs.iter().map(|run| {
                vec![
                    styled(FAINT, text(run, "run_id")),
                    cut(&text(run, "id"), 24),
                    cut(&text(run, "title"), 32),
                    verdict(&run["decision"]),
                    text(run, "decision.case"),
                    text(run, "decision.rule"),
                    score(run, "decision.confidence"),
                    time(run, "created_at"),
                ]
            });
            let columns = [
                ("run", false),
                ("JD", false),
                ("title", false),
                ("role", false),
                ("case", false),
                ("rule", false),
                ("confidence", true),
                ("received", false),
            ];
            out.line(table(&columns, rows, out.width))
        })
    }
}
