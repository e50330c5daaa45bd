//! What is kept on disk, and how is it kept whole? Inputs and facts, in one embedded database.
//!
//! A record and the position of the source that brought it are one commit: a crash keeps both or neither. Commits are
//! numbered, and what [`Store::sync`] has made safe is noted outside the database, so that a database that lost some of
//! it is recognised (`guard`).
//!
//! | file | the question it answers |
//! |---|---|
//! | `collections` | what is kept, under which keys? |
//! | `values` | how does a record become bytes, and how is a damaged or older one told? |
//! | `records` | what is kept of a JD, a run, a store? |
//! | `commit` | what is written together? |
//! | `guard` | is this store ours alone, and is it whole? |
//! | `load` | what does a service read when it starts? |
//! | `check` | is every record readable, and does it fit the others? |
//! | `transfer` | how does a store go to another machine or version? |

mod check;
mod collections;
mod commit;
mod guard;
mod load;
mod records;
#[cfg(test)]
mod tests;
mod transfer;
mod values;

pub use check::{Checked, Finding};
pub use collections::{Collection, Usage};
pub use commit::Commit;
pub use load::{JdChunks, Texts};
pub use records::{
    Fingerprint, Mark, PendingReparse, Provenance, SinkEntry, StoredChange, StoredJd, StoredSaid, StoredText,
    StoredToken, StoredVersion, TaxonomyMark,
};
pub use transfer::Transferred;

use crate::error::{Error, Position, said_by_panic};
use collections::Keyspaces;
use fjall::{Database, PersistMode};
use guard::Guard;
use std::panic::catch_unwind;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// The durable store. One process at a time has it; inside, any thread may use it.
pub struct Store {
    path: PathBuf,
    database: Database,
    keyspaces: Keyspaces,
    /// The number of the last commit; held while one is written, so that numbers stand in the order of the journal.
    last: Mutex<u64>,
    // The last field: the lock is given up when the database has closed.
    guard: Guard,
}

impl std::fmt::Debug for Store {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Store").field("path", &self.path).finish_non_exhaustive()
    }
}

impl Store {
    /// Opens a store, or makes one where there is none.
    pub fn open(path: &Path) -> Result<Store, Error> {
        std::fs::create_dir_all(path).map_err(|error| {
            Error::new(format!("cannot make the store {}", path.display()))
                .detail(error.to_string())
                .hint("check who may write there, or name another folder with store.path")
        })?;
        Store::begin(path)
    }

    /// Opens a store that is there.
    pub fn open_existing(path: &Path) -> Result<Store, Error> {
        if !Guard::is_store(path) {
            return Err(Error::new(format!("there is no store in {}", path.display()))
                .detail("`rolestream run` makes one when it first starts")
                .hint("name its folder with --store, or set store.path"));
        }
        Store::begin(path)
    }

    fn begin(path: &Path) -> Result<Store, Error> {
        let guard = Guard::acquire(path)?;
        let kept = guard.keep_journals()?;
        // The database panics on some damage of its journal.
        let opened = catch_unwind(|| open_database(&guard.database())).unwrap_or_else(|panic| {
            let detail = format!("its journal is damaged: {}", said_by_panic(&*panic));
            Err(damaged("the store cannot be opened", &detail))
        });
        let opened = opened.and_then(|(database, keyspaces)| {
            let last = keyspaces.last_commit()?;
            guard.check(last)?;
            Ok((database, keyspaces, last))
        });
        match opened {
            Ok((database, keyspaces, last)) => {
                kept.discard();
                let store = Store { path: path.to_owned(), database, keyspaces, last: Mutex::new(last), guard };
                store.check_format()?;
                Ok(store)
            }
            Err(error) => {
                // Whatever recovery cut off is put back: nothing is lost by looking.
                kept.put_back();
                Err(error.at(Position::whole(path.display().to_string())))
            }
        }
    }

    /// The folder.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Makes all commits so far safe against a loss of power, and returns the number of the last one.
    pub fn sync(&self) -> Result<u64, Error> {
        let last = *self.lock();
        self.database.persist(PersistMode::SyncData).map_err(|error| broken("made safe", &error))?;
        self.guard.note(last)?;
        Ok(last)
    }

    /// The number of the last commit.
    pub fn last_commit(&self) -> u64 {
        *self.lock()
    }

    fn lock(&self) -> MutexGuard<'_, u64> {
        self.last.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn open_database(path: &Path) -> Result<(Database, Keyspaces), Error> {
    let database = Database::builder(path)
        .worker_threads(1)
        .max_journaling_size(128 << 20)
        .open()
        .map_err(|error| broken("opened", &error))?;
    let keyspaces = Keyspaces::open(&database)?;
    Ok((database, keyspaces))
}

/// An error of the database, in words.
fn broken(what: &str, error: &fjall::Error) -> Error {
    let primary = format!("the store cannot be {what}");
    match error {
        fjall::Error::Io(error) => Error::new(primary)
            .detail(error.to_string())
            .hint("check the disk: whether it is full, and who may write there"),
        fjall::Error::JournalRecovery(error) => damaged(&primary, &format!("its journal is damaged: {error:?}")),
        fjall::Error::Storage(error) => damaged(&primary, &format!("a table file is damaged: {error:?}")),
        fjall::Error::Poisoned => Error::new(primary)
            .detail("writing failed before, so that nothing is written any more")
            .hint("look at the disk and at the log before this, then start again"),
        other => damaged(&primary, &format!("{other:?}")),
    }
}

fn damaged(primary: &str, detail: &str) -> Error {
    Error::new(primary).detail(detail.to_owned()).hint(
        "nothing of it was changed; put a copy of the folder back, or move it away and start anew: the sources are read \
         from their beginning then",
    )
}
