//! What of requests that nobody should send? Each is answered by a problem, never by a failure of the service, and
//! nothing that is secret gets into the log.

use crate::operations::Document;
use crate::raw::{self, Raw};
use crate::small_taxonomy::DATA;
use crate::world::{Client, World};
use serde_json::{Value, json};
use std::io::Write;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

/// A world that takes as many requests as come.
fn world() -> World {
    World::new(&["http.requests_per_second=0"])
}

/// Answered by a problem, and not by a failure.
#[track_caller]
fn refused(what: &str, answer: &Raw, statuses: &[u16]) {
    assert!(statuses.contains(&answer.status), "{what}: {} {}", answer.status, answer.text());
    assert_eq!(answer.header("content-type"), "application/problem+json", "{what}: {}", answer.text());
    let problem: Value = serde_json::from_slice(&answer.body).unwrap_or_else(|error| panic!("{what}: {error}"));
    assert_eq!(problem["status"], answer.status, "{what}");
    assert!(problem["title"].as_str().is_some_and(|title| !title.is_empty()), "{what}: {problem}");
}

/// The service still does what it is for.
#[track_caller]
fn still_answers(client: &Client) {
    assert_eq!(client.extract("a", DATA)["stage4_decision"]["chosen_role"]["slug"], "data-engineer");
}

/// A request with these bytes as its body, of this type.
fn with_body(client: &Client, method: &str, path: &str, kind: &str, body: &[u8]) -> Raw {
    let (host, token) = (client.url.trim_start_matches("http://"), client.token.as_deref().unwrap());
    let kind = if kind.is_empty() { String::new() } else { format!("Content-Type: {kind}\r\n") };
    let head = format!(
        "{method} {path} HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer {token}\r\n{kind}Connection: close\r\n\
         Content-Length: {}\r\n\r\n",
        body.len()
    );
    raw::send(&client.url, &[head.as_bytes(), body].concat())
}

#[test]
fn no_body_makes_a_route_fail() {
    let world = world();
    let client = world.admin();
    let deep = |open: &str, close: &str| format!("{}{}", open.repeat(50_000), close.repeat(50_000)).into_bytes();
    let bodies: Vec<(&str, Vec<u8>, &[u16])> = vec![
        ("nothing", Vec::new(), &[400]),
        ("half an object", b"{\"run_id\": \"x\"".to_vec(), &[400, 422]),
        ("not JSON", b"run_id=x".to_vec(), &[400]),
        ("deep lists", deep("[", "]"), &[400, 422]),
        ("deep objects", deep("{\"a\":", "}"), &[400, 422]),
        ("no UTF-8", b"{\"run_id\": \"\xff\xfe\"}".to_vec(), &[400, 422]),
        ("half a surrogate", b"{\"run_id\": \"\\ud800\"}".to_vec(), &[400, 404, 422]),
        ("a huge number", b"{\"run_id\": 1e999999}".to_vec(), &[400, 422]),
        ("a long number", format!("{{\"run_id\": {}}}", "9".repeat(100_000)).into_bytes(), &[400, 422]),
        ("a list", b"[]".to_vec(), &[400, 422]),
        ("a text", b"\"x\"".to_vec(), &[422]),
        ("null", b"null".to_vec(), &[422]),
        ("a field twice", b"{\"run_id\": \"x\", \"run_id\": \"x\"}".to_vec(), &[400, 404, 422]),
        ("an unknown field", b"{\"no_such_field\": {\"a\": [1e308, -0.0]}}".to_vec(), &[422]),
        ("a null byte", b"\0".to_vec(), &[400]),
        ("a byte order mark", b"\xef\xbb\xbf{}".to_vec(), &[400, 422]),
    ];
    let document = Document::read(&client);
    let mut asked = 0;
    for operation in &document.operations {
        let content = operation.told["requestBody"]["content"].as_object();
        if content.is_none_or(|content| !content.contains_key("application/json")) {
            continue;
        }
        asked += 1;
        let path = operation.filled();
        for (what, body, statuses) in &bodies {
            let what = format!("{} with {what}", operation.name());
            let answer = with_body(&client, &operation.method, &path, "application/json", body);
            // Where every field may be left out an empty object is fine, and where a path names nothing that comes first.
            if answer.status == 404 || answer.status == 409 {
                refused(&what, &answer, &[404, 409]);
            } else if answer.status >= 300 {
                refused(&what, &answer, statuses);
            }
        }
        for kind in ["", "text/plain", "application/x-www-form-urlencoded", "multipart/form-data", "application/jsonx"]
        {
            let answer = with_body(&client, &operation.method, &path, kind, b"{}");
            refused(&format!("{} as {kind:?}", operation.name()), &answer, &[415]);
        }
    }
    assert!(asked >= 4, "there are routes with a body");
    still_answers(&client);
}

#[test]
fn no_line_of_a_bulk_submission_makes_it_fail() {
    let world = world();
    let client = world.admin();
    let good = json!({"id": "good", "text": DATA}).to_string();
    let deep = format!("{}{}", "[".repeat(50_000), "]".repeat(50_000));
    let lines: Vec<Vec<u8>> = vec![
        b"\xff\xfe\xfd".to_vec(),
        b"{\"id\": \"a\\u0000b\", \"text\": 7}".to_vec(),
        deep.into_bytes(),
        b"{\"id\": 1e999, \"text\": \"x\"}".to_vec(),
        b"{\"id\": \"x\", \"text\": \"\\ud800\"}".to_vec(),
        b"{\"id\": \"x\", \"nano_parsed\": []}".to_vec(),
        b"null".to_vec(),
        good.into_bytes(),
        b"\r".to_vec(),
    ];
    let answer = with_body(&client, "POST", "/jds?wait=60", "application/x-ndjson", &lines.join(&b'\n'));
    assert_eq!(answer.status, 200, "{}", answer.text());
    let bulk: Value = serde_json::from_slice(&answer.body).unwrap();
    assert_eq!(bulk["taken"].as_u64().unwrap() + bulk["refused"].as_array().unwrap().len() as u64, 8, "{bulk}");
    assert_eq!(client.get("/runs?text=good").ok()["runs"][0]["id"], "good");
}

#[test]
fn no_path_query_or_method_makes_a_route_fail() {
    let world = world();
    let client = world.admin();
    let token = client.token.as_deref();
    let names =
        ["%00", "a%00b", "%ff%fe", "..%2f..%2fetc%2fpasswd", "%2e%2e", &"x".repeat(8_000), "%f0%9f%98%80", "-1", "*"];
    let document = Document::read(&client);
    for operation in document.operations.iter().filter(|operation| operation.method == "GET" && !operation.streams()) {
        if !operation.in_path().is_empty() {
            let (before, after) = operation.path.split_once('{').unwrap();
            let after = after.split_once('}').unwrap().1;
            for name in names {
                let rest = after.replace(['{', '}'], "");
                let answer = raw::ask(&client.url, "GET", &format!("{before}{name}{rest}"), token);
                let what = format!("{} of {name:.20}", operation.name());
                // A completion that nobody waits for may be asked for by any number.
                if answer.status != 200 {
                    refused(&what, &answer, &[400, 404, 409, 422]);
                }
            }
        }
        let unknown = raw::ask(&client.url, "GET", &format!("{}?no_such_key=%ff", operation.filled()), token);
        if unknown.status != 200 {
            refused(&format!("{} with an unknown key", operation.name()), &unknown, &[400, 404, 409, 422]);
        }
        for parameter in operation.parameters().iter().filter(|parameter| parameter["in"] == "query") {
            let name = parameter["name"].as_str().unwrap();
            for value in
                ["", "%00", "%ff", "-1", "99999999999999999999999999", "1e400", "NaN", "%5b%5d", &"9".repeat(9_000)]
            {
                let path = format!("{}?{name}={value}", operation.filled());
                let answer = raw::ask(&client.url, "GET", &path, token);
                if answer.status != 200 {
                    refused(&format!("GET {path:.80}"), &answer, &[400, 404, 409, 422]);
                }
            }
        }
    }
    for path in [
        "/../../etc/passwd",
        "/docs/../../etc/passwd",
        "/docs/%2e%2e/%2e%2e/etc/passwd",
        "/docs/nothing.js",
        "//",
        "/%",
    ] {
        refused(path, &raw::ask(&client.url, "GET", path, token), &[400, 404]);
    }
    for method in ["OPTIONS", "TRACE", "PROPFIND", "get", "PUT", "X"] {
        refused(method, &raw::ask(&client.url, method, "/runs", token), &[405]);
        refused(method, &raw::ask(&client.url, method, "/nowhere", token), &[404]);
    }
    let head = raw::ask(&client.url, "HEAD", "/runs", token);
    assert_eq!((head.status, head.body.len()), (200, 0));
    let head = raw::ask(&client.url, "HEAD", "/nowhere", token);
    assert_eq!((head.status, head.body.len(), head.header("content-type")), (404, 0, "application/problem+json"));
    still_answers(&client);
}

#[test]
fn old_and_odd_http_is_answered() {
    let world = world();
    let client = world.admin();
    let host = client.url.trim_start_matches("http://");
    let ask = |head: String| raw::send(&client.url, head.as_bytes());
    assert_eq!(ask(format!("GET /runs HTTP/1.0\r\nHost: {host}\r\n\r\n")).status, 200);
    refused("no host", &ask("GET /runs HTTP/1.0\r\n\r\n".to_owned()), &[403]);
    let close = "Connection: close\r\n\r\n";
    refused("another host", &ask(format!("GET /runs HTTP/1.1\r\nHost: evil.test\r\n{close}")), &[403]);
    let two =
        format!("GET /runs HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer a\r\nAuthorization: Bearer b\r\n{close}");
    refused("two tokens", &ask(two), &[401]);
    // What is no HTTP is not a request; whatever is said to it, it is not that the service failed.
    let odd_path = format!("GET /\u{1F600} HTTP/1.1\r\nHost: {host}\r\n{close}");
    for nonsense in ["GET /runs HTTP/9.9\r\n\r\n", "nonsense\r\n\r\n", &odd_path] {
        let status = ask(nonsense.to_owned()).status;
        assert!((400..500).contains(&status) || status == 505, "{nonsense:?}: {status}");
    }
    still_answers(&client);
}

#[test]
fn what_is_too_large_is_refused_said_or_not() {
    let world = world();
    let client = world.admin();
    let host = client.url.trim_start_matches("http://");
    let head = |rest: &str| {
        let token = client.token.as_deref().unwrap();
        format!(
            "POST /jds HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer {token}\r\nConnection: close\r\n{rest}\r\n\r\n"
        )
    };
    // 33 MiB that are announced are not waited for.
    let announced = raw::send(&client.url, head("Content-Length: 34603008").as_bytes());
    refused("33 MiB", &announced, &[413]);
    let small = World::new(&["http.max_body_bytes=1000"]);
    let client = small.admin();
    let host = client.url.trim_start_matches("http://");
    let token = client.token.as_deref().unwrap();
    let body = format!("{:x}\r\n{}\r\n0\r\n\r\n", 1_500, "x".repeat(1_500));
    let kind = "application/x-ndjson";
    let chunked = format!(
        "POST /jds HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer {token}\r\nContent-Type: {kind}\r\nConnection: close\r\n\
         Transfer-Encoding: chunked\r\n\r\n{body}"
    );
    refused("chunks without an end", &raw::send(&client.url, chunked.as_bytes()), &[413]);
}

#[test]
fn a_jd_that_makes_trouble_is_a_run_or_is_refused() {
    let world = world();
    let client = world.admin();
    let line = "Builds pipelines that load records. ".repeat(30_000);
    let texts = [
        String::new(),
        " \n\t\r\n ".to_owned(),
        "\u{0}\u{1}\u{7f}\u{fffd}\u{feff}".to_owned(),
        "👩‍💻🚀".repeat(2_000),
        "مهندس بيانات\nالمسؤوليات:\n- بناء خطوط البيانات باستخدام Kafka و SQL\n".to_owned(),
        format!("\u{202e}{DATA}\u{202c}"),
        "e\u{301}".repeat(20_000),
        "a\u{300}".to_owned() + &"\u{300}".repeat(50_000),
        line.clone(),
        format!("Title: Data Engineer\nResponsibilities:\n- {line}\nRequirements:\n- Kafka\n"),
        "<div>".repeat(20_000) + DATA,
        "<!-- <script> &#0; &#x110000; &bogus; ]]> -->".repeat(500),
        "# ".repeat(10_000),
        "- \n".repeat(50_000),
        DATA.replace('\n', "\u{2028}"),
        format!("Title: {}\n\n{}", "Engineer ".repeat(20_000), &DATA[20..]),
        "Kafka, SQL; Python/".repeat(20_000),
    ];
    for (number, text) in texts.iter().enumerate() {
        let id = format!("trouble-{number}");
        let answer = client.post("/skills/extract-from-jd", &json!({"id": id, "jd_text": text}));
        if answer.status != 200 {
            answer.refused(422);
            continue;
        }
        let run = answer.json()["run_id"].as_str().unwrap().to_owned();
        let told = client.get(&format!("/runs/{run}")).ok();
        assert_eq!((&told["id"], &told["jd"]["text"]), (&json!(id), &json!(text)), "{number}");
    }
    // Ids are the clients' own: each is one JD, whatever is in it.
    for id in ["a/b", "..", "\u{0}", "é", "e\u{301}", "\u{202e}x", " a ", "a\nb", "%2f", "{}", &"x".repeat(10_000)] {
        let answer = client.post("/skills/extract-from-jd", &json!({"id": id, "jd_text": DATA}));
        if answer.status != 200 {
            answer.refused(422);
            continue;
        }
        let run = answer.json()["run_id"].as_str().unwrap().to_owned();
        assert_eq!(client.get(&format!("/runs/{run}")).ok()["id"], id);
        assert_eq!(client.delete(&format!("/runs/{run}")).status, 204, "{id:?}");
    }
    still_answers(&client);
}

/// Where the log goes while it is listened to; all threads write into it, also those of tests beside this one.
#[derive(Clone, Default)]
struct Log {
    on: Arc<AtomicBool>,
    bytes: Arc<Mutex<Vec<u8>>>,
}

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        if self.on.load(Ordering::Relaxed) {
            self.bytes.lock().unwrap().extend_from_slice(bytes);
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[test]
fn no_secret_is_in_the_log_however_much_is_logged() {
    let log = Log::default();
    let paper = log.clone();
    log.on.store(true, Ordering::Relaxed);
    let subscriber = tracing_subscriber::fmt().with_max_level(tracing::Level::DEBUG).with_ansi(false);
    let subscriber = subscriber.with_writer(move || paper.clone()).finish();
    tracing::subscriber::set_global_default(subscriber).expect("nobody else listens in this program");
    let mut world = world();
    let admin = world.admin();
    let client = world.token("secretive", &["submit"]);
    let secrets = [admin.token.clone().unwrap(), client.token.clone().unwrap()];
    for secret in &secrets {
        let of = Client { token: Some(secret.clone()), ..admin.clone() };
        client.extract("a", DATA);
        for path in [
            format!("/runs/{secret}"),
            format!("/{secret}"),
            format!("/runs?text={secret}"),
            format!("/tokens/{secret}"),
        ] {
            of.get(&path);
            of.delete(&path);
            of.nobody().delete(&path);
        }
        for body in
            [json!({"run_id": secret}), json!({secret: 1}), json!({"name": secret, "scopes": ["read"]}), json!(secret)]
        {
            of.post("/skills/extract-details", &body);
            of.post("/tokens", &body);
        }
        of.ask("POST", "/jds", "application/x-ndjson", Some(secret));
        // One letter off: a token that somebody copied badly.
        let off = Client { token: Some(format!("{}x", &secret[..secret.len() - 1])), ..admin.clone() };
        off.post("/tokens", &json!({})).refused(401);
    }
    world.restart();
    world.admin().get("/runs").ok();
    log.on.store(false, Ordering::Relaxed);
    let text = String::from_utf8_lossy(&log.bytes.lock().unwrap()).into_owned();
    assert!(text.contains("who=\"secretive\"") && text.contains("DEBUG"), "it listens: {text:.2000}");
    for secret in &secrets {
        let told = text.lines().find(|line| line.contains(&secret[4..secret.len() - 1]));
        assert!(told.is_none(), "{told:?}");
    }
}
