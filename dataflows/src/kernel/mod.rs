//! For every sentence: which of a role's vectors is nearest, and how near?
//!
//! Integer dot products of 256 `i8` components, sixteen sentences at a time, and of them the greatest. The best dot
//! product and its row come as one `i32`: the product above, below it the row number counted down, so that a plain
//! integer maximum prefers the least row of equal ones. AVX-512 VNNI, AVX2 and portable code give the same bits.

#[cfg(target_arch = "x86_64")]
mod avx2;
mod layout;
mod portable;
#[cfg(test)]
mod tests;
#[cfg(target_arch = "x86_64")]
mod vnni;

use crate::fixed::UNIT_DOT;
pub use layout::{Group, LANES, Rows, RowsRef};
use std::sync::LazyLock;

/// Bits of the row number in a packed result; the dot product, below 2^18, lies above them.
const INDEX_BITS: u32 = 12;
/// Rows of one range at most, so that their numbers fit a packed result: 4096.
pub const MOST_ROWS: usize = 1 << INDEX_BITS;
/// What no rows give.
pub const NONE: i32 = -1;
/// Row 0 at similarity 0: what a range that is not empty gives at least, since dot products count from 0 up.
const LEAST: i32 = low_bits(0);

/// An instruction set that the kernel is written for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Isa {
    /// AVX-512 VNNI: 64 multiply-adds an instruction.
    Vnni,
    /// AVX2: 16 multiply-adds an instruction.
    Avx2,
    /// Plain Rust, for every other machine.
    Portable,
}

impl Isa {
    /// The fastest that this machine has; looked up once.
    pub fn detect() -> Isa {
        static DETECTED: LazyLock<Isa> = LazyLock::new(|| Isa::available()[0]);
        *DETECTED
    }

    /// All that this machine has, the fastest first.
    pub fn available() -> Vec<Isa> {
        [Isa::Vnni, Isa::Avx2, Isa::Portable].into_iter().filter(|isa| isa.is_available()).collect()
    }

    #[cfg(target_arch = "x86_64")]
    fn is_available(self) -> bool {
        match self {
            Isa::Vnni => vnni::available(),
            Isa::Avx2 => avx2::available(),
            Isa::Portable => true,
        }
    }

    #[cfg(not(target_arch = "x86_64"))]
    fn is_available(self) -> bool {
        self == Isa::Portable
    }
}

/// For each lane of each group, the best of `rows`, packed (see [`unpack`]): the greatest dot product, held between
/// 0 and [`UNIT_DOT`], and of the rows that have it the first. [`NONE`] where there are no rows.
///
/// `best` has sixteen places a group. An instruction set that this machine lacks gives way to portable code.
///
/// # Panics
/// When `best` is not sixteen times as long as `groups`, or there are more than [`MOST_ROWS`] rows: where that can
/// be, use [`best_rows_wide`].
pub fn best_rows(isa: Isa, groups: &[Group], rows: RowsRef<'_>, best: &mut [i32]) {
    assert_eq!(best.len(), groups.len() * LANES, "sixteen places for each group");
    assert!(rows.len() <= MOST_ROWS, "row numbers must fit twelve bits");
    if rows.is_empty() {
        return best.fill(NONE);
    }
    let best = best.as_chunks_mut().0;
    match isa {
        #[cfg(target_arch = "x86_64")]
        Isa::Vnni => vnni::best_rows(groups, rows, best),
        #[cfg(target_arch = "x86_64")]
        Isa::Avx2 => avx2::best_rows(groups, rows, best),
        _ => portable::best_rows(groups, rows, best),
    }
}

/// [`best_rows`] for any number of rows, somewhat slower. The results are wider: see [`unpack_wide`].
///
/// # Panics
/// When `best` is not sixteen times as long as `groups`.
pub fn best_rows_wide(isa: Isa, groups: &[Group], rows: RowsRef<'_>, best: &mut [i64]) {
    /// Groups at a time: their narrow results are on the stack, their vectors within reach of every chunk of rows.
    const AT_ONCE: usize = 32;
    assert_eq!(best.len(), groups.len() * LANES, "sixteen places for each group");
    best.fill(i64::from(NONE));
    for (groups, best) in groups.chunks(AT_ONCE).zip(best.chunks_mut(AT_ONCE * LANES)) {
        let mut narrow = [0; AT_ONCE * LANES];
        let narrow = &mut narrow[..best.len()];
        for (chunk, rows) in rows.chunks(MOST_ROWS).enumerate() {
            best_rows(isa, groups, rows, narrow);
            for (best, narrow) in best.iter_mut().zip(&*narrow) {
                let (dot, index) = unpack(*narrow);
                *best = (*best).max(pack_wide(dot, chunk * MOST_ROWS + index));
            }
        }
    }
}

/// A dot product and a row number as one number: the greater dot product wins, then the lesser row.
#[inline(always)]
fn pack(dot: i32, index: usize) -> i32 {
    (dot.clamp(0, UNIT_DOT) << INDEX_BITS) | low_bits(index)
}

/// The dot product, 0 to [`UNIT_DOT`], and the row number of a packed result; not for [`NONE`].
#[inline]
pub const fn unpack(packed: i32) -> (i32, usize) {
    (packed >> INDEX_BITS, (LEAST - (packed & LEAST)) as usize)
}

/// The dot product, 0 to [`UNIT_DOT`], and the row number of a wide packed result; not for [`NONE`].
#[inline]
pub const fn unpack_wide(packed: i64) -> (i32, usize) {
    ((packed >> 32) as i32, !(packed as u32) as usize)
}

/// As [`pack`], with 32 bits of row number.
#[inline]
fn pack_wide(dot: i32, index: usize) -> i64 {
    (i64::from(dot) << 32) | i64::from(!(index as u32))
}

/// A row number as the low bits of a packed result: counted down, so that the first is the greatest.
#[inline(always)]
const fn low_bits(index: usize) -> i32 {
    (MOST_ROWS - 1 - index) as i32
}

/// For the benchmark: about how many multiply-adds an AVX-512 VNNI machine does when nothing has to be loaded. Runs
/// `rounds` of them, returns how many they were; `None` on other machines.
#[doc(hidden)]
pub fn peak(rounds: u64) -> Option<u64> {
    #[cfg(target_arch = "x86_64")]
    {
        vnni::peak(rounds)
    }
    #[cfg(not(target_arch = "x86_64"))]
    {
        let _ = rounds;
        None
    }
}
