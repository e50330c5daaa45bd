//! What was once said, and must not change when the taxonomy does?
//!
//! The answer at ingest, once per JD and content; what was last said of each JD; and the role changes: the places
//! where the view *decisions* came to differ from what was last said. Fed with the changes of *decisions*, one closed
//! epoch after the other. Nothing here knows of threads.

use super::batch::Cause;
use rolestream_dataflows::driver::{DecisionChange, Epoch};
use rolestream_dataflows::fixed::Micro;
use rolestream_dataflows::id::Id;
use rolestream_dataflows::records::AtIngest;
use rolestream_dataflows::views::{Answer, Said};
use serde::{Deserialize, Serialize};
use std::collections::hash_map::Entry;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

/// The fact of what was said first of one content of one JD.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FirstSaid {
    /// What was said.
    pub answer: Arc<Answer>,
    /// The taxonomy version it saw.
    pub taxonomy_version: u64,
    /// When.
    pub epoch: Epoch,
}

impl FirstSaid {
    /// What *impact* compares.
    pub fn said(&self) -> Said {
        self.answer.decision.said()
    }
}

/// A decision as a role change names it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stated {
    /// What is compared: rule, case, role, new role.
    pub said: Said,
    /// The confidence at the time it was said.
    pub confidence: Option<Micro>,
}

impl Stated {
    fn of(answer: &Answer) -> Stated {
        Stated { said: answer.decision.said(), confidence: answer.decision.confidence }
    }
}

/// The fact that something else is said of a JD than before. Those of one JD chain: each `before` is the previous
/// `after`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RoleChange {
    /// The JD.
    pub jd: Id,
    /// Hash of its content, the last one where it was withdrawn.
    pub content: u64,
    /// What was said; `None` where it had been withdrawn.
    pub before: Option<Stated>,
    /// What is said; `None` where it was withdrawn.
    pub after: Option<Stated>,
    /// Why.
    pub cause: Cause,
    /// When.
    pub epoch: Epoch,
    /// The taxonomy version then.
    pub taxonomy_version: u64,
}

/// Why decisions may change in one epoch.
#[derive(Clone, Debug, Default)]
pub struct Causes {
    /// The JDs that were inserted, replaced or withdrawn in it.
    pub jds: HashSet<Id>,
    /// What that is called where something had been said of the JD before.
    pub of_jds: Cause,
    /// The JDs whose adjudications came, changed or went in it.
    pub adjudicated: HashSet<Id>,
    /// What else there is.
    pub rest: Cause,
}

impl Causes {
    /// Why this JD's decision changed: the nearest cause counts.
    fn of(&self, jd: Id) -> Cause {
        match () {
            () if self.jds.contains(&jd) => self.of_jds,
            () if self.adjudicated.contains(&jd) => Cause::Adjudication,
            () => self.rest,
        }
    }
}

/// What the closing of an epoch made known.
#[derive(Debug, Default)]
pub struct Outcome {
    /// JDs whose row of *decisions* came, changed or went, by id.
    pub decisions: Vec<Id>,
    /// New role changes, by JD.
    pub role_changes: Vec<RoleChange>,
    /// New answers at ingest, as records for the dataflow.
    pub at_ingest: Vec<AtIngest>,
    /// What is last said now of the JDs of which it changed.
    pub last_said: Vec<(Id, LastSaid)>,
}

/// What is held of a JD about which something was ever said.
#[derive(Debug, Default)]
struct Spoken {
    /// The row of *decisions*; `None` while withdrawn.
    current: Option<Arc<Answer>>,
    /// What was last said: its numbers may be older than the current ones.
    last: LastSaid,
}

/// The fact of what was last said of a JD.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LastSaid {
    /// Hash of the content it was said of.
    pub content: u64,
    /// What was said; `None` where it had been withdrawn.
    pub stated: Option<Stated>,
}

/// All facts, in memory.
#[derive(Debug, Default)]
pub struct Facts {
    spoken: HashMap<Id, Spoken>,
    at_ingest: HashMap<(Id, u64), FirstSaid>,
    role_changes: Vec<RoleChange>,
    /// Role changes are kept elsewhere.
    forgetful: bool,
}

impl Facts {
    /// Takes in all changes of *decisions* at `epoch`, from all workers. Epochs must come in order.
    pub fn close(
        &mut self,
        epoch: Epoch,
        taxonomy_version: u64,
        causes: &Causes,
        changes: Vec<DecisionChange>,
    ) -> Outcome {
        let mut outcome = Outcome::default();
        for (jd, after) in net(changes) {
            outcome.decisions.push(jd);
            if let Some(answer) = &after {
                match self.at_ingest.entry((jd, answer.content)) {
                    // The same answer need not be held twice; one of an earlier life is a copy.
                    Entry::Occupied(mut first) if first.get().answer == *answer => {
                        first.get_mut().answer = answer.clone();
                    }
                    Entry::Occupied(_) => {}
                    Entry::Vacant(place) => {
                        let said = answer.decision.said();
                        outcome.at_ingest.push(AtIngest { jd, content: answer.content, said });
                        place.insert(FirstSaid { answer: answer.clone(), taxonomy_version, epoch });
                    }
                }
            }
            let cause = if after.is_none() { Cause::Withdrawal } else { causes.of(jd) };
            let Some((content, before, now)) = self.speak(jd, after, &mut outcome) else { continue };
            self.note(RoleChange { jd, content, before, after: now, cause, epoch, taxonomy_version }, &mut outcome);
        }
        outcome
    }

    fn note(&mut self, change: RoleChange, outcome: &mut Outcome) {
        if !self.forgetful {
            self.role_changes.push(change.clone());
        }
        outcome.role_changes.push(change);
    }

    /// Takes `after` as the row of *decisions*; gives content, before and after where that is a role change.
    fn speak(
        &mut self,
        jd: Id,
        after: Option<Arc<Answer>>,
        outcome: &mut Outcome,
    ) -> Option<(u64, Option<Stated>, Option<Stated>)> {
        let first = !self.spoken.contains_key(&jd);
        let spoken = self.spoken.entry(jd).or_default();
        let content = after.as_ref().map_or(spoken.last.content, |answer| answer.content);
        let now = LastSaid { content, stated: after.as_deref().map(Stated::of) };
        spoken.current = after;
        let said = |last: &LastSaid| last.stated.as_ref().map(|stated| stated.said.clone());
        if !first && said(&spoken.last) == said(&now) {
            spoken.last.content = content;
            return None;
        }
        outcome.last_said.push((jd, now.clone()));
        let after = now.stated.clone();
        let before = std::mem::replace(&mut spoken.last, now).stated;
        (!first).then_some((content, before, after))
    }

    /// Role changes are not held from now on: whoever records the sayings keeps them.
    pub(super) fn keep_no_log(&mut self) {
        self.forgetful = true;
    }

    /// Takes back in what was said in an earlier life.
    pub(super) fn restore(&mut self, at_ingest: Vec<(Id, u64, FirstSaid)>, last_said: Vec<(Id, LastSaid)>) {
        self.at_ingest.extend(at_ingest.into_iter().map(|(jd, content, first)| ((jd, content), first)));
        self.spoken.extend(last_said.into_iter().map(|(jd, last)| (jd, Spoken { current: None, last })));
    }

    /// Says of every JD that was last said something of, and that has no decision, that it is gone.
    pub(super) fn close_gone(&mut self, epoch: Epoch, taxonomy_version: u64) -> Outcome {
        let gone = |spoken: &Spoken| spoken.current.is_none() && spoken.last.stated.is_some();
        let mut jds: Vec<Id> = self.spoken.iter().filter(|(_, spoken)| gone(spoken)).map(|(jd, _)| *jd).collect();
        jds.sort_unstable();
        let mut outcome = Outcome::default();
        for jd in jds {
            let Some((content, before, after)) = self.speak(jd, None, &mut outcome) else { continue };
            let cause = Cause::Withdrawal;
            self.note(RoleChange { jd, content, before, after, cause, epoch, taxonomy_version }, &mut outcome);
        }
        outcome
    }

    /// Forgets all that was ever said of these contents of a JD, its log apart. Gives what the dataflow must forget.
    pub(super) fn forget(&mut self, jd: Id, contents: &[u64]) -> Vec<AtIngest> {
        self.spoken.remove(&jd);
        let first = contents.iter().filter_map(|content| Some((*content, self.at_ingest.remove(&(jd, *content))?)));
        first.map(|(content, first)| AtIngest { jd, content, said: first.said() }).collect()
    }

    /// The row of *decisions* at the last closed epoch.
    pub fn decision(&self, jd: Id) -> Option<&Arc<Answer>> {
        self.spoken.get(&jd)?.current.as_ref()
    }

    /// Every row of *decisions*, in no order.
    pub fn all(&self) -> impl Iterator<Item = (Id, Arc<Answer>)> {
        self.spoken.iter().filter_map(|(jd, spoken)| Some((*jd, spoken.current.clone()?)))
    }

    /// What was said first of one content of a JD.
    pub fn at_ingest(&self, jd: Id, content: u64) -> Option<&FirstSaid> {
        self.at_ingest.get(&(jd, content))
    }

    /// Everything that was said first, with its JD and content, in no order.
    pub fn all_at_ingest(&self) -> impl Iterator<Item = (Id, u64, &FirstSaid)> {
        self.at_ingest.iter().map(|((jd, content), first)| (*jd, *content, first))
    }

    /// All role changes, oldest first.
    pub fn role_changes(&self) -> &[RoleChange] {
        &self.role_changes
    }
}

/// The row each JD has after these changes, where they do not cancel.
fn net(changes: Vec<DecisionChange>) -> BTreeMap<Id, Option<Arc<Answer>>> {
    let mut by_jd: BTreeMap<Id, Vec<(Arc<Answer>, isize)>> = BTreeMap::new();
    for DecisionChange { jd, answer, difference, .. } in changes {
        let rows = by_jd.entry(jd).or_default();
        match rows.iter_mut().find(|(known, _)| *known == answer) {
            Some((_, count)) => *count += difference,
            None => rows.push((answer, difference)),
        }
    }
    by_jd
        .into_iter()
        .filter(|(_, rows)| rows.iter().any(|(_, count)| *count != 0))
        .map(|(jd, rows)| (jd, rows.into_iter().find(|(_, count)| *count > 0).map(|(answer, _)| answer)))
        .collect()
}
