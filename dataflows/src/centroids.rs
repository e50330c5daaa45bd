//! What do the JDs of a role have in common: their mean vector, their skills, the KRAs they show?
//!
//! Sums travel in the difference type, so adding and retracting members is exact and order-free; means are taken
//! where they are read.

use crate::candidates::Answers;
use crate::views::{Centroid, Member};
use crate::{Collection, Diff, id::Id};
use differential_dataflow::operators::CountTotal;
use differential_dataflow::{ExchangeData, Hashable};

/// Sums of members' vectors, by (role, received day).
pub(crate) fn centroids<'scope>(
    members: Collection<'scope, (Id, Member)>,
) -> Collection<'scope, ((Id, i32), Centroid)> {
    sums(members, |role, member| (role, member.day))
}

/// The same by role. From the members, too: an edit that moves some of many days would have every one of their sums
/// taken away and added anew.
pub(crate) fn by_role<'scope>(members: Collection<'scope, (Id, Member)>) -> Collection<'scope, (Id, Centroid)> {
    sums(members, |role, _| role)
}

fn sums<'scope, K: ExchangeData + Hashable>(
    members: Collection<'scope, (Id, Member)>,
    key: impl Fn(Id, &Member) -> K + 'static,
) -> Collection<'scope, (K, Centroid)> {
    members
        .explode(move |(role, member)| {
            let components: Vec<Diff> = member.vector.components().iter().map(|c| *c as Diff).collect();
            Some((key(role, &member), (1 as Diff, components)))
        })
        .count_total()
        .map(|(key, counted)| (key, centroid(counted)))
}

/// A sum grows to the longest vector it met, and forgets zeros at no point: all have 256 components.
fn centroid((n, sum): (Diff, Vec<Diff>)) -> Centroid {
    let mut sum: Vec<i64> = sum.into_iter().map(|c| c as i64).collect();
    sum.resize(crate::fixed::DIMENSIONS, 0);
    Centroid { n: n as u64, sum: sum.into() }
}

/// Decided JDs that name a skill, by (role, skill).
pub(crate) fn skill_support<'scope>(answers: Answers<'scope>) -> Collection<'scope, ((Id, Id), u64)> {
    let named = answers.flat_map(|(_, answer)| {
        let role = answer.decision.role;
        let mut skills: Vec<Id> = answer.skills.iter().map(|s| s.skill).collect();
        skills.sort_unstable();
        skills.dedup();
        role.into_iter().flat_map(move |role| skills.clone().into_iter().map(move |skill| (role, skill)))
    });
    named.count_total().map(|(key, n)| (key, n as u64))
}

/// Decided JDs in which a KRA is evidence for the chosen role, by (role, KRA).
pub(crate) fn kra_support<'scope>(answers: Answers<'scope>) -> Collection<'scope, ((Id, Id), u64)> {
    let shown = answers.flat_map(|(_, answer)| {
        let role = answer.decision.role;
        let rank = answer.signals.kra.iter().find(|rank| Some(rank.role) == role);
        let mut kras: Vec<(Id, Id)> =
            rank.into_iter().flat_map(|rank| rank.evidence.iter().map(|e| (rank.role, e.kra))).collect();
        kras.sort_unstable();
        kras.dedup();
        kras
    });
    shown.count_total().map(|(key, n)| (key, n as u64))
}
