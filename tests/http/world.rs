//! A service with a small taxonomy that answers at a free port, and a client that asks it.

use crate::small_taxonomy;
use rolestream::config::{Config, Layers};
use rolestream::serve::{self, Answering};
use rolestream::service::Service;
use rolestream::sources::Stop;
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// How long anything may take that a test waits for.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);

/// A folder with a taxonomy and a store, and a service on it.
pub(crate) struct World {
    folder: Arc<TempDir>,
    flags: Vec<String>,
    running: Option<Running>,
}

struct Running {
    service: Arc<Service>,
    answering: Option<Answering>,
    stop: Stop,
    thread: Option<JoinHandle<()>>,
    admin: Client,
}

/// Asks a service.
#[derive(Clone)]
pub(crate) struct Client {
    pub(crate) agent: ureq::Agent,
    pub(crate) url: String,
    pub(crate) token: Option<String>,
}

/// What a service answered.
#[derive(Clone, Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: ureq::http::HeaderMap,
    pub(crate) text: String,
}

impl World {
    /// With the small taxonomy.
    pub(crate) fn new(flags: &[&str]) -> World {
        let folder = tempfile::tempdir().unwrap();
        for (file, text) in small_taxonomy::files() {
            let path = folder.path().join("taxonomy").join(file);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        }
        let taxonomy = folder.path().join("taxonomy");
        World::on(folder, Some(&taxonomy), flags)
    }

    /// With the taxonomy of a folder.
    pub(crate) fn of_taxonomy(taxonomy: &Path, flags: &[&str]) -> World {
        World::on(tempfile::tempdir().unwrap(), Some(taxonomy), flags)
    }

    fn on(folder: TempDir, taxonomy: Option<&Path>, flags: &[&str]) -> World {
        let own = [
            format!("store.path={:?}", folder.path().join("store").display().to_string()),
            format!("taxonomy.path={:?}", taxonomy.map(|path| path.display().to_string()).unwrap_or_default()),
            "service.address=\"\"".to_owned(),
            "http.address=\"127.0.0.1:0\"".to_owned(),
            "engine.workers=2".to_owned(),
            "engine.epoch_millis=1".to_owned(),
        ];
        let flags = own.into_iter().chain(flags.iter().map(|flag| (*flag).to_owned())).collect();
        let mut world = World { folder: Arc::new(folder), flags, running: None };
        world.start();
        world
    }

    pub(crate) fn store(&self) -> PathBuf {
        self.folder.path().join("store")
    }

    fn start(&mut self) {
        let config = Config::load(&Layers { flags: self.flags.clone(), ..Layers::default() }).unwrap();
        let service = Arc::new(Service::open(config, &|_, _, _| ()).unwrap());
        let answering = serve::open(&service).unwrap().expect("it has an address");
        let token = std::fs::read_to_string(self.store().join("admin.token")).unwrap();
        let url = answering.server.url();
        let (stop, its) = (Stop::default(), service.clone());
        let told = stop.clone();
        let thread = std::thread::spawn(move || assert!(its.run(Vec::new(), None, false, &told).is_ok()));
        let settings = ureq::Agent::config_builder().http_status_as_error(false).timeout_global(Some(PATIENCE));
        // Who refuses before it has read a body may close the connection: none is used again.
        let settings = settings.max_idle_connections(0);
        let admin = Client { agent: settings.build().into(), url, token: Some(token.trim().to_owned()) };
        self.running = Some(Running { service, answering: Some(answering), stop, thread: Some(thread), admin });
        // The desk opens a moment after the first answer.
        let admin = self.admin();
        until("changes are taken", || admin.delete("/runs/00000000-0000-0000-0000-000000000000").status != 503);
    }

    fn end(&mut self) {
        let Some(mut running) = self.running.take() else { return };
        running.stop.stop();
        let ended = running.thread.take().unwrap().join();
        running.answering.take().unwrap().server.stop(Duration::from_secs(1));
        if !std::thread::panicking() {
            ended.unwrap();
        }
    }

    /// Ends the service in order, and starts it again on the same store.
    pub(crate) fn restart(&mut self) {
        self.end();
        self.start();
    }

    /// Asks with a token for everything.
    pub(crate) fn admin(&self) -> Client {
        self.running.as_ref().unwrap().admin.clone()
    }

    /// Asks with a new token of these scopes.
    pub(crate) fn token(&self, name: &str, scopes: &[&str]) -> Client {
        let made = self.admin().post("/tokens", &serde_json::json!({"name": name, "scopes": scopes}));
        assert_eq!(made.status, 201, "{}", made.text);
        Client { token: Some(made.json()["token"].as_str().unwrap().to_owned()), ..self.admin() }
    }

    pub(crate) fn service(&self) -> &Service {
        &self.running.as_ref().unwrap().service
    }
}

impl Drop for World {
    fn drop(&mut self) {
        self.end();
    }
}

impl Client {
    pub(crate) fn nobody(&self) -> Client {
        Client { token: None, ..self.clone() }
    }

    pub(crate) fn ask(&self, method: &str, path: &str, kind: &str, body: Option<&str>) -> Answer {
        let mut request = ureq::http::Request::builder().method(method).uri(format!("{}{path}", self.url));
        if let Some(token) = &self.token {
            request = request.header("authorization", format!("Bearer {token}"));
        }
        let answer = match body {
            Some(body) => self.agent.run(request.header("content-type", kind).body(body.to_owned()).unwrap()),
            None => self.agent.run(request.body(()).unwrap()),
        };
        let mut answer = answer.unwrap_or_else(|error| panic!("{method} {path}: {error}"));
        let text = answer.body_mut().with_config().limit(1 << 30).read_to_string().unwrap();
        Answer { status: answer.status().as_u16(), headers: answer.headers().clone(), text }
    }

    pub(crate) fn get(&self, path: &str) -> Answer {
        self.ask("GET", path, "", None)
    }

    pub(crate) fn delete(&self, path: &str) -> Answer {
        self.ask("DELETE", path, "", None)
    }

    pub(crate) fn post(&self, path: &str, body: &Value) -> Answer {
        self.ask("POST", path, "application/json", Some(&body.to_string()))
    }

    /// Hands a JD in by the first step.
    pub(crate) fn extract(&self, id: &str, text: &str) -> Value {
        self.post("/skills/extract-from-jd", &serde_json::json!({"id": id, "jd_text": text})).ok()
    }
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|error| panic!("{error}: {}", self.text))
    }

    /// The answer, where all went well.
    #[track_caller]
    pub(crate) fn ok(&self) -> Value {
        assert!((200..300).contains(&self.status), "{}: {}", self.status, self.text);
        self.json()
    }

    /// The problem's title, where it was refused with this status.
    #[track_caller]
    pub(crate) fn refused(&self, status: u16) -> String {
        assert_eq!(self.status, status, "{}", self.text);
        let problem = self.json();
        assert_eq!(problem["status"], status, "{}", self.text);
        problem["title"].as_str().unwrap().to_owned()
    }
}

/// Waits until it is so.
#[track_caller]
pub(crate) fn until(what: &str, so: impl Fn() -> bool) {
    let deadline = Instant::now() + PATIENCE;
    while !so() {
        assert!(Instant::now() < deadline, "waited in vain until {what}");
        std::thread::sleep(Duration::from_millis(5));
    }
}
