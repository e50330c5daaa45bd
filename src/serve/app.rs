//! What do all routes share? The service they speak for, and what they look things up in.

use super::history::History;
use super::hub::Hub;
use super::problem::Problem;
use super::reviewing::Reviewing;
use super::server::Closing;
use crate::editing::{AuditEntry, Outcome};
use crate::engine::{Engine, Saying};
use crate::error::Error;
use crate::report::Lookup;
use crate::search::{Limits, Search};
use crate::service::{Authored, Changed, Desk, Done, Listener, Plan, Service};
use crate::steps::{RunSteps, Status};
use crate::store::{Commit, Store};
use crate::telemetry::Metrics;
use rolestream_dataflows::fixed::Vector;
use rolestream_dataflows::id::Id;
use rolestream_dataflows::records::{Change, Jd, JdUpdate, Key, Record, Tables};
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// What routes share.
pub struct App {
    /// Where changes are asked for.
    pub(crate) desk: Desk,
    /// What is read.
    pub(crate) engine: Arc<Engine>,
    /// Texts and facts.
    pub(crate) store: Arc<Store>,
    /// Names.
    pub(crate) lookup: Arc<Lookup>,
    /// The runs.
    pub(crate) history: History,
    /// What changes.
    pub(crate) hub: Hub,
    /// Nearest vectors.
    pub(crate) search: Arc<Search>,
    /// What people decided, and what deciding needs.
    pub(crate) reviewing: Arc<Reviewing>,
    /// How much may be asked at once.
    pub(crate) limits: Arc<super::limits::Limits>,
    /// What is counted.
    pub(crate) metrics: Metrics,
    /// How often a subscriber gets a sign of life.
    pub(crate) heartbeat: Duration,
    /// Announced when the service ends.
    pub(crate) closing: Closing,
    /// Milliseconds since 1970.
    pub(crate) now: fn() -> i64,
    /// Held while a draft is read, changed and written.
    pub(crate) drafts: Mutex<()>,
    last_audit: AtomicU64,
    last_reviewed: AtomicU64,
}

/// Tells the app what becomes known. The search is fed by a thread of its own: an index takes its time.
struct Ear {
    app: Arc<App>,
    found: Sender<Found>,
}

/// What the search is to know.
enum Found {
    Put(Record),
    Removed(Key),
    Jd(Id, Option<Vector>),
}

impl Listener for Ear {
    fn hear(&mut self, sayings: &[Saying]) {
        self.app.history.hear(sayings);
        self.app.hub.hear(sayings);
    }

    fn fed(&mut self, records: &BTreeMap<Key, (Option<Record>, Option<Record>)>, jds: &[JdUpdate]) {
        let records = records.iter().map(|(key, (_, after))| match after {
            Some(record) => Found::Put(record.clone()),
            None => Found::Removed(key.clone()),
        });
        let vector = |jd: &Arc<Jd>| jd.features.as_ref().ok().and_then(|features| features.vector.clone());
        let jds = jds.iter().map(|update| Found::Jd(update.id, update.jd.as_ref().and_then(vector)));
        for found in records.chain(jds) {
            // The thread ends when nobody can be told any more.
            let _ = self.found.send(found);
        }
    }
}

/// Fills the search with the JDs that are held, then keeps it up to date: what came meanwhile waits, and comes after.
fn feed_search(search: &Search, reviewing: &Reviewing, store: Arc<Store>, found: &Receiver<Found>) {
    let filled = || -> Result<(), Error> {
        for chunk in store.jds(1_000) {
            for (id, stored) in chunk? {
                let features = stored.jd.features.as_ref().ok();
                search.put_jd(id, features.and_then(|features| features.vector.as_ref()));
            }
        }
        Ok(())
    };
    if let Err(error) = filled() {
        tracing::error!(%error, "not all JDs can be searched for");
    }
    // The store must close when the service ends, not when this thread does.
    drop(store);
    for one in found {
        let kind = match &one {
            Found::Put(record) => record.key().kind,
            Found::Removed(key) => key.kind,
            Found::Jd(..) => "jd",
        };
        match one {
            Found::Put(record) => {
                if let Err(error) = search.put_record(&record) {
                    tracing::error!(%error, "a record cannot be searched for");
                }
            }
            Found::Removed(key) => search.remove_record(&key),
            Found::Jd(jd, vector) => search.put_jd(jd, vector.as_ref()),
        }
        reviewing.nearest.forget(kind);
    }
}

impl App {
    /// Of a service whose views stand.
    pub fn open(service: &Service, limits: Arc<super::limits::Limits>, closing: Closing) -> Result<Arc<App>, Error> {
        let ((engine, store, lookup), http) = (service.shared(), &service.config().http);
        let mut steps = Vec::new();
        for (jd, content, json) in store.runs()? {
            let run: RunSteps = kept(&json)?;
            steps.push((jd, content, status_name(run.status()), run.updated));
        }
        let app = App {
            desk: service.desk(),
            history: History::new(&engine, &store, lookup.clone(), steps.into_iter())?,
            search: Arc::new(Search::new(service.embedder(), Limits::default(), service.metrics())),
            reviewing: Arc::new(Reviewing::open(&store)?),
            hub: Hub::new(engine.last_closed(), store.last_role_change()?, http.kept_changes_bytes),
            limits,
            metrics: service.metrics().clone(),
            heartbeat: Duration::from_secs(u64::from(http.heartbeat_seconds)),
            closing,
            now: crate::service::now,
            drafts: Mutex::new(()),
            last_audit: AtomicU64::new(store.last_audit()?),
            last_reviewed: AtomicU64::new(store.last_reviewed()?),
            engine,
            store,
            lookup,
        };
        app.search.put_records(app.engine.tables().iter())?;
        let app = Arc::new(app);
        let (found, told) = channel();
        service.listen(Box::new(Ear { app: app.clone(), found }));
        let (search, reviewing, store) = (app.search.clone(), app.reviewing.clone(), Arc::downgrade(&app.store));
        let feed = move || {
            // A store that is gone has nothing to be searched.
            if let Some(store) = store.upgrade() {
                feed_search(&search, &reviewing, store, &told);
            }
        };
        let thread = std::thread::Builder::new().name("search".to_owned()).spawn(feed);
        thread.map_err(|error| Error::new("the search cannot start").detail(error.to_string()))?;
        Ok(app)
    }

    /// Does something that blocks, aside.
    pub(crate) async fn aside<T: Send + 'static>(
        self: &Arc<App>,
        task: impl FnOnce(&App) -> Result<T, Problem> + Send + 'static,
    ) -> Result<T, Problem> {
        let app = self.clone();
        match tokio::task::spawn_blocking(move || task(&app)).await {
            Ok(done) => done,
            Err(error) => Err(Problem::internal(&Error::new("a request's task failed").detail(error.to_string()))),
        }
    }

    /// Asks for changes that were worked out of records as they were; nothing is done, and `None` is the answer, where
    /// `same` finds others by then.
    pub(crate) fn order_if(
        &self,
        same: impl FnOnce(&Arc<Tables>, u64) -> bool + Send + 'static,
        changes: Vec<Change>,
        authored: Authored,
        keep: impl FnOnce(&Changed, &mut Commit<'_>) + Send + 'static,
    ) -> Result<Option<Done>, Problem> {
        let moved = Arc::new(AtomicBool::new(false));
        let found = moved.clone();
        let plan = move |now: &Arc<Tables>, version: u64| match same(now, version) {
            true => Ok(Plan { changes, authored, ..Plan::default() }),
            false => {
                found.store(true, Ordering::Relaxed);
                Err(Error::new("the records were changed meanwhile"))
            }
        };
        match self.desk.order(plan, keep) {
            Ok(done) => Ok(Some(done)),
            Err(_) if moved.load(Ordering::Relaxed) => Ok(None),
            Err(error) => Err(Problem::closed(error)),
        }
    }

    /// An entry of the audit log, with its number: of something that is about to be done.
    pub(crate) fn audited(&self, who: &str, action: &str, subject: String) -> AuditEntry {
        AuditEntry {
            number: self.last_audit.fetch_add(1, Ordering::Relaxed) + 1,
            at: (self.now)(),
            who: who.to_owned(),
            action: action.to_owned(),
            subject,
            before: None,
            after: None,
            why: String::new(),
            outcome: Outcome::Done,
            version: None,
        }
    }

    /// Writes an entry of the audit log by itself: of what changed nothing else.
    pub(crate) fn audit(&self, entry: &AuditEntry) -> Result<(), Error> {
        let mut commit = self.store.commit();
        commit.put_audit(entry.number, as_json(entry));
        commit.write()?;
        self.store.sync().map(drop)
    }

    /// As [`App::audit`], of something that cannot be told where it fails.
    pub(crate) fn note(&self, entry: &AuditEntry) {
        if let Err(error) = self.audit(entry) {
            tracing::error!(%error, who = entry.who, action = entry.action, "an entry of the audit log cannot be kept");
        }
    }

    /// The number of the next decision of a person.
    pub(crate) fn next_reviewed(&self) -> u64 {
        self.last_reviewed.fetch_add(1, Ordering::Relaxed) + 1
    }

    /// What is known of a run's steps; of one that came by a source: that the first one is done.
    pub(crate) fn steps(&self, jd: Id, content: u64) -> Result<Option<RunSteps>, Error> {
        self.store.run(jd, content)?.as_deref().map(kept).transpose()
    }
}

/// A value as it is kept: plain data, of which writing as JSON does not fail.
pub(crate) fn as_json(value: &impl serde::Serialize) -> String {
    serde_json::to_string(value).unwrap_or_default()
}

/// A value that was kept as JSON.
pub(crate) fn kept<T: serde::de::DeserializeOwned>(json: &str) -> Result<T, Error> {
    serde_json::from_str(json).map_err(|error| {
        Error::new("something in the store cannot be read")
            .detail(error.to_string())
            .hint("run `rolestream store check`; a newer program may have written it")
    })
}

/// A status as SPEC §7 names it.
pub(crate) fn status_name(status: Status) -> &'static str {
    match status {
        Status::Received => "received",
        Status::Rejected => "rejected",
        Status::ExtractFromJdDone => "extract_from_jd_done",
        Status::ExtractDetailsDone => "extract_details_done",
        Status::Completed => "completed",
        Status::Failed => "failed",
    }
}
