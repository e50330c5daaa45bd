//! Which lines are in a compressed file? It is read once it has come to rest, and again only when it is another one.

use super::lines::Lines;
use super::tail::Seen;
use super::{Looked, Origin, unreadable};
use crate::error::Error;
use crate::sources::Feed;
use flate2::read::MultiGzDecoder;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use xxhash_rust::xxh3::xxh3_64;

/// Lines handed on before other files get their turn.
const TURN: usize = 1_000;

/// A compressed file of lines.
pub(super) struct Packed {
    path: PathBuf,
    origin: Origin,
    limit: u64,
    /// As it was at the last look.
    seen: Option<Seen>,
    /// As it was when it was opened last.
    opened: Option<Seen>,
    mark: u64,
    reading: Option<(Box<dyn BufRead + Send>, Lines)>,
}

impl Packed {
    pub(super) fn new(path: &Path, origin: Origin, limit: u64) -> Packed {
        Packed { path: path.to_owned(), origin, limit, seen: None, opened: None, mark: 0, reading: None }
    }

    pub(super) fn look(&mut self, feed: &Feed) -> Result<Looked, Error> {
        let looked = self.read(feed);
        if let Err(error) = &looked {
            // What follows cannot be found again; but who may read the file may change while it stays the same.
            self.reading = None;
            self.opened = self.opened.filter(|_| error.kind() != io::ErrorKind::PermissionDenied);
        }
        looked.map_err(|error| unreadable(&self.origin.stream.name, &error))
    }

    fn read(&mut self, feed: &Feed) -> io::Result<Looked> {
        if self.reading.is_none() && !self.open(feed)? {
            return Ok(Looked::Idle);
        }
        let Some((input, lines)) = &mut self.reading else { return Ok(Looked::Idle) };
        let stored = feed.positions.get(&self.origin.stream).filter(|stored| stored.mark == self.mark);
        let after = stored.map_or(0, |stored| stored.line);
        for _ in 0..TURN {
            let line = match lines.next(input)? {
                Some(line) => Some(line),
                None => lines.rest(),
            };
            let Some(line) = line else {
                self.reading = None;
                return Ok(Looked::Idle);
            };
            if line.number > after && !feed.send(self.origin.line(line, self.mark)) {
                return Ok(Looked::Stopped);
            }
        }
        Ok(Looked::Moved)
    }

    /// Opens the file if it has come to rest and was not read yet as it is.
    fn open(&mut self, feed: &Feed) -> io::Result<bool> {
        let Some(now) = Seen::at(&self.path)? else { return Ok(false) };
        let rests = feed.once || self.seen == Some(now);
        self.seen = Some(now);
        if !rests || self.opened == Some(now) || now.length == 0 {
            return Ok(false);
        }
        self.opened = Some(now);
        let mut file = File::open(&self.path)?;
        let mut head = Vec::new();
        (&mut file).take(4_096).read_to_end(&mut head)?;
        let length = now.length.to_le_bytes();
        self.mark = xxh3_64(&[&head[..], &length].concat()).max(1);
        let bytes = MultiGzDecoder::new(io::Cursor::new(head).chain(file));
        self.reading = Some((Box::new(BufReader::new(bytes)), Lines::new(0, 0, self.limit)));
        Ok(true)
    }
}
