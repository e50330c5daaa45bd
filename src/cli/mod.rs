//! What does the program do? One file a command; here is what they share.
//!
//! | file | command |
//! |---|---|
//! | `demo` | the main job, on what ships with the program |
//! | `classify` | which role is each of these JDs? |
//! | `explain` | why? |
//! | `run` | the service |
//! | `submit` | JDs into a service that runs |
//! | `store` | what is in the store of a service, and is it whole? |
//! | `taxonomy` | check, show, compare and import taxonomies; edit that of a service |
//! | `audit` | who did what to a service? |
//! | `dead_letters` | which messages were refused, and what becomes of them? |
//! | `produce` | how do JDs and edits get into Kafka? |
//! | `check_config` | with which settings does it run? |
//! | `reviews` | what waits for a person, and what people decided |
//! | `token` | who may use a service? |
//! | `watch` | what changes in a view of a service? |
//! | `health` | is a running service ready? |
//! | `runs` | what does a service say of each JD, and why? |
//! | `roles` | how do its roles stand? |
//! | `search` | what is like a text? |
//! | `collisions` | which titles do several roles claim? |
//! | `changes` | where was something else said than before? |
//!
//! `remote` asks a service that runs, `fields` reads its answers, `session` loads what others need, `output` speaks, `views` shows an answer.

mod audit;
mod changes;
mod check_config;
mod classify;
mod collisions;
mod dead_letters;
mod demo;
mod explain;
mod fields;
mod health;
mod output;
mod produce;
mod remote;
mod reviews;
mod roles;
mod run;
mod runs;
mod search;
mod session;
mod store;
mod submit;
mod taxonomy;
mod token;
mod views;
mod watch;

use crate::config::{Config, Layers};
use crate::error::Errors;
use clap::{CommandFactory, Parser, Subcommand};
use output::{Failure, Output, complain};
use std::io;
use std::path::PathBuf;
use std::process::ExitCode;

const EXAMPLES: &str = "\
Examples:
  rolestream demo                          see it work on what ships with it
  rolestream classify backend.txt          one JD, in full
  rolestream classify jds/ --json          a folder, an object a line
  rolestream explain backend.txt           why it was decided so
  rolestream run --source inbox/           a service: JDs as they come, kept for good
  rolestream roles show data-engineer      what a service's JDs make of a role
  rolestream taxonomy lint my-taxonomy/    what looks wrong in a taxonomy
  rolestream produce --brokers localhost:9092   the sample JDs into Kafka
  rolestream completions bash              completions for your shell";

/// Keeps role matching live: job descriptions in, roles out, and every edit of the taxonomy corrects the past.
#[derive(Parser, Debug)]
#[command(name = "rolestream", version, about, after_help = EXAMPLES, propagate_version = true)]
struct Cli {
    /// A file with settings [default: $ROLESTREAM_CONFIG, else rolestream.toml where there is one]
    #[arg(long, global = true, value_name = "FILE")]
    config: Option<PathBuf>,
    /// A single setting, such as engine.workers=2; may be repeated
    #[arg(long = "set", global = true, value_name = "SECTION.KEY=VALUE")]
    settings: Vec<String>,
    /// Print JSON: an object a line
    #[arg(long, global = true)]
    json: bool,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand, Debug)]
enum Command {
    Demo(demo::Demo),
    Classify(classify::Classify),
    Explain(explain::Explain),
    Run(run::Run),
    Submit(submit::Submit),
    #[command(subcommand)]
    Store(store::Command),
    #[command(subcommand)]
    Taxonomy(taxonomy::Command),
    Audit(audit::Audit),
    #[command(subcommand)]
    DeadLetters(dead_letters::Command),
    Produce(produce::Produce),
    CheckConfig(check_config::CheckConfig),
    Health(health::Health),
    Watch(watch::Watch),
    #[command(subcommand)]
    Reviews(reviews::Command),
    #[command(subcommand)]
    Token(token::Command),
    #[command(subcommand)]
    Runs(runs::Command),
    #[command(subcommand)]
    Roles(roles::Command),
    Search(search::Search),
    #[command(subcommand)]
    Collisions(collisions::Command),
    Changes(changes::Changes),
    /// Print completions for a shell
    Completions {
        /// The shell
        shell: clap_complete::Shell,
    },
}

/// Could not begin: settings or taxonomy are wrong.
const NOT_BEGUN: u8 = 2;

/// Runs the program with the arguments of the process.
pub fn main() -> ExitCode {
    let cli = Cli::parse();
    match run(cli) {
        Ok(code) => code,
        Err(Failure::Wrong(errors)) => {
            complain(&errors);
            ExitCode::from(NOT_BEGUN)
        }
        // Whoever read has stopped reading, as `head` does: no news to anybody.
        Err(Failure::Output(error)) if error.kind() == io::ErrorKind::BrokenPipe => ExitCode::SUCCESS,
        Err(Failure::Output(error)) => {
            complain(&Errors::from(crate::error::Error::new("cannot write the result").detail(error.to_string())));
            ExitCode::from(NOT_BEGUN)
        }
    }
}

fn run(cli: Cli) -> Result<ExitCode, Failure> {
    if let Command::Completions { shell } = cli.command {
        clap_complete::generate(shell, &mut Cli::command(), "rolestream", &mut io::stdout());
        return Ok(ExitCode::SUCCESS);
    }
    let config = Config::load(&Layers::of_process(cli.config, cli.settings))?;
    let mut out = Output::new(cli.json, config.output.colour);
    match cli.command {
        Command::Demo(command) => command.run(config, &mut out),
        Command::Classify(command) => command.run(config, &mut out),
        Command::Explain(command) => command.run(config, &mut out),
        Command::Run(command) => command.run(config, &mut out),
        Command::Submit(command) => command.run(&config, &mut out),
        Command::Store(command) => command.run(&config, &mut out),
        Command::Taxonomy(command) => command.run(&config, &mut out),
        Command::Audit(command) => command.run(&config, &mut out),
        Command::DeadLetters(command) => command.run(&config, &mut out),
        Command::Produce(command) => command.run(config, &mut out),
        Command::CheckConfig(command) => command.run(&config, &mut out),
        Command::Health(command) => command.run(&config, &mut out),
        Command::Watch(command) => command.run(&config, &mut out),
        Command::Reviews(command) => command.run(&config, &mut out),
        Command::Token(command) => command.run(&config, &mut out),
        Command::Runs(command) => command.run(&config, &mut out),
        Command::Roles(command) => command.run(&config, &mut out),
        Command::Search(command) => command.run(&config, &mut out),
        Command::Collisions(command) => command.run(&config, &mut out),
        Command::Changes(command) => command.run(&config, &mut out),
        Command::Completions { .. } => Ok(ExitCode::SUCCESS),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_is_sound() {
        Cli::command().debug_assert();
    }
}
