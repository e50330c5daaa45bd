//! What comes in is held, once, and said once.

use crate::model::Model;
use crate::world::{CAKE, DATA, TAMER, WEB, World, changes, facts, jd};
use rolestream::engine::Cause;
use rolestream::service::Ended;
use rolestream::sources::Kind;
use rolestream_dataflows::id::Id;
use serde_json::json;

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
