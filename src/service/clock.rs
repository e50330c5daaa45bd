//! What moves inputs forward? This one thread: it keeps a delivery, then feeds it to the engine.
//!
//! Edits of a delivery go before its JDs, each with the positions of the streams they came by; a JD that was parsed
//! before an edit changed the skill library is parsed again here.

use super::kit::{Kit, Prepared, library};
use super::reparse::{Found, Reparse};
use super::retention::Retention;
use super::work::{Delivery, Part, Work};
use crate::dead_letters::DeadLetter;
use crate::engine::{Admitted, Batch, Cause, Engine};
use crate::error::Error;
use crate::jd::SkillLibrary;
use crate::report::Lookup;
use crate::sources::{Position, Positions, Stream};
use crate::store::{PendingReparse, Store, StoredJd, StoredText, TaxonomyMark};
use crate::telemetry::Metrics;
use crate::telemetry::metrics::{Admitted as Outcome, Edited};
use rolestream_dataflows::id::Id;
use rolestream_dataflows::records::{Jd, JdUpdate, Key, Record};
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::sync::mpsc::Receiver;
use std::time::Instant;

/// The one thread's state.
pub(super) struct Clock {
    pub(super) store: Arc<Store>,
    pub(super) engine: Arc<Engine>,
    pub(super) kit: Arc<Kit>,
    pub(super) lookup: Arc<Lookup>,
    pub(super) positions: Positions,
    pub(super) metrics: Metrics,
    pub(super) reparse: Arc<Reparse>,
    pub(super) retention: Retention,
    /// The number of the last dead letter.
    pub(super) last_letter: u64,
}

impl Clock {
    /// Works until nobody gives it anything more.
    pub(super) fn run(mut self, work: &Receiver<Work>) -> Result<(), Error> {
        // What a crash left half done: that they are withdrawn has been said by now.
        let left = self.store.forgetting()?;
        self.forget(&left)?;
        while let Ok(work) = work.recv() {
            match work {
                Work::Delivery(Delivery { edits, jds }) => {
                    self.edit(edits)?;
                    self.deliver(jds)?;
                }
                Work::Reparsed(found) => self.reparsed(found)?,
                Work::Expired => self.expire()?,
                Work::Nothing(done) => drop(done.send(())),
            }
        }
        Ok(())
    }

    /// What the next batch is known by: greater than what any before was.
    fn tag(&self) -> u64 {
        self.store.last_commit() + 1
    }

    fn edit(&mut self, part: Part) -> Result<(), Error> {
        if part.changes.is_empty() {
            return self.write(self.store.clone().commit(), part.letters, part.positions);
        }
        let batch = Batch { changes: part.changes, tag: self.tag(), ..Batch::default() };
        let admitted = self.engine.admit(batch)?;
        let store = self.store.clone();
        let mut commit = store.commit();
        let changed = net(&admitted.records);
        for (key, record) in &changed {
            match record {
                Some(record) => commit.put_record(record),
                None => commit.remove_record(key),
            };
            if record.is_none() && key.kind == "role" {
                commit.put_gone_role(&key.key);
            }
            self.metrics.edited(key.kind, if record.is_some() { Edited::Put } else { Edited::Deleted });
        }
        let skills = changed.keys().any(|key| key.kind == "skill");
        let mut followed = None;
        if !changed.is_empty() {
            let only_settings = changed.keys().all(|key| key.kind == "settings");
            commit.put_taxonomy_mark(TaxonomyMark { version: admitted.taxonomy_version, only_settings });
        }
        if skills {
            let new = self.engine.with_tables(|tables| library(tables.iter()));
            let forms = SkillLibrary::changed_forms(self.kit.parser().library(), &new);
            if !forms.is_empty() {
                let pending = pending(self.store.pending_reparse()?, forms, admitted.taxonomy_version);
                commit.put_reparse(Some(&pending));
            }
            followed = Some(new);
        }
        self.write(commit, part.letters, part.positions)?;
        if let Some(library) = followed {
            self.kit.follow(library);
            self.reparse.wake();
        }
        self.lookup.put_records(changed.values().flatten().copied());
        self.feed(admitted)
    }

    fn deliver(&mut self, part: Part) -> Result<(), Error> {
        let Part { jds, letters, positions, .. } = part;
        let (updates, prepared) = self.current(jds)?;
        let batch = Batch { jds: updates, tag: self.tag(), ..Batch::default() };
        self.keep_and_feed(batch, prepared, letters, positions, None)
    }

    /// The JDs as they are with the library of now, by id the last of each.
    fn current(
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

    /// Keeps what of a batch of JDs is new, and feeds it.
    fn keep_and_feed(
        &mut self,
        batch: Batch,
        mut prepared: HashMap<Id, Prepared>,
        letters: Vec<DeadLetter>,
        positions: HashMap<Stream, Position>,
        progress: Option<Option<PendingReparse>>,
    ) -> Result<(), Error> {
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
            let text = StoredText::of(&one.admitted, one.parser, one.provenance);
            let id = text.document.id.clone();
            let stored = StoredJd { id, jd: Jd::clone(jd), commit: admitted.tag, cause, library: one.library };
            commit.put_jd(update.id, &stored, &text);
            named.push((update.id, stored.id));
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
        self.write(commit, letters, positions)?;
        self.lookup.put_jds(named.iter().map(|(id, name)| (*id, name.as_str())));
        self.feed(admitted)
    }

    fn reparsed(&mut self, found: Found) -> Result<(), Error> {
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
        self.keep_and_feed(batch, prepared, Vec::new(), HashMap::new(), progress)
    }

    /// Withdraws JDs that are past their time, and forgets them when that has been said. Which they are is asked here: one
    /// that was a moment ago may have been corrected since.
    fn expire(&mut self) -> Result<(), Error> {
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
        let ticket = self.engine.feed(admitted)?;
        self.engine.wait(&ticket)?;
        self.forget(&jds)
    }

    fn forget(&mut self, jds: &[Id]) -> Result<(), Error> {
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

    /// Writes a commit, with what the sources should know of it.
    fn write(
        &mut self,
        mut commit: crate::store::Commit<'_>,
        letters: Vec<DeadLetter>,
        positions: HashMap<Stream, Position>,
    ) -> Result<(), Error> {
        for letter in &letters {
            self.last_letter += 1;
            commit.put_dead_letter(self.last_letter, letter);
        }
        for (stream, position) in &positions {
            commit.put_position(stream, *position);
        }
        if commit.is_empty() {
            return Ok(());
        }
        let begun = Instant::now();
        commit.write()?;
        self.metrics.store_committed(begun.elapsed());
        self.positions.put(positions);
        Ok(())
    }

    fn feed(&self, admitted: Admitted) -> Result<(), Error> {
        if admitted.records.is_empty() && admitted.jds.is_empty() {
            return Ok(());
        }
        self.engine.feed(admitted).map(drop)
    }
}

/// What each key holds after some additions and retractions.
fn net(records: &[(Record, isize)]) -> BTreeMap<Key, Option<&Record>> {
    let mut net = BTreeMap::new();
    for (record, difference) in records {
        let place = net.entry(record.key()).or_insert(None);
        if *difference > 0 {
            *place = Some(record);
        } else if *place == Some(record) {
            *place = None;
        }
    }
    net
}

/// What is to be parsed again when these forms change, too: from the beginning, for both.
fn pending(before: Option<PendingReparse>, forms: Vec<String>, version: u64) -> PendingReparse {
    let forms = match before {
        None => Some(forms),
        Some(before) => before.forms.map(|mut earlier| {
            earlier.extend(forms);
            earlier.sort();
            earlier.dedup();
            earlier
        }),
    };
    PendingReparse { forms, taxonomy_version: version, through: None }
}
