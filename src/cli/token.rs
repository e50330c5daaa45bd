//! `rolestream token`: who may use a service? On its store while it does not run, else by asking it.

use super::output::{Failure, Output, remark};
use super::remote::{Client, NOTHING, escaped};
use crate::config::Config;
use crate::error::Error;
use crate::report::tables::{FAINT, NAME, WARNING, styled, table};
use crate::serve::access::beginning::of_store;
use crate::serve::access::routes::{MadeToken, NewToken, Tokens};
use crate::serve::access::{Access, Refusal, Scope, State, TokenView, millis_of};
use crate::store::Store;
use clap::{Args, Subcommand};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

const EXAMPLES: &str = "\
Examples:
  rolestream token create ingest --scope submit                 for a program that sends JDs
  rolestream token create anna --scope review --expires 90d
  rolestream token list --server http://127.0.0.1:8080          of a service that runs
  rolestream token revoke ingest

Scopes: read < submit; read < review < publish; admin is all of them. A token is shown once, and kept as its hash.
While the service runs it has its store to itself: name it with --server. Who asks it needs a token of scope admin, in
ROLESTREAM_TOKEN; for a service on this machine the one that its first start left in the store's folder is taken.";

/// Make, list and take back the tokens by which a service is used
#[derive(Subcommand, Debug)]
#[command(after_help = EXAMPLES)]
pub(super) enum Command {
    /// Make a token, and print it once
    Create(Create),
    /// List them, without the tokens themselves
    List(Place),
    /// Take a token back, for good
    Revoke(Revoke),
}

#[derive(Args, Debug)]
pub(super) struct Create {
    /// What it is called; the audit log names who did something by it
    name: String,
    /// What it may be used for; may be repeated
    #[arg(long, value_name = "SCOPE", value_enum, required = true)]
    scope: Vec<Scope>,
    /// How long it counts, such as 90d, 12h or 30m [default: for ever]
    #[arg(long, value_name = "TIME")]
    expires: Option<String>,
    #[command(flatten)]
    place: Place,
}

#[derive(Args, Debug)]
pub(super) struct Revoke {
    /// What it is called
    name: String,
    #[command(flatten)]
    place: Place,
}

/// Where the tokens are.
#[derive(Args, Debug)]
pub(super) struct Place {
    /// A service that runs, such as http://127.0.0.1:8080
    #[arg(long, value_name = "URL")]
    server: Option<String>,
    /// Folder of the store [default: store.path]
    #[arg(long, value_name = "FOLDER")]
    store: Option<PathBuf>,
}

impl Command {
    pub(super) fn run(self, config: &Config, out: &mut Output) -> Result<ExitCode, Failure> {
        match self {
            Command::Create(command) => command.run(config, out),
            Command::List(place) => list(&place, config, out),
            Command::Revoke(command) => command.run(config, out),
        }
    }
}

impl Place {
    fn store<'a>(&'a self, config: &'a Config) -> &'a Path {
        self.store.as_deref().unwrap_or(&config.store.path)
    }

    /// The tokens of a store that no service has.
    fn open(&self, config: &Config) -> Result<Access, Error> {
        let store = Store::open_existing(self.store(config)).map_err(|error| {
            // Locked by a service, most of the time.
            match error.primary.ends_with("is in use") {
                true => error.hint("if that is the service, name it: --server http://127.0.0.1:8080"),
                false => error,
            }
        })?;
        Access::open(Arc::new(store))
    }

    fn server(&self, config: &Config) -> Result<Option<Client>, Error> {
        let server = self.server.as_deref();
        server.map(|server| Client::new(server, self.store(config))).transpose()
    }
}

impl Create {
    fn run(self, config: &Config, out: &mut Output) -> Result<ExitCode, Failure> {
        let made = match self.place.server(config)? {
            Some(client) => {
                let new = NewToken { name: self.name, scopes: self.scope, expires_in: self.expires };
                client.ask::<MadeToken>("POST", "/tokens", Some(&new))?
            }
            None => {
                let lives = self.expires.as_deref().map(millis_of).transpose()?;
                let access = self.place.open(config)?;
                let made = access.create(&self.name, self.scope.into_iter().collect(), lives, &of_store().name);
                let (secret, view) = made.map_err(Refusal::into_error)?;
                MadeToken { token: secret.expose().to_owned(), view }
            }
        };
        if out.json {
            out.object(&made)?;
            return Ok(ExitCode::SUCCESS);
        }
        // The token alone on standard output, for whoever pipes it on.
        out.line(&made.token)?;
        out.flush()?;
        remark(format!("this is the token {}: it is not shown again", styled(NAME, &made.view.name)));
        Ok(ExitCode::SUCCESS)
    }
}

impl Revoke {
    fn run(self, config: &Config, out: &mut Output) -> Result<ExitCode, Failure> {
        let view = match self.place.server(config)? {
            Some(client) => client.ask::<TokenView>("DELETE", &format!("/tokens/{}", escaped(&self.name)), NOTHING)?,
            None => self.place.open(config)?.revoke(&self.name, &of_store().name).map_err(Refusal::into_error)?,
        };
        match out.json {
            true => out.object(&view)?,
            false => out.line(format!("the token {} counts no more", styled(NAME, &view.name)))?,
        }
        Ok(ExitCode::SUCCESS)
    }
}

fn list(place: &Place, config: &Config, out: &mut Output) -> Result<ExitCode, Failure> {
    let views = match place.server(config)? {
        Some(client) => client.ask::<Tokens>("GET", "/tokens", NOTHING)?.tokens,
        None => place.open(config)?.list(),
    };
    if out.json {
        for view in &views {
            out.object(view)?;
        }
        return Ok(ExitCode::SUCCESS);
    }
    let rows = views.iter().map(|view| {
        let state = match view.state {
            State::Active => "active".to_owned(),
            State::Expired => styled(WARNING, "expired"),
            State::Revoked => styled(FAINT, "revoked"),
        };
        let scopes: Vec<&str> = view.scopes.iter().map(|scope| scope.name()).collect();
        let end = view.revoked_at.as_ref().or(view.expires_at.as_ref()).cloned().unwrap_or_default();
        vec![styled(NAME, &view.name), scopes.join(", "), state, view.created_at.clone(), view.created_by.clone(), end]
    });
    let columns =
        [("name", false), ("scopes", false), ("state", false), ("made", false), ("by", false), ("until", false)];
    out.line(table(&columns, rows.collect::<Vec<_>>(), out.width))?;
    Ok(ExitCode::SUCCESS)
}
