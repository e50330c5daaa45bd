//! Who asks this? Found once, before all else, and put beside the request; nobody is refused here.

use super::Access;
use super::scope::Scopes;
use super::secret::TokenHash;
use crate::error::Error;
use crate::serve::problem::Problem;
use crate::telemetry::metrics::Refused;
use axum::extract::{ConnectInfo, FromRequestParts, Request, State};
use axum::http::request::Parts;
use axum::http::{Extensions, HeaderMap, header};
use axum::middleware::Next;
use axum::response::Response;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

/// Who asks, once that is known: an extractor for handlers, whose name goes into the audit log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Principal {
    /// The token's name, or `anonymous`.
    pub name: Arc<str>,
    /// What they may do.
    pub scopes: Scopes,
    /// Their token; none: they have none.
    pub token: Option<TokenHash>,
}

/// What is known of whoever sent a request; an extension of it, and of its answer.
#[derive(Clone, Debug)]
pub struct Caller {
    /// Who it is, or why that is not known.
    pub who: Result<Principal, Error>,
    /// Where they are.
    pub peer: Option<IpAddr>,
    /// Whether they brought a token, be it a wrong one.
    pub brought: bool,
}

impl Caller {
    /// As the audit log calls them.
    pub fn name(&self) -> &str {
        match &self.who {
            Ok(principal) => &principal.name,
            Err(_) if self.brought => "unknown token",
            Err(_) => "anonymous",
        }
    }
}

/// A layer: finds out who asks.
pub async fn identify(State(access): State<Arc<Access>>, mut request: Request, next: Next) -> Response {
    let caller = caller(&access, request.headers(), request.extensions());
    request.extensions_mut().insert(caller.clone());
    let mut response = next.run(request).await;
    response.extensions_mut().insert(caller);
    response
}

fn caller(access: &Access, headers: &HeaderMap, extensions: &Extensions) -> Caller {
    let peer = extensions.get::<ConnectInfo<SocketAddr>>().map(|info| info.0.ip().to_canonical());
    let mut given = headers.get_all(header::AUTHORIZATION).iter();
    let (who, brought) = match (given.next(), given.next()) {
        (None, _) => (nobody(access, headers, peer), false),
        (Some(value), None) => {
            (bearer(value.to_str().unwrap_or_default()).and_then(|text| access.authenticate(text)), true)
        }
        (Some(_), Some(_)) => (Err(Error::new("there are two headers Authorization").hint("send one token")), true),
    };
    Caller { who, peer, brought }
}

fn bearer(value: &str) -> Result<&str, Error> {
    let (scheme, token) = value.split_once(' ').unwrap_or((value, ""));
    match scheme.eq_ignore_ascii_case("bearer") {
        true => Ok(token),
        false => Err(Error::new("the header Authorization is of another kind")
            .detail("only Bearer is understood")
            .hint("send Authorization: Bearer rst_…")),
    }
}

/// Without a token only this machine counts: the address must be its own, and no proxy may say that it speaks for others.
fn nobody(access: &Access, headers: &HeaderMap, peer: Option<IpAddr>) -> Result<Principal, Error> {
    let passed_on = ["forwarded", "x-forwarded-for", "x-real-ip", "via"].iter().any(|name| headers.contains_key(*name));
    let here = peer.is_some_and(|peer| peer.is_loopback()) && !passed_on;
    access.nobody().filter(|_| here).ok_or_else(|| {
        Error::new("a token is needed")
            .detail("the request has no header Authorization")
            .hint("send Authorization: Bearer TOKEN; `rolestream token create NAME --scope read` makes one")
    })
}

impl<S: Send + Sync> FromRequestParts<S> for Principal {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Principal, Problem> {
        match parts.extensions.get::<Caller>() {
            Some(Caller { who: Ok(principal), .. }) => Ok(principal.clone()),
            Some(Caller { who: Err(error), .. }) => Err(unknown(error)),
            None => Err(unidentified()),
        }
    }
}

/// Who asks is not known, and must be.
pub(super) fn unknown(error: &Error) -> Problem {
    Problem::unauthorized(error.clone()).counted(Refused::Token)
}

/// A route stands outside [`identify`]: a mistake of ours, which must open nothing.
pub(super) fn unidentified() -> Problem {
    Problem::internal(&Error::new("nobody found out who asks").detail("the layer identify is missing"))
}
