//! What is noted of a request? A line in the log, two metrics, and an id by which client and operator can speak of it.
//!
//! Of the request's own words only the method is written, and the template of its route: paths, queries and headers are
//! what clients make up, and tokens get into them by mistake.

use super::access::{Caller, of_system};
use crate::telemetry::Metrics;
use crate::telemetry::metrics::Refused;
use axum::extract::{MatchedPath, Request, State};
use axum::http::{HeaderName, HeaderValue, Method, header};
use axum::middleware::Next;
use axum::response::Response;
use std::sync::Arc;
use std::time::Instant;

/// The header that names a request.
pub const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
/// What a page of ours may load: what is ours. The page of the description has its styles and pictures in itself.
const OWN: &str = "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; frame-ancestors 'none'; \
                   base-uri 'none'; form-action 'self'";
/// Where no route was meant.
const NO_ROUTE: &str = "none";

/// The id of a request, beside it: for what else is said of it.
#[derive(Clone, Debug)]
pub struct RequestId(pub Arc<str>);

/// A layer, around all others: notes what was answered, and gives every answer the headers that keep browsers careful.
pub async fn observe(State(metrics): State<Metrics>, mut request: Request, next: Next) -> Response {
    let begun = Instant::now();
    let id = id_of(&request);
    let method = word(request.method());
    let path = request.extensions().get::<MatchedPath>().cloned();
    request.extensions_mut().insert(RequestId(id.clone()));
    let mut response = next.run(request).await;
    let (took, status) = (begun.elapsed(), response.status().as_u16());
    let route = path.as_ref().map_or(NO_ROUTE, MatchedPath::as_str);
    let caller = response.extensions_mut().remove::<Caller>();
    let who = caller.as_ref().map_or("", Caller::name);
    let ms = took.as_micros() as f64 / 1e3;
    metrics.http_answered(route, method, status, took);
    if let Some(refused) = response.extensions_mut().remove::<Refused>() {
        metrics.http_refused(refused);
        tracing::info!(method, route, status, ms, who, refused = refused.name(), request = &*id, "refused");
    } else if status >= 500 {
        tracing::info!(method, route, status, ms, who, request = &*id, "failed");
    } else {
        tracing::debug!(method, route, status, ms, who, request = &*id, "answered");
    }
    let headers = response.headers_mut();
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(header::X_FRAME_OPTIONS, HeaderValue::from_static("DENY"));
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(OWN));
    // Answers change from one epoch to the next, and some are not for everybody. A route may say otherwise of its own.
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    if let Ok(id) = HeaderValue::from_str(&id) {
        headers.insert(REQUEST_ID, id);
    }
    response
}

/// The id that the client gave it, where that is fit for a log; else one of our own.
fn id_of(request: &Request) -> Arc<str> {
    let given = request.headers().get(REQUEST_ID).and_then(|value| value.to_str().ok());
    // A token put there by mistake is no id.
    let fit = |id: &&str| {
        let sound = id.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte));
        !id.is_empty() && id.len() <= 64 && sound && !id.starts_with("rst_")
    };
    given.filter(fit).map_or_else(own_id, Arc::from)
}

fn own_id() -> Arc<str> {
    let mut bytes = [0; 8];
    // Without randomness all requests are called the same, and are answered.
    let _ = of_system(&mut bytes);
    format!("{:016x}", u64::from_be_bytes(bytes)).into()
}

fn word(method: &Method) -> &'static str {
    const KNOWN: [(Method, &str); 7] = [
        (Method::GET, "GET"),
        (Method::POST, "POST"),
        (Method::PUT, "PUT"),
        (Method::PATCH, "PATCH"),
        (Method::DELETE, "DELETE"),
        (Method::HEAD, "HEAD"),
        (Method::OPTIONS, "OPTIONS"),
    ];
    KNOWN.iter().find(|(known, _)| known == method).map_or("other", |(_, word)| word)
}
