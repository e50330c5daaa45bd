//! What is written together? All of a commit, or nothing of it.

use super::collections::{Collection, meta, of_jd, of_number, of_record, of_run, shown};
use super::records::{
    Fingerprint, Mark, PendingReparse, SinkEntry, StoredChange, StoredJd, StoredSaid, StoredText, StoredToken,
    StoredVersion, TaxonomyMark,
};
use super::values::{Stored, encode};
use super::{Store, broken};
use crate::dead_letters::DeadLetter;
use crate::engine::FirstSaid;
use crate::error::Error;
use crate::sources::{Position, Stream};
use fjall::{OwnedWriteBatch, PersistMode};
use rolestream_dataflows::id::Id;
use rolestream_dataflows::records::{EnrichmentSettings, Key, Record, Settings};

/// A commit that is being put together.
pub struct Commit<'s> {
    store: &'s Store,
    batch: OwnedWriteBatch,
    /// The first thing that could not be encoded: said when all is committed.
    failure: Option<Error>,
}

impl Store {
    /// An empty commit.
    pub fn commit(&self) -> Commit<'_> {
        Commit { store: self, batch: self.database.batch(), failure: None }
    }
}

impl Commit<'_> {
    /// Whether nothing is in it.
    pub fn is_empty(&self) -> bool {
        self.batch.is_empty()
    }

    /// How many things are in it.
    pub fn len(&self) -> usize {
        self.batch.len()
    }

    fn put<V: Stored>(&mut self, collection: Collection, key: Vec<u8>, value: &V) -> &mut Self {
        // The database's limit; only texts of people can make keys so long.
        if key.len() > usize::from(u16::MAX) {
            let error = Error::new(format!("a key of the collection {} is too long", collection.name()))
                .detail(format!("{} bytes, of which the first are {}", key.len(), shown(&key[..64])))
                .hint("shorten the id of what is stored to less than 65,000 bytes");
            self.failure.get_or_insert(error);
            return self;
        }
        match encode(value) {
            Ok(bytes) => self.batch.insert(self.store.keyspaces.of(collection), key, bytes),
            Err(error) => {
                self.failure.get_or_insert(error);
            }
        }
        self
    }

    fn remove(&mut self, collection: Collection, key: Vec<u8>) -> &mut Self {
        self.batch.remove(self.store.keyspaces.of(collection), key);
        self
    }

    /// A record of the taxonomy, a review, an adjudication, settings.
    pub fn put_record(&mut self, record: &Record) -> &mut Self {
        self.put(Collection::Records, of_record(&record.key()), record)
    }

    /// Without it.
    pub fn remove_record(&mut self, key: &Key) -> &mut Self {
        self.remove(Collection::Records, of_record(key))
    }

    /// A role was deleted: what was said of it still names it.
    pub fn put_gone_role(&mut self, slug: &str) -> &mut Self {
        self.put(Collection::Meta, [meta::GONE_ROLE, slug.as_bytes()].concat(), &slug.to_owned())
    }

    /// The taxonomy version with this commit.
    pub fn put_taxonomy_mark(&mut self, mark: TaxonomyMark) -> &mut Self {
        self.put(Collection::Meta, meta::TAXONOMY_VERSION.to_vec(), &mark)
    }

    /// What a taxonomy version changed.
    pub fn put_version(&mut self, version: &StoredVersion) -> &mut Self {
        self.put(Collection::Versions, of_number(version.number), version)
    }

    /// Who did what.
    pub fn put_audit(&mut self, number: u64, entry: String) -> &mut Self {
        self.put(Collection::Audit, of_number(number), &entry)
    }

    /// Edits that are not published yet.
    pub fn put_draft(&mut self, name: &str, draft: String) -> &mut Self {
        self.put(Collection::Drafts, name.as_bytes().to_vec(), &draft)
    }

    /// Without that draft.
    pub fn remove_draft(&mut self, name: &str) -> &mut Self {
        self.remove(Collection::Drafts, name.as_bytes().to_vec())
    }

    /// Results of the API's steps on one content of a JD.
    pub fn put_run(&mut self, jd: Id, content: u64, steps: String) -> &mut Self {
        self.put(Collection::Runs, of_run(jd, content), &steps)
    }

    /// What a person decided of a row of a queue.
    pub fn put_reviewed(&mut self, number: u64, entry: String) -> &mut Self {
        self.put(Collection::Reviewed, of_number(number), &entry)
    }

    /// A JD and its text.
    pub fn put_jd(&mut self, id: Id, jd: &StoredJd, text: &StoredText) -> &mut Self {
        self.put(Collection::Jds, of_jd(id), jd).put(Collection::Texts, of_jd(id), text)
    }

    /// The text of a JD that is the same otherwise.
    pub fn put_text(&mut self, id: Id, text: &StoredText) -> &mut Self {
        self.put(Collection::Texts, of_jd(id), text)
    }

    /// A JD is withdrawn: the facts about it stay.
    pub fn remove_jd(&mut self, id: Id) -> &mut Self {
        self.remove(Collection::Jds, of_jd(id)).remove(Collection::Texts, of_jd(id))
    }

    /// Nothing is known of a JD any more, its log of role changes apart.
    pub fn forget_jd(&mut self, id: Id, contents: &[u64]) -> &mut Self {
        self.remove_jd(id).remove(Collection::LastSaid, of_jd(id));
        for content in contents {
            self.remove(Collection::FirstSaid, of_run(id, *content)).remove(Collection::Runs, of_run(id, *content));
        }
        self
    }

    /// These JDs are withdrawn to be forgotten, when that has been said; none: all of them are.
    pub fn put_forgetting(&mut self, jds: &[Id]) -> &mut Self {
        match jds {
            [] => self.remove(Collection::Meta, meta::FORGETTING.to_vec()),
            _ => self.put(Collection::Meta, meta::FORGETTING.to_vec(), &jds.to_vec()),
        }
    }

    /// How far a stream has been read.
    pub fn put_position(&mut self, stream: &Stream, position: Position) -> &mut Self {
        let key = format!("{}\0{}\0{}", stream.source, stream.name, stream.partition);
        self.put(Collection::Positions, key.into_bytes(), &(stream.clone(), position))
    }

    /// A message that was refused.
    pub fn put_dead_letter(&mut self, number: u64, letter: &DeadLetter) -> &mut Self {
        self.put(Collection::DeadLetters, of_number(number), letter)
    }

    /// It is where dead letters go.
    pub fn remove_dead_letter(&mut self, number: u64) -> &mut Self {
        self.remove(Collection::DeadLetters, of_number(number))
    }

    /// What was said first.
    pub fn put_first_said(&mut self, jd: Id, content: u64, said: &FirstSaid) -> &mut Self {
        self.put(Collection::FirstSaid, of_run(jd, content), said)
    }

    /// What was last said.
    pub fn put_last_said(&mut self, jd: Id, said: &StoredSaid) -> &mut Self {
        self.put(Collection::LastSaid, of_jd(jd), said)
    }

    /// A role change.
    pub fn put_role_change(&mut self, number: u64, change: &StoredChange) -> &mut Self {
        self.put(Collection::RoleChanges, of_number(number), change)
    }

    /// Through where facts are kept.
    pub fn put_mark(&mut self, mark: Mark) -> &mut Self {
        self.put(Collection::Meta, meta::MARK.to_vec(), &mark)
    }

    /// What parses and vectors are made with.
    pub fn put_fingerprint(&mut self, fingerprint: &Fingerprint) -> &mut Self {
        self.put(Collection::Meta, meta::FINGERPRINT.to_vec(), fingerprint)
    }

    /// The settings that the configuration gave.
    pub fn put_configured(&mut self, settings: &Settings) -> &mut Self {
        self.put(Collection::Meta, meta::SETTINGS.to_vec(), settings)
    }

    /// What the configuration gave for enrichment.
    pub fn put_configured_enrichment(&mut self, settings: &EnrichmentSettings) -> &mut Self {
        self.put(Collection::Meta, meta::ENRICHMENT.to_vec(), settings)
    }

    /// The thresholds that the taxonomy brought, as TOML.
    pub fn put_calibration(&mut self, calibration: &toml::Table) -> &mut Self {
        self.put(Collection::Meta, meta::CALIBRATION.to_vec(), &calibration.to_string())
    }

    /// What is to be parsed again, or nothing any more.
    pub fn put_reparse(&mut self, pending: Option<&PendingReparse>) -> &mut Self {
        match pending {
            Some(pending) => self.put(Collection::Meta, meta::REPARSE.to_vec(), pending),
            None => self.remove(Collection::Meta, meta::REPARSE.to_vec()),
        }
    }

    /// What goes out to a sink.
    pub fn put_sink_entry(&mut self, sink: &str, topic: &str, key: &str, entry: SinkEntry) -> &mut Self {
        self.put(Collection::Sinks, format!("{sink}\0{topic}\0{key}").into_bytes(), &entry)
    }

    /// A key of which a sink holds nothing any more.
    pub fn remove_sink_entry(&mut self, sink: &str, topic: &str, key: &str) -> &mut Self {
        self.remove(Collection::Sinks, format!("{sink}\0{topic}\0{key}").into_bytes())
    }

    /// Through which number the reader of a log has read it.
    pub fn put_read(&mut self, reader: &str, number: u64) -> &mut Self {
        self.put(Collection::Meta, [meta::READ, reader.as_bytes()].concat(), &number)
    }

    /// An access token, under its hash.
    pub fn put_token(&mut self, hash: &[u8; 32], token: &StoredToken) -> &mut Self {
        self.put(Collection::Tokens, hash.to_vec(), token)
    }

    pub(super) fn put_bytes(&mut self, collection: Collection, key: Vec<u8>, bytes: Vec<u8>) -> &mut Self {
        self.batch.insert(self.store.keyspaces.of(collection), key, bytes);
        self
    }

    /// The form of the store.
    pub(super) fn put_format(&mut self, format: u64) -> &mut Self {
        self.put(Collection::Meta, meta::FORMAT.to_vec(), &format)
    }

    /// Writes all of it, and gives the commit's number. A process that is killed then keeps it; against a loss of power
    /// there is [`Store::sync`].
    pub fn write(mut self) -> Result<u64, Error> {
        let mut last = self.store.lock();
        if self.is_empty() && self.failure.is_none() {
            return Ok(*last);
        }
        self.put(Collection::Meta, meta::LAST_COMMIT.to_vec(), &(*last + 1));
        if let Some(failure) = self.failure {
            return Err(failure);
        }
        self.batch.durability(Some(PersistMode::Buffer)).commit().map_err(|error| broken("written", &error))?;
        *last += 1;
        Ok(*last)
    }
}

impl Store {
    /// Commits to come have numbers greater than this one.
    pub(super) fn number_from(&self, number: u64) -> Result<(), Error> {
        let mut last = self.lock();
        if number <= *last {
            return Ok(());
        }
        *last = number - 1;
        drop(last);
        let mut commit = self.commit();
        commit.put(Collection::Meta, meta::LAST_COMMIT.to_vec(), &number);
        commit.write().map(drop)
    }
}
