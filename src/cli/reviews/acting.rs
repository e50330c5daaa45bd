//! What is ordered about rows? Each command is one order, of one row or several.

use super::super::output::{Failure, Output};
use super::super::remote::Remote;
use super::{told, unfit};
use crate::config::Config;
use crate::error::Error;
use crate::review::{self, Action, MatchKind, Order};
use crate::serve::access::millis_of;
use crate::serve::reviewing::Settled;
use crate::serve::routes::reviews::ManyRows;
use crate::taxonomy::json_lines::Line;
use crate::time::millis;
use clap::Args;
use std::path::PathBuf;
use std::process::ExitCode;

/// Which rows, and why.
#[derive(Args, Debug)]
struct Rows {
    /// Their ids, as `reviews list` shows them
    #[arg(required = true, value_name = "ID")]
    ids: Vec<u64>,
    /// Why; it is kept
    #[arg(long, default_value_t)]
    reason: String,
    /// For this role only, by slug [default: everywhere]
    #[arg(long, value_name = "SLUG")]
    role: Option<String>,
    #[command(flatten)]
    remote: Remote,
}

impl Rows {
    fn settle(self, action: Action, config: &Config, out: &mut Output) -> Result<ExitCode, Failure> {
        let order = Order { action, role: self.role, reason: self.reason };
        let asked = ManyRows { ids: self.ids, order };
        let settled: Settled = self.remote.client(config)?.post("/reviews", &asked)?;
        told(&settled, false, out)
    }
}

#[derive(Args, Debug)]
pub(in super::super) struct Accept {
    #[command(flatten)]
    rows: Rows,
    /// New skill: its name, where that is another than the text
    #[arg(long)]
    name: Option<String>,
    /// New skill: another name of it; may be repeated
    #[arg(long, value_name = "NAME")]
    alias: Vec<String>,
    /// New skill: the slug of its home [default: that of its nearest match, or of what it is used with]
    #[arg(long, value_name = "SLUG")]
    dimension: Option<String>,
    /// New skill: its kind, such as tool or language
    #[arg(long)]
    kind: Option<String>,
    /// New skill: the roles in which it is mostly primary list it from now on
    #[arg(long)]
    link_roles: bool,
    /// New role: a file with its records, as `reviews show ID --proposal` prints them [default: the proposal]
    #[arg(long, value_name = "FILE")]
    records: Option<PathBuf>,
    /// New KRA: a sentence that becomes one; may be repeated
    #[arg(long)]
    sentence: Vec<String>,
    /// Undecided: the role of the JD. New KRA: the role that gets it
    #[arg(long, value_name = "SLUG")]
    chosen_role: Option<String>,
}

#[derive(Args, Debug)]
pub(in super::super) struct Merge {
    #[command(flatten)]
    rows: Rows,
    /// The slug of a skill or role, the id of a KRA
    #[arg(long, value_name = "SLUG")]
    into: String,
}

#[derive(Args, Debug)]
pub(in super::super) struct Reject {
    #[command(flatten)]
    rows: Rows,
}

#[derive(Args, Debug)]
pub(in super::super) struct NotDuplicate {
    #[command(flatten)]
    rows: Rows,
    /// What they are not: skill/SLUG, role/SLUG or kra/ID
    #[arg(long, value_name = "KIND/SLUG")]
    of: String,
}

#[derive(Args, Debug)]
pub(in super::super) struct Snooze {
    #[command(flatten)]
    rows: Rows,
    /// A time, a day, or how long from now: 2026-03-01, 30d, 12h
    #[arg(long, value_name = "TIME")]
    until: String,
}

impl Accept {
    pub(super) fn run(self, config: &Config, out: &mut Output) -> Result<ExitCode, Failure> {
        let several = |all: Vec<String>| (!all.is_empty()).then_some(all);
        let details = review::Accept {
            name: self.name,
            aliases: several(self.alias),
            dimension: self.dimension,
            kind: self.kind,
            link_roles: self.link_roles.then_some(true),
            records: self.records.map(|path| records(&path)).transpose()?,
            sentences: several(self.sentence),
            chosen_role: self.chosen_role,
            ..review::Accept::default()
        };
        self.rows.settle(Action::Accept(Box::new(details)), config, out)
    }
}

/// The records in a file: a list of them.
fn records(path: &std::path::Path) -> Result<Vec<Line>, Error> {
    let wrong = |error: &dyn std::fmt::Display| {
        Error::new(format!("cannot read the records in {}", path.display()))
            .detail(error.to_string())
            .hint("print them with `rolestream reviews show ID --proposal`, and change what is wrong in them")
    };
    let text = std::fs::read_to_string(path).map_err(|error| wrong(&error))?;
    serde_json::from_str(&text).map_err(|error| wrong(&error))
}

impl Merge {
    pub(super) fn run(self, config: &Config, out: &mut Output) -> Result<ExitCode, Failure> {
        self.rows.settle(Action::MergeInto { target: self.into }, config, out)
    }
}

impl Reject {
    pub(super) fn run(self, config: &Config, out: &mut Output) -> Result<ExitCode, Failure> {
        self.rows.settle(Action::Reject, config, out)
    }
}

impl NotDuplicate {
    pub(super) fn run(self, config: &Config, out: &mut Output) -> Result<ExitCode, Failure> {
        let of = match self.of.split_once('/') {
            Some(("skill", slug)) => (MatchKind::Skill, slug),
            Some(("role", slug)) => (MatchKind::Role, slug),
            Some(("kra", id)) => (MatchKind::Kra, id),
            _ => return Err(unfit("--of", &self.of, "write skill/SLUG, role/SLUG or kra/ID").into()),
        };
        let of = review::Target { kind: of.0, slug: of.1.to_owned() };
        self.rows.settle(Action::NotADuplicate { of }, config, out)
    }
}

impl Snooze {
    pub(super) fn run(self, config: &Config, out: &mut Output) -> Result<ExitCode, Failure> {
        let until = match millis_of(&self.until) {
            Ok(long) => crate::service::now().saturating_add(long),
            Err(_) => millis(&self.until)
                .map_err(|_| unfit("--until", &self.until, "write a time, a day, or how long from now, such as 30d"))?,
        };
        self.rows.settle(Action::Snooze { until }, config, out)
    }
}
