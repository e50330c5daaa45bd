//! What is kept, under which keys? One keyspace a collection.

use super::values::{self, Stored};
use super::{broken, damaged};
use crate::error::Error;
use fjall::{Database, Keyspace, KeyspaceCreateOptions, Readable};
use rolestream_dataflows::id::Id;
use rolestream_dataflows::records::Key;
use serde::Serialize;

/// A collection of the store.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Collection {
    /// Taxonomy, reviews, adjudications, settings: kind and key → record.
    Records,
    /// What the engine needs of each JD: id → [`super::StoredJd`].
    Jds,
    /// What people read of it: id → [`super::StoredText`], compressed.
    Texts,
    /// Facts: (JD, content) → what was said first.
    FirstSaid,
    /// Facts: JD → what was last said.
    LastSaid,
    /// Facts: number → role change.
    RoleChanges,
    /// Stream → how far it has been read.
    Positions,
    /// Number → a message that was refused, until it is where dead letters go.
    DeadLetters,
    /// Sink, topic, key → what was last sent there.
    Sinks,
    /// Single values of the store itself.
    Meta,
    /// Number of the taxonomy version → what it changed, who did it and why.
    Versions,
    /// Facts: number → who did what, in JSON.
    Audit,
    /// Name → edits that are not published yet, in JSON.
    Drafts,
    /// Facts: (JD, content) → results of API steps, in JSON.
    Runs,
    /// Facts: number → what a person decided of a row of a queue, in JSON.
    Reviewed,
    /// Hash of an access token → [`super::StoredToken`].
    Tokens,
}

impl Collection {
    /// All of them.
    pub const ALL: [Collection; 16] = [
        Collection::Records,
        Collection::Jds,
        Collection::Texts,
        Collection::FirstSaid,
        Collection::LastSaid,
        Collection::RoleChanges,
        Collection::Positions,
        Collection::DeadLetters,
        Collection::Sinks,
        Collection::Meta,
        Collection::Versions,
        Collection::Audit,
        Collection::Drafts,
        Collection::Runs,
        Collection::Reviewed,
        Collection::Tokens,
    ];

    /// Its name on disk and in messages.
    pub fn name(self) -> &'static str {
        match self {
            Collection::Records => "records",
            Collection::Jds => "jds",
            Collection::Texts => "texts",
            Collection::FirstSaid => "first_said",
            Collection::LastSaid => "last_said",
            Collection::RoleChanges => "role_changes",
            Collection::Positions => "positions",
            Collection::DeadLetters => "dead_letters",
            Collection::Sinks => "sinks",
            Collection::Meta => "meta",
            Collection::Versions => "versions",
            Collection::Audit => "audit",
            Collection::Drafts => "drafts",
            Collection::Runs => "runs",
            Collection::Reviewed => "reviewed",
            Collection::Tokens => "tokens",
        }
    }

    /// How much may gather in memory before it becomes a table on disk, in bytes.
    fn memtable_bytes(self) -> u64 {
        match self {
            Collection::Jds => 16 << 20,
            Collection::Texts | Collection::FirstSaid => 8 << 20,
            _ => 4 << 20,
        }
    }
}

/// Size of a collection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Usage {
    /// Which.
    pub collection: Collection,
    /// Entries, roughly where much was replaced lately.
    pub entries: u64,
    /// Bytes of its tables on disk; what is in the journal only is not counted.
    pub bytes: u64,
}

/// The open keyspaces, by collection.
pub(super) struct Keyspaces(Vec<Keyspace>);

impl Keyspaces {
    pub(super) fn open(database: &Database) -> Result<Keyspaces, Error> {
        let open = |collection: &Collection| {
            let options = || KeyspaceCreateOptions::default().max_memtable_size(collection.memtable_bytes());
            database.keyspace(collection.name(), options).map_err(|error| broken("opened", &error))
        };
        Collection::ALL.iter().map(open).collect::<Result<Vec<_>, _>>().map(Keyspaces)
    }

    pub(super) fn of(&self, collection: Collection) -> &Keyspace {
        &self.0[collection as usize]
    }

    pub(super) fn last_commit(&self) -> Result<u64, Error> {
        Ok(self.get::<u64>(Collection::Meta, meta::LAST_COMMIT)?.unwrap_or(0))
    }

    /// The value of a key, checked.
    pub(super) fn get<V: Stored>(&self, collection: Collection, key: &[u8]) -> Result<Option<V>, Error> {
        let bytes = self.of(collection).get(key).map_err(|error| unreadable(collection, key, &error))?;
        bytes.map(|bytes| values::decode::<V>(collection, key, &bytes)).transpose()
    }

    /// Keys and checked values in the order of keys, of those that begin with `prefix`, from one moment.
    pub(super) fn scan<'s, V: Stored>(
        &'s self,
        snapshot: &fjall::Snapshot,
        collection: Collection,
        prefix: &[u8],
    ) -> impl Iterator<Item = Result<(Vec<u8>, V), Error>> + use<'s, V> {
        let rows = snapshot.prefix(self.of(collection), prefix);
        rows.map(move |row| {
            let (key, bytes) = row.into_inner().map_err(|error| unreadable(collection, &[], &error))?;
            let value = values::decode::<V>(collection, &key, &bytes)?;
            Ok((key.to_vec(), value))
        })
    }
}

fn unreadable(collection: Collection, key: &[u8], error: &fjall::Error) -> Error {
    let place = if key.is_empty() { String::new() } else { format!(" at the key {}", shown(key)) };
    damaged(&format!("the collection {} cannot be read{place}", collection.name()), &format!("{error:?}"))
}

/// A key as messages show it.
pub(super) fn shown(key: &[u8]) -> String {
    match std::str::from_utf8(key) {
        Ok(text) if !text.is_empty() && !text.contains('\0') => format!("{text:?}"),
        _ => key.iter().map(|byte| format!("{byte:02x}")).collect(),
    }
}

/// Keys of [`Collection::Meta`].
pub(super) mod meta {
    pub(in crate::store) const LAST_COMMIT: &[u8] = b"last_commit";
    pub(in crate::store) const FORMAT: &[u8] = b"format";
    pub(in crate::store) const FINGERPRINT: &[u8] = b"fingerprint";
    pub(in crate::store) const TAXONOMY_VERSION: &[u8] = b"taxonomy_version";
    pub(in crate::store) const MARK: &[u8] = b"mark";
    pub(in crate::store) const REPARSE: &[u8] = b"reparse";
    pub(in crate::store) const SETTINGS: &[u8] = b"settings";
    pub(in crate::store) const ENRICHMENT: &[u8] = b"enrichment";
    pub(in crate::store) const CALIBRATION: &[u8] = b"calibration";
    /// Followed by the name of a log's reader: the number through which it has read.
    pub(in crate::store) const READ: &[u8] = b"read\0";
    pub(in crate::store) const FORGETTING: &[u8] = b"forgetting";
    /// Followed by the slug of a role that was deleted.
    pub(in crate::store) const GONE_ROLE: &[u8] = b"gone role\0";
}

pub(super) fn of_jd(jd: Id) -> Vec<u8> {
    jd.0.to_be_bytes().to_vec()
}

pub(super) fn of_run(jd: Id, content: u64) -> Vec<u8> {
    [jd.0.to_be_bytes(), content.to_be_bytes()].concat()
}

pub(super) fn of_record(key: &Key) -> Vec<u8> {
    format!("{}\0{}", key.kind, key.key).into_bytes()
}

pub(super) fn of_number(number: u64) -> Vec<u8> {
    number.to_be_bytes().to_vec()
}

/// The first eight bytes of a key, as a number.
pub(super) fn number(key: &[u8]) -> u64 {
    key.first_chunk::<8>().map_or(0, |bytes| u64::from_be_bytes(*bytes))
}
