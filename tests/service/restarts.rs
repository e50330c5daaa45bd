//! Whatever a store was left in, the next service says what is to be said, once, and why.

use crate::model::Model;
use crate::world::{CAKE, DATA, TAMER, WEB, World, changes, facts, jd, settled};
use rolestream::engine::Cause;
use rolestream::sources::Kind;
use rolestream::store::{Fingerprint, Store, StoredJd, TaxonomyMark};
use rolestream_dataflows::id::Id;
use rolestream_dataflows::records::{Alias, Record};
use serde_json::{Value, json};

/// With it, KRA scores are weak.
const STRICT: &str = "decision.kra_min=0.99";

/// A store in which four JDs are held, and what it must hold.
fn begun(world: &World) -> Model {
    let mut model = Model::new(world);
    let lines = [jd("data", DATA), jd("web", WEB), jd("tamer", TAMER), jd("cake", CAKE)];
    world.append("jds.jsonl", &lines);
    lines.iter().for_each(|line| model.deliver(Kind::Raw, &world.name("jds.jsonl"), line));
    model.check(&world.once("store", &[], &["jds.jsonl"]));
    model
}

/// "Lion Tamer" becomes another word for this role.
fn alias() -> Value {
    json!({"collection": "aliases", "role": "data-engineer", "text": "Lion Tamer"})
}

fn causes(store: &Store) -> Vec<(String, Cause)> {
    changes(store).into_iter().map(|stored| (stored.id, stored.change.cause)).collect()
}

#[test]
fn settings_of_the_configuration_are_an_edit() {
    let world = World::new();
    let model = begun(&world);
    let service = world.open("store", &[STRICT]);
    model.check(&service);
    let said = causes(service.store());
    assert!(!said.is_empty() && said.iter().all(|(_, cause)| *cause == Cause::Settings), "{said:?}");
    assert_eq!(service.engine().taxonomy_version(), 2);
    let facts_then = facts(service.store());
    drop(service);
    let service = world.open("store", &[STRICT]);
    assert_eq!((service.engine().taxonomy_version(), facts(service.store())), (2, facts_then), "once");
    drop(service);
    let back = world.open("store", &[]);
    model.check(&back);
    assert_eq!(causes(back.store()).len(), 2 * said.len(), "and back");
}

#[test]
fn a_crash_while_a_changed_configuration_takes_effect_changes_no_cause() {
    let world = World::new();
    let model = begun(&world);
    let copied = std::cell::Cell::new(false);
    let crash = |phase: &str, done: u64, _: u64| {
        // Taxonomy and facts are in; no JD is.
        if phase == "loading JDs" && done == 0 {
            world.copy("store", "crashed");
            copied.set(true);
        }
    };
    let service = rolestream::service::Service::open(world.config("store", &[STRICT]), &crash).unwrap();
    let said = causes(service.store());
    assert!(copied.get() && !said.is_empty());
    drop(service);
    assert_eq!(causes(&Store::open(&world.path("crashed")).unwrap()), []);
    let service = world.open("crashed", &[STRICT]);
    model.check(&service);
    assert_eq!(causes(service.store()), said);
}

#[test]
fn an_edit_that_was_kept_and_not_said_is_said_by_the_next_start() {
    let world = World::new();
    let mut model = begun(&world);
    model.deliver(Kind::Taxonomy, "", &alias());
    let store = Store::open(&world.path("store")).unwrap();
    let vector = match store.records().unwrap().into_iter().find(|record| matches!(record, Record::Alias(_))) {
        Some(Record::Alias(alias)) => alias.vector,
        other => panic!("{other:?}"),
    };
    let record = Alias { role: "data-engineer".into(), text: "Lion Tamer".into(), vector };
    let mut commit = store.commit();
    commit.put_record(&Record::Alias(record)).put_taxonomy_mark(TaxonomyMark { version: 2, only_settings: false });
    // A JD that was withdrawn, and one that came, and nobody said so.
    commit.remove_jd(Id::jd("web"));
    model.withdraw("web");
    let (web, text) = (store.jd(Id::jd("web")).unwrap().unwrap(), store.text(Id::jd("web")).unwrap().unwrap());
    let new = StoredJd { id: "new".into(), commit: store.last_commit() + 1, ..web };
    commit.put_jd(Id::jd("new"), &new, &text);
    commit.write().unwrap();
    drop(store);
    let service = world.open("store", &[]);
    let said = causes(service.store());
    assert_eq!(said, [("tamer".to_owned(), Cause::Taxonomy(2)), ("web".to_owned(), Cause::Withdrawal)]);
    assert_eq!(service.store().first_said().unwrap().len(), 5, "something was said of the new one");
    let facts_then = facts(service.store());
    drop(service);
    assert_eq!(facts(world.open("store", &[]).store()), facts_then);
    // What came before the last crash has been spoken of since: it is not the cause of what changes now.
    let service = world.open("store", &[STRICT]);
    let later = &causes(service.store())[2..];
    assert!(later.iter().any(|(id, _)| id == "new"), "{later:?}");
    assert!(later.iter().all(|(_, cause)| *cause == Cause::Settings), "{later:?}");
}

#[test]
fn an_edit_from_a_file_is_a_version_with_its_cause() {
    let world = World::new();
    let mut model = begun(&world);
    let service = world.open("store", &[]);
    let edits = [alias(), json!({"key": "kra/nobody", "value": null})];
    let name = world.name("edits.jsonl");
    let ((), _) = world.live(&service, &["jds.jsonl", "taxonomy:edits.jsonl"], || {
        world.append("edits.jsonl", &edits);
        edits.iter().for_each(|edit| model.deliver(Kind::Taxonomy, &name, edit));
        settled(&world, &service, "edits.jsonl");
        model.check(&service);
    });
    assert_eq!(causes(service.store()), [("tamer".to_owned(), Cause::Taxonomy(2))]);
    drop(service);
    // The folder is what a store begins with: what was edited since counts.
    let service = world.once("store", &[], &["taxonomy:edits.jsonl"]);
    model.check(&service);
    assert_eq!((service.engine().taxonomy_version(), causes(service.store()).len()), (2, 1));
    let undo = json!({"key": "alias/data-engineer/lion tamer", "value": null});
    world.append("edits.jsonl", std::slice::from_ref(&undo));
    model.deliver(Kind::Taxonomy, &name, &undo);
    assert_eq!(world.read(&service, &["taxonomy:edits.jsonl"]).map(drop), Ok(()));
    model.check(&service);
    assert_eq!(causes(service.store())[1], ("tamer".to_owned(), Cause::Taxonomy(3)));
}

#[test]
fn a_store_of_another_embedding_table_is_refused_unchanged() {
    let world = World::new();
    begun(&world);
    let store = Store::open(&world.path("store")).unwrap();
    let own = store.fingerprint().unwrap().unwrap();
    let mut commit = store.commit();
    commit.put_fingerprint(&Fingerprint { embedder: "another table".into(), ..own.clone() });
    commit.write().unwrap();
    let before = facts(&store);
    drop(store);
    // Not even a change of settings is taken in.
    let errors = world.refused("store", &[STRICT]);
    let error = errors.0[0].to_string();
    assert!(
        error.contains("another embedding table") && error.contains(&own.embedder) && error.contains("hint"),
        "{error}"
    );
    let store = Store::open(&world.path("store")).unwrap();
    assert_eq!((facts(&store), store.taxonomy_mark().unwrap().unwrap().version), (before, 1));
}
