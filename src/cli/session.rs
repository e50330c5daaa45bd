//! What does every command need that decides something? Configuration, taxonomy, parser, embedder, engine, and names.

use super::output::bar;
use crate::admission::{Admission, Admitted, Document, Limits, in_parallel, reparse};
use crate::config::Config;
use crate::embed::Embedder;
use crate::engine::{Batch, Cause, Engine, EpochReport};
use crate::error::{Error, Errors};
use crate::jd::Parser;
use crate::report::{Names, Row};
use crate::service::kit::{Kit, library};
use crate::taxonomy::Taxonomy;
use rolestream_dataflows::fixed::Vector;
use rolestream_dataflows::id::Id;
use rolestream_dataflows::records::{Change, Record, Settings};
use rolestream_dataflows::views::{Answer, QueueStatus};
use std::collections::{BTreeMap, HashMap};
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// A taxonomy in an engine, and what it takes to give it JDs and to print its answers.
pub(super) struct Session {
    pub(super) taxonomy: Taxonomy,
    pub(super) settings: Settings,
    pub(super) names: Names,
    pub(super) engine: Engine,
    pub(super) limits: Limits,
    kit: Kit,
    now: i64,
    /// The role in whose centroid a JD is, and how many are in each.
    members: HashMap<Id, Id>,
    sizes: HashMap<Id, u64>,
    statuses: BTreeMap<Id, QueueStatus>,
    /// How long the taxonomy took until its views stood.
    pub(super) loading: Duration,
}

/// What is said of a JD at the epoch that admitted it.
pub(super) struct Answered {
    pub(super) admitted: Admitted,
    pub(super) answer: Arc<Answer>,
    pub(super) centroid_n: u64,
    pub(super) taxonomy_version: u64,
}

/// The taxonomy of a folder, or else the one in the program.
pub(super) fn load_taxonomy(folder: Option<&Path>, config: &Config) -> Result<(Taxonomy, String), Errors> {
    let configured = Some(config.taxonomy.path.as_path()).filter(|path| !path.as_os_str().is_empty());
    match folder.or(configured) {
        Some(folder) => Ok((Taxonomy::load(folder)?, folder.display().to_string())),
        None => Ok((Taxonomy::shipped()?, "the taxonomy in the program".to_owned())),
    }
}

impl Session {
    /// Loads a taxonomy into a new engine; `adjust` has the last word on the settings.
    pub(super) fn open(
        config: &mut Config,
        folder: Option<&Path>,
        adjust: impl FnOnce(&mut Settings, &Taxonomy),
    ) -> Result<Session, Errors> {
        let begun = Instant::now();
        let (taxonomy, shown) = load_taxonomy(folder, config)?;
        config.calibrate(&taxonomy.calibration, &format!("{shown}/taxonomy.toml"))?;
        let kit = Kit::new(config)?;
        let mut settings = config.settings();
        adjust(&mut settings, &taxonomy);
        let texts = taxonomy.roles.len() + taxonomy.aliases.len() + taxonomy.kras.len();
        let progress = bar("embedding the taxonomy", texts as u64);
        let mut records = kit.embedded(&taxonomy, &|more| progress.inc(more))?;
        progress.finish_and_clear();
        records.push(Record::Settings(settings.clone()));
        records.push(Record::EnrichmentSettings(kit.enrichment(config)?));
        let names = Names::of(&records);
        kit.follow(library(records.iter()));
        let options = config.engine.options();
        let engine = Engine::start_with(options)?;
        engine.apply(Batch::of_changes(records.into_iter().map(Change::Put).collect()))?;
        Ok(Session {
            limits: Limits::of_text(config.admission.max_text_bytes),
            now: jiff::Timestamp::now().as_millisecond(),
            members: HashMap::new(),
            sizes: HashMap::new(),
            statuses: BTreeMap::new(),
            loading: begun.elapsed(),
            taxonomy,
            settings,
            names,
            engine,
            kit,
        })
    }

    fn admission<'a>(&'a self, parser: &'a Parser) -> Admission<'a> {
        self.kit.admission(parser, "cli", self.now)
    }

    /// Takes documents in and waits for what is said of them. No two may have the same id.
    pub(super) fn answer(&mut self, documents: Vec<Document>) -> Result<Vec<Answered>, Errors> {
        let documents: Vec<Arc<Document>> = documents.into_iter().map(Arc::new).collect();
        let parser = self.kit.parser();
        let admission = self.admission(&parser);
        let admitted = in_parallel(&documents, self.kit.threads, |document| admission.admit(document.clone()));
        let admitted = admitted.into_iter().collect::<Result<Vec<Admitted>, Error>>()?;
        let updates = admitted.iter().map(|admitted| admitted.update.clone()).collect();
        let report = self.engine.apply(Batch::of_jds(updates))?;
        self.answers(admitted, &report)
    }

    fn answers(&mut self, admitted: Vec<Admitted>, report: &EpochReport) -> Result<Vec<Answered>, Errors> {
        let ids: Vec<Id> = admitted.iter().map(|admitted| admitted.update.id).collect();
        let mut answers = Vec::with_capacity(ids.len());
        for (admitted, answer) in admitted.iter().zip(self.engine.decisions(&ids)) {
            let answer = answer.ok_or_else(|| unanswered(admitted))?;
            let vector = admitted.features().is_some_and(|features| features.vector.is_some());
            self.count(admitted.update.id, answer.decision.role.filter(|_| vector));
            answers.push(answer);
        }
        let answered = admitted.into_iter().zip(answers).map(|(admitted, answer)| Answered {
            centroid_n: answer.decision.role.map_or(0, |role| self.sizes.get(&role).copied().unwrap_or(0)),
            taxonomy_version: report.taxonomy_version,
            admitted,
            answer,
        });
        Ok(answered.collect())
    }

    /// A JD is in the centroid of this role from now on, or in none.
    fn count(&mut self, jd: Id, role: Option<Id>) {
        let before = match role {
            Some(role) => self.members.insert(jd, role),
            None => self.members.remove(&jd),
        };
        if let Some(size) = before.and_then(|role| self.sizes.get_mut(&role)) {
            *size -= 1;
        }
        if let Some(role) = role {
            *self.sizes.entry(role).or_default() += 1;
        }
    }

    /// All that must be known to print an answer.
    pub(super) fn row<'a>(&'a self, answered: &'a Answered) -> Row<'a> {
        Row {
            admitted: &answered.admitted,
            answer: &answered.answer,
            names: &self.names,
            settings: &self.settings,
            taxonomy_version: answered.taxonomy_version,
            centroid_n: answered.centroid_n,
            statuses: &self.statuses,
        }
    }

    /// Publishes an edit. Where it changes the forms of skills, the JDs of `held` that read differently now are parsed
    /// again and take the place of what they were; the second report is of that.
    pub(super) fn edit(
        &mut self,
        changes: Vec<Change>,
        held: &mut [Admitted],
    ) -> Result<(Arc<EpochReport>, Option<Reparsed>), Errors> {
        for change in &changes {
            if let Change::Put(record) = change {
                self.names.put(record);
            }
        }
        let report = self.engine.apply(Batch::of_changes(changes))?;
        let begun = Instant::now();
        let library = self.engine.with_tables(|tables| library(tables.iter()));
        let before = self.kit.parser();
        if library.version() == before.library_version() {
            return Ok((report, None));
        }
        self.kit.follow(library.clone());
        let (all, parser): (Vec<&Admitted>, Parser) = (held.iter().collect(), self.kit.parser());
        let replacements = reparse(&all, before.library(), &library, &self.admission(&parser), self.kit.threads)?;
        let jds = replacements.iter().map(|one| one.admitted.update.clone()).collect();
        let batch = Batch { jds, cause: Cause::Reparse(report.taxonomy_version), ..Batch::default() };
        let again = self.engine.apply(batch)?;
        let count = replacements.len();
        for replacement in replacements {
            held[replacement.place] = replacement.admitted;
        }
        Ok((report, Some(Reparsed { report: again, count, elapsed: begun.elapsed() })))
    }

    /// The vector of a text.
    pub(super) fn vector(&self, text: &str) -> Result<Vector, Errors> {
        let vector = self.kit.embedder.embed(&[text])?.pop().flatten();
        Ok(vector.ok_or_else(|| Error::new(format!("\"{text}\" has no vector")).detail("no word of it is known"))?)
    }
}

/// What parsing again did.
pub(super) struct Reparsed {
    pub(super) report: Arc<EpochReport>,
    /// JDs that read differently.
    pub(super) count: usize,
    /// With the search for them.
    pub(super) elapsed: Duration,
}

fn unanswered(admitted: &Admitted) -> Error {
    Error::new("the engine gave no answer")
        .detail(format!("of the JD \"{}\"", admitted.document.id))
        .hint("this is a defect of the program: report it with the JD")
        .at(admitted.document.at.clone())
}
