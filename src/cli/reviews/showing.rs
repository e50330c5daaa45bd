//! What does a row look like in full? Where it was seen, what it may be the same as, and how it would be accepted.

use super::super::output::{Failure, Output};
use super::super::remote::{Client, Remote, query};
use super::strong;
use crate::config::Config;
use crate::report::tables::{FAINT, NAME, cut, heading, styled, table};
use crate::review::{Queue, Row};
use crate::serve::reviewing::Proposal;
use clap::Args;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::process::ExitCode;

#[derive(Args, Debug)]
pub(in super::super) struct Show {
    /// Its id, as `reviews list` shows it
    id: u64,
    /// Print how it would be accepted: of a new role the records, to be changed and given to `reviews accept --records`
    #[arg(long)]
    proposal: bool,
    /// How many of its runs, at most
    #[arg(long, default_value_t = 10)]
    limit: usize,
    #[command(flatten)]
    remote: Remote,
}

/// A row and its runs, as far as they are shown.
#[derive(Serialize, Deserialize)]
struct Shown {
    review: Row,
    runs: Vec<Value>,
    next: Option<String>,
}

impl Show {
    pub(super) fn run(self, config: &Config, out: &mut Output) -> Result<ExitCode, Failure> {
        let client = self.remote.client(config)?;
        if self.proposal {
            return self.propose(&client, out);
        }
        let asked = query(&[("limit", Some(self.limit.to_string()))]);
        let shown: Shown = client.get(&format!("/reviews/{}{asked}", self.id))?;
        if out.json {
            out.object(&shown)?;
            return Ok(ExitCode::SUCCESS);
        }
        let Shown { review: row, runs, .. } = &shown;
        out.line(format!("{}  {}", styled(NAME, &row.title), styled(FAINT, row.queue.name())))?;
        let primary = row.primary_share.map(|share| format!(", primary in {:.0} %", share.to_f64() * 100.0));
        out.line(format!(
            "{} in {} runs of {} companies{}, {} days old, {}",
            strong("seen"),
            row.frequency,
            row.companies,
            primary.unwrap_or_default(),
            row.age_days,
            row.status.name()
        ))?;
        if !row.roles.is_empty() {
            out.line(heading("Roles"))?;
            let roles = row.roles.iter().map(|share| vec![share.name.clone(), share.frequency.to_string()]);
            out.line(table(&[("role", false), ("runs", true)], roles.collect::<Vec<_>>(), out.width))?;
        }
        if !row.possible_matches.is_empty() {
            out.line(heading("May be"))?;
            let found = row.possible_matches.iter().map(|one| {
                vec![styled(NAME, &one.slug), cut(&one.name, 60), format!("{:.2}", one.score.to_f64()), one.why.clone()]
            });
            let columns = [("slug", false), ("name", false), ("score", true), ("why", false)];
            out.line(table(&columns, found.collect::<Vec<_>>(), out.width))?;
        }
        if !row.examples.is_empty() {
            out.line(heading("Examples"))?;
            for example in &row.examples {
                out.line(format!("  {}", cut(&example.text, 110)))?;
            }
        }
        out.line(heading("Runs, newest first"))?;
        let text = |run: &Value, name: &str| run[name].as_str().unwrap_or_default().to_owned();
        let rows = runs.iter().map(|run| {
            let role = run["decision"]["role"].as_str().unwrap_or("none").to_owned();
            vec![text(run, "run_id"), cut(&text(run, "id"), 30), cut(&text(run, "title"), 40), role]
        });
        let columns = [("run", false), ("jd", false), ("title", false), ("role", false)];
        out.line(table(&columns, rows.collect::<Vec<_>>(), out.width))?;
        if shown.next.is_some() {
            out.line(styled(FAINT, "and more; raise --limit"))?;
        }
        Ok(ExitCode::SUCCESS)
    }

    fn propose(&self, client: &Client, out: &mut Output) -> Result<ExitCode, Failure> {
        let proposal: Proposal = client.get(&format!("/reviews/{}/proposal", self.id))?;
        match (&proposal.accept.records, proposal.queue) {
            // For `accept --records`, so as JSON, and to be read by a person.
            (Some(records), Queue::NewRoles) if !out.json => {
                let lines = records.iter().map(serde_json::to_string).collect::<Result<Vec<_>, _>>();
                let lines = lines.map_err(|error| Failure::Output(std::io::Error::other(error)))?;
                out.line(format!("[\n  {}\n]", lines.join(",\n  ")))?;
            }
            _ => out.object(&proposal)?,
        }
        Ok(ExitCode::SUCCESS)
    }
}
