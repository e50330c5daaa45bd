//! What must a store do? The same for all candidates.

use crate::fjall_store::Fjall;
use crate::redb_store::Redb;
use crate::workload::Batch;
use std::path::Path;

/// Bytes that each may cache.
pub const CACHE: usize = 64 << 20;

pub type Outcome<T> = Result<T, String>;

/// A table of records.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Table {
    Features,
    Texts,
    Facts,
    Offsets,
}

pub const TABLES: [Table; 4] = [Table::Features, Table::Texts, Table::Facts, Table::Offsets];

impl Table {
    pub fn name(self) -> &'static str {
        match self {
            Table::Features => "features",
            Table::Texts => "texts",
            Table::Facts => "facts",
            Table::Offsets => "offsets",
        }
    }
}

pub trait Store {
    /// All of it or nothing; on disk when it returns, if `sync`.
    fn commit(&mut self, batch: &Batch, sync: bool) -> Outcome<()>;
    fn get(&self, table: Table, key: &[u8]) -> Outcome<Option<Vec<u8>>>;
    /// Every record, in the order of keys.
    fn scan(&self, table: Table, each: &mut dyn FnMut(&[u8], &[u8])) -> Outcome<()>;
    /// Makes the files as small as the library can, if it can.
    fn compact(&mut self) -> Outcome<()>;
    /// Brings what is only in a journal to where it stays, if there is such a difference.
    fn settle(&mut self) -> Outcome<()>;
    /// Whether the library's own check finds all in order; `None` where it has none.
    fn check(&mut self) -> Option<Outcome<bool>>;
}

pub const CANDIDATES: [&str; 4] = ["fjall", "fjall-blobs", "redb", "redb-quick-repair"];

pub fn open(candidate: &str, folder: &Path) -> Outcome<Box<dyn Store>> {
    Ok(match candidate {
        "fjall" => Box::new(Fjall::open(folder, false)?),
        "fjall-blobs" => Box::new(Fjall::open(folder, true)?),
        "redb" => Box::new(Redb::open(folder, false)?),
        "redb-quick-repair" => Box::new(Redb::open(folder, true)?),
        other => return Err(format!("no such candidate: {other}")),
    })
}

/// Bytes that the files of a folder take on disk: blocks, for journals are allocated ahead.
pub fn bytes_on_disk(folder: &Path) -> u64 {
    use std::os::unix::fs::MetadataExt;
    files(folder).iter().filter_map(|file| file.metadata().ok()).map(|m| m.blocks() * 512).sum()
}

/// All files of a folder, sorted.
pub fn files(folder: &Path) -> Vec<std::path::PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).into_iter().flatten().flatten() {
            match entry.file_type() {
                Ok(kind) if kind.is_dir() => folders.push(entry.path()),
                Ok(_) => found.push(entry.path()),
                Err(_) => {}
            }
        }
    }
    found.sort();
    found
}
