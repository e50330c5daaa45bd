//! `rolestream demo`: why was this JD decided so? The rule, the thresholds, and the parts of every number.
use super::output::{Failure, Output};
use crate::config::Config;
use clap::Args;
use std::path::PathBuf;
use std::process::ExitCode;
/// Say why a JD was decided as it was
#[derive(Args, Debug)]
pub(super) struct Demo {
    /// The JD
    input: PathBuf,
}
impl Demo {
    pub(super) fn run(self, _config: Config, _out: &mut Output) -> Result<ExitCode, Failure> {
        Ok(ExitCode::SUCCESS)
    }
}
