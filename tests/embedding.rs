//! Do texts get the vectors they should, every time?

use rolestream::embed::{Embedder, Replay, Similarity, StaticTable, WordPiece};
use rolestream_dataflows::fixed::{Micro, SCALE, Vector, dot};
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

const TOKENIZER: &[u8] = include_bytes!("../config/embedding/tokenizer.json");

fn table() -> Arc<StaticTable> {
    StaticTable::built_in().expect("the built-in table is sound")
}

/// The lines of `file` are pairs of a text and its token ids.
fn differing_lines(file: &str) -> Vec<String> {
    let words = WordPiece::from_json(TOKENIZER).expect("the built-in tokenizer is sound");
    let differs = |line: &&str| {
        let (text, expected): (String, Vec<u32>) = serde_json::from_str(line).expect("a text and its ids");
        let mut ids = Vec::new();
        words.tokens(&text, &mut ids);
        ids != expected
    };
    file.split('\n').filter(|line| !line.is_empty()).filter(differs).map(str::to_owned).collect()
}

/// The ids in the file are those of Hugging Face's `tokenizers` 0.23 with this `tokenizer.json`, its special tokens,
/// padding and truncation taken out.
#[test]
fn tokens_are_those_of_the_reference_tokenizer() {
    assert_eq!(differing_lines(include_str!("embedding/wordpiece.jsonl")), Vec::<String>::new());
}

/// More of the same, from a file made for the occasion.
#[test]
fn tokens_are_those_of_the_reference_tokenizer_in_a_larger_file() {
    let Some(path) = std::env::var_os("ROLESTREAM_TOKENS") else {
        return eprintln!("skipped: ROLESTREAM_TOKENS names no file of texts and token ids");
    };
    let differing = differing_lines(&std::fs::read_to_string(path).expect("ROLESTREAM_TOKENS names a file"));
    assert!(differing.is_empty(), "{} differ, the first: {:?}", differing.len(), &differing[..differing.len().min(10)]);
}

#[test]
fn a_text_without_a_known_token_has_no_vector() {
    let vectors = table().embed(&["", " \n\t", "ꙮꙮ", "engineer"]).unwrap();
    assert_eq!(vectors.iter().map(Option::is_some).collect::<Vec<_>>(), [false, false, false, true]);
    let [with, without] = ["design ꙮ services", "design services"].map(|text| one(&*table(), text));
    assert_eq!(with, without, "an unknown word has no say");
}

fn one(embedder: &dyn Embedder, text: &str) -> Vector {
    embedder.embed(&[text]).unwrap().remove(0).expect("the text has known words")
}

/// Meaning, roughly: each sentence is nearer to its own restatement than to any other sentence.
#[test]
fn restatements_are_near() {
    let pairs = [
        ("Build and maintain CI/CD pipelines", "Automates builds, tests and deployments with Jenkins"),
        ("Train machine learning models on customer data", "Develops predictive models with TensorFlow and PyTorch"),
        ("Answer patients' questions at the front desk", "Greets visitors and schedules appointments for the clinic"),
        ("Prepare monthly accounts and tax returns", "Reconciles ledgers and files financial statements"),
        ("Design screens with designers and write React components", "Implements user interfaces in TypeScript"),
    ];
    let vectors = pairs.map(|(left, right)| (one(&*table(), left), one(&*table(), right)));
    for (index, (left, own)) in vectors.iter().enumerate() {
        for (other, (_, right)) in vectors.iter().enumerate().filter(|(other, _)| *other != index) {
            assert!(left.similarity(own) > left.similarity(right), "{:?} and {:?}", pairs[index].0, pairs[other].1);
        }
    }
}

/// Fixed for ever: another machine, another compiler or a change of the code must give these very integers.
#[test]
fn vectors_are_the_same_on_every_machine() {
    let texts = ["Senior Backend Engineer", "Führt Gespräche über C++, Kafka & Kubernetes – täglich."];
    let beginnings = texts.map(|text| one(&*table(), text).components()[..8].to_vec());
    assert_eq!(beginnings, [[-39, -3, 32, -43, 26, -61, -24, 46], [-15, -30, -36, -29, -43, 2, -26, 5]]);
}

#[test]
fn neither_batch_nor_order_nor_thread_changes_a_vector() {
    let texts: Vec<String> =
        (0..60).map(|n| format!("Task {n}: keep service {} fast, line {}", n % 7, n * n)).collect();
    let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
    let together = table().embed(&texts).unwrap();
    let alone: Vec<_> = texts.iter().rev().map(|text| Some(one(&*table(), text))).rev().collect();
    assert_eq!(together, alone);
    let threads: Vec<_> = std::thread::scope(|scope| {
        let running: Vec<_> = texts.chunks(13).map(|part| scope.spawn(move || table().embed(part).unwrap())).collect();
        running.into_iter().flat_map(|thread| thread.join().unwrap()).collect()
    });
    assert_eq!(together, threads);
    let mut reversed: Vec<&str> = "review the changes of others".split(' ').collect();
    reversed.reverse();
    assert_eq!(one(&*table(), &reversed.join(" ")), one(&*table(), "review the changes of others"));
}

/// The quick way of the table and the trait's own give the same; so does a text longer than one sum can hold.
#[test]
fn a_document_is_its_parts_together() {
    let long = "integrate systems, ".repeat(3_000);
    let parts = ["Own the payments service.", "", "ꙮ", long.as_str(), "Mentor juniors; write specs"];
    let document = table().embed_document(&parts).unwrap();
    assert_eq!(document.parts, table().embed(&parts).unwrap());
    assert_eq!(document.whole, Some(one(&*table(), &parts.join("\n"))));
    assert_eq!(table().embed_document(&["", "ꙮ"]).unwrap().whole, None);

    let replay = Replay::new("given", [("a b", one(&*table(), "both")), ("a", one(&*table(), "first"))]);
    let document = replay.embed_document(&["a", "b"]).unwrap();
    assert_eq!(document.parts, [Some(one(&*table(), "first")), None]);
    assert_eq!(document.whole, Some(one(&*table(), "both")), "a line's end is white space");
}

#[test]
fn a_folder_with_the_same_files_is_the_same_table() {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("config/embedding");
    let from_folder = StaticTable::from_folder(&folder).unwrap();
    assert_eq!(from_folder.model(), table().model());
    assert_eq!(one(&from_folder, "site reliability"), one(&*table(), "site reliability"));
    let missing = StaticTable::from_folder(&folder.join("none")).err().expect("there is no such folder");
    assert!(missing.to_string().contains("none/model.safetensors"), "{missing}");
}

/// The printed similarities of a run recorded elsewhere, and the role scores that follow from them.
#[test]
fn the_reference_run_can_be_replayed() {
    let Some(folder) = std::env::var_os("ROLESTREAM_REFERENCE") else {
        return eprintln!("skipped: ROLESTREAM_REFERENCE names no folder with a reference run");
    };
    let run = std::fs::read_to_string(PathBuf::from(folder).join("reference_run.json")).expect("reference_run.json");
    let run: serde_json::Value = serde_json::from_str(&run).expect("JSON");
    let (mut pairs, mut scores) = (Vec::new(), BTreeMap::new());
    for role in run["stage3_signals"]["kra_match_roles"].as_array().expect("roles") {
        let evidence: Vec<Similarity> = serde_json::from_value(role["kra_matches"].clone()).expect("pairs");
        scores.insert(role["score"].to_string(), evidence.clone());
        pairs.extend(evidence);
    }
    assert_eq!(pairs.len(), 15);
    let replay = Replay::from_similarities("printed", &pairs).unwrap();
    let similarity = |pair: &Similarity, embedder: &dyn Embedder| {
        one(embedder, &pair.left).similarity(&one(embedder, &pair.right)).0
    };
    for pair in &pairs {
        let error = f64::from(similarity(pair, &replay)) / 1e6 - pair.similarity;
        assert!(error.abs() <= 0.002, "{error:.4} off: {pair:?}");
    }
    for (score, evidence) in scores {
        let mean: f64 = evidence.iter().map(|p| f64::from(similarity(p, &replay)) / 1e6 / 3.0).sum();
        assert!((mean - score.parse::<f64>().unwrap()).abs() <= 0.003, "{mean:.4} instead of {score}");
    }
    let ours: Vec<f64> = pairs.iter().map(|p| f64::from(similarity(p, &*table()))).collect();
    let printed: Vec<f64> = pairs.iter().map(|p| p.similarity).collect();
    let correlation = correlation(&ours, &printed);
    eprintln!("correlation of the built-in table with the printed similarities: {correlation:.3}");
    assert!(correlation > 0.85);
}

fn correlation(a: &[f64], b: &[f64]) -> f64 {
    let mean = |x: &[f64]| x.iter().sum::<f64>() / x.len() as f64;
    let (ma, mb) = (mean(a), mean(b));
    let sum = |f: &dyn Fn(f64, f64) -> f64| a.iter().zip(b).map(|(x, y)| f(x - ma, y - mb)).sum::<f64>();
    sum(&|x, y| x * y) / (sum(&|x, _| x * x) * sum(&|_, y| y * y)).sqrt()
}

/// On real sentences: how far is a quantised vector from unit length, and how fast are documents? Prints; fails only
/// where a vector is wrong.
#[test]
fn real_sentences_are_quantised_well() {
    let Some(folder) = std::env::var_os("ROLESTREAM_DATA") else {
        return eprintln!("skipped: ROLESTREAM_DATA names no folder with job descriptions");
    };
    let file = std::fs::File::open(PathBuf::from(folder).join("jds/jds_dev.jsonl.gz")).expect("jds_dev.jsonl.gz");
    let lines = std::io::BufRead::lines(std::io::BufReader::new(flate2::read::GzDecoder::new(file)));
    let texts: Vec<String> = lines
        .take(4_000)
        .filter_map(|line| {
            serde_json::from_str::<serde_json::Value>(&line.ok()?).ok()?["text"].as_str().map(str::to_owned)
        })
        .collect();
    let documents: Vec<Vec<&str>> = texts.iter().map(|text| text.lines().filter(|l| l.len() >= 20).collect()).collect();
    let table = table();
    let begin = std::time::Instant::now();
    let vectors: Vec<_> = documents.iter().map(|parts| table.embed_document(parts).unwrap()).collect();
    let seconds = begin.elapsed().as_secs_f64();
    let bytes: usize = documents.iter().flatten().map(|part| part.len()).sum();
    let all: Vec<&Vector> = vectors.iter().flat_map(|d| d.parts.iter().chain([&d.whole])).flatten().collect();
    let clamped = all.iter().filter(|v| v.components().iter().any(|c| c.abs() == 127)).count();
    let lengths: Vec<f64> =
        all.iter().map(|v| f64::from(dot(v.components(), v.components())).sqrt() / f64::from(SCALE)).collect();
    let (least, most) = lengths.iter().fold((f64::MAX, 0.0f64), |(a, b), l| (a.min(*l), b.max(*l)));
    eprintln!(
        "{} documents of {} bytes and {} lines on average: {:.0} documents/s; {} vectors, {clamped} clamped, lengths {least:.4} to {most:.4}",
        documents.len(),
        bytes / documents.len(),
        all.len() / documents.len(),
        documents.len() as f64 / seconds,
        all.len(),
    );
    assert!(least > 0.98 && most < 1.02);
    assert!(all.iter().all(|v| v.similarity(v) >= Micro(960_000)));
}
