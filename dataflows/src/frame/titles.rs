//! Which role does a title name? The scorer over names: equal ones first, else the nearest (SPEC §3).

use super::board::Board;
use super::held::{Entry, Held, HeldTitle};
use super::lanes::Run;
use super::skills::SkillCounts;
use crate::decision::RoleNumber;
use crate::fixed::{Micro, similarity_of_dot};
use crate::id::Id;
use crate::kernel::{Group, Isa, LANES, MOST_ROWS, RowsRef, best_rows, best_rows_wide, unpack, unpack_wide};
use crate::taxonomy::RuleVerdict;
use crate::views::How;
use std::collections::BTreeSet;

/// What a title resolves to, by role numbers in no order.
#[derive(Debug, Default)]
pub(crate) struct Resolved {
    pub(crate) how: How,
    pub(crate) roles: Vec<RoleNumber>,
    pub(crate) similarity: Micro,
    pub(crate) term: Id,
}

/// The title as written, then plain, equals a display name; else an alias. `None`: only vectors can tell.
pub(crate) fn by_name(board: &Board, title: &HeldTitle, skills: &SkillCounts) -> Option<Resolved> {
    let stages = [
        (&board.displays, title.written, How::DisplayName),
        (&board.displays, title.plain, How::DisplayName),
        (&board.aliases, title.written, How::Alias),
        (&board.aliases, title.plain, How::Alias),
    ];
    let (claimants, term, how) =
        stages.into_iter().find_map(|(index, term, how)| index.get(&term).map(|roles| (roles, term, how)))?;
    Some(settle(board, claimants, term, how, skills))
}

/// One claimant is it. Several: an alias rule may settle it, else the title is ambiguous.
fn settle(board: &Board, claimants: &BTreeSet<RoleNumber>, term: Id, how: How, skills: &SkillCounts) -> Resolved {
    let one = |role| Resolved { how, roles: vec![role], similarity: Micro::ONE, term };
    if let (Some(role), 1) = (claimants.first(), claimants.len()) {
        return one(*role);
    }
    let owner = |role: &Id| board.role_owners.get(role).and_then(|owner| board.known(*owner));
    let ruled = match (how, board.rules.get(&term)) {
        (How::Alias, Some(RuleVerdict::Assigned(role))) => owner(role),
        (How::Alias, Some(RuleVerdict::BySkills { role, skills: wanted })) => {
            let has = |skill: &Id| skills.distinct.iter().any(|(s, known, _)| *known && s == skill);
            let named = wanted.iter().filter_map(|s| board.skill_owners.get(s)).any(has);
            owner(role).filter(|_| named)
        }
        _ => None,
    };
    match ruled {
        Some(role) => one(role),
        None => {
            let roles = claimants.iter().copied().collect();
            Resolved { how: How::Ambiguous, roles, similarity: Micro::ONE, term }
        }
    }
}

/// The nearest name, if it is near enough and clear of the next role.
pub(crate) fn by_vector(board: &Board, title: &HeldTitle) -> Resolved {
    let settings = &board.settings;
    let mut near: Vec<(RoleNumber, Micro)> = title.near.iter().flatten().copied().collect();
    near.sort_by_key(|(role, similarity)| (std::cmp::Reverse(*similarity), board.roles[*role as usize].order));
    let Some(&(role, similarity)) = near.first() else { return Resolved::default() };
    let clear = near.get(1).is_none_or(|(_, next)| similarity.minus(*next) > settings.kra_margin);
    if similarity < settings.title_similarity || !clear {
        return Resolved::default();
    }
    Resolved { how: How::Vector, roles: vec![role], similarity, term: title.written }
}

/// Under it a name is neither near enough nor in the way of one that is.
fn floor(board: &Board) -> Micro {
    board.settings.title_similarity.minus(board.settings.kra_margin)
}

/// Whether only vectors can tell, and nobody has compared them yet.
pub(crate) fn wants_near(board: &Board, entry: &Entry) -> bool {
    entry.title.as_ref().is_some_and(|title| {
        let names = [&board.displays, &board.aliases];
        title.near.is_none() && !names.iter().any(|n| n.contains_key(&title.written) || n.contains_key(&title.plain))
    })
}

/// Compares the titles of JDs with every name. Returns the rows and lanes it took.
pub(crate) fn fill_near(board: &Board, held: &mut Held, isa: Isa, places: &[u32]) -> u64 {
    let mut groups: Vec<Group> = Vec::new();
    let mut used = 0;
    for place in places {
        if let Some(title) = held.entry(*place).and_then(|e| e.title.as_ref()) {
            held.titles.gather(title.lane, &mut groups, &mut used);
        }
    }
    let mut near: Vec<Vec<(RoleNumber, Micro)>> = vec![Vec::new(); used];
    let least = floor(board);
    let mut work = 0;
    for (number, _) in board.roles.iter().enumerate().filter(|(_, role)| role.has_forms()) {
        let rows = board.form_rows(number as RoleNumber);
        work += (rows.len() * groups.len() * LANES) as u64;
        let best = similarities(isa, &groups, rows);
        for (near, similarity) in near.iter_mut().zip(best) {
            if similarity >= least {
                near.push((number as RoleNumber, similarity));
            }
        }
    }
    let mut near = near.into_iter();
    for place in places {
        if let Some(title) = held.entries[*place as usize].as_mut().and_then(|e| e.title.as_mut()) {
            title.near = near.next().map(Into::into);
        }
    }
    work
}

/// Each lane's similarity to the nearest of `rows`.
fn similarities(isa: Isa, groups: &[Group], rows: RowsRef<'_>) -> Vec<Micro> {
    if rows.len() <= MOST_ROWS {
        let mut best = vec![0; groups.len() * LANES];
        best_rows(isa, groups, rows, &mut best);
        return best.into_iter().map(|b| similarity_of_dot(unpack(b).0)).collect();
    }
    let mut best = vec![0; groups.len() * LANES];
    best_rows_wide(isa, groups, rows, &mut best);
    best.into_iter().map(|b| similarity_of_dot(unpack_wide(b).0)).collect()
}

/// A role's names changed: compares them with every title that was compared before. Returns the JDs for which the
/// role's similarity moved, and the rows and lanes it took.
pub(crate) fn rescore(board: &Board, held: &mut Held, isa: Isa, role: RoleNumber) -> (Vec<u32>, u64) {
    let rows = board.form_rows(role);
    let best = if rows.is_empty() { Vec::new() } else { similarities(isa, held.titles.groups(), rows) };
    let least = floor(board);
    let mut moved = Vec::new();
    for (place, entry) in held.entries.iter_mut().enumerate() {
        let Some(title) = entry.as_mut().and_then(|e| e.title.as_mut()) else { continue };
        let Run { at, .. } = title.lane;
        let Some(near) = &mut title.near else { continue };
        let new = best.get(at as usize).copied().filter(|s| *s >= least);
        let old = near.iter().find(|(r, _)| *r == role).map(|(_, s)| *s);
        if new == old {
            continue;
        }
        let others = near.iter().copied().filter(|(r, _)| *r != role);
        *near = others.chain(new.map(|s| (role, s))).collect();
        moved.push(place as u32);
    }
    (moved, (rows.len() * held.titles.groups().len() * LANES) as u64)
}
