//! How is an order carried out? Its plan is made on the records as they stand; then edits, then JDs, move forward.

use super::Clock;
use crate::engine::Batch;
use crate::error::Error;
use crate::service::order::{Changed, Done, Keeping, Order, Plan};
use crate::store::Commit;
use std::collections::HashMap;

impl Clock {
    /// Carries an order out. What is wrong with the order itself is its answer; what is returned ends the clock.
    pub(super) fn carry_out(&mut self, order: Order) -> Result<(), Error> {
        let Order { plan, keep, reply } = order;
        let plan = match plan(&self.engine.tables(), self.engine.submitted_version()) {
            Ok(plan) => plan,
            Err(refusal) => {
                let _ = reply.send(Err(refusal));
                return Ok(());
            }
        };
        let done = self.apply(plan, keep)?;
        // Whoever asked may have gone.
        let _ = reply.send(Ok(done));
        Ok(())
    }

    fn apply(&mut self, plan: Plan, keep: Keeping) -> Result<Done, Error> {
        let mut done = Done::default();
        let mut keep = Some(keep);
        if !plan.changes.is_empty() {
            let write = |clock: &mut Clock, mut commit: Commit<'_>, changed: &Changed| {
                keep.take().into_iter().for_each(|keep| keep(changed, &mut commit));
                clock.write(commit, Vec::new(), HashMap::new())
            };
            let (changed, ticket) = self.edit(plan.changes, plan.authored, write)?;
            done.changed = changed;
            done.tickets.extend(ticket);
        }
        if !plan.jds.is_empty() {
            let (updates, prepared) = self.current(plan.jds)?;
            let batch = Batch { jds: updates, tag: self.tag(), ..Batch::default() };
            let changed = done.changed.clone();
            let write = |clock: &mut Clock, mut commit: Commit<'_>| {
                keep.take().into_iter().for_each(|keep| keep(&changed, &mut commit));
                clock.write(commit, Vec::new(), HashMap::new())
            };
            let fed = self.keep_and_feed(batch, prepared, None, write)?;
            done.tickets.extend(fed.ticket);
            done.unchanged = fed.unchanged;
        }
        if let Some(keep) = keep {
            let store = self.store.clone();
            let mut commit = store.commit();
            keep(&done.changed, &mut commit);
            self.write(commit, Vec::new(), HashMap::new())?;
        }
        Ok(done)
    }
}
