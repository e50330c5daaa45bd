//! Is this store ours alone, and is it whole? A lock, and a note of what is safe.
//!
//! The database cuts off the end of its journal where it cannot read it, which is right for a write that a crash cut
//! short, and wrong for anything that had been made safe. So the number of the last safe commit is noted in a file
//! beside it, after each sync, and the journal is copied before it is opened: where the database then knows of fewer
//! commits than were safe, the copy is put back, and the store is refused.

use super::damaged;
use crate::error::Error;
use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use xxhash_rust::xxh3::xxh3_64;

const DATABASE: &str = "data";
const LOCK: &str = "lock";
const NOTE: &str = "safe";
const KEPT: &str = "journal-before-opening";

/// The lock and the note of a store's folder.
pub(super) struct Guard {
    folder: PathBuf,
    lock: File,
    note: Mutex<File>,
}

/// Copies of the journal as it was before it was opened.
pub(super) struct Kept {
    copies: PathBuf,
    database: PathBuf,
}

impl Guard {
    /// Whether a folder holds a store.
    pub(super) fn is_store(folder: &Path) -> bool {
        folder.join(DATABASE).is_dir()
    }

    /// Takes the folder for this process.
    pub(super) fn acquire(folder: &Path) -> Result<Guard, Error> {
        let refused = |error: &io::Error| {
            Error::new(format!("the store {} cannot be used", folder.display()))
                .detail(error.to_string())
                .hint("check who may read and write in the folder")
        };
        let open =
            |name| OpenOptions::new().read(true).write(true).create(true).truncate(false).open(folder.join(name));
        let mut lock = open(LOCK).map_err(|error| refused(&error))?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::Error(error)) => return Err(refused(&error)),
            Err(TryLockError::WouldBlock) => {
                let mut holder = String::new();
                let _ = lock.read_to_string(&mut holder);
                return Err(Error::new(format!("the store {} is in use", folder.display()))
                    .detail(format!("process {} has it", holder.trim()))
                    .hint("end that process, or name another folder with --store"));
            }
        }
        // Who has it is only for the message above.
        let _ = lock.set_len(0).and_then(|()| lock.write_all(std::process::id().to_string().as_bytes()));
        let note = open(NOTE).map_err(|error| refused(&error))?;
        Ok(Guard { folder: folder.to_owned(), lock, note: Mutex::new(note) })
    }

    pub(super) fn database(&self) -> PathBuf {
        self.folder.join(DATABASE)
    }

    /// Copies the journal. What an attempt left that was cut off itself is put back first.
    pub(super) fn keep_journals(&self) -> Result<Kept, Error> {
        let kept = Kept { copies: self.folder.join(KEPT), database: self.database() };
        if kept.copies.is_dir() {
            kept.put_back();
        }
        let copy = || -> io::Result<()> {
            let half = self.folder.join(format!("{KEPT}.half"));
            let _ = fs::remove_dir_all(&half);
            fs::create_dir(&half)?;
            if kept.database.is_dir() {
                for file in journals(&kept.database)? {
                    fs::copy(&file, half.join(file.file_name().unwrap_or_default()))?;
                }
            }
            fs::rename(&half, &kept.copies)
        };
        copy().map(|()| kept).map_err(|error| {
            Error::new("the store's journal cannot be copied before it is opened")
                .detail(error.to_string())
                .hint("check whether the disk is full, and who may write in the folder")
        })
    }

    /// Whether the database has all that was safe.
    pub(super) fn check(&self, last_commit: u64) -> Result<(), Error> {
        let primary = "the store has lost what was safe";
        let mut bytes = Vec::new();
        let mut note = self.note.lock().unwrap_or_else(PoisonError::into_inner);
        let read = note.seek(SeekFrom::Start(0)).and_then(|_| note.read_to_end(&mut bytes));
        read.map_err(|error| damaged(primary, &format!("the file {NOTE} cannot be read: {error}")))?;
        if bytes.is_empty() {
            return Ok(());
        }
        let number = bytes.first_chunk::<8>().map(|number| u64::from_le_bytes(*number));
        let sum = bytes.get(8..16).map(<[u8]>::to_vec);
        match number.zip(sum) {
            Some((number, sum)) if xxh3_64(&number.to_le_bytes()).to_le_bytes()[..] == sum[..] => {
                if last_commit < number {
                    let missing = number - last_commit;
                    let detail = format!(
                        "commits {} to {number} ({missing}) were safe and are no longer in its journal",
                        last_commit + 1
                    );
                    return Err(damaged(primary, &detail));
                }
                Ok(())
            }
            // Written in place, sixteen bytes at once: a crash can tear it, and the next sync writes it anew.
            _ => {
                tracing::warn!(file = NOTE, "the note of what is safe was torn by a crash: it cannot be compared with");
                Ok(())
            }
        }
    }

    /// Notes that the commits through this one are safe.
    pub(super) fn note(&self, commit: u64) -> Result<(), Error> {
        let mut note = self.note.lock().unwrap_or_else(PoisonError::into_inner);
        let bytes = [commit.to_le_bytes(), xxh3_64(&commit.to_le_bytes()).to_le_bytes()].concat();
        let written = note.seek(SeekFrom::Start(0)).and_then(|_| note.write_all(&bytes));
        written.map_err(|error| {
            Error::new("the store cannot be written").detail(format!("the file {NOTE}: {error}")).hint("check the disk")
        })
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        // Closing it would unlock it only once every copy is closed, and a process that this one is just starting has
        // one until it runs its own program.
        let _ = self.lock.unlock();
    }
}

impl Kept {
    /// They are not needed: the database is whole.
    pub(super) fn discard(self) {
        let _ = fs::remove_dir_all(&self.copies);
    }

    /// Undoes what opening did to the journal.
    pub(super) fn put_back(&self) {
        let restore = || -> io::Result<()> {
            for file in journals(&self.copies)? {
                fs::copy(&file, self.database.join(file.file_name().unwrap_or_default()))?;
            }
            fs::remove_dir_all(&self.copies)
        };
        if let Err(error) = restore() {
            tracing::error!(%error, folder = %self.copies.display(), "the journal could not be put back: it is in this folder");
        }
    }
}

fn journals(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "jnl") {
            found.push(path);
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::Guard;

    #[test]
    fn it_is_free_again_though_a_process_that_is_starting_has_a_copy_of_the_lock() {
        let folder = tempfile::tempdir().unwrap();
        let guard = Guard::acquire(folder.path()).unwrap();
        let inherited = guard.lock.try_clone().unwrap();
        assert!(Guard::acquire(folder.path()).is_err());
        drop(guard);
        assert!(Guard::acquire(folder.path()).is_ok());
        drop(inherited);
    }
}
