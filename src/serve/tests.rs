//! Does the door hold? A server on a free port, with a route for each scope, asked as clients ask.

use super::access::origin::Hosts;
use super::access::routes::MadeToken;
use super::access::{self, Access, Auditor, Scope, TokenView, require};
use super::extract::Json;
use super::layers::{Parts, around};
use super::limits::Limits;
use super::server::{Closing, Listener, Server};
use crate::config::{Anonymous, Http};
use crate::store::Store;
use crate::telemetry::Metrics;
use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{ConnectInfo, Path, State};
use axum::response::Response;
use axum::routing::{get, post};
use serde_json::Value;
use std::io;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, mpsc};
use std::time::{Duration, Instant};
use tokio::sync::Semaphore;
use tokio_stream::wrappers::ReceiverStream;
use tower::ServiceExt;
use utoipa_axum::router::OpenApiRouter;

const PATIENCE: Duration = Duration::from_secs(20);

/// What the auditor was told: who, method or change, path or token, status.
type Told = Arc<Mutex<Vec<(String, String, String, u16)>>>;

struct Paper(Told);

impl Auditor for Paper {
    fn refused(&self, who: &str, method: &str, path: &str, status: u16) {
        self.0.lock().unwrap().push((who.to_owned(), method.to_owned(), path.to_owned(), status));
    }

    fn token_changed(&self, who: &str, change: &str, token: &TokenView) {
        self.0.lock().unwrap().push((who.to_owned(), change.to_owned(), token.name.clone(), 0));
    }
}

/// What the toy routes share.
#[derive(Clone)]
struct Toy {
    changed: Arc<AtomicUsize>,
    /// Opened to let slow requests go on.
    gate: Arc<Semaphore>,
    entered: mpsc::Sender<()>,
    limits: Arc<Limits>,
    closing: Closing,
}

async fn change(State(toy): State<Toy>, _: Bytes) -> &'static str {
    toy.changed.fetch_add(1, Ordering::SeqCst);
    "changed"
}

async fn thing(Path(id): Path<String>) -> String {
    format!("the thing {id}")
}

async fn slow(State(toy): State<Toy>) -> &'static str {
    toy.entered.send(()).unwrap();
    toy.gate.acquire().await.unwrap().forget();
    "done"
}

async fn panics() -> &'static str {
    panic!("a secret of the inside")
}

async fn echo(Json(value): Json<Value>) -> Json<Value> {
    Json(value)
}

async fn stream(State(toy): State<Toy>) -> Result<Response, super::problem::Problem> {
    let room = toy.limits.subscribe()?;
    let (send, receive) = tokio::sync::mpsc::channel::<io::Result<Bytes>>(1);
    tokio::spawn(async move {
        let _room = room;
        let _ = send.send(Ok(Bytes::from_static(b"first"))).await;
        toy.entered.send(()).unwrap();
        toy.closing.announced().await;
        let _ = send.send(Ok(Bytes::from_static(b", last"))).await;
    });
    Ok(Response::new(Body::from_stream(ReceiverStream::new(receive))))
}

struct Kit {
    address: String,
    server: Option<Server>,
    routes: Router,
    access: Arc<Access>,
    told: Told,
    toy: Toy,
    entered: Mutex<mpsc::Receiver<()>>,
    metrics: Metrics,
    folder: tempfile::TempDir,
}

/// A running server with these settings.
fn kit(lay: impl FnOnce(&mut Http)) -> Kit {
    let mut http = Http { address: "127.0.0.1:0".to_owned(), ..Http::default() };
    lay(&mut http);
    let folder = tempfile::tempdir().unwrap();
    let store = Arc::new(Store::open(folder.path()).unwrap());
    let listener = Listener::bind(&http).unwrap().unwrap();
    let (told, metrics, closing) = (Told::default(), Metrics::new(), Closing::default());
    let access = Access::open(store).unwrap().anonymous(http.anonymous, listener.is_loopback());
    let access = Arc::new(access.auditor(Arc::new(Paper(told.clone()))));
    let limits = Arc::new(Limits::new(&http, metrics.clone()));
    let (entered, seen) = mpsc::channel();
    let toy = Toy {
        changed: Arc::default(),
        gate: Arc::new(Semaphore::new(0)),
        entered,
        limits: limits.clone(),
        closing: closing.clone(),
    };
    let under = |scope, routes: Router<Toy>| routes.route_layer(require(&access, scope)).with_state(toy.clone());
    let (tokens, _) = OpenApiRouter::<()>::new().merge(access::routes::routes(&access)).split_for_parts();
    let reading = Router::new()
        .route("/things/{id}", get(thing))
        .route("/slow", get(slow))
        .route("/panics", get(panics))
        .route("/stream", get(stream));
    let routes = tokens
        .merge(under(Scope::Read, reading))
        .merge(under(Scope::Submit, Router::new().route("/jds", post(change)).route("/echo", post(echo))))
        .merge(under(Scope::Review, Router::new().route("/verdicts", post(change))))
        .merge(under(Scope::Publish, Router::new().route("/versions", post(change))));
    let hosts = Hosts { loopback: listener.is_loopback(), names: http.hosts.clone() };
    let parts = Parts { access: access.clone(), limits, hosts, metrics: metrics.clone() };
    let routes = around(routes, parts);
    let server = listener.serve(routes.clone(), closing).unwrap();
    // What listens everywhere listens here.
    let address = server.url().replace("0.0.0.0", "127.0.0.1");
    Kit { address, server: Some(server), routes, access, told, toy, entered: Mutex::new(seen), metrics, folder }
}

impl Kit {
    fn token(&self, name: &str, scopes: &[Scope]) -> String {
        let made = self.access.create(name, scopes.iter().copied().collect(), None, "test").unwrap();
        self.told.lock().unwrap().clear();
        format!("Bearer {}", made.0.expose())
    }

    fn ask(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> Answer {
        let url = format!("{}{path}", self.address);
        match method {
            "GET" | "DELETE" => ask_with(&agent(), &url, method, headers, ()),
            _ => ask_with(&agent(), &url, method, headers, body),
        }
    }

    fn told(&self) -> Vec<(String, String, String, u16)> {
        std::mem::take(&mut *self.told.lock().unwrap())
    }

    fn entered(&self) {
        self.entered.lock().unwrap().recv_timeout(PATIENCE).unwrap();
    }

    /// Until the metrics have this line: they are counted when an answer is on its way.
    fn counts(&self, line: &str) {
        let deadline = Instant::now() + PATIENCE;
        while !self.metrics.text().lines().any(|found| found == line) {
            assert!(Instant::now() < deadline, "{line} is not in\n{}", self.metrics.text());
            std::thread::yield_now();
        }
    }
}

#[derive(Debug)]
struct Answer {
    status: u16,
    headers: axum::http::HeaderMap,
    body: String,
}

impl Answer {
    fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    #[track_caller]
    fn is_problem(&self, status: u16, title: &str) {
        assert_eq!((self.status, self.headers["content-type"].to_str().unwrap()), (status, super::problem::MEDIA_TYPE));
        let problem = self.json();
        assert_eq!(
            (problem["status"].as_u64(), problem["title"].as_str()),
            (Some(status.into()), Some(title)),
            "{problem}"
        );
    }
}

/// A body that is sent in pieces, its length not told.
type Pieces = io::Cursor<Vec<u8>>;

fn agent() -> ureq::Agent {
    let settings = ureq::Agent::config_builder().http_status_as_error(false).timeout_global(Some(PATIENCE));
    settings.build().into()
}

fn ask_with(
    agent: &ureq::Agent,
    url: &str,
    method: &str,
    headers: &[(&str, &str)],
    body: impl ureq::AsSendBody,
) -> Answer {
    let mut request = ureq::http::Request::builder().method(method).uri(url);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let mut answer = agent.run(request.body(body).unwrap()).unwrap();
    let body = answer.body_mut().read_to_string().unwrap();
    Answer { status: answer.status().as_u16(), headers: answer.headers().clone(), body }
}

#[test]
fn every_scope_opens_its_routes_and_no_other_and_refusals_are_audited() {
    let kit = kit(|_| ());
    let paths = [("/jds", Scope::Submit), ("/verdicts", Scope::Review), ("/versions", Scope::Publish)];
    for scope in Scope::ALL {
        let token = kit.token(scope.name(), &[scope]);
        let with = [("authorization", token.as_str())];
        assert_eq!(kit.ask("GET", "/things/7", &with, "").body, "the thing 7");
        for (path, needed) in paths {
            let before = kit.toy.changed.load(Ordering::SeqCst);
            let answer = kit.ask("POST", path, &with, "x");
            let changed = kit.toy.changed.load(Ordering::SeqCst) - before;
            if scope.implies(needed) {
                assert_eq!((answer.status, changed, kit.told().len()), (200, 1, 0), "{scope:?} {path}");
            } else {
                answer.is_problem(403, &format!("the scope {} is needed", needed.name()));
                assert_eq!(answer.json()["type"], "/problems/scope");
                let told = (scope.name().to_owned(), "POST".to_owned(), path.to_owned(), 403);
                assert_eq!((changed, kit.told()), (0, vec![told]), "{scope:?} {path}");
            }
        }
        let listed = kit.ask("GET", "/tokens", &with, "");
        assert_eq!(listed.status, if scope == Scope::Admin { 200 } else { 403 });
        assert!(kit.told().is_empty(), "what only reads is no matter for the log");
    }
}

#[test]
fn without_a_token_that_counts_nothing_changes() {
    let kit = kit(|_| ());
    assert_eq!(kit.ask("GET", "/things/7", &[], "").status, 200, "this machine may read");
    assert_eq!(kit.ask("GET", "/things/7", &[("x-forwarded-for", "10.0.0.1")], "").status, 401, "others may not");
    assert_eq!(kit.ask("GET", "/tokens", &[], "").status, 401);
    let token = kit.token("gone", &[Scope::Admin]);
    kit.access.revoke("gone", "test").unwrap();
    kit.told();
    let bare = token.trim_start_matches("Bearer ");
    let basic = format!("Basic {bare}");
    for (header, who) in [
        (None, "anonymous"),
        (Some("Bearer rst_AAAA"), "unknown token"),
        (Some("Bearer"), "unknown token"),
        (Some(bare), "unknown token"),
        (Some(basic.as_str()), "unknown token"),
        (Some(token.as_str()), "unknown token"),
    ] {
        let headers: Vec<(&str, &str)> = header.iter().map(|value| ("authorization", *value)).collect();
        for path in ["/jds", "/verdicts", "/versions", "/tokens"] {
            let answer = kit.ask("POST", path, &headers, "{}");
            assert_eq!(answer.status, 401, "{path} {header:?}");
            assert!(answer.headers["www-authenticate"].to_str().unwrap().starts_with("Bearer"));
            assert_eq!(kit.told(), [(who.to_owned(), "POST".to_owned(), path.to_owned(), 401)], "{header:?}");
        }
        // A wrong token is no anonymous reader.
        assert_eq!(kit.ask("GET", "/things/7", &headers, "").status, if header.is_none() { 200 } else { 401 });
    }
    assert_eq!(
        kit.ask("POST", "/jds?token=x", &[("authorization", "Bearer a"), ("authorization", "Bearer b")], "").status,
        401
    );
    assert_eq!(kit.toy.changed.load(Ordering::SeqCst), 0);
    kit.counts("rolestream_http_refused_total{reason=\"token\"} 32");
}

#[test]
fn an_address_that_others_reach_answers_nobody_without_a_token() {
    let kit = kit(|http| (http.address, http.anonymous) = ("0.0.0.0:0".to_owned(), Anonymous::All));
    kit.ask("GET", "/things/7", &[], "").is_problem(401, "a token is needed");
    let token = kit.token("reader", &[Scope::Read]);
    assert_eq!(kit.ask("GET", "/things/7", &[("authorization", &token), ("host", "jobs.test")], "").status, 200);
}

#[test]
fn tokens_are_made_and_taken_back_by_admins() {
    let kit = kit(|_| ());
    let admin = kit.token("root", &[Scope::Admin]);
    let json = ("content-type", "application/json");
    let new = "{\"name\": \"ingest\", \"scopes\": [\"submit\"], \"expires_in\": \"90d\"}";
    let made = kit.ask("POST", "/tokens", &[("authorization", &admin), json], new);
    assert_eq!(made.status, 201, "{made:?}");
    assert_eq!(made.headers["cache-control"], "no-store");
    let made: MadeToken = serde_json::from_str(&made.body).unwrap();
    let token = format!("Bearer {}", made.token);
    let works = || kit.ask("POST", "/jds", &[("authorization", &token)], "x").status;
    assert_eq!((works(), kit.told()), (200, vec![("root".into(), "created".into(), "ingest".into(), 0)]));
    assert_eq!(kit.ask("POST", "/tokens", &[("authorization", &admin), json], new).status, 409);
    let listed = kit.ask("GET", "/tokens", &[("authorization", &admin)], "");
    assert_eq!(listed.json()["tokens"][0]["name"], "ingest");
    assert!(!listed.body.contains("rst_"));
    assert_eq!(kit.ask("DELETE", "/tokens/ingst", &[("authorization", &admin)], "").status, 404);
    assert_eq!(kit.ask("DELETE", "/tokens/ingest", &[("authorization", &admin)], "").json()["state"], "revoked");
    assert_eq!((works(), kit.told()[0].clone()), (401, ("root".into(), "revoked".into(), "ingest".into(), 0)));
    let wrong =
        kit.ask("POST", "/tokens", &[("authorization", &admin), json], "{\"name\": \"x\", \"scopes\": [\"reed\"]}");
    wrong.is_problem(422, "the body has an unknown word \"reed\"");
    assert_eq!(wrong.json()["hint"], "did you mean \"read\"?");
    kit.ask("POST", "/tokens", &[("authorization", &admin)], new).is_problem(415, "the body is not said to be JSON");
}

#[test]
fn pages_of_other_sites_and_other_names_are_kept_out_even_with_a_token() {
    let kit = kit(|http| http.anonymous = Anonymous::All);
    let token = kit.token("anna", &[Scope::Submit]);
    let anna = ("authorization", token.as_str());
    let refused = kit.ask("POST", "/jds", &[anna, ("origin", "http://evil.test")], "x");
    refused.is_problem(403, "a page of another site may change nothing here");
    assert_eq!(kit.told(), [("anna".into(), "POST".into(), "/jds".into(), 403)]);
    assert_eq!(kit.ask("POST", "/jds", &[("sec-fetch-site", "cross-site")], "x").status, 403);
    assert_eq!(kit.ask("GET", "/things/7", &[("host", "evil.test")], "").status, 403);
    assert_eq!(kit.toy.changed.load(Ordering::SeqCst), 0);
    assert_eq!(kit.ask("POST", "/jds", &[anna, ("origin", &kit.address)], "x").status, 200);
    assert_eq!(kit.ask("POST", "/jds", &[], "x").status, 200, "all may do all, as it was set");
}

#[test]
fn too_much_is_refused_with_when_to_come_back() {
    let kit = kit(|http| {
        (http.max_body_bytes, http.concurrent_requests, http.subscribers) = (1_000, 1, 1);
        (http.requests_per_second, http.burst) = (1, 60);
        http.anonymous = Anonymous::All;
    });
    let json = [("content-type", "application/json")];
    let (fits, large) = (format!("\"{}\"", "x".repeat(998)), format!("\"{}\"", "x".repeat(999)));
    assert_eq!(kit.ask("POST", "/echo", &json, &fits).body, fits);
    kit.ask("POST", "/echo", &json, &large).is_problem(413, "the body is too large");
    let pieces = |text: &str| ureq::SendBody::from_owned_reader(Pieces::new(text.as_bytes().to_vec()));
    let url = format!("{}/echo", kit.address);
    assert_eq!(ask_with(&agent(), &url, "POST", &json, pieces(&fits)).body, fits);
    ask_with(&agent(), &url, "POST", &json, pieces(&large)).is_problem(413, "the body is too large");

    std::thread::scope(|threads| {
        let first = threads.spawn(|| kit.ask("GET", "/slow", &[], ""));
        kit.entered();
        let busy = kit.ask("GET", "/things/7", &[], "");
        busy.is_problem(503, "the service is busy");
        assert_eq!(busy.headers["retry-after"], "1");
        kit.toy.gate.add_permits(1);
        assert_eq!(first.join().unwrap().body, "done");
    });

    // A subscription is open, and others are answered.
    let mut open = agent().get(format!("{}/stream", kit.address)).call().unwrap();
    kit.entered();
    kit.ask("GET", "/stream", &[], "").is_problem(503, "too many subscriptions are open");
    assert_eq!(kit.ask("GET", "/things/7", &[], "").status, 200);
    kit.toy.closing.announce();
    assert_eq!(open.body_mut().read_to_string().unwrap(), "first, last");

    let often = (0..2_000).map(|_| kit.ask("GET", "/things/7", &[], "")).find(|answer| answer.status == 429);
    let often = often.expect("sixty at once, then one a second");
    often.is_problem(429, "too many requests");
    assert!(often.headers["retry-after"].to_str().unwrap().parse::<u32>().unwrap() >= 1);
    let token = kit.token("apart", &[Scope::Read]);
    assert_eq!(kit.ask("GET", "/things/7", &[("authorization", &token)], "").status, 200, "each caller apart");
    kit.counts("rolestream_http_refused_total{reason=\"size\"} 2");
    kit.counts("rolestream_http_refused_total{reason=\"busy\"} 1");
    kit.counts("rolestream_http_refused_total{reason=\"subscribers\"} 1");
}

#[test]
fn what_fails_or_is_not_there_is_a_problem_too() {
    let kit = kit(|_| ());
    let failed = kit.ask("GET", "/panics", &[("x-request-id", "mine-1")], "");
    failed.is_problem(500, "the service failed at this request");
    assert!(!failed.body.contains("inside"));
    assert_eq!(failed.headers["x-request-id"], "mine-1");
    assert_eq!(failed.headers["x-content-type-options"], "nosniff");
    assert_eq!(kit.ask("GET", "/things/7", &[], "").status, 200);
    let unknown = kit.ask("GET", "/thing", &[("x-request-id", "a b")], "");
    unknown.is_problem(404, "there is no /thing");
    assert_eq!(unknown.headers["x-request-id"].len(), 16, "an unfit id is replaced");
    let wrong = kit.ask("DELETE", "/jds", &[], "");
    wrong.is_problem(405, "DELETE is not answered at /jds");
    assert_eq!(wrong.headers["allow"], "POST");
    kit.counts("rolestream_http_requests_total{method=\"GET\",route=\"/things/{id}\",status=\"200\"} 1");
    kit.counts("rolestream_http_requests_total{method=\"GET\",route=\"none\",status=\"404\"} 1");
    kit.counts("rolestream_http_request_seconds_count{method=\"GET\",route=\"/panics\"} 1");
}

#[test]
fn an_end_waits_for_requests_and_tells_streams() {
    let mut kit = kit(|_| ());
    let server = kit.server.take().unwrap();
    let address = server.address();
    let mut open = agent().get(format!("{}/stream", kit.address)).call().unwrap();
    kit.entered();
    std::thread::scope(|threads| {
        let slow = threads.spawn(|| kit.ask("GET", "/slow", &[], ""));
        kit.entered();
        let end = threads.spawn(|| server.stop(PATIENCE));
        assert_eq!(open.body_mut().read_to_string().unwrap(), "first, last");
        let deadline = Instant::now() + PATIENCE;
        while std::net::TcpStream::connect(address).is_ok() {
            assert!(Instant::now() < deadline, "it still takes connections");
            std::thread::yield_now();
        }
        assert!(!end.is_finished());
        kit.toy.gate.add_permits(1);
        assert_eq!(slow.join().unwrap().body, "done");
        end.join().unwrap();
    });
}

#[test]
fn an_end_cuts_off_what_outlasts_the_grace() {
    let mut kit = kit(|_| ());
    let server = kit.server.take().unwrap();
    std::thread::scope(|threads| {
        let slow = threads.spawn(|| agent().get(format!("{}/slow", kit.address)).call().is_err());
        kit.entered();
        server.stop(Duration::from_millis(10));
        assert!(slow.join().unwrap());
    });
}

#[test]
fn with_a_certificate_it_speaks_tls_and_says_what_is_wrong_with_one() {
    let folder = tempfile::tempdir().unwrap();
    let pair = rcgen::generate_simple_self_signed(["localhost".to_owned(), "127.0.0.1".to_owned()]).unwrap();
    let other = rcgen::KeyPair::generate().unwrap();
    let write = |name: &str, text: &str| {
        let path = folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        path
    };
    let certificate = write("certificate.pem", &pair.cert.pem());
    let key = write("key.pem", &pair.signing_key.serialize_pem());
    let foreign = write("other.pem", &other.serialize_pem());
    let kit = kit(|http| (http.tls_certificate, http.tls_key) = (certificate.clone(), key.clone()));
    assert!(kit.address.starts_with("https://127.0.0.1:"), "{}", kit.address);
    let root = ureq::tls::Certificate::from_pem(pair.cert.pem().as_bytes()).unwrap();
    let tls = ureq::tls::TlsConfig::builder().root_certs(ureq::tls::RootCerts::new_with_certs(&[root])).build();
    let trusting: ureq::Agent =
        ureq::Agent::config_builder().tls_config(tls).timeout_global(Some(PATIENCE)).build().into();
    let answer = ask_with(&trusting, &format!("{}/things/7", kit.address), "GET", &[], ());
    assert_eq!((answer.status, answer.body.as_str()), (200, "the thing 7"));
    assert!(agent().get(format!("{}/things/7", kit.address)).call().is_err(), "nobody else vouches for it");

    let refused = |certificate: &std::path::Path, key: &std::path::Path| {
        let http = Http {
            address: "127.0.0.1:0".to_owned(),
            tls_certificate: certificate.to_owned(),
            tls_key: key.to_owned(),
            ..Http::default()
        };
        let error = Listener::bind(&http).unwrap_err();
        assert!(error.hint.is_some(), "{error}");
        error.to_string()
    };
    let none = std::path::Path::new("");
    assert!(refused(&certificate, none).contains("http.tls_key is not set"));
    assert!(refused(none, &key).contains("http.tls_certificate is not set"));
    assert!(refused(&folder.path().join("missing.pem"), &key).contains("missing.pem"));
    assert!(refused(&key, &key).contains("there is no certificate in it"));
    assert!(refused(&certificate, &certificate).contains("there is no key in it"));
    assert!(refused(&certificate, &foreign).contains("does not belong to the certificate"));
}

#[test]
fn an_address_that_cannot_be_had_is_refused_with_a_remedy() {
    let kit = kit(|_| ());
    let bind = |address: &str| Listener::bind(&Http { address: address.to_owned(), ..Http::default() });
    let taken = kit.address.trim_start_matches("http://");
    assert!(bind(taken).unwrap_err().hint.unwrap().contains("--http 127.0.0.1:0"));
    assert!(bind("nonsense").unwrap_err().hint.unwrap().contains("HOST:PORT"));
    assert!(bind("").unwrap().is_none());
}

#[derive(Clone, Default)]
struct Lines(Arc<Mutex<Vec<u8>>>);

impl io::Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[test]
fn no_log_line_tells_a_token() {
    let kit = kit(|_| ());
    let (lines, runtime) =
        (Lines::default(), tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap());
    let paper = lines.clone();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(tracing::level_filters::LevelFilter::TRACE)
        .with_ansi(false)
        .with_writer(move || paper.clone())
        .finish();
    let (mut secrets, mut statuses) = (Vec::new(), Vec::new());
    // With a single subscriber, whichever thread comes to a place first says whether anybody wants to know of it, and tests
    // beside this one have none. Of two, both are asked.
    let _second = tracing::Dispatch::new(tracing_subscriber::registry());
    tracing::subscriber::with_default(subscriber, || {
        let begun = access::beginning::begin(&kit.access, kit.folder.path()).unwrap().unwrap();
        let (reader, _) = kit.access.create("reader", [Scope::Read].into_iter().collect(), None, "test").unwrap();
        for secret in [begun.secret, reader] {
            let token = secret.expose().to_owned();
            // Right and wrong ones, where they belong and where people put them by mistake.
            for (method, path, header, value) in [
                ("GET", "/things/7".to_owned(), "authorization", format!("Bearer {token}")),
                ("POST", "/versions".to_owned(), "authorization", format!("Bearer {token}")),
                ("POST", "/jds".to_owned(), "authorization", token.clone()),
                ("GET", format!("/things/{token}?token={token}"), "x-request-id", token.clone()),
                ("GET", format!("/{token}"), "x-token", token.clone()),
            ] {
                let request = axum::http::Request::builder().method(method).uri(path).header("host", "localhost");
                let mut request = request.header(header, value).body(Body::empty()).unwrap();
                request.extensions_mut().insert(ConnectInfo(SocketAddr::from(([127, 0, 0, 1], 9))));
                statuses.push(runtime.block_on(kit.routes.clone().oneshot(request)).unwrap().status().as_u16());
            }
            secrets.push(token);
        }
    });
    assert_eq!(statuses, [200, 200, 401, 200, 404, 200, 403, 401, 200, 404]);
    let text = String::from_utf8(lines.0.lock().unwrap().clone()).unwrap();
    assert!(text.lines().count() >= 10, "{text}");
    assert!(text.contains("who=\"reader\"") && text.contains("refused=\"scope\""), "{text}");
    assert!(secrets.iter().all(|secret| !text.contains(&secret[4..])), "{text}");
}
