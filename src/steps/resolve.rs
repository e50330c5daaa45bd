//! Which role does a run end with, and may it be made? [`super::final_output::Resolution`] says when.

use super::catalogue::{Catalogue, RoleRef};
use super::details::{CandidateRole, NewRole, StepTwo};
use super::final_output::Resolution;
use super::propose::{QueuedRun, RoleProposal, propose};
use crate::error::Error;
use crate::report::Row;
use rolestream_dataflows::id::Id;
use rolestream_dataflows::records::{Role, Verdict};
use rolestream_dataflows::views::{Case, subject};

/// Matched rows with which a new role is made.
const ROWS: usize = 2;
/// Or the coverage, in tenths.
const TENTHS: usize = 3;

/// The role a run ends with.
pub(super) enum Ending<'a> {
    /// One that the taxonomy has.
    Known {
        role: &'a Role,
        /// A person chose another one than the decision did.
        against: bool,
        why: String,
    },
    /// One to be made.
    Made { role: Box<RoleProposal>, why: String },
    /// None.
    Open { why: String },
}

impl Ending<'_> {
    pub(super) fn role(&self) -> Option<RoleRef> {
        match self {
            Ending::Known { role, .. } => Some(RoleRef::from(*role)),
            Ending::Made { role, .. } => Some(RoleRef {
                role_id: role.role_id,
                slug: role.slug.clone(),
                display_name: role.display_name.clone(),
            }),
            Ending::Open { .. } => None,
        }
    }

    pub(super) fn resolution(&self) -> Resolution {
        match self {
            Ending::Known { .. } => Resolution::InDb,
            Ending::Made { .. } => Resolution::AutoCreated,
            Ending::Open { .. } => Resolution::HumanReviewRequired,
        }
    }

    pub(super) fn reason(&self) -> &str {
        match self {
            Ending::Known { why, .. } | Ending::Made { why, .. } | Ending::Open { why } => why,
        }
    }
}

/// The role of a run; `wanted` is the slug that a person names.
pub(super) fn resolve<'a>(
    row: Row<'_>,
    details: &StepTwo,
    wanted: Option<&str>,
    catalogue: &Catalogue<'a>,
) -> Result<Ending<'a>, Error> {
    let decision = &row.answer.decision;
    let decided = decision.role.and_then(|role| catalogue.role_of(role));
    if let Some(slug) = wanted {
        let (role, note) = catalogue.wanted_role(slug)?;
        let against = decision.role != Some(Id::role(&role.slug));
        let choice = if against { "a person chose" } else { "a person and the decision chose" };
        let note = note.map(|note| format!("; {note}")).unwrap_or_default();
        return Ok(Ending::Known { role, against, why: format!("{choice} {}{note}", role.name) });
    }
    if let Some(role) = decided {
        return Ok(Ending::Known { role, against: false, why: format!("the decision chose {}", role.name) });
    }
    let Some(new) = details.new_role.as_ref().filter(|_| decision.case == Case::New) else {
        return Ok(Ending::Open {
            why: "the decision chose no role, and proposes none; the run waits for a person".to_owned(),
        });
    };
    // Made since by another run of the same title: then this one's decision follows, in its own time.
    if let Some(role) = catalogue.active_role(&new.slug) {
        return Ok(Ending::Known { role, against: false, why: format!("{} was added meanwhile", role.name) });
    }
    Ok(new_role(row, details.candidate_roles.first(), new, catalogue))
}

fn new_role<'a>(row: Row<'_>, best: Option<&CandidateRole>, new: &NewRole, catalogue: &Catalogue<'a>) -> Ending<'a> {
    let name = &new.display_name;
    if catalogue.has_role(&new.slug) {
        return Ending::Open { why: format!("the role {} is not active; the run waits for a person", new.slug) };
    }
    match catalogue.hidden(subject::new_role(&new.slug), None) {
        Some(Verdict::Rejected) => return Ending::Open { why: format!("a review rejected the new role {name}") },
        Some(_) => return Ending::Open { why: format!("a review put the new role {name} off") },
        None => {}
    }
    let measured = |role: &CandidateRole| {
        let coverage =
            rolestream_dataflows::fixed::Micro::ratio(role.matched_count as u64, role.total_count.max(1) as u64);
        format!(
            "{} lists {} of its {} known skills ({coverage})",
            role.display_name, role.matched_count, role.total_count
        )
    };
    let enough = |role: &&CandidateRole| {
        role.matched_count >= ROWS || (role.matched_count > 0 && role.matched_count * 10 >= role.total_count * TENTHS)
    };
    match best.filter(enough) {
        Some(best) => {
            let run = QueuedRun::of(row.admitted, row.answer, catalogue);
            let role = propose(&new.slug, &[run], catalogue);
            Ending::Made { role: Box::new(role), why: format!("{name} is a new role; {}", measured(best)) }
        }
        None => {
            let found = best.map_or_else(|| "no role lists a skill of the JD".to_owned(), measured);
            let needed = "it takes two skills, or three tenths of them";
            Ending::Open { why: format!("{name} is not added by itself: {found}; {needed}") }
        }
    }
}
