//! When the skill library or the parser changes, held JDs come to read as if they had come today.

use crate::model::Model;
use crate::world::{DATA, TAMER, WEB, World, changes, facts, jd, settled, taken, until};
use rolestream::engine::Cause;
use rolestream::service::{Ended, Service};
use rolestream::sources::Kind;
use rolestream_dataflows::id::Id;
use serde_json::{Value, json};

/// "Velvet whip" becomes another word for Kafka. No JD names it as a skill before, so that only reading the texts
/// again finds it.
fn whip() -> Value {
    skill("kafka", 1, "Kafka", "tool", &["velvet whip"])
}

fn skill(slug: &str, id: u32, name: &str, kind: &str, aliases: &[&str]) -> Value {
    json!({
        "collection": "skills", "slug": slug, "id": id, "name": name, "kind": kind, "aliases": aliases,
        "dimension": "tools",
    })
}

fn causes(service: &Service) -> Vec<Cause> {
    changes(service.store()).into_iter().map(|stored| stored.change.cause).collect()
}

/// So many lion tamers beside two other JDs, in a file and a model.
fn tamers(world: &World, model: &mut Model, count: usize) {
    let others = [jd("data", DATA), jd("web", WEB)].into_iter();
    let lines: Vec<Value> = others.chain((0..count).map(|n| jd(&format!("tamer {n}"), TAMER))).collect();
    world.append("jds.jsonl", &lines);
    lines.iter().for_each(|line| model.deliver(Kind::Raw, &world.name("jds.jsonl"), line));
}

fn edit(world: &World, model: &mut Model, edit: &Value) {
    world.append("edits.jsonl", std::slice::from_ref(edit));
    model.deliver(Kind::Taxonomy, &world.name("edits.jsonl"), edit);
}

#[test]
fn a_new_form_of_a_skill_is_found_in_held_texts() {
    let world = World::new();
    let mut model = Model::new(&world);
    tamers(&world, &mut model, 3);
    let service = world.once("store", &[], &["jds.jsonl"]);
    model.check(&service);
    edit(&world, &mut model, &whip());
    // Reading to the end includes it.
    assert_eq!(world.read(&service, &["taxonomy:edits.jsonl"]), Ok(Ended::Whole));
    assert_eq!(service.store().pending_reparse().unwrap(), None);
    model.check(&service);
    assert_eq!(causes(&service), [Cause::Reparse(2); 3]);
    let tamer = service.engine().decision(Id::jd("tamer 1")).unwrap();
    assert_eq!(tamer.decision.role, Some(Id::role("data-engineer")), "two skills speak for it now");
    // Without the form again, and with another kind and name of what is written as before.
    for change in [
        skill("kafka", 1, "Kafka", "tool", &[]),
        skill("kafka", 1, "Kafka", "practice", &[]),
        skill("kafka", 1, "Apache Kafka", "tool", &["Kafka"]),
    ] {
        edit(&world, &mut model, &change);
        assert_eq!(world.read(&service, &["taxonomy:edits.jsonl"]), Ok(Ended::Whole));
        model.check(&service);
    }
    assert_eq!(causes(&service)[3..], [Cause::Reparse(3); 3]);
    let said = facts(service.store());
    drop(service);
    let service = world.open("store", &[]);
    model.check(&service);
    assert_eq!(facts(service.store()), said);
}

#[test]
fn what_a_stop_or_a_crash_interrupts_goes_on_at_the_next_start() {
    let world = World::new();
    let mut model = Model::new(&world);
    tamers(&world, &mut model, 12);
    let slow = ["store.reparse_per_second=2"];
    let service = world.once("store", &slow, &["jds.jsonl"]);
    edit(&world, &mut model, &whip());
    let half = || service.store().pending_reparse().unwrap().is_some_and(|pending| pending.through.is_some());
    let ((), ended) = world.live(&service, &["taxonomy:edits.jsonl"], || {
        taken(&world, &service, "edits.jsonl");
        until("some are parsed again", half);
        service.engine().wait_for_all().unwrap();
        world.copy("store", "crashed");
    });
    assert_eq!(ended, Ok(Ended::Whole));
    assert!(half() && causes(&service).len() < 12, "it was stopped half way");
    drop(service);
    for store in ["store", "crashed"] {
        let service = world.open(store, &[]);
        let ((), ended) = world.live(&service, &["jds.jsonl", "taxonomy:edits.jsonl"], || {
            settled(&world, &service, "edits.jsonl");
            model.check(&service);
        });
        assert_eq!(ended, Ok(Ended::Whole));
        assert_eq!(causes(&service), [Cause::Reparse(2); 12]);
    }
}

#[test]
fn edits_and_jds_that_come_meanwhile_are_seen_to() {
    let world = World::new();
    let mut model = Model::new(&world);
    tamers(&world, &mut model, 6);
    let service = world.once("store", &["store.reparse_per_second=1"], &["jds.jsonl"]);
    edit(&world, &mut model, &whip());
    let ((), ended) = world.live(&service, &["jds.jsonl", "taxonomy:edits.jsonl"], || {
        taken(&world, &service, "edits.jsonl");
        // The slow search is given up for a search for both forms; JDs come, are corrected and go beside it.
        edit(&world, &mut model, &skill("python", 3, "Python", "tool", &["full house"]));
        taken(&world, &service, "edits.jsonl");
        let forms = service.store().pending_reparse().unwrap().unwrap().forms.unwrap();
        assert!(["velvet whip", "full house"].iter().all(|form| forms.iter().any(|known| known == form)), "{forms:?}");
        let more = [jd("tamer new", TAMER), jd("tamer 1", WEB), json!({"id": "tamer 2", "withdrawn": true})];
        world.append("jds.jsonl", &more);
        more.iter().for_each(|line| model.deliver(Kind::Raw, &world.name("jds.jsonl"), line));
        taken(&world, &service, "jds.jsonl");
    });
    assert_eq!(ended, Ok(Ended::Whole));
    drop(service);
    let service = world.once("store", &[], &["jds.jsonl", "taxonomy:edits.jsonl"]);
    model.check(&service);
}

#[test]
fn another_parser_reads_every_raw_jd_again() {
    let world = World::new();
    let mut model = Model::new(&world);
    tamers(&world, &mut model, 1);
    let parsed =
        json!({"id": "upstream", "received_at": 1_000, "nano_parsed": {"role": "Data Engineer"}, "parser": "model 1"});
    world.append("parsed.jsonl", std::slice::from_ref(&parsed));
    model.deliver(Kind::Parsed, &world.name("parsed.jsonl"), &parsed);
    let reads = ["jds.jsonl", "parsed:parsed.jsonl"];
    let service = world.once("store", &[], &reads);
    model.check(&service);
    let text = || service.store().text(Id::jd("data")).unwrap().unwrap().sentences.len();
    assert!(text() > 1);
    drop(service);
    let short = ["admission.max_sentences=1"];
    let service = world.open("store", &short);
    assert!(service.store().pending_reparse().unwrap().is_some());
    assert_eq!(world.read(&service, &reads), Ok(Ended::Whole));
    model.check(&service);
    assert_eq!(service.store().text(Id::jd("data")).unwrap().unwrap().sentences.len(), 1);
    assert!(causes(&service).iter().all(|cause| *cause == Cause::Upgrade));
    drop(service);
    // Once; and how many threads parse is not what they find.
    let service = world.open("store", &[short[0], "admission.threads=3"]);
    assert_eq!(service.store().pending_reparse().unwrap(), None);
}
