//! What is true of the views at every time, whatever the inputs? (SPEC §4, "always true")
//!
//! Checked of any snapshot, the engine's as the oracle's: an error names the JD or row and the invariant.

use super::queues::hidden;
use super::taxonomy::Taxonomy;
use super::views::vector_of;
use crate::id::Id;
use crate::records::{Jd, Tables};
use crate::views::{Answer, Case, Rule, Snapshot, subject};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Checks every invariant; the first one broken is the error.
pub fn check_invariants(tables: &Tables, jds: &BTreeMap<Id, Arc<Jd>>, snapshot: &Snapshot) -> Result<(), String> {
    let taxonomy = Taxonomy::read(tables);
    let active: BTreeSet<Id> = taxonomy.active().map(Id::role).collect();
    require(jds.keys().eq(snapshot.decisions.keys()), || "each JD has exactly one decision".into())?;
    for (id, answer) in &snapshot.decisions {
        let jd = &jds[id];
        let broken = of_decision(&taxonomy, &active, jd, answer).err();
        let broken = broken.or_else(|| of_rows(&taxonomy, snapshot, *id, jd, answer).err());
        require(broken.is_none(), || format!("JD {id}: {}", broken.unwrap_or_default()))?;
    }
    of_sums(jds, snapshot)
}

fn require(holds: bool, broken: impl FnOnce() -> String) -> Result<(), String> {
    if holds { Ok(()) } else { Err(broken()) }
}

/// What one decision must be in itself.
fn of_decision(taxonomy: &Taxonomy, active: &BTreeSet<Id>, jd: &Jd, answer: &Answer) -> Result<(), String> {
    let decision = &answer.decision;
    let must = |holds: bool, invariant: &str| require(holds, || invariant.to_owned());
    let is_new = decision.rule == Rule::NewRole;
    must(answer.content == jd.content, "the decision is of the current content")?;
    must(decision.rejection == jd.features.as_ref().err().copied(), "rejected exactly when the JD was")?;
    must(decision.rejection.is_some() == (decision.case == Case::R), "rejected exactly in case R")?;
    must(decision.rejection.is_some() == (decision.rule == Rule::Rejected), "rejected exactly by the rule rejected")?;
    must(
        decision.queued() == (decision.role.is_none() && decision.rejection.is_none()),
        "queued ⇔ no role, not rejected",
    )?;
    must(decision.role.is_none_or(|role| active.contains(&role)), "a chosen role is active")?;
    must(decision.confidence.is_some() == decision.role.is_some(), "a confidence ⇔ a chosen role")?;
    must(decision.collision.is_some() || !collides(decision.rule), "a rule of collision has a collision")?;
    must(decision.collision.is_none() || may_collide(decision.rule), "a collision comes of a rule of collision")?;
    must(decision.new_role.is_some() == is_new, "a new role's slug ⇔ the rule new-role")?;
    must(!is_new || decision.case == Case::New && decision.queued(), "a new role is queued as NEW")?;
    let slug = decision.new_role.as_deref();
    must(slug.is_none_or(|slug| !slug.is_empty() && !taxonomy.roles.contains_key(slug)), "a new role's slug is free")?;
    let in_cohort = decision.role.is_some_and(|role| decision.cohort.contains(&role));
    must(decision.tier.is_none() || in_cohort, "a tie-break chooses out of its cohort")
}

/// Rules whose decision is an alias collision.
fn collides(rule: Rule) -> bool {
    use Rule::{AliasAgainstSkill, AliasContradicted, TitleAmbiguous, TitleContradicted, TitleSplit};
    matches!(rule, TitleContradicted | TitleAmbiguous | TitleSplit | AliasContradicted | AliasAgainstSkill)
}

/// These, and the rule that keeps the collision of the decision it takes the place of.
fn may_collide(rule: Rule) -> bool {
    collides(rule) || rule == Rule::Adjudicated
}

/// In which views one JD must stand.
fn of_rows(taxonomy: &Taxonomy, snapshot: &Snapshot, id: Id, jd: &Jd, answer: &Answer) -> Result<(), String> {
    let decision = &answer.decision;
    let must = |holds: bool, invariant: &str| require(holds, || invariant.to_owned());
    let member_of: Vec<Id> = snapshot.members.iter().filter(|(_, m)| m.jd == id).map(|(role, _)| *role).collect();
    let contributes = decision.role.filter(|_| vector_of(jd).is_some());
    must(member_of.iter().eq(contributes.iter()), "centroid contribution ⇔ chosen role and a vector")?;
    let collision = decision.collision.as_ref();
    let logged = collision.is_none_or(|c| snapshot.collisions.contains_key(&(c.term, c.roles.clone())));
    must(logged, "a collision is in the log")?;
    let waits = decision.queued() && decision.new_role.is_none();
    let shown = waits && !hidden(taxonomy, subject::undecided(id), None);
    must(snapshot.undecided.contains_key(&id) == shown, "undecided ⇔ queued, not NEW and not hidden by a review")?;
    let listed = decision
        .new_role
        .as_ref()
        .is_none_or(|slug| snapshot.new_roles.contains_key(slug) != hidden(taxonomy, subject::new_role(slug), None));
    must(listed, "a new role is queued unless a review hides it")
}

/// What must add up.
fn of_sums(jds: &BTreeMap<Id, Arc<Jd>>, snapshot: &Snapshot) -> Result<(), String> {
    let mut members: BTreeMap<(Id, i32), u64> = BTreeMap::new();
    for (role, member) in &snapshot.members {
        *members.entry((*role, member.day)).or_default() += 1;
    }
    let counted: BTreeMap<(Id, i32), u64> = snapshot.centroids.iter().map(|(key, c)| (*key, c.n)).collect();
    require(members == counted, || "a centroid counts its members".into())?;
    let decided = snapshot.decisions.iter().filter(|(_, answer)| answer.decision.role.is_some());
    let with_vector = decided.filter(|(id, _)| vector_of(&jds[*id]).is_some()).count();
    require(with_vector == snapshot.members.len(), || "the members of all roles are the decided JDs".into())?;
    let counts: u64 = snapshot.counts.values().sum();
    require(counts == jds.len() as u64, || "the counts add up to the JDs".into())?;
    let colliding = snapshot.decisions.values().filter(|answer| answer.decision.collision.is_some()).count();
    let logged: u64 = snapshot.collisions.values().map(|summary| summary.jds).sum();
    require(colliding as u64 == logged, || "the collision log adds up to the colliding JDs".into())
}
