//! Which JDs say by their title which role they are, and which are of no role here?

use rolestream::admission::{Admission, Admitted, Document, Documents, Domains, Limits, in_parallel};
use rolestream::embed::{EmbedError, Embedder};
use rolestream::engine::{Batch, Engine};
use rolestream::error::Error;
use rolestream::jd::{Parser, ParserSettings, SkillLibrary};
use rolestream::taxonomy::Taxonomy;
use rolestream_dataflows::fixed::{Micro, Vector};
use rolestream_dataflows::id::Id;
use rolestream_dataflows::records::{Change, JdUpdate, Record, Settings, Status};
use rolestream_dataflows::text::normalise;
use rolestream_dataflows::views::{Answer, How};
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::Arc;

/// A title less similar than this to every name is foreign.
const FOREIGN: Micro = Micro(350_000);
/// A title that resolves to nothing and is at least this similar to a name may mean its role.
const NEAR: Micro = Micro(500_000);
/// JDs admitted in one epoch.
const BATCH: usize = 1_000;

/// A taxonomy, as the engine takes it and as far as it is measured here.
pub(crate) struct Roles {
    /// Its name, as part of a file's name.
    pub(crate) name: String,
    pub(crate) slugs: Vec<String>,
    /// Names and aliases as keys, with the roles that claim them.
    pub(crate) titles: BTreeMap<String, (BTreeSet<usize>, Vector)>,
    /// All KRAs.
    pub(crate) kras: Vec<Vector>,
    pub(crate) records: Vec<Record>,
}

impl Roles {
    pub(crate) fn new(taxonomy: &Taxonomy, embedder: &dyn Embedder) -> Result<Roles, EmbedError> {
        let mut failure = None;
        let records = taxonomy.to_records(&mut |texts| {
            embedder.embed(texts).unwrap_or_else(|error| {
                failure = Some(error);
                vec![None; texts.len()]
            })
        });
        failure.map_or(Ok(()), Err)?;
        let mut roles = Roles {
            name: normalise(&taxonomy.name).replace(' ', "-"),
            slugs: Vec::new(),
            titles: BTreeMap::new(),
            kras: Vec::new(),
            records,
        };
        let active = |record: &Record| match record {
            Record::Role(role) if role.status == Status::Active => Some(role.slug.clone()),
            _ => None,
        };
        roles.slugs = roles.records.iter().filter_map(active).collect();
        for record in &roles.records {
            let (role, title, vector) = match record {
                Record::Role(role) => (&role.slug, &role.name, &role.vector),
                Record::Alias(alias) => (&alias.role, &alias.text, &alias.vector),
                Record::Kra(kra) => {
                    roles.kras.push(kra.vector.clone());
                    continue;
                }
                _ => continue,
            };
            let Some(role) = roles.slugs.iter().position(|slug| slug == role) else { continue };
            roles.titles.entry(normalise(title)).or_insert((BTreeSet::new(), vector.clone())).0.insert(role);
        }
        Ok(roles)
    }

    /// An engine with this taxonomy and these settings in it.
    pub(crate) fn engine(&self, settings: &Settings, threads: usize) -> Result<Engine, Error> {
        let engine = Engine::start(threads)?;
        let records = self.records.iter().cloned().chain([Record::Settings(settings.clone())]);
        engine.apply(Batch::of_changes(records.map(Change::Put).collect()))?;
        Ok(engine)
    }

    /// A parser that knows its skills.
    fn parser(&self) -> Parser {
        let skill = |record: &Record| match record {
            Record::Skill(skill) => Some(skill.clone()),
            _ => None,
        };
        let skills: Vec<_> = self.records.iter().filter_map(skill).collect();
        Parser::new(ParserSettings::default(), Arc::new(SkillLibrary::new(skills.iter())))
    }

    pub(crate) fn number(&self, role: Id) -> Option<usize> {
        self.slugs.iter().position(|slug| Id::role(slug) == role)
    }

    /// Each role's greatest similarity of a name or alias, greatest first.
    pub(crate) fn nearest(&self, title: &Vector) -> Vec<(f64, usize)> {
        let mut nearest = vec![0.0; self.slugs.len()];
        for (roles, name) in self.titles.values() {
            let similarity = name.similarity(title).to_f64();
            roles.iter().for_each(|role| nearest[*role] = similarity.max(nearest[*role]));
        }
        let mut ranking: Vec<(f64, usize)> = nearest.into_iter().zip(0..).collect();
        ranking.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
        ranking
    }
}

/// Whether a JD is of the half that thresholds are read off, or of the half they are checked on.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Half {
    Fit,
    HeldOut,
}

/// A JD with what the engine says of it.
pub(crate) struct Jd {
    pub(crate) half: Half,
    pub(crate) update: JdUpdate,
    pub(crate) answer: Arc<Answer>,
    /// The one role its title names.
    pub(crate) role: Option<usize>,
    /// Where the title names none: the nearest role's similarity, its lead, the role.
    pub(crate) nearest: Option<(f64, f64, usize)>,
}

/// JDs with a title that says what they are, or nearly.
pub(crate) struct Jds {
    /// The title is one role's name or alias, as written or without the words for its level.
    pub(crate) labelled: Vec<Jd>,
    /// The title is like none in the taxonomy: probably no role of it is right.
    pub(crate) foreign: Vec<Jd>,
    /// The title is near one and equals none.
    pub(crate) near: Vec<Jd>,
}

/// Takes at most `most` JDs of a role, and as many others as there are labelled ones, spread over the files.
pub(crate) fn read(
    path: PathBuf,
    roles: &Roles,
    most: usize,
    embedder: &dyn Embedder,
    threads: usize,
) -> Result<Jds, Error> {
    let path = if path.is_dir() { path.join("jds/jds_dev.jsonl.gz") } else { path };
    let settings = Settings { top: roles.slugs.len() as u32, ..Settings::default() };
    let (engine, parser) = (roles.engine(&settings, threads)?, roles.parser());
    let domains = Domains::built_in(embedder)?;
    let admission = Admission { parser: &parser, embedder, domains: &domains, source: "calibrate", now: 0 };
    let mut documents = Documents::new(&[path], Limits::of_text(1_000_000)).filter_map(Result::ok).map(Arc::new);
    let mut of_role: Vec<Vec<Jd>> = roles.slugs.iter().map(|_| Vec::new()).collect();
    let (mut foreign, mut near) = (Vec::new(), Vec::new());
    loop {
        let batch: Vec<Arc<Document>> = documents.by_ref().take(BATCH).collect();
        if batch.is_empty() {
            break;
        }
        let admitted = in_parallel(&batch, threads, |document| admission.admit(document.clone()));
        let admitted = admitted.into_iter().collect::<Result<Vec<Admitted>, Error>>()?;
        let updates: Vec<JdUpdate> = admitted.into_iter().map(|one| one.update).collect();
        engine.apply(Batch::of_jds(updates.clone()))?;
        let ids: Vec<Id> = updates.iter().map(|update| update.id).collect();
        for (update, answer) in updates.into_iter().zip(engine.decisions(&ids)) {
            let Some(answer) = answer else { continue };
            let features = update.jd.as_ref().and_then(|jd| jd.features.as_ref().ok());
            let Some(title) = features.and_then(|features| features.title.clone()) else { continue };
            if answer.signals.kra.is_empty() {
                continue;
            }
            let half = if Id::all("half", &[update.id]).number() & 1 == 0 { Half::Fit } else { Half::HeldOut };
            let mut jd = Jd { half, update, answer, role: None, nearest: None };
            let resolution = &jd.answer.resolution;
            match (resolution.how, &*resolution.roles) {
                (How::DisplayName | How::Alias, &[role]) => {
                    jd.role = roles.number(role);
                    of_role[jd.role.unwrap_or_default()].push(jd);
                }
                (How::Vector | How::None, _) if jd.answer.signals.alias.is_empty() => {
                    let nearest = roles.nearest(&title.vector);
                    let [(first, role), (second, _), ..] = nearest[..] else { continue };
                    jd.nearest = Some((first, first - second, role));
                    if first < FOREIGN.to_f64() {
                        foreign.push(jd);
                    } else if first >= NEAR.to_f64() {
                        near.push(jd);
                    }
                }
                _ => {}
            }
        }
    }
    let labelled: Vec<Jd> = of_role.into_iter().flat_map(|jds| spread(jds, most)).collect();
    let foreign = spread(foreign, labelled.len()).collect();
    Ok(Jds { foreign, near, labelled })
}

/// At most `most` of them, evenly spread.
fn spread(jds: Vec<Jd>, most: usize) -> impl Iterator<Item = Jd> {
    let step = jds.len().div_ceil(most.max(1)).max(1);
    jds.into_iter().step_by(step)
}
