//! How many rows has each view that operators watch? Counted from what changes, so that nobody has to read the views.

use crate::engine::Saying;
use crate::report::Lookup;
use crate::telemetry::Metrics;
use rolestream_dataflows::id::Id;
use rolestream_dataflows::views::{Case, Snapshot, ViewRow};
use std::collections::{BTreeMap, HashMap};
use std::sync::{Mutex, PoisonError};

/// The counts, and the metrics that show them.
pub(super) struct Counts {
    metrics: Metrics,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    cases: BTreeMap<Case, u64>,
    case_of: HashMap<Id, Case>,
    queues: BTreeMap<&'static str, i64>,
    members: BTreeMap<Id, u64>,
    /// Whether the counts are those of the views: after the start they are taken from these once.
    begun: bool,
}

fn queue(row: &ViewRow) -> Option<&'static str> {
    match row {
        ViewRow::Centroid(..) => None,
        ViewRow::Collision(..) => Some("collisions"),
        ViewRow::Undecided(..) => Some("undecided"),
        ViewRow::NewRole(..) => Some("new_roles"),
        ViewRow::NewSkill(..) => Some("new_skills"),
        ViewRow::NewKra(..) => Some("new_kras"),
        ViewRow::NovelSentence(..) => Some("novel_sentences"),
    }
}

impl Counts {
    pub(super) fn new(metrics: Metrics) -> Counts {
        Counts { metrics, state: Mutex::default() }
    }

    /// Counts the rows of all views, once they stand.
    pub(super) fn begin(&self, snapshot: &Snapshot, lookup: &Lookup) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        *state = State { begun: true, ..State::default() };
        for (jd, answer) in &snapshot.decisions {
            state.decide(*jd, Some(answer.decision.case));
        }
        let queues = [
            ("collisions", snapshot.collisions.len()),
            ("undecided", snapshot.undecided.len()),
            ("new_roles", snapshot.new_roles.len()),
            ("new_skills", snapshot.new_skills.len()),
            ("new_kras", snapshot.new_kras.len()),
            ("novel_sentences", snapshot.novel_sentences.len()),
        ];
        state.queues = queues.into_iter().map(|(name, rows)| (name, rows as i64)).collect();
        state.members = snapshot.role_centroids.iter().map(|(role, centroid)| (*role, centroid.n)).collect();
        self.show(&state, lookup);
    }

    /// Follows closed epochs, in their order.
    pub(super) fn take(&self, sayings: &[Saying], lookup: &Lookup) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        for saying in sayings {
            self.metrics.epoch_closed(saying.epoch, saying.since.elapsed());
            saying.role_changes.iter().for_each(|change| self.metrics.role_changed(&change.cause));
            self.metrics.set_taxonomy_version(saying.taxonomy_version);
            if !state.begun {
                continue;
            }
            for (jd, answer) in &saying.decisions {
                state.decide(*jd, answer.as_ref().map(|answer| answer.decision.case));
            }
            for there in [false, true] {
                for change in saying.views.iter().filter(|change| (change.difference > 0) == there) {
                    state.follow(&change.row, there);
                }
            }
        }
        if state.begun {
            self.show(&state, lookup);
        }
    }

    fn show(&self, state: &State, lookup: &Lookup) {
        self.metrics.set_held(state.case_of.len() as u64);
        for (case, jds) in &state.cases {
            self.metrics.set_case(*case, *jds);
        }
        for (queue, rows) in &state.queues {
            self.metrics.set_queue(queue, u64::try_from(*rows).unwrap_or(0));
        }
        let members: Vec<(String, u64)> = state.members.iter().map(|(role, n)| (lookup.role(*role), *n)).collect();
        self.metrics.set_centroids(members.iter().map(|(role, n)| (role.as_str(), *n)));
    }
}

impl State {
    fn decide(&mut self, jd: Id, case: Option<Case>) {
        let before = match case {
            Some(case) => {
                *self.cases.entry(case).or_default() += 1;
                self.case_of.insert(jd, case)
            }
            None => self.case_of.remove(&jd),
        };
        if let Some(count) = before.and_then(|before| self.cases.get_mut(&before)) {
            *count -= 1;
        }
    }

    fn follow(&mut self, row: &ViewRow, there: bool) {
        match (row, there) {
            (ViewRow::Centroid(role, centroid), true) => drop(self.members.insert(*role, centroid.n)),
            (ViewRow::Centroid(role, _), false) => drop(self.members.remove(role)),
            _ => {}
        }
        if let Some(queue) = queue(row) {
            *self.queues.entry(queue).or_default() += if there { 1 } else { -1 };
        }
    }
}
