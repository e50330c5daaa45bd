//! `rolestream check-config`: with which settings does it run, and where did each come from?

use super::output::{Failure, Output};
use crate::config::Config;
use clap::Args;
use std::process::ExitCode;

/// Check the settings and print them, each with where it came from
#[derive(Args, Debug)]
#[command(after_help = "Exit code: 0 when they are sound, 2 when something in them is wrong.")]
pub(super) struct CheckConfig {}

impl CheckConfig {
    pub(super) fn run(self, config: &Config, out: &mut Output) -> Result<ExitCode, Failure> {
        if out.json {
            out.object(config)?;
        } else {
            out.line(config.effective_toml().trim_end())?;
        }
        Ok(ExitCode::SUCCESS)
    }
}
