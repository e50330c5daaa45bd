//! How many rows has each view that operators watch? Counted from what changes, from the first epoch on, so that nobody
//! has to read the views.

use crate::engine::Saying;
use crate::report::Lookup;
use crate::telemetry::Metrics;
use rolestream_dataflows::id::Id;
use rolestream_dataflows::views::{Case, ViewRow};
use std::collections::{BTreeMap, HashMap};

/// The counts, and the metrics that show them.
pub(super) struct Counts {
    metrics: Metrics,
    state: State,
}

#[derive(Default)]
struct State {
    cases: BTreeMap<Case, u64>,
    case_of: HashMap<Id, Case>,
    queues: BTreeMap<&'static str, i64>,
    members: BTreeMap<Id, u64>,
}

fn queue(row: &ViewRow) -> Option<&'static str> {
    match row {
        ViewRow::Collision(..) => Some("collisions"),
        ViewRow::Undecided(..) => Some("undecided"),
        ViewRow::NewRole(..) => Some("new_roles"),
        ViewRow::NewSkill(..) => Some("new_skills"),
        ViewRow::NewKra(..) => Some("new_kras"),
        ViewRow::NovelSentence(..) => Some("novel_sentences"),
        _ => None,
    }
}

impl Counts {
    pub(super) fn new(metrics: Metrics) -> Counts {
        Counts { metrics, state: State::default() }
    }

    /// Follows closed epochs, in their order.
    pub(super) fn take(&mut self, sayings: &[Saying], lookup: &Lookup) {
        let state = &mut self.state;
        for saying in sayings {
            self.metrics.epoch_closed(saying.epoch, saying.since.elapsed());
            saying.role_changes.iter().for_each(|change| self.metrics.role_changed(&change.cause));
            self.metrics.set_taxonomy_version(saying.taxonomy_version);
            for (jd, answer) in &saying.decisions {
                state.decide(*jd, answer.as_ref().map(|answer| answer.decision.case));
            }
            for there in [false, true] {
                for change in saying.views.iter().filter(|change| (change.difference > 0) == there) {
                    state.follow(&change.row, there);
                }
            }
        }
        self.show(lookup);
    }

    fn show(&self, lookup: &Lookup) {
        let state = &self.state;
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
