//! How are letters kept in a file? A line each, appended; a letter that was sent again is crossed out by a further
//! line, `{"id": …, "retried": true}`.

use super::letter::DeadLetter;
use super::letters::Letters;
use crate::error::{Error, Position};
use serde_json::{Value, json};
use std::fs::{File, OpenOptions};
use std::io::{self, BufRead, BufReader, Read, Seek, SeekFrom, Write};
use std::path::Path;

/// Appends letters, and returns when they are on disk. The folder is made where there is none.
pub fn append(path: &Path, letters: &[DeadLetter]) -> Result<(), Error> {
    lines(path, letters.iter().map(DeadLetter::to_json))
}

/// Notes that these letters were sent again.
pub fn cross_out(path: &Path, ids: &[String]) -> Result<(), Error> {
    lines(path, ids.iter().map(|id| json!({"id": id, "retried": true})))
}

fn lines(path: &Path, values: impl Iterator<Item = Value>) -> Result<(), Error> {
    let text: String = values.map(|value| format!("{value}\n")).collect();
    if text.is_empty() {
        return Ok(());
    }
    write(path, &text).map_err(|error| {
        Error::new(format!("cannot write dead letters to {}", path.display()))
            .detail(error.to_string())
            .hint("check who may write there and whether the disk is full; dead_letters.to names another place")
            .at(Position::whole(path.display().to_string()))
    })
}

fn write(path: &Path, text: &str) -> io::Result<()> {
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder)?;
    }
    let mut file = OpenOptions::new().create(true).append(true).read(true).open(path)?;
    // A crash may have torn the last line. Others may be writing, too: it is ended, not cut off.
    let torn = file.metadata()?.len() > 0 && {
        let mut last = [0];
        file.seek(SeekFrom::End(-1))?;
        file.read_exact(&mut last)?;
        last != *b"\n"
    };
    let text = if torn { format!("\n{text}") } else { text.to_owned() };
    file.write_all(text.as_bytes())?;
    file.sync_data()
}

/// The letters of a file that were not sent again, in the order in which they came. There are none where there is no
/// file; lines that are no letters, such as a torn one, are passed over and counted.
pub fn read(path: &Path) -> Result<Letters, Error> {
    let unreadable = |error: io::Error| {
        Error::new(format!("cannot read dead letters from {}", path.display()))
            .detail(error.to_string())
            .hint("check who may read it; dead_letters.to names it")
            .at(Position::whole(path.display().to_string()))
    };
    let mut letters = Letters::default();
    let file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(letters),
        Err(error) => return Err(unreadable(error)),
    };
    for line in BufReader::new(file).split(b'\n') {
        let line = line.map_err(unreadable)?;
        if line.iter().all(u8::is_ascii_whitespace) {
            continue;
        }
        let value: Value = serde_json::from_slice(&line).unwrap_or_default();
        match (value.get("id").and_then(Value::as_str), value.get("retried")) {
            (Some(id), Some(Value::Bool(true))) => letters.cross_out(id),
            _ => letters.take(&value),
        }
    }
    Ok(letters)
}

#[cfg(test)]
mod tests {
    use super::super::letter::tests::letter;
    use super::*;

    #[test]
    fn letters_are_read_back_until_they_are_crossed_out() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("new/dead.jsonl");
        assert_eq!(read(&path).unwrap().iter().count(), 0);
        let [a, b, c] = [1, 2, 3].map(|offset| letter("kafka", "t", offset, Some(b"\xff")));
        append(&path, &[a.clone(), b.clone()]).unwrap();
        // Delivered again after a crash: the same letter.
        append(&path, &[a.clone(), c.clone()]).unwrap();
        assert_eq!(read(&path).unwrap().iter().collect::<Vec<_>>(), [&b, &a, &c]);
        cross_out(&path, &[b.id(), c.id()]).unwrap();
        assert_eq!(read(&path).unwrap().iter().collect::<Vec<_>>(), [&a]);
        // It came back: it is there again.
        append(&path, std::slice::from_ref(&c)).unwrap();
        assert_eq!(read(&path).unwrap().iter().collect::<Vec<_>>(), [&a, &c]);
    }

    #[test]
    fn a_torn_line_costs_itself_and_no_other() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("dead.jsonl");
        let [a, b] = [1, 2].map(|offset| letter("file", "in.jsonl", offset, Some(b"x")));
        append(&path, std::slice::from_ref(&a)).unwrap();
        let whole = std::fs::read(&path).unwrap();
        std::fs::write(&path, [&whole[..], &whole[..whole.len() / 2]].concat()).unwrap();
        let letters = read(&path).unwrap();
        assert_eq!((letters.iter().collect::<Vec<_>>(), letters.passed_over), (vec![&a], 1));
        append(&path, std::slice::from_ref(&b)).unwrap();
        let letters = read(&path).unwrap();
        assert_eq!((letters.iter().collect::<Vec<_>>(), letters.passed_over), (vec![&a, &b], 1));
    }
}
