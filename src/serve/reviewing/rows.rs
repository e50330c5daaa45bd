//! Which rows wait now, and what do they say? The queues' views at one epoch, with the words of runs and records.

use super::Known;
use super::nearest::Finder;
use super::shelf::Shelf;
use crate::engine::{Epoch, Reader};
use crate::error::{Error, listed};
use crate::review::{Candidate, Filter, Page, Queue, Row, Sort, Sources, Standing, page, queues, show, standing};
use crate::serve::app::App;
use crate::serve::history::{Listed, Place};
use crate::serve::problem::Problem;
use rolestream_dataflows::id::Id;
use rolestream_dataflows::views::{Case, NewKra, NewSkill, Summary, Undecided, subject};
use std::collections::HashMap;
use std::sync::Arc;

/// The rows of the queues' views; those of queues that nobody asked for are left out.
#[derive(Default)]
struct Seen {
    new_skills: Vec<((Id, Id), NewSkill)>,
    new_roles: Vec<(Arc<str>, Summary)>,
    new_kras: Vec<((Id, Id), NewKra)>,
    novel_sentences: Vec<((Id, Id), Summary)>,
    undecided: Vec<(Id, Undecided)>,
    collisions: Vec<(Claimed, Summary)>,
}

/// A term, and the roles that claim it.
type Claimed = (Id, Box<[Id]>);

impl Seen {
    fn of(reader: &mut Reader<'_>, queue: Option<Queue>) -> Seen {
        let wanted = |one: Queue| queue.is_none_or(|queue| queue == one);
        let mut seen = Seen::default();
        if wanted(Queue::NewSkills) {
            seen.new_skills = reader.new_skills().rows();
        }
        if wanted(Queue::NewRoles) {
            seen.new_roles = reader.new_roles().rows();
        }
        if wanted(Queue::NewKras) {
            seen.new_kras = reader.new_kras().rows();
        }
        if wanted(Queue::NovelSentences) {
            seen.novel_sentences = reader.novel_sentences().rows();
        }
        if wanted(Queue::Undecided) {
            seen.undecided = reader.undecided().rows();
        }
        if wanted(Queue::Collisions) {
            seen.collisions = reader.collisions().rows();
        }
        seen
    }

    fn merged(mut self, mut other: Seen) -> Seen {
        self.new_skills.append(&mut other.new_skills);
        self.new_roles.append(&mut other.new_roles);
        self.new_kras.append(&mut other.new_kras);
        self.novel_sentences.append(&mut other.novel_sentences);
        self.undecided.append(&mut other.undecided);
        self.collisions.append(&mut other.collisions);
        self
    }

    fn candidates(&self, known: &Known, shelf: &Shelf<'_>) -> Vec<Candidate> {
        let (names, reviews) = (&known.names, &known.reviews);
        let mut all = queues::new_skills(self.new_skills.iter().map(|(key, row)| (key, row)));
        all.extend(queues::new_roles(self.new_roles.iter().map(|(key, row)| (key, row)), reviews, names));
        all.extend(queues::new_kras(self.new_kras.iter().map(|(key, row)| (key, row)), shelf));
        all.extend(queues::novel_sentences(self.novel_sentences.iter().map(|(key, row)| (key, row)), reviews, names));
        all.extend(queues::undecided(self.undecided.iter().map(|(key, row)| (key, row)), shelf, reviews, names));
        all.extend(queues::collisions(self.collisions.iter().map(|(key, row)| (key, row)), reviews, names));
        all
    }
}

/// What waits, with all that rows are made of.
struct Waiting<'a> {
    sources: Sources<'a>,
    candidates: Vec<Candidate>,
    hidden: Vec<Row>,
    epoch: Epoch,
}

impl App {
    /// What the records as they stand say of rows.
    pub(crate) fn known(&self) -> Arc<Known> {
        self.reviewing.known(self.engine.tables())
    }

    fn waiting<R>(
        &self,
        known: &Known,
        queue: Option<Queue>,
        look: impl FnOnce(Waiting<'_>) -> R,
    ) -> Result<R, Problem> {
        let read = self.engine.read(move |reader| Seen::of(reader, queue));
        let read = read.map_err(|error| Problem::internal(&error))?;
        let (shelf, finder) = (Shelf::new(self), Finder { app: self, known });
        let candidates = read.shares.into_iter().fold(Seen::default(), Seen::merged).candidates(known, &shelf);
        let hidden = self.reviewing.log.look(|entries| standing::hidden(&known.reviews, entries));
        let sources = Sources {
            runs: &shelf,
            matches: &finder,
            names: &known.names,
            reviews: &known.reviews,
            terms: &known.terms,
            now: (self.now)(),
        };
        Ok(look(Waiting { sources, candidates, hidden, epoch: read.epoch }))
    }

    /// A page of the rows that are asked for, and the epoch they are of. Hidden ones are shown to who asks for them.
    pub(crate) fn reviews(
        &self,
        filter: &Filter,
        sort: Sort,
        cursor: Option<&str>,
        limit: usize,
    ) -> Result<(Page, Epoch), Problem> {
        let known = self.known();
        let hides = |standing: Standing| matches!(standing, Standing::Snoozed | Standing::Rejected);
        self.waiting(&known, filter.queue, |Waiting { sources, mut candidates, mut hidden, epoch }| {
            if filter.status.is_none() {
                candidates.retain(|candidate| !hides(candidate.standing));
                hidden.clear();
            }
            page(&sources, candidates, hidden, filter, sort, cursor, limit).map(|page| (page, epoch))
        })?
        .map_err(Problem::unprocessable)
    }

    /// The rows of these numbers, in their order: all of them, or a problem that names those that are not there.
    pub(crate) fn review_rows(&self, known: &Known, ids: &[u64]) -> Result<Vec<Row>, Problem> {
        self.waiting(known, None, |Waiting { sources, candidates, hidden, .. }| {
            let mut found: HashMap<u64, Row> = hidden.into_iter().map(|row| (row.id, row)).collect();
            for candidate in candidates {
                if ids.contains(&candidate.subject.number()) {
                    let row = show(&sources, candidate);
                    found.insert(row.id, row);
                }
            }
            let unknown: Vec<u64> = ids.iter().copied().filter(|id| !found.contains_key(id)).collect();
            match unknown.is_empty() {
                true => Ok(ids.iter().filter_map(|id| found.get(id).cloned()).collect()),
                false => Err(unknown_rows(&unknown)),
            }
        })?
    }
}

fn unknown_rows(ids: &[u64]) -> Problem {
    let those = listed(ids.iter().map(u64::to_string));
    let what = if ids.len() == 1 { "row" } else { "rows" };
    let error = Error::new(format!("no {what} {those} in the review queues"))
        .detail("it was never there, it was settled, or its JDs are gone")
        .hint("GET /reviews lists the rows, GET /review-history what was settled");
    Problem::not_found(error).kind("unknown-row")
}

/// Whether a row is about this run, among others.
pub(super) fn is_about(row: &Row, run: &Listed) -> bool {
    let decision = &run.answer.decision;
    let is = |other: Id| other == row.subject;
    match row.queue {
        Queue::NewSkills => {
            let mut unknown = run.answer.skills.iter().filter(|skill| !skill.known);
            decision.role.is_some() && unknown.any(|skill| is(subject::new_skill(skill.skill)))
        }
        Queue::NewRoles => decision.new_role.as_deref().is_some_and(|slug| is(subject::new_role(slug))),
        Queue::NewKras => is(subject::new_kra(run.jd)),
        Queue::NovelSentences => {
            let mut novel = run.answer.novel.iter();
            decision.role.is_some() && novel.any(|(_, sentence)| is(subject::novel_sentence(*sentence)))
        }
        Queue::Undecided => decision.queued() && decision.case != Case::New && is(subject::undecided(run.jd)),
        Queue::Collisions => decision.collision.as_ref().is_some_and(|collision| is(collision.id())),
    }
}

impl App {
    /// The runs behind a row, newest first: so many after a place.
    pub(crate) fn runs_of_row(&self, row: &Row, after: Option<Place>, most: usize) -> (Vec<Listed>, Option<Place>) {
        self.history.list_where(after, most, |run| is_about(row, run))
    }
}
