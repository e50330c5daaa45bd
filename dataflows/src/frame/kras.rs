//! How near do a JD's sentences come to each role's KRAs? The scorer whose two sides both change.
//!
//! A JD that arrives is scored against every role, many JDs a pass. A role whose KRAs changed is scored against every
//! held sentence, and only JDs of which something may now be said differently are marked.

use super::board::Board;
use super::held::{Held, NO_WITNESS, UNRANKED};
use super::lanes::Run;
use crate::decision::RoleNumber;
use crate::fixed::{Micro, UNIT_DOT, divide_half_up, similarity_of_dot};
use crate::id::Id;
use crate::kernel::{Group, Isa, LANES, MOST_ROWS, NONE, RowsRef, best_rows, best_rows_wide, unpack, unpack_wide};
use crate::views::Evidence;

/// Sentences that count for a role.
const BEST: usize = 3;

/// The least dot product whose similarity is at least `threshold`; above every dot product where there is none.
pub(crate) fn least_dot(threshold: Micro) -> i32 {
    let reached = |dot: &i32| similarity_of_dot(*dot) >= threshold;
    let (mut low, mut high) = (0, UNIT_DOT + 1);
    while low < high {
        let middle = (low + high) / 2;
        if reached(&middle) { high = middle } else { low = middle + 1 }
    }
    low
}

/// The best row of each lane, packed. Row numbers are only sound for a role of at most [`MOST_ROWS`] rows.
pub(super) fn best_of(isa: Isa, groups: &[Group], rows: RowsRef<'_>, best: &mut Vec<i32>) {
    best.resize(groups.len() * LANES, NONE);
    if rows.len() <= MOST_ROWS {
        return best_rows(isa, groups, rows, best);
    }
    let mut wide = vec![0; best.len()];
    best_rows_wide(isa, groups, rows, &mut wide);
    for (best, wide) in best.iter_mut().zip(wide) {
        *best = unpack_wide(wide).0 << 12;
    }
}

/// Mean of the three best similarities, half up; the lanes are a JD's, not empty, of a role with KRAs.
pub(super) fn score(best: &[i32]) -> u32 {
    let (mut x, mut y, mut z) = (-1, -1, -1);
    for &lane in best {
        let dot = lane >> 12;
        let rest = x.min(dot);
        x = x.max(dot);
        z = z.max(y.min(rest));
        y = y.max(rest);
    }
    let sum: u64 = [x, y, z].iter().filter(|d| **d >= 0).map(|d| u64::from(similarity_of_dot(*d).0)).sum();
    divide_half_up(sum, best.len().min(BEST) as u64) as u32
}

/// The evidence a JD has for a role: its lanes begin at `at` of `groups`.
pub(crate) fn evidence(
    board: &Board,
    isa: Isa,
    role: RoleNumber,
    groups: &[Group],
    at: usize,
    len: usize,
) -> Box<[Evidence]> {
    let ids = &board.roles[role as usize].kra_ids;
    let rows = board.kra_rows(role);
    let groups_of_jd = &groups[at / LANES..(at + len).div_ceil(LANES)];
    let skip = at % LANES;
    let mut found: Vec<(i32, u16, usize)> = if rows.len() <= MOST_ROWS {
        let mut best = vec![NONE; groups_of_jd.len() * LANES];
        best_rows(isa, groups_of_jd, rows, &mut best);
        best[skip..skip + len].iter().enumerate().map(|(s, b)| (unpack(*b).0, s as u16, unpack(*b).1)).collect()
    } else {
        let mut best = vec![0; groups_of_jd.len() * LANES];
        best_rows_wide(isa, groups_of_jd, rows, &mut best);
        best[skip..skip + len]
            .iter()
            .enumerate()
            .map(|(s, b)| (unpack_wide(*b).0, s as u16, unpack_wide(*b).1))
            .collect()
    };
    found.sort_by_key(|(dot, sentence, _)| (-dot, *sentence));
    found.truncate(BEST);
    let one = |(dot, sentence, row): (i32, u16, usize)| Evidence {
        sentence,
        kra: ids[row],
        similarity: similarity_of_dot(dot),
    };
    found.into_iter().map(one).collect()
}

/// Scores JDs, whose sentences stand in `groups` at `runs`, against every role: their rows of scores and the witness
/// of each sentence. Returns the multiply-adds done.
pub(crate) fn score_whole(board: &Board, held: &mut Held, isa: Isa, groups: &[Group], jds: &[(u32, usize)]) -> u64 {
    let enough = least_dot(board.settings.new_kra);
    let mut best = Vec::new();
    let mut nearest = vec![(-1, NO_WITNESS); groups.len() * LANES];
    for &(place, _) in jds {
        held.row_mut(place).fill(UNRANKED);
    }
    let mut work = 0;
    for (role, entry) in board.roles.iter().enumerate() {
        if !entry.has_kras() {
            continue;
        }
        let rows = board.kra_rows(role as RoleNumber);
        best_of(isa, groups, rows, &mut best);
        work += (rows.len() * groups.len() * LANES) as u64;
        for (nearest, best) in nearest.iter_mut().zip(&best) {
            let dot = best >> 12;
            if dot > nearest.0 {
                *nearest = (dot, role as RoleNumber);
            }
        }
        for &(place, at) in jds {
            let len = held.runs[place as usize].len as usize;
            if len > 0 {
                held.row_mut(place)[role] = score(&best[at..at + len]);
            }
        }
    }
    for &(place, at) in jds {
        let run = held.runs[place as usize];
        for (lane, (dot, role)) in run.range().zip(&nearest[at..]) {
            held.witnesses[lane] = if *dot >= enough { *role } else { NO_WITNESS };
        }
    }
    work
}

/// What a changed role column means for the held JDs.
#[derive(Default)]
pub(crate) struct ColumnEffect {
    /// Of these something may be said differently.
    pub(crate) touched: Vec<u32>,
    /// These lost a sentence's witness: they must be scored whole again.
    pub(crate) unwitnessed: Vec<u32>,
}

/// The best KRA of `role` for every sentence lane, packed; empty when it has none.
pub(crate) fn column(board: &Board, held: &Held, isa: Isa, role: RoleNumber) -> (Vec<i32>, u64) {
    let rows = board.kra_rows(role);
    let mut best = Vec::new();
    if !rows.is_empty() {
        best_of(isa, held.sentences.groups(), rows, &mut best);
    }
    let work = rows.len() * held.sentences.groups().len() * LANES;
    (best, work as u64)
}

/// Puts a changed column in place for the JDs of `places`, and finds what it touches.
pub(crate) fn apply_column(
    board: &Board,
    held: &mut Held,
    role: RoleNumber,
    best: &[i32],
    places: std::ops::Range<u32>,
    effect: &mut ColumnEffect,
) {
    let enough = least_dot(board.settings.new_kra);
    let RoleNumbers { id, kra_ids, exact } = RoleNumbers::of(board, role);
    for place in places {
        let run = held.runs[place as usize];
        if run.len == 0 {
            continue;
        }
        let lanes = if best.is_empty() { &[][..] } else { &best[run.range()] };
        let new = if lanes.is_empty() { UNRANKED } else { score(lanes) };
        let old = std::mem::replace(&mut held.row_mut(place)[role as usize], new);
        let floor = held.floors[place as usize];
        let reaches = |s: u32| s != UNRANKED && s >= floor;
        let mut touched = false;
        if old != new {
            touched = reaches(old) || reaches(new) || asked(held, place, id);
        } else if reaches(new) {
            touched = !exact || evidence_moved(held, place, id, kra_ids, lanes);
        }
        let (novelty, lost) = witness(held, run, role, lanes, enough);
        if lost {
            effect.unwitnessed.push(place);
        }
        if touched || novelty {
            effect.touched.push(place);
        }
    }
}

/// What is asked of a role again and again.
struct RoleNumbers<'a> {
    id: Id,
    kra_ids: &'a [Id],
    exact: bool,
}

impl RoleNumbers<'_> {
    fn of(board: &Board, role: RoleNumber) -> RoleNumbers<'_> {
        let entry = &board.roles[role as usize];
        RoleNumbers { id: entry.id, kra_ids: &entry.kra_ids, exact: entry.kra_ids.len() <= MOST_ROWS }
    }
}

/// Whether what was said of a JD asked for this role's KRA score, though it may rank low.
fn asked(held: &Held, place: u32, role: Id) -> bool {
    let Some(said) = held.entry(place).and_then(|e| e.said.as_ref()) else { return true };
    said.signals.alias.contains(&role)
        || said.resolution.roles.contains(&role)
        || said.decision.role == Some(role)
        || said.decision.cohort.contains(&role)
        || said.signals.skill.as_ref().is_some_and(|s| s.ranking.first().is_some_and(|r| r.role == role))
}

/// Whether other sentences or KRAs are the evidence for a role of unchanged score.
fn evidence_moved(held: &Held, place: u32, role: Id, kra_ids: &[Id], lanes: &[i32]) -> bool {
    let Some(said) = held.entry(place).and_then(|e| e.said.as_ref()) else { return true };
    let Some(rank) = said.signals.kra.iter().find(|r| r.role == role) else { return false };
    let mut best: Vec<(i32, u16)> = lanes.iter().enumerate().map(|(s, b)| (*b, s as u16)).collect();
    best.sort_by_key(|(b, sentence)| (-(b >> 12), *sentence));
    best.truncate(BEST);
    best.len() != rank.evidence.len()
        || best.iter().zip(&rank.evidence).any(|((b, sentence), said)| {
            let (dot, row) = unpack(*b);
            (said.sentence, said.kra, said.similarity) != (*sentence, kra_ids[row], similarity_of_dot(dot))
        })
}

/// Keeps the witnesses of a JD's sentences: whether a sentence stopped being novel, and whether one lost its witness.
fn witness(held: &mut Held, run: Run, role: RoleNumber, lanes: &[i32], enough: i32) -> (bool, bool) {
    let (mut witnessed, mut lost) = (false, false);
    for (i, lane) in run.range().enumerate() {
        let matches = lanes.get(i).is_some_and(|b| b >> 12 >= enough);
        let witness = &mut held.witnesses[lane];
        if *witness == NO_WITNESS && matches {
            *witness = role;
            witnessed = true;
        } else if *witness == role && !matches {
            lost = true;
        }
    }
    (witnessed, lost)
}
