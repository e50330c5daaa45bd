//! How much may be asked at once? Bounds on size, on the rate of each caller, and on what is answered at the same time.
//!
//! A request counts until the head of its answer is there. Subscriptions stay open, and are counted apart: a handler takes
//! a [`Subscription`] and keeps it as long as its stream.

use super::access::{Caller, TokenHash};
use super::extract::too_large;
use super::problem::Problem;
use crate::config::Http;
use crate::error::Error;
use crate::telemetry::Metrics;
use crate::telemetry::metrics::Refused;
use axum::extract::{Request, State};
use axum::http::header;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use governor::clock::{Clock, DefaultClock};
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};
use std::fmt;
use std::net::{IpAddr, Ipv6Addr};
use std::num::NonZeroU32;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// When to come back where too much is under way.
const SOON: Duration = Duration::from_secs(1);
/// After so many requests the callers that have been quiet are forgotten.
const SWEEP: u64 = 4_096;

/// Whose requests are counted together.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum Key {
    Token(TokenHash),
    Peer(IpAddr),
    /// From nowhere: tests that make requests without a connection.
    Nobody,
}

/// The limits of a server.
pub struct Limits {
    rate: Option<DefaultKeyedRateLimiter<Key>>,
    clock: DefaultClock,
    checked: AtomicU64,
    busy: Arc<Semaphore>,
    streams: Arc<Semaphore>,
    most_streams: usize,
    most_bytes: u64,
    metrics: Metrics,
}

impl fmt::Debug for Limits {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Limits").field("most_bytes", &self.most_bytes).finish_non_exhaustive()
    }
}

impl Limits {
    /// Those of the configuration.
    pub fn new(http: &Http, metrics: Metrics) -> Limits {
        let rate = NonZeroU32::new(http.requests_per_second).map(|rate| {
            let burst = NonZeroU32::new(http.burst).unwrap_or(NonZeroU32::MIN);
            RateLimiter::keyed(Quota::per_second(rate).allow_burst(burst))
        });
        let most_streams = http.subscribers as usize;
        Limits {
            rate,
            clock: DefaultClock::default(),
            checked: AtomicU64::new(0),
            busy: Arc::new(Semaphore::new(http.concurrent_requests as usize)),
            streams: Arc::new(Semaphore::new(most_streams)),
            most_streams,
            most_bytes: http.max_body_bytes,
            metrics,
        }
    }

    /// Longest body, in bytes.
    pub fn most_bytes(&self) -> u64 {
        self.most_bytes
    }

    /// Room for a subscription, to be kept as long as it is open.
    pub fn subscribe(self: &Arc<Limits>) -> Result<Subscription, Problem> {
        match self.streams.clone().try_acquire_owned() {
            Ok(permit) => {
                self.tell_streams();
                Ok(Subscription { permit: Some(permit), limits: self.clone() })
            }
            Err(_) => {
                let error = Error::new("too many subscriptions are open")
                    .detail(format!("http.subscribers of the service allows {}", self.most_streams))
                    .hint("come back later, or end one that is not needed");
                Err(Problem::unavailable(error, SOON * 10).counted(Refused::Subscribers))
            }
        }
    }

    fn tell_streams(&self) {
        self.metrics.set_subscribers(self.most_streams.saturating_sub(self.streams.available_permits()));
    }

    fn too_often(&self, key: Key) -> Option<Problem> {
        let rate = self.rate.as_ref()?;
        if self.checked.fetch_add(1, Ordering::Relaxed) % SWEEP == SWEEP - 1 {
            rate.retain_recent();
            rate.shrink_to_fit();
        }
        let wait = rate.check_key(&key).err()?.wait_time_from(self.clock.now());
        let error = Error::new("too many requests")
            .detail("more came from this caller than http.requests_per_second of the service allows")
            .hint("wait as long as the header Retry-After says; many JDs go in one request");
        Some(Problem::too_many(error, wait).counted(Refused::Rate))
    }
}

/// An open subscription. There is room for another when it is dropped.
pub struct Subscription {
    permit: Option<OwnedSemaphorePermit>,
    limits: Arc<Limits>,
}

impl fmt::Debug for Subscription {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Subscription")
    }
}

impl Drop for Subscription {
    fn drop(&mut self) {
        drop(self.permit.take());
        self.limits.tell_streams();
    }
}

/// A layer: no more requests at the same time than are allowed.
pub async fn not_too_many_at_once(State(limits): State<Arc<Limits>>, request: Request, next: Next) -> Response {
    match limits.busy.clone().try_acquire_owned() {
        Ok(permit) => {
            let response = next.run(request).await;
            drop(permit);
            response
        }
        Err(_) => {
            let error = Error::new("the service is busy")
                .detail("it answers as many requests at the same time as http.concurrent_requests allows")
                .hint("wait as long as the header Retry-After says");
            Problem::unavailable(error, SOON).counted(Refused::Busy).into_response()
        }
    }
}

/// A layer: no caller asks too often. Whoever brings no token that counts is counted by their address.
pub async fn not_too_often(State(limits): State<Arc<Limits>>, request: Request, next: Next) -> Response {
    let key = match request.extensions().get::<Caller>() {
        Some(caller) => match (caller.who.as_ref().ok().and_then(|who| who.token), caller.peer) {
            (Some(token), _) => Key::Token(token),
            (None, Some(peer)) => Key::Peer(network(peer)),
            (None, None) => Key::Nobody,
        },
        None => Key::Nobody,
    };
    match limits.too_often(key) {
        Some(problem) => problem.into_response(),
        None => next.run(request).await,
    }
}

/// A layer: a body that says it is too large is not read at all. What does not say is cut off while it is read.
pub async fn not_too_large(State(limits): State<Arc<Limits>>, request: Request, next: Next) -> Response {
    let length = request.headers().get(header::CONTENT_LENGTH);
    let length = length.and_then(|value| value.to_str().ok()).and_then(|text| text.parse::<u64>().ok());
    match length.filter(|length| *length > limits.most_bytes) {
        Some(length) => too_large(Some((length, limits.most_bytes))).into_response(),
        None => next.run(request).await,
    }
}

/// Who has one address of IPv6 has 2^64 of them.
fn network(peer: IpAddr) -> IpAddr {
    match peer {
        IpAddr::V6(address) => IpAddr::V6(Ipv6Addr::from_bits(address.to_bits() >> 64 << 64)),
        v4 => v4,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn limits(lay: impl FnOnce(&mut Http)) -> Arc<Limits> {
        let mut http = Http::default();
        lay(&mut http);
        Arc::new(Limits::new(&http, Metrics::new()))
    }

    #[test]
    fn callers_are_counted_apart_and_a_network_together() {
        let limits = limits(|http| (http.requests_per_second, http.burst) = (1, 1));
        let v6 = |text: &str| Key::Peer(network(text.parse().unwrap()));
        assert!(limits.too_often(v6("2001:db8::1")).is_none());
        // A second may pass between any two of them, but not between all.
        assert!((0..1_000).any(|n| limits.too_often(v6(&format!("2001:db8::{n:x}"))).is_some()));
        assert!(limits.too_often(v6("2001:db8:0:1::1")).is_none(), "another network");
        assert!(limits.too_often(Key::Token(TokenHash([7; 32]))).is_none());
        let quiet = limits.rate.as_ref().unwrap();
        assert_eq!(quiet.len(), 3);
    }

    #[test]
    fn no_limit_is_no_limit() {
        let limits = limits(|http| (http.requests_per_second, http.burst) = (0, 1));
        assert!((0..1_000).all(|_| limits.too_often(Key::Nobody).is_none()));
    }

    #[test]
    fn a_subscription_makes_room_when_it_ends() {
        let limits = limits(|http| http.subscribers = 1);
        let open = limits.subscribe().unwrap();
        assert_eq!(limits.subscribe().unwrap_err().status(), 503);
        assert!(limits.metrics.text().contains("rolestream_http_subscribers 1"));
        drop(open);
        assert!(limits.metrics.text().contains("rolestream_http_subscribers 0"));
        assert!(limits.subscribe().is_ok());
    }
}
