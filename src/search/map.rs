//! Where is a centroid on a sheet of paper?
//!
//! At two fixed random combinations of its direction's components, each added or subtracted. A map fitted to all
//! centroids would show them better, but move all of them when one moves; here a point moves only when its centroid does.

use super::centroids::length;
use rolestream_dataflows::fixed::DIMENSIONS;
use rolestream_dataflows::views::Centroid;

/// Whether a component is added (1) or subtracted, for x and y: 256 bits each. The first 512 bits of the fraction of e.
/// They must never change, or every point moves.
const SIGNS: [[u64; 4]; 2] = [
    [0xb7e1_5162_8aed_2a6a, 0xbf71_5880_9cf4_f3c7, 0x62e7_160f_38b4_da56, 0xa784_d904_5190_cfef],
    [0x324e_7738_926c_fbe5, 0xf4bf_8d8d_8c31_d763, 0xda06_c80a_bb11_85eb, 0x4f7c_7b57_57f5_9584],
];

/// Where a mean is: x and y, mostly between −3 and 3, rounded to six decimals; `None` where it has no direction.
pub fn project(centroid: &Centroid) -> Option<(f64, f64)> {
    let length = length(&centroid.sum);
    let [x, y] = SIGNS.map(|signs| {
        let signed = centroid.sum.iter().take(DIMENSIONS).enumerate().map(|(i, c)| {
            let added = signs[i / 64] >> (i % 64) & 1 == 1;
            if added { *c } else { -c }
        });
        // An exact integer, so that neither order nor machine counts.
        (signed.sum::<i64>() as f64 / length * 1e6).round() / 1e6
    });
    (length > 0.0).then_some((x, y))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_point_is_a_direction_and_stays() {
        let axis = |at: usize, size: i64| {
            let mut sum = vec![0; DIMENSIONS];
            sum[at] = size;
            Centroid { n: 1, sum: sum.into() }
        };
        // The bits 0, 1 and 2 of 0x…2a6a and 0x…fbe5.
        assert_eq!(project(&axis(0, 7)), Some((-1.0, 1.0)));
        assert_eq!(project(&axis(1, 7)), Some((1.0, -1.0)));
        assert_eq!(project(&axis(1, 70_000)), Some((1.0, -1.0)), "more members of the same kind do not move it");
        assert_eq!(project(&axis(2, -7)), Some((1.0, -1.0)));
        assert_eq!(project(&axis(0, 0)), None);
    }
}
