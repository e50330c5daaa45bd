//! Which JDs wait for somebody: undecided ones, and those that ask for a new role?

use crate::Collection;
use crate::candidates::{Answers, sighting};
use crate::id::Id;
use crate::reviews::Reviews;
use crate::summary::summarise;
use crate::views::{Case, Summary, Undecided, subject};
use std::sync::Arc;

/// Queued JDs that are not NEW, by JD.
pub(crate) fn undecided<'scope>(
    answers: Answers<'scope>,
    reviews: &Reviews<'scope>,
) -> Collection<'scope, (Id, Undecided)> {
    let queued = answers.flat_map(|(jd, answer)| {
        let decision = &answer.decision;
        let waits = decision.queued() && decision.case != Case::New;
        let cohort = decision.cohort.clone();
        let row = Undecided { rule: decision.rule, case: decision.case, cohort };
        waits.then(|| (subject::undecided(jd), (Id::NONE, jd, row)))
    });
    reviews.apply("undecided", queued).map(|(jd, (undecided, _))| (jd, undecided))
}

/// Roles that the taxonomy lacks, by the slug they would get.
pub(crate) fn new_roles<'scope>(
    answers: Answers<'scope>,
    reviews: &Reviews<'scope>,
) -> Collection<'scope, (Arc<str>, Summary)> {
    let wanted = answers.flat_map(|(jd, answer)| {
        let slug = answer.decision.new_role.clone()?;
        Some((slug, sighting(jd, &answer, 0, false)))
    });
    let rows =
        summarise("new roles", wanted).map(|(slug, summary)| (subject::new_role(&slug), (Id::NONE, slug, summary)));
    reviews.apply("new roles", rows).map(|(slug, (summary, _))| (slug, summary))
}
