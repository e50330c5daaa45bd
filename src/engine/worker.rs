//! What does a worker thread do? It feeds its end of the dataflow, lets it work, and tells what has closed.

use super::Options;
use super::shared::Shared;
use rolestream_dataflows::driver::{DecisionChange, Driver, Epoch};
use rolestream_dataflows::records::{JdUpdate, Record};
use rolestream_dataflows::views::ViewChange;
use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, TryRecvError};
use std::thread::Thread;
use std::time::Duration;
use timely::worker::Worker;

/// What a worker does for somebody who waits for it.
pub(super) type Question = Box<dyn FnOnce(&mut Driver) + Send>;

/// What a worker is told. All workers are told of the same epochs, in the same order.
pub(super) enum Command {
    /// This worker's part of an epoch's input, and that there is no more of it.
    Feed { epoch: Epoch, records: Vec<(Record, isize)>, jds: Vec<JdUpdate> },
    /// Do this with your end of the dataflow, and answer.
    Ask(Question),
    /// Stop at once, whatever is unfinished.
    Stop,
    #[cfg(test)]
    Panic,
}

/// A worker's share of what changed in the epochs it reports as closed.
pub(super) struct Share {
    pub(super) decisions: Vec<DecisionChange>,
    pub(super) views: Vec<ViewChange>,
}

/// How a worker is reached.
pub(super) struct Link {
    pub(super) commands: Sender<Command>,
    pub(super) thread: Thread,
}

impl Link {
    /// Tells it, and wakes it. A worker that is gone needs no telling: its end was noticed.
    pub(super) fn tell(&self, command: Command) {
        let _ = self.commands.send(command);
        self.thread.unpark();
    }
}

/// The whole life of a worker. Returns when told to stop, or when it or another worker failed.
pub(super) fn live(worker: &mut Worker, shared: &Arc<Shared>, commands: &Receiver<Command>, options: &Options) {
    let (mut driver, first) = (None, options.after + 1);
    let end = catch_unwind(AssertUnwindSafe(|| {
        let built = if options.follow { Driver::following(worker) } else { Driver::new(worker) };
        let driver = driver.insert(built);
        // The first epoch is 1 or more: nothing is at 0, so "the last closed epoch is 0" means none is.
        driver.advance_to(first);
        shared.ready();
        work(worker, driver, shared, commands);
    }));
    if let Err(panic) = end {
        shared.fail(worker.index(), &*panic);
    }
    // Dataflows end by themselves when their inputs do, on all workers; a stop does not wait for that.
    for dataflow in worker.installed_dataflows() {
        worker.drop_dataflow(dataflow);
    }
}

fn work(worker: &mut Worker, driver: &mut Driver, shared: &Shared, commands: &Receiver<Command>) {
    /// Commands and messages wake a parked worker; this only bounds what a lost wake-up could cost.
    const LONGEST_PARK: Duration = Duration::from_secs(1);
    let (mut fed, mut closed) = (VecDeque::new(), 0);
    // The last epoch that this worker knows to have closed on all of them.
    let mut everywhere = 0;
    loop {
        loop {
            match commands.try_recv() {
                Ok(Command::Feed { epoch, records, jds }) => {
                    // Epochs need not follow each other without a gap.
                    driver.advance_to(epoch);
                    records.into_iter().for_each(|(record, difference)| driver.update(record, difference));
                    jds.into_iter().for_each(|update| driver.update_jd(update));
                    driver.advance_to(epoch + 1);
                    fed.push_back(epoch);
                }
                Ok(Command::Ask(question)) => question(driver),
                #[cfg(test)]
                Ok(Command::Panic) => panic!("told to panic"),
                Ok(Command::Stop) | Err(TryRecvError::Disconnected) => return,
                Err(TryRecvError::Empty) => break,
            }
        }
        // A reading names the last epoch closed everywhere when it was asked for, and was put into this queue under the
        // lock under which that epoch was looked up. `everywhere` was looked up under that lock, too, and before the queue
        // was emptied: a reading of an epoch before it was in the queue by then, and has been answered. So what is still to
        // come reads at `everywhere` or later. This worker's own last closed epoch would be too late to compact to:
        // others may lag behind it, and readings name what has closed on them, too.
        driver.compact(everywhere);
        let before = closed;
        while fed.front().is_some_and(|epoch| driver.closed(epoch + 1)) {
            closed = fed.pop_front().unwrap_or(closed);
        }
        if closed > before {
            let share = Share { decisions: driver.take_decision_changes(), views: driver.take_view_changes() };
            everywhere = shared.report(worker.index(), closed, share);
        } else {
            worker.step_or_park(Some(LONGEST_PARK));
        }
    }
}
