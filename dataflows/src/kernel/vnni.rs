//! How is it done with AVX-512 VNNI?
//!
//! One instruction multiplies a block of a group by four components of a row and adds up, in all sixteen lanes. A tile
//! of four groups and six rows keeps 24 sums in registers, four blocks and a broadcast word beside them: 29 of the 32
//! registers, and ten loads for 24 multiply-adds, so the multiplier is what limits.

#![allow(unsafe_code, reason = "loads, stores and prefetches take pointers, and the features are found at run time")]

use super::layout::{BLOCKS, Block};
use super::{Group, INDEX_BITS, LANES, LEAST, RowsRef, low_bits, portable};
use crate::fixed::UNIT_DOT;
use std::arch::x86_64::*;

/// Rows of a tile at most.
const TILE_ROWS: usize = 6;
/// How many groups ahead the cache is told of: memory answers slower than a tile is done.
const AHEAD: usize = 8;

/// Whether this machine has the instructions.
pub(super) fn available() -> bool {
    is_x86_feature_detected!("avx512f") && is_x86_feature_detected!("avx512vnni")
}

/// See [`super::best_rows`]; there is at least one row and at most [`super::MOST_ROWS`].
pub(super) fn best_rows(groups: &[Group], rows: RowsRef<'_>, best: &mut [[i32; LANES]]) {
    if !available() {
        return portable::best_rows(groups, rows, best);
    }
    // SAFETY: the two features that the function needs were found on this machine.
    unsafe { all_groups(groups, rows, best) }
}

#[target_feature(enable = "avx512f,avx512vnni")]
fn all_groups(groups: &[Group], rows: RowsRef<'_>, best: &mut [[i32; LANES]]) {
    let (groups, best) = tiles_of::<4>(groups, rows, best);
    let (groups, best) = tiles_of::<3>(groups, rows, best);
    let (groups, best) = tiles_of::<2>(groups, rows, best);
    tiles_of::<1>(groups, rows, best);
}

/// Does the groups in runs of `G`; returns what is left, and where its results go.
#[target_feature(enable = "avx512f,avx512vnni")]
fn tiles_of<'a, 'b, const G: usize>(
    groups: &'a [Group],
    rows: RowsRef<'_>,
    best: &'b mut [[i32; LANES]],
) -> (&'a [Group], &'b mut [[i32; LANES]]) {
    let (groups, groups_left) = groups.as_chunks::<G>();
    let (best, best_left) = best.as_chunks_mut::<G>();
    for (groups, best) in groups.iter().zip(best) {
        all_rows(groups, rows, best);
    }
    (groups_left, best_left)
}

/// Does all rows of one run of groups, in tiles as even as can be: seven rows as four and three, not six and one.
#[target_feature(enable = "avx512f,avx512vnni")]
fn all_rows<const G: usize>(groups: &[Group; G], rows: RowsRef<'_>, best: &mut [[i32; LANES]; G]) {
    *best = [[LEAST; LANES]; G];
    let tiles = rows.len().div_ceil(TILE_ROWS);
    let mut at = 0;
    for tile in 0..tiles {
        let size = (rows.len() - at).div_ceil(tiles - tile);
        let ahead = if tile == 0 { AHEAD } else { 0 };
        match size {
            1 => one_tile::<G, 1>(groups, rows, at, best, ahead),
            2 => one_tile::<G, 2>(groups, rows, at, best, ahead),
            3 => one_tile::<G, 3>(groups, rows, at, best, ahead),
            4 => one_tile::<G, 4>(groups, rows, at, best, ahead),
            5 => one_tile::<G, 5>(groups, rows, at, best, ahead),
            _ => one_tile::<G, TILE_ROWS>(groups, rows, at, best, ahead),
        }
        at += size;
    }
}

/// `G` groups by the `K` rows from `at`: raises `best` to what they give. The groups `ahead` of these are fetched.
#[target_feature(enable = "avx512f,avx512vnni")]
#[inline]
fn one_tile<const G: usize, const K: usize>(
    groups: &[Group; G],
    rows: RowsRef<'_>,
    at: usize,
    best: &mut [[i32; LANES]; G],
    ahead: usize,
) {
    let Some((tile, starts)) = rows.rows[at..].first_chunk::<K>().zip(rows.starts[at..].first_chunk::<K>()) else {
        return;
    };
    let mut sums = [[_mm512_setzero_si512(); G]; K];
    for (sums, start) in sums.iter_mut().zip(starts) {
        *sums = [_mm512_set1_epi32(*start); G];
    }
    for block in 0..BLOCKS {
        let mut bytes = [_mm512_setzero_si512(); G];
        for (bytes, group) in bytes.iter_mut().zip(groups) {
            *bytes = load(&group.0[block]);
            prefetch(&group.0[block], ahead);
        }
        for (sums, row) in sums.iter_mut().zip(tile) {
            let four = _mm512_set1_epi32(row.word(block));
            // Borrowed: iterated by value, the blocks leave their registers, and a sixth of the speed goes with them.
            for (sum, bytes) in sums.iter_mut().zip(&bytes) {
                *sum = _mm512_dpbusd_epi32(*sum, *bytes, four);
            }
        }
    }
    for (g, best) in best.iter_mut().enumerate() {
        let mut greatest = load_lanes(best);
        for (k, sums) in sums.iter().enumerate() {
            greatest = _mm512_max_epi32(greatest, pack(sums[g], at + k));
        }
        store_lanes(best, greatest);
    }
}

/// As [`super::pack`], in sixteen lanes.
#[target_feature(enable = "avx512f")]
#[inline]
fn pack(dots: __m512i, index: usize) -> __m512i {
    let held = _mm512_max_epi32(_mm512_min_epi32(dots, _mm512_set1_epi32(UNIT_DOT)), _mm512_setzero_si512());
    _mm512_or_si512(_mm512_slli_epi32::<INDEX_BITS>(held), _mm512_set1_epi32(low_bits(index)))
}

#[target_feature(enable = "avx512f")]
#[inline]
fn load(block: &Block) -> __m512i {
    // SAFETY: a block is 64 bytes, all of them initialised, and its type is aligned to 64.
    unsafe { _mm512_load_si512(block.0.as_ptr().cast()) }
}

#[target_feature(enable = "avx512f")]
#[inline]
fn load_lanes(lanes: &[i32; LANES]) -> __m512i {
    // SAFETY: sixteen `i32` are 64 bytes; this load asks for no alignment.
    unsafe { _mm512_loadu_si512(lanes.as_ptr().cast()) }
}

#[target_feature(enable = "avx512f")]
#[inline]
fn store_lanes(lanes: &mut [i32; LANES], values: __m512i) {
    // SAFETY: sixteen `i32` are 64 bytes, borrowed mutably; this store asks for no alignment.
    unsafe { _mm512_storeu_si512(lanes.as_mut_ptr().cast(), values) }
}

/// Asks for the same block, `ahead` groups further on. With 0 it is in the cache already and nothing happens.
#[inline(always)]
fn prefetch(block: &Block, ahead: usize) {
    let further = std::ptr::from_ref(block).wrapping_add(ahead * BLOCKS);
    // SAFETY: a prefetch reads nothing and cannot fault, so the address may lie past the end of the groups; it is
    // reckoned with wrapping arithmetic. SSE, which it needs, is part of x86-64.
    unsafe { _mm_prefetch::<_MM_HINT_T1>(further.cast()) }
}

/// See [`super::peak`].
pub(super) fn peak(rounds: u64) -> Option<u64> {
    // SAFETY: called only where the features that it needs were found.
    available().then(|| unsafe { peak_loop(rounds) })
}

/// As many sums as a full tile has, with nothing to load.
#[target_feature(enable = "avx512f,avx512vnni")]
fn peak_loop(rounds: u64) -> u64 {
    const SUMS: usize = 4 * TILE_ROWS;
    let mut sums = [_mm512_setzero_si512(); SUMS];
    let bytes = _mm512_set1_epi32(std::hint::black_box(0x0102_0304));
    let four = _mm512_set1_epi32(std::hint::black_box(0x0101_0101));
    for _ in 0..rounds {
        for sum in &mut sums {
            *sum = _mm512_dpbusd_epi32(*sum, bytes, four);
        }
    }
    let all = sums.into_iter().fold(_mm512_setzero_si512(), |all, sum| _mm512_add_epi32(all, sum));
    std::hint::black_box(_mm512_reduce_add_epi32(all));
    rounds * (SUMS * LANES * 4) as u64
}
