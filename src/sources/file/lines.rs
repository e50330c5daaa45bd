//! Where does a line end, and what is too much of it? A line that is not ended yet is remembered, so that nothing is
//! read twice; of one that is too long only its beginning is.

use super::KEPT;
use std::io::{self, BufRead};

/// A line that has ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Line {
    /// Without its line end; its beginning, where it was too long.
    pub(super) bytes: Vec<u8>,
    /// The limit, where it was longer.
    pub(super) limit: Option<u64>,
    /// From 1; empty lines count.
    pub(super) number: u64,
    /// Where the next one begins.
    pub(super) next: u64,
}

/// The lines of a stream of bytes, some of which may not be there yet.
#[derive(Debug)]
pub(super) struct Lines {
    /// Where reading goes on.
    pub(super) read: u64,
    /// Lines that have ended.
    number: u64,
    /// What is there of the line that has not.
    partial: Vec<u8>,
    /// How long that is.
    length: u64,
    limit: u64,
}

impl Lines {
    /// From `next` on, before which there are `number` lines.
    pub(super) fn new(next: u64, number: u64, limit: u64) -> Lines {
        Lines { read: next, number, partial: Vec::new(), length: 0, limit }
    }

    /// The next line that is not empty; nothing where the input ends before its end.
    pub(super) fn next(&mut self, input: &mut impl BufRead) -> io::Result<Option<Line>> {
        loop {
            let bytes = match input.fill_buf() {
                Ok(bytes) => bytes,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(error),
            };
            if bytes.is_empty() {
                return Ok(None);
            }
            let end = bytes.iter().position(|byte| *byte == b'\n');
            let part = &bytes[..end.unwrap_or(bytes.len())];
            self.length += part.len() as u64;
            if self.length <= self.limit {
                self.partial.extend_from_slice(part);
            } else {
                // What is over the limit is counted, not held.
                let room = KEPT.saturating_sub(self.partial.len());
                self.partial.extend_from_slice(&part[..part.len().min(room)]);
                if self.partial.len() > KEPT {
                    self.partial.truncate(KEPT);
                    self.partial.shrink_to_fit();
                }
            }
            let used = part.len() + usize::from(end.is_some());
            input.consume(used);
            self.read += used as u64;
            if end.is_some()
                && let Some(line) = self.end()
            {
                return Ok(Some(line));
            }
        }
    }

    /// What is there of a last line that nothing ends.
    pub(super) fn rest(&mut self) -> Option<Line> {
        if self.length == 0 { None } else { self.end() }
    }

    fn end(&mut self) -> Option<Line> {
        self.number += 1;
        let bytes = std::mem::take(&mut self.partial);
        let limit = (self.length > self.limit).then_some(self.limit);
        self.length = 0;
        let blank = bytes.iter().all(u8::is_ascii_whitespace) && limit.is_none();
        (!blank).then_some(Line { bytes, limit, number: self.number, next: self.read })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::io::BufReader;

    #[test]
    fn a_line_comes_when_it_has_ended_and_empty_ones_only_count() {
        let mut lines = Lines::new(0, 0, 100);
        assert_eq!(lines.next(&mut &b"on"[..]).unwrap(), None);
        let one = lines.next(&mut &b"e\n\n  \ntwo"[..]).unwrap().unwrap();
        assert_eq!((one.bytes.as_slice(), one.number, one.next), (&b"one"[..], 1, 4));
        let mut rest = &b"\n  \ntwo"[..];
        assert_eq!(lines.next(&mut rest).unwrap(), None);
        let two = lines.rest().unwrap();
        assert_eq!((two.bytes.as_slice(), two.number, two.next), (&b"two"[..], 4, 11));
        assert_eq!(lines.rest(), None);
    }

    #[test]
    fn of_a_line_that_is_too_long_only_the_beginning_is_held() {
        let long = [vec![b'x'; 1_000_000], b"\nafter\n".to_vec()].concat();
        let mut input = BufReader::with_capacity(1_000, &long[..]);
        let mut lines = Lines::new(0, 0, 500_000);
        let line = lines.next(&mut input).unwrap().unwrap();
        assert_eq!((line.bytes.len(), line.limit, line.next), (KEPT, Some(500_000), 1_000_001));
        assert!(line.bytes.capacity() < 2 * KEPT, "{}", line.bytes.capacity());
        assert_eq!(lines.next(&mut input).unwrap().unwrap().bytes, b"after");
        // A limit under what is kept: as much as there is.
        let mut lines = Lines::new(0, 0, 3);
        let line = lines.next(&mut &b"12345\n"[..]).unwrap().unwrap();
        assert_eq!((line.bytes.as_slice(), line.limit), (&b"12345"[..], Some(3)));
        let mut lines = Lines::new(0, 0, 5);
        assert_eq!(lines.next(&mut &b"12345\n"[..]).unwrap().unwrap().limit, None);
    }

    proptest! {
        #[test]
        fn however_the_bytes_come_the_lines_are_the_same(text in "[ab\n ]{0,40}", cuts in prop::collection::vec(0usize..40, 0..4)) {
            let mut cuts: Vec<usize> = cuts.into_iter().map(|cut| cut.min(text.len())).chain([0, text.len()]).collect();
            cuts.sort_unstable();
            let mut lines = Lines::new(0, 0, 100);
            let mut found = Vec::new();
            for pair in cuts.windows(2) {
                let mut part = &text.as_bytes()[pair[0]..pair[1]];
                while let Some(line) = lines.next(&mut part).unwrap() {
                    found.push((line.number as usize, String::from_utf8(line.bytes).unwrap()));
                }
            }
            found.extend(lines.rest().map(|line| (line.number as usize, String::from_utf8(line.bytes).unwrap())));
            let expected = text.split('\n').enumerate().map(|(n, line)| (n + 1, line.to_owned()));
            let expected: Vec<_> = expected.filter(|(_, line)| !line.trim().is_empty()).collect();
            prop_assert_eq!(found, expected);
        }
    }
}
