//! How does a subscriber come to what it wants to know? A snapshot at one epoch, then each later epoch's changes; or, for
//! who comes back, the epochs it missed.
//!
//! Each subscriber has a task that takes the hub's frames at the pace at which its client reads. Rows become JSON there,
//! and only when there is room for it: neither the engine's threads nor other subscribers notice. Who is too slow loses
//! its place in the hub, is told so, and the stream ends.

use super::app::App;
use super::followed::{Told, View, Wanted};
use super::hub::{Frame, Next, Place};
use super::limits::Subscription;
use super::problem::Problem;
use crate::error::Error;
use crate::sinks::Row;
use axum::response::sse::Event;
use rolestream_dataflows::driver::Epoch;
use serde_json::{Map, Value, json};
use std::convert::Infallible;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::{mpsc, watch};
use tokio::time::Instant;
use tokio_stream::wrappers::ReceiverStream;
use tokio_stream::{Stream, StreamExt};

/// Rows of one event; what has more comes in several.
const ROWS: usize = 500;
/// Events that wait for a client, beside what its connection holds.
const WAITING: usize = 4;
/// How long the facts of a closed epoch may take to be kept.
const KEEPING: Duration = Duration::from_secs(60);
/// When a client should come back, in its own words for it.
const RETRY: Duration = Duration::from_secs(1);

/// What is followed, and from where.
pub(super) struct Asked {
    pub(super) wanted: Wanted,
    /// Whether frames name the view of each row: several may be followed.
    pub(super) by_view: bool,
    /// What the client has seen.
    pub(super) after: Option<Epoch>,
}

/// The events for one subscriber. It ends by itself when the client leaves.
pub(super) fn events(
    app: &Arc<App>,
    asked: Asked,
    slot: Subscription,
) -> impl Stream<Item = Result<Event, Infallible>> + use<> {
    let (out, events) = mpsc::channel(WAITING);
    let last = Arc::new(Mutex::new(None));
    let teller = Teller {
        app: app.clone(),
        wanted: Arc::new(asked.wanted),
        by_view: asked.by_view,
        out,
        heard: app.hub.heard(),
        cursor: 0,
        beat: Instant::now(),
        _slot: slot,
    };
    let farewell = last.clone();
    tokio::spawn(async move { teller.live(asked.after, &farewell).await });
    // Behind all others, even where there is no room for it: what is said last.
    let end = std::iter::once_with(move || last.lock().unwrap_or_else(PoisonError::into_inner).take());
    ReceiverStream::new(events).map(Some).chain(tokio_stream::iter(end)).filter_map(|event| event.map(Ok))
}

/// Why a stream ends.
enum End {
    /// The client is gone.
    Left,
    /// It does not read as fast as things change.
    Slow,
    /// The service ends.
    Closing,
    /// A defect.
    Failed(Problem),
}

/// Tells one subscriber.
struct Teller {
    app: Arc<App>,
    wanted: Arc<Wanted>,
    by_view: bool,
    out: mpsc::Sender<Event>,
    heard: watch::Receiver<Epoch>,
    /// Everything through this epoch is told.
    cursor: Epoch,
    /// When a sign of life is due.
    beat: Instant,
    _slot: Subscription,
}

/// What is left of a snapshot.
struct Rest {
    rows: std::vec::IntoIter<(View, Row)>,
    /// Role changes are told after this one.
    changes: Option<u64>,
    epoch: Epoch,
}

/// Rows by view, each with its key; `None`: gone.
type Entries = Vec<(View, String, Option<Told>)>;

/// What an event says beside its rows.
#[derive(Clone, Copy)]
struct Head {
    epoch: Epoch,
    taxonomy_version: u64,
    part: u64,
    why: Option<&'static str>,
}

impl Teller {
    async fn live(mut self, after: Option<Epoch>, farewell: &Mutex<Option<Event>>) {
        let Err(end) = self.tell(after).await;
        let (kind, error) = match end {
            End::Left => return,
            End::Slow => {
                self.app.metrics.subscriber_dropped();
                let error = Error::new("this subscription was too slow and is dropped")
                    .detail(format!(
                        "what came after epoch {} is not kept any more; the client did not read it in time",
                        self.cursor
                    ))
                    .hint("subscribe again, to fewer views or for one role; a new snapshot comes first");
                ("dropped", error)
            }
            End::Closing => {
                let error = Error::new("the service is ending").hint("come back with Last-Event-ID when it runs again");
                ("closing", error)
            }
            End::Failed(problem) => {
                let told = problem.details();
                let error = Error::new(told.title.clone());
                ("failed", told.hint.iter().fold(error, |error, hint| error.hint(hint.clone())))
            }
        };
        tracing::info!(reason = kind, epoch = self.cursor, "a subscription ends");
        let data = json!({
            "reason": kind,
            "title": error.primary,
            "detail": error.detail,
            "hint": error.hint,
            "epoch": self.cursor,
        });
        let event = Event::default().event(kind).data(data.to_string());
        *farewell.lock().unwrap_or_else(PoisonError::into_inner) = Some(event);
    }

    async fn tell(&mut self, after: Option<Epoch>) -> Result<Infallible, End> {
        // The head of the answer goes out with this, whatever the rest takes.
        self.put(Event::default().retry(RETRY).comment("events follow")).await?;
        let why = match after.map(|after| (after, self.app.hub.place(after))) {
            None => Some("first"),
            Some((_, Place::TooOld)) => Some("too_old"),
            Some((_, Place::Unheard)) => Some("unknown_epoch"),
            Some((after, Place::Known)) => {
                self.cursor = after;
                None
            }
        };
        if let Some(why) = why {
            self.snapshot(why).await?;
        }
        loop {
            if Instant::now() >= self.beat {
                // Who wants little is told how far it is, too: it can go on from there.
                self.put(Event::default().id(self.cursor.to_string()).comment("")).await?;
            }
            match self.app.hub.next(self.cursor) {
                Next::Frame(frame) => self.frame(frame).await?,
                Next::Lost => return Err(End::Slow),
                Next::Nothing => self.wait().await?,
            }
        }
    }

    /// Waits until something was heard, or a sign of life is due.
    async fn wait(&mut self) -> Result<(), End> {
        tokio::select! {
            () = self.app.closing.announced() => Err(End::Closing),
            () = self.out.closed() => Err(End::Left),
            heard = self.heard.changed() => heard.map_err(|_| End::Closing),
            () = tokio::time::sleep_until(self.beat) => Ok(()),
        }
    }

    /// Waits until there is room for an event. Nobody else puts any in: the room stays.
    async fn room(&mut self) -> Result<(), End> {
        loop {
            tokio::select! {
                () = self.app.closing.announced() => return Err(End::Closing),
                room = self.out.reserve() => return room.map(drop).map_err(|_| End::Left),
                heard = self.heard.changed() => {
                    heard.map_err(|_| End::Closing)?;
                    // Before the first snapshot there is no place to lose.
                    if self.cursor > 0 && matches!(self.app.hub.next(self.cursor), Next::Lost) {
                        return Err(End::Slow);
                    }
                }
            }
        }
    }

    async fn put(&mut self, event: Event) -> Result<(), End> {
        self.room().await?;
        self.beat = Instant::now() + self.app.heartbeat;
        self.out.try_send(event).map_err(|_| End::Left)
    }

    /// All rows at one epoch.
    async fn snapshot(&mut self, why: &'static str) -> Result<(), End> {
        let wanted = self.wanted.clone();
        let read = self.app.aside(move |app| {
            let changes = wanted.views.contains(&View::RoleChanges).then_some(0);
            let read = app.engine.read(move |reader| wanted.rows(reader)).map_err(|error| Problem::internal(&error))?;
            let (epoch, taxonomy_version) = (read.epoch, read.taxonomy_version);
            let mut rows = read.together();
            rows.sort_unstable();
            // Role changes are read from the store; and who was told of an epoch can come back after it.
            let kept = app.engine.wait_for_epoch(epoch, Some(std::time::Instant::now() + KEEPING));
            match kept.map_err(|error| Problem::internal(&error))? {
                true => Ok((taxonomy_version, Rest { rows: rows.into_iter(), changes, epoch })),
                false => Err(Problem::internal(&Error::new("the facts of an epoch are not kept in time"))),
            }
        });
        let (taxonomy_version, mut rest) = read.await.map_err(End::Failed)?;
        self.cursor = rest.epoch;
        let mut head = Head { epoch: rest.epoch, taxonomy_version, part: 0, why: Some(why) };
        loop {
            self.room().await?;
            let (wanted, by_view) = (self.wanted.clone(), self.by_view);
            let made = self.app.aside(move |app| {
                let entries = rest.next(app, &wanted).map_err(|error| Problem::internal(&error))?;
                let complete = rest.is_done();
                Ok((data(app, head, entries, by_view, complete), rest, complete))
            });
            let (data, left, complete) = made.await.map_err(End::Failed)?;
            self.put(event("snapshot", data, complete.then_some(head.epoch))).await?;
            if complete {
                return Ok(());
            }
            rest = left;
            head.part += 1;
        }
    }

    /// What an epoch changed.
    async fn frame(&mut self, frame: Arc<Frame>) -> Result<(), End> {
        let epoch = frame.epoch;
        let mut head = Head { epoch, taxonomy_version: frame.taxonomy_version, part: 0, why: None };
        let wanted = self.wanted.clone();
        let changes = self.app.aside(move |app| Ok(wanted.changes(&frame, &app.lookup))).await.map_err(End::Failed)?;
        let mut changes = changes.into_iter().map(|((view, key), row)| (view, key, row));
        while changes.len() > 0 {
            self.room().await?;
            let entries: Entries = changes.by_ref().take(ROWS).collect();
            let complete = changes.len() == 0;
            let by_view = self.by_view;
            let made = self.app.aside(move |app| Ok(data(app, head, entries, by_view, complete)));
            let data = made.await.map_err(End::Failed)?;
            self.put(event("change", data, complete.then_some(epoch))).await?;
            head.part += 1;
        }
        self.cursor = epoch;
        Ok(())
    }
}

impl Rest {
    fn next(&mut self, app: &App, wanted: &Wanted) -> Result<Entries, Error> {
        let rows: Vec<(View, Row)> = self.rows.by_ref().take(ROWS).collect();
        let mut entries: Entries =
            rows.into_iter().map(|(view, row)| (view, row.key(&app.lookup), Some(Told::Row(row)))).collect();
        if let (Some(read), true) = (self.changes, entries.len() < ROWS) {
            let changes = app.store.role_changes(read, ROWS)?;
            let whole = changes.len() == ROWS;
            let known: Vec<_> =
                changes.into_iter().take_while(|(_, stored)| stored.change.epoch <= self.epoch).collect();
            self.changes = known.last().map(|(number, _)| *number).filter(|_| whole && known.len() == ROWS);
            for (number, stored) in known.into_iter().filter(|(_, stored)| wanted.has_change(&stored.change)) {
                let told = Told::Change(number, Box::new(stored));
                entries.push((View::RoleChanges, told.key(&app.lookup), Some(told)));
            }
        }
        Ok(entries)
    }

    fn is_done(&self) -> bool {
        self.rows.len() == 0 && self.changes.is_none()
    }
}

/// An event; with the epoch that it makes complete.
fn event(kind: &str, data: String, complete: Option<Epoch>) -> Event {
    let event = Event::default().event(kind).data(data);
    match complete {
        Some(epoch) => event.id(epoch.to_string()),
        None => event,
    }
}

/// What an event says.
fn data(app: &App, head: Head, entries: Entries, by_view: bool, complete: bool) -> String {
    let mut said: Map<String, Value> = Map::new();
    said.insert("epoch".to_owned(), head.epoch.into());
    said.insert("taxonomy_version".to_owned(), head.taxonomy_version.into());
    said.insert("part".to_owned(), head.part.into());
    said.insert("complete".to_owned(), complete.into());
    if let Some(why) = head.why {
        said.insert("why".to_owned(), why.into());
    }
    let one = |entries: Entries| {
        let (mut put, mut removed) = (Vec::new(), Vec::new());
        for (_, key, row) in entries {
            match row {
                Some(row) => put.push(json!({"key": key, "value": row.json(&app.lookup, &app.store)})),
                None => removed.push(Value::String(key)),
            }
        }
        Map::from_iter([("put".to_owned(), Value::Array(put)), ("removed".to_owned(), Value::Array(removed))])
    };
    if !by_view {
        said.extend(one(entries));
        return Value::Object(said).to_string();
    }
    let mut views = Map::new();
    let mut entries = entries.into_iter().peekable();
    while let Some(view) = entries.peek().map(|(view, ..)| *view) {
        let of = std::iter::from_fn(|| entries.next_if(|(next, ..)| *next == view)).collect();
        views.insert(view.name().to_owned(), Value::Object(one(of)));
    }
    said.insert("views".to_owned(), Value::Object(views));
    Value::Object(said).to_string()
}
