//! What does a service read when it starts? Taxonomy and facts whole, JDs in chunks; later single ones by key.

use super::collections::{Collection, Usage, meta, number, of_jd, of_number, of_record, of_run};
use super::records::{
    Fingerprint, Mark, PendingReparse, SinkEntry, StoredChange, StoredJd, StoredSaid, StoredText, StoredToken,
    StoredVersion, TaxonomyMark,
};
use super::values::{Stored, decode};
use super::{Store, broken};
use crate::dead_letters::DeadLetter;
use crate::engine::FirstSaid;
use crate::error::Error;
use crate::sources::{Position, Stream};
use fjall::{Guard, Readable, Snapshot};
use rolestream_dataflows::id::Id;
use rolestream_dataflows::records::{EnrichmentSettings, Key, Record, Settings};
use std::ops::Bound;

/// All JDs as of one moment, some at a time, by id.
pub struct JdChunks<'s> {
    store: &'s Store,
    snapshot: Snapshot,
    after: Option<Vec<u8>>,
    size: usize,
}

impl Iterator for JdChunks<'_> {
    type Item = Result<Vec<(Id, StoredJd)>, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        chunk(self.store, &self.snapshot, Collection::Jds, &mut self.after, self.size)
    }
}

/// All texts, some at a time, by JD; each chunk as of the moment it is read.
pub struct Texts<'s> {
    store: &'s Store,
    after: Option<Vec<u8>>,
    size: usize,
}

impl Iterator for Texts<'_> {
    type Item = Result<Vec<(Id, StoredText)>, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        chunk(self.store, &self.store.database.snapshot(), Collection::Texts, &mut self.after, self.size)
    }
}

/// So many rows after a key; `None` at the end.
fn chunk<V: Stored>(
    store: &Store,
    snapshot: &Snapshot,
    collection: Collection,
    after: &mut Option<Vec<u8>>,
    size: usize,
) -> Option<Result<Vec<(Id, V)>, Error>> {
    let from = after.as_ref().map_or(Bound::Unbounded, |key| Bound::Excluded(key.clone()));
    let rows = snapshot.range(store.keyspaces.of(collection), (from, Bound::Unbounded));
    let mut read = Vec::with_capacity(size);
    for row in rows.take(size) {
        let row = row.into_inner().map_err(|error| broken("read", &error));
        let value = row.and_then(|(key, bytes)| {
            let value = decode::<V>(collection, &key, &bytes)?;
            *after = Some(key.to_vec());
            Ok((Id(number(&key)), value))
        });
        match value {
            Ok(row) => read.push(row),
            Err(error) => return Some(Err(error)),
        }
    }
    (!read.is_empty()).then_some(Ok(read))
}

impl Store {
    fn all<V: Stored>(&self, collection: Collection, prefix: &[u8]) -> Result<Vec<(Vec<u8>, V)>, Error> {
        self.keyspaces.scan(&self.database.snapshot(), collection, prefix).collect()
    }

    fn meta<V: Stored>(&self, key: &[u8]) -> Result<Option<V>, Error> {
        self.keyspaces.get(Collection::Meta, key)
    }

    /// All records of the taxonomy, reviews, adjudications and settings.
    pub fn records(&self) -> Result<Vec<Record>, Error> {
        Ok(self.all(Collection::Records, &[])?.into_iter().map(|(_, record)| record).collect())
    }

    /// A record of the taxonomy, a review, an adjudication, settings.
    pub fn record(&self, key: &Key) -> Result<Option<Record>, Error> {
        self.keyspaces.get(Collection::Records, &of_record(key))
    }

    /// The slugs of roles that were ever deleted.
    pub fn gone_roles(&self) -> Result<Vec<String>, Error> {
        Ok(self.all(Collection::Meta, meta::GONE_ROLE)?.into_iter().map(|(_, slug)| slug).collect())
    }

    /// The taxonomy version of the records; none before the first.
    pub fn taxonomy_mark(&self) -> Result<Option<TaxonomyMark>, Error> {
        self.meta(meta::TAXONOMY_VERSION)
    }

    /// All JDs, so many at a time.
    pub fn jds(&self, size: usize) -> JdChunks<'_> {
        JdChunks { store: self, snapshot: self.database.snapshot(), after: None, size }
    }

    /// How many JDs there are. Counts them.
    pub fn jd_count(&self) -> Result<usize, Error> {
        self.database.snapshot().len(self.keyspaces.of(Collection::Jds)).map_err(|error| broken("read", &error))
    }

    /// A JD.
    pub fn jd(&self, id: Id) -> Result<Option<StoredJd>, Error> {
        self.keyspaces.get(Collection::Jds, &of_jd(id))
    }

    /// The text of a JD, and what was found in it.
    pub fn text(&self, id: Id) -> Result<Option<StoredText>, Error> {
        self.keyspaces.get(Collection::Texts, &of_jd(id))
    }

    /// All texts after a JD, so many at a time.
    pub fn texts(&self, after: Option<u64>, size: usize) -> Texts<'_> {
        Texts { store: self, after: after.map(of_number), size }
    }

    /// What was said first, by JD and content.
    pub fn first_said(&self) -> Result<Vec<(Id, u64, FirstSaid)>, Error> {
        let rows = self.all::<FirstSaid>(Collection::FirstSaid, &[])?.into_iter();
        Ok(rows.map(|(key, said)| (Id(number(&key)), number(key.get(8..).unwrap_or_default()), said)).collect())
    }

    /// The contents of a JD of which something was said first.
    pub fn contents_said(&self, jd: Id) -> Result<Vec<u64>, Error> {
        let rows = self.all::<FirstSaid>(Collection::FirstSaid, &of_jd(jd))?.into_iter();
        Ok(rows.map(|(key, _)| number(key.get(8..).unwrap_or_default())).collect())
    }

    /// What was said first of one content of a JD.
    pub fn first_said_of(&self, jd: Id, content: u64) -> Result<Option<FirstSaid>, Error> {
        self.keyspaces.get(Collection::FirstSaid, &of_run(jd, content))
    }

    /// What was last said, by JD.
    pub fn last_said(&self) -> Result<Vec<(Id, StoredSaid)>, Error> {
        let rows = self.all::<StoredSaid>(Collection::LastSaid, &[])?.into_iter();
        Ok(rows.map(|(key, said)| (Id(number(&key)), said)).collect())
    }

    /// At most so many role changes after a number, with theirs; the first has number 1.
    pub fn role_changes(&self, after: u64, most: usize) -> Result<Vec<(u64, StoredChange)>, Error> {
        self.numbered(Collection::RoleChanges, after, most)
    }

    /// At most so many taxonomy versions after a number, oldest first.
    pub fn versions(&self, after: u64, most: usize) -> Result<Vec<StoredVersion>, Error> {
        Ok(self.numbered(Collection::Versions, after, most)?.into_iter().map(|(_, version)| version).collect())
    }

    /// At most so many taxonomy versions before a number, newest first.
    pub fn versions_before(&self, before: u64, most: usize) -> Result<Vec<StoredVersion>, Error> {
        Ok(self.numbered_before(Collection::Versions, before, most)?.into_iter().map(|(_, version)| version).collect())
    }

    /// At most so many entries of the audit log before a number, newest first.
    pub fn audit_before(&self, before: u64, most: usize) -> Result<Vec<(u64, String)>, Error> {
        self.numbered_before(Collection::Audit, before, most)
    }

    /// The number of the last entry of the audit log; 0 before the first.
    pub fn last_audit(&self) -> Result<u64, Error> {
        self.last_number(Collection::Audit)
    }

    /// All drafts, by name.
    pub fn drafts(&self) -> Result<Vec<(String, String)>, Error> {
        let rows = self.all::<String>(Collection::Drafts, &[])?.into_iter();
        Ok(rows.map(|(name, draft)| (String::from_utf8_lossy(&name).into_owned(), draft)).collect())
    }

    /// A draft.
    pub fn draft(&self, name: &str) -> Result<Option<String>, Error> {
        self.keyspaces.get(Collection::Drafts, name.as_bytes())
    }

    /// The results of the API's steps on one content of a JD.
    pub fn run(&self, jd: Id, content: u64) -> Result<Option<String>, Error> {
        self.keyspaces.get(Collection::Runs, &of_run(jd, content))
    }

    /// The results of all steps, by JD and content.
    pub fn runs(&self) -> Result<Vec<(Id, u64, String)>, Error> {
        let rows = self.all::<String>(Collection::Runs, &[])?.into_iter();
        Ok(rows.map(|(key, steps)| (Id(number(&key)), number(key.get(8..).unwrap_or_default()), steps)).collect())
    }

    /// All that people decided of rows of queues, oldest first.
    pub fn reviewed(&self) -> Result<Vec<(u64, String)>, Error> {
        self.numbered(Collection::Reviewed, 0, usize::MAX)
    }

    /// The number of the last decision of a row; 0 before the first.
    pub fn last_reviewed(&self) -> Result<u64, Error> {
        self.last_number(Collection::Reviewed)
    }

    /// At most so many role changes before a number, newest first.
    pub fn role_changes_before(&self, before: u64, most: usize) -> Result<Vec<(u64, StoredChange)>, Error> {
        self.numbered_before(Collection::RoleChanges, before, most)
    }

    /// At most so many dead letters after a number, with theirs.
    pub fn dead_letters(&self, after: u64, most: usize) -> Result<Vec<(u64, DeadLetter)>, Error> {
        self.numbered(Collection::DeadLetters, after, most)
    }

    fn numbered<V: Stored>(&self, collection: Collection, after: u64, most: usize) -> Result<Vec<(u64, V)>, Error> {
        let from = (Bound::Excluded(of_number(after)), Bound::Unbounded);
        self.numbers(collection, self.database.snapshot().range(self.keyspaces.of(collection), from).take(most))
    }

    fn numbered_before<V: Stored>(
        &self,
        collection: Collection,
        before: u64,
        most: usize,
    ) -> Result<Vec<(u64, V)>, Error> {
        let through = (Bound::Unbounded, Bound::Excluded(of_number(before)));
        let rows = self.database.snapshot().range(self.keyspaces.of(collection), through);
        self.numbers(collection, rows.rev().take(most))
    }

    fn numbers<V: Stored>(
        &self,
        collection: Collection,
        rows: impl Iterator<Item = Guard>,
    ) -> Result<Vec<(u64, V)>, Error> {
        let numbered = rows.map(|row| {
            let (key, bytes) = row.into_inner().map_err(|error| broken("read", &error))?;
            Ok((number(&key), decode::<V>(collection, &key, &bytes)?))
        });
        numbered.collect()
    }

    /// The number of the last role change; 0 before the first.
    pub fn last_role_change(&self) -> Result<u64, Error> {
        self.last_number(Collection::RoleChanges)
    }

    /// The number of the last dead letter that is still here; 0 where there is none.
    pub fn last_dead_letter(&self) -> Result<u64, Error> {
        self.last_number(Collection::DeadLetters)
    }

    fn last_number(&self, collection: Collection) -> Result<u64, Error> {
        let last = self.database.snapshot().last_key_value(self.keyspaces.of(collection));
        last.map_or(Ok(0), |row| row.key().map(|key| number(&key)).map_err(|error| broken("read", &error)))
    }

    /// How far each stream has been read.
    pub fn positions(&self) -> Result<Vec<(Stream, Position)>, Error> {
        let rows = self.all::<(Stream, Position)>(Collection::Positions, &[])?;
        Ok(rows.into_iter().map(|(_, position)| position).collect())
    }

    /// Through where facts are kept.
    pub fn mark(&self) -> Result<Mark, Error> {
        Ok(self.meta(meta::MARK)?.unwrap_or_default())
    }

    /// What parses and vectors were made with; none in a new store.
    pub fn fingerprint(&self) -> Result<Option<Fingerprint>, Error> {
        self.meta(meta::FINGERPRINT)
    }

    /// The settings that the configuration last gave.
    pub fn configured(&self) -> Result<Option<Settings>, Error> {
        self.meta(meta::SETTINGS)
    }

    /// What the configuration last gave for enrichment.
    pub fn configured_enrichment(&self) -> Result<Option<EnrichmentSettings>, Error> {
        self.meta(meta::ENRICHMENT)
    }

    /// The thresholds that the taxonomy brought; none where it brought none.
    pub fn calibration(&self) -> Result<toml::Table, Error> {
        let text: String = self.meta(meta::CALIBRATION)?.unwrap_or_default();
        text.parse()
            .map_err(|error: toml::de::Error| super::damaged("the stored calibration cannot be read", error.message()))
    }

    /// What is to be parsed again.
    pub fn pending_reparse(&self) -> Result<Option<PendingReparse>, Error> {
        self.meta(meta::REPARSE)
    }

    /// The JDs that were withdrawn to be forgotten, and are not yet.
    pub fn forgetting(&self) -> Result<Vec<Id>, Error> {
        Ok(self.meta(meta::FORGETTING)?.unwrap_or_default())
    }

    /// Through which number the reader of a log has read it; 0 at first.
    pub fn read_through(&self, reader: &str) -> Result<u64, Error> {
        Ok(self.meta(&[meta::READ, reader.as_bytes()].concat())?.unwrap_or(0))
    }

    /// What a sink was last sent to a topic, by key.
    pub fn sink_entries(&self, sink: &str, topic: &str) -> Result<Vec<(String, SinkEntry)>, Error> {
        let prefix = format!("{sink}\0{topic}\0").into_bytes();
        let rows = self.all::<SinkEntry>(Collection::Sinks, &prefix)?.into_iter();
        Ok(rows.map(|(key, entry)| (String::from_utf8_lossy(&key[prefix.len()..]).into_owned(), entry)).collect())
    }

    /// All access tokens, by their hash. Nothing else writes such keys: one of another length is damage.
    pub fn tokens(&self) -> Result<Vec<([u8; 32], StoredToken)>, Error> {
        let rows = self.all::<StoredToken>(Collection::Tokens, &[])?.into_iter();
        rows.map(|(key, token)| match <[u8; 32]>::try_from(&key[..]) {
            Ok(hash) => Ok((hash, token)),
            Err(_) => {
                Err(super::damaged("the key of an access token is damaged", &format!("the token {}", token.name)))
            }
        })
        .collect()
    }

    /// How large each collection is.
    pub fn usage(&self) -> Vec<Usage> {
        let usage = |collection: &Collection| {
            let keyspace = self.keyspaces.of(*collection);
            let entries = keyspace.approximate_len() as u64;
            Usage { collection: *collection, entries, bytes: keyspace.disk_space() }
        };
        Collection::ALL.iter().map(usage).collect()
    }

    /// All bytes of the store on disk, its journal too.
    pub fn bytes(&self) -> u64 {
        self.database.disk_space().unwrap_or(0)
    }
}
