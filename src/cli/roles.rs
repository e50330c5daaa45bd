//! `rolestream roles`: how do the roles of a service stand, and what do their JDs make of them?

use super::fields::{count, list, percent, print, rows, score, text, time, verdict};
use super::output::{Failure, Output, grouped};
use super::remote::{Remote, escaped, query};
use crate::config::Config;
use crate::report::tables::{FAINT, GOOD, NAME, STRONG, WARNING, cut, heading, styled, table};
use clap::{Args, Subcommand};
use serde_json::Value;
use std::process::ExitCode;

const EXAMPLES: &str = "\
Examples:
  rolestream roles list                                     those with most JDs first
  rolestream roles list --text data --sort name
  rolestream roles show data-engineer                       centroid, skills, KRAs, what is near
  rolestream roles neighbors data-engineer --limit 20
  rolestream roles members data-engineer --sort farthest    the JDs least like the others
  rolestream roles list --server https://roles.example --json

Dispersion is 0 where all JDs of a role say the same. Drift compares its first 30 days with JDs with its last 30.";

/// List roles, or show what a service's JDs make of one
#[derive(Subcommand, Debug)]
#[command(after_help = EXAMPLES)]
pub(super) enum Command {
    /// List them, with their JDs, dispersion and drift
    List(List),
    /// Show all that is known of one
    Show(Show),
    /// List the roles whose JDs are most like a role's
    Neighbors(Neighbors),
    /// List the JDs of a role's centroid
    Members(Members),
}

#[derive(Args, Debug)]
pub(super) struct List {
    /// Only those with this in slug, name or an alias
    #[arg(long)]
    text: Option<String>,
    /// Only active (the default), merged or retired ones, or all
    #[arg(long, value_parser = ["active", "merged", "retired", "all"])]
    status: Option<String>,
    /// By their number of JDs (n, the default) or by name
    #[arg(long, value_parser = ["n", "name"])]
    sort: Option<String>,
    /// At most so many
    #[arg(long, value_name = "N", default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..))]
    limit: u32,
    #[command(flatten)]
    remote: Remote,
}

#[derive(Args, Debug)]
pub(super) struct Show {
    /// What names it, as `list` prints it
    slug: String,
    /// Skills to show
    #[arg(long, value_name = "N", default_value_t = 15, value_parser = clap::value_parser!(u32).range(1..=1000))]
    skills: u32,
    /// The first day that drift is measured against, such as 2026-01-01
    #[arg(long, value_name = "DAY")]
    baseline_from: Option<String>,
    /// The last such day
    #[arg(long, value_name = "DAY")]
    baseline_to: Option<String>,
    #[command(flatten)]
    remote: Remote,
}

#[derive(Args, Debug)]
pub(super) struct Neighbors {
    /// What names the role
    slug: String,
    /// At most so many
    #[arg(long, value_name = "N", default_value_t = 10, value_parser = clap::value_parser!(u32).range(1..=1000))]
    limit: u32,
    #[command(flatten)]
    remote: Remote,
}

#[derive(Args, Debug)]
pub(super) struct Members {
    /// What names the role
    slug: String,
    /// The newest first (the default), or those farthest out
    #[arg(long, value_parser = ["newest", "farthest"])]
    sort: Option<String>,
    /// At most so many
    #[arg(long, value_name = "N", default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..))]
    limit: u32,
    #[command(flatten)]
    remote: Remote,
}

impl Command {
    pub(super) fn run(self, config: &Config, out: &mut Output) -> Result<ExitCode, Failure> {
        match self {
            Command::List(command) => command.run(config, out)?,
            Command::Show(command) => command.run(config, out)?,
            Command::Neighbors(command) => command.run(config, out)?,
            Command::Members(command) => command.run(config, out)?,
        }
        Ok(ExitCode::SUCCESS)
    }
}

impl List {
    fn run(self, config: &Config, out: &mut Output) -> Result<(), Failure> {
        let client = self.remote.client(config)?;
        let asked = [("text", self.text), ("status", self.status), ("sort", self.sort)];
        let found = rows(&client, "/roles", &asked, "roles", self.limit as usize)?;
        print(out, found, "no role is like that", |out, roles| {
            let rows = roles.iter().map(|role| {
                let status = match text(role, "status").as_str() {
                    "active" => String::new(),
                    "merged" => styled(WARNING, format!("merged into {}", text(role, "replaced_by"))),
                    other => styled(FAINT, other),
                };
                vec![
                    styled(NAME, text(role, "slug")),
                    text(role, "display_name"),
                    grouped(count(role, "n")),
                    score(role, "dispersion"),
                    score(role, "drift"),
                    status,
                ]
            });
            let columns =
                [("role", false), ("name", false), ("JDs", true), ("dispersion", true), ("drift", true), ("", false)];
            out.line(table(&columns, rows, out.width))
        })
    }
}

impl Show {
    fn run(self, config: &Config, out: &mut Output) -> Result<(), Failure> {
        let client = self.remote.client(config)?;
        let asked = [
            ("skills", Some(self.skills.to_string())),
            ("baseline_from", self.baseline_from),
            ("baseline_to", self.baseline_to),
        ];
        let role: Value = client.get(&format!("/roles/{}{}", escaped(&self.slug), query(&asked)))?;
        if out.json {
            return out.object(&role);
        }
        head(out, &role)?;
        section(out, "Skills its JDs name", list(&role, "top_skills"), &SKILLS, |skill| {
            let known = !skill["slug"].is_null();
            let listed = skill["listed"].as_bool().unwrap_or_default();
            let note = match (listed, known) {
                (true, _) => styled(GOOD, "listed"),
                (false, true) => styled(FAINT, "not listed"),
                (false, false) => styled(WARNING, "unknown"),
            };
            vec![text(skill, "skill_name"), grouped(count(skill, "jds")), percent(skill, "share"), note]
        })?;
        section(out, "KRAs, and how often each is evidence", list(&role, "kras"), &KRAS, |kra| {
            vec![cut(&text(kra, "sentence"), 90), grouped(count(kra, "jds")), percent(kra, "share")]
        })?;
        near(out, list(&role, "nearest_roles"))?;
        let far = list(&role, "members_farthest_out");
        if !far.is_empty() {
            out.line(heading("Members farthest out"))?;
            members(out, far)?;
        }
        Ok(())
    }
}

const SKILLS: [(&str, bool); 4] = [("skill", false), ("JDs", true), ("share", true), ("", false)];
const KRAS: [(&str, bool); 3] = [("KRA", false), ("JDs", true), ("share", true)];

/// Name, numbers, and days.
fn head(out: &mut Output, role: &Value) -> Result<(), Failure> {
    let said = format!(" ({}, id {})", text(role, "slug"), text(role, "role_id"));
    out.line(format!("{}{}", styled(STRONG, text(role, "display_name")), styled(FAINT, said)))?;
    match text(role, "status").as_str() {
        "active" => {}
        "merged" => out.line(styled(WARNING, format!("merged into {}", text(role, "replaced_by"))))?,
        other => out.line(styled(FAINT, other))?,
    }
    let merged = super::fields::joined(role, "merged_roles");
    if !merged.is_empty() {
        out.line(format!("in its place: {merged}"))?;
    }
    let numbers = [("dispersion", score(role, "dispersion")), ("drift", score(role, "drift"))];
    let numbers: String = (numbers.iter().filter(|(_, number)| !number.is_empty()))
        .map(|(name, number)| format!(" · {name} {number}"))
        .collect();
    let (n, decided) = (grouped(count(role, "n")), grouped(count(role, "decided")));
    out.line(format!("{n} JDs in its centroid, {decided} decided{numbers}"))?;
    let days = list(role, "days");
    if let (Some(first), Some(last)) = (days.first(), days.last()) {
        let ns: Vec<u64> = days.iter().map(|day| count(day, "n")).collect();
        let from = ns.len().saturating_sub(60);
        let line = format!("{} to {}", text(first, "day"), text(last, "day"));
        out.line(format!("{}  {}", sparks(&ns[from..]), styled(FAINT, line)))?;
    }
    let usual = [("", "nature_of_work"), ("", "tech_stack_maturity"), ("AI index ", "ai_index")];
    let usual: Vec<String> = (usual.iter())
        .map(|(before, field)| (before, text(&role["baseline"], field)))
        .filter(|(_, said)| !said.is_empty())
        .map(|(before, said)| format!("{before}{said}"))
        .collect();
    if !usual.is_empty() {
        out.line(format!("mostly: {}", usual.join(" · ")))?;
    }
    let aliases: Vec<String> = list(role, "aliases").iter().map(|alias| text(alias, "text")).collect();
    if !aliases.is_empty() {
        out.line(format!("also called: {}", cut(&aliases.join(", "), 300)))?;
    }
    Ok(())
}

/// Numbers as bars.
fn sparks(ns: &[u64]) -> String {
    const BARS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
    let most = ns.iter().copied().max().unwrap_or_default().max(1);
    ns.iter().map(|n| BARS[(n * 7 / most) as usize]).collect()
}

fn section(
    out: &mut Output,
    title: &str,
    values: &[Value],
    columns: &[(&'static str, bool)],
    row: impl Fn(&Value) -> Vec<String>,
) -> Result<(), Failure> {
    if values.is_empty() {
        return Ok(());
    }
    out.line(heading(title))?;
    out.line(table(columns, values.iter().map(row), out.width))
}

fn near(out: &mut Output, roles: &[Value]) -> Result<(), Failure> {
    let columns = [("role", false), ("name", false), ("similarity", true), ("JDs", true)];
    section(out, "Nearest roles", roles, &columns, |role| {
        let name = text(role, "display_name");
        vec![styled(NAME, text(role, "slug")), name, score(role, "similarity"), grouped(count(role, "n"))]
    })
}

fn members(out: &mut Output, members: &[Value]) -> Result<(), Failure> {
    let columns =
        [("run", false), ("JD", false), ("title", false), ("received", false), ("rule", false), ("similarity", true)];
    let rows = members.iter().map(|member| {
        vec![
            styled(FAINT, text(member, "run_id")),
            cut(&text(member, "id"), 24),
            cut(&text(member, "title"), 32),
            time(member, "created_at"),
            text(member, "decision.rule"),
            score(member, "similarity"),
        ]
    });
    out.line(table(&columns, rows, out.width))
}

impl Neighbors {
    fn run(self, config: &Config, out: &mut Output) -> Result<(), Failure> {
        let client = self.remote.client(config)?;
        let asked = query(&[("limit", Some(self.limit.to_string()))]);
        let found: Value = client.get(&format!("/roles/{}/neighbors{asked}", escaped(&self.slug)))?;
        let roles = list(&found, "neighbors").to_vec();
        let none = format!("{} has no JDs, so that nothing is near to it", self.slug);
        print(out, (roles, false), &none, near)
    }
}

impl Members {
    fn run(self, config: &Config, out: &mut Output) -> Result<(), Failure> {
        let client = self.remote.client(config)?;
        let path = format!("/roles/{}/members", escaped(&self.slug));
        let found = rows(&client, &path, &[("sort", self.sort)], "members", self.limit as usize)?;
        print(out, found, "no JD is in its centroid", members)
    }
}

/// A line for each run: what lists of runs and searches show.
pub(super) fn runs(out: &mut Output, runs: &[Value], last: (&'static str, &str)) -> Result<(), Failure> {
    let columns =
        [("run", false), ("JD", false), ("title", false), ("role", false), ("received", false), (last.0, true)];
    let rows = runs.iter().map(|run| {
        vec![
            styled(FAINT, text(run, "run_id")),
            cut(&text(run, "id"), 24),
            cut(&text(run, "title"), 32),
            verdict(&run["decision"]),
            time(run, "created_at"),
            score(run, last.1),
        ]
    });
    out.line(table(&columns, rows, out.width))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bars_are_as_high_as_numbers() {
        assert_eq!(sparks(&[0, 7, 14]), "▁▄█");
        assert_eq!(sparks(&[]), "");
    }
}
