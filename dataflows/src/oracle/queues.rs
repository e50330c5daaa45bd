//! What waits for a person? The review queues, less what a review hides. (SPEC §5)

use super::taxonomy::Taxonomy;
use super::views::{Case, summary, vector_of};
use crate::id::Id;
use crate::records::{Jd, Review, Scope, Verdict};
use crate::views::{self, Answer, NewKra, NewSkill, QueueStatus, Summary, Undecided, subject};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

type Decisions = BTreeMap<Id, Arc<Answer>>;

/// The reviews of a subject that hold for a row of `role` (of no role: those of scope everywhere).
fn reviews_of<'b>(taxonomy: &'b Taxonomy, subject: Id, role: Option<Id>) -> impl Iterator<Item = &'b Review> + use<'b> {
    let holds = move |review: &&Review| match &review.scope {
        Scope::Everywhere => true,
        Scope::Role(slug) => role.is_some() && taxonomy.role_owner(slug).map(Id::role) == role,
    };
    taxonomy.reviews.iter().copied().filter(move |review| review.subject == subject).filter(holds)
}

/// Whether a review rejects or snoozes the row.
pub(super) fn hidden(taxonomy: &Taxonomy, subject: Id, role: Option<Id>) -> bool {
    reviews_of(taxonomy, subject, role).any(|review| matches!(review.verdict, Verdict::Rejected | Verdict::Snoozed(_)))
}

fn status(taxonomy: &Taxonomy, subject: Id, role: Id) -> QueueStatus {
    let says =
        |wanted: fn(&Verdict) -> bool| reviews_of(taxonomy, subject, Some(role)).any(|review| wanted(&review.verdict));
    if says(|verdict| matches!(verdict, Verdict::Merged(_))) {
        QueueStatus::Merged
    } else if says(|verdict| matches!(verdict, Verdict::Accepted)) {
        QueueStatus::Accepted
    } else {
        QueueStatus::Pending
    }
}

/// Queued JDs that are not NEW.
pub(super) fn undecided(taxonomy: &Taxonomy, decisions: &Decisions) -> BTreeMap<Id, Undecided> {
    let mut rows = BTreeMap::new();
    for (jd, answer) in decisions {
        let decision = &answer.decision;
        let waits = decision.queued() && decision.case != views::Case::New;
        if waits && !hidden(taxonomy, subject::undecided(*jd), None) {
            let row = Undecided { rule: decision.rule, case: decision.case, cohort: decision.cohort.clone() };
            rows.insert(*jd, row);
        }
    }
    rows
}

/// Queued JDs that are NEW, by the slug the role would get.
pub(super) fn new_roles(taxonomy: &Taxonomy, decisions: &Decisions) -> BTreeMap<Arc<str>, Summary> {
    let mut cases: BTreeMap<Arc<str>, Vec<Case>> = BTreeMap::new();
    for (jd, answer) in decisions {
        if let Some(slug) = &answer.decision.new_role {
            cases.entry(slug.clone()).or_default().push(Case { jd: *jd, answer, flagged: false, place: 0 });
        }
    }
    cases.retain(|slug, _| !hidden(taxonomy, subject::new_role(slug), None));
    cases.into_iter().map(|(slug, cases)| (slug, summary(&cases))).collect()
}

/// Skills of decided JDs that the library does not know, by text and role.
pub(super) fn new_skills(taxonomy: &Taxonomy, decisions: &Decisions) -> BTreeMap<(Id, Id), NewSkill> {
    let mut cases: BTreeMap<(Id, Id), Vec<Case>> = BTreeMap::new();
    for (jd, answer) in decisions {
        let Some(role) = answer.decision.role else { continue };
        for (place, skill) in answer.skills.iter().enumerate().filter(|(_, skill)| !skill.known) {
            let case = Case { jd: *jd, answer, flagged: skill.primary, place: place as u16 };
            cases.entry((skill.skill, role)).or_default().push(case);
        }
    }
    cases.retain(|(text, role), _| !hidden(taxonomy, subject::new_skill(*text), Some(*role)));
    let row = |((text, role), cases): ((Id, Id), Vec<Case>)| {
        let status = status(taxonomy, subject::new_skill(text), role);
        ((text, role), NewSkill { summary: summary(&cases), status })
    };
    cases.into_iter().map(row).collect()
}

/// JDs whose responsibilities the chosen role's KRAs do not cover.
pub(super) fn new_kras(
    taxonomy: &Taxonomy,
    jds: &BTreeMap<Id, Arc<Jd>>,
    decisions: &Decisions,
) -> BTreeMap<(Id, Id), NewKra> {
    let mut rows = BTreeMap::new();
    for (jd, answer) in decisions {
        let Some(role) = answer.decision.role else { continue };
        let score = answer.decision.kra;
        let subject = subject::new_kra(*jd);
        let new = vector_of(&jds[jd]).is_some() && score < taxonomy.settings.new_kra;
        if new && !hidden(taxonomy, subject, Some(role)) {
            rows.insert((role, *jd), NewKra { score, status: status(taxonomy, subject, role) });
        }
    }
    rows
}

/// Sentences of decided JDs that no role's KRAs come near, by role and sentence; once a JD.
pub(super) fn novel_sentences(taxonomy: &Taxonomy, decisions: &Decisions) -> BTreeMap<(Id, Id), Summary> {
    let mut cases: BTreeMap<(Id, Id), Vec<Case>> = BTreeMap::new();
    for (jd, answer) in decisions {
        let Some(role) = answer.decision.role else { continue };
        let mut seen = BTreeSet::new();
        for (place, sentence) in &answer.novel {
            if seen.insert(*sentence) {
                let case = Case { jd: *jd, answer, flagged: false, place: *place };
                cases.entry((role, *sentence)).or_default().push(case);
            }
        }
    }
    cases.retain(|(role, sentence), _| !hidden(taxonomy, subject::novel_sentence(*sentence), Some(*role)));
    cases.into_iter().map(|(key, cases)| (key, summary(&cases))).collect()
}
