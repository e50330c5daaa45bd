//! Where does one input end, and what is too much of it? Opens files and streams, compressed or not, and reads lines.

use crate::error::{Error, Position};
use crate::jd::decode;
use flate2::read::MultiGzDecoder;
use std::io::{self, BufRead, BufReader, Cursor, Read};
use std::path::Path;

/// Bytes to read from, without compression and byte order mark.
pub(super) type Stream = Box<dyn BufRead + Send>;

/// As much of a stream's beginning as is looked at to tell what it is.
const HEAD: usize = 4096;

/// Opens a file, or standard input for `-`, and says how its content begins. UTF-16 is made UTF-8 here, up to
/// `limit` bytes of it; every other encoding is a matter of the texts inside.
pub(super) fn open(path: &Path, name: &str, limit: u64) -> Result<(Stream, Vec<u8>), Error> {
    let raw: Box<dyn Read + Send> = if path == Path::new("-") {
        Box::new(io::stdin())
    } else {
        Box::new(std::fs::File::open(path).map_err(|error| unreadable(name, &error))?)
    };
    begin(raw, limit).map_err(|error| unreadable(name, &error))
}

/// As [`open`], of bytes that are there already.
pub(super) fn begin(raw: Box<dyn Read + Send>, limit: u64) -> io::Result<(Stream, Vec<u8>)> {
    let (head, raw) = peek(raw)?;
    let (head, mut plain) =
        if head.starts_with(&[0x1F, 0x8B]) { peek(Box::new(MultiGzDecoder::new(raw)))? } else { (head, raw) };
    if head.starts_with(&[0xFF, 0xFE]) || head.starts_with(&[0xFE, 0xFF]) {
        let mut bytes = Vec::new();
        plain.take(limit).read_to_end(&mut bytes)?;
        let text = decode(&bytes).map_err(|_| io::Error::other("it is neither UTF-16 nor another text"))?;
        let head = text.as_bytes()[..text.len().min(HEAD)].to_vec();
        return Ok((Box::new(Cursor::new(text.into_bytes())), head));
    }
    if head.starts_with(&[0xEF, 0xBB, 0xBF]) {
        plain.read_exact(&mut [0; 3])?;
        return Ok((Box::new(BufReader::new(plain)), head[3..].to_vec()));
    }
    Ok((Box::new(BufReader::new(plain)), head))
}

/// The first bytes, and all bytes.
fn peek(mut reader: Box<dyn Read + Send>) -> io::Result<(Vec<u8>, Box<dyn Read + Send>)> {
    let mut head = Vec::new();
    (&mut reader).take(HEAD as u64).read_to_end(&mut head)?;
    Ok((head.clone(), Box::new(Cursor::new(head).chain(reader))))
}

/// All bytes, or `None` when there are more than `limit`.
pub(super) fn read_all(stream: &mut Stream, limit: u64) -> io::Result<Option<Vec<u8>>> {
    let mut bytes = Vec::new();
    stream.take(limit + 1).read_to_end(&mut bytes)?;
    Ok((bytes.len() as u64 <= limit).then_some(bytes))
}

/// At most `limit` bytes, cut between two characters.
pub(super) fn read_some(stream: &mut Stream, limit: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    stream.take(limit).read_to_end(&mut bytes)?;
    if bytes.len() as u64 == limit {
        let continuation = |byte: &u8| (0x80..0xC0).contains(byte);
        let cut = bytes.iter().rev().take(3).take_while(|byte| continuation(byte)).count();
        let lead = bytes.len().checked_sub(cut + 1).filter(|at| bytes[*at] >= 0xC0);
        bytes.truncate(lead.unwrap_or(bytes.len()));
    }
    Ok(bytes)
}

/// The next line.
pub(super) enum Line {
    /// Without its line end.
    Read(Vec<u8>),
    /// It had more than `limit` bytes and was passed over.
    TooLong,
    /// There is none.
    End,
}

pub(super) fn next_line(stream: &mut Stream, limit: u64) -> io::Result<Line> {
    let mut line = Vec::new();
    let read = stream.take(limit + 1).read_until(b'\n', &mut line)?;
    if read == 0 {
        return Ok(Line::End);
    }
    if line.last() == Some(&b'\n') {
        line.pop();
        return Ok(Line::Read(line));
    }
    if line.len() as u64 <= limit {
        return Ok(Line::Read(line));
    }
    loop {
        let (found, used) = {
            let bytes = stream.fill_buf()?;
            let end = bytes.iter().position(|byte| *byte == b'\n');
            (end.is_some() || bytes.is_empty(), end.map_or(bytes.len(), |end| end + 1))
        };
        stream.consume(used);
        if found {
            return Ok(Line::TooLong);
        }
    }
}

pub(crate) fn unreadable(name: &str, error: &io::Error) -> Error {
    let hint = match error.kind() {
        io::ErrorKind::NotFound => "check the path; `-` reads standard input",
        io::ErrorKind::PermissionDenied => "check who may read it",
        io::ErrorKind::InvalidInput | io::ErrorKind::InvalidData | io::ErrorKind::UnexpectedEof => {
            "the file is damaged or cut short: fetch it again, or test it with `gzip -t`"
        }
        _ => "check the file; what can be read is plain text, Markdown, HTML, JSON, JSON lines, and gzip of them",
    };
    Error::new(format!("cannot read {name}")).detail(error.to_string()).hint(hint).at(Position::whole(name))
}
