//! What comes in is held, once, and said once.

use crate::model::Model;
use crate::world::{CAKE, DATA, TAMER, WEB, World, changes, facts, jd, taken};
use rolestream::engine::Cause;
use rolestream::service::Ended;
use rolestream::sources::Kind;
use rolestream_dataflows::id::Id;
use serde_json::{Value, json};
use std::process::Command;

#[test]
fn what_a_run_holds_is_right_and_a_restart_says_nothing_anew() {
    let world = World::new();
    let mut model = Model::new(&world);
    let lines = [jd("data", DATA), jd("web", WEB), jd("tamer", TAMER), jd("cake", CAKE)];
    world.append("jds.jsonl", &lines);
    lines.iter().for_each(|line| model.deliver(Kind::Raw, &world.name("jds.jsonl"), line));
    let service = world.once("store", &[], &["jds.jsonl"]);
    model.check(&service);
    let (said, held) = (facts(service.store()), service.engine().snapshot().unwrap());
    assert_eq!(said.len(), 8, "of each JD what was said first and last");
    drop(service);
    for workers in ["engine.workers=1", "engine.workers=2"] {
        let service = world.once("store", &[workers], &["jds.jsonl"]);
        assert_eq!(service.engine().snapshot().unwrap(), held);
        assert_eq!(facts(service.store()), said);
        model.check(&service);
    }
}

#[test]
fn a_jd_is_sent_again_corrected_withdrawn_and_comes_back() {
    let world = World::new();
    let mut model = Model::new(&world);
    let service = world.open("store", &[]);
    let role = |slug: &str| Some(Id::role(slug));
    world.append("jds.jsonl", &[]);
    let give = |model: &mut Model, line: Value| {
        world.append("jds.jsonl", std::slice::from_ref(&line));
        model.deliver(Kind::Raw, &world.name("jds.jsonl"), &line);
        taken(&world, &service, "jds.jsonl");
        model.check(&service);
        service.engine().decision(Id::jd("x")).and_then(|answer| answer.decision.role)
    };
    let follow = || {
        assert_eq!(give(&mut model, jd("x", DATA)), role("data-engineer"));
        let (held, said) = (service.engine().snapshot().unwrap(), facts(service.store()));
        // The same again: not even the time counts.
        let later = json!({"id": "x", "text": DATA, "received_at": "2026-03-01T09:30:00Z"});
        assert_eq!(give(&mut model, later), role("data-engineer"));
        assert_eq!((service.engine().snapshot().unwrap(), facts(service.store())), (held, said));
        assert_eq!(give(&mut model, jd("x", WEB)), role("web-developer"));
        assert_eq!(give(&mut model, json!({"id": "x", "withdrawn": true})), None);
        // Nobody knows it, and nobody minds.
        assert_eq!(give(&mut model, json!({"id": "nobody", "withdrawn": true})), None);
        assert_eq!(give(&mut model, jd("x", DATA)), role("data-engineer"));
    };
    let ((), ended) = world.live(&service, &["jds.jsonl"], follow);
    assert_eq!(ended, Ok(Ended::Whole));
    let role = |stated: &Option<rolestream::engine::Stated>| stated.as_ref().and_then(|stated| stated.said.role);
    let said: Vec<_> = changes(service.store())
        .iter()
        .map(|stored| (stored.id.clone(), stored.change.cause, role(&stored.change.before), role(&stored.change.after)))
        .collect();
    let (data, web) = (Some(Id::role("data-engineer")), Some(Id::role("web-developer")));
    let x = || "x".to_owned();
    assert_eq!(
        said,
        [
            (x(), Cause::Correction, data, web),
            (x(), Cause::Withdrawal, web, None),
            (x(), Cause::Correction, None, data)
        ]
    );
    assert_eq!(service.store().first_said().unwrap().len(), 2, "what was said first of either content");
}

#[test]
fn what_classify_prints_is_decided_as_the_text_is() {
    let world = World::new();
    let mut model = Model::new(&world);
    let untitled = DATA.split_once("\n\n").unwrap().1;
    let lines = [
        jd("data", DATA),
        jd("web", WEB),
        jd("tamer", TAMER),
        jd("untitled", untitled),
        jd("cake", CAKE),
        jd("nothing", ""),
    ];
    world.append("jds.jsonl", &lines);
    let printed = Command::new(env!("CARGO_BIN_EXE_rolestream"))
        .args(["classify", "jds.jsonl", "--json", "--taxonomy", "taxonomy", "--set", "engine.workers=1"])
        .current_dir(world.path("."))
        .env_remove("ROLESTREAM_CONFIG")
        .output()
        .unwrap();
    let printed: Vec<Value> =
        String::from_utf8(printed.stdout).unwrap().lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(printed.len(), lines.len());
    let (taken, refused) = printed.split_at(5);
    world.append("parsed.jsonl", &printed);
    for line in taken {
        // They say when they were received only where their source did.
        model.deliver(Kind::Parsed, &world.name("parsed.jsonl"), line);
    }
    assert_eq!(refused[0]["rejected"], true);
    let raw = world.once("raw", &[], &["jds.jsonl"]);
    let parsed = world.once("parsed", &[], &["parsed:parsed.jsonl"]);
    for id in ["data", "web", "tamer", "untitled", "cake"] {
        let [of_raw, of_parsed] = [&raw, &parsed].map(|service| service.engine().decision(Id::jd(id)).unwrap());
        assert_eq!(of_raw.decision, of_parsed.decision, "{id}");
        assert_eq!((&of_raw.signals, &of_raw.resolution), (&of_parsed.signals, &of_parsed.resolution), "{id}");
        assert_eq!((&of_raw.skills, &of_raw.novel), (&of_parsed.skills, &of_parsed.novel), "{id}");
    }
    // What was rejected was not parsed: it is no record, and says so.
    assert_eq!(parsed.engine().jds(), 5);
    let letters = std::fs::read_to_string(world.path("parsed/dead-letters.jsonl")).unwrap();
    assert!(letters.lines().count() == 1 && letters.contains("nothing") && letters.contains("not_parsed"), "{letters}");
}

#[test]
fn what_cannot_be_read_is_an_error_and_costs_nothing_else() {
    let world = World::new();
    let mut model = Model::new(&world);
    let lines: Vec<Value> = (0..60).map(|n| jd(&format!("jd {n}"), WEB)).collect();
    lines.iter().for_each(|line| model.deliver(Kind::Raw, &world.name("jds.jsonl"), line));
    world.append("jds.jsonl", &lines);
    world.put("broken.jsonl", &format!("{{\"id\": \"half\n{}\n", jd("whole", DATA)));
    model.deliver(Kind::Raw, &world.name("broken.jsonl"), &jd("whole", DATA));
    let service = world.open("store", &["sources.queue=10"]);
    let error = world.read(&service, &["nowhere.jsonl", "jds.jsonl", "broken.jsonl"]).unwrap_err();
    assert!(error.primary.contains("nowhere.jsonl") && error.hint.is_some(), "{error}");
    model.check(&service);
    let letters = std::fs::read_to_string(world.path("store/dead-letters.jsonl")).unwrap();
    assert!(letters.lines().count() == 1 && letters.contains("broken.jsonl:1#") && letters.contains("not_json"));
    assert_eq!(service.store().dead_letters(0, 10).unwrap(), [], "they are where they go");
}
