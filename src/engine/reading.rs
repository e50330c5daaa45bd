//! How are the views read? Every worker looks at its share, all at one closed epoch; nothing waits for that.

use super::facts::Facts;
use super::{Engine, Epoch};
use crate::error::{Error, said_by_panic};
use rolestream_dataflows::driver::{Driver, Reader};
use rolestream_dataflows::views::Snapshot;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// What the workers saw, each of its share of the views, at one closed epoch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Read<T> {
    /// The epoch.
    pub epoch: Epoch,
    /// The taxonomy version at its end.
    pub taxonomy_version: u64,
    /// One of each worker, in no order.
    pub shares: Vec<T>,
}

impl<T> Read<Vec<T>> {
    /// All of it, in no order.
    pub fn together(self) -> Vec<T> {
        self.shares.into_iter().flatten().collect()
    }
}

impl<T> Read<Option<T>> {
    /// What the worker that had something saw.
    pub fn found(self) -> Option<T> {
        self.shares.into_iter().flatten().next()
    }
}

impl Engine {
    /// Has every worker look at its share of the views, all at the last closed epoch. What was waited for
    /// ([`Engine::wait`]) is in it. Submitting goes on meanwhile; a worker is busy while it looks.
    pub fn read<T: Send + 'static>(
        &self,
        look: impl Fn(&mut Reader<'_>) -> T + Send + Sync + 'static,
    ) -> Result<Read<T>, Error> {
        self.read_with(|_| (), look).map(|((), read)| read)
    }

    /// As [`Engine::read`], with a look at the facts of the same epoch. Nothing moves while that lasts.
    pub fn read_with<F, T: Send + 'static>(
        &self,
        facts_look: impl FnOnce(&Facts) -> F,
        look: impl Fn(&mut Reader<'_>) -> T + Send + Sync + 'static,
    ) -> Result<(F, Read<T>), Error> {
        let state = self.shared.lock();
        if let Some(failure) = &state.failure {
            return Err(failure.clone());
        }
        let (epoch, taxonomy_version) = (state.closed(), state.closed_version());
        // What is asked under the lock is asked of an epoch that no worker may have forgotten (`worker::work`).
        let answers = state.ask(at(epoch, look));
        let seen = facts_look(&state.facts);
        drop(state);
        Ok((seen, Read { epoch, taxonomy_version, shares: shares(self.shared.answers(answers)?)? }))
    }

    /// Every view, whole, at one closed epoch. Waits until all that was submitted has closed; submitting waits
    /// meanwhile.
    pub fn snapshot(&self) -> Result<Snapshot, Error> {
        self.snapshot_at().map(|(_, snapshot)| snapshot)
    }

    /// As [`Engine::snapshot`], with the epoch it is of.
    pub fn snapshot_at(&self) -> Result<(Epoch, Snapshot), Error> {
        let (epoch, answers) = self.shared.when_quiet(|state| {
            let epoch = state.closed();
            (epoch, state.ask(at(epoch, |reader: &mut Reader<'_>| reader.snapshot())))
        })?;
        let shares = shares(self.shared.answers(answers)?)?;
        Ok((epoch, shares.into_iter().fold(Snapshot::default(), Snapshot::merged)))
    }
}

/// What a worker saw, or what its look panicked with: that must not end the engine, for the look is another's.
type Seen<T> = Result<T, String>;

/// A question that a worker answers with a look at an epoch.
fn at<T>(
    epoch: Epoch,
    look: impl Fn(&mut Reader<'_>) -> T + Send + Sync + 'static,
) -> impl Fn(&mut Driver) -> Seen<T> + Send + Sync + 'static {
    move |driver| {
        let seen = catch_unwind(AssertUnwindSafe(|| look(&mut driver.reader(epoch))));
        seen.map_err(|panic| said_by_panic(&*panic).to_owned())
    }
}

fn shares<T>(seen: Vec<Seen<T>>) -> Result<Vec<T>, Error> {
    let failed = |panic| {
        Error::new("the views could not be read")
            .detail(format!("a worker panicked while it looked: {panic}"))
            .hint("this is a defect of the program: report it with the detail above")
    };
    seen.into_iter().map(|one| one.map_err(failed)).collect()
}
