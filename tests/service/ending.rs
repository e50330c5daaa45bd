//! An orderly end keeps what was taken in, says all of it, and the next start goes on where it was.

use crate::model::Model;
use crate::world::{DATA, TAMER, WEB, World, jd, until};
use rolestream::service::Ended;
use rolestream::sinks::file::read_compacted;
use rolestream::sources::Kind;
use serde_json::Value;
use std::time::{Duration, Instant};

#[test]
fn a_stop_while_a_large_file_is_read_loses_and_doubles_nothing() {
    let world = World::new();
    let mut model = Model::new(&world);
    let texts = [DATA, WEB, TAMER];
    let lines: Vec<Value> =
        (0..300).map(|n| jd(&format!("jd {n}"), &format!("{}\n- Number {n}", texts[n % 3]))).collect();
    world.append("jds.jsonl", &lines);
    lines.iter().for_each(|line| model.deliver(Kind::Raw, &world.name("jds.jsonl"), line));
    let sink = format!("sinks.write=[\"file:{}\"]", world.name("views"));
    let flags = ["sources.queue=4", sink.as_str()];
    let mut held = Vec::new();
    for part in 1.. {
        let service = world.open("store", &flags);
        let before = service.engine().jds();
        let (begun, ended) = world.live(&service, &["jds.jsonl"], || {
            until("some more are held", || service.engine().jds() >= (before + 40).min(300));
            Instant::now()
        });
        assert_eq!(ended, Ok(Ended::Whole));
        assert!(begun.elapsed() < Duration::from_secs(10), "{:?}", begun.elapsed());
        let now = service.engine().jds();
        assert_eq!(service.store().check(&|_| ()).found, 0);
        assert_eq!(service.store().jd_count().unwrap(), now);
        // Every sink has all of it.
        let decisions = read_compacted(&world.path("views/rolestream.decisions.jsonl")).unwrap();
        assert_eq!(decisions.len(), now);
        held.push(now);
        if now == 300 {
            assert!(part > 1, "it was stopped on the way: {held:?}");
            model.check(&service);
            break;
        }
    }
    let undisturbed = world.once("undisturbed", &[], &["jds.jsonl"]);
    let disturbed = world.open("store", &[]);
    assert_eq!(disturbed.engine().snapshot().unwrap(), undisturbed.engine().snapshot().unwrap());
    let said = |service: &rolestream::service::Service| {
        let mut first = service.store().first_said().unwrap();
        first.sort_by_key(|(jd, content, _)| (*jd, *content));
        first
            .into_iter()
            .map(|(jd, content, said)| (jd, content, said.answer, said.taxonomy_version))
            .collect::<Vec<_>>()
    };
    assert_eq!(said(&disturbed), said(&undisturbed));
}
