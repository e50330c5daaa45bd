//! Which runs are there, newest first? An index over the decisions in force, kept as they become known.
//!
//! A run is one content of one JD. The list shows the content that is held now; earlier ones are facts, found by their id.

use crate::engine::{Engine, RoleChange, Saying};
use crate::error::Error;
use crate::report::{Heading, Lookup};
use crate::store::Store;
use rolestream_dataflows::id::Id;
use rolestream_dataflows::text::normalise;
use rolestream_dataflows::views::{Answer, Case};
use std::cmp::Reverse;
use std::collections::{BTreeSet, HashMap};
use std::ops::Bound;
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

/// Role changes read at once.
const CHUNK: usize = 10_000;

/// A run as lists show it.
#[derive(Clone, Debug)]
pub struct Listed {
    /// The JD.
    pub jd: Id,
    /// Title and company.
    pub heading: Heading,
    /// What is said of it.
    pub answer: Arc<Answer>,
    /// The last step done, as SPEC §7 names it; none yet: what follows from the answer.
    pub step: Option<&'static str>,
    /// The last step or role change, in milliseconds since 1970.
    pub updated_at: i64,
}

/// Where a run stands in the list: newest first, then by JD.
pub type Place = (Reverse<i64>, Id);

impl Listed {
    /// Where it stands in the list.
    pub fn place(&self) -> Place {
        (Reverse(self.answer.received_at), self.jd)
    }

    /// Its status, as SPEC §7 names it.
    pub fn status(&self) -> &'static str {
        match self.step {
            _ if self.answer.decision.case == Case::R => "rejected",
            Some(step) => step,
            None => "extract_from_jd_done",
        }
    }
}

/// What is asked of the list.
#[derive(Clone, Debug, Default)]
pub struct Wanted {
    /// This status.
    pub status: Option<String>,
    /// This role chosen.
    pub role: Option<Id>,
    /// This case.
    pub case: Option<Case>,
    /// This text in title, company or the JD's id; normalised.
    pub text: Option<String>,
    /// Received from then on, in milliseconds since 1970.
    pub from: Option<i64>,
    /// Received before then.
    pub before: Option<i64>,
}

#[derive(Default)]
struct Inner {
    runs: HashMap<Id, Listed>,
    places: BTreeSet<Place>,
    /// The numbers of each JD's role changes, oldest first.
    changes: HashMap<Id, Vec<u64>>,
    last_change: u64,
}

/// The index. Any thread may ask.
pub struct History {
    inner: RwLock<Inner>,
    lookup: Arc<Lookup>,
}

impl History {
    /// Of all that is said now, with the steps of each run: JD, content, step, when.
    pub fn new(
        engine: &Engine,
        store: &Store,
        lookup: Arc<Lookup>,
        steps: impl Iterator<Item = (Id, u64, &'static str, i64)>,
    ) -> Result<History, Error> {
        let mut inner = Inner::default();
        let all: Vec<(Id, Arc<Answer>)> = engine.with_facts(|facts| facts.all().collect());
        for (jd, answer) in all {
            inner.put(jd, lookup.heading(jd), answer);
        }
        loop {
            let changes = store.role_changes(inner.last_change, CHUNK)?;
            if changes.is_empty() {
                break;
            }
            for (number, stored) in changes {
                inner.note_change(number, &stored.change);
            }
        }
        for (jd, content, step, at) in steps {
            inner.note_step(jd, content, step, at);
        }
        Ok(History { inner: RwLock::new(inner), lookup })
    }

    fn read(&self) -> RwLockReadGuard<'_, Inner> {
        self.inner.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> RwLockWriteGuard<'_, Inner> {
        self.inner.write().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes in what became known.
    pub fn hear(&self, sayings: &[Saying]) {
        let mut inner = self.write();
        for saying in sayings {
            for (jd, answer) in &saying.decisions {
                match answer {
                    Some(answer) => inner.put(*jd, self.lookup.heading(*jd), answer.clone()),
                    None => inner.remove(*jd),
                }
            }
            for change in &saying.role_changes {
                let number = inner.last_change + 1;
                inner.note_change(number, change);
            }
        }
    }

    /// A step of a run was done.
    pub fn note_step(&self, jd: Id, content: u64, step: &'static str, at: i64) {
        self.write().note_step(jd, content, step, at);
    }

    /// A run by its JD.
    pub fn run(&self, jd: Id) -> Option<Listed> {
        self.read().runs.get(&jd).cloned()
    }

    /// The numbers of a JD's role changes, oldest first.
    pub fn changes(&self, jd: Id) -> Vec<u64> {
        self.read().changes.get(&jd).cloned().unwrap_or_default()
    }

    /// How many runs there are.
    pub fn len(&self) -> usize {
        self.read().places.len()
    }

    /// No run at all.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// At most so many runs after a place, and the place to go on after, where there may be more.
    pub fn list(&self, wanted: &Wanted, after: Option<Place>, most: usize) -> (Vec<Listed>, Option<Place>) {
        // Places before that time come after all of that time's.
        let latest = wanted.before.map(|before| (Reverse(before), Id(u64::MAX)));
        let oldest = wanted.from.unwrap_or(i64::MIN);
        self.pages(after.max(latest), most, |place| place.0.0 >= oldest, |run| wanted.has(run, &self.lookup))
    }

    /// At most so many of the runs that are so, after a place, and the place to go on after, where there may be more.
    pub fn list_where(
        &self,
        after: Option<Place>,
        most: usize,
        so: impl Fn(&Listed) -> bool,
    ) -> (Vec<Listed>, Option<Place>) {
        self.pages(after, most, |_| true, so)
    }

    /// The runs after a place that are so, as long as places are `within`.
    fn pages(
        &self,
        after: Option<Place>,
        most: usize,
        within: impl Fn(&Place) -> bool,
        so: impl Fn(&Listed) -> bool,
    ) -> (Vec<Listed>, Option<Place>) {
        let inner = self.read();
        let from = after.map_or(Bound::Unbounded, Bound::Excluded);
        let places = inner.places.range((from, Bound::Unbounded)).take_while(|place| within(place));
        let mut so = places.filter_map(|place| inner.runs.get(&place.1)).filter(|run| so(run));
        let found: Vec<Listed> = so.by_ref().take(most).cloned().collect();
        let more = so.next().and(found.last()).map(Listed::place);
        (found, more)
    }
}

impl Wanted {
    fn has(&self, run: &Listed, lookup: &Lookup) -> bool {
        let decision = &run.answer.decision;
        self.status.as_deref().is_none_or(|status| run.status() == status)
            && self.role.is_none_or(|role| decision.role == Some(role))
            && self.case.is_none_or(|case| decision.case == case)
            && self.text.as_deref().is_none_or(|text| {
                normalise(&run.heading.title).contains(text)
                    || normalise(&run.heading.company).contains(text)
                    || normalise(&lookup.jd(run.jd)).contains(text)
            })
    }
}

impl Inner {
    fn put(&mut self, jd: Id, heading: Heading, answer: Arc<Answer>) {
        let (mut step, mut updated_at) = (None, answer.received_at);
        if let Some(before) = self.runs.remove(&jd) {
            self.places.remove(&before.place());
            if before.answer.content == answer.content {
                (step, updated_at) = (before.step, before.updated_at);
            }
        }
        let run = Listed { jd, heading, answer, step, updated_at };
        self.places.insert(run.place());
        self.runs.insert(jd, run);
    }

    fn remove(&mut self, jd: Id) {
        if let Some(before) = self.runs.remove(&jd) {
            self.places.remove(&before.place());
        }
    }

    fn note_change(&mut self, number: u64, change: &RoleChange) {
        self.last_change = number;
        self.changes.entry(change.jd).or_default().push(number);
        if let Some(run) = self.runs.get_mut(&change.jd) {
            // Epochs are milliseconds.
            run.updated_at = run.updated_at.max(i64::try_from(change.epoch).unwrap_or(i64::MAX));
        }
    }

    fn note_step(&mut self, jd: Id, content: u64, step: &'static str, at: i64) {
        if let Some(run) = self.runs.get_mut(&jd).filter(|run| run.answer.content == content) {
            run.step = Some(step);
            run.updated_at = run.updated_at.max(at);
        }
    }
}
