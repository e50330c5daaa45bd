//! What does a file say that is read as a whole? It is read once it has come to rest, and again when its content is
//! another.

use super::tail::Seen;
use super::values::{Content, messages};
use super::{Looked, Origin, signed, unreadable};
use crate::error::Error;
use crate::sources::{Feed, Position};
use flate2::read::MultiGzDecoder;
use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use xxhash_rust::xxh3::Xxh3;

/// A file of JSON values may be longer than a message: it may hold many. No longer than this, in bytes.
const VALUES: u64 = 1 << 30;

/// A file that is read as a whole.
pub(super) struct Whole {
    path: PathBuf,
    origin: Origin,
    /// What its JD is called that has no id of its own.
    id: String,
    limit: u64,
    /// As it was at the last look.
    seen: Option<Seen>,
    /// As it was when it was read last.
    read: Option<Seen>,
    /// How far it was handed on.
    position: Option<Position>,
}

impl Whole {
    pub(super) fn new(path: &Path, origin: Origin, id: String, limit: u64) -> Whole {
        Whole { path: path.to_owned(), origin, id, limit, seen: None, read: None, position: None }
    }

    pub(super) fn look(&mut self, feed: &Feed) -> Result<Looked, Error> {
        let looked = self.read(feed);
        if looked.as_ref().is_err_and(|error| error.kind() == io::ErrorKind::PermissionDenied) {
            // Who may read it may change while it stays the same.
            self.read = None;
        }
        looked.map_err(|error| unreadable(&self.origin.stream.name, &error))
    }

    fn read(&mut self, feed: &Feed) -> io::Result<Looked> {
        let Some(now) = Seen::at(&self.path)? else { return Ok(Looked::Idle) };
        let rests = feed.once || self.seen == Some(now);
        self.seen = Some(now);
        // An empty file is one that somebody is about to write.
        if !rests || self.read == Some(now) || now.length == 0 {
            return Ok(Looked::Idle);
        }
        self.read = Some(now);
        let (content, mark) = self.content()?;
        let length = content.length;
        let known =
            self.position.or_else(|| feed.positions.get(&self.origin.stream)).filter(|known| known.mark == mark);
        let skipped = known.map_or(0, |known| if known.next >= signed(length) { u64::MAX } else { known.line });
        let found = messages(&self.origin, &self.path, &self.id, content);
        let count = found.len();
        for (message, number) in found.into_iter().zip(1..) {
            let next = if number == count as u64 { length } else { number };
            let read_to = Position { next: signed(next), line: number, mark };
            if number > skipped && !feed.send(crate::sources::Message { read_to, ..message }) {
                return Ok(Looked::Stopped);
            }
            self.position = Some(read_to);
        }
        Ok(if count > 0 { Looked::Moved } else { Looked::Idle })
    }

    /// What is in the file, and a hash of its bytes.
    fn content(&self) -> io::Result<(Content, u64)> {
        let packed = self.path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("gz"));
        let file = Hashing { file: File::open(&self.path)?, hash: Xxh3::new() };
        let mut input: Box<dyn ReadHashed> = if packed { Box::new(MultiGzDecoder::new(file)) } else { Box::new(file) };
        let mut bytes = Vec::new();
        (&mut input).take(self.limit + 1).read_to_end(&mut bytes)?;
        let mut limit = None;
        if bytes.len() as u64 > self.limit {
            if super::values::is_json(&self.path, &bytes) {
                (&mut input).take(VALUES - self.limit).read_to_end(&mut bytes)?;
                limit = (bytes.len() as u64 > VALUES).then_some(VALUES);
            } else {
                limit = Some(self.limit);
            }
        }
        // What is not kept is hashed all the same: the file is another when any of it is.
        let more = if limit.is_some() { io::copy(&mut input, &mut io::sink())? } else { 0 };
        let length = bytes.len() as u64 + more;
        Ok((Content { bytes, limit, length, most: self.limit }, input.hash()))
    }
}

/// What hashes all that is read through it.
struct Hashing {
    file: File,
    hash: Xxh3,
}

impl Read for Hashing {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let read = self.file.read(into)?;
        self.hash.update(&into[..read]);
        Ok(read)
    }
}

trait ReadHashed: Read {
    fn hash(&self) -> u64;
}

impl ReadHashed for Hashing {
    fn hash(&self) -> u64 {
        self.hash.digest().max(1)
    }
}

impl ReadHashed for MultiGzDecoder<Hashing> {
    fn hash(&self) -> u64 {
        self.get_ref().hash()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sources::{Kind, Positions, Stop};

    #[test]
    fn a_file_that_still_grows_is_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.txt");
        let (feed, messages) = Feed::new(8, Positions::default(), Stop::default(), false);
        let mut file = Whole::new(&path, Origin::file(Kind::Taxonomy, "a.txt"), "a.txt".to_owned(), 100);
        assert_eq!(file.look(&feed), Ok(Looked::Idle));
        for text in ["half", "half and half"] {
            std::fs::write(&path, text).unwrap();
            assert_eq!(file.look(&feed), Ok(Looked::Idle), "it was another a moment ago");
        }
        assert_eq!(file.look(&feed), Ok(Looked::Moved));
        let found: Vec<_> = messages.try_iter().map(|message| message.value.unwrap()).collect();
        assert_eq!(found, [b"half and half"]);
        assert_eq!(file.look(&feed), Ok(Looked::Idle));
        // Larger than it may be, in a part that is not kept: another file all the same.
        for last in ["x", "y"] {
            std::fs::write(&path, "x".repeat(200) + last).unwrap();
            file.seen = None;
            file.read = None;
            assert_eq!(file.look(&feed), Ok(Looked::Idle));
            assert_eq!(file.look(&feed), Ok(Looked::Moved));
        }
        assert_eq!(messages.try_iter().filter(|message| !message.headers.is_empty()).count(), 2);
    }
}
