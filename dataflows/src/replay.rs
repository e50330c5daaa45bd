//! What do the views hold after each epoch of a given history?

use crate::driver::Driver;
use crate::records::{Change, JdUpdate, Tables};
use crate::views::Snapshot;
use timely::{Config, WorkerConfig};

/// One thing that happens to the inputs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// A JD is put or withdrawn; at most once per JD and epoch.
    Jd(JdUpdate),
    /// A record of another collection is put or deleted; inside an epoch the later one wins.
    Change(Change),
}

/// Runs the epochs on some worker threads and returns one snapshot for each. Events are dealt out to the workers in
/// turn.
///
/// # Panics
/// When a worker panics.
pub fn replay(workers: usize, epochs: &[Vec<Event>]) -> Vec<Snapshot> {
    let epochs = epochs.to_vec();
    let run = move |worker: &mut timely::worker::Worker| {
        let (index, peers) = (worker.index(), worker.peers());
        let mut driver = Driver::new(worker);
        let mut tables = Tables::default();
        let mut snapshots = Vec::new();
        for (epoch, events) in epochs.iter().enumerate() {
            for (turn, event) in events.iter().enumerate() {
                let mine = turn % peers == index;
                match event {
                    Event::Change(change) => {
                        // Every worker follows the tables; one of them tells the dataflow.
                        for (record, difference) in tables.apply(change.clone()).into_iter().filter(|_| mine) {
                            driver.update(record, difference);
                        }
                    }
                    Event::Jd(update) if mine => driver.update_jd(update.clone()),
                    Event::Jd(_) => {}
                }
            }
            let next = epoch as u64 + 1;
            driver.advance_to(next);
            while !driver.closed(next) {
                worker.step_or_park(None);
            }
            snapshots.push(driver.snapshot());
            driver.compact(epoch as u64);
        }
        snapshots
    };
    let communication = timely::CommunicationConfig::Process(workers);
    let config = Config { communication, worker: WorkerConfig::default() };
    let guards = timely::execute(config, run).expect("worker threads start");
    let mut shares = guards.join().into_iter().map(|share| share.expect("no worker panics"));
    let first = shares.next().unwrap_or_default();
    shares.fold(first, |whole, share| whole.into_iter().zip(share).map(|(a, b)| a.merged(b)).collect())
}
