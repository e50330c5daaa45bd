//! What does it take to admit JDs and edits? A parser that follows the skill library, an embedder, industries.

use crate::admission::{Admission, Admitted, Domains, enrichment_settings, in_parallel};
use crate::config::Config;
use crate::embed::{Embedder, StaticTable};
use crate::error::{Error, Errors, Position};
use crate::jd::{Parser, ParserSettings, SkillLibrary};
use crate::sources::Edit;
use crate::store::Fingerprint;
use crate::taxonomy::Taxonomy;
use rolestream_dataflows::records::{Change, EnrichmentSettings, Record, Skill};
use std::sync::{Arc, PoisonError, RwLock};
use xxhash_rust::xxh3::xxh3_64;

/// What admits. Any thread may use it; the parser is replaced when an edit changes the skill library.
pub(crate) struct Kit {
    parser: RwLock<Parser>,
    /// The embedding table.
    pub(crate) embedder: Arc<StaticTable>,
    domains: Domains,
    /// Threads that admit.
    pub(crate) threads: usize,
    fingerprint: Fingerprint,
}

impl Kit {
    /// With the settings of the configuration, and a library of no skills.
    pub(crate) fn new(config: &Config) -> Result<Kit, Errors> {
        let embedder = StaticTable::built_in()?;
        let settings = parser_settings(config)?;
        // Everything the parser's answer depends on beside the library: its settings, word lists too, and its own version.
        let parser = format!("{} {settings:?}", env!("CARGO_PKG_VERSION"));
        let fingerprint = Fingerprint { embedder: embedder.model().to_owned(), parser: xxh3_64(parser.as_bytes()) };
        Ok(Kit {
            parser: RwLock::new(Parser::new(settings, Arc::new(SkillLibrary::new(std::iter::empty())))),
            domains: Domains::built_in(&*embedder)?,
            embedder,
            threads: config.admission.threads.count(),
            fingerprint,
        })
    }

    /// What its parses and vectors are made with.
    pub(crate) fn fingerprint(&self) -> &Fingerprint {
        &self.fingerprint
    }

    /// The parser of this moment.
    pub(crate) fn parser(&self) -> Parser {
        self.parser.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// From now on the parser knows these skills.
    pub(crate) fn follow(&self, library: Arc<SkillLibrary>) {
        let mut parser = self.parser.write().unwrap_or_else(PoisonError::into_inner);
        *parser = parser.with_library(library);
    }

    /// Admission with a parser of this kit's.
    pub(crate) fn admission<'a>(&'a self, parser: &'a Parser, source: &'a str, now: i64) -> Admission<'a> {
        Admission { parser, embedder: &*self.embedder, domains: &self.domains, source, now }
    }

    /// What enrichment goes by, as the configuration has it.
    pub(crate) fn enrichment(&self, config: &Config) -> Result<EnrichmentSettings, Error> {
        enrichment_settings(&config.enrichment.path, &*self.embedder)
    }

    /// An edit as the engine takes it.
    pub(crate) fn change(&self, edit: Edit) -> Result<Option<Change>, Error> {
        let line = match edit {
            Edit::Delete(key) => return Ok(Some(Change::Delete(key))),
            Edit::Put(line) => line,
        };
        let mut one = Taxonomy::default();
        one.take(line, Position::default())?;
        let mut failure = None;
        let mut records = one.to_records(&mut |texts| {
            self.embedder.embed(texts).unwrap_or_else(|error| {
                failure = Some(error);
                vec![None; texts.len()]
            })
        });
        failure.map_or(Ok(records.pop().map(Change::Put)), Err)
    }

    /// The records of a taxonomy; the texts are embedded by all threads.
    pub(crate) fn embedded(&self, taxonomy: &Taxonomy, progress: &dyn Fn(u64)) -> Result<Vec<Record>, Error> {
        let mut failure = None;
        let records = taxonomy.to_records(&mut |texts| {
            progress(texts.len() as u64);
            let parts: Vec<&[&str]> = texts.chunks(texts.len().div_ceil(self.threads).max(1)).collect();
            let vectors = in_parallel(&parts, self.threads, |part| self.embedder.embed(part));
            let mut all = Vec::with_capacity(texts.len());
            for vectors in vectors {
                match vectors {
                    Ok(vectors) => all.extend(vectors),
                    Err(error) => failure = Some(error),
                }
            }
            all
        });
        failure.map_or(Ok(records), Err)
    }
}

/// The skills of these records, as the parser knows them.
pub(crate) fn library<'a>(records: impl Iterator<Item = &'a Record>) -> Arc<SkillLibrary> {
    let skills: Vec<&Skill> = records
        .filter_map(|record| match record {
            Record::Skill(skill) => Some(skill),
            _ => None,
        })
        .collect();
    Arc::new(SkillLibrary::new(skills.into_iter()))
}

/// The parser's own settings, with those of admission laid over them.
fn parser_settings(config: &Config) -> Result<ParserSettings, Error> {
    let mut settings = ParserSettings::from_table(&config.parser)?;
    settings.max_bytes = usize::try_from(config.admission.max_text_bytes).unwrap_or(usize::MAX);
    settings.max_sentences = config.admission.max_sentences as usize;
    settings.accepted_archetypes.clone_from(&config.admission.accepted_archetypes);
    Ok(settings)
}

/// A JD that was admitted, and what only the store needs to know of it.
#[derive(Clone, Debug)]
pub(crate) struct Prepared {
    /// The JD.
    pub(crate) admitted: Admitted,
    /// Who parsed it, where that was upstream.
    pub(crate) parser: Option<String>,
    /// The library it was parsed with; 0 where that was upstream.
    pub(crate) library: u64,
    /// Whence it came.
    pub(crate) provenance: Option<crate::store::Provenance>,
}
