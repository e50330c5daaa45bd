//! What does it cost to keep answers live: a JD from text, a JD from features, an edit under held JDs, a held JD?
//!
//! `cargo bench --bench live` measures with the shipped taxonomy and sample JDs, repeated under other ids. Real JDs
//! (`jds/` of the folder that ROLESTREAM_DATA names) and O*NET (`onet/`) are used where they are. Arguments that
//! criterion understands select by name; `ROLESTREAM_BENCH_HELD` sets how many JDs are held (10000, 100000).

use criterion::{Criterion, Throughput};
use rolestream::admission::{Admission, Admitted, Document, Documents, Domains, Limits, in_parallel};
use rolestream::embed::{Embedder, StaticTable};
use rolestream::engine::{Batch, Engine};
use rolestream::jd::{Parser, ParserSettings, SkillLibrary};
use rolestream::taxonomy::{Taxonomy, onet};
use rolestream_dataflows::id::Id;
use rolestream_dataflows::records::{Change, JdUpdate, Kra, Record};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Worker threads and admitting threads.
const WORKERS: usize = 2;
/// JDs of an epoch while loading.
const BATCH: usize = 1000;
/// A role's rewordings measured.
const EDITS: usize = 60;

fn main() {
    let mut criterion = Criterion::default().configure_from_args().sample_size(10);
    let embedder = StaticTable::built_in().expect("the built-in table is sound");
    let data = std::env::var_os("ROLESTREAM_DATA").map(PathBuf::from);
    let documents = documents(data.as_deref());
    println!("{} different JDs, {WORKERS} workers", documents.len());

    let shipped = Taxonomy::shipped().expect("the shipped taxonomy loads");
    let records = records(&shipped, &*embedder);
    let parser = parser(&records);
    let admitted = from_text(&mut criterion, &parser, &*embedder, &documents);
    let updates: Vec<JdUpdate> = admitted.into_iter().map(|a| a.update).collect();
    for held in held_numbers() {
        live("shipped taxonomy", &records, &updates, held);
    }
    match data.map(|data| data.join("onet")).filter(|onet| onet.is_dir()) {
        Some(folder) => {
            let imported = onet::import(&folder).expect("O*NET loads");
            let records = self::records(&imported, &*embedder);
            let parser = self::parser(&records);
            let updates: Vec<JdUpdate> = admit(&parser, &*embedder, &documents).into_iter().map(|a| a.update).collect();
            for held in held_numbers() {
                live("O*NET", &records, &updates, held);
            }
        }
        None => println!("left out: O*NET (ROLESTREAM_DATA names no folder with onet/)"),
    }
    criterion.final_summary();
}

fn held_numbers() -> Vec<usize> {
    let asked = std::env::var("ROLESTREAM_BENCH_HELD").unwrap_or_else(|_| "10000,100000".to_owned());
    asked.split(',').map(|n| n.trim().parse().expect("ROLESTREAM_BENCH_HELD holds numbers, parted by commas")).collect()
}

fn documents(data: Option<&Path>) -> Vec<Arc<Document>> {
    let real = data.map(|data| data.join("jds/jds_dev.jsonl.gz")).filter(|file| file.is_file());
    let samples = Path::new(env!("CARGO_MANIFEST_DIR")).join("config/samples/samples.jsonl");
    let limits = Limits::of_text(1 << 20);
    let documents = Documents::new(&[real.unwrap_or(samples)], limits);
    documents.map(|document| Arc::new(document.expect("every JD can be read"))).collect()
}

fn records(taxonomy: &Taxonomy, embedder: &dyn Embedder) -> Vec<Record> {
    taxonomy.to_records(&mut |texts| embedder.embed(texts).expect("the table embeds every text"))
}

fn parser(records: &[Record]) -> Parser {
    let skills = records.iter().filter_map(|r| if let Record::Skill(skill) = r { Some(skill) } else { None });
    Parser::new(ParserSettings::default(), Arc::new(SkillLibrary::new(skills)))
}

fn admit(parser: &Parser, embedder: &dyn Embedder, documents: &[Arc<Document>]) -> Vec<Admitted> {
    let domains = Domains::built_in(embedder).expect("the industries are sound");
    let admission = Admission { parser, embedder, domains: &domains, source: "bench", now: 1_770_000_000_000 };
    in_parallel(documents, WORKERS, |document| admission.admit(document.clone()).expect("the table embeds"))
}

/// JDs a second from text to features, on all threads, and on one for each stage.
fn from_text(
    criterion: &mut Criterion,
    parser: &Parser,
    embedder: &dyn Embedder,
    documents: &[Arc<Document>],
) -> Vec<Admitted> {
    let some = &documents[..documents.len().min(500)];
    let mut group = criterion.benchmark_group("text");
    group.throughput(Throughput::Elements(some.len() as u64));
    group.bench_function("admit", |b| b.iter(|| admit(parser, embedder, some).len()));
    group.finish();
    let begun = Instant::now();
    let admitted = admit(parser, embedder, documents);
    rate("text to features", documents.len(), begun.elapsed());
    admitted
}

/// Loads a taxonomy and `held` JDs, then rewords KRAs.
fn live(taxonomy: &str, records: &[Record], updates: &[JdUpdate], held: usize) {
    println!("\n{taxonomy}, {held} JDs held");
    let engine = Engine::start(WORKERS).expect("the engine starts");
    let changes = records.iter().cloned().map(Change::Put).collect();
    let begun = Instant::now();
    engine.apply(Batch::of_changes(changes)).expect("the taxonomy loads");
    println!("  taxonomy: {:.0} ms", milliseconds(begun.elapsed()));
    let all: Vec<JdUpdate> = (0..held).map(|n| under_another_id(&updates[n % updates.len()], n)).collect();
    let sentences: usize = all.iter().map(sentences).sum();
    let before = resident();
    let begun = Instant::now();
    let tickets: Vec<_> =
        all.chunks(BATCH).map(|jds| engine.submit(Batch::of_jds(jds.to_vec())).expect("it takes JDs")).collect();
    tickets.last().map(|ticket| engine.wait(ticket).expect("it answers"));
    let whole = begun.elapsed();
    rate("features to all views", held, whole);
    if let (Some(before), Some(after)) = (before, resident()) {
        let vectors = sentences * 256 / held;
        let each = after.saturating_sub(before) / held;
        println!(
            "  memory: {each} bytes a JD, {} beside its {vectors} of sentence vectors",
            each.saturating_sub(vectors)
        );
    }

    let kras: Vec<&Kra> =
        records.iter().filter_map(|r| if let Record::Kra(kra) = r { Some(kra) } else { None }).collect();
    let mut times = Vec::new();
    let mut changed = Vec::new();
    for n in 0..EDITS {
        let kra = kras[n * 37 % kras.len()];
        // Reworded: it now says what another of its role's says, with a few words changed, as it were.
        let other = kras[(n * 37 + 1) % kras.len()];
        let reworded = Kra { vector: other.vector.clone(), ..kra.clone() };
        for record in [reworded, kra.clone()] {
            let begun = Instant::now();
            let report =
                engine.apply(Batch::of_changes(vec![Change::Put(Record::Kra(record))])).expect("it takes edits");
            times.push(begun.elapsed());
            changed.push(report.decisions.len());
        }
    }
    times.sort();
    changed.sort();
    let (half, most) = (times[times.len() / 2], times[times.len() * 99 / 100]);
    println!(
        "  a KRA reworded: {:.1} ms p50, {:.1} ms p99, {} answers changed p50; {:.0} times cheaper than all anew",
        milliseconds(half),
        milliseconds(most),
        changed[changed.len() / 2],
        whole.as_secs_f64() / half.as_secs_f64(),
    );
    let mut single = Vec::new();
    for n in 0..200 {
        let update = under_another_id(&updates[n * 7 % updates.len()], held + n);
        let begun = Instant::now();
        engine.apply(Batch::of_jds(vec![update])).expect("it takes a JD");
        single.push(begun.elapsed());
    }
    single.sort();
    println!(
        "  one JD, in and answered: {:.2} ms p50, {:.2} ms p99",
        milliseconds(single[100]),
        milliseconds(single[197])
    );
}

fn under_another_id(update: &JdUpdate, n: usize) -> JdUpdate {
    JdUpdate { id: Id::jd(&format!("bench-{n}")), jd: update.jd.clone() }
}

fn sentences(update: &JdUpdate) -> usize {
    let features = update.jd.as_ref().and_then(|jd| jd.features.as_ref().ok());
    features.map_or(0, |features| features.vectors.len())
}

fn rate(what: &str, jds: usize, time: Duration) {
    println!("  {what}: {:.0} JDs a second", jds as f64 / time.as_secs_f64());
}

fn milliseconds(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}

/// Bytes of memory that this process holds, where the system tells.
fn resident() -> Option<usize> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with("VmRSS:"))?;
    Some(line.split_whitespace().nth(1)?.parse::<usize>().ok()? * 1024)
}
