//! Kept, kept whole, and told when it is not.

use super::collections::Collection;
use super::records::{StoredJd, StoredText};
use super::values::{Stored, decode, encode};
use super::{Mark, Store, StoredSaid};
use crate::admission::Document;
use crate::engine::{Cause, LastSaid};
use crate::sources::{Position, Stream};
use rolestream_dataflows::id::Id;
use rolestream_dataflows::records::{Dimension, Features, Jd, Record};
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};

fn jd(id: &str) -> (Id, StoredJd, StoredText) {
    let document = Document { id: id.to_owned(), text: format!("text of {id}"), ..Document::default() };
    let jd = Jd {
        content: document.content(),
        source: Id::text("test"),
        received_at: 7,
        company: Id::NONE,
        features: Ok(Features::default()),
    };
    let stored =
        StoredJd { id: id.to_owned(), heading: Default::default(), jd, commit: 1, cause: Cause::Ingest, library: 3 };
    let text = StoredText {
        document,
        parsed: None,
        rejected: None,
        skills: vec!["Rust".to_owned()],
        sentences: Vec::new(),
        parser: None,
        provenance: None,
    };
    (Id::jd(id), stored, text)
}

fn stream() -> Stream {
    Stream { source: "kafka".into(), name: "jd.raw".into(), partition: 3 }
}

/// A store with JDs `0..count`, a commit each, all of it safe.
fn filled(path: &Path, count: usize) {
    let store = Store::open(path).unwrap();
    for n in 0..count {
        let (id, jd, text) = jd(&n.to_string());
        let mut commit = store.commit();
        commit.put_jd(id, &jd, &text);
        commit.put_position(&stream(), Position { next: n as i64 + 1, ..Position::default() });
        commit.write().unwrap();
    }
    store.sync().unwrap();
}

fn held(store: &Store) -> usize {
    store.jds(7).map(|chunk| chunk.unwrap().len()).sum()
}

fn journal(path: &Path) -> PathBuf {
    let files = std::fs::read_dir(path.join("data")).unwrap().map(|entry| entry.unwrap().path());
    files.filter(|file| file.extension().is_some_and(|e| e == "jnl")).max().unwrap()
}

#[test]
fn what_was_committed_is_there_again() {
    let folder = tempfile::tempdir().unwrap();
    filled(folder.path(), 40);
    let store = Store::open(folder.path()).unwrap();
    let (id, one, text) = jd("11");
    assert_eq!((store.jd(id).unwrap(), store.text(id).unwrap()), (Some(one), Some(text)));
    assert_eq!((held(&store), store.jd_count().unwrap()), (40, 40));
    assert_eq!(store.positions().unwrap(), [(stream(), Position { next: 40, ..Position::default() })]);
    let mut commit = store.commit();
    commit.remove_jd(id);
    commit.put_record(&Record::Dimension(Dimension { slug: "d".into(), name: "D".into() }));
    let number = commit.write().unwrap();
    assert!(number > 40);
    assert_eq!((held(&store), store.jd(id).unwrap(), store.records().unwrap().len()), (39, None, 1));
    assert_eq!(store.commit().write().unwrap(), number, "an empty commit is none");
}

#[test]
fn a_store_in_use_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let first = Store::open(folder.path()).unwrap();
    let error = Store::open(folder.path()).unwrap_err().to_string();
    assert!(error.contains("in use") && error.contains(&std::process::id().to_string()), "{error}");
    drop(first);
    assert!(Store::open(folder.path()).is_ok());
    let none = tempfile::tempdir().unwrap();
    assert!(Store::open_existing(none.path()).unwrap_err().to_string().contains("no store"));
}

#[test]
fn a_journal_that_lost_what_was_safe_is_refused_and_left_as_it_was() {
    let folder = tempfile::tempdir().unwrap();
    filled(folder.path(), 40);
    let file = journal(folder.path());
    let whole = std::fs::read(&file).unwrap();
    // The journal is longer than what was written to it: zeros follow.
    let end = whole.iter().rposition(|byte| *byte != 0).unwrap() + 1;
    let cut = &whole[..end / 2];
    std::fs::write(&file, cut).unwrap();
    for _ in 0..2 {
        let error = Store::open(folder.path()).unwrap_err().to_string();
        assert!(error.contains("were safe") && error.contains("hint: nothing of it was changed"), "{error}");
        assert_eq!(std::fs::read(&file).unwrap(), cut, "nothing was cut off");
    }
    std::fs::write(&file, &whole).unwrap();
    assert_eq!(held(&Store::open(folder.path()).unwrap()), 40);
}

#[test]
fn a_flipped_byte_anywhere_in_the_journal_is_told_or_harmless() {
    let folder = tempfile::tempdir().unwrap();
    filled(folder.path(), 12);
    let file = journal(folder.path());
    let whole = std::fs::read(&file).unwrap();
    let end = whole.iter().rposition(|byte| *byte != 0).unwrap() + 1;
    let mut told = 0;
    for place in (0..end).step_by(end / 24) {
        let mut damaged = whole.clone();
        damaged[place] ^= 0x20;
        std::fs::write(&file, &damaged).unwrap();
        match Store::open(folder.path()) {
            Err(error) => {
                told += 1;
                assert!(error.detail.is_some() && error.source.is_some(), "{error}");
                assert_eq!(std::fs::read(&file).unwrap(), damaged, "byte {place}: nothing was cut off");
            }
            // Recovery of the database may rewrite tables: each try begins with the folder as it was.
            Ok(store) => assert_eq!((held(&store), store.check(&|_| ()).found), (12, 0), "byte {place}"),
        }
    }
    assert!(told > 15, "{told} of 24");
}

#[test]
fn a_write_that_a_crash_cut_short_is_dropped_whole() {
    let folder = tempfile::tempdir().unwrap();
    filled(folder.path(), 10);
    let file = journal(folder.path());
    let safe = std::fs::read(&file).unwrap();
    let end = safe.iter().rposition(|byte| *byte != 0).unwrap() + 1;
    {
        let store = Store::open(folder.path()).unwrap();
        let (id, jd, text) = jd("unsafe");
        let mut commit = store.commit();
        commit.put_jd(id, &jd, &text);
        commit.write().unwrap();
    }
    let file = journal(folder.path());
    let longer = std::fs::read(&file).unwrap();
    let now = longer.iter().rposition(|byte| *byte != 0).unwrap() + 1;
    assert!(now > end);
    std::fs::write(&file, &longer[..now - 9]).unwrap();
    let store = Store::open(folder.path()).unwrap();
    assert_eq!((held(&store), store.jd(Id::jd("unsafe")).unwrap()), (10, None));
}

#[test]
fn a_damaged_record_is_named() {
    let (id, one, _) = jd("1");
    let mut bytes = encode(&one).unwrap();
    let key = id.0.to_be_bytes();
    assert_eq!(decode::<StoredJd>(Collection::Jds, &key, &bytes).unwrap(), one);
    let last = bytes.len() - 1;
    bytes[last] ^= 1;
    let error = decode::<StoredJd>(Collection::Jds, &key, &bytes).unwrap_err().to_string();
    assert!(error.contains(&id.to_string()) && error.contains("jds") && error.contains("checksum"), "{error}");
    bytes[last] ^= 1;
    bytes[0] = 9;
    assert!(decode::<StoredJd>(Collection::Jds, &key, &bytes).is_err(), "the version is under the checksum");
    assert!(decode::<StoredJd>(Collection::Jds, &key, &bytes[..3]).is_err());
}

#[test]
fn an_older_form_is_read_and_a_newer_one_refused() {
    #[derive(Serialize, Deserialize)]
    struct Old {
        name: String,
    }
    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    struct New {
        name: String,
        since: u64,
    }
    impl Stored for Old {}
    impl Stored for New {
        const VERSION: u8 = 2;
        fn older(version: u8, payload: &[u8]) -> Option<bincode::Result<New>> {
            (version == 1).then(|| bincode::deserialize::<Old>(payload).map(|old| New { name: old.name, since: 0 }))
        }
    }
    let old = encode(&Old { name: "a".into() }).unwrap();
    assert_eq!(decode::<New>(Collection::Meta, b"k", &old).unwrap(), New { name: "a".into(), since: 0 });
    let new = encode(&New { name: "a".into(), since: 1 }).unwrap();
    let error = decode::<Old>(Collection::Meta, b"k", &new).err().unwrap().to_string();
    assert!(error.contains("newer program"), "{error}");
}

#[test]
fn a_check_finds_what_does_not_fit() {
    let folder = tempfile::tempdir().unwrap();
    filled(folder.path(), 3);
    let store = Store::open(folder.path()).unwrap();
    assert_eq!(store.check(&|_| ()).found, 0, "what is not said yet is no fault");
    let mut commit = store.commit();
    commit.put_mark(Mark { epoch: 1, commit: 1, taxonomy_version: 1 });
    let said = LastSaid { content: 0, stated: None };
    commit.put_last_said(Id::jd("0"), &StoredSaid { id: "0".into(), said });
    let (_, _, text) = jd("nobody");
    let (id, one, _) = jd("1");
    commit.put_jd(id, &one, &text);
    commit.write().unwrap();
    let checked = store.check(&|_| ());
    let found: Vec<Collection> = checked.findings.iter().map(|finding| finding.collection).collect();
    assert_eq!(found, [Collection::Texts, Collection::LastSaid, Collection::LastSaid, Collection::LastSaid]);
    assert_eq!(checked.records[&Collection::Jds], 3);
}

#[test]
fn an_export_makes_the_same_store_elsewhere() {
    let folder = tempfile::tempdir().unwrap();
    filled(&folder.path().join("a"), 25);
    let store = Store::open(&folder.path().join("a")).unwrap();
    assert_eq!(store.compact(&|_| ()).unwrap(), 0);
    let mut commit = store.commit();
    commit.put_gone_role("cook").put_read("sink", 7);
    commit.write().unwrap();
    let mut lines = Vec::new();
    let out = store.export(&mut lines, &|_| ()).unwrap();
    let other = Store::open(&folder.path().join("b")).unwrap();
    other.import(&mut &lines[..], &|_| ()).unwrap();
    let mut again = Vec::new();
    other.export(&mut again, &|_| ()).unwrap();
    let without_numbers = |lines: &[u8]| {
        let lines = String::from_utf8(lines.to_vec()).unwrap();
        lines.lines().filter(|line| !line.contains("6c6173745f636f6d6d6974")).map(str::to_owned).collect::<Vec<_>>()
    };
    assert_eq!(without_numbers(&lines), without_numbers(&again));
    assert!(out.records >= 51);
    assert_eq!((other.gone_roles().unwrap(), other.read_through("sink").unwrap()), (vec!["cook".to_owned()], 7));
    // What comes later is later than all that came before, elsewhere, too.
    assert!(other.last_commit() >= store.last_commit());
    assert!(other.import(&mut &lines[..], &|_| ()).unwrap_err().to_string().contains("not empty"));
}

#[test]
fn a_store_of_an_older_program_is_refused_and_its_export_is_not() {
    let folder = tempfile::tempdir().unwrap();
    filled(&folder.path().join("a"), 2);
    let store = Store::open(&folder.path().join("a")).unwrap();
    let mut commit = store.commit();
    commit.put_format(1);
    commit.write().unwrap();
    let mut lines = Vec::new();
    store.export(&mut lines, &|_| ()).unwrap();
    drop(store);
    let error = Store::open(&folder.path().join("a")).unwrap_err().to_string();
    assert!(error.contains("older program") && error.contains("export"), "{error}");
    // As that program wrote it: a JD of which nothing was known of AI.
    let lines = String::from_utf8(lines).unwrap();
    let older = lines.replace(",\"ai\":{\"title\":false,\"team\":false,\"product\":false}", "");
    assert_ne!(older, lines);
    let other = Store::open(&folder.path().join("b")).unwrap();
    other.import(&mut older.as_bytes(), &|_| ()).unwrap();
    drop(other);
    assert_eq!(held(&Store::open(&folder.path().join("b")).unwrap()), 2);
}
