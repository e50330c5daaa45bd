//! Does the operator's address answer as it should? Codes and bodies, over HTTP.

mod promtool;

use rolestream::telemetry::{Health, Metrics, Server};
use serde_json::{Value, json};
use std::process::Command;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// A server on a free port, and what it tells.
pub(crate) struct Service {
    server: Server,
    health: Arc<Health>,
    metrics: Metrics,
}

impl Service {
    pub(crate) fn start() -> Service {
        let (health, metrics) = (Arc::new(Health::new()), Metrics::new());
        let server = Server::start("127.0.0.1:0", health.clone(), metrics.clone()).unwrap();
        Service { server, health, metrics }
    }

    fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.server.address())
    }

    /// Status, type and body of an answer.
    pub(crate) fn get(&self, path: &str) -> (u16, String, String) {
        let agent: ureq::Agent = ureq::Agent::config_builder()
            .http_status_as_error(false)
            .timeout_global(Some(Duration::from_secs(20)))
            .build()
            .into();
        let mut answer = agent.get(self.url(path)).call().unwrap();
        let kind = answer.headers()["content-type"].to_str().unwrap().to_owned();
        (answer.status().as_u16(), kind, answer.body_mut().read_to_string().unwrap())
    }

    fn object(&self, path: &str) -> (u16, Value) {
        let (status, kind, body) = self.get(path);
        assert_eq!(kind, "application/json", "{body}");
        (status, serde_json::from_str(&body).unwrap())
    }

    /// Exit code and standard output of `rolestream health`.
    fn health(&self, path: &str) -> (Option<i32>, String) {
        let run = Command::new(env!("CARGO_BIN_EXE_rolestream")).args(["health", "--url", &self.url(path)]).output();
        let run = run.unwrap();
        (run.status.code(), String::from_utf8(run.stdout).unwrap())
    }
}

#[test]
fn it_is_alive_while_it_starts_and_ready_when_it_says_so() {
    let service = Service::start();
    assert_eq!(service.object("/healthz"), (200, json!({"healthy": true})));
    service.health.begin("loading JDs", Some(100_000));
    service.health.advance(1_200);
    let waiting = json!({"ready": false, "phase": "loading JDs", "done": 1_200, "of": 100_000});
    assert_eq!(service.object("/readyz"), (503, waiting));
    service.health.ready();
    assert_eq!(service.object("/readyz"), (200, json!({"ready": true})));
}

#[test]
fn a_failure_is_neither_healthy_nor_ready() {
    let service = Service::start();
    service.health.ready();
    service.health.fail("the store's disk is full");
    let reason = "the store's disk is full";
    assert_eq!(service.object("/healthz"), (503, json!({"healthy": false, "reason": reason})));
    let (status, body) = service.object("/readyz");
    assert_eq!((status, &body["ready"], &body["reason"]), (503, &json!(false), &json!(reason)));
}

#[test]
fn metrics_are_in_the_format_of_prometheus_and_know_whether_it_is_ready() {
    let service = Service::start();
    let (status, kind, text) = service.get("/metrics");
    assert_eq!((status, kind.as_str()), (200, "text/plain; version=0.0.4"));
    assert!(text.contains("\nrolestream_service_ready 0\n"), "{text}");
    service.health.ready();
    service.metrics.set_held(3);
    let (_, _, text) = service.get("/metrics");
    assert!(text.contains("\nrolestream_service_ready 1\n") && text.contains("\nrolestream_held_jds 3\n"), "{text}");
}

#[test]
fn the_root_names_what_there_is_and_other_paths_are_not_found() {
    let service = Service::start();
    let (status, _, text) = service.get("/");
    assert_eq!(status, 200);
    for path in ["/healthz", "/readyz", "/metrics"] {
        assert!(text.contains(path), "{text}");
    }
    assert_eq!(service.get("/metrics/").0, 404);
    let (status, body) = service.object("/jds?all=1");
    assert_eq!((status, &body["error"]), (404, &json!("there is no /jds")));
}

#[test]
fn a_port_in_use_is_an_error_that_says_what_to_do() {
    let service = Service::start();
    let address = service.server.address().to_string();
    let error = Server::start(&address, Arc::default(), Metrics::new()).unwrap_err();
    assert!(error.primary.contains(&address), "{error}");
    assert!(error.detail.is_some() && error.hint.as_ref().is_some_and(|hint| hint.contains("another")), "{error}");
    let error = Server::start("no host:x", Arc::default(), Metrics::new()).unwrap_err();
    assert!(error.hint.is_some_and(|hint| hint.contains("HOST:PORT")));
}

#[test]
fn it_ends_when_dropped_even_while_a_client_stays() {
    let service = Service::start();
    let address = service.server.address();
    // Half a request: it would wait for the rest for ever.
    let mut client = std::net::TcpStream::connect(address).unwrap();
    std::io::Write::write_all(&mut client, b"GET /healthz HTTP/1.1\r\n").unwrap();
    assert_eq!(service.get("/healthz").0, 200);
    let begun = Instant::now();
    drop(service);
    assert!(begun.elapsed() < Duration::from_secs(15), "{:?}", begun.elapsed());
    std::net::TcpListener::bind(address).unwrap();
}

#[test]
fn the_program_asks_a_running_service() {
    let service = Service::start();
    service.health.begin("loading JDs", None);
    let (code, said) = service.health("/readyz");
    assert_eq!(code, Some(1));
    assert!(said.contains("loading JDs"), "{said}");
    assert_eq!(service.health("/healthz").0, Some(0));
    service.health.ready();
    assert_eq!(service.health("/readyz"), (Some(0), "{\"ready\":true}\n".to_owned()));
    // By the settings, without a URL.
    let address = format!("service.address={}", service.server.address());
    let by_settings = Command::new(env!("CARGO_BIN_EXE_rolestream")).args(["health", "--set", &address]).output();
    assert_eq!(by_settings.unwrap().status.code(), Some(0));
    let url = service.url("/readyz");
    drop(service);
    let gone = Command::new(env!("CARGO_BIN_EXE_rolestream")).args(["health", "--url", &url]).output().unwrap();
    assert_eq!(gone.status.code(), Some(1));
    let said = String::from_utf8(gone.stderr).unwrap();
    assert!(said.contains("does not answer") && said.contains("hint: "), "{said}");
}
