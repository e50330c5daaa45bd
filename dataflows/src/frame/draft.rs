//! What would an epoch change? It is taken in as any other is, and taken back.
//!
//! What is said while it is in is gathered and not sent. Taking back is an epoch, too: the facts' inverse, and the JDs as
//! they were. The frame says the same of the same inputs however it came to them, so it is where it was; that it is, is
//! checked.

use super::state::State;
use crate::id::Id;
use crate::preview::Previewed;
use crate::records::{Adjudication, JdUpdate};
use crate::taxonomy::Fact;
use crate::views::Answer;
use differential_dataflow::consolidation::consolidate;
use std::collections::BTreeMap;
use std::sync::Arc;

/// What is said of a JD before and after.
type Sides = (Option<Arc<Answer>>, Option<Arc<Answer>>);

impl State {
    /// Says what an epoch of these changes would change. All consolidated, of each JD one update at most; what is not
    /// held here is left out.
    ///
    /// # Panics
    /// When an epoch is being worked off; or when something else is said afterwards than before, which is a defect.
    pub(crate) fn try_out(
        &mut self,
        jds: &[JdUpdate],
        facts: &[(Fact, isize)],
        adjudications: &[(Adjudication, isize)],
    ) -> Previewed {
        assert!(!self.busy, "nothing is tried out while an epoch is being worked off");
        let jds: Vec<JdUpdate> = jds.iter().filter(|update| self.held.place(update.id).is_some()).cloned().collect();
        let as_held = |update: &JdUpdate| JdUpdate { id: update.id, jd: self.held.jd(update.id).map(Arc::new) };
        let held = jds.iter().map(as_held).collect();
        let here = |adjudication: &Adjudication| self.held.place(adjudication.jd).is_some();
        let adjudications: Vec<_> = adjudications.iter().filter(|(a, _)| here(a)).cloned().collect();

        let before = self.answered;
        self.work_off(jds, facts.to_vec(), adjudications.clone());
        let touched = self.answered - before;
        let mut answers = std::mem::take(&mut self.answers);
        let mut members = std::mem::take(&mut self.members);
        let mut changed: BTreeMap<Id, Sides> = BTreeMap::new();
        for ((jd, answer), difference) in &answers {
            let (before, after) = changed.entry(*jd).or_default();
            let side = if *difference < 0 { before } else { after };
            *side = Some(answer.clone());
        }

        self.work_off(held, inverse(facts), inverse(&adjudications));
        answers.append(&mut self.answers);
        members.append(&mut self.members);
        consolidate(&mut answers);
        consolidate(&mut members);
        assert!(answers.is_empty() && members.is_empty(), "what was tried out was not taken back");
        // Equal, but another copy than the one that the views hold.
        for (jd, (before, _)) in &changed {
            self.held.say_again(*jd, before);
        }
        let said = |side: &Option<Arc<Answer>>| side.as_ref().map(|answer| answer.decision.said());
        let changed = changed.into_iter().filter(|(_, (before, after))| said(before) != said(after));
        Previewed { changed: changed.map(|(jd, (before, after))| (jd, before, after)).collect(), touched }
    }

    fn work_off(&mut self, jds: Vec<JdUpdate>, facts: Vec<(Fact, isize)>, adjudications: Vec<(Adjudication, isize)>) {
        let mut work = self.begin(jds, facts, adjudications);
        while !self.step(&mut work, u64::MAX) {}
    }
}

fn inverse<D: Clone>(changes: &[(D, isize)]) -> Vec<(D, isize)> {
    changes.iter().map(|(of, difference)| (of.clone(), -difference)).collect()
}
