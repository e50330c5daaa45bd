//! Which JDs, roles, KRAs and skills are near?
//!
//! Four indexes, kept by whoever follows the inputs: a JD by its responsibilities' vector, a KRA by its sentence's, a
//! role by its display name and aliases, a skill by its name and aliases, of which the nearest counts. Only what is
//! active is found, and under its own slug; SPEC §3 ranks no other.

use super::index::{Index, Limits};
use super::library::{Library, TextOf};
use super::recall::Recall;
use super::spelling::Spelling;
use crate::embed::Embedder;
use crate::error::Error;
use crate::telemetry::metrics::Metrics;
use rolestream_dataflows::fixed::{Micro, Vector};
use rolestream_dataflows::id::Id;
use rolestream_dataflows::records::{Key, Record, Skill};
use rolestream_dataflows::text::normalise;
use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard};

/// Candidates of a graph that a search looks at.
pub(super) const CANDIDATES: usize = 128;

/// A collection that is searched.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[allow(missing_docs, reason = "the names say it")]
pub enum Kind {
    Jds,
    Roles,
    Kras,
    Skills,
}

impl Kind {
    /// All of them.
    pub const ALL: [Kind; 4] = [Kind::Jds, Kind::Roles, Kind::Kras, Kind::Skills];

    /// As the API and the metrics name it.
    pub fn name(self) -> &'static str {
        match self {
            Kind::Jds => "jds",
            Kind::Roles => "roles",
            Kind::Kras => "kras",
            Kind::Skills => "skills",
        }
    }
}

/// What is near, each list by score descending, then key ascending.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names say it")]
pub struct Hits {
    pub jds: Vec<JdHit>,
    pub roles: Vec<RoleHit>,
    pub kras: Vec<KraHit>,
    pub skills: Vec<SkillHit>,
}

/// A JD that is near.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct JdHit {
    /// [`Id::jd`].
    pub jd: Id,
    /// Cosine of the responsibilities.
    pub score: Micro,
}

/// A role that is near.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RoleHit {
    /// Its slug.
    pub role: Arc<str>,
    /// The greatest cosine of its titles.
    pub score: Micro,
    /// The alias, normalised, that has it; `None`: a display name.
    pub alias: Option<Arc<str>>,
}

/// A KRA that is near.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KraHit {
    /// Its id.
    pub kra: Arc<str>,
    /// The slug of the role for which it counts.
    pub role: Arc<str>,
    /// Cosine of the sentences.
    pub score: Micro,
}

/// A skill that is near.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SkillHit {
    /// Its slug.
    pub skill: Arc<str>,
    /// The greatest cosine of its forms.
    pub score: Micro,
    /// The form, normalised, that has it.
    pub form: Arc<str>,
}

/// All that can be searched. Threads share it.
pub struct Search {
    pub(super) embedder: Arc<dyn Embedder>,
    pub(super) library: RwLock<Library>,
    pub(super) jds: Index<Id>,
    pub(super) roles: Index<TextOf>,
    pub(super) kras: Index<Arc<str>>,
    pub(super) skills: Index<TextOf>,
}

impl Search {
    /// Nothing in it. Skills' names are embedded as they come; recall goes into the metrics.
    pub fn new(embedder: Arc<dyn Embedder>, limits: Limits, metrics: &Metrics) -> Search {
        let recall = |kind: Kind| {
            let metrics = metrics.clone();
            Recall::new(move |recall| metrics.set_search_recall(kind.name(), recall.to_f64()))
        };
        Search {
            embedder,
            library: RwLock::default(),
            jds: Index::new(limits, recall(Kind::Jds)),
            roles: Index::new(limits, recall(Kind::Roles)),
            kras: Index::new(limits, recall(Kind::Kras)),
            skills: Index::new(limits, recall(Kind::Skills)),
        }
    }

    /// A JD's responsibilities, in the place of what was there; `None`: withdrawn, rejected, or without a vector.
    pub fn put_jd(&self, jd: Id, vector: Option<&Vector>) {
        self.jds.replace(jd, vector.cloned());
    }

    /// A record, in the place of that with the same key. Records of other collections do nothing.
    pub fn put_record(&self, record: &Record) -> Result<(), Error> {
        self.put_records([record])
    }

    /// Several records, which is quicker: the skills' texts are embedded together. All of them are taken in; where the
    /// embedder fails, skills are found by their spelling only.
    pub fn put_records<'r>(&self, records: impl IntoIterator<Item = &'r Record>) -> Result<(), Error> {
        let mut skills = Vec::new();
        for record in records {
            match record {
                Record::Role(role) => {
                    self.change(|l| l.roles.put(&role.slug, role.status, role.replaced_by.as_deref()));
                    self.roles.insert(TextOf::new(&role.slug, None), role.vector.clone());
                }
                Record::Alias(alias) => {
                    let text = normalise(&alias.text);
                    self.roles.insert(TextOf::new(&alias.role, Some(&text)), alias.vector.clone());
                }
                Record::Kra(kra) => {
                    self.change(|l| l.kras.insert(kra.id.clone(), kra.role.as_str().into()));
                    self.kras.insert(kra.id.as_str().into(), kra.vector.clone());
                }
                Record::Skill(skill) => skills.extend(self.put_skill(skill)),
                _ => {}
            }
        }
        self.embed(&skills)
    }

    /// Removes what has this key. Keys of other collections do nothing.
    pub fn remove_record(&self, key: &Key) {
        match key.kind {
            "role" => {
                self.change(|l| l.roles.remove(&key.key));
                self.roles.remove(&TextOf::new(&key.key, None));
            }
            "alias" => {
                if let Some((role, text)) = key.key.split_once('\n') {
                    self.roles.remove(&TextOf::new(role, Some(text)));
                }
            }
            "kra" => {
                self.change(|l| l.kras.remove(&key.key));
                self.kras.remove(&Arc::from(key.key.as_str()));
            }
            "skill" => {
                self.change(|l| l.skills.remove(&key.key));
                self.set_forms(&key.key, Vec::new());
            }
            _ => {}
        }
    }

    /// The `k` nearest of each of these kinds.
    pub fn similar(&self, vector: &Vector, kinds: &[Kind], k: usize) -> Hits {
        // None are found without a look.
        let wanted = |kind| if kinds.contains(&kind) { k } else { 0 };
        Hits {
            jds: self.similar_jds(vector, wanted(Kind::Jds)),
            roles: self.possible_roles(vector, wanted(Kind::Roles)),
            kras: self.possible_kras(vector, wanted(Kind::Kras)),
            skills: self.similar_skills(vector, wanted(Kind::Skills)),
        }
    }

    /// JDs with responsibilities like these.
    pub fn similar_jds(&self, vector: &Vector, k: usize) -> Vec<JdHit> {
        let hits = self.jds.nearest(vector, k, CANDIDATES);
        hits.into_iter().map(|(jd, score)| JdHit { jd, score }).collect()
    }

    /// Roles with a title like this.
    pub fn possible_roles(&self, title: &Vector, k: usize) -> Vec<RoleHit> {
        let library = self.library();
        let hits = nearest_of(&self.roles, title, k, |text: &TextOf| library.roles.owner(&text.owner));
        hits.into_iter().map(|(role, score, text)| RoleHit { role, score, alias: text.text }).collect()
    }

    /// KRAs that say something like this.
    pub fn possible_kras(&self, sentence: &Vector, k: usize) -> Vec<KraHit> {
        let library = self.library();
        let hits = nearest_of(&self.kras, sentence, k, |kra: &Arc<str>| {
            library.roles.owner(library.kras.get(&**kra)?).map(|role| (kra.clone(), role))
        });
        hits.into_iter().map(|((kra, role), score, _)| KraHit { kra, role, score }).collect()
    }

    /// Skills with a name that means something like this.
    pub fn similar_skills(&self, name: &Vector, k: usize) -> Vec<SkillHit> {
        let library = self.library();
        let hits = nearest_of(&self.skills, name, k, |text: &TextOf| library.skills.owner(&text.owner));
        let hit = |(skill, score, text): (_, _, TextOf)| Some(SkillHit { skill, score, form: text.text? });
        hits.into_iter().filter_map(hit).collect()
    }

    /// Vectors stored of a kind: a role and a skill have several.
    pub fn stored(&self, kind: Kind) -> usize {
        match kind {
            Kind::Jds => self.jds.len(),
            Kind::Roles => self.roles.len(),
            Kind::Kras => self.kras.len(),
            Kind::Skills => self.skills.len(),
        }
    }

    /// The recall of a kind as last measured; 1 before the first time, when all is looked at.
    pub fn recall(&self, kind: Kind) -> Micro {
        match kind {
            Kind::Jds => self.jds.recall(),
            Kind::Roles => self.roles.recall(),
            Kind::Kras => self.kras.recall(),
            Kind::Skills => self.skills.recall(),
        }
    }

    /// Measures the recall of a kind now; it is in the metrics then.
    pub fn measure_recall(&self, kind: Kind) -> Micro {
        match kind {
            Kind::Jds => self.jds.measure_recall(),
            Kind::Roles => self.roles.measure_recall(),
            Kind::Kras => self.kras.measure_recall(),
            Kind::Skills => self.skills.measure_recall(),
        }
    }

    pub(super) fn library(&self) -> RwLockReadGuard<'_, Library> {
        self.library.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn change<T>(&self, change: impl FnOnce(&mut Library) -> T) -> T {
        change(&mut self.library.write().unwrap_or_else(PoisonError::into_inner))
    }

    /// Takes a skill in; which of its forms are new, as written.
    fn put_skill(&self, skill: &Skill) -> Vec<(TextOf, String)> {
        self.change(|l| l.skills.put(&skill.slug, skill.status, skill.replaced_by.as_deref()));
        let written = std::iter::once(&skill.name).chain(&skill.aliases);
        let forms = written.map(|form| (TextOf::new(&skill.slug, Some(&normalise(form))), form.clone())).collect();
        self.set_forms(&skill.slug, forms)
    }

    /// Replaces a skill's forms; which of them are new.
    fn set_forms(&self, skill: &str, mut forms: Vec<(TextOf, String)>) -> Vec<(TextOf, String)> {
        forms.sort();
        forms.dedup_by(|a, b| a.0 == b.0);
        let keys: Vec<TextOf> = forms.iter().map(|(key, _)| key.clone()).collect();
        let old = self.change(|l| match keys.is_empty() {
            true => l.forms.remove(skill),
            false => l.forms.insert(skill.to_owned(), keys.clone()),
        });
        let old = old.unwrap_or_default();
        for gone in old.iter().filter(|key| !keys.contains(key)) {
            self.skills.remove(gone);
            self.change(|l| l.spellings.remove(gone));
        }
        forms.retain(|(key, _)| !old.contains(key));
        for (key, written) in &forms {
            self.change(|l| l.spellings.insert(key.clone(), Spelling::new(written)));
        }
        forms
    }

    fn embed(&self, forms: &[(TextOf, String)]) -> Result<(), Error> {
        let texts: Vec<&str> = forms.iter().map(|(_, written)| written.as_str()).collect();
        let vectors = if texts.is_empty() { Vec::new() } else { self.embedder.embed(&texts)? };
        for ((key, _), vector) in forms.iter().zip(vectors) {
            self.skills.replace(key.clone(), vector);
        }
        Ok(())
    }
}

/// The `k` nearest owners, each with its nearest key; a key without an owner counts for nobody. More keys are asked for
/// until that many owners are nearer than the last key.
fn nearest_of<K, O>(index: &Index<K>, vector: &Vector, k: usize, owner: impl Fn(&K) -> Option<O>) -> Vec<(O, Micro, K)>
where
    K: Clone + Ord + Hash + Send + Sync,
    O: Clone + Ord + Hash,
{
    let mut ask = 4 * k;
    loop {
        let keys = index.nearest(vector, ask, CANDIDATES.max(ask));
        let last = (keys.len() == ask).then(|| keys.last().map(|(_, score)| *score)).flatten();
        let mut best: HashMap<O, (Micro, K)> = HashMap::new();
        for (key, score) in keys {
            if let Some(owner) = owner(&key) {
                best.entry(owner).or_insert((score, key));
            }
        }
        let nearer = best.values().filter(|(score, _)| Some(*score) > last).count();
        if nearer >= k || last.is_none() {
            let mut found: Vec<(O, Micro, K)> = best.into_iter().map(|(o, (score, key))| (o, score, key)).collect();
            found.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
            found.truncate(k);
            return found;
        }
        ask *= 4;
    }
}
