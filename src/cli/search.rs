//! `rolestream search`: which JDs, roles, KRAs and skills of a service are like a text?

use super::fields::{list, score, text};
use super::output::{Failure, Output, remark};
use super::remote::{Remote, query};
use crate::config::Config;
use crate::report::tables::{FAINT, NAME, cut, heading, styled, table};
use clap::Args;
use serde_json::Value;
use std::process::ExitCode;

const EXAMPLES: &str = "\
Examples:
  rolestream search \"builds data pipelines\"
  rolestream search kubernetes --kinds skills,roles --limit 5
  rolestream search \"site reliability\" --json | jq .roles";

/// Find JDs, roles, KRAs and skills of a service that are like a text
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(super) struct Search {
    /// A title, a sentence, a skill
    text: String,
    /// Which of jds, roles, kras and skills, with commas between [default: all]
    #[arg(long, value_name = "KINDS")]
    kinds: Option<String>,
    /// Hits of each kind
    #[arg(long, value_name = "N", default_value_t = 10, value_parser = clap::value_parser!(u32).range(1..=100))]
    limit: u32,
    #[command(flatten)]
    remote: Remote,
}

impl Search {
    pub(super) fn run(self, config: &Config, out: &mut Output) -> Result<ExitCode, Failure> {
        let client = self.remote.client(config)?;
        let asked = [("text", Some(self.text)), ("kinds", self.kinds), ("limit", Some(self.limit.to_string()))];
        let found: Value = client.get(&format!("/search{}", query(&asked)))?;
        if out.json {
            out.object(&found)?;
            return Ok(ExitCode::SUCCESS);
        }
        if let Some(note) = found["note"].as_str() {
            remark(note);
        }
        show(out, "Roles", list(&found, "roles"), &[("role", false), ("name", false), ("by", false)], |role| {
            let by = role["alias"].as_str().map_or_else(String::new, |alias| format!("'{alias}'"));
            vec![styled(NAME, text(role, "slug")), text(role, "display_name"), styled(FAINT, by)]
        })?;
        show(out, "KRAs", list(&found, "kras"), &[("KRA", false), ("of", false)], |kra| {
            vec![cut(&text(kra, "sentence"), 90), text(kra, "role_display_name")]
        })?;
        show(out, "Skills", list(&found, "skills"), &[("skill", false), ("name", false), ("by", false)], |skill| {
            let by = format!("'{}'", text(skill, "form"));
            vec![styled(NAME, text(skill, "slug")), text(skill, "skill_name"), styled(FAINT, by)]
        })?;
        let jds = list(&found, "jds");
        if !jds.is_empty() {
            out.line(heading("JDs"))?;
            super::roles::runs(out, jds, ("similarity", "score"))?;
        }
        Ok(ExitCode::SUCCESS)
    }
}

/// Hits of a kind: its columns, and the similarity after them.
fn show(
    out: &mut Output,
    title: &str,
    hits: &[Value],
    columns: &[(&'static str, bool)],
    row: impl Fn(&Value) -> Vec<String>,
) -> Result<(), Failure> {
    if hits.is_empty() {
        return Ok(());
    }
    let columns = [columns, &[("similarity", true)]].concat();
    let rows = hits.iter().map(|hit| {
        let mut cells = row(hit);
        cells.push(score(hit, "score"));
        cells
    });
    out.line(heading(title))?;
    out.line(table(&columns, rows, out.width))
}
