//! How soon does a service answer over HTTP when many ask at once, and how soon while JDs come in in bulk?
//!
//! ```sh
//! cargo bench --bench http                                            # 10,000 JDs held, 16 connections, 20 s a phase
//! ROLESTREAM_JDS=100000 ROLESTREAM_CONNECTIONS=64 ROLESTREAM_SECONDS=60 cargo bench --bench http
//! ```
//!
//! The service runs in this process with its defaults, on a free port; JDs are the samples with ids of their own. Clients
//! are threads, each with a connection that is kept, and they take processor time, too: what is printed is what a client on the
//! same machine sees. Of ten requests one hands a JD in (a changed text: it is parsed, decided, kept and visible when the
//! answer comes) and nine read.

use rolestream::config::{Config, Layers};
use rolestream::serve;
use rolestream::service::Service;
use rolestream::sources::Stop;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// JDs a request, where they come in in bulk.
const BULK: u64 = 1_000;

/// What is measured, with how many of ten requests.
const KINDS: [(&str, u64); 4] = [("classify", 1), ("GET /runs", 3), ("GET /runs/{id}", 4), ("GET /roles/{slug}", 2)];

fn setting(name: &str, unless: u64) -> u64 {
    std::env::var(name).ok().and_then(|value| value.parse().ok()).unwrap_or(unless)
}

/// Asks the service; one of them for each connection.
#[derive(Clone)]
struct Client {
    agent: ureq::Agent,
    url: String,
    token: String,
}

impl Client {
    fn new(url: &str, token: &str) -> Client {
        let settings = ureq::Agent::config_builder().http_status_as_error(false);
        let settings = settings.timeout_global(Some(Duration::from_secs(120)));
        Client { agent: settings.build().into(), url: url.to_owned(), token: token.to_owned() }
    }

    fn ask(&self, method: &str, path: &str, kind: &str, body: String) -> (u16, String) {
        let request = ureq::http::Request::builder().method(method).uri(format!("{}{path}", self.url));
        let request = request.header("authorization", format!("Bearer {}", self.token));
        let answer = match method {
            "GET" => self.agent.run(request.body(()).expect("a request")),
            _ => self.agent.run(request.header("content-type", kind).body(body).expect("a request")),
        };
        let mut answer = answer.expect("the service answers");
        let text = answer.body_mut().with_config().limit(1 << 30).read_to_string().expect("the answer is read");
        (answer.status().as_u16(), text)
    }

    fn get(&self, path: &str) -> (u16, String) {
        self.ask("GET", path, "", String::new())
    }
}

/// The samples, over and over, each time as another JD.
struct Jds(Vec<Value>);

impl Jds {
    fn read() -> Jds {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/config/samples/samples.jsonl");
        let text = std::fs::read_to_string(path).expect("the samples are there");
        Jds(text.lines().map(|line| serde_json::from_str(line).expect("a sample is JSON")).collect())
    }

    fn text(&self, number: u64) -> &str {
        self.0[number as usize % self.0.len()]["text"].as_str().expect("a sample has a text")
    }

    fn lines(&self, numbers: std::ops::Range<u64>) -> String {
        let line = |number: u64| {
            let mut jd = self.0[number as usize % self.0.len()].clone();
            jd["id"] = json!(format!("jd-{number}"));
            format!("{jd}\n")
        };
        numbers.map(line).collect()
    }
}

/// What the threads of a phase share.
struct Load {
    jds: Jds,
    runs: Vec<String>,
    role: Option<String>,
    /// Of the next JD.
    next: AtomicU64,
    over: AtomicBool,
}

/// The kind that a number under ten stands for.
fn drawn(mut number: u64) -> &'static str {
    for (kind, share) in KINDS {
        if number < share {
            return kind;
        }
        number -= share;
    }
    KINDS[0].0
}

type Times = BTreeMap<&'static str, Vec<Duration>>;

/// Asks until it is over; which request comes when is drawn from the seed.
fn ask(load: &Load, client: &Client, mut seed: u64) -> Times {
    let mut times = Times::new();
    while !load.over.load(Ordering::Relaxed) {
        // xorshift: no request depends on how quick the others were.
        seed ^= seed << 13;
        seed ^= seed >> 7;
        seed ^= seed << 17;
        let kind = drawn((seed >> 16) % 10);
        let run = &load.runs[(seed >> 32) as usize % load.runs.len()];
        let (method, path, body) = match kind {
            "classify" => {
                let number = load.next.fetch_add(1, Ordering::Relaxed);
                // Another text each time, so that there is something to parse and to keep.
                let text = format!("{}\nReference: {number}\n", load.jds.text(number));
                let body = json!({"id": format!("one-{number}"), "jd_text": text}).to_string();
                ("POST", "/skills/extract-from-jd".to_owned(), body)
            }
            "GET /runs" => ("GET", "/runs?limit=50".to_owned(), String::new()),
            "GET /runs/{id}" => ("GET", format!("/runs/{run}"), String::new()),
            _ => match &load.role {
                Some(role) => ("GET", format!("/roles/{role}"), String::new()),
                None => continue,
            },
        };
        let begun = Instant::now();
        let (status, text) = client.ask(method, &path, "application/json", body);
        let took = begun.elapsed();
        assert_eq!(status, 200, "{method} {path}: {text}");
        times.entry(kind).or_default().push(took);
    }
    times
}

/// All connections for so long; prints what they saw.
fn phase(name: &str, load: &Arc<Load>, client: &Client, connections: u64, seconds: u64) {
    load.over.store(false, Ordering::Relaxed);
    let begun = Instant::now();
    let threads: Vec<_> = (0..connections)
        .map(|number| {
            let (load, client) = (load.clone(), Client::new(&client.url, &client.token));
            std::thread::spawn(move || ask(&load, &client, 0x9E37_79B9_7F4A_7C15 ^ (number + 1)))
        })
        .collect();
    std::thread::sleep(Duration::from_secs(seconds));
    load.over.store(true, Ordering::Relaxed);
    let mut times = Times::new();
    for thread in threads {
        for (kind, some) in thread.join().expect("a client ends") {
            times.entry(kind).or_default().extend(some);
        }
    }
    let elapsed = begun.elapsed().as_secs_f64();
    println!("{name}, {connections} connections:");
    println!("  {:20} {:>9} {:>10} {:>10} {:>10}", "request", "a second", "p50 ms", "p99 ms", "most ms");
    for (kind, _) in KINDS {
        let Some(times) = times.get_mut(kind) else {
            println!("  {kind:20} not answered by this service");
            continue;
        };
        times.sort();
        let at = |part: f64| times[((times.len() - 1) as f64 * part) as usize].as_secs_f64() * 1e3;
        let rate = times.len() as f64 / elapsed;
        println!("  {kind:20} {rate:>9.0} {:>10.2} {:>10.2} {:>10.2}", at(0.5), at(0.99), at(1.0));
    }
}

/// Hands JDs in in bulk until it is over; how many, in how long.
fn import(load: &Load, client: &Client, first: u64) -> (u64, Duration) {
    let (begun, mut at) = (Instant::now(), first);
    while !load.over.load(Ordering::Relaxed) || at == first {
        let (status, text) = client.ask("POST", "/jds?wait=120", "application/x-ndjson", load.jds.lines(at..at + BULK));
        assert_eq!(status, 200, "{text:.500}");
        at += BULK;
    }
    (at - first, begun.elapsed())
}

fn main() {
    let (count, connections, seconds) =
        (setting("ROLESTREAM_JDS", 10_000), setting("ROLESTREAM_CONNECTIONS", 16), setting("ROLESTREAM_SECONDS", 20));
    let folder = tempfile::tempdir().expect("a folder for the store");
    let store = folder.path().join("store");
    let flags = vec![
        format!("store.path={:?}", store.display().to_string()),
        "service.address=\"\"".to_owned(),
        "http.address=\"127.0.0.1:0\"".to_owned(),
        "http.requests_per_second=0".to_owned(),
    ];
    let config = Config::load(&Layers { flags, ..Layers::default() }).expect("the settings are sound");
    let service = Arc::new(Service::open(config, &|_, _, _| ()).expect("the service opens"));
    let answering = serve::open(&service).expect("it answers").expect("it has an address");
    let token = std::fs::read_to_string(store.join("admin.token")).expect("the first token is there");
    let client = Client::new(&answering.server.url(), token.trim());
    let (stop, its) = (Stop::default(), service.clone());
    let told = stop.clone();
    let running = std::thread::spawn(move || its.run(Vec::new(), None, false, &told).map(drop));
    while client.ask("DELETE", "/runs/00000000-0000-0000-0000-000000000000", "", String::new()).0 == 503 {
        std::thread::sleep(Duration::from_millis(10));
    }

    let jds = Jds::read();
    let begun = Instant::now();
    for first in (0..count).step_by(BULK as usize) {
        let lines = jds.lines(first..(first + BULK).min(count));
        let (status, text) = client.ask("POST", "/jds?wait=120", "application/x-ndjson", lines);
        assert_eq!(status, 200, "{text:.500}");
    }
    let took = begun.elapsed().as_secs_f64();
    println!(
        "{count} JDs in bulk: {took:.1} s, {:.0} a second, each request until all of it is visible",
        count as f64 / took
    );

    let page: Value = serde_json::from_str(&client.get("/runs?limit=1000").1).expect("it is JSON");
    let rows = page["runs"].as_array().expect("there are runs");
    let runs: Vec<String> = rows.iter().filter_map(|run| run["run_id"].as_str().map(str::to_owned)).collect();
    let role = rows.iter().find_map(|run| run["decision"]["role"].as_str().map(str::to_owned));
    let role = role.filter(|role| client.get(&format!("/roles/{role}")).0 == 200);
    let load = Arc::new(Load { jds, runs, role, next: AtomicU64::new(0), over: AtomicBool::new(false) });

    phase("one client", &load, &client, 1, seconds.min(5));
    phase("reads and writes", &load, &client, connections, seconds);
    load.over.store(false, Ordering::Relaxed);
    let (its, asks) = (load.clone(), client.clone());
    let importing = std::thread::spawn(move || import(&its, &asks, count));
    phase("the same while JDs come in in bulk", &load, &client, connections, seconds);
    let (imported, took) = importing.join().expect("the import ends");
    println!("  {imported} JDs in bulk meanwhile, {:.0} a second", imported as f64 / took.as_secs_f64());

    stop.stop();
    running.join().expect("the service ends").expect("in order");
    answering.server.stop(Duration::from_secs(1));
}
