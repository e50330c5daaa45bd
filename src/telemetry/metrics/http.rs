//! What is counted of requests? Routes by their template, methods and statuses by short lists: never what clients make up.

use super::Metrics;
use std::time::Duration;

/// Why a request was refused before its route saw it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refused {
    /// No token, or one that does not count.
    Token,
    /// The token has too small a scope.
    Scope,
    /// It asks for a host that this service is not.
    Host,
    /// A page of another site would have changed something.
    Origin,
    /// Too many of one caller.
    Rate,
    /// Too many at once.
    Busy,
    /// The body is too large.
    Size,
    /// Too many subscriptions.
    Subscribers,
}

impl Refused {
    /// All of them.
    pub const ALL: [Refused; 8] = [
        Refused::Token,
        Refused::Scope,
        Refused::Host,
        Refused::Origin,
        Refused::Rate,
        Refused::Busy,
        Refused::Size,
        Refused::Subscribers,
    ];

    /// Its label.
    pub fn name(self) -> &'static str {
        match self {
            Refused::Token => "token",
            Refused::Scope => "scope",
            Refused::Host => "host",
            Refused::Origin => "origin",
            Refused::Rate => "rate",
            Refused::Busy => "busy",
            Refused::Size => "size",
            Refused::Subscribers => "subscribers",
        }
    }
}

impl Metrics {
    pub(super) fn begin_http(&self) {
        for refused in Refused::ALL {
            self.families().http_refused.with_label_values(&[refused.name()]);
        }
        self.set_subscribers(0);
        let none: &[&str] = &[];
        self.families().http_dropped.with_label_values(none);
    }

    /// A request was answered. The route is a template, the method a word of a fixed list.
    pub fn http_answered(&self, route: &str, method: &'static str, status: u16, took: Duration) {
        let families = self.families();
        families.http_requests.with_label_values(&[route, method, &status.to_string()]).inc();
        families.http_latency.with_label_values(&[route, method]).observe(took.as_secs_f64());
    }

    /// A request was refused before its route saw it.
    pub fn http_refused(&self, reason: Refused) {
        self.families().http_refused.with_label_values(&[reason.name()]).inc();
    }

    /// So many subscriptions are open.
    pub fn set_subscribers(&self, open: usize) {
        let none: &[&str] = &[];
        self.families().http_subscribers.with_label_values(none).set(open as f64);
    }

    /// A subscription ended because its client was too slow.
    pub fn subscriber_dropped(&self) {
        let none: &[&str] = &[];
        self.families().http_dropped.with_label_values(none).inc();
    }
}
