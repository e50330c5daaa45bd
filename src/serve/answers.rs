//! What is true of a run at one epoch? Its text, what is said of it, and the rows of views that speak of it.

use super::app::App;
use crate::admission::Admitted;
use crate::engine::{Epoch, Reader};
use crate::error::Error;
use crate::report::{Enriching, Enrichment, Names, Row, enrichment};
use crate::store::StoredText;
use rolestream_dataflows::id::Id;
use rolestream_dataflows::records::{EnrichmentSettings, JdUpdate, Record, Settings};
use rolestream_dataflows::views::{Answer, Baseline, QueueStatus, subject};
use std::collections::BTreeMap;
use std::sync::Arc;

/// A run, as of one epoch.
pub(crate) struct Told {
    pub(crate) admitted: Admitted,
    /// Who parsed it, where that was elsewhere.
    pub(crate) parser: Option<String>,
    pub(crate) answer: Arc<Answer>,
    pub(crate) settings: Settings,
    pub(crate) enrichment: EnrichmentSettings,
    pub(crate) taxonomy_version: u64,
    pub(crate) epoch: Epoch,
    pub(crate) centroid_n: u64,
    pub(crate) statuses: BTreeMap<Id, QueueStatus>,
    /// What its role's members mostly say.
    pub(crate) baseline: Option<Baseline>,
    /// Live JDs with exactly its skills.
    pub(crate) same_skills: u64,
}

/// What one worker's share of the views says of a run.
#[derive(Default)]
struct Seen {
    centroid_n: Option<u64>,
    baseline: Option<Baseline>,
    same_skills: Option<u64>,
    statuses: Vec<(Id, QueueStatus)>,
}

impl Seen {
    fn of(jd: Id, answer: &Answer, reader: &mut Reader<'_>) -> Seen {
        let role = answer.decision.role;
        let mut seen = Seen {
            centroid_n: role.and_then(|role| reader.role_centroids().get(&role)).map(|centroid| centroid.n),
            baseline: role.and_then(|role| reader.baselines().get(&role)),
            same_skills: reader.skill_sets().get(&answer.enrichment.skill_set),
            statuses: Vec::new(),
        };
        if let Some(role) = role {
            for skill in answer.skills.iter().filter(|skill| !skill.known) {
                let row = reader.new_skills().get(&(skill.skill, role));
                seen.statuses.extend(row.map(|row| (subject::new_skill(skill.skill), row.status)));
            }
            let row = reader.new_kras().get(&(role, jd));
            seen.statuses.extend(row.map(|row| (subject::new_kra(jd), row.status)));
        }
        seen
    }
}

impl Told {
    /// What the run is for a client; nothing, where its JD was rejected.
    pub(crate) fn enrichment(&self, names: &Names) -> Option<Enrichment> {
        let accepted = self.answer.decision.rejection.is_none();
        accepted.then(|| {
            enrichment(Enriching {
                admitted: &self.admitted,
                answer: &self.answer,
                names,
                settings: &self.enrichment,
                baseline: self.baseline.as_ref(),
                skill_set_jds: self.same_skills,
            })
        })
    }

    /// Who parsed it.
    pub(crate) fn parser_name(&self) -> String {
        self.parser.clone().unwrap_or_else(|| format!("rolestream {}", env!("CARGO_PKG_VERSION")))
    }

    /// All that must be known to print the first step's answer.
    pub(crate) fn row<'a>(&'a self, names: &'a Names) -> Row<'a> {
        Row {
            admitted: &self.admitted,
            answer: &self.answer,
            names,
            settings: &self.settings,
            taxonomy_version: self.taxonomy_version,
            centroid_n: self.centroid_n,
            statuses: &self.statuses,
        }
    }
}

impl App {
    /// The run of a JD that is held now.
    pub(crate) fn told(&self, jd: Id) -> Result<Option<Told>, Error> {
        let (settings, enrichment) = self.settings();
        let mut expected = self.engine.decision(jd);
        let (answer, read) = loop {
            let of = expected.clone();
            let look =
                move |reader: &mut Reader<'_>| of.as_deref().map(|of| Seen::of(jd, of, reader)).unwrap_or_default();
            let (answer, read) = self.engine.read_with(|facts| facts.decision(jd).cloned(), look)?;
            // What was looked up is of what was said before: if something else is said by now, it is looked up again.
            if answer == expected {
                break (answer, read);
            }
            expected = answer;
        };
        let (Some(answer), Some(text), Some(stored)) = (answer, self.store.text(jd)?, self.store.jd(jd)?) else {
            return Ok(None);
        };
        let StoredText { parser, .. } = &text;
        let parser = parser.clone();
        let admitted = text.into_admitted(JdUpdate { id: jd, jd: Some(Arc::new(stored.jd)) });
        let mut told = Told {
            admitted,
            parser,
            answer,
            settings,
            enrichment,
            taxonomy_version: read.taxonomy_version,
            epoch: read.epoch,
            centroid_n: 0,
            statuses: BTreeMap::new(),
            baseline: None,
            same_skills: 0,
        };
        for seen in read.shares {
            told.centroid_n = seen.centroid_n.unwrap_or(told.centroid_n);
            told.same_skills = seen.same_skills.unwrap_or(told.same_skills);
            told.baseline = seen.baseline.or(told.baseline);
            told.statuses.extend(seen.statuses);
        }
        Ok(Some(told))
    }

    /// The settings in force: thresholds, and what enriches.
    pub(crate) fn settings(&self) -> (Settings, EnrichmentSettings) {
        let tables = self.engine.tables();
        let rules = tables.of_kind("settings").find_map(|record| match record {
            Record::Settings(settings) => Some(settings.clone()),
            _ => None,
        });
        let labels = tables.of_kind("enrichment").find_map(|record| match record {
            Record::EnrichmentSettings(settings) => Some(settings.clone()),
            _ => None,
        });
        (rules.unwrap_or_default(), labels.unwrap_or_default())
    }
}
