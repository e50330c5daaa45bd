//! What meets somebody who has nothing but the program? A service in an empty folder, without any configuration.

use serde_json::{Value, json};
use std::io::{BufRead, BufReader};
use std::net::TcpListener;
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// The program at work; killed should the test fail.
struct Running {
    child: Child,
    out: BufReader<ChildStdout>,
}

impl Running {
    fn begin(folder: &Path, arguments: &[&str]) -> Running {
        let mut child = Command::new(env!("CARGO_BIN_EXE_rolestream"))
            .args(arguments)
            .current_dir(folder)
            .env_remove("ROLESTREAM_CONFIG")
            .env_remove("ROLESTREAM_TOKEN")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let out = BufReader::new(child.stdout.take().unwrap());
        Running { child, out }
    }

    /// The next line it says.
    fn line(&mut self) -> String {
        let mut line = String::new();
        assert!(self.out.read_line(&mut line).unwrap() > 0, "it has ended");
        line.trim_end().to_owned()
    }

    /// Tells it to end; its exit code.
    fn end(mut self) -> i32 {
        assert!(Command::new("kill").args(["-TERM", &self.child.id().to_string()]).status().unwrap().success());
        let deadline = Instant::now() + Duration::from_secs(60);
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status.code().unwrap();
            }
            assert!(Instant::now() < deadline, "it does not end");
            std::thread::sleep(Duration::from_millis(10));
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A service, with what a first try needs changed: free ports.
fn service(folder: &Path, more: &[&str]) -> Running {
    let own = ["--set", "engine.workers=1", "run", "--http", "127.0.0.1:0", "--address", ""];
    Running::begin(folder, &[&own, more].concat())
}

/// What is answered: status and body.
fn ask(method: &str, url: &str, token: Option<&str>, body: Option<&Value>) -> (u16, String) {
    let settings = ureq::Agent::config_builder().http_status_as_error(false);
    let agent: ureq::Agent = settings.timeout_global(Some(Duration::from_secs(60))).build().into();
    let mut request = ureq::http::Request::builder().method(method).uri(url);
    if let Some(token) = token {
        request = request.header("authorization", format!("Bearer {token}"));
    }
    let request = request.header("content-type", "application/json");
    let answer = match body {
        Some(body) => agent.run(request.body(body.to_string()).unwrap()),
        None => agent.run(request.body(()).unwrap()),
    };
    let mut answer = answer.unwrap();
    let status = answer.status().as_u16();
    (status, answer.body_mut().read_to_string().unwrap())
}

fn get(url: &str) -> Value {
    let (status, body) = ask("GET", url, None, None);
    assert_eq!(status, 200, "{url}: {body}");
    serde_json::from_str(&body).unwrap()
}

#[test]
fn a_service_runs_in_an_empty_folder_and_goes_on_there() {
    let folder = TempDir::new().unwrap();
    let mut first = service(folder.path(), &[]);
    let held = first.line();
    assert!(held.starts_with("0 JDs held in ") && held.contains("rolestream-store, taxonomy version 1"), "{held}");
    let answering = first.line();
    let url = answering.split_once("answering at ").and_then(|(_, rest)| rest.split_once(',')).unwrap().0.to_owned();
    assert!(url.starts_with("http://127.0.0.1:") && answering.ends_with(&format!("{url}/docs")), "{answering}");
    let text = include_str!("../../config/samples/backend-engineer.txt");
    // Nobody who read the address is sent away.
    let token = std::fs::read_to_string(folder.path().join("rolestream-store/admin.token")).unwrap();
    let (jd, token) = (json!({"jd_text": text}), token.trim());
    let (status, body) = ask("POST", &format!("{url}/skills/extract-from-jd"), Some(token), Some(&jd));
    assert_eq!(status, 200, "{body}");
    let run: Value = serde_json::from_str(&body).unwrap();
    assert!(run["stage4_decision"]["chosen_role"]["slug"].is_string(), "{body}");
    let printed = first.line();
    assert!(printed.ends_with(token), "the first token is printed: {printed}");
    assert!(first.line().contains("rolestream-store/admin.token"));
    let (status, page) = ask("GET", &format!("{url}/docs"), None, None);
    assert!(status == 200 && page.contains("<html"), "{status} {page}");
    let described = get(&format!("{url}/openapi.json"));
    for path in ["/skills/extract-from-jd", "/runs", "/events/{view}"] {
        assert!(described["paths"][path].is_object(), "{path} is not described");
    }
    let (status, body) = ask("POST", &format!("{url}/skills/extract-from-jd"), None, Some(&jd));
    assert_eq!(status, 401, "without a token nothing is changed: {body}");
    assert_eq!(first.end(), 0);

    let mut second = service(folder.path(), &["--json"]);
    let said: Value = serde_json::from_str(&second.line()).unwrap();
    assert!(said["token_file"].is_null(), "a token is made once: {said}");
    let url = said["listening"].as_str().unwrap();
    let found = get(&format!("{url}/runs/{}", run["run_id"].as_str().unwrap()));
    assert_eq!(found["now"]["stage4_decision"]["chosen_role"], run["stage4_decision"]["chosen_role"]);
    let (status, _) = ask("POST", &format!("{url}/skills/extract-from-jd"), Some(token), Some(&jd));
    assert_eq!(status, 200, "the token of the first start still counts");

    // Watched from the command line, in words and as objects.
    let mut objects = Running::begin(folder.path(), &["watch", "decisions", "--json", "--server", url]);
    let snapshot: Value = serde_json::from_str(&objects.line()).unwrap();
    assert_eq!((&snapshot["event"], &snapshot["complete"]), (&json!("snapshot"), &json!(true)));
    let epoch = snapshot["epoch"].to_string();
    let after = ["watch", "decisions,counts", "--after", &epoch, "--server", url];
    let mut words = Running::begin(folder.path(), &after);
    let jd = json!({"id": "another", "jd_text": text});
    assert_eq!(ask("POST", &format!("{url}/skills/extract-from-jd"), Some(token), Some(&jd)).0, 200);
    let change: Value = serde_json::from_str(&objects.line()).unwrap();
    assert_eq!(
        (&change["event"], &change["views"]["decisions"]["put"][0]["key"]),
        (&json!("change"), &json!("another"))
    );
    let line = loop {
        let line = words.line();
        if line.starts_with("+ decisions another ") {
            break line;
        }
    };
    assert!(line.contains("rule=") && line.contains("role="), "{line}");
    assert_eq!(second.end(), 0);
}

#[test]
fn a_port_that_is_taken_is_told_with_the_flag_and_begins_no_store() {
    let folder = TempDir::new().unwrap();
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let run = |arguments: &[&str]| {
        let run = Command::new(env!("CARGO_BIN_EXE_rolestream"))
            .args(arguments)
            .current_dir(folder.path())
            .env_remove("ROLESTREAM_CONFIG")
            .output()
            .unwrap();
        (run.status.code(), String::from_utf8(run.stderr).unwrap())
    };
    let (code, said) = run(&["run", "--http", &address, "--address", ""]);
    assert_eq!(code, Some(2), "{said}");
    assert!(said.contains(&address) && said.contains("--http 127.0.0.1:0"), "{said}");
    let (code, said) = run(&["run", "--http", "127.0.0.1:0", "--address", &address]);
    assert_eq!(code, Some(2), "{said}");
    assert!(said.contains(&address) && said.contains("--address 127.0.0.1:0"), "{said}");
    assert!(!folder.path().join("rolestream-store/lock").exists(), "no store was begun");
    let (code, said) = run(&["watch", "decisions", "--server", &format!("http://{address}0")]);
    assert_eq!(code, Some(2), "{said}");
    assert!(said.contains("does not answer"), "{said}");
}
