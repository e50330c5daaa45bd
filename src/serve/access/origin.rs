//! Does a page of another site ask? A browser lets any page send requests to this machine, in its user's name.
//!
//! Two things keep that off. What may change something must not come from a page of another origin: browsers say where
//! a request comes from (`Sec-Fetch-Site`, `Origin`), and other clients say nothing. And where the service listens on this
//! machine only, it must be asked by a name of this machine: a page whose own name was made to point here
//! (*DNS rebinding*) would count as of the same origin otherwise.

use super::Access;
use super::guard::{changes, refuse};
use crate::error::Error;
use crate::serve::problem::Problem;
use crate::telemetry::metrics::Refused;
use axum::extract::{Request, State};
use axum::http::header;
use axum::middleware::Next;
use axum::response::Response;
use std::net::IpAddr;
use std::sync::Arc;

/// By which names it may be asked.
#[derive(Clone, Debug)]
pub struct Hosts {
    /// Whether it listens on this machine only.
    pub loopback: bool,
    /// `http.hosts`.
    pub names: Vec<String>,
}

/// What the layer [`check`] needs.
#[derive(Clone, Debug)]
pub struct Door {
    /// Who is told of refusals.
    pub access: Arc<Access>,
    /// By which names it may be asked.
    pub hosts: Arc<Hosts>,
}

/// A layer: refuses what a page of another site asks.
pub async fn check(State(door): State<Door>, request: Request, next: Next) -> Response {
    match door.hosts.refusal(&request) {
        None => next.run(request).await,
        Some(problem) => refuse(&door.access, &request, problem),
    }
}

impl Hosts {
    fn refusal(&self, request: &Request) -> Option<Problem> {
        let headers = request.headers();
        let text = |name| headers.get(name).map(|value| value.to_str().unwrap_or("?"));
        // HTTP/2 has the authority in the URI.
        let asked = request.uri().authority().map(|authority| authority.as_str()).or_else(|| text(header::HOST));
        let asked = asked.unwrap_or_default();
        if self.loopback && !self.is_here(asked) {
            let error = Error::new(format!("this service is not {asked:?}"))
                .detail("it listens on this machine only: localhost, 127.0.0.1 or [::1] is expected as Host")
                .hint("name other hosts of it in http.hosts");
            return Some(Problem::forbidden(error).kind("host").counted(Refused::Host));
        }
        if !changes(request.method()) {
            return None;
        }
        let site = headers.get("sec-fetch-site").map(|value| value.to_str().unwrap_or("?"));
        let by_site = site.is_none_or(|site| matches!(site, "same-origin" | "none"));
        let origin = text(header::ORIGIN);
        let by_origin = origin.is_none_or(|origin| self.is_ours(origin, asked));
        // A page of a named host is of another origin where a proxy gives us another name: the name counts then.
        let named = origin.is_some_and(|origin| authority(origin).is_some_and(|(host, _)| self.is_named(host)));
        if named || (by_site && by_origin) {
            return None;
        }
        let error = Error::new("a page of another site may change nothing here")
            .detail(format!("its origin is {}", origin.or(site).unwrap_or("not told")))
            .hint("name its host in http.hosts of the service if it belongs to it");
        Some(Problem::forbidden(error).kind("origin").counted(Refused::Origin))
    }

    /// Whether it is a name of this machine, or one it was given.
    fn is_here(&self, asked: &str) -> bool {
        let (name, _) = split_port(asked);
        let address = name.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>();
        let here = name.eq_ignore_ascii_case("localhost") || address.is_ok_and(|address| address.is_loopback());
        here || self.is_named(asked)
    }

    fn is_named(&self, asked: &str) -> bool {
        let (name, _) = split_port(asked);
        self.names.iter().any(|known| known.eq_ignore_ascii_case(asked) || known.eq_ignore_ascii_case(name))
    }

    /// Whether an origin is that of the host that was asked.
    fn is_ours(&self, origin: &str, asked: &str) -> bool {
        let Some((host, usual)) = authority(origin) else { return false };
        let whole = |text: &str| {
            let (name, port) = split_port(text);
            (name.to_ascii_lowercase(), port.unwrap_or(usual).to_owned())
        };
        whole(host) == whole(asked)
    }
}

/// Host and port of an origin, and the port that goes without saying; `null` and extensions of browsers have none.
fn authority(origin: &str) -> Option<(&str, &'static str)> {
    let http = origin.strip_prefix("http://").map(|host| (host, "80"));
    http.or_else(|| origin.strip_prefix("https://").map(|host| (host, "443")))
}

fn split_port(host: &str) -> (&str, Option<&str>) {
    match host.rsplit_once(':') {
        Some((name, port)) if !port.is_empty() && port.bytes().all(|byte| byte.is_ascii_digit()) => (name, Some(port)),
        _ => (host, None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::body::Body;

    fn status(hosts: &Hosts, method: &str, headers: &[(&str, &str)]) -> u16 {
        let mut request = Request::builder().method(method).uri("/runs");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let request = request.body(Body::empty()).unwrap();
        hosts.refusal(&request).map_or(200, |problem| problem.status().as_u16())
    }

    fn here(names: &[&str]) -> Hosts {
        Hosts { loopback: true, names: names.iter().map(|name| (*name).to_owned()).collect() }
    }

    #[test]
    fn on_this_machine_only_its_own_names_are_answered() {
        let hosts = here(&["jobs.test", "other.test:81"]);
        for host in
            ["localhost", "LocalHost:8080", "127.0.0.1:1", "127.9.9.9", "[::1]:8080", "jobs.test:9", "other.test:81"]
        {
            assert_eq!(status(&hosts, "GET", &[("host", host)]), 200, "{host}");
        }
        for host in [
            "evil.test",
            "localhost.evil.test",
            "127.0.0.1.evil.test:80",
            "10.0.0.1",
            "",
            "other.test",
            "other.test:82",
        ] {
            assert_eq!(status(&hosts, "GET", &[("host", host)]), 403, "{host}");
        }
        assert_eq!(status(&Hosts { loopback: false, names: Vec::new() }, "GET", &[("host", "any.test")]), 200);
    }

    #[test]
    fn pages_of_other_sites_change_nothing() {
        let hosts = here(&["jobs.test"]);
        let host = ("host", "localhost:8080");
        for allowed in [
            &[host][..],
            &[host, ("sec-fetch-site", "same-origin"), ("origin", "http://localhost:8080")],
            &[host, ("sec-fetch-site", "none")],
            &[("host", "localhost"), ("origin", "http://LOCALHOST:80")],
            &[host, ("origin", "https://jobs.test"), ("sec-fetch-site", "cross-site")],
        ] {
            assert_eq!(status(&hosts, "POST", allowed), 200, "{allowed:?}");
        }
        for refused in [
            &[host, ("sec-fetch-site", "cross-site")][..],
            &[host, ("sec-fetch-site", "same-site")],
            &[host, ("origin", "http://evil.test")],
            &[host, ("origin", "http://localhost:3000")],
            &[host, ("origin", "null")],
            &[host, ("origin", "http://evil.test"), ("sec-fetch-site", "same-origin")],
            &[host, ("origin", "http://jobs.test.evil.test")],
        ] {
            assert_eq!(status(&hosts, "DELETE", refused), 403, "{refused:?}");
            assert_eq!(status(&hosts, "GET", refused), 200, "reading is the browser's matter: {refused:?}");
        }
    }
}
