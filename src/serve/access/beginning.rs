//! How does the first token get to its holder? `rolestream run` makes one where there never was any.
//!
//! Whoever starts a service for the first time must be able to use it, and reading is all that goes without a token. So
//! the first start makes a token for everything, which the program prints once and leaves in the store's folder for the
//! command line: who may read the file may write the store, and would gain nothing by it. It is an ordinary token and can
//! be taken back; none is made again while the store knows of any.

use super::{Access, Principal, Refusal, Scope, Scopes, Secret};
use crate::error::Error;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::net::IpAddr;
use std::path::{Path, PathBuf};

/// The file in the store's folder.
const FILE: &str = "admin.token";
/// What the first token is called.
const NAME: &str = "admin";
/// The environment variable that names a token to the command line.
pub const VARIABLE: &str = "ROLESTREAM_TOKEN";

/// A first token.
#[derive(Debug)]
pub struct Begun {
    /// To be printed once.
    pub secret: Secret,
    /// Where it lies.
    pub file: PathBuf,
}

/// Makes the first token of a store, where it has none.
pub fn begin(access: &Access, store: &Path) -> Result<Option<Begun>, Error> {
    if !access.is_empty() {
        return Ok(None);
    }
    let file = store.join(FILE);
    let (secret, _) =
        access.create(NAME, Scopes::from_iter([Scope::Admin]), None, "rolestream").map_err(Refusal::into_error)?;
    // The store knows it by now: where the file cannot be, the token is still printed.
    if let Err(error) = write(&file, &secret) {
        tracing::warn!(file = %file.display(), %error, "the first token cannot be left for the command line");
    }
    Ok(Some(Begun { secret, file }))
}

fn write(file: &Path, secret: &Secret) -> io::Result<()> {
    // Written aside and moved, so that it is never there in part, nor for others to read; one of an older store goes.
    let half = file.with_extension("half");
    let _ = fs::remove_file(&half);
    let mut out = private(&half)?;
    writeln!(out, "{}", secret.expose())?;
    out.sync_all()?;
    fs::rename(&half, file)
}

/// A new file that only this user may read.
fn private(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

/// The token the command line uses for a server: what the environment names, else for a server on this machine the one
/// in the store's folder, where there is one.
pub fn of_command_line(environment: Option<&str>, server: &str, store: &Path) -> Result<Option<Secret>, Error> {
    if let Some(text) = environment.filter(|text| !text.is_empty()) {
        let wrong = || {
            Error::new(format!("{VARIABLE} holds no token"))
                .detail("a token is rst_ and 43 characters")
                .hint("copy it whole, as `rolestream token create` printed it")
        };
        return Secret::read(text).map(Some).ok_or_else(wrong);
    }
    if !is_here(server) {
        return Ok(None);
    }
    // Where there is none or it is not for us, the server says what it misses.
    Ok(fs::read_to_string(store.join(FILE)).ok().and_then(|text| Secret::read(&text)))
}

/// Whether a URL names this machine.
fn is_here(server: &str) -> bool {
    let Ok(uri) = server.parse::<axum::http::Uri>() else { return false };
    let host = uri.host().unwrap_or_default().trim_start_matches('[').trim_end_matches(']');
    host.eq_ignore_ascii_case("localhost") || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

/// Who acts where the command line works on a store itself: whoever may open it.
pub fn of_store() -> Principal {
    Principal { name: "command line".into(), scopes: Scopes::from_iter([Scope::Admin]), token: None }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_token_of_the_store_goes_to_this_machine_only() {
        for here in ["http://127.0.0.1:8080", "http://localhost", "https://[::1]:8443/", "http://LOCALHOST:1"] {
            assert!(is_here(here), "{here}");
        }
        for there in
            ["http://example.org", "http://127.0.0.1.evil.test", "http://localhost@evil.test/", "", "10.0.0.1:80"]
        {
            assert!(!is_here(there), "{there}");
        }
    }
}
