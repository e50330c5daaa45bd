//! May they ask it? A layer around routes, which names the scope that they need.

use super::caller::{unidentified, unknown};
use super::{Access, Caller, Scope};
use crate::error::{Error, listed};
use crate::serve::problem::Problem;
use crate::telemetry::metrics::Refused;
use axum::extract::{Request, State};
use axum::http::Method;
use axum::middleware::{FromFnLayer, Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

/// What [`require`] gives: a layer for `route_layer`.
pub type Require = FromFnLayer<Check, Needed, (State<Needed>, Request)>;
/// The function behind it.
pub(super) type Check = fn(State<Needed>, Request, Next) -> Pin<Box<dyn Future<Output = Response> + Send>>;

/// What a route needs.
#[derive(Clone, Debug)]
pub struct Needed {
    access: Arc<Access>,
    scope: Scope,
}

/// A layer that lets only those through who have this scope: 401 without a token that counts, 403 with too small a one.
pub fn require(access: &Arc<Access>, scope: Scope) -> Require {
    from_fn_with_state(Needed { access: access.clone(), scope }, check)
}

fn check(State(needed): State<Needed>, request: Request, next: Next) -> Pin<Box<dyn Future<Output = Response> + Send>> {
    Box::pin(async move {
        match refusal(needed.scope, &request) {
            None => next.run(request).await,
            Some(problem) => {
                let answer = refuse(&needed.access, &request, problem);
                read_off(request).await;
                answer
            }
        }
    })
}

/// Reads what is sent along, if it is little and comes soon: else the connection is closed, perhaps before the answer
/// is read, and under the next request that is sent on it.
async fn read_off(request: Request) {
    const LITTLE: usize = 64 * 1024;
    let body = axum::body::to_bytes(request.into_body(), LITTLE);
    let _ = tokio::time::timeout(Duration::from_secs(1), body).await;
}

fn refusal(needed: Scope, request: &Request) -> Option<Problem> {
    let principal = match request.extensions().get::<Caller>() {
        None => return Some(unidentified()),
        Some(Caller { who: Err(error), .. }) => return Some(unknown(error)),
        Some(Caller { who: Ok(principal), .. }) => principal,
    };
    if principal.scopes.allow(needed) {
        return None;
    }
    let error = Error::new(format!("the scope {} is needed", needed.name()));
    // Anonymous may be let in by a token, known ones need another.
    if principal.token.is_none() {
        let error = error.detail("without a token one may only read here").hint("send Authorization: Bearer TOKEN");
        return Some(unknown(&error));
    }
    let error = error
        .detail(format!("the token {:?} has {}", &*principal.name, listed(principal.scopes.names())))
        .hint(format!("use a token made with --scope {}", needed.name()));
    Some(Problem::forbidden(error).kind("scope").counted(Refused::Scope))
}

/// Answers with a problem; what would have changed something is told to the auditor.
pub(super) fn refuse(access: &Access, request: &Request, problem: Problem) -> Response {
    if changes(request.method()) {
        let who = request.extensions().get::<Caller>().map_or("anonymous", Caller::name);
        access.auditor.refused(who, request.method().as_str(), request.uri().path(), problem.status().as_u16());
    }
    problem.into_response()
}

/// Whether a method may change something.
pub(super) fn changes(method: &Method) -> bool {
    !matches!(*method, Method::GET | Method::HEAD | Method::OPTIONS | Method::TRACE)
}
