//! Do files come in and go out as they should? Followed, cut, replaced, dropped into folders; torn by crashes.

use rolestream::dead_letters::{DeadLetter, Letters, file as letter_file, retry};
use rolestream::error::Error;
use rolestream::sinks::{FileWriter, Outgoing, Writer, file::read_compacted};
use rolestream::sources::decode::{Incoming, Reason, decode};
use rolestream::sources::file::{FileSource, StdinSource, sources};
use rolestream::sources::{Feed, Kind, Message, Positions, Source, Stop};
use std::fs::OpenOptions;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::mpsc::Receiver;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// Long enough for any machine; nothing waits for it unless a test fails.
const DEADLINE: Duration = Duration::from_secs(30);

/// A source at work, and the far end of its queue.
struct Reading {
    messages: Receiver<Message>,
    positions: Positions,
    stop: Stop,
    thread: Option<JoinHandle<Result<(), Error>>>,
}

fn start(source: impl Source + 'static, positions: &Positions, once: bool) -> Reading {
    let stop = Stop::default();
    let (feed, messages) = Feed::new(64, positions.clone(), stop.clone(), once);
    let thread = std::thread::spawn(move || Box::new(source).run(feed));
    Reading { messages, positions: positions.clone(), stop, thread: Some(thread) }
}

impl Reading {
    /// The next message, which is thereby in the store.
    fn next(&self) -> Message {
        let message = self.messages.recv_timeout(DEADLINE).expect("a message comes");
        self.positions.put([(message.stream.clone(), message.read_to)]);
        message
    }

    /// The values of the next messages.
    fn texts(&self, count: usize) -> Vec<String> {
        (0..count).map(|_| value(&self.next())).collect()
    }

    /// All that comes until the source ends by itself.
    fn rest(mut self) -> (Vec<Message>, Result<(), Error>) {
        let mut found = Vec::new();
        while let Ok(message) = self.messages.recv_timeout(DEADLINE) {
            self.positions.put([(message.stream.clone(), message.read_to)]);
            found.push(message);
        }
        (found, self.thread.take().unwrap().join().unwrap())
    }
}

impl Drop for Reading {
    fn drop(&mut self) {
        self.stop.stop();
        if let Some(thread) = self.thread.take() {
            thread.join().unwrap().unwrap();
        }
    }
}

fn value(message: &Message) -> String {
    String::from_utf8(message.value.clone().unwrap()).unwrap()
}

fn files(paths: &[(Kind, &Path)]) -> FileSource {
    FileSource::new(paths.iter().map(|(kind, path)| (*kind, path.to_path_buf())).collect(), 100_000)
}

fn raw(path: &Path) -> FileSource {
    files(&[(Kind::Raw, path)])
}

fn once(source: FileSource, positions: &Positions) -> Vec<Message> {
    let (messages, ended) = start(source, positions, true).rest();
    ended.unwrap();
    messages
}

fn append(path: &Path, text: &str) {
    let mut file = OpenOptions::new().append(true).create(true).open(path).unwrap();
    file.write_all(text.as_bytes()).unwrap();
}

fn put(folder: &TempDir, name: &str, bytes: &[u8]) -> PathBuf {
    let path = folder.path().join(name);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(&path, bytes).unwrap();
    path
}

/// Waits until the source has looked at all its files three more times (a file must be the same at two looks), which
/// is seen by a file of the same folder that is looked at last; what else came meanwhile.
fn looked(reading: &Reading, folder: &Path, name: &str) -> Vec<Message> {
    let mut found = Vec::new();
    let begun = Instant::now();
    for _ in 0..3 {
        append(&folder.join(name), "last\n");
        loop {
            assert!(begun.elapsed() < DEADLINE);
            match reading.next() {
                message if value(&message) == "last" => break,
                message => found.push(message),
            }
        }
    }
    found
}

#[test]
fn lines_are_followed_and_an_unfinished_one_is_waited_for() {
    let folder = tempfile::tempdir().unwrap();
    let path = put(&folder, "a.jsonl", b"one\n\ntwo\nthr");
    let reading = start(raw(folder.path()), &Positions::default(), false);
    let (one, two) = (reading.next(), reading.next());
    assert_eq!((value(&one), one.offset, one.read_to.next), ("one".to_owned(), 1, 4));
    assert_eq!((value(&two), two.offset, two.read_to.next), ("two".to_owned(), 3, 9));
    assert!(looked(&reading, folder.path(), "z.jsonl").is_empty(), "a line is no message before it has ended");
    append(&path, "ee\nfour\n");
    assert_eq!(reading.texts(2), ["three", "four"]);
}

#[test]
fn reading_goes_on_after_what_is_in_the_store() {
    let folder = tempfile::tempdir().unwrap();
    // Shorter than what is looked at to know it again, and the line at the end has no end yet.
    let path = put(&folder, "a.jsonl", b"one\ntwo");
    let positions = Positions::default();
    assert_eq!(once(raw(&path), &positions).iter().map(value).collect::<Vec<_>>(), ["one", "two"]);
    assert!(once(raw(&path), &positions).is_empty());
    append(&path, "\nthree\n");
    let more = once(raw(&path), &positions);
    assert_eq!(more.iter().map(|m| (value(m), m.offset)).collect::<Vec<_>>(), [("three".to_owned(), 3)]);
    // What was read but did not get into the store comes again.
    let forgetful = Positions::new(positions.all().into_iter().map(|(stream, mut position)| {
        (position.next, position.line) = (4, 1);
        (stream, position)
    }));
    assert_eq!(once(raw(&path), &forgetful).iter().map(value).collect::<Vec<_>>(), ["two", "three"]);
}

#[test]
fn a_file_that_was_cut_or_replaced_is_read_anew() {
    let folder = tempfile::tempdir().unwrap();
    let path = put(&folder, "a.jsonl", b"one\ntwo\n");
    let positions = Positions::default();
    let reading = start(raw(&path), &positions, false);
    assert_eq!(reading.texts(2), ["one", "two"]);
    put(&folder, "a.jsonl", b"1\n");
    assert_eq!(reading.texts(1), ["1"]);
    // Longer, and another.
    put(&folder, "new", b"uno\ndue\ntre\n");
    std::fs::rename(folder.path().join("new"), &path).unwrap();
    assert_eq!(reading.texts(3), ["uno", "due", "tre"]);
    drop(reading);
    // While nobody looked.
    put(&folder, "a.jsonl", b"eins\nzwei\ndrei\nvier\n");
    assert_eq!(once(raw(&path), &positions).len(), 4);
    put(&folder, "a.jsonl", b"eins\n");
    assert_eq!(once(raw(&path), &positions).len(), 1);
}

#[test]
fn files_dropped_into_a_folder_are_found_and_read_again_when_they_change() {
    let folder = tempfile::tempdir().unwrap();
    let reading = start(raw(folder.path()), &Positions::default(), false);
    put(&folder, ".hidden.txt", b"no");
    put(&folder, "half.txt.part", b"no");
    put(&folder, "README.md", b"no");
    put(&folder, "sub/cook.txt", b"Title: Cook");
    let Ok(Incoming::Jd(document)) = decode(&reading.next()) else { panic!() };
    assert_eq!((document.id.as_str(), document.text.as_str()), ("sub/cook.txt", "Title: Cook"));
    put(&folder, "sub/cook.txt", b"Title: Chef");
    let changed = reading.next();
    let Ok(Incoming::Jd(document)) = decode(&changed) else { panic!() };
    assert_eq!((document.id.as_str(), document.text.as_str()), ("sub/cook.txt", "Title: Chef"));
    assert_eq!(changed.read_to.next, 11);
    // Touched, with the same content: nothing new.
    put(&folder, "sub/cook.txt", b"Title: Chef");
    assert!(looked(&reading, folder.path(), "z.jsonl").is_empty());
}

#[test]
fn whole_files_are_known_again_after_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    put(&folder, "a.html", b"<p>One");
    put(&folder, "b.json", b"[{\"text\": \"x\"}, {\"id\": \"y\", \"text\": \"y\"}, {\"text\": \"z\"}]");
    put(&folder, "c.md", b"# Three");
    let positions = Positions::default();
    let found = once(raw(folder.path()), &positions);
    let ids: Vec<String> = found
        .iter()
        .map(|message| match decode(message).unwrap() {
            Incoming::Jd(document) => document.id,
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(ids, ["a.html", "b.json#1", "y", "b.json#3", "c.md"]);
    assert!(once(raw(folder.path()), &positions).is_empty());
    // Of the three in b.json only the first had got into the store.
    positions.put([(found[1].stream.clone(), found[1].read_to)]);
    assert_eq!(once(raw(folder.path()), &positions), found[2..4]);
}

#[test]
fn compressed_lines_are_read_once_and_go_on_after_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let pack = |text: &str| {
        let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        packed.write_all(text.as_bytes()).unwrap();
        packed.finish().unwrap()
    };
    let path = put(&folder, "a.jsonl.gz", &pack("one\ntwo\nthree"));
    let positions = Positions::default();
    let found = once(raw(&path), &positions);
    assert_eq!(found.iter().map(value).collect::<Vec<_>>(), ["one", "two", "three"]);
    assert!(once(raw(&path), &positions).is_empty());
    positions.put([(found[0].stream.clone(), found[0].read_to)]);
    assert_eq!(once(raw(&path), &positions), found[1..]);
    put(&folder, "a.jsonl.gz", &pack("one\ntwo\nthree\nfour\n"));
    assert_eq!(once(raw(&path), &positions).len(), 4);
    let text = put(&folder, "cook.txt.gz", &pack("Title: Cook"));
    let found = once(raw(&text), &positions);
    assert!(matches!(decode(&found[0]), Ok(Incoming::Jd(document)) if document.text == "Title: Cook"));
    // Cut short on its way here: what is there is read, and the loss is told.
    let whole = pack(&"a line like any other, 0123456789\n".repeat(10_000));
    let torn = put(&folder, "torn.jsonl.gz", &whole[..whole.len() / 2]);
    let (_, ended) = start(raw(&torn), &positions, true).rest();
    assert!(ended.unwrap_err().hint.unwrap().contains("damaged"));
}

#[test]
fn what_is_too_large_is_refused_and_costs_nothing_that_follows() {
    let folder = tempfile::tempdir().unwrap();
    let line =
        format!("{{\"id\": \"long\", \"text\": \"{}\"}}\n{{\"id\": \"b\", \"text\": \"\"}}\n", "x".repeat(300_000));
    let lines = put(&folder, "a.jsonl", line.as_bytes());
    let text = put(&folder, "b.txt", &[b'x'; 300_000]);
    let found = once(files(&[(Kind::Raw, &lines), (Kind::Raw, &text)]), &Positions::default());
    let reasons: Vec<_> = found.iter().map(|message| decode(message).map_err(|refusal| refusal.reason).err()).collect();
    assert_eq!(reasons, [Some(Reason::TooLarge), None, Some(Reason::TooLarge)]);
    assert_eq!(found[0].value.as_ref().unwrap().len(), 65_536);
    assert!(found[0].value.as_ref().unwrap().starts_with(b"{\"id\": \"long\""));
}

#[test]
fn each_file_keeps_its_order_and_its_kind_and_a_missing_one_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let many: String = (0..5_000).map(|n| format!("{n}\n")).collect();
    let a = put(&folder, "a.jsonl", many.as_bytes());
    let b = put(&folder, "b.ndjson", many.as_bytes());
    let found = once(files(&[(Kind::Taxonomy, &a), (Kind::Parsed, &b)]), &Positions::default());
    for kind in [Kind::Taxonomy, Kind::Parsed] {
        let of_kind = found.iter().filter(|message| message.kind == kind).map(value);
        assert!(of_kind.eq((0..5_000).map(|n| n.to_string())), "{kind:?}");
    }
    // Neither file waited for all of the other.
    let turn = found.iter().position(|message| message.kind == Kind::Parsed).unwrap();
    assert!(turn < 5_000);
    let (_, ended) = start(raw(&folder.path().join("none.jsonl")), &Positions::default(), true).rest();
    assert!(ended.unwrap_err().primary.contains("none.jsonl"));
}

#[test]
fn standard_input_is_lines_until_its_end() {
    let input = Box::new(&b"one\n\ntwo"[..]);
    let (found, ended) = start(StdinSource::over(Kind::Raw, 100, input), &Positions::default(), false).rest();
    ended.unwrap();
    assert_eq!(
        found.iter().map(|m| (value(m), m.offset)).collect::<Vec<_>>(),
        [("one".to_owned(), 1), ("two".to_owned(), 3)]
    );
    assert_eq!(&*found[0].stream.source, "stdin");
    // One that never ends does not hold up the end.
    let (reader, _writer) = std::io::pipe().unwrap();
    let reading = start(StdinSource::over(Kind::Raw, 100, Box::new(reader)), &Positions::default(), false);
    drop(reading);
}

#[test]
fn a_changelog_goes_on_after_a_crash_without_the_line_it_tore() {
    let folder = tempfile::tempdir().unwrap();
    let upsert = |key: &str, value: Option<&str>, epoch| Outgoing {
        topic: "r.decisions".into(),
        key: key.to_owned(),
        value: value.map(str::to_owned),
        epoch,
    };
    let stop = Stop::default();
    let mut writer = FileWriter::open(folder.path()).unwrap();
    writer.write(&[upsert("a", Some("1"), 1), upsert("b", Some("2"), 1)], &stop).unwrap();
    drop(writer);
    let path = folder.path().join("r.decisions.jsonl");
    let whole = std::fs::read_to_string(&path).unwrap();
    // Longer than what is looked at in one step.
    append(&path, &format!("{{\"key\":\"c\",\"value\":\"{}", "x".repeat(200_000)));
    assert_eq!(read_compacted(&path).unwrap().len(), 2);
    let other = put(&folder, "jds.jsonl", b"{}");
    let mut writer = FileWriter::open(folder.path()).unwrap();
    writer.write(&[upsert("a", None, 2), upsert("b", Some("3"), 2), upsert("c", Some("{}"), 2)], &stop).unwrap();
    let now: Vec<_> = read_compacted(&path).unwrap().into_iter().map(|(key, value)| format!("{key} {value}")).collect();
    assert_eq!(now, ["b 3", "c {}"]);
    assert!(std::fs::read_to_string(&path).unwrap().starts_with(&format!("{whole}{{\"key\":\"a\",\"value\":null")));
    assert_eq!(std::fs::read(&other).unwrap(), b"{}", "what others keep there is theirs");
    // Nothing but a torn line.
    std::fs::write(&path, "{\"key\"").unwrap();
    FileWriter::open(folder.path()).unwrap().write(&[upsert("a", None, 3)], &stop).unwrap();
    assert_eq!(std::fs::read(&path).unwrap(), b"{\"key\":\"a\",\"value\":null,\"epoch\":3}\n");
}

/// What cannot be decoded of the messages of a file, as the service keeps it.
fn refused(path: &Path) -> Vec<DeadLetter> {
    let messages = once(raw(path), &Positions::default());
    let letter = |message: Message| decode(&message).err().map(|refusal| DeadLetter::new(message, &refusal, 1_000));
    messages.into_iter().filter_map(letter).collect()
}

/// Runs the program on the letters of a store.
fn dead_letters(store: &Path, arguments: &[&str]) -> (i32, String, String) {
    let run = Command::new(env!("CARGO_BIN_EXE_rolestream"))
        .current_dir(store)
        .args(["dead-letters", "--set", "kafka.brokers=", "--set", &format!("store.path={}", store.display())])
        .args(arguments)
        .stdin(Stdio::null())
        .env_remove("ROLESTREAM_CONFIG")
        .output()
        .unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (run.status.code().unwrap(), text(run.stdout), text(run.stderr))
}

#[test]
fn what_was_refused_is_listed_shown_sent_again_and_struck_off() {
    let folder = tempfile::tempdir().unwrap();
    let input =
        put(&folder, "in/jds.jsonl", b"{\"text\": 5}\n{\"text\": \"fine\"}\nnot json\n\x89PNG\0\0\0\x0d\x01\x02\n");
    let letters = refused(&input);
    let reasons: Vec<&str> = letters.iter().map(|letter| letter.reason.as_str()).collect();
    assert_eq!(reasons, ["wrong_type", "not_json", "not_text"]);
    let store = folder.path().join("store");
    std::fs::create_dir(&store).unwrap();
    let kept = store.join("dead-letters.jsonl");
    letter_file::append(&kept, &letters).unwrap();

    let (code, out, _) = dead_letters(&store, &["list", "--json", "--limit", "2"]);
    let lines: Vec<serde_json::Value> = out.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!((code, lines.len(), lines[0]["reason"].as_str()), (0, 2, Some("not_json")));
    assert_eq!(DeadLetter::from_json(&lines[1]).as_ref(), Ok(&letters[2]));
    let (code, out, said) = dead_letters(&store, &["list", "--reason", "not_json"]);
    assert!(code == 0 && out.contains("not_json") && !out.contains("wrong_type"), "{out}");
    assert!(said.contains("1 dead letter"), "{said}");
    let (code, out, _) = dead_letters(&store, &["show", &letters[1].id()]);
    assert!(code == 0 && out.contains("hint: ") && out.ends_with("\nnot json\n"), "{out}");
    let (code, _, said) = dead_letters(&store, &["show", &letters[1].id().replace("jds", "jbs")]);
    assert!(code == 1 && said.contains(&format!("did you mean \"{}\"?", letters[1].id())), "{said}");
    assert_eq!(dead_letters(&store, &["retry"]).0, 2);

    // Half known: what is there goes, and the other is told.
    let (code, out, said) = dead_letters(&store, &["retry", "none", &letters[0].id(), "--json"]);
    assert!(code == 1 && said.contains("no dead letter \"none\"") && out.contains("\"retried\":true"), "{out}{said}");
    let left = |letters: Letters| letters.iter().map(|letter| letter.reason.clone()).collect::<Vec<_>>();
    assert_eq!(left(letter_file::read(&kept).unwrap()), ["not_json", "not_text"]);
    let (code, _, said) = dead_letters(&store, &["retry", "--all"]);
    assert!(code == 0 && said.contains("2 messages sent again"), "{said}");
    assert!(left(letter_file::read(&kept).unwrap()).is_empty());

    // What watches the store gets them as they were, and they are the same JDs as before.
    let mut watching = sources(&retry::folders(&store), 100_000);
    assert_eq!(watching.len(), 1);
    let (feed, messages) = Feed::new(64, Positions::default(), Stop::default(), true);
    retry::make_folders(&store).unwrap();
    watching.remove(0).run(feed).unwrap();
    let again: Vec<Message> = messages.iter().collect();
    let mut bytes: Vec<&[u8]> = again.iter().map(|message| message.value.as_deref().unwrap()).collect();
    bytes.sort_unstable();
    let id = format!("{{\"id\":\"{}:1\",\"text\":5}}", input.display());
    let mut expected = [id.as_bytes(), b"not json", b"\x89PNG\0\0\0 \x01\x02"];
    expected.sort_unstable();
    assert_eq!(bytes, expected);
}
