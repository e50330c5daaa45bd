//! `rolestream reviews`: what waits for a person, and what people decided. Asked of a service that runs.

mod acting;
mod showing;

use super::output::{Failure, Output};
use super::remote::{Remote, query};
use crate::config::Config;
use crate::error::Error;
use crate::report::tables::{FAINT, GOOD, NAME, STRONG, WARNING, cut, styled, table};
use crate::serve::reviewing::Settled;
use crate::serve::routes::review_history::{Decisions, Reason};
use crate::serve::routes::reviews::Reviews;
use clap::{Args, Subcommand};
use std::process::ExitCode;

const EXAMPLES: &str = "\
Examples:
  rolestream reviews list --queue new_skills              the most urgent first
  rolestream reviews show 4184003172931                   one row: where it was seen, what it may be
  rolestream reviews accept 4184003172931 --dimension databases --reason \"asked for by many\"
  rolestream reviews merge 77120394 --into postgresql     it is another name of that skill
  rolestream reviews reject 8812 9910 1023 --reason \"no skills\"
  rolestream reviews snooze 8812 --until 30d
  rolestream reviews not-duplicate 8812 --of skill/postgresql
  rolestream reviews history
  rolestream reviews undo 12 --reason \"too early\"

Several rows are settled together: all of them, or none. Deciding needs a token of scope review, in ROLESTREAM_TOKEN;
for a service on this machine the one that its first start left in the store's folder is taken.";

/// See what waits for a person, and settle it
#[derive(Subcommand, Debug)]
#[command(after_help = EXAMPLES)]
pub(super) enum Command {
    /// List what waits
    List(List),
    /// Show a row: its runs, what it may be the same as, how it would be accepted
    Show(showing::Show),
    /// Accept rows: the taxonomy learns what they are about
    Accept(Box<acting::Accept>),
    /// Merge rows into something that is known: they are other names of it
    Merge(acting::Merge),
    /// Reject rows: they are never shown again
    Reject(acting::Reject),
    /// Say that rows are something else than what they are like; they stay
    NotDuplicate(acting::NotDuplicate),
    /// Hide rows until a time
    Snooze(acting::Snooze),
    /// Take a decision back
    Undo(Undo),
    /// List what people decided, the latest first
    History(History),
}

/// Which rows.
#[derive(Args, Debug)]
pub(super) struct List {
    /// Of this queue only
    #[arg(long, value_parser = ["new_skills", "new_roles", "new_kras", "novel_sentences", "undecided", "collisions"])]
    queue: Option<String>,
    /// Seen in this role, by slug
    #[arg(long, value_name = "SLUG")]
    role: Option<String>,
    /// With this in what they are about
    #[arg(long)]
    text: Option<String>,
    /// That stand so; without it all but snoozed and rejected ones
    #[arg(long, value_parser = ["pending", "accepted", "merged", "snoozed", "rejected"])]
    status: Option<String>,
    /// Seen in so many runs, at least
    #[arg(long, value_name = "RUNS")]
    min_frequency: Option<u64>,
    /// Their order
    #[arg(long, value_parser = ["priority", "frequency", "age", "last_seen"], default_value = "priority")]
    sort: String,
    /// How many, at most
    #[arg(long, default_value_t = 20)]
    limit: usize,
    /// Go on after the page that ended with this
    #[arg(long)]
    cursor: Option<String>,
    #[command(flatten)]
    remote: Remote,
}

/// Which decisions.
#[derive(Args, Debug)]
pub(super) struct History {
    /// By the token of this name
    #[arg(long, value_name = "NAME")]
    who: Option<String>,
    /// About rows of this queue
    #[arg(long, value_parser = ["new_skills", "new_roles", "new_kras", "novel_sentences", "undecided", "collisions"])]
    queue: Option<String>,
    /// About this row
    #[arg(long, value_name = "ID")]
    row: Option<u64>,
    /// How many, at most
    #[arg(long, default_value_t = 20)]
    limit: usize,
    /// Go on after the page that ended with this
    #[arg(long)]
    cursor: Option<String>,
    #[command(flatten)]
    remote: Remote,
}

/// Which decision.
#[derive(Args, Debug)]
pub(super) struct Undo {
    /// Its number in the history
    number: u64,
    /// Why; it is kept
    #[arg(long, default_value_t)]
    reason: String,
    #[command(flatten)]
    remote: Remote,
}

impl Command {
    pub(super) fn run(self, config: &Config, out: &mut Output) -> Result<ExitCode, Failure> {
        match self {
            Command::List(list) => list.run(config, out),
            Command::Show(show) => show.run(config, out),
            Command::Accept(accept) => accept.run(config, out),
            Command::Merge(merge) => merge.run(config, out),
            Command::Reject(reject) => reject.run(config, out),
            Command::NotDuplicate(not) => not.run(config, out),
            Command::Snooze(snooze) => snooze.run(config, out),
            Command::Undo(undo) => undo.run(config, out),
            Command::History(history) => history.run(config, out),
        }
    }
}

impl List {
    fn run(self, config: &Config, out: &mut Output) -> Result<ExitCode, Failure> {
        let asked = query(&[
            ("queue", self.queue.clone()),
            ("role", self.role),
            ("text", self.text),
            ("status", self.status),
            ("min_frequency", self.min_frequency.map(|least| least.to_string())),
            ("sort", Some(self.sort)),
            ("limit", Some(self.limit.to_string())),
            ("cursor", self.cursor),
        ]);
        let page: Reviews = self.remote.client(config)?.get(&format!("/reviews{asked}"))?;
        if out.json {
            page.reviews.iter().try_for_each(|row| out.object(row))?;
            return Ok(ExitCode::SUCCESS);
        }
        if page.reviews.is_empty() {
            out.line(styled(GOOD, "nothing waits"))?;
            return Ok(ExitCode::SUCCESS);
        }
        let rows = page.reviews.iter().map(|row| {
            let best = row.possible_matches.first();
            let best = best.map(|best| format!("{} {:.2}", cut(&best.slug, 24), best.score.to_f64()));
            let mut cells = vec![row.id.to_string(), styled(NAME, cut(&row.title, 44))];
            if self.queue.is_none() {
                cells.push(row.queue.name().to_owned());
            }
            cells.extend([
                row.frequency.to_string(),
                row.companies.to_string(),
                row.primary_share.map(|share| format!("{:.0} %", share.to_f64() * 100.0)).unwrap_or_default(),
                format!("{} d", row.age_days),
                format!("{:.2}", row.priority as f64 / 1e6),
                best.unwrap_or_default(),
                row.status.name().to_owned(),
            ]);
            cells
        });
        let mut columns = vec![("id", true), ("what", false)];
        if self.queue.is_none() {
            columns.push(("queue", false));
        }
        columns.extend([
            ("runs", true),
            ("companies", true),
            ("primary", true),
            ("age", true),
            ("priority", true),
            ("may be", false),
            ("status", false),
        ]);
        out.line(table(&columns, rows.collect::<Vec<_>>(), out.width))?;
        let shown = format!("{} of {}", page.reviews.len(), page.total);
        match page.next {
            Some(next) => out.line(styled(FAINT, format!("{shown}; go on with --cursor {next}")))?,
            None => out.line(styled(FAINT, shown))?,
        }
        Ok(ExitCode::SUCCESS)
    }
}

impl History {
    fn run(self, config: &Config, out: &mut Output) -> Result<ExitCode, Failure> {
        let asked = query(&[
            ("who", self.who),
            ("queue", self.queue),
            ("row", self.row.map(|row| row.to_string())),
            ("limit", Some(self.limit.to_string())),
            ("cursor", self.cursor),
        ]);
        let page: Decisions = self.remote.client(config)?.get(&format!("/review-history{asked}"))?;
        if out.json {
            page.decisions.iter().try_for_each(|told| out.object(told))?;
            return Ok(ExitCode::SUCCESS);
        }
        let rows = page.decisions.iter().map(|told| {
            let undone = told.undone.as_ref().map(|undone| styled(WARNING, format!("undone by {}", undone.who)));
            let said = told.said.first().map(|said| cut(said, 60)).unwrap_or_default();
            let more = told.said.len().saturating_sub(1);
            vec![
                told.number.to_string(),
                told.at.chars().take(16).collect::<String>().replace('T', " "),
                told.who.clone(),
                styled(NAME, told.order.action.name()),
                if more > 0 { format!("{said} and {more} more") } else { said },
                cut(&told.order.reason, 30),
                undone.unwrap_or_default(),
            ]
        });
        let columns = [
            ("no", true),
            ("when", false),
            ("who", false),
            ("did", false),
            ("what", false),
            ("why", false),
            ("", false),
        ];
        out.line(table(&columns, rows.collect::<Vec<_>>(), out.width))?;
        if let Some(next) = page.next {
            out.line(styled(FAINT, format!("go on with --cursor {next}")))?;
        }
        Ok(ExitCode::SUCCESS)
    }
}

impl Undo {
    fn run(self, config: &Config, out: &mut Output) -> Result<ExitCode, Failure> {
        let path = format!("/review-history/{}/undo", self.number);
        let settled: Settled = self.remote.client(config)?.post(&path, &Reason { reason: self.reason })?;
        told(&settled, true, out)
    }
}

/// Says what came of an order.
pub(super) fn told(settled: &Settled, undone: bool, out: &mut Output) -> Result<ExitCode, Failure> {
    if out.json {
        out.object(settled)?;
        return Ok(ExitCode::SUCCESS);
    }
    for said in &settled.entry.said {
        let said = if undone { format!("taken back: {said}") } else { said.clone() };
        out.line(format!("{} {said}", styled(GOOD, "✓")))?;
    }
    let version = settled.taxonomy_version.map(|version| format!("taxonomy version {version}; "));
    let version = version.unwrap_or_default();
    let number = settled.entry.number;
    let hint = match undone {
        true => format!("decision {number} counts no more"),
        false => format!("take it back with: rolestream reviews undo {number}"),
    };
    out.line(styled(FAINT, format!("{version}{hint}")))?;
    Ok(ExitCode::SUCCESS)
}

/// A word in bold.
fn strong(text: &str) -> String {
    styled(STRONG, text)
}

/// What is wrong with an argument.
fn unfit(argument: &str, found: &str, hint: &str) -> Error {
    Error::new(format!("{argument} does not fit")).detail(format!("it is {found:?}")).hint(hint)
}
