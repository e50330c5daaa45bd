//! Would a person agree with what the parser captures? Draws captures of unknown skills from real JDs with a printed
//! seed, each with its sentence, and counts rejections by reason and captures per JD.
//!
//! `cargo run --release --example judge_captures -- JDS.jsonl[.gz] [--taxonomy DIR] [--draw N] [--seed S] [--limit N]`

use rolestream::jd::{Input, Parser, ParserSettings, SkillLibrary};
use rolestream::taxonomy::Taxonomy;
use rolestream_dataflows::records::{Record, Skill};
use std::collections::BTreeMap;
use std::error::Error;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

fn main() -> Result<(), Box<dyn Error>> {
    let options = Options::read()?;
    let skills = skills(Path::new(&options.taxonomy))?;
    let library = Arc::new(SkillLibrary::new(skills.iter()));
    println!("library: {} skills of {}, version {:016x}", library.len(), options.taxonomy, library.version());
    let parser = Parser::new(ParserSettings::default(), library);
    let mut captures: Vec<Capture> = Vec::new();
    let mut rejected: BTreeMap<&str, usize> = BTreeMap::new();
    let (mut jds, mut bytes, mut known, mut with_known) = (0usize, 0usize, 0usize, 0usize);
    let mut spent = Duration::ZERO;
    for line in lines(Path::new(&options.path))?.take(options.limit) {
        let record: serde_json::Value = serde_json::from_str(&line?)?;
        let text = |field: &str| record.get(field).and_then(|v| v.as_str()).unwrap_or_default();
        let input =
            Input { title: record.get("title").and_then(|v| v.as_str()), text: text("text"), ..Input::default() };
        jds += 1;
        bytes += input.text.len();
        let begun = Instant::now();
        let outcome = parser.parse(&input);
        spent += begun.elapsed();
        let parsed = match outcome {
            Ok(parsed) => parsed,
            Err(no) => {
                if options.rejected {
                    println!("rejected {} {no}\n    {:.200}", text("id"), input.text.replace('\n', " "));
                }
                *rejected.entry(no.reason.name()).or_default() += 1;
                continue;
            }
        };
        let mut known_here = 0;
        for (skill, places) in parsed.final_skills.iter().zip(&parsed.evidence) {
            if parser.library().knows(&skill.skill_name) {
                known_here += 1;
                continue;
            }
            let Some(place) = places.first() else { continue };
            let Some(section) = place.section.and_then(|s| parsed.nano_parsed.roles_and_responsibilities.get(s)) else {
                continue;
            };
            let sentence = around(&section.text, place.start, place.end);
            captures.push(Capture {
                name: skill.skill_name.clone(),
                sentence,
                jd: text("id").to_owned(),
                title: text("title").to_owned(),
            });
        }
        known += known_here;
        with_known += usize::from(known_here > 0);
    }
    let of = |n: usize| format!("{n} ({:.2} %)", n as f64 * 100.0 / jds.max(1) as f64);
    println!(
        "JDs: {jds}, {:.1} kB each, {:.0} us each",
        bytes as f64 / jds.max(1) as f64 / 1000.0,
        spent.as_secs_f64() * 1e6 / jds.max(1) as f64
    );
    println!("rejected: {}", of(rejected.values().sum()));
    for (reason, count) in &rejected {
        println!("  {reason}: {}", of(*count));
    }
    println!("known skills: {:.2} per JD, in {} of them", known as f64 / jds.max(1) as f64, of(with_known));
    println!("captures: {} ({:.3} per JD)", captures.len(), captures.len() as f64 / jds.max(1) as f64);
    let mut names: BTreeMap<String, usize> = BTreeMap::new();
    captures.iter().for_each(|c| *names.entry(c.name.to_lowercase()).or_default() += 1);
    let mut frequent: Vec<(&String, &usize)> = names.iter().collect();
    frequent.sort_by_key(|(_, count)| std::cmp::Reverse(**count));
    let top: Vec<String> = frequent.iter().take(options.top).map(|(name, count)| format!("{name} {count}")).collect();
    println!("distinct: {}; most frequent: {}", names.len(), top.join(" · "));
    println!("{} drawn with seed {}:", options.draw, options.seed);
    let mut state = options.seed;
    for n in 0..options.draw.min(captures.len()) {
        let rest = captures.len() - n;
        captures.swap(n, n + (next(&mut state) % rest as u64) as usize);
        let c = &captures[n];
        println!("{:3}. [{}] {}\n     {} — {}", n + 1, c.name, c.sentence, c.title, c.jd);
    }
    Ok(())
}

struct Capture {
    name: String,
    sentence: String,
    jd: String,
    title: String,
}

struct Options {
    path: String,
    taxonomy: String,
    draw: usize,
    seed: u64,
    limit: usize,
    top: usize,
    rejected: bool,
}

impl Options {
    fn read() -> Result<Options, Box<dyn Error>> {
        let mut options = Options {
            path: String::new(),
            taxonomy: "config/taxonomy".to_owned(),
            draw: 200,
            seed: 1,
            limit: usize::MAX,
            top: 40,
            rejected: false,
        };
        let mut arguments = std::env::args().skip(1);
        while let Some(argument) = arguments.next() {
            let mut value = || arguments.next().ok_or_else(|| format!("{argument} needs a value"));
            match argument.as_str() {
                "--taxonomy" => options.taxonomy = value()?,
                "--draw" => options.draw = value()?.parse()?,
                "--seed" => options.seed = value()?.parse()?,
                "--limit" => options.limit = value()?.parse()?,
                "--top" => options.top = value()?.parse()?,
                "--rejected" => options.rejected = true,
                _ => options.path = argument,
            }
        }
        if options.path.is_empty() {
            return Err("no file of JDs\n  detail: the first argument is missing\n  hint: give a JSONL file, gzipped or not, with a text and perhaps a title a line".into());
        }
        Ok(options)
    }
}

/// SplitMix64.
fn next(state: &mut u64) -> u64 {
    *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mut z = *state;
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

fn around(text: &str, start: usize, end: usize) -> String {
    let mut from = text[..start].rfind('\n').map_or(0, |at| at + 1).max(start.saturating_sub(130));
    let mut to = text[end..].find('\n').map_or(text.len(), |at| end + at).min(end + 130);
    while !text.is_char_boundary(from) {
        from += 1;
    }
    while !text.is_char_boundary(to) {
        to -= 1;
    }
    format!("{}»{}«{}", &text[from..start], &text[start..end], &text[end..to])
}

fn lines(path: &Path) -> Result<impl Iterator<Item = std::io::Result<String>>, Box<dyn Error>> {
    let file = std::fs::File::open(path)?;
    let zipped = path.extension().is_some_and(|e| e == "gz");
    let reader: Box<dyn Read> = if zipped { Box::new(flate2::read::MultiGzDecoder::new(file)) } else { Box::new(file) };
    Ok(BufReader::new(reader).lines())
}

/// The skills of a taxonomy folder.
fn skills(folder: &Path) -> Result<Vec<Skill>, Box<dyn Error>> {
    let taxonomy = Taxonomy::load(folder).map_err(|errors| errors.to_string())?;
    let records = taxonomy.to_records(&mut |texts| vec![None; texts.len()]);
    Ok(records.into_iter().filter_map(|r| if let Record::Skill(skill) = r { Some(skill) } else { None }).collect())
}
