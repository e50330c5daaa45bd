//! `rolestream collisions settle`: what does a title mean that several roles claim?

use crate::cli::output::{Failure, Output};
use crate::cli::remote::Remote;
use crate::cli::reviews::told;
use crate::config::Config;
use crate::review::Settlement;
use crate::serve::reviewing::Settled;
use crate::serve::routes::reviews::TermMeans;
use clap::Args;
use std::process::ExitCode;

#[derive(Args, Debug)]
#[group(id = "meaning", required = true, multiple = false, args = ["role", "ambiguous", "no_rule"])]
pub(in crate::cli) struct Settle {
    /// The collision's id
    id: u64,
    /// It means this role, by slug
    #[arg(long, value_name = "SLUG")]
    role: Option<String>,
    /// But only where the JD has this skill, by slug; may be repeated: any of them suffices
    #[arg(long, value_name = "SLUG", requires = "role")]
    where_skill: Vec<String>,
    /// It stays ambiguous
    #[arg(long)]
    ambiguous: bool,
    /// It means what it meant before there was a rule
    #[arg(long)]
    no_rule: bool,
    /// Why; it is kept
    #[arg(long, default_value_t)]
    reason: String,
    #[command(flatten)]
    remote: Remote,
}

impl Settle {
    pub(super) fn run(self, config: &Config, out: &mut Output) -> Result<ExitCode, Failure> {
        let rule = match self.role {
            None if self.ambiguous => Settlement::Ambiguous,
            None => Settlement::NoRule,
            Some(role) if self.where_skill.is_empty() => Settlement::Role { role },
            Some(role) => Settlement::RoleBySkills { role, skills: self.where_skill },
        };
        let means = TermMeans { rule, reason: self.reason };
        let settled: Settled = self.remote.client(config)?.post(&format!("/collisions/{}", self.id), &means)?;
        told(&settled, false, out)
    }
}
