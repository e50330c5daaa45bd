//! What does time itself change? JDs past their retention are withdrawn and forgotten, snoozes end.

use super::Clock;
use crate::engine::Batch;
use crate::error::Error;
use crate::review;
use crate::service::order::{Authored, Changed};
use crate::store::Commit;
use rolestream_dataflows::id::Id;
use rolestream_dataflows::records::{Change, JdUpdate};
use std::collections::HashMap;

impl Clock {
    /// Ends the snoozes whose time is past: their rows are back.
    pub(super) fn end_snoozes(&mut self) -> Result<(), Error> {
        let ended = self.engine.with_tables(|tables| review::ended(tables.of_kind("review"), (self.now)()));
        if ended.is_empty() {
            return Ok(());
        }
        let write =
            |clock: &mut Clock, commit: Commit<'_>, _: &Changed| clock.write(commit, Vec::new(), HashMap::new());
        self.edit(ended.into_iter().map(Change::Delete).collect(), Authored::default(), write).map(drop)
    }

    /// Withdraws JDs that are past their time, and forgets them when that has been said. Which they are is asked here: one
    /// that was a moment ago may have been corrected since.
    pub(super) fn expire(&mut self) -> Result<(), Error> {
        let jds = self.retention.expired(&self.engine);
        if jds.is_empty() {
            return Ok(());
        }
        let updates = jds.iter().map(|id| JdUpdate { id: *id, jd: None }).collect();
        let admitted = self.engine.admit(Batch { jds: updates, tag: self.tag(), ..Batch::default() })?;
        let mut commit = self.store.commit();
        for update in &admitted.jds {
            commit.remove_jd(update.id);
        }
        commit.put_forgetting(&jds);
        commit.write()?;
        self.tell(&Changed::default(), &admitted.jds);
        let ticket = self.engine.feed(admitted)?;
        self.engine.wait(&ticket)?;
        self.forget(&jds)
    }

    pub(super) fn forget(&mut self, jds: &[Id]) -> Result<(), Error> {
        if jds.is_empty() {
            return Ok(());
        }
        let mut commit = self.store.commit();
        let mut forgotten = Vec::with_capacity(jds.len());
        for jd in jds {
            let contents = self.store.contents_said(*jd)?;
            commit.forget_jd(*jd, &contents);
            forgotten.push((*jd, contents));
        }
        commit.put_forgetting(&[]);
        commit.write()?;
        self.engine.forget(&forgotten)?;
        self.lookup.forget_jds(jds);
        tracing::info!(jds = jds.len(), "forgot JDs that are past their time");
        Ok(())
    }
}
