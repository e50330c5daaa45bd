//! `rolestream store`: what is in the store of a service, and is it whole? For a service that does not run.

use super::output::{Failure, Output, counter, grouped};
use crate::config::Config;
use crate::error::Error;
use crate::report::tables::{BAD, GOOD, heading, styled, table};
use crate::store::Store;
use clap::{Args, Subcommand};
use flate2::Compression;
use flate2::read::MultiGzDecoder;
use flate2::write::GzEncoder;
use serde_json::json;
use std::fs::File;
use std::io::{self, BufReader, BufWriter, Read, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// Look after the store of a service, while that does not run
#[derive(Subcommand, Debug)]
pub(super) enum Command {
    /// How large is it?
    Stats(Folder),
    /// Is every record readable, and does it fit the others? Exits with 1 where not
    Check(Folder),
    /// Merge its tables on disk, and write records of older programs anew
    Compact(Folder),
    /// Write all of it as JSON lines, for another machine or a newer program
    Export {
        #[command(flatten)]
        folder: Folder,
        /// The file; a name that ends in .gz is compressed; - is standard output
        #[arg(long, value_name = "FILE")]
        out: PathBuf,
    },
    /// Make a new store of an export
    Import {
        #[command(flatten)]
        folder: Folder,
        /// The file, compressed or not; - is standard input
        file: PathBuf,
    },
}

/// Where the store is.
#[derive(Args, Debug)]
pub(super) struct Folder {
    /// Folder of the store [default: store.path]
    #[arg(long, value_name = "FOLDER")]
    store: Option<PathBuf>,
}

impl Folder {
    fn path<'a>(&'a self, config: &'a Config) -> &'a Path {
        self.store.as_deref().unwrap_or(&config.store.path)
    }

    fn open(&self, config: &Config) -> Result<Store, Error> {
        Store::open_existing(self.path(config))
    }
}

impl Command {
    pub(super) fn run(self, config: &Config, out: &mut Output) -> Result<ExitCode, Failure> {
        match self {
            Command::Stats(folder) => stats(&folder.open(config)?, out),
            Command::Check(folder) => check(&folder.open(config)?, out),
            Command::Compact(folder) => compact(&folder.open(config)?, out),
            Command::Export { folder, out: file } => export(&folder.open(config)?, &file, out),
            Command::Import { folder, file } => import(&Store::open(folder.path(config))?, &file, out),
        }
    }
}

fn stats(store: &Store, out: &mut Output) -> Result<ExitCode, Failure> {
    let (usage, bytes, jds) = (store.usage(), store.bytes(), store.jd_count()?);
    let version = store.taxonomy_mark()?.unwrap_or_default().version;
    let changes = store.last_role_change()?;
    if out.json {
        out.object(&json!({
            "bytes": bytes, "jds": jds, "taxonomy_version": version, "role_changes": changes, "collections": usage,
        }))?;
        return Ok(ExitCode::SUCCESS);
    }
    out.line(heading(&format!("{}: {}", store.path().display(), size(bytes))))?;
    let rows =
        usage.iter().map(|usage| vec![usage.collection.name().to_owned(), grouped(usage.entries), size(usage.bytes)]);
    out.line(table(
        &[("collection", false), ("entries", true), ("in tables", true)],
        rows.collect::<Vec<_>>(),
        out.width,
    ))?;
    let each = if jds == 0 { 0 } else { bytes / jds as u64 };
    out.line(format!(
        "{} JDs, {} each; taxonomy version {version}; {} role changes. Entries are estimates; what is not in tables yet is in the journal.",
        grouped(jds as u64),
        size(each),
        grouped(changes)
    ))?;
    Ok(ExitCode::SUCCESS)
}

fn check(store: &Store, out: &mut Output) -> Result<ExitCode, Failure> {
    let progress = counter("records read");
    let checked = store.check(&|records| progress.inc(records));
    progress.finish_and_clear();
    let whole = checked.found == 0;
    if out.json {
        out.object(&checked)?;
    } else {
        let read: u64 = checked.records.values().sum();
        let verdict = match whole {
            true => styled(GOOD, "the store is whole"),
            false => styled(BAD, format!("{} faults", checked.found)),
        };
        out.line(format!("{} records read: {verdict}", grouped(read)))?;
        for finding in &checked.findings {
            out.line(format!("{}: {}", finding.collection.name(), finding.error))?;
        }
        if checked.findings.len() < checked.found {
            out.line(format!("… and {} more", checked.found - checked.findings.len()))?;
        }
    }
    Ok(ExitCode::from(u8::from(!whole)))
}

fn compact(store: &Store, out: &mut Output) -> Result<ExitCode, Failure> {
    let before = store.bytes();
    let progress = counter("records looked at");
    let renewed = store.compact(&|records| progress.inc(records))?;
    progress.finish_and_clear();
    let after = store.bytes();
    if out.json {
        out.object(&json!({"renewed": renewed, "bytes_before": before, "bytes_after": after}))?;
    } else {
        out.line(format!("{} → {}; {} records written anew", size(before), size(after), grouped(renewed)))?;
    }
    Ok(ExitCode::SUCCESS)
}

fn export(store: &Store, file: &Path, out: &mut Output) -> Result<ExitCode, Failure> {
    if file == Path::new("-") {
        store.export(&mut io::stdout().lock(), &|_| ())?;
        return Ok(ExitCode::SUCCESS);
    }
    let refused = |error: io::Error| {
        Error::new(format!("cannot write {}", file.display()))
            .detail(error.to_string())
            .hint("name a file that does not exist yet, in a folder where you may write")
    };
    // Nothing is written over: an export may be the only copy.
    let plain = BufWriter::new(File::create_new(file).map_err(refused)?);
    let mut writer: Box<dyn Write> = match file.extension().is_some_and(|extension| extension == "gz") {
        true => Box::new(GzEncoder::new(plain, Compression::default())),
        false => Box::new(plain),
    };
    let progress = counter("records");
    let done = store.export(&mut writer, &|records| progress.inc(records))?;
    writer.flush().map_err(refused)?;
    progress.finish_and_clear();
    told("exported", done.records, out)
}

fn import(store: &Store, file: &Path, out: &mut Output) -> Result<ExitCode, Failure> {
    let refused = |error: io::Error| {
        Error::new(format!("cannot read {}", file.display())).detail(error.to_string()).hint("check the path")
    };
    let raw: Box<dyn Read> = match file == Path::new("-") {
        true => Box::new(io::stdin().lock()),
        false => Box::new(File::open(file).map_err(refused)?),
    };
    let mut raw = BufReader::new(raw);
    let packed = io::BufRead::fill_buf(&mut raw).map_err(refused)?.starts_with(&[0x1F, 0x8B]);
    let progress = counter("records");
    let done = match packed {
        true => store.import(&mut BufReader::new(MultiGzDecoder::new(raw)), &|records| progress.inc(records))?,
        false => store.import(&mut raw, &|records| progress.inc(records))?,
    };
    progress.finish_and_clear();
    told("imported", done.records, out)
}

fn told(what: &str, records: u64, out: &mut Output) -> Result<ExitCode, Failure> {
    match out.json {
        true => out.object(&json!({"records": records}))?,
        false => out.line(format!("{} records {what}", grouped(records)))?,
    }
    Ok(ExitCode::SUCCESS)
}

fn size(bytes: u64) -> String {
    match bytes {
        0..10_000 => format!("{bytes} bytes"),
        10_000..10_000_000 => format!("{:.1} kB", bytes as f64 / 1e3),
        _ => format!("{:.1} MB", bytes as f64 / 1e6),
    }
}
