//! Which file is looked at next? All of them in turn, by name, about ten times a second.

use super::packed::Packed;
use super::tail::Tail;
use super::whole::Whole;
use super::{Kind, Looked, Origin, folder, unreadable};
use crate::error::Error;
use crate::sources::{Feed, Source};
use std::collections::btree_map::{BTreeMap, Entry};
use std::collections::{BTreeSet, HashSet};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// How long nothing is looked at after nothing was new.
const PAUSE: Duration = Duration::from_millis(100);

/// Files and folders.
///
/// A file called `.jsonl` or `.ndjson` is followed: a line is a message once it has ended (or, when reading once, at
/// the end of the file). Any other file is read as a whole when neither size nor time changed between two looks, and
/// again when its content is another. Folders are searched again and again. A file that is gone withdraws nothing.
pub struct FileSource {
    paths: Vec<(Kind, PathBuf)>,
    limit: u64,
}

/// How a file is read.
enum Watched {
    Tail(Tail),
    Packed(Packed),
    Whole(Whole),
}

impl Watched {
    fn new(kind: Kind, path: &Path, id: String, limit: u64) -> Watched {
        let origin = Origin::file(kind, &path.display().to_string());
        let name = path.file_name().map(|name| name.to_string_lossy().to_lowercase()).unwrap_or_default();
        let (plain, packed) = match name.strip_suffix(".gz") {
            Some(plain) => (plain, true),
            None => (name.as_str(), false),
        };
        let lines = plain.ends_with(".jsonl") || plain.ends_with(".ndjson");
        match (lines, packed) {
            (true, false) => Watched::Tail(Tail::new(path, origin, limit)),
            (true, true) => Watched::Packed(Packed::new(path, origin, limit)),
            _ => Watched::Whole(Whole::new(path, origin, id, limit)),
        }
    }

    fn look(&mut self, feed: &Feed) -> Result<Looked, Error> {
        match self {
            Watched::Tail(file) => file.look(feed),
            Watched::Packed(file) => file.look(feed),
            Watched::Whole(file) => file.look(feed),
        }
    }
}

impl FileSource {
    /// Of files and folders; a message may have so many bytes.
    pub fn new(paths: Vec<(Kind, PathBuf)>, limit: u64) -> FileSource {
        FileSource { paths, limit }
    }

    /// All files there are, in order, each with what a JD in it is called.
    fn files(&self, said: &mut Said) -> Vec<(Kind, PathBuf, String)> {
        let mut files = Vec::new();
        for (kind, path) in &self.paths {
            let found = match std::fs::metadata(path) {
                Ok(metadata) if metadata.is_dir() => folder::files(path),
                Ok(_) => {
                    let name = path.file_name().unwrap_or(path.as_os_str());
                    Ok(vec![(path.clone(), name.to_string_lossy().into_owned())])
                }
                Err(error) => Err(error),
            };
            match found {
                Ok(found) => {
                    said.is_well(path);
                    files.extend(found.into_iter().map(|(path, id)| (*kind, path, id)));
                }
                Err(error) => said.is_not(path, &unreadable(&path.display().to_string(), &error)),
            }
        }
        files
    }
}

impl Source for FileSource {
    fn name(&self) -> String {
        match self.paths.as_slice() {
            [(_, path)] => format!("file {}", path.display()),
            paths => format!("{} files and folders", paths.len()),
        }
    }

    fn run(self: Box<Self>, feed: Feed) -> Result<(), Error> {
        let mut said = Said::default();
        let mut watched: BTreeMap<PathBuf, Watched> = BTreeMap::new();
        loop {
            let begun = Instant::now();
            let files = self.files(&mut said);
            let there: BTreeSet<&PathBuf> = files.iter().map(|(_, path, _)| path).collect();
            watched.retain(|path, _| there.contains(path));
            let mut moved = false;
            for (kind, path, id) in files {
                if feed.stop.stopped() {
                    return Ok(());
                }
                let file = match watched.entry(path.clone()) {
                    Entry::Occupied(entry) => entry.into_mut(),
                    Entry::Vacant(entry) => entry.insert(Watched::new(kind, &path, id, self.limit)),
                };
                match file.look(&feed) {
                    Ok(Looked::Stopped) => return Ok(()),
                    Ok(looked) => {
                        moved |= looked == Looked::Moved;
                        said.is_well(&path);
                    }
                    Err(error) => said.is_not(&path, &error),
                }
            }
            if moved {
                continue;
            }
            if feed.once {
                return said.first.map_or(Ok(()), Err);
            }
            // Looking takes its time where there are many files: it is not to be all that the machine does.
            if feed.stop.sleep(PAUSE.max(begun.elapsed() * 4)) {
                return Ok(());
            }
        }
    }
}

/// What cannot be read is said once, until it can.
#[derive(Default)]
struct Said {
    paths: HashSet<PathBuf>,
    first: Option<Error>,
}

impl Said {
    fn is_well(&mut self, path: &Path) {
        self.paths.remove(path);
    }

    fn is_not(&mut self, path: &Path, error: &Error) {
        if self.paths.insert(path.to_owned()) {
            tracing::warn!(file = %path.display(), detail = error.detail.as_deref(), "{}", error.primary);
            self.first.get_or_insert_with(|| error.clone());
        }
    }
}
