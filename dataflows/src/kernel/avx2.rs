//! How is it done with AVX2?
//!
//! Its multiply-add of `u8` by `i8` saturates at 16 bits, so it is left alone: bytes are widened to `i16` and multiplied
//! in pairs into `i32`, which is exact. Sentences are widened in registers, even and odd components apart, so that
//! every `i32` stays in its lane; rows are widened once for a run of groups.

#![allow(unsafe_code, reason = "loads and stores take pointers, and the feature is found at run time")]

use super::layout::{BLOCKS, Block, Row};
use super::{Group, INDEX_BITS, LANES, LEAST, RowsRef, low_bits, portable};
use crate::fixed::{DIMENSIONS, UNIT_DOT};
use std::arch::x86_64::*;

/// Rows of a tile at most: eight sums, four registers of sentences, a word and a product.
const TILE_ROWS: usize = 4;
/// Groups that a widened tile of rows is used for before the next is widened: 64 KB.
const RUN: usize = 16;
/// Lanes of a register.
const HALF: usize = LANES / 2;

/// Whether this machine has the instructions.
pub(super) fn available() -> bool {
    is_x86_feature_detected!("avx2")
}

/// See [`super::best_rows`]; there is at least one row and at most [`super::MOST_ROWS`].
pub(super) fn best_rows(groups: &[Group], rows: RowsRef<'_>, best: &mut [[i32; LANES]]) {
    if !available() {
        return portable::best_rows(groups, rows, best);
    }
    // SAFETY: the feature that the function needs was found on this machine.
    unsafe { all_groups(groups, rows, best) }
}

#[target_feature(enable = "avx2")]
fn all_groups(groups: &[Group], rows: RowsRef<'_>, best: &mut [[i32; LANES]]) {
    let mut wide = [Wide::ZERO; TILE_ROWS];
    for (groups, best) in groups.chunks(RUN).zip(best.chunks_mut(RUN)) {
        best.fill([LEAST; LANES]);
        for (tile, rows) in rows.chunks(TILE_ROWS).enumerate() {
            for (wide, row) in wide.iter_mut().zip(rows.rows) {
                wide.set(row);
            }
            for (group, best) in groups.iter().zip(&mut *best) {
                match rows.starts {
                    [a] => one_tile(group, &wide, [*a], tile, best),
                    [a, b] => one_tile(group, &wide, [*a, *b], tile, best),
                    [a, b, c] => one_tile(group, &wide, [*a, *b, *c], tile, best),
                    [a, b, c, d] => one_tile(group, &wide, [*a, *b, *c, *d], tile, best),
                    _ => {}
                }
            }
        }
    }
}

/// A row as `i16`: of each four components, first and third, second and fourth.
#[derive(Clone, Copy)]
struct Wide {
    even: [i16; DIMENSIONS / 2],
    odd: [i16; DIMENSIONS / 2],
}

impl Wide {
    const ZERO: Wide = Wide { even: [0; DIMENSIONS / 2], odd: [0; DIMENSIONS / 2] };

    #[target_feature(enable = "avx2")]
    fn set(&mut self, row: &Row) {
        for ((even, odd), [a, b]) in self.even.iter_mut().zip(&mut self.odd).zip(row.0.as_chunks().0) {
            (*even, *odd) = (i16::from(*a), i16::from(*b));
        }
    }
}

/// One group by `K` rows: raises `best` to what they give.
#[target_feature(enable = "avx2")]
#[inline]
fn one_tile<const K: usize>(
    group: &Group,
    rows: &[Wide; TILE_ROWS],
    starts: [i32; K],
    tile: usize,
    best: &mut [i32; LANES],
) {
    let mut sums = starts.map(|start| [_mm256_set1_epi32(start); 2]);
    let low_bytes = _mm256_set1_epi16(0xff);
    for block in 0..BLOCKS {
        let halves = load(&group.0[block]);
        let even = [_mm256_and_si256(halves[0], low_bytes), _mm256_and_si256(halves[1], low_bytes)];
        let odd = [_mm256_srli_epi16::<8>(halves[0]), _mm256_srli_epi16::<8>(halves[1])];
        for (sums, row) in sums.iter_mut().zip(rows) {
            let (row_even, row_odd) = (broadcast(&row.even, block), broadcast(&row.odd, block));
            for (half, sum) in sums.iter_mut().enumerate() {
                *sum = _mm256_add_epi32(*sum, _mm256_madd_epi16(even[half], row_even));
                *sum = _mm256_add_epi32(*sum, _mm256_madd_epi16(odd[half], row_odd));
            }
        }
    }
    let mut greatest = load_lanes(best);
    for (k, sums) in sums.into_iter().enumerate() {
        for (greatest, sums) in greatest.iter_mut().zip(sums) {
            *greatest = _mm256_max_epi32(*greatest, pack(sums, tile * TILE_ROWS + k));
        }
    }
    store_lanes(best, greatest);
}

/// As [`super::pack`], in eight lanes.
#[target_feature(enable = "avx2")]
#[inline]
fn pack(dots: __m256i, index: usize) -> __m256i {
    let held = _mm256_max_epi32(_mm256_min_epi32(dots, _mm256_set1_epi32(UNIT_DOT)), _mm256_setzero_si256());
    _mm256_or_si256(_mm256_slli_epi32::<{ INDEX_BITS as i32 }>(held), _mm256_set1_epi32(low_bits(index)))
}

/// The pair of components that a block of sentences is multiplied by, in every lane.
#[target_feature(enable = "avx2")]
#[inline]
fn broadcast(row: &[i16; DIMENSIONS / 2], block: usize) -> __m256i {
    let [a, b] = row.as_chunks().0[block];
    _mm256_set1_epi32(i32::from(a as u16) | i32::from(b) << 16)
}

#[target_feature(enable = "avx2")]
#[inline]
fn load(block: &Block) -> [__m256i; 2] {
    let at = block.0.as_ptr().cast::<__m256i>();
    // SAFETY: a block is two times 32 initialised bytes, and its type is aligned to 64.
    unsafe { [_mm256_load_si256(at), _mm256_load_si256(at.add(1))] }
}

#[target_feature(enable = "avx2")]
#[inline]
fn load_lanes(lanes: &[i32; LANES]) -> [__m256i; 2] {
    let at = lanes.as_ptr();
    // SAFETY: sixteen `i32` are two times 32 bytes; these loads ask for no alignment.
    unsafe { [_mm256_loadu_si256(at.cast()), _mm256_loadu_si256(at.add(HALF).cast())] }
}

#[target_feature(enable = "avx2")]
#[inline]
fn store_lanes(lanes: &mut [i32; LANES], values: [__m256i; 2]) {
    let at = lanes.as_mut_ptr();
    // SAFETY: sixteen `i32` are two times 32 bytes, borrowed mutably; these stores ask for no alignment.
    unsafe {
        _mm256_storeu_si256(at.cast(), values[0]);
        _mm256_storeu_si256(at.add(HALF).cast(), values[1]);
    }
}
