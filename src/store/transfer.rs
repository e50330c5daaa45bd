//! How does a store go to another machine or version? As JSON lines, a record each, readable by people, too.

use super::Store;
use super::collections::{Collection, meta};
use super::records::{
    Fingerprint, Mark, PendingReparse, SinkEntry, StoredChange, StoredJd, StoredSaid, StoredText, StoredToken,
    StoredVersion, TaxonomyMark,
};
use super::values::{Stored, decode, encode};
use super::{broken, collections};
use crate::dead_letters::DeadLetter;
use crate::engine::FirstSaid;
use crate::error::{Error, Position as Place};
use crate::sources::{Position, Stream};
use fjall::Readable;
use rolestream_dataflows::id::Id;
use rolestream_dataflows::records::{EnrichmentSettings, Record, Settings};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use std::io::{BufRead, Write};

/// Records of one commit while importing.
const BATCH: usize = 1_000;

/// A line of an export. Keys are hexadecimal.
#[derive(Serialize, Deserialize)]
struct Line {
    collection: String,
    key: String,
    value: Box<RawValue>,
}

/// How many records went.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Transferred {
    /// Records.
    pub records: u64,
}

/// Does `$body` with `V` as the type of a collection's value under this key.
macro_rules! typed {
    ($collection:expr, $key:expr, $V:ident => $body:expr) => {
        match $collection {
            Collection::Records => {
                type $V = Record;
                $body
            }
            Collection::Jds => {
                type $V = StoredJd;
                $body
            }
            Collection::Texts => {
                type $V = StoredText;
                $body
            }
            Collection::FirstSaid => {
                type $V = FirstSaid;
                $body
            }
            Collection::LastSaid => {
                type $V = StoredSaid;
                $body
            }
            Collection::RoleChanges => {
                type $V = StoredChange;
                $body
            }
            Collection::Positions => {
                type $V = (Stream, Position);
                $body
            }
            Collection::DeadLetters => {
                type $V = DeadLetter;
                $body
            }
            Collection::Sinks => {
                type $V = SinkEntry;
                $body
            }
            Collection::Versions => {
                type $V = StoredVersion;
                $body
            }
            Collection::Audit | Collection::Drafts | Collection::Runs | Collection::Reviewed => {
                type $V = String;
                $body
            }
            Collection::Meta => match $key {
                meta::FINGERPRINT => {
                    type $V = Fingerprint;
                    $body
                }
                meta::TAXONOMY_VERSION => {
                    type $V = TaxonomyMark;
                    $body
                }
                meta::MARK => {
                    type $V = Mark;
                    $body
                }
                meta::REPARSE => {
                    type $V = PendingReparse;
                    $body
                }
                meta::CALIBRATION => {
                    type $V = String;
                    $body
                }
                meta::SETTINGS => {
                    type $V = Settings;
                    $body
                }
                meta::ENRICHMENT => {
                    type $V = EnrichmentSettings;
                    $body
                }
                meta::FORGETTING => {
                    type $V = Vec<Id>;
                    $body
                }
                key if key.starts_with(meta::GONE_ROLE) => {
                    type $V = String;
                    $body
                }
                _ => {
                    type $V = u64;
                    $body
                }
            },
            Collection::Tokens => {
                type $V = StoredToken;
                $body
            }
        }
    };
}

impl Store {
    /// Writes every record as a line. `progress` is told how many.
    pub fn export(&self, out: &mut dyn Write, progress: &dyn Fn(u64)) -> Result<Transferred, Error> {
        let snapshot = self.database.snapshot();
        let mut transferred = Transferred::default();
        for collection in Collection::ALL {
            for row in snapshot.iter(self.keyspaces.of(collection)) {
                let (key, bytes) = row.into_inner().map_err(|error| broken("read", &error))?;
                let value = typed!(collection, &key[..], V => raw(&decode::<V>(collection, &key, &bytes)?))?;
                let key = key.iter().map(|byte| format!("{byte:02x}")).collect();
                let line = Line { collection: collection.name().to_owned(), key, value };
                let written = serde_json::to_writer(&mut *out, &line).map_err(std::io::Error::from);
                written.and_then(|()| out.write_all(b"\n")).map_err(|error| unwritten(&error))?;
                transferred.records += 1;
                progress(1);
            }
        }
        out.flush().map_err(|error| unwritten(&error))?;
        Ok(transferred)
    }

    /// Takes in what [`Store::export`] wrote. The store must be new.
    pub fn import(&self, lines: &mut dyn BufRead, progress: &dyn Fn(u64)) -> Result<Transferred, Error> {
        if self.taxonomy_mark()?.is_some() || self.jd_count()? > 0 {
            return Err(Error::new("the store is not empty")
                .detail("an import would mix two histories")
                .hint("import into a folder that does not exist yet"));
        }
        let (mut transferred, mut exported) = (Transferred::default(), 0);
        let mut commit = self.commit();
        for (line, number) in lines.lines().zip(1..) {
            let at = |error: Error| error.at(Place::new("export", number));
            let line = line.map_err(|error| at(not_a_line(&error.to_string())))?;
            let (collection, key, bytes) = read(&line).map_err(at)?;
            if collection == Collection::Meta && key == meta::LAST_COMMIT {
                // Records are numbered by commits: those to come must have greater numbers than any before.
                exported = decode::<u64>(collection, &key, &bytes)?;
                continue;
            }
            if collection == Collection::Meta && key == meta::FORMAT {
                // What is written here has the form of this program.
                continue;
            }
            commit.put_bytes(collection, key, bytes);
            transferred.records += 1;
            progress(1);
            if commit.len() >= BATCH {
                std::mem::replace(&mut commit, self.commit()).write()?;
            }
        }
        commit.write()?;
        self.number_from(exported)?;
        self.sync()?;
        Ok(transferred)
    }

    /// Reads all records and writes those of an older form anew, then merges the tables on disk. `progress` is told how
    /// many records were looked at. Gives the number of records written anew.
    pub fn compact(&self, progress: &dyn Fn(u64)) -> Result<u64, Error> {
        let mut renewed = 0;
        for collection in Collection::ALL {
            let snapshot = self.database.snapshot();
            let mut commit = self.commit();
            for row in snapshot.iter(self.keyspaces.of(collection)) {
                let (key, bytes) = row.into_inner().map_err(|error| broken("read", &error))?;
                progress(1);
                let anew = typed!(collection, &key[..], V => renewed_bytes::<V>(collection, &key, &bytes))?;
                if let Some(anew) = anew {
                    commit.put_bytes(collection, key.to_vec(), anew);
                    renewed += 1;
                }
                if commit.len() >= BATCH {
                    std::mem::replace(&mut commit, self.commit()).write()?;
                }
            }
            commit.write()?;
            let keyspace = self.keyspaces.of(collection);
            keyspace.rotate_memtable_and_wait().map_err(|error| broken("compacted", &error))?;
            keyspace.major_compact().map_err(|error| broken("compacted", &error))?;
        }
        self.sync()?;
        Ok(renewed)
    }
}

/// The bytes of a value in the form of today, where it has an older one.
fn renewed_bytes<V: Stored>(collection: Collection, key: &[u8], bytes: &[u8]) -> Result<Option<Vec<u8>>, Error> {
    match super::values::version_of(bytes) {
        Some(version) if version == V::VERSION => Ok(None),
        _ => encode(&decode::<V>(collection, key, bytes)?).map(Some),
    }
}

fn raw<V: Serialize>(value: &V) -> Result<Box<RawValue>, Error> {
    serde_json::value::to_raw_value(value)
        .map_err(|error| Error::new("a record cannot be written as JSON").detail(error.to_string()))
}

fn read(line: &str) -> Result<(Collection, Vec<u8>, Vec<u8>), Error> {
    let line: Line = serde_json::from_str(line).map_err(|error| not_a_line(&error.to_string()))?;
    let collection = Collection::ALL.into_iter().find(|collection| collection.name() == line.collection);
    let collection = collection.ok_or_else(|| not_a_line(&format!("no collection is called {:?}", line.collection)))?;
    let key = (0..line.key.len() / 2)
        .map(|n| line.key.get(2 * n..2 * n + 2).and_then(|two| u8::from_str_radix(two, 16).ok()));
    let key = key.collect::<Option<Vec<u8>>>().ok_or_else(|| not_a_line("its key is not hexadecimal"))?;
    let value = line.value.get();
    let bytes = typed!(collection, &key[..], V => {
        serde_json::from_str::<V>(value).map_err(|error| not_a_line(&error.to_string())).and_then(|value| encode(&value))
    })?;
    Ok((collection, key, bytes))
}

fn not_a_line(detail: &str) -> Error {
    Error::new("this line is no record of a store")
        .detail(detail.to_owned())
        .hint("import what `rolestream store export` wrote, whole and unchanged")
}

fn unwritten(error: &std::io::Error) -> Error {
    Error::new("the export cannot be written").detail(error.to_string()).hint("check the disk")
}

impl Store {
    /// Notes the form of a new store; refuses one of a newer program, and one whose answers lack the enrichment.
    pub(super) fn check_format(&self) -> Result<(), Error> {
        const FORMAT: u64 = 2;
        match self.keyspaces.get::<u64>(Collection::Meta, collections::meta::FORMAT)? {
            Some(format) if format > FORMAT => Err(Error::new("the store was written by a newer program")
                .detail(format!("its form is {format}; this program knows up to {FORMAT}"))
                .hint("use that program, or export with it and import here")),
            Some(FORMAT) => Ok(()),
            Some(format) => Err(Error::new("the store was written by an older program")
                .detail(format!("its form is {format}; this program reads {FORMAT}"))
                .hint(
                    "export with that program and import here, or begin a new store: the sources are read from their \
                       beginning then",
                )),
            None => {
                let mut commit = self.commit();
                commit.put_format(FORMAT);
                commit.write().map(drop)
            }
        }
    }
}
