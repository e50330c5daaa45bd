//! Views as they change: a snapshot, then epochs; coming back; and those who do not read.

use crate::small_taxonomy::{DATA, WEB};
use crate::world::{Client, PATIENCE, World, until};
use rolestream::service::Plan;
use rolestream_dataflows::records::{Change, Record, Status};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::time::Duration;

const ALL: [&str; 16] = [
    "decisions",
    "centroids",
    "day-centroids",
    "skill-support",
    "kra-support",
    "collisions",
    "undecided",
    "new-roles",
    "new-skills",
    "new-kras",
    "novel-sentences",
    "impact",
    "skill-clusters",
    "counts",
    "baselines",
    "role-changes",
];

/// An event as it came.
#[derive(Clone, Debug, Default)]
struct Event {
    kind: String,
    id: Option<u64>,
    data: Value,
    /// Only that it is there.
    comment: bool,
}

/// A connection that streams.
struct Stream {
    reader: BufReader<TcpStream>,
    head: String,
}

impl Stream {
    /// Asks, and reads the head of the answer.
    fn open(client: &Client, path: &str, last: Option<u64>) -> Stream {
        let address = client.url.strip_prefix("http://").unwrap();
        let mut stream = TcpStream::connect(address).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        let token = client.token.as_deref().map(|token| format!("Authorization: Bearer {token}\r\n"));
        let last = last.map(|id| format!("Last-Event-ID: {id}\r\n"));
        let (token, last) = (token.unwrap_or_default(), last.unwrap_or_default());
        // Version 1.0: the body is as it is, to the end of the connection.
        let head = format!("GET {path} HTTP/1.0\r\nHost: {address}\r\nAccept-Encoding: gzip\r\n{token}{last}\r\n");
        stream.write_all(head.as_bytes()).unwrap();
        let mut reader = BufReader::new(stream);
        let mut head = String::new();
        while !head.ends_with("\r\n\r\n") {
            assert!(reader.read_line(&mut head).unwrap() > 0, "{head}");
        }
        Stream { reader, head }
    }

    fn sound(client: &Client, path: &str, last: Option<u64>) -> Stream {
        let mut stream = Stream::open(client, path, last);
        if !stream.head.contains(" 200 ") {
            let mut rest = String::new();
            stream.reader.read_to_string(&mut rest).unwrap();
            panic!("{}{rest}", stream.head);
        }
        stream
    }

    /// What comes next; `None`: the end.
    fn any(&mut self) -> Option<Event> {
        let mut event = Event::default();
        loop {
            let mut line = String::new();
            if self.reader.read_line(&mut line).unwrap() == 0 {
                return None;
            }
            match line.trim_end().split_once(':').map(|(field, value)| (field, value.trim_start())) {
                None => return Some(event),
                Some(("event", kind)) => event.kind = kind.to_owned(),
                Some(("id", id)) => event.id = Some(id.parse().unwrap()),
                Some(("data", data)) => event.data = serde_json::from_str(data).unwrap(),
                Some(("", _)) => event.comment = true,
                Some(("retry", _)) => {}
                Some(other) => panic!("{other:?}"),
            }
        }
    }

    /// The next event that is more than a sign of life.
    fn next(&mut self) -> Option<Event> {
        loop {
            let event = self.any()?;
            if !event.kind.is_empty() {
                return Some(event);
            }
        }
    }
}

/// Rows by view and key, folded from events.
#[derive(Debug, Default, PartialEq)]
struct Fold {
    rows: BTreeMap<(String, String), Value>,
    epoch: u64,
    /// All epochs that changed something.
    epochs: Vec<u64>,
}

impl Fold {
    fn take(&mut self, event: &Event) {
        let epoch = event.data["epoch"].as_u64().unwrap();
        match event.kind.as_str() {
            "snapshot" if event.data["part"] == 0 => self.rows.clear(),
            "snapshot" => {}
            "change" => {
                assert!(epoch > self.epoch || event.data["part"] != 0, "epoch {epoch} came after {}", self.epoch);
                self.epochs.push(epoch);
            }
            other => panic!("{other}: {}", event.data),
        }
        assert_eq!(event.id, (event.data["complete"] == true).then_some(epoch));
        for (view, of) in event.data["views"].as_object().unwrap() {
            for key in of["removed"].as_array().unwrap() {
                let gone = self.rows.remove(&(view.clone(), key.as_str().unwrap().to_owned()));
                assert!(gone.is_some(), "{view}: {key} goes and was never there");
            }
            for row in of["put"].as_array().unwrap() {
                let key = (view.clone(), row["key"].as_str().unwrap().to_owned());
                let before = self.rows.insert(key, row["value"].clone());
                assert_ne!(before.as_ref(), Some(&row["value"]), "{view}: nothing changed in {row}");
            }
        }
        self.epoch = epoch;
    }

    /// Reads until its rows are these.
    #[track_caller]
    fn until(&mut self, stream: &mut Stream, rows: &Fold) {
        while self.epoch < rows.epoch && self.rows != rows.rows {
            self.take(&stream.next().expect("it goes on"));
        }
        for (key, row) in &rows.rows {
            assert_eq!(self.rows.get(key), Some(row), "{key:?}");
        }
        assert_eq!(self.rows.len(), rows.rows.len());
    }
}

fn views(of: &[&str]) -> String {
    format!("/events?views={}", of.join(","))
}

/// The views as they are now.
fn now(client: &Client, of: &[&str]) -> Fold {
    let (mut fold, mut stream) = (Fold::default(), Stream::sound(client, &views(of), None));
    loop {
        let event = stream.next().unwrap();
        assert_eq!((event.kind.as_str(), &event.data["why"]), ("snapshot", &json!("first")));
        fold.take(&event);
        if event.id.is_some() {
            return fold;
        }
    }
}

/// Hands JDs in; the epoch in which they became visible.
fn put(client: &Client, lines: &[Value]) -> u64 {
    let lines: String = lines.iter().map(|line| format!("{line}\n")).collect();
    let bulk = client.ask("POST", "/jds?wait=60", "application/x-ndjson", Some(&lines)).ok();
    assert_eq!(bulk["visible"], true, "{bulk}");
    bulk["token"].as_str().unwrap().parse().unwrap()
}

fn jd(id: usize, text: &str, day: usize) -> Value {
    json!({"id": format!("jd-{id}"), "text": text, "company": format!("Company {}", id % 3), "received_at": format!("2026-03-{:02}T00:00:00Z", 1 + day % 28)})
}

/// A posting that no role is like.
const BAKER: &str = "Title: Plant Baker\n\nResponsibilities:\n- Mix and shape dough for rye bread early in the morning\n\
- Keep the ovens of the bakery clean and their logs complete\n\nRequirements:\n- Experience with Zyxoven\n- Strong Python\n";

fn set_status(world: &World, slug: &'static str, status: Status) {
    let desk = world.service().desk();
    let plan = move |tables: &std::sync::Arc<rolestream_dataflows::records::Tables>, _| {
        let mut plan = Plan::default();
        for record in tables.iter() {
            if let Record::Role(role) = record
                && role.slug == slug
            {
                let mut role = role.clone();
                role.status = status;
                plan.changes.push(Change::Put(Record::Role(role)));
            }
        }
        assert_eq!(plan.changes.len(), 1);
        Ok(plan)
    };
    let done = desk.order(plan, |_, _| ()).unwrap();
    desk.settle(&done).unwrap();
}

/// What the JDs of a history say: for every view something.
fn texts() -> [String; 6] {
    let body = |text: &str| text.split_once("\n\n").unwrap().1.to_owned();
    let untitled = format!("About the role\n\n{}", body(BAKER));
    let (contradicted, unlike) = (body(WEB), body(BAKER));
    [
        DATA.to_owned(),
        WEB.to_owned(),
        BAKER.to_owned(),
        untitled,
        format!("Title: Data Engineer\n\n{contradicted}"),
        format!("Title: Data Engineer\n\n{unlike}"),
    ]
}

/// JDs that come, are corrected and go, and edits between them.
fn history(world: &World, client: &Client) {
    let texts = texts();
    let gone = |n: usize| json!({"id": format!("jd-{n}"), "withdrawn": true});
    for round in 0..6 {
        put(client, &(0..5).map(|n| jd(n + round, &texts[(n + round) % 6], n)).collect::<Vec<_>>());
        put(client, &[jd(round, &texts[(round + 1) % 6], round), gone(round + 3)]);
        set_status(world, "web-developer", if round % 2 == 0 { Status::Retired } else { Status::Active });
    }
    put(client, &(0..6).map(|n| jd(n + 30, &texts[n], n)).collect::<Vec<_>>());
}

#[test]
fn a_snapshot_and_what_changes_make_every_view() {
    let world = World::new(&[]);
    let client = world.admin();
    let (mut early, mut from_nothing) = (Stream::sound(&client, &views(&ALL), None), Fold::default());
    assert!(early.head.contains("content-type: text/event-stream"), "{}", early.head);
    assert!(!early.head.contains("content-encoding"), "it is not packed: {}", early.head);
    from_nothing.take(&early.next().unwrap());
    assert!(from_nothing.rows.is_empty());
    put(&client, &(0..9).map(|n| jd(n + 20, if n % 2 == 0 { DATA } else { BAKER }, n)).collect::<Vec<_>>());
    let (mut late, mut from_some) = (Stream::sound(&client, &views(&ALL), None), Fold::default());
    from_some.take(&late.next().unwrap());
    assert!(!from_some.rows.is_empty());
    history(&world, &client);
    let now = now(&client, &ALL);
    let empty = |view: &&&str| !now.rows.keys().any(|(of, _)| of == **view);
    assert_eq!(ALL.iter().filter(empty).collect::<Vec<_>>(), [&""; 0], "a history says something of every view");
    from_nothing.until(&mut early, &now);
    from_some.until(&mut late, &now);
    assert!(from_nothing.epochs.len() > 12);
    // What a changelog says is what is told here.
    let (_, decision) = now.rows.iter().find(|((view, _), _)| view == "decisions").unwrap();
    assert!(decision["rule"].is_string() && decision["signals"]["kra"].is_array());
}

#[test]
fn who_comes_back_misses_and_repeats_nothing() {
    let world = World::new(&[]);
    let client = world.admin();
    let of = ["decisions", "centroids", "counts"];
    let (mut stays, mut whole) = (Stream::sound(&client, &views(&of), None), Fold::default());
    whole.take(&stays.next().unwrap());
    let (mut fold, mut stream) = (Fold::default(), Stream::sound(&client, &views(&of), None));
    fold.take(&stream.next().unwrap());
    put(&client, &[jd(1, DATA, 1)]);
    fold.take(&stream.next().unwrap());
    drop(stream);
    put(&client, &[jd(2, WEB, 1), jd(1, WEB, 2)]);
    put(&client, &[jd(3, WEB, 1), json!({"id": "jd-2", "withdrawn": true})]);
    let path = format!("{}&after=1", views(&of));
    let mut again = Stream::sound(&client, &path, Some(fold.epoch));
    put(&client, &[jd(4, DATA, 1)]);
    let now = now(&client, &of);
    fold.until(&mut again, &now);
    whole.until(&mut stays, &now);
    assert_eq!(fold.epochs, whole.epochs, "no epoch twice, none left out");
    assert!(fold.epochs.len() >= 4);
}

#[test]
fn who_was_away_too_long_gets_a_new_snapshot() {
    let mut world = World::new(&["http.kept_changes_bytes=1"]);
    let client = world.admin();
    put(&client, &[jd(1, DATA, 1)]);
    let before = now(&client, &["decisions"]).epoch;
    for n in 0..12 {
        put(&client, &[jd(2, if n % 2 == 0 { WEB } else { DATA }, n)]);
    }
    let path = |after: u64| format!("/events/decisions?after={after}");
    let first = |client: &Client, after: u64| Stream::sound(client, &path(after), None).next().unwrap();
    let event = first(&client, before);
    assert_eq!((event.kind.as_str(), &event.data["why"]), ("snapshot", &json!("too_old")));
    assert_eq!(event.data["put"].as_array().unwrap().len(), 2);
    assert_eq!(first(&client, event.id.unwrap() + 1_000_000_000).data["why"], "unknown_epoch");
    world.restart();
    assert_eq!(first(&world.admin(), before).data["why"], "too_old");
}

#[test]
fn an_epoch_is_one_event() {
    let world = World::new(&["engine.epoch_millis=20"]);
    let client = world.admin();
    put(&client, &[jd(1, DATA, 1)]);
    let mut stream = Stream::sound(&client, "/events/centroids", None);
    let snapshot = stream.next().unwrap().data;
    assert_eq!((&snapshot["put"][0]["key"], &snapshot["complete"]), (&json!("data-engineer"), &json!(true)));
    put(&client, &[jd(1, WEB, 1)]);
    let moved = stream.next().unwrap();
    assert_eq!(moved.kind, "change");
    assert_eq!(moved.data["removed"], json!(["data-engineer"]));
    assert_eq!(
        (&moved.data["put"][0]["key"], &moved.data["put"][0]["value"]["n"]),
        (&json!("web-developer"), &json!(1))
    );
    assert_eq!(moved.id, moved.data["epoch"].as_u64());
    // Of one role alone, what leaves it goes.
    let mut one = Stream::sound(&client, "/events/decisions?role=web-developer", None);
    assert_eq!(one.next().unwrap().data["put"][0]["key"], "jd-1");
    put(&client, &[jd(2, DATA, 1)]);
    put(&client, &[jd(1, DATA, 1)]);
    let left = one.next().unwrap().data;
    assert_eq!((&left["removed"], &left["put"]), (&json!(["jd-1"]), &json!([])));
}

#[test]
fn who_does_not_read_is_dropped_and_holds_up_nobody() {
    let world = World::new(&["http.kept_changes_bytes=1"]);
    let client = world.admin();
    let of = ["decisions", "centroids", "day-centroids"];
    let mut slow = Stream::sound(&client, &views(&of), None);
    let (mut reads, mut fold) = (Stream::sound(&client, &views(&of), None), Fold::default());
    fold.take(&reads.next().unwrap());
    let dropped = || world.service().metrics().text().contains("rolestream_http_subscribers_dropped_total 1\n");
    let mut round = 0;
    while !dropped() {
        assert!(round < 2_000, "it is never dropped");
        // Each is visible while the slow one holds its connection full.
        let texts = [DATA, WEB];
        let jds: Vec<Value> = (0..28).map(|n| jd(n, texts[(n + round) % 2], n)).collect();
        let epoch = put(&client, &jds);
        while fold.epoch < epoch {
            fold.take(&reads.next().unwrap());
        }
        round += 1;
    }
    let mut last = Event::default();
    while let Some(event) = slow.next() {
        last = event;
    }
    assert_eq!((last.kind.as_str(), &last.data["reason"]), ("dropped", &json!("dropped")));
    for part in ["title", "detail", "hint"] {
        assert!(last.data[part].is_string(), "{}", last.data);
    }
    assert!(last.data["epoch"].as_u64().unwrap() < fold.epoch);
    put(&client, &[jd(1, BAKER, 1)]);
    let now = now(&client, &of);
    fold.until(&mut reads, &now);
}

#[test]
fn a_quiet_stream_shows_that_it_lives_and_says_how_far_it_is() {
    let world = World::new(&["http.heartbeat_seconds=1"]);
    let client = world.admin();
    let mut stream = Stream::sound(&client, "/events/undecided", None);
    let begun = stream.next().unwrap().id.unwrap();
    put(&client, &[jd(1, DATA, 1)]);
    loop {
        let beat = stream.any().unwrap();
        assert!(beat.comment && beat.kind.is_empty(), "{beat:?}");
        if beat.id.unwrap() > begun {
            break;
        }
    }
}

#[test]
fn what_cannot_be_followed_is_refused() {
    let world = World::new(&["http.subscribers=1"]);
    let client = world.admin();
    assert_eq!(client.get("/events/decision").refused(404), "there is no view \"decision\" that can be followed");
    client.get("/events?views=decisions,").refused(404);
    client.get("/events").refused(400);
    client.get("/events/decisions?role=cook").refused(404);
    client.get("/events/skill-clusters?role=web-developer").refused(422);
    client.get("/events/decisions?after=x").refused(400);
    let mut open = Stream::sound(&client, "/events/decisions", None);
    open.next().unwrap();
    assert_eq!(client.get("/events/decisions").refused(503), "too many subscriptions are open");
    drop(open);
    until("there is room again", || Stream::open(&client, "/events/decisions", None).head.contains(" 200 "));
}

#[test]
fn streams_end_in_order_when_the_service_does() {
    let mut world = World::new(&[]);
    let mut stream = Stream::sound(&world.admin().nobody(), "/events/decisions", None);
    stream.reader.get_ref().set_read_timeout(Some(Duration::from_secs(30))).unwrap();
    assert_eq!(stream.next().unwrap().kind, "snapshot");
    world.restart();
    let last = stream.next().unwrap();
    assert_eq!((last.kind.as_str(), &last.data["title"]), ("closing", &json!("the service is ending")));
    assert!(stream.any().is_none());
}
