//! What only happens when things come in an order that nobody can arrange from outside.

use super::Service;
use super::clock::Clock;
use super::kit::Prepared;
use super::reparse::Reparse;
use super::retention::Retention;
use super::work::{Delivery, Work};
use crate::admission::Document;
use crate::config::{Config, Layers};
use crate::sources::Kind;
use rolestream_dataflows::id::Id;
use std::path::Path;
use std::sync::Arc;
use std::sync::mpsc::channel;

const NOW: i64 = 1_800_000_000_000;
const DAY: i64 = 86_400_000;

fn open(folder: &Path) -> Service {
    let flags = vec![
        format!("store.path={:?}", folder.display().to_string()),
        "service.address=\"\"".to_owned(),
        "engine.workers=1".to_owned(),
        "store.retain_days=2".to_owned(),
    ];
    let config = Config::load(&Layers { flags, ..Layers::default() }).unwrap();
    Service::open(config, &|_, _, _| ()).unwrap()
}

/// A clock that is given this to do, one after the other.
fn work(service: &Service, given: Vec<Work>) {
    let clock = Clock {
        store: service.store.clone(),
        engine: service.engine.clone(),
        kit: service.kit.clone(),
        lookup: service.lookup.clone(),
        positions: service.positions.clone(),
        metrics: service.metrics.clone(),
        reparse: Arc::new(Reparse::default()),
        retention: Retention::new(&service.config.store, || NOW),
        listeners: Arc::default(),
        now: || NOW,
        last_letter: 0,
    };
    let (work, to_do) = channel();
    given.into_iter().for_each(|one| work.send(one).unwrap());
    drop(work);
    clock.run(&to_do).unwrap();
    service.engine.wait_for_all().unwrap();
}

fn delivery(service: &Service, text: &str, received_at: i64) -> Work {
    let parser = service.kit.parser();
    let document =
        Document { id: "x".into(), text: text.into(), received_at: Some(received_at), ..Document::default() };
    let admitted = service.kit.admission(&parser, "test", 0).admit(Arc::new(document)).unwrap();
    let library = parser.library_version();
    let jd = Prepared { admitted, parser: None, library, provenance: None };
    let mut delivery = Delivery::default();
    delivery.part(Kind::Raw).jds.push((jd.admitted.update.clone(), Some(Box::new(jd))));
    Work::Delivery(delivery)
}

#[test]
fn what_is_corrected_before_it_is_forgotten_stays() {
    let folder = tempfile::tempdir().unwrap();
    let service = open(folder.path());
    let (old, new) = ("Title: Data Engineer\n- Loads tables", "Title: Data Engineer\n- Loads larger tables");
    work(&service, vec![delivery(&service, old, NOW - 3 * DAY)]);
    let retention = Retention::new(&service.config.store, || NOW);
    assert_eq!(retention.expired(&service.engine), [Id::jd("x")], "whoever looks now has it withdrawn");
    work(&service, vec![delivery(&service, new, NOW), Work::Expired]);
    assert_eq!(service.engine.jds(), 1);
    assert_eq!(service.store.contents_said(Id::jd("x")).unwrap().len(), 2);
    // The same again as what it was first is another correction: received long ago, and forgotten with all it was.
    work(&service, vec![delivery(&service, old, NOW - 3 * DAY), Work::Expired, Work::Expired]);
    assert_eq!(service.engine.jds(), 0);
    assert!(service.store.contents_said(Id::jd("x")).unwrap().is_empty());
    assert_eq!(service.store.check(&|_| ()).found, 0);
}
