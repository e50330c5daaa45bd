//! What do the views hold after each epoch of a given history?

use crate::records::{Change, JdUpdate, Tables};
use crate::views::Snapshot;
use std::collections::BTreeMap;

/// One thing that happens to the inputs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// A JD is put or withdrawn; at most once per JD and epoch.
    Jd(JdUpdate),
    /// A record of another collection is put or deleted; inside an epoch the later one wins.
    Change(Change),
}

/// Runs the epochs and returns one snapshot for each.
pub fn replay(_workers: usize, epochs: &[Vec<Event>]) -> Vec<Snapshot> {
    let (mut tables, mut jds) = (Tables::default(), BTreeMap::new());
    let mut snapshots = Vec::new();
    for epoch in epochs {
        for event in epoch {
            match event {
                Event::Change(change) => {
                    tables.apply(change.clone());
                }
                Event::Jd(JdUpdate { id, jd: Some(jd) }) => {
                    jds.insert(*id, jd.clone());
                }
                Event::Jd(JdUpdate { id, jd: None }) => {
                    jds.remove(id);
                }
            }
        }
        snapshots.push(crate::oracle::compute(&tables, &jds));
    }
    snapshots
}
