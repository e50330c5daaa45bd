//! How does a sink stay equal to the views, through crashes? By noting what goes out before it does.
//!
//! Before a write, its keys are noted in the store, with its number; when it is acknowledged, that number is. After a
//! crash every noted key whose write was not acknowledged is uncertain and is written again; every other is compared with the
//! view. A key that was noted and is no longer in the view gets its tombstone.

use super::inbox::{Inbox, Key, MOST, Upsert};
use super::rows::{Changelog, Row, role_change};
use super::{Outgoing, Writer};
use crate::error::Error;
use crate::report::Lookup;
use crate::sources::Stop;
use crate::store::{SinkEntry, Store};
use crate::telemetry::Metrics;
use rolestream_dataflows::driver::Epoch;
use rolestream_dataflows::views::{Snapshot, ViewRow};
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

/// The hash of a key that was noted to get a tombstone, or of which nobody knows what the sink has: no row has it.
const GONE: u64 = 0;
/// How long is waited until a write that failed is tried again, at first and at most.
const PAUSES: [Duration; 2] = [Duration::from_secs(1), Duration::from_secs(60)];

/// The far end of a sink, on a thread of its own.
pub struct Follower {
    /// Its name: `kafka`, or the folder of files.
    pub name: String,
    /// What topics begin with.
    pub prefix: String,
    /// How long changes are gathered.
    pub interval: Duration,
    /// Where they go.
    pub writer: Box<dyn Writer>,
    /// Where they come from.
    pub inbox: Inbox,
    /// What is noted where.
    pub store: Arc<Store>,
    /// What things are called.
    pub lookup: Arc<Lookup>,
    /// What is counted.
    pub metrics: Metrics,
}

impl Follower {
    /// Gathers into the inbox what differs between what was last written and the views of now. Before anything new is
    /// submitted to the engine.
    pub fn catch_up(&mut self, snapshot: &Snapshot, epoch: Epoch) -> Result<(), Error> {
        self.forget_what_is_lost()?;
        let acknowledged = self.acknowledged()?;
        let mut known: HashMap<Key, u64> = HashMap::new();
        let mut commit = self.store.commit();
        for changelog in Changelog::ALL {
            let topic = self.topic(changelog);
            for (key, entry) in self.store.sink_entries(&self.name, &topic)? {
                // Later writes are acknowledged with greater numbers: it must stay known until then that this one was not.
                let hash = if entry.write > acknowledged { GONE } else { entry.hash };
                if hash != entry.hash {
                    commit.put_sink_entry(&self.name, &topic, &key, SinkEntry { hash, ..entry });
                }
                known.insert((changelog, key), hash);
            }
        }
        commit.write()?;
        let mut differ = Vec::new();
        for row in rows(snapshot) {
            let key = (row.changelog(), row.key(&self.lookup));
            if known.remove(&key) != Some(row.hash()) {
                differ.push((key, Some(row)));
            }
        }
        let gone = known.into_keys().filter(|(changelog, _)| *changelog != Changelog::RoleChanges);
        differ.extend(gone.map(|key| (key, None)));
        self.inbox.begin(differ, epoch);
        Ok(())
    }

    /// Writes what is in the inbox until no more comes, or until told to stop.
    pub fn run(mut self, stop: &Stop) -> Result<(), Error> {
        let mut number = self.acknowledged()?;
        // Numbers of writes that were begun and not acknowledged are not used again.
        for changelog in Changelog::ALL {
            let entries = self.store.sink_entries(&self.name, &self.topic(changelog))?;
            number = entries.iter().map(|(_, entry)| entry.write).fold(number, u64::max);
        }
        if !self.write_role_changes(stop)? {
            return Ok(());
        }
        while let Some((rows, epoch)) = self.inbox.next() {
            number += 1;
            if !self.write(rows, epoch, number, stop)? || !self.write_role_changes(stop)? {
                break;
            }
            self.inbox.wrote();
            self.inbox.pause(self.interval, stop);
        }
        Ok(())
    }

    /// Where somebody took the changelogs away, all of them are written anew.
    fn forget_what_is_lost(&mut self) -> Result<(), Error> {
        for changelog in Changelog::ALL {
            let topic = self.topic(changelog);
            // Where it cannot be told, writing will say why.
            if !self.writer.is_blank(&topic).unwrap_or(false) {
                continue;
            }
            let mut commit = self.store.commit();
            for (key, _) in self.store.sink_entries(&self.name, &topic)? {
                commit.remove_sink_entry(&self.name, &topic, &key);
            }
            if changelog == Changelog::RoleChanges && self.store.read_through(&self.role_changes_reader())? > 0 {
                commit.put_read(&self.role_changes_reader(), 0);
            }
            commit.write()?;
        }
        Ok(())
    }

    /// By which the store knows how far the log of role changes was written.
    fn role_changes_reader(&self) -> String {
        format!("role changes {} {}", self.name, self.topic(Changelog::RoleChanges))
    }

    fn acknowledged(&self) -> Result<u64, Error> {
        self.store.read_through(&format!("sink {}", self.name))
    }

    fn topic(&self, changelog: Changelog) -> Arc<str> {
        format!("{}{}", self.prefix, changelog.name()).into()
    }

    /// Writes rows; whether all of them are written: not where it was told to stop.
    fn write(&mut self, rows: Vec<Upsert>, epoch: Epoch, number: u64, stop: &Stop) -> Result<bool, Error> {
        let mut commit = self.store.commit();
        let mut upserts = Vec::with_capacity(rows.len());
        for ((changelog, key), row) in &rows {
            let entry = SinkEntry { hash: row.as_ref().map_or(GONE, Row::hash), write: number };
            let topic = self.topic(*changelog);
            commit.put_sink_entry(&self.name, &topic, key, entry);
            let value = row.as_ref().map(|row| row.json(&self.lookup, &self.store).to_string());
            upserts.push(Outgoing { topic, key: key.clone(), value, epoch });
        }
        commit.write()?;
        self.store.sync()?;
        if !self.send(&upserts, stop)? {
            // Perhaps not all of it went out: after the next start it goes again.
            return Ok(false);
        }
        let mut commit = self.store.commit();
        commit.put_read(&format!("sink {}", self.name), number);
        for ((changelog, key), _) in rows.iter().filter(|(_, row)| row.is_none()) {
            commit.remove_sink_entry(&self.name, &self.topic(*changelog), key);
        }
        commit.write().map(|_| true)
    }

    /// The log of role changes is read from the store: it is a fact, and is there before anybody is told of it.
    fn write_role_changes(&mut self, stop: &Stop) -> Result<bool, Error> {
        let topic = self.topic(Changelog::RoleChanges);
        let reader = self.role_changes_reader();
        let mut read = self.store.read_through(&reader)?;
        loop {
            let changes = self.store.role_changes(read, MOST)?;
            let Some((last, _)) = changes.last() else { return Ok(true) };
            read = *last;
            let upserts = changes.iter().map(|(number, change)| Outgoing {
                topic: topic.clone(),
                key: format!("{number:012}"),
                value: Some(role_change(*number, change, &self.lookup).to_string()),
                epoch: change.change.epoch,
            });
            let upserts: Vec<Outgoing> = upserts.collect();
            if !self.send(&upserts, stop)? {
                return Ok(false);
            }
            let mut commit = self.store.commit();
            commit.put_read(&reader, read);
            commit.write()?;
        }
    }

    /// Writes these, again and again where that fails: a sink that fails is one that lags. What it returns is why it
    /// still fails when no more comes.
    fn send(&mut self, upserts: &[Outgoing], stop: &Stop) -> Result<bool, Error> {
        let [mut pause, longest] = PAUSES;
        let mut ended = false;
        loop {
            let error = match self.writer.write(upserts, stop) {
                _ if stop.stopped() => return Ok(false),
                Ok(()) => {
                    self.metrics.sink_wrote(&self.name, upserts.len() as u64);
                    return Ok(true);
                }
                Err(error) => error,
            };
            self.metrics.sink_failed(&self.name);
            if ended {
                return Err(error);
            }
            let detail = error.detail.as_deref();
            tracing::error!(sink = self.name, detail, "{}; it is tried again in {pause:?}", error.primary);
            ended = self.inbox.pause(pause, stop);
            pause = (2 * pause).min(longest);
        }
    }
}

/// Every row of every view that has a changelog.
pub fn rows(snapshot: &Snapshot) -> impl Iterator<Item = Row> {
    let decisions = snapshot.decisions.iter().map(|(jd, answer)| Row::Decision(*jd, answer.clone()));
    let centroids = snapshot.role_centroids.iter().map(|(role, row)| ViewRow::Centroid(*role, row.clone()));
    let collisions = snapshot.collisions.iter().map(|(key, row)| ViewRow::Collision(key.clone(), row.clone()));
    let undecided = snapshot.undecided.iter().map(|(jd, row)| ViewRow::Undecided(*jd, row.clone()));
    let roles = snapshot.new_roles.iter().map(|(slug, row)| ViewRow::NewRole(slug.clone(), row.clone()));
    let skills = snapshot.new_skills.iter().map(|(key, row)| ViewRow::NewSkill(*key, row.clone()));
    let kras = snapshot.new_kras.iter().map(|(key, row)| ViewRow::NewKra(*key, row.clone()));
    let novel = snapshot.novel_sentences.iter().map(|(key, row)| ViewRow::NovelSentence(*key, row.clone()));
    let views = centroids.chain(collisions).chain(undecided).chain(roles).chain(skills).chain(kras).chain(novel);
    decisions.chain(views.map(Row::View))
}
