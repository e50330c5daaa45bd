//! How does a command ask a service that runs? Over HTTP, with the token of the environment or of the store's folder.

use crate::config::Config;
use crate::error::Error;
use crate::serve::access::{VARIABLE, of_command_line};
use crate::serve::problem::Details;
use clap::Args;
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::time::Duration;

/// How long an answer may take.
const PATIENCE: Duration = Duration::from_secs(150);
/// How long the head of an answer without an end may take.
const HEAD: Duration = Duration::from_secs(30);

/// Bytes of an answer that are read.
const LONGEST_ANSWER: u64 = 1 << 30;

/// Which service.
#[derive(Args, Clone, Debug)]
pub(super) struct Remote {
    /// A service that runs [default: http://127.0.0.1:8080, or what http.address says]
    #[arg(long, value_name = "URL")]
    server: Option<String>,
}

impl Remote {
    /// The service. Its token is $ROLESTREAM_TOKEN, else for one on this machine the one in the store's folder.
    pub(super) fn client(&self, config: &Config) -> Result<Client, Error> {
        let address = &config.http.address;
        let own = || format!("http://{}", if address.is_empty() { "127.0.0.1:8080" } else { address });
        Client::new(&self.server.clone().unwrap_or_else(own), &config.store.path)
    }
}

/// A service that runs.
pub(super) struct Client {
    agent: ureq::Agent,
    server: String,
    authorization: Option<String>,
}

impl Client {
    /// The service at this address; `store` is the folder that may hold its token.
    pub(super) fn new(server: &str, store: &Path) -> Result<Client, Error> {
        let environment = std::env::var(VARIABLE).ok();
        let token = of_command_line(environment.as_deref(), server, store)?;
        let settings = ureq::Agent::config_builder().http_status_as_error(false).timeout_global(Some(PATIENCE));
        let authorization = token.map(|token| format!("Bearer {}", token.expose()));
        Ok(Client { agent: settings.build().into(), server: server.trim_end_matches('/').to_owned(), authorization })
    }

    /// What it answers to GET.
    pub(super) fn get<T: DeserializeOwned>(&self, path: &str) -> Result<T, Error> {
        self.ask("GET", path, NOTHING)
    }

    /// What it answers to POST.
    pub(super) fn post<T: DeserializeOwned>(&self, path: &str, body: &impl Serialize) -> Result<T, Error> {
        self.ask("POST", path, Some(body))
    }

    /// What it answers to GET as it comes, without an end.
    pub(super) fn stream(&self, path: &str) -> Result<impl BufRead + use<>, Unheard> {
        let mut request = ureq::http::Request::builder().method("GET").uri(format!("{}{path}", self.server));
        if let Some(authorization) = &self.authorization {
            request = request.header("authorization", authorization);
        }
        let settings = ureq::Agent::config_builder().http_status_as_error(false);
        let settings = settings.timeout_connect(Some(HEAD)).timeout_recv_response(Some(HEAD));
        let agent: ureq::Agent = settings.build().into();
        let absent = |error: &dyn std::fmt::Display| Unheard::Absent(self.silent(error));
        let answer = agent.run(request.body(()).map_err(|error| absent(&error))?);
        let mut answer = answer.map_err(|error| absent(&error))?;
        let status = answer.status();
        if status.is_success() {
            return Ok(BufReader::new(answer.into_body().into_reader()));
        }
        let body = answer.body_mut().read_to_string().map_err(|error| absent(&error))?;
        let error = self.refused(status, &body);
        Err(if status == 503 { Unheard::Absent(error) } else { Unheard::Refused(error) })
    }

    fn refused(&self, status: ureq::http::StatusCode, body: &str) -> Error {
        match serde_json::from_str::<Details>(body) {
            Ok(problem) => Error { primary: problem.title, detail: problem.detail, hint: problem.hint, source: None },
            Err(_) => self.silent(&format!("it answers {status} with something else than a problem")),
        }
    }

    /// What it answers to POST of a text.
    pub(super) fn post_text<T: DeserializeOwned>(&self, path: &str, kind: &str, text: String) -> Result<T, Error> {
        self.send("POST", path, Some((kind, text)))
    }

    /// What it answers; a problem is an error in its three parts.
    pub(super) fn ask<T: DeserializeOwned>(
        &self,
        method: &str,
        path: &str,
        body: Option<&impl Serialize>,
    ) -> Result<T, Error> {
        let text = body.map(serde_json::to_string).transpose().map_err(|error| self.silent(&error))?;
        self.send(method, path, text.map(|text| ("application/json", text)))
    }

    fn send<T: DeserializeOwned>(&self, method: &str, path: &str, body: Option<(&str, String)>) -> Result<T, Error> {
        let mut request = ureq::http::Request::builder().method(method).uri(format!("{}{path}", self.server));
        if let Some(authorization) = &self.authorization {
            request = request.header("authorization", authorization);
        }
        let answer = match body {
            Some((kind, text)) => {
                let request = request.header("content-type", kind).body(text);
                self.agent.run(request.map_err(|error| self.silent(&error))?)
            }
            None => self.agent.run(request.body(()).map_err(|error| self.silent(&error))?),
        };
        let mut answer = answer.map_err(|error| self.silent(&error))?;
        let status = answer.status();
        let body = answer.body_mut().with_config().limit(LONGEST_ANSWER).read_to_string();
        let body = body.map_err(|error| self.silent(&error))?;
        if status.is_success() {
            // Some answers have no body.
            let body = if body.is_empty() { "null" } else { &body };
            let unread = |error| self.silent(&format!("its answer cannot be read: {error}"));
            return serde_json::from_str(body).map_err(unread);
        }
        Err(self.refused(status, &body))
    }

    fn silent(&self, error: &dyn std::fmt::Display) -> Error {
        Error::new(format!("the service does not answer at {}", self.server))
            .detail(error.to_string())
            .hint("see that `rolestream run` runs, and that its http.address is this one")
    }
}

/// Why nothing is heard of a service.
pub(super) enum Unheard {
    /// It does not want to.
    Refused(Error),
    /// It does not answer, or not now.
    Absent(Error),
}

/// No body.
pub(super) const NOTHING: Option<&()> = None;

/// A text as a part of a path or of a query.
pub(super) fn escaped(name: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte);
    name.bytes().map(|byte| if plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") }).collect()
}

/// A query of those parts that are there: `?a=b&c=d`, or nothing.
pub(super) fn query(parts: &[(&str, Option<String>)]) -> String {
    let parts = parts.iter().filter_map(|(name, value)| Some(format!("{name}={}", escaped(value.as_deref()?))));
    let parts: Vec<String> = parts.collect();
    if parts.is_empty() { String::new() } else { format!("?{}", parts.join("&")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_query_has_what_is_there_and_nothing_that_ends_it_early() {
        assert_eq!(query(&[("a", None), ("b", None)]), "");
        assert_eq!(query(&[("text", Some("C++ & Go".to_owned())), ("b", None)]), "?text=C%2B%2B%20%26%20Go");
    }
}
