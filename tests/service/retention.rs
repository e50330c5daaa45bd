//! JDs that are past their time leave every view, and the store.

use crate::model::Model;
use crate::world::{DATA, TAMER, WEB, World, changes, settled, until};
use rolestream::engine::Cause;
use rolestream::service::Ended;
use rolestream::sources::Kind;
use rolestream_dataflows::id::Id;
use serde_json::{Value, json};

fn at(id: &str, text: &str, received_at: i64) -> Value {
    json!({"id": id, "text": text, "received_at": received_at})
}

#[test]
fn of_more_jds_than_are_retained_the_first_are_forgotten() {
    let world = World::new();
    let mut model = Model::new(&world);
    let name = world.name("jds.jsonl");
    let texts = [DATA, WEB, TAMER];
    let lines: Vec<Value> = (0..9).map(|n| at(&format!("{n}"), texts[n % 3], 1_000 + n as i64)).collect();
    world.append("jds.jsonl", &lines);
    lines.iter().for_each(|line| model.deliver(Kind::Raw, &name, line));
    drop(world.once("store", &[], &["jds.jsonl"]));
    let service = world.open("store", &["store.retain_count=3"]);
    let ((), ended) = world.live(&service, &["jds.jsonl", "taxonomy:edits.jsonl"], || {
        until("the first are forgotten", || service.store().first_said().unwrap().len() == 3);
        service.engine().wait_for_all().unwrap();
        (0..6).for_each(|n| model.withdraw(&n.to_string()));
        model.check(&service);
        assert_eq!(service.store().last_said().unwrap().len(), 3);
        assert_eq!(service.engine().at_ingest(Id::jd("0"), 0), None);
        // One comes again, as the newest: a new run, of which nothing was said before.
        let again = at("2", TAMER, 5_000);
        world.append("jds.jsonl", std::slice::from_ref(&again));
        model.deliver(Kind::Raw, &name, &again);
        until("it is held and another is not", || {
            let store = service.store();
            store.jd(Id::jd("2")).unwrap().is_some()
                && store.first_said().unwrap().len() == 3
                && service.engine().jds() == 3
        });
        service.engine().wait_for_all().unwrap();
        model.withdraw("6");
        model.check(&service);
        assert_eq!(service.lookup().jd(Id::jd("2")).to_string(), "2");
        // And something else is said of it than at first.
        let alias = json!({"collection": "aliases", "role": "data-engineer", "text": "Lion Tamer"});
        world.append("edits.jsonl", std::slice::from_ref(&alias));
        model.deliver(Kind::Taxonomy, &world.name("edits.jsonl"), &alias);
        settled(&world, &service, "edits.jsonl");
        model.check(&service);
    });
    assert_eq!(ended, Ok(Ended::Whole));
    let said: Vec<_> = changes(service.store()).iter().map(|stored| (stored.id.clone(), stored.change.cause)).collect();
    assert_eq!(said.iter().filter(|(_, cause)| *cause == Cause::Withdrawal).count(), 7);
    assert!(said.contains(&("2".to_owned(), Cause::Taxonomy(2))), "{said:?}");
    drop(service);
    let service = world.open("store", &["store.retain_count=3"]);
    model.check(&service);
}

#[test]
fn jds_that_are_too_old_are_forgotten_and_counted_from_when_they_were_received() {
    let world = World::new();
    let mut model = Model::new(&world);
    let name = world.name("jds.jsonl");
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_millis() as i64;
    let day = 86_400_000;
    let lines = [at("old", DATA, now - 3 * day), at("young", WEB, now - day), at("corrected", WEB, now - 3 * day)];
    // What is sent anew with another content was received anew.
    let corrected = at("corrected", DATA, now);
    for line in lines.iter().chain([&corrected]) {
        world.append("jds.jsonl", std::slice::from_ref(line));
        model.deliver(Kind::Raw, &name, line);
    }
    let service = world.open("store", &["store.retain_days=2"]);
    let ((), ended) = world.live(&service, &["jds.jsonl"], || {
        until("the old one came", || !changes(service.store()).is_empty() || service.engine().jds() == 3);
        until("the old one is forgotten", || {
            service.engine().jds() == 2 && service.store().last_said().unwrap().len() == 2
        });
        service.engine().wait_for_all().unwrap();
    });
    assert_eq!(ended, Ok(Ended::Whole));
    model.withdraw("old");
    model.check(&service);
}

#[test]
fn what_a_crash_leaves_withdrawn_and_not_forgotten_is_forgotten_at_the_next_start() {
    let world = World::new();
    let lines = [at("old", DATA, 1_000), at("young", WEB, 2_000), at("withdrawn", WEB, 3_000)];
    world.append("jds.jsonl", &lines);
    drop(world.once("store", &[], &["jds.jsonl"]));
    world.append("jds.jsonl", &[json!({"id": "withdrawn", "withdrawn": true})]);
    let service = world.once("store", &[], &["jds.jsonl"]);
    let mut commit = service.store().commit();
    commit.remove_jd(Id::jd("old")).put_forgetting(&[Id::jd("old")]);
    commit.write().unwrap();
    drop(service);
    let service = world.once("store", &[], &["jds.jsonl"]);
    let store = service.store();
    assert_eq!(store.forgetting().unwrap(), []);
    assert_eq!(store.last_said().unwrap().len(), 2, "of the young one, and of the one that its source withdrew");
    assert!(store.contents_said(Id::jd("old")).unwrap().is_empty());
    assert!(!store.contents_said(Id::jd("young")).unwrap().is_empty());
    let causes: Vec<_> = changes(store).iter().map(|stored| (stored.id.clone(), stored.change.cause)).collect();
    assert!(causes.contains(&("old".to_owned(), Cause::Withdrawal)), "{causes:?}");
}
