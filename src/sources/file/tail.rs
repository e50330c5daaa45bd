//! What was appended to a file since? Its lines, from where the store is; from the beginning where the file is another
//! one by now.

use super::lines::Lines;
use super::{Looked, Origin, unreadable};
use crate::error::Error;
use crate::sources::Feed;
use std::fs::{File, Metadata};
use std::io::{self, BufReader, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::time::SystemTime;
use xxhash_rust::xxh3::xxh3_64;

/// As much of a file's beginning as tells it from another.
const HEAD: u64 = 4_096;
/// Lines handed on before other files get their turn.
const TURN: usize = 1_000;

/// What tells that a file has not been touched.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Seen {
    pub(super) length: u64,
    modified: Option<SystemTime>,
    node: u64,
}

impl Seen {
    /// Of the file of this path; nothing where it has just gone.
    pub(super) fn at(path: &Path) -> io::Result<Option<Seen>> {
        match std::fs::metadata(path) {
            Ok(metadata) => Ok(Some(Seen::of(&metadata))),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    fn of(metadata: &Metadata) -> Seen {
        #[cfg(unix)]
        let node = std::os::unix::fs::MetadataExt::ino(metadata);
        #[cfg(not(unix))]
        let node = 0;
        Seen { length: metadata.len(), modified: metadata.modified().ok(), node }
    }
}

/// A file of lines that is followed.
pub(super) struct Tail {
    path: PathBuf,
    origin: Origin,
    limit: u64,
    lines: Lines,
    /// How the file began when it was looked at last.
    head: Vec<u8>,
    seen: Option<Seen>,
    /// Whether it was opened since the program began.
    begun: bool,
}

impl Tail {
    pub(super) fn new(path: &Path, origin: Origin, limit: u64) -> Tail {
        let lines = Lines::new(0, 0, limit);
        Tail { path: path.to_owned(), origin, limit, lines, head: Vec::new(), seen: None, begun: false }
    }

    /// Hands on what was appended, up to a limit.
    pub(super) fn look(&mut self, feed: &Feed) -> Result<Looked, Error> {
        self.read(feed).map_err(|error| unreadable(&self.origin.stream.name, &error))
    }

    fn read(&mut self, feed: &Feed) -> io::Result<Looked> {
        let Some(now) = Seen::at(&self.path)? else { return Ok(Looked::Idle) };
        if self.seen == Some(now) && self.lines.read >= now.length {
            return Ok(Looked::Idle);
        }
        let mut file = File::open(&self.path)?;
        // Nothing is read beyond this length: the head, which is read after it, then has all of the first line that is.
        let now = Seen::of(&file.metadata()?);
        let mut head = Vec::new();
        (&mut file).take(HEAD).read_to_end(&mut head)?;
        self.place(&mut file, head, now.length, feed)?;
        self.seen = Some(now);
        file.seek(SeekFrom::Start(self.lines.read))?;
        let mut input = BufReader::new(file.take(now.length.saturating_sub(self.lines.read)));
        for _ in 0..TURN {
            let Some(line) = self.lines.next(&mut input)? else {
                return self.at_end(feed);
            };
            if !feed.send(self.origin.line(line, mark(&self.head))) {
                return Ok(Looked::Stopped);
            }
        }
        Ok(Looked::Moved)
    }

    /// A last line that nothing ends is one where nothing more will come.
    fn at_end(&mut self, feed: &Feed) -> io::Result<Looked> {
        let rest = if feed.once { self.lines.rest() } else { None };
        let taken = rest.is_none_or(|line| feed.send(self.origin.line(line, mark(&self.head))));
        Ok(if taken { Looked::Idle } else { Looked::Stopped })
    }

    /// Finds out where to go on, and whether this is the file it was.
    fn place(&mut self, file: &mut File, head: Vec<u8>, length: u64, feed: &Feed) -> io::Result<()> {
        let name = &self.origin.stream.name;
        if self.begun {
            if length < self.lines.read || !head.starts_with(&self.head) {
                tracing::warn!(file = %name, "the file was cut or replaced: it is read from its beginning");
                self.lines = Lines::new(0, 0, self.limit);
            }
        } else if let Some(stored) = feed.positions.get(&self.origin.stream) {
            let next = u64::try_from(stored.next).unwrap_or_default();
            if length < next || mark(&head) != stored.mark {
                tracing::warn!(file = %name, "the file is not the one that was read before: it is read from its beginning");
            } else {
                self.lines = Lines::new(next, stored.line, self.limit);
                self.lines.read += line_end(file, next)?;
            }
        }
        (self.head, self.begun) = (head, true);
        Ok(())
    }
}

/// Where the last line was read before anything ended it, and was ended since, the line end belongs to it.
fn line_end(file: &mut File, next: u64) -> io::Result<u64> {
    let mut around = Vec::new();
    file.seek(SeekFrom::Start(next.saturating_sub(1)))?;
    file.take(2).read_to_end(&mut around)?;
    Ok(u64::from(next > 0 && around.len() == 2 && around[0] != b'\n' && around[1] == b'\n'))
}

/// A hash of the first line that is not empty, or of as much of it as is in the head: it stays the same when the file
/// grows.
fn mark(head: &[u8]) -> u64 {
    let start = head.iter().position(|byte| !byte.is_ascii_whitespace()).unwrap_or(head.len());
    let end = head[start..].iter().position(|byte| *byte == b'\n').map_or(head.len(), |end| start + end);
    xxh3_64(&head[..end]).max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mark_stays_when_a_file_grows_and_goes_when_it_is_another() {
        for (before, after) in [("a\n", "a\nb\n"), ("a", "a\n"), ("\n a\n", "\n a\nb"), ("a\nb", "a\nbc\n")] {
            assert_eq!(mark(before.as_bytes()), mark(after.as_bytes()), "{before:?}");
        }
        assert_ne!(mark(b"a\nb\n"), mark(b"b\nb\n"));
        let long = vec![b'x'; HEAD as usize];
        assert_eq!(mark(&long), mark(&long.clone()));
    }
}
