//! `rolestream audit`: who did what to a service, when and why?

use super::fields::{print, rows, text, time};
use super::output::{Failure, Output};
use super::remote::Remote;
use crate::config::Config;
use crate::report::tables::{BAD, GOOD, NAME, cut, styled, table};
use clap::Args;
use std::process::ExitCode;

/// List what was done and what was refused, newest first
#[derive(Args, Debug)]
#[command(after_help = "Examples:\n  rolestream audit --action publish\n  rolestream audit --outcome refused --json")]
pub(super) struct Audit {
    /// Only by the token of this name
    #[arg(long, value_name = "NAME")]
    who: Option<String>,
    /// Only this, such as publish
    #[arg(long)]
    action: Option<String>,
    /// Only what was done, or what was refused
    #[arg(long, value_parser = ["done", "refused"])]
    outcome: Option<String>,
    /// At most so many
    #[arg(long, value_name = "N", default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..))]
    limit: u32,
    #[command(flatten)]
    remote: Remote,
}

impl Audit {
    pub(super) fn run(self, config: &Config, out: &mut Output) -> Result<ExitCode, Failure> {
        let client = self.remote.client(config)?;
        let asked = [("who", self.who), ("action", self.action), ("outcome", self.outcome)];
        let found = rows(&client, "/audit", &asked, "entries", self.limit as usize)?;
        print(out, found, "nothing of that kind was done", |out, entries| {
            let rows = entries.iter().map(|entry| {
                let outcome = text(entry, "outcome");
                let style = if outcome == "done" { GOOD } else { BAD };
                vec![
                    text(entry, "number"),
                    time(entry, "at"),
                    styled(NAME, text(entry, "who")),
                    text(entry, "action"),
                    cut(&text(entry, "subject"), 40),
                    styled(style, outcome),
                    text(entry, "version"),
                    cut(&text(entry, "why"), 50),
                ]
            });
            let columns = [
                ("entry", true),
                ("when", false),
                ("who", false),
                ("what", false),
                ("of", false),
                ("outcome", false),
                ("version", true),
                ("why", false),
            ];
            out.line(table(&columns, rows, out.width))
        })?;
        Ok(ExitCode::SUCCESS)
    }
}
