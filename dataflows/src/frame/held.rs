//! What is held of each JD? Its ids and flags, where its vectors lie, every role's KRA score, and what was said.
//!
//! What the passes over all JDs read is kept in columns of its own, apart from what only an answer needs.

use super::enrichment::Nearest;
use super::lanes::{Lanes, Run};
use crate::decision::RoleNumber;
use crate::fixed::{Micro, Vector, Vectors};
use crate::id::Id;
use crate::records::{AiFlags, Features, Jd, Mention, Rejection, Title};
use crate::views::Answer;
use std::collections::HashMap;
use std::sync::Arc;

/// The score of a role that is not ranked.
pub(crate) const UNRANKED: u32 = u32::MAX;
/// The witness of a sentence that no role's KRAs match.
pub(crate) const NO_WITNESS: RoleNumber = RoleNumber::MAX;

/// The JDs of one worker, by place. Places of withdrawn JDs are used again.
#[derive(Default)]
pub(crate) struct Held {
    places: HashMap<Id, u32>,
    free: Vec<u32>,
    pub(crate) entries: Vec<Option<Box<Entry>>>,
    /// Where each JD's sentences lie in `sentences`.
    pub(crate) runs: Vec<Run>,
    /// A KRA score under it cannot change what was said, unless the answer asked for that role by name.
    pub(crate) floors: Vec<u32>,
    /// KRA scores in micro-units, `stride` roles a JD, [`UNRANKED`] where there is none.
    scores: Vec<u32>,
    stride: usize,
    pub(crate) sentences: Lanes,
    /// By sentence lane: a role whose KRAs match it at least at `new_kra`, or [`NO_WITNESS`]: a novel sentence.
    pub(crate) witnesses: Vec<RoleNumber>,
    pub(crate) titles: Lanes,
}

/// What an answer needs of a JD.
pub(crate) struct Entry {
    pub(crate) id: Id,
    pub(crate) content: u64,
    pub(crate) source: Id,
    pub(crate) received_at: i64,
    pub(crate) company: Id,
    pub(crate) rejection: Option<Rejection>,
    pub(crate) title: Option<HeldTitle>,
    pub(crate) role_aliases: Box<[Id]>,
    pub(crate) mentions: Box<[Mention]>,
    pub(crate) sentences: Box<[Id]>,
    pub(crate) vector: Option<Vector>,
    pub(crate) ai: AiFlags,
    /// The nearest label of work, if there is any; none until somebody asks.
    pub(crate) nature: Option<Option<Nearest>>,
    /// What was said last; none before the first answer.
    pub(crate) said: Option<Arc<Answer>>,
}

/// The title's keys, and where its vector lies.
pub(crate) struct HeldTitle {
    pub(crate) written: Id,
    pub(crate) plain: Id,
    pub(crate) slug: Arc<str>,
    pub(crate) lane: Run,
    /// Every role whose nearest name may matter, with its similarity; none until somebody asks.
    pub(crate) near: Option<Box<[(RoleNumber, Micro)]>>,
}

impl Entry {
    /// The title as written, then the role aliases.
    pub(crate) fn terms(&self) -> impl Iterator<Item = Id> + '_ {
        self.title.iter().map(|t| t.written).chain(self.role_aliases.iter().copied())
    }
}

impl Held {
    /// Takes a JD in; whoever calls sets its scores and witnesses.
    pub(crate) fn insert(&mut self, id: Id, jd: &Jd) -> u32 {
        let nothing = Features::default();
        let (features, rejection) = match &jd.features {
            Ok(features) => (features, None),
            Err(rejection) => (&nothing, Some(*rejection)),
        };
        let run = self.sentences.store(features.vectors.iter());
        let lanes = self.sentences.groups().len() * crate::kernel::LANES;
        if lanes > self.witnesses.len() {
            self.witnesses.resize(lanes, NO_WITNESS);
        }
        let title = features.title.as_ref().map(|t| HeldTitle {
            written: t.written,
            plain: t.plain,
            slug: t.slug.clone(),
            lane: self.titles.store(std::iter::once(t.vector.components())),
            near: None,
        });
        let entry = Box::new(Entry {
            id,
            content: jd.content,
            source: jd.source,
            received_at: jd.received_at,
            company: jd.company,
            rejection,
            title,
            role_aliases: features.role_aliases.as_slice().into(),
            mentions: features.skills.as_slice().into(),
            sentences: features.sentences.as_slice().into(),
            vector: features.vector.clone(),
            ai: features.ai,
            nature: None,
            said: None,
        });
        let place = self.free.pop().unwrap_or_else(|| {
            self.entries.push(None);
            self.runs.push(Run::default());
            self.floors.push(0);
            self.scores.resize(self.entries.len() * self.stride, UNRANKED);
            self.entries.len() as u32 - 1
        });
        self.entries[place as usize] = Some(entry);
        self.runs[place as usize] = run;
        self.floors[place as usize] = 0;
        self.places.insert(id, place);
        place
    }

    /// Gives a JD's place and lanes back, and returns it.
    pub(crate) fn remove(&mut self, id: Id) -> Option<Box<Entry>> {
        let place = self.places.remove(&id)?;
        let entry = self.entries[place as usize].take()?;
        self.sentences.free(std::mem::take(&mut self.runs[place as usize]));
        if let Some(title) = &entry.title {
            self.titles.free(title.lane);
        }
        self.row_mut(place).fill(UNRANKED);
        self.free.push(place);
        Some(entry)
    }

    /// A JD as it was taken in.
    pub(crate) fn jd(&self, id: Id) -> Option<Jd> {
        let place = self.place(id)?;
        let entry = self.entry(place)?;
        let features = || Features {
            title: entry.title.as_ref().and_then(|title| {
                let vector = self.titles.vectors(title.lane).next()?;
                Some(Title { written: title.written, plain: title.plain, slug: title.slug.clone(), vector })
            }),
            role_aliases: entry.role_aliases.to_vec(),
            skills: entry.mentions.to_vec(),
            sentences: entry.sentences.to_vec(),
            vectors: Vectors::new(&self.sentences.vectors(self.runs[place as usize]).collect::<Vec<_>>()),
            vector: entry.vector.clone(),
            ai: entry.ai,
        };
        Some(Jd {
            content: entry.content,
            source: entry.source,
            received_at: entry.received_at,
            company: entry.company,
            features: entry.rejection.map_or_else(|| Ok(features()), Err),
        })
    }

    pub(crate) fn place(&self, id: Id) -> Option<u32> {
        self.places.get(&id).copied()
    }

    /// Keeps this copy of what is said of a JD, which is equal to the one it keeps.
    pub(crate) fn say_again(&mut self, id: Id, said: &Option<Arc<Answer>>) {
        if let Some(entry) = self.place(id).and_then(|place| self.entries[place as usize].as_mut()) {
            entry.said.clone_from(said);
        }
    }

    pub(crate) fn entry(&self, place: u32) -> Option<&Entry> {
        self.entries[place as usize].as_deref()
    }

    /// All held JDs, by place.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (u32, &Entry)> {
        self.entries.iter().enumerate().filter_map(|(place, e)| Some((place as u32, e.as_deref()?)))
    }

    /// Places in use or free.
    pub(crate) fn len(&self) -> usize {
        self.entries.len()
    }

    /// Makes room for the scores of this many roles.
    pub(crate) fn widen(&mut self, roles: usize) {
        if roles <= self.stride {
            return;
        }
        let stride = roles.next_multiple_of(8).max(self.stride + self.stride / 4);
        let mut scores = vec![UNRANKED; self.entries.len() * stride];
        if self.stride > 0 {
            for (new, old) in scores.chunks_exact_mut(stride).zip(self.scores.chunks_exact(self.stride)) {
                new[..self.stride].copy_from_slice(old);
            }
        }
        self.scores = scores;
        self.stride = stride;
    }

    /// A JD's KRA score of every role.
    pub(crate) fn row(&self, place: u32) -> &[u32] {
        &self.scores[place as usize * self.stride..][..self.stride]
    }

    pub(crate) fn row_mut(&mut self, place: u32) -> &mut [u32] {
        &mut self.scores[place as usize * self.stride..][..self.stride]
    }
}
