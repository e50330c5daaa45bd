//! Facts and intake without threads; threads without data. What the dataflow says is tested in `tests/engine.rs`.

mod facts;
mod intake;
mod recording;
mod threads;

use rolestream_dataflows::id::Id;
use rolestream_dataflows::records::{Dimension, Features, Jd, JdUpdate, Record, Rejection};
use std::sync::Arc;

fn dimension(slug: &str, name: &str) -> Record {
    Record::Dimension(Dimension { slug: slug.into(), name: name.into() })
}

/// A JD with nothing in it but a content, a company and a time.
fn jd(id: &str, content: u64, company: &str, received_at: i64) -> JdUpdate {
    let (source, company) = (Id::text("a source"), Id::text(company));
    let jd = Jd { content, source, received_at, company, features: Ok(Features::default()) };
    JdUpdate { id: Id::jd(id), jd: Some(Arc::new(jd)) }
}

fn rejected(id: &str, content: u64) -> JdUpdate {
    let jd = Jd { content, source: Id::NONE, received_at: 0, company: Id::NONE, features: Err(Rejection::NoText) };
    JdUpdate { id: Id::jd(id), jd: Some(Arc::new(jd)) }
}

fn withdrawn(id: &str) -> JdUpdate {
    JdUpdate { id: Id::jd(id), jd: None }
}
