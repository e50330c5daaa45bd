//! `rolestream collisions`: which titles do several roles of a service claim, and how were their runs settled?

mod settle;

use super::fields::{at, count, list, print, rows, text, time, verdict};
use super::output::{Failure, Output, grouped};
use super::remote::{Remote, query};
use crate::config::Config;
use crate::report::tables::{FAINT, GOOD, NAME, STRONG, WARNING, cut, heading, styled, table};
use clap::{Args, Subcommand};
use serde_json::Value;
use std::process::ExitCode;

const EXAMPLES: &str = "\
Examples:
  rolestream collisions list                  those that hit most JDs first
  rolestream collisions list --open           those with JDs that wait for a person
  rolestream collisions show 4711             its runs, and how each was settled
  rolestream collisions settle 9917 --role backend-engineer
  rolestream collisions settle 9917 --role data-engineer --where-skill kafka --where-skill spark
  rolestream collisions settle 9917 --ambiguous --reason \"both are right\"
  rolestream collisions settle 9917 --no-rule             as it was before";

/// List titles that several roles claim, show one with its runs, settle what it means
#[derive(Subcommand, Debug)]
#[command(after_help = EXAMPLES)]
pub(super) enum Command {
    /// List them, those that hit most JDs first
    List(List),
    /// Show one, with its runs
    Show(Show),
    /// Say what a title means
    Settle(settle::Settle),
}

#[derive(Args, Debug)]
pub(super) struct List {
    /// Only those in which this role takes part, by slug
    #[arg(long, value_name = "SLUG")]
    role: Option<String>,
    /// Only those with runs for which no role was chosen
    #[arg(long)]
    open: bool,
    /// At most so many
    #[arg(long, value_name = "N", default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..))]
    limit: u32,
    #[command(flatten)]
    remote: Remote,
}

#[derive(Args, Debug)]
pub(super) struct Show {
    /// Its number, as `list` prints it
    id: u64,
    /// At most so many of its runs
    #[arg(long, value_name = "N", default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..=1000))]
    limit: u32,
    #[command(flatten)]
    remote: Remote,
}

impl Command {
    pub(super) fn run(self, config: &Config, out: &mut Output) -> Result<ExitCode, Failure> {
        match self {
            Command::List(command) => command.run(config, out)?,
            Command::Show(command) => command.run(config, out)?,
            Command::Settle(command) => return command.run(config, out),
        }
        Ok(ExitCode::SUCCESS)
    }
}

/// The roles that claim a term, by name.
fn roles(collision: &Value) -> String {
    let names: Vec<String> = list(collision, "roles").iter().map(|role| text(role, "display_name")).collect();
    names.join(", ")
}

/// What a person settled about a term.
fn alias_rule(collision: &Value) -> String {
    let rule = at(collision, "alias_rule");
    let role = text(rule, "role");
    match text(rule, "verdict").as_str() {
        "" => String::new(),
        "assigned" => format!("means {role}"),
        "by_skills" => format!("means {role} with {}", super::fields::joined(rule, "skills")),
        other => format!("stays {other}"),
    }
}

impl List {
    fn run(self, config: &Config, out: &mut Output) -> Result<(), Failure> {
        let client = self.remote.client(config)?;
        let asked = [("role", self.role), ("open", self.open.then(|| "true".to_owned()))];
        let found = rows(&client, "/collisions", &asked, "collisions", self.limit as usize)?;
        print(out, found, "no title that JDs have is claimed by several roles", |out, collisions| {
            let rows = collisions.iter().map(|one| {
                let (runs, settled) = (count(one, "runs"), count(one, "settled"));
                let style = if settled < runs { WARNING } else { GOOD };
                vec![
                    styled(NAME, text(one, "id")),
                    cut(&text(one, "term"), 40),
                    roles(one),
                    grouped(runs),
                    styled(style, grouped(settled)),
                    alias_rule(one),
                    time(one, "last_seen"),
                ]
            });
            let columns = [
                ("id", false),
                ("title", false),
                ("claimed by", false),
                ("runs", true),
                ("settled", true),
                ("alias rule", false),
                ("last seen", false),
            ];
            out.line(table(&columns, rows, out.width))
        })
    }
}

impl Show {
    fn run(self, config: &Config, out: &mut Output) -> Result<(), Failure> {
        let client = self.remote.client(config)?;
        let asked = query(&[("limit", Some(self.limit.to_string()))]);
        let found: Value = client.get(&format!("/collisions/{}{asked}", self.id))?;
        if out.json {
            return out.object(&found);
        }
        out.line(format!("{}: claimed by {}", styled(STRONG, text(&found, "term")), roles(&found)))?;
        let rule = alias_rule(&found);
        if !rule.is_empty() {
            out.line(format!("alias rule: it {rule}"))?;
        }
        let (runs, settled) = (count(&found, "runs"), count(&found, "settled"));
        let ways = at(&found, "settlements").as_object().into_iter().flatten();
        let ways: Vec<String> = ways.map(|(way, runs)| format!("{way} {runs}")).collect();
        let seen = format!("seen from {} to {}", time(&found, "first_seen"), time(&found, "last_seen"));
        out.line(format!("{} runs, {} settled ({})", grouped(runs), grouped(settled), ways.join(", ")))?;
        out.line(styled(FAINT, seen))?;
        out.line(heading("Runs"))?;
        let rows = list(&found, "affected").iter().map(|run| {
            vec![
                styled(FAINT, text(run, "run_id")),
                cut(&text(run, "id"), 24),
                cut(&text(run, "title"), 32),
                verdict(&run["decision"]),
                text(run, "settled_by"),
                time(run, "created_at"),
            ]
        });
        let columns =
            [("run", false), ("JD", false), ("title", false), ("role", false), ("by", false), ("received", false)];
        out.line(table(&columns, rows, out.width))
    }
}
