//! What does a role's centroid say: where it is, how wide, whether it moves?
//!
//! The views hold exact sums of members' vectors, by role and by (role, received day); all else is derived where it is
//! read (SPEC §5). With *mean* the sum divided by the number of members, in units of a vector's length:
//!
//! - **dispersion** = 1 − |mean|: 0 where all members are one vector, towards 1 where they point everywhere;
//! - **drift** = 1 − cos(baseline mean, recent mean): recent are the last 30 days *with members*, the baseline is the
//!   first 30 such days unless an admin pins other days. Of up to 30 days both are the same, and the drift is 0;
//! - **nearest roles** by the cosine of the means; **members farthest out** by the cosine of member and mean, ascending.
//!
//! Dot products of sums are exact integers; the one division and square root at the end round as IEEE 754 says, so the
//! result is the same everywhere. A sum of nothing, or of vectors that cancel, has no direction: `None`.

use rolestream_dataflows::fixed::{DIMENSIONS, Micro, SCALE, Vector};
use rolestream_dataflows::id::Id;
use rolestream_dataflows::views::{Centroid, Member};
use std::collections::BTreeMap;
use std::ops::RangeInclusive;

/// Days with members that make a baseline, and that are recent.
pub const DAYS: usize = 30;

/// 1 − |mean|; `None` without members.
pub fn dispersion(centroid: &Centroid) -> Option<Micro> {
    let length = length(&centroid.sum) / (f64::from(SCALE) * centroid.n as f64);
    // Quantised vectors may be a rounding longer than one.
    (centroid.n > 0).then(|| micro(1.0 - length))
}

/// The direction of the mean, as a vector that can be searched for.
pub fn direction(centroid: &Centroid) -> Option<Vector> {
    let length = length(&centroid.sum);
    let scaled = |sum: &i64| *sum as f64 / length * f64::from(SCALE);
    let nearest: Vec<i8> = centroid.sum.iter().map(|sum| scaled(sum).clamp(-127.0, 127.0).round() as i8).collect();
    if length > 0.0 { Vector::new(&nearest) } else { None }
}

/// Cosine of two means, floor 0.
pub fn similarity(a: &Centroid, b: &Centroid) -> Option<Micro> {
    cosine(&a.sum, &b.sum).map(micro)
}

/// Cosine of a member, or any vector, and a mean; floor 0.
pub fn member_similarity(centroid: &Centroid, vector: &Vector) -> Option<Micro> {
    cosine(&centroid.sum, &widened(vector)).map(micro)
}

/// 1 − cos(baseline mean, recent mean), between 0 and 2, of one role's centroids by received day, in whatever order.
/// `pinned` are the days that an admin wants for a baseline; `None` where they, or the recent days, have no direction.
pub fn drift<'c>(
    days: impl IntoIterator<Item = (i32, &'c Centroid)>,
    pinned: Option<RangeInclusive<i32>>,
) -> Option<Micro> {
    let days: BTreeMap<i32, &Centroid> = days.into_iter().filter(|(_, centroid)| centroid.n > 0).collect();
    let recent = total(days.values().rev().take(DAYS).copied());
    let baseline = match pinned {
        Some(pinned) => total(days.iter().filter(|(day, _)| pinned.contains(day)).map(|(_, centroid)| *centroid)),
        None => total(days.values().take(DAYS).copied()),
    };
    cosine(&baseline.sum, &recent.sum).map(|cosine| micro(1.0 - cosine))
}

/// The sum of centroids: that of their members together.
pub fn total<'c>(centroids: impl IntoIterator<Item = &'c Centroid>) -> Centroid {
    let nothing = Centroid { n: 0, sum: vec![0; DIMENSIONS].into() };
    centroids.into_iter().fold(nothing, |mut total, centroid| {
        total.n += centroid.n;
        total.sum.iter_mut().zip(&centroid.sum).for_each(|(to, from)| *to += from);
        total
    })
}

/// The `k` roles whose mean is nearest to this one: similarity descending, key (a slug, say) ascending. Leave out the
/// role itself before.
pub fn nearest_roles<'c, R: Ord>(
    mean: &Centroid,
    roles: impl IntoIterator<Item = (R, &'c Centroid)>,
    k: usize,
) -> Vec<(R, Micro)> {
    let mut near: Vec<(R, Micro)> =
        roles.into_iter().filter_map(|(role, other)| Some((role, similarity(mean, other)?))).collect();
    near.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    near.truncate(k);
    near
}

/// The `k` members farthest out: similarity to the mean ascending, then JD ascending.
pub fn farthest<'m>(centroid: &Centroid, members: impl IntoIterator<Item = &'m Member>, k: usize) -> Vec<(Id, Micro)> {
    let mut far: Vec<(Micro, Id)> = members
        .into_iter()
        .filter_map(|member| Some((member_similarity(centroid, &member.vector)?, member.jd)))
        .collect();
    far.sort_unstable();
    far.into_iter().take(k).map(|(similarity, jd)| (jd, similarity)).collect()
}

/// Of a sum, in the units of its components.
pub(super) fn length(sum: &[i64]) -> f64 {
    (dot(sum, sum) as f64).sqrt()
}

fn cosine(a: &[i64], b: &[i64]) -> Option<f64> {
    let lengths = length(a) * length(b);
    (lengths > 0.0).then(|| dot(a, b) as f64 / lengths)
}

fn dot(a: &[i64], b: &[i64]) -> i128 {
    a.iter().zip(b).map(|(a, b)| i128::from(*a) * i128::from(*b)).sum()
}

fn widened(vector: &Vector) -> Vec<i64> {
    vector.components().iter().map(|c| i64::from(*c)).collect()
}

/// The nearest micro-unit, floor 0.
fn micro(value: f64) -> Micro {
    Micro::from_f64(value.max(0.0)).unwrap_or(Micro::ZERO)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A vector of three components of this size, none of which is clamped: too short for a unit, which sums may be.
    fn vector(components: [i8; 3]) -> Vector {
        let mut all = [0; DIMENSIONS];
        all[..3].copy_from_slice(&components);
        Vector::new(&all).unwrap()
    }

    fn centroid(members: &[[i8; 3]]) -> Centroid {
        let sums = members.iter().map(|m| Centroid { n: 1, sum: widened(&vector(*m)).into() }).collect::<Vec<_>>();
        total(&sums)
    }

    /// A unit vector that is spread over a block of 64 components, as no three can hold its length.
    fn block(number: usize) -> Vector {
        let mut all = [0; DIMENSIONS];
        // 52.5 × 8 = 420: half of them one more.
        all[64 * number..64 * (number + 1)].iter_mut().enumerate().for_each(|(i, c)| *c = 52 + (i % 2) as i8);
        Vector::new(&all).unwrap()
    }

    fn of(vectors: &[Vector]) -> Centroid {
        let sums = vectors.iter().map(|v| Centroid { n: 1, sum: widened(v).into() }).collect::<Vec<_>>();
        total(&sums)
    }

    #[test]
    fn dispersion_is_what_the_mean_lacks_in_length() {
        assert_eq!(dispersion(&of(&[block(0), block(0)])), Some(Micro::ZERO));
        // Two at a right angle: the mean is 1/√2 long.
        let right_angle = dispersion(&of(&[block(0), block(1)])).unwrap();
        assert!(right_angle.0.abs_diff(292_893) < 60, "{right_angle:?}");
        // Four: a half.
        let four = dispersion(&of(&[block(0), block(1), block(2), block(3)])).unwrap();
        assert!(four.0.abs_diff(500_000) < 60, "{four:?}");
        assert_eq!(dispersion(&of(&[])), None);
    }

    #[test]
    fn means_are_compared_by_direction_alone() {
        let (a, b) = (centroid(&[[3, 4, 0], [3, 4, 0]]), centroid(&[[3, 0, 0]]));
        assert_eq!(similarity(&a, &b), Some(Micro(600_000)));
        assert_eq!(similarity(&a, &centroid(&[[-3, 0, 0]])), Some(Micro::ZERO));
        assert_eq!(similarity(&a, &centroid(&[[3, 0, 0], [-3, 0, 0]])), None, "they cancel");
        let roles = [("c", &a), ("b", &b), ("a", &b)];
        let near = nearest_roles(&centroid(&[[1, 0, 0]]), roles, 3);
        assert_eq!(near, [("a", Micro::ONE), ("b", Micro::ONE), ("c", Micro(600_000))]);
        assert_eq!(
            direction(&of(&[block(2), block(2)])).unwrap().similarity(&block(2)),
            block(2).similarity(&block(2))
        );
    }

    #[test]
    fn drift_compares_the_first_thirty_days_with_members_with_the_last() {
        let (old, new) = (centroid(&[[1, 0, 0]]), centroid(&[[0, 1, 0]]));
        let nobody = centroid(&[]);
        // Every other day, 40 of them with members: the first 30 are 25 old and 5 new, the last 30 are 15 and 15.
        let days: Vec<(i32, &Centroid)> =
            (0..40).flat_map(|i| [(2 * i, if i < 25 { &old } else { &new }), (2 * i + 1, &nobody)]).collect();
        let cosine = (25.0 * 15.0 + 5.0 * 15.0) / (650f64.sqrt() * 450f64.sqrt());
        assert_eq!(drift(days.iter().copied(), None), Micro::from_f64(1.0 - cosine));
        // Pinned to the very first days: (1, 0) against (15, 15).
        assert_eq!(drift(days.iter().copied(), Some(0..=10)), Micro::from_f64(1.0 - 0.5f64.sqrt()));
        assert_eq!(drift(days.iter().copied(), Some(1..=1)), None, "nobody came then");
        assert_eq!(drift(days[..60].iter().copied(), None), Some(Micro::ZERO), "30 days are both");
        assert_eq!(drift([], None), None);
        let turned = centroid(&[[-1, 0, 0]]);
        assert_eq!(drift([(0, &old), (1, &turned), (2, &turned)], Some(0..=0)), Some(Micro(2_000_000)));
    }

    #[test]
    fn the_member_farthest_out_comes_first() {
        let member = |jd, components| Member { jd: Id(jd), day: 0, vector: vector(components) };
        let members = [member(3, [4, 3, 0]), member(2, [0, 1, 0]), member(1, [0, 2, 0]), member(4, [1, 0, 0])];
        let far = farthest(&centroid(&[[1, 0, 0]]), &members, 3);
        assert_eq!(far, [(Id(1), Micro::ZERO), (Id(2), Micro::ZERO), (Id(3), Micro(800_000))]);
    }
}
