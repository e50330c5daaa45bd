//! What does every request pass before its route? Layers, the outermost first:
//!
//! | layer | what it does |
//! |---|---|
//! | `observe` | notes what was answered |
//! | compression | packs what is large, streams of events apart |
//! | `access::identify` | finds out who asks |
//! | `limits::not_too_many_at_once` | 503 |
//! | `limits::not_too_often` | 429 |
//! | `access::origin::check` | 403 for pages of other sites |
//! | `limits::not_too_large` | 413 |
//! | catch panic | 500 |
//! | `fallbacks::as_problems` | what refuses without a reason |
//! | `access::require` | 401 and 403, at the routes themselves |
//!
//! Who asks is known before the rate is looked at, for it is a caller's; that costs one hash. Nobody's body is read
//! before they may send it.

use super::access::origin::{self, Door, Hosts};
use super::access::{Access, identify};
use super::fallbacks::{as_problems, panicked, with_fallbacks};
use super::limits::{Limits, not_too_large, not_too_many_at_once, not_too_often};
use super::observe::observe;
use crate::telemetry::Metrics;
use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::middleware::{from_fn, from_fn_with_state};
use std::sync::Arc;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::CompressionLayer;
use tower_http::limit::RequestBodyLimitLayer;

/// What the layers need.
#[derive(Clone, Debug)]
pub struct Parts {
    /// Who may do what.
    pub access: Arc<Access>,
    /// How much may be asked.
    pub limits: Arc<Limits>,
    /// By which names the service may be asked.
    pub hosts: Hosts,
    /// What is counted.
    pub metrics: Metrics,
}

/// The routes with all layers around them, and answers for what there is no route for.
pub fn around(routes: Router, parts: Parts) -> Router {
    let Parts { access, limits, hosts, metrics } = parts;
    let most_bytes = usize::try_from(limits.most_bytes()).unwrap_or(usize::MAX);
    let door = Door { access: access.clone(), hosts: Arc::new(hosts) };
    // Each layer goes around those before it.
    with_fallbacks(routes)
        .layer(DefaultBodyLimit::disable())
        .layer(RequestBodyLimitLayer::new(most_bytes))
        .layer(from_fn(as_problems))
        .layer(CatchPanicLayer::custom(panicked))
        .layer(from_fn_with_state(limits.clone(), not_too_large))
        .layer(from_fn_with_state(door, origin::check))
        .layer(from_fn_with_state(limits.clone(), not_too_often))
        .layer(from_fn_with_state(limits, not_too_many_at_once))
        .layer(from_fn_with_state(access, identify))
        .layer(CompressionLayer::new())
        .layer(from_fn_with_state(metrics, observe))
}
