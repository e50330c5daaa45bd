//! How is it done on a machine without wide multiply-adds?
//!
//! In loops over the sixteen lanes that the compiler turns into what vector instructions there are.

use super::layout::{BLOCKS, Block, Row};
use super::{Group, LANES, LEAST, RowsRef, pack};

/// See [`super::best_rows`]; there is at least one row.
pub(super) fn best_rows(groups: &[Group], rows: RowsRef<'_>, best: &mut [[i32; LANES]]) {
    for (group, best) in groups.iter().zip(best) {
        *best = [LEAST; LANES];
        for (index, (row, start)) in rows.rows.iter().zip(rows.starts).enumerate() {
            let dots = dots(group, row, *start);
            for (best, dot) in best.iter_mut().zip(dots) {
                *best = (*best).max(pack(dot, index));
            }
        }
    }
}

/// The dot products of one row with sixteen lanes.
fn dots(group: &Group, row: &Row, start: i32) -> [i32; LANES] {
    let mut dots = [start; LANES];
    for block in 0..BLOCKS {
        let Block(bytes) = &group.0[block];
        let [a, b, c, d] = row.word(block).to_ne_bytes().map(|component| i32::from(component as i8));
        for (dot, lane) in dots.iter_mut().zip(bytes.as_chunks().0) {
            // Shifts within a lane's word keep every component in its lane: three times as fast as byte by byte.
            let four = u32::from_le_bytes(*lane) as i32;
            *dot += (four & 0xff) * a + (four >> 8 & 0xff) * b + (four >> 16 & 0xff) * c + (four >> 24 & 0xff) * d;
        }
    }
    dots
}
