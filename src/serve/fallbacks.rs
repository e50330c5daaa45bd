//! What if there is no such route, or a route fails itself, or something that is not ours refuses? Problems, as everywhere.

use super::problem::{MEDIA_TYPE, Problem};
use crate::error::{Error, said_by_panic};
use axum::Router;
use axum::extract::Request;
use axum::http::{HeaderValue, Method, StatusCode, Uri, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use std::any::Any;

/// The router, with answers for what it has no route for.
pub fn with_fallbacks<S: Clone + Send + Sync + 'static>(router: Router<S>) -> Router<S> {
    router.fallback(unknown).method_not_allowed_fallback(wrong_method)
}

async fn unknown(uri: Uri) -> Problem {
    let error =
        Error::new(format!("there is no {}", uri.path())).hint("/openapi.json lists what there is, and /docs shows it");
    Problem::not_found(error)
}

/// The router adds the header Allow.
async fn wrong_method(method: Method, uri: Uri) -> Problem {
    let error = Error::new(format!("{method} is not answered at {}", uri.path()))
        .detail("the header Allow says which methods are");
    Problem::new(StatusCode::METHOD_NOT_ALLOWED, error)
}

/// A layer: what refuses without saying why, such as the files of a page, gets a problem that its status says enough of.
pub async fn as_problems(request: Request, next: Next) -> Response {
    let uri = request.uri().clone();
    let response = next.run(request).await;
    let status = response.status();
    let said =
        response.headers().get(header::CONTENT_TYPE).is_some_and(|kind| *kind == HeaderValue::from_static(MEDIA_TYPE));
    match (status, said) {
        _ if said || !(status.is_client_error() || status.is_server_error()) => response,
        (StatusCode::NOT_FOUND, _) => unknown(uri).await.into_response(),
        _ => {
            let reason = status.canonical_reason().unwrap_or("refused").to_lowercase();
            let error = Error::new(reason).hint("/openapi.json lists what there is, and /docs shows it");
            Problem::new(status, error).into_response()
        }
    }
}

/// What is answered where a handler panicked. What it said is for the log.
pub fn panicked(panic: Box<dyn Any + Send>) -> Response {
    let error = Error::new("a handler panicked").detail(said_by_panic(&*panic).to_owned());
    Problem::internal(&error).into_response()
}
