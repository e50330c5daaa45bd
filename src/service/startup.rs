//! How does a service come to where it was? From an empty store, or from what is in it.
//!
//! Taxonomy and settings first, then facts, then JDs in chunks. A change of the configuration is an edit like any other,
//! made before the JDs come, so that each is decided once.

use super::kit::{Kit, library};
use super::running::now;
use crate::config::Config;
use crate::engine::{Cause, Engine, Restored};
use crate::error::{Error, Errors};
use crate::report::Lookup;
use crate::store::{Mark, PendingReparse, Store, StoredVersion, TaxonomyMark};
use crate::taxonomy::Taxonomy;
use crate::telemetry::Health;
use rolestream_dataflows::records::{JdUpdate, Record};
use std::collections::VecDeque;
use std::sync::Arc;

/// JDs fed at once.
const CHUNK: usize = 1_000;
/// Chunks that are under way; more would only lie in memory.
const UNDER_WAY: usize = 4;

/// What is told while it comes up: what it does, how much of it is done, of how much.
pub type Progress<'a> = &'a dyn Fn(&str, u64, u64);

/// Puts the taxonomy of the configuration into a new store; in one that is in use, what the configuration changed.
pub(super) fn prepare(config: &mut Config, store: &Store, kit: &Kit, progress: Progress<'_>) -> Result<(), Errors> {
    match store.taxonomy_mark()? {
        None => Ok(begin(config, store, kit, progress)?),
        Some(mark) => Ok(follow(config, store, kit, mark)?),
    }
}

fn begin(config: &mut Config, store: &Store, kit: &Kit, progress: Progress<'_>) -> Result<(), Errors> {
    let folder = Some(config.taxonomy.path.clone()).filter(|path| !path.as_os_str().is_empty());
    let (taxonomy, shown) = match &folder {
        Some(folder) => (Taxonomy::load(folder)?, folder.display().to_string()),
        None => (Taxonomy::shipped()?, "the taxonomy in the program".to_owned()),
    };
    config.calibrate(&taxonomy.calibration, &format!("{shown}/taxonomy.toml"))?;
    let texts = (taxonomy.roles.len() + taxonomy.aliases.len() + taxonomy.kras.len()) as u64;
    let done = std::cell::Cell::new(0);
    let mut records = kit.embedded(&taxonomy, &|more| {
        done.set(done.get() + more);
        progress("embedding the taxonomy", done.get(), texts);
    })?;
    let settings = config.settings();
    let enrichment = kit.enrichment(config)?;
    records.push(Record::Settings(settings.clone()));
    records.push(Record::EnrichmentSettings(enrichment.clone()));
    let mut commit = store.commit();
    for record in &records {
        commit.put_record(record);
    }
    commit.put_taxonomy_mark(TaxonomyMark { version: 1, only_settings: false });
    commit
        .put_configured(&settings)
        .put_configured_enrichment(&enrichment)
        .put_calibration(&taxonomy.calibration)
        .put_fingerprint(kit.fingerprint());
    commit.write()?;
    store.sync()?;
    Ok(())
}

/// The store's taxonomy counts; settings of the configuration that changed, and another parser, take effect.
fn follow(config: &mut Config, store: &Store, kit: &Kit, mark: TaxonomyMark) -> Result<(), Errors> {
    config.calibrate(&store.calibration()?, "the store's calibration")?;
    let mut commit = store.commit();
    let settings = config.settings();
    let enrichment = kit.enrichment(config)?;
    let rules = store.configured()?.as_ref() != Some(&settings);
    let labels = store.configured_enrichment()?.as_ref() != Some(&enrichment);
    if rules || labels {
        tracing::info!("the configuration changes settings");
        let mut changes = Vec::new();
        for (differs, record) in
            [(rules, Record::Settings(settings.clone())), (labels, Record::EnrichmentSettings(enrichment.clone()))]
        {
            if differs {
                commit.put_record(&record);
                changes.push((store.record(&record.key())?, Some(record)));
            }
        }
        commit.put_configured(&settings).put_configured_enrichment(&enrichment);
        // What was not said yet may be of an edit before.
        let said = store.mark()?.taxonomy_version;
        let only_settings = mark.version == said || mark.only_settings;
        commit.put_version(&StoredVersion {
            number: mark.version + 1,
            at: now(),
            author: "configuration".to_owned(),
            changes,
            ..StoredVersion::default()
        });
        commit.put_taxonomy_mark(TaxonomyMark { version: mark.version + 1, only_settings });
    }
    let stored = store.fingerprint()?.unwrap_or_default();
    if stored.embedder != kit.fingerprint().embedder {
        return Err(Error::new("the store was made with another embedding table")
            .detail(format!("its vectors are of {}; this program has {}", stored.embedder, kit.fingerprint().embedder))
            .hint("use the program that made it, or begin a new store: the sources are read from their beginning then")
            .into());
    }
    if stored.parser != kit.fingerprint().parser {
        tracing::info!("the parser is another one now: every JD is parsed again");
        let all = PendingReparse { forms: None, taxonomy_version: 0, through: None };
        commit.put_reparse(Some(&all)).put_fingerprint(kit.fingerprint());
    }
    commit.write()?;
    Ok(())
}

/// Brings a store's taxonomy, facts and JDs into an engine, and waits until all views stand and all is said.
pub(super) fn restore(
    store: &Store,
    engine: &Engine,
    kit: &Kit,
    lookup: &Lookup,
    health: &Health,
    progress: Progress<'_>,
) -> Result<(), Error> {
    let records = store.records()?;
    let (mark, version) = (store.mark()?, store.taxonomy_mark()?.unwrap_or_default());
    lookup.put_gone_roles(&store.gone_roles()?);
    lookup.put_records(&records);
    kit.follow(library(records.iter()));
    health.begin("loading what was said", None);
    let last_said = store.last_said()?;
    lookup.put_jds(last_said.iter().map(|(jd, said)| (*jd, said.id.as_str())));
    engine.restore(Restored {
        records,
        taxonomy_version: version.version,
        first_said: store.first_said()?,
        last_said: last_said.into_iter().map(|(jd, said)| (jd, said.said)).collect(),
    })?;
    for (stream, _) in store.positions()? {
        lookup.put_source(&stream.name);
    }
    let rest = cause(mark, version);
    let all = store.jd_count()? as u64;
    health.begin("loading JDs", Some(all));
    progress("loading JDs", 0, all);
    let mut done = 0;
    let mut under_way = VecDeque::new();
    for chunk in store.jds(CHUNK) {
        let chunk = chunk?;
        done += chunk.len() as u64;
        lookup.put_jds(chunk.iter().map(|(id, jd)| (*id, jd.id.as_str())));
        lookup.put_headings(chunk.iter().map(|(id, jd)| (*id, jd.heading.clone())));
        let mut by_cause: Vec<(Cause, Vec<JdUpdate>)> = vec![(rest, Vec::with_capacity(chunk.len()))];
        for (id, stored) in chunk {
            // What came after the last thing that was said is its own cause.
            let cause = if stored.commit > mark.commit { stored.cause } else { rest };
            let update = JdUpdate { id, jd: Some(Arc::new(stored.jd)) };
            match by_cause.iter_mut().find(|(known, _)| *known == cause) {
                Some((_, jds)) => jds.push(update),
                None => by_cause.push((cause, vec![update])),
            }
        }
        for (cause, jds) in by_cause.into_iter().filter(|(_, jds)| !jds.is_empty()) {
            under_way.push_back(engine.restore_jds(jds, cause)?);
        }
        while under_way.len() > UNDER_WAY {
            under_way.pop_front().map(|ticket| engine.wait(&ticket)).transpose()?;
        }
        health.advance(done);
        progress("loading JDs", done, all);
    }
    health.begin("waiting for the views", None);
    engine.restored()?;
    all_is_said(store, engine)
}

/// Notes that something was said of all that is in the store: what changes later is not the doing of what is there now.
/// Call it when all that was fed has closed, and nothing more comes.
pub(super) fn all_is_said(store: &Store, engine: &Engine) -> Result<(), Error> {
    let version = store.taxonomy_mark()?.unwrap_or_default().version;
    let mark = Mark { epoch: engine.last_closed(), commit: store.last_commit(), taxonomy_version: version };
    let mut commit = store.commit();
    commit.put_mark(mark);
    commit.write().map(drop)
}

/// Why something else may be said of a JD now than was when the service ended.
fn cause(said: Mark, now: TaxonomyMark) -> Cause {
    match now.version > said.taxonomy_version {
        true if now.only_settings => Cause::Settings,
        true => Cause::Taxonomy(now.version),
        false => Cause::Upgrade,
    }
}
