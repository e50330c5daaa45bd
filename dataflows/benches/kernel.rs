//! How near does the kernel come to what the machine can multiply?
//!
//! Dense cases have their sentences in the second-level cache; one row over 800 000 sentences is bound by memory. At
//! the end the rates are set against the peak of the same instruction, best of several interleaved runs of each, for
//! other work on the machine only ever slows.

#![allow(missing_docs, reason = "criterion's macros make public items")]

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use rolestream_dataflows::fixed::DIMENSIONS;
use rolestream_dataflows::kernel::{Group, Isa, LANES, Rows, best_rows, peak};
use std::hint::black_box;
use std::time::{Duration, Instant};

/// Groups that fit a second-level cache of half a megabyte with room to spare.
const RESIDENT: usize = 64;
/// Groups of 800 000 sentences.
const STREAMED: usize = 800_000 / LANES;

/// Some rows over some groups, and where the results go.
struct Case {
    name: &'static str,
    groups: Vec<Group>,
    rows: Rows,
    best: Vec<i32>,
}

impl Case {
    fn new(name: &'static str, groups: usize, rows: usize) -> Case {
        let mut rng = ChaCha8Rng::seed_from_u64(7);
        let mut vector = || -> [i8; DIMENSIONS] { std::array::from_fn(|_| rng.random_range(-40..=40)) };
        let mut group = Group::empty();
        (0..LANES).for_each(|lane| group.put(lane, &vector()));
        let rows = Rows::new((0..rows).map(|_| vector()));
        Case { name, groups: vec![group; groups], rows, best: vec![0; groups * LANES] }
    }

    fn multiply_adds(&self) -> u64 {
        (self.groups.len() * LANES * self.rows.len() * DIMENSIONS) as u64
    }

    fn run(&mut self, isa: Isa) {
        best_rows(isa, black_box(&self.groups), self.rows.all(), &mut self.best);
        black_box(&self.best);
    }
}

fn cases() -> [Case; 3] {
    [
        Case::new("24 rows, resident", RESIDENT, 24),
        Case::new("300 rows, resident", RESIDENT, 300),
        Case::new("1 row, 800 000 sentences", STREAMED, 1),
    ]
}

fn kernel(criterion: &mut Criterion) {
    for case in &mut cases() {
        let mut group = criterion.benchmark_group(case.name);
        group.sample_size(10).warm_up_time(Duration::from_millis(200)).measurement_time(Duration::from_millis(800));
        group.throughput(Throughput::Elements(case.multiply_adds()));
        for isa in Isa::available() {
            group.bench_function(BenchmarkId::from_parameter(format!("{isa:?}")), |bench| {
                bench.iter(|| case.run(isa));
            });
        }
    }
}

/// Multiply-adds a second, in thousands of millions, of at least ten milliseconds of `work`.
fn rate(mut work: impl FnMut() -> u64) -> f64 {
    let (begin, mut done) = (Instant::now(), 0);
    while begin.elapsed() < Duration::from_millis(10) {
        done += work();
    }
    done as f64 / begin.elapsed().as_secs_f64() / 1e9
}

fn against_peak(_: &mut Criterion) {
    let Some(mut top) = peak(1).map(|_| 0f64) else {
        return println!("no AVX-512 VNNI here: no peak to compare with");
    };
    let mut cases = cases();
    let mut best = [0f64; 3];
    for _ in 0..40 {
        top = top.max(rate(|| peak(10_000).unwrap_or(0)));
        for (case, best) in cases.iter_mut().zip(&mut best) {
            *best = best.max(rate(|| {
                case.run(Isa::Vnni);
                case.multiply_adds()
            }));
        }
    }
    println!("peak of the instruction: {top:.0} G multiply-adds a second");
    for (case, best) in cases.iter().zip(best) {
        println!("{}: {best:.0} G, {:.0} % of peak", case.name, 100.0 * best / top);
    }
}

criterion_group!(benches, kernel, against_peak);
criterion_main!(benches);
