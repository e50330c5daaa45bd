//! `rolestream changes`: where did a service say something else than before, and why?

use super::fields::{print, rows, text, time, verdict};
use super::output::{Failure, Output};
use super::remote::Remote;
use crate::config::Config;
use crate::report::tables::{FAINT, NAME, cut, styled, table};
use clap::Args;
use std::process::ExitCode;

const EXAMPLES: &str = "\
Examples:
  rolestream changes                                  the newest first
  rolestream changes --cause taxonomy --since 2026-03-01
  rolestream changes --role data-engineer --json      JDs that left it or came to it
  rolestream changes --jd posting-17                  the history of one JD";

/// List where a service said something else than before: the log of role changes, newest first
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(super) struct Changes {
    /// Only those of this JD, by the id its source gave it
    #[arg(long, value_name = "ID")]
    jd: Option<String>,
    /// Only those in which this role was left or taken, by slug
    #[arg(long, value_name = "SLUG")]
    role: Option<String>,
    /// Only those with this cause, such as taxonomy or correction
    #[arg(long)]
    cause: Option<String>,
    /// Only those from then on: a day, or a time such as 2026-03-01T09:30:00Z
    #[arg(long, value_name = "TIME")]
    since: Option<String>,
    /// At most so many
    #[arg(long, value_name = "N", default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..))]
    limit: u32,
    #[command(flatten)]
    remote: Remote,
}

impl Changes {
    pub(super) fn run(self, config: &Config, out: &mut Output) -> Result<ExitCode, Failure> {
        let client = self.remote.client(config)?;
        let asked = [("jd", self.jd), ("role", self.role), ("cause", self.cause), ("since", self.since)];
        let found = rows(&client, "/role-changes", &asked, "role_changes", self.limit as usize)?;
        print(out, found, "nothing else was said than before", |out, changes| {
            let rows = changes.iter().map(|change| {
                let version = text(change, "cause_version");
                let cause = match version.as_str() {
                    "" => text(change, "cause"),
                    version => format!("{} {version}", text(change, "cause")),
                };
                vec![
                    styled(FAINT, text(change, "number")),
                    time(change, "at"),
                    styled(NAME, cut(&text(change, "jd"), 24)),
                    cut(&text(change, "title"), 28),
                    verdict(&change["before"]),
                    verdict(&change["after"]),
                    text(change, "after.rule"),
                    cause,
                ]
            });
            let columns = [
                ("#", true),
                ("when", false),
                ("JD", false),
                ("title", false),
                ("before", false),
                ("after", false),
                ("rule", false),
                ("cause", false),
            ];
            out.line(table(&columns, rows, out.width))
        })?;
        Ok(ExitCode::SUCCESS)
    }
}
