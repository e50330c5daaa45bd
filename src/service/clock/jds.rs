//! How do JDs move forward? What of a delivery is new is kept with the positions that brought it, then fed.

use super::Clock;
use crate::engine::{Batch, Cause, Ticket};
use crate::error::Error;
use crate::report::Heading;
use crate::service::kit::Prepared;
use crate::service::order::Changed;
use crate::service::reparse::Found;
use crate::service::work::Part;
use crate::store::{Commit, PendingReparse, StoredJd, StoredText};
use crate::telemetry::metrics::Admitted as Outcome;
use rolestream_dataflows::id::Id;
use rolestream_dataflows::records::{Jd, JdUpdate};
use std::collections::HashMap;

/// What came of JDs that were fed.
#[derive(Default)]
pub(super) struct FedJds {
    pub(super) ticket: Option<Ticket>,
    pub(super) unchanged: usize,
}

impl Clock {
    /// JDs that sources delivered.
    pub(super) fn deliver_jds(&mut self, part: Part) -> Result<(), Error> {
        let Part { jds, letters, positions, .. } = part;
        let (updates, prepared) = self.current(jds)?;
        let batch = Batch { jds: updates, tag: self.tag(), ..Batch::default() };
        let write = |clock: &mut Clock, commit: Commit<'_>| clock.write(commit, letters, positions);
        self.keep_and_feed(batch, prepared, None, write).map(drop)
    }

    /// The JDs as they are with the library of now, by id the last of each.
    pub(super) fn current(
        &self,
        jds: Vec<(JdUpdate, Option<Box<Prepared>>)>,
    ) -> Result<(Vec<JdUpdate>, HashMap<Id, Prepared>), Error> {
        let parser = self.kit.parser();
        let mut updates = Vec::with_capacity(jds.len());
        let mut prepared = HashMap::new();
        for (update, jd) in jds {
            let Some(mut jd) = jd else {
                prepared.remove(&update.id);
                updates.push(update);
                continue;
            };
            if jd.parser.is_none() && jd.library != parser.library_version() {
                let stream = jd.provenance.as_ref().map(|provenance| provenance.stream.name.clone());
                let received_at = jd.admitted.jd().map_or(0, |jd| jd.received_at);
                let admission = self.kit.admission(&parser, stream.as_deref().unwrap_or_default(), received_at);
                jd.admitted = admission.admit(jd.admitted.document.clone())?;
                jd.library = parser.library_version();
            }
            updates.push(jd.admitted.update.clone());
            prepared.insert(update.id, *jd);
        }
        Ok((updates, prepared))
    }

    /// Keeps what of a batch of JDs is new, and feeds it. `write` writes the commit they are in.
    pub(super) fn keep_and_feed(
        &mut self,
        batch: Batch,
        mut prepared: HashMap<Id, Prepared>,
        progress: Option<Option<PendingReparse>>,
        write: impl FnOnce(&mut Clock, Commit<'_>) -> Result<(), Error>,
    ) -> Result<FedJds, Error> {
        let cause = batch.cause;
        let admitted = self.engine.admit(batch)?;
        let store = self.store.clone();
        let mut commit = store.commit();
        let mut named = Vec::new();
        // What is parsed again was counted when it came.
        let delivered = cause == Cause::Ingest;
        let count = |outcome| delivered.then(|| self.metrics.jd_admitted(outcome));
        for update in &admitted.jds {
            let Some(jd) = &update.jd else {
                count(Outcome::Withdrawn);
                commit.remove_jd(update.id);
                continue;
            };
            count(match &jd.features {
                Ok(_) => Outcome::Accepted,
                Err(reason) => Outcome::Rejected(*reason),
            });
            let Some(one) = prepared.remove(&update.id) else { continue };
            let heading = Heading::of(&one.admitted);
            let text = StoredText::of(&one.admitted, one.parser, one.provenance);
            let (id, jd, commit_number) = (text.document.id.clone(), Jd::clone(jd), admitted.tag);
            let stored = StoredJd { id, heading, jd, commit: commit_number, cause, library: one.library };
            commit.put_jd(update.id, &stored, &text);
            named.push((update.id, stored.id, stored.heading));
        }
        for _ in 0..admitted.unchanged {
            count(Outcome::Unchanged);
        }
        if !delivered {
            // Nothing new for the engine, but perhaps for people: a name that is written otherwise now.
            for (id, one) in prepared {
                let Some(held) = self.store.text(id)? else { continue };
                let document = held.document.clone();
                let text = StoredText { document, ..StoredText::of(&one.admitted, one.parser, one.provenance) };
                if text != held {
                    commit.put_text(id, &text);
                }
            }
        }
        if let Some(pending) = &progress {
            commit.put_reparse(pending.as_ref());
        }
        write(self, commit)?;
        self.lookup.put_jds(named.iter().map(|(id, name, _)| (*id, name.as_str())));
        self.lookup.put_headings(named.into_iter().map(|(id, _, heading)| (id, heading)));
        let unchanged = admitted.unchanged;
        self.tell(&Changed::default(), &admitted.jds);
        Ok(FedJds { ticket: self.feed(admitted)?, unchanged })
    }

    /// Held JDs that read differently.
    pub(super) fn reparsed(&mut self, found: Found) -> Result<(), Error> {
        let mut progress = None;
        if self.reparse.is_current(&found) {
            progress = Some(found.pending.clone());
        }
        let library = self.kit.parser().library_version();
        let mut prepared = HashMap::new();
        for (content, jd) in found.jds {
            // A delivery may have come in between, or another edit: both see to the JD themselves.
            let id = jd.admitted.update.id;
            let same = self.store.jd(id)?.is_some_and(|stored| stored.jd.content == content);
            if same && jd.library == library {
                prepared.insert(id, jd);
            }
        }
        let cause = if found.version == 0 { Cause::Upgrade } else { Cause::Reparse(found.version) };
        let jds = prepared.values().map(|jd| jd.admitted.update.clone()).collect();
        let batch = Batch { jds, cause, tag: self.tag(), ..Batch::default() };
        let write = |clock: &mut Clock, commit: Commit<'_>| clock.write(commit, Vec::new(), HashMap::new());
        self.keep_and_feed(batch, prepared, progress, write).map(drop)
    }
}
