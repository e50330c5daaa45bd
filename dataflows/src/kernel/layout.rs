//! How do vectors lie in memory, so that the wide instructions read them in order?
//!
//! Sentences in groups of sixteen lanes: four components of lane 0, the same four of lane 1, and so on, then the next
//! four. They are biased by 128 to `u8`, for the instructions multiply `u8` by `i8`. Rows stay plain `i8`; since
//! `(s + 128) · r = s · r + 128 · sum(r)`, a row's dot products start at `-128 · sum(r)`.

use crate::fixed::DIMENSIONS;
use std::ops::Range;

/// Vectors in a group.
pub const LANES: usize = 16;
/// Blocks in a group: each holds four components of every lane.
pub(super) const BLOCKS: usize = DIMENSIONS / COMPONENTS;
/// Components of one lane in a block.
pub(super) const COMPONENTS: usize = 4;
/// What makes an `i8` a `u8`.
const BIAS: u8 = 128;

/// The same four components of sixteen lanes: a cache line, and one wide register.
#[repr(C, align(64))]
#[derive(Clone, Copy)]
pub(super) struct Block(pub(super) [u8; LANES * COMPONENTS]);

/// Sixteen sentence vectors, interleaved: 4 KB.
#[repr(C, align(64))]
#[derive(Clone)]
pub struct Group(pub(super) [Block; BLOCKS]);

impl Group {
    /// Sixteen zero vectors.
    pub fn empty() -> Group {
        Group([Block([BIAS; LANES * COMPONENTS]); BLOCKS])
    }

    /// Sets a lane to a vector's 256 components.
    ///
    /// # Panics
    /// When there are not 256, or no such lane.
    pub fn put(&mut self, lane: usize, components: &[i8]) {
        assert_eq!(components.len(), DIMENSIONS, "a vector's components");
        for (block, four) in self.0.iter_mut().zip(components.as_chunks::<COMPONENTS>().0) {
            block.0.as_chunks_mut().0[lane] = four.map(|c| c as u8 ^ BIAS);
        }
    }

    /// The 256 components of a lane, below [`LANES`].
    pub fn get(&self, lane: usize) -> [i8; DIMENSIONS] {
        let mut components = [0; DIMENSIONS];
        for (block, four) in self.0.iter().zip(components.as_chunks_mut::<COMPONENTS>().0) {
            *four = block.0.as_chunks::<COMPONENTS>().0[lane].map(|b| (b ^ BIAS) as i8);
        }
        components
    }

    /// Sets a lane to what `from` has in `from_lane`.
    pub fn copy(&mut self, lane: usize, from: &Group, from_lane: usize) {
        for (block, from) in self.0.iter_mut().zip(&from.0) {
            block.0.as_chunks_mut::<COMPONENTS>().0[lane] = from.0.as_chunks().0[from_lane];
        }
    }

    /// Sets a lane to the zero vector, which is similar to nothing.
    pub fn clear(&mut self, lane: usize) {
        for block in &mut self.0 {
            block.0.as_chunks_mut::<COMPONENTS>().0[lane] = [BIAS; COMPONENTS];
        }
    }
}

/// One vector of the taxonomy's side, aligned so that no four components straddle cache lines.
#[repr(C, align(64))]
#[derive(Clone, Copy)]
pub(super) struct Row(pub(super) [i8; DIMENSIONS]);

impl Row {
    /// Four components as the one word that is broadcast to all lanes.
    #[inline(always)]
    pub(super) fn word(&self, block: usize) -> i32 {
        i32::from_ne_bytes(self.0.as_chunks::<COMPONENTS>().0[block].map(|c| c as u8))
    }
}

/// The vectors that sentences are compared with: KRAs or names, those of one role next to each other.
#[derive(Clone, Default)]
pub struct Rows {
    rows: Vec<Row>,
    /// Where each row's dot products start, to undo the sentences' bias.
    starts: Vec<i32>,
}

impl Rows {
    /// Takes vectors of 256 components each, in order.
    ///
    /// # Panics
    /// When one has not 256 components.
    pub fn new(vectors: impl IntoIterator<Item: AsRef<[i8]>>) -> Rows {
        let mut rows = Rows::default();
        for vector in vectors {
            rows.push(vector.as_ref());
        }
        rows
    }

    /// Adds a vector of 256 components at the end.
    ///
    /// # Panics
    /// When there are not 256.
    pub fn push(&mut self, components: &[i8]) {
        let mut row = Row([0; DIMENSIONS]);
        row.0.copy_from_slice(components);
        self.starts.push(-i32::from(BIAS) * components.iter().map(|c| i32::from(*c)).sum::<i32>());
        self.rows.push(row);
    }

    /// How many rows.
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// No rows at all.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// Every row.
    pub fn all(&self) -> RowsRef<'_> {
        self.range(0..self.len())
    }

    /// Rows next to each other, such as those of one role.
    ///
    /// # Panics
    /// When the range goes beyond the rows.
    pub fn range(&self, range: Range<usize>) -> RowsRef<'_> {
        RowsRef { rows: &self.rows[range.clone()], starts: &self.starts[range] }
    }
}

/// A contiguous range of [`Rows`]. Row numbers that come out of the kernel count from its beginning.
#[derive(Clone, Copy)]
pub struct RowsRef<'a> {
    pub(super) rows: &'a [Row],
    pub(super) starts: &'a [i32],
}

impl<'a> RowsRef<'a> {
    /// How many rows.
    pub fn len(self) -> usize {
        self.rows.len()
    }

    /// No rows at all.
    pub fn is_empty(self) -> bool {
        self.rows.is_empty()
    }

    /// The rows in runs of `most`, the last one shorter.
    pub(super) fn chunks(self, most: usize) -> impl Iterator<Item = RowsRef<'a>> {
        self.rows.chunks(most).zip(self.starts.chunks(most)).map(|(rows, starts)| RowsRef { rows, starts })
    }
}
