//! How does a direction become 256 small integers?
//!
//! Made unit length, rotated, multiplied by [`SCALE`], rounded. The rotation (fixed signs, then Walsh–Hadamard)
//! changes no similarity but spreads each vector's length over all components: before it a few components of a
//! sentence vector are so large that plain `i8` clamps them and similarities err by up to .46.
//!
//! Additions and multiplications stand in a fixed order and each is rounded as IEEE 754 says (the compiler fuses
//! none), so every machine gets the same integers.

use rolestream_dataflows::fixed::{DIMENSIONS, SCALE, Vector};

/// The unit vector of a direction, rotated and quantised; `None` where there is no direction: all zero, or a
/// component that is no number.
pub fn quantise(direction: &[f32; DIMENSIONS]) -> Option<Vector> {
    let squared = squared_length(direction);
    if squared <= 0.0 || !squared.is_finite() {
        return None;
    }
    // The transform makes a vector longer by the square root of its dimensions: 16.
    let to_grid = f64::from(SCALE) / (squared * DIMENSIONS as f64).sqrt();
    let mut signed = [0.0; DIMENSIONS];
    for ((to, from), sign) in signed.iter_mut().zip(direction).zip(&SIGNS) {
        *to = (f64::from(*from) * to_grid) as f32 * sign;
    }
    let rotated = walsh_hadamard(signed);
    let nearest = rotated.map(|c| round_half_up(c.clamp(-127.0, 127.0)));
    // Rounding lengthens by at most 8, which a vector may be; but that holds for exact numbers. Towards zero no
    // component grows, so the second attempt cannot fail.
    Vector::new(&nearest).or_else(|| Vector::new(&rotated.map(|c| c.clamp(-127.0, 127.0) as i8)))
}

/// Summed in eight lanes, which the processor can do at once, always in the same order.
fn squared_length(direction: &[f32; DIMENSIONS]) -> f64 {
    let mut lanes = [0.0; 8];
    for eight in direction.chunks_exact(8) {
        for (lane, c) in lanes.iter_mut().zip(eight) {
            *lane += f64::from(*c) * f64::from(*c);
        }
    }
    lanes.iter().sum()
}

/// The nearest integer of a number between -127 and 127. Cutting off a positive number is rounding down.
fn round_half_up(c: f32) -> i8 {
    ((c + 128.5) as i32 - 128) as i8
}

/// The sign of each component before the transform. Without signs the vector of a constant direction would end up
/// in one component.
const SIGNS: [f32; DIMENSIONS] = {
    // The first 256 bits of the fraction of pi.
    let bits = [0x243f_6a88_85a3_08d3u64, 0x1319_8a2e_0370_7344, 0xa409_3822_299f_31d0, 0x082e_fa98_ec4e_6c89];
    let mut signs = [1.0; DIMENSIONS];
    let mut index = 0;
    while index < DIMENSIONS {
        if bits[index / 64] >> (index % 64) & 1 == 1 {
            signs[index] = -1.0;
        }
        index += 1;
    }
    signs
};

/// The Walsh–Hadamard transform, not normalised: eight times sums and differences of the two halves, shuffled into
/// each other. After eight shuffles everything is back in its place, and all steps are alike, which is fast.
fn walsh_hadamard(mut values: [f32; DIMENSIONS]) -> [f32; DIMENSIONS] {
    for _ in 0..DIMENSIONS.ilog2() {
        let (first, second) = values.split_at(DIMENSIONS / 2);
        let mut next = [0.0; DIMENSIONS];
        for (pair, (a, b)) in next.chunks_exact_mut(2).zip(first.iter().zip(second)) {
            pair[0] = a + b;
            pair[1] = a - b;
        }
        values = next;
    }
    values
}

#[cfg(test)]
mod tests {
    use super::*;
    use rolestream_dataflows::fixed::{MAX_SQUARED_NORM, UNIT_DOT, dot};

    /// A direction as a sentence has it: some components far greater than the rest.
    fn spiky(seed: u32) -> [f32; DIMENSIONS] {
        let mut state = seed;
        std::array::from_fn(|index| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let c = (state >> 8) as f32 / (1 << 23) as f32 - 1.0;
            if index % 50 == 0 { 20.0 * c } else { c }
        })
    }

    fn cosine(a: &[f32], b: &[f32]) -> f64 {
        let dot = |a: &[f32], b: &[f32]| a.iter().zip(b).map(|(x, y)| f64::from(*x) * f64::from(*y)).sum::<f64>();
        dot(a, b) / (dot(a, a) * dot(b, b)).sqrt()
    }

    #[test]
    fn similarities_survive_rotation_and_rounding() {
        for seed in 0..200 {
            let (a, b) = (spiky(seed), spiky(seed + 1_000));
            let near: [f32; DIMENSIONS] = std::array::from_fn(|i| a[i] + 0.7 * b[i]);
            for (left, right) in [(&a, &b), (&a, &near), (&b, &near), (&a, &a)] {
                let (l, r) = (quantise(left).unwrap(), quantise(right).unwrap());
                let similarity = f64::from(dot(l.components(), r.components())) / f64::from(UNIT_DOT);
                assert!((similarity - cosine(left, right)).abs() < 0.006, "seed {seed}: {similarity}");
            }
        }
    }

    #[test]
    fn one_large_component_is_spread_not_clamped() {
        for index in [0, 1, 77, 255] {
            let mut axis = [0.0; DIMENSIONS];
            axis[index] = -3.0;
            let vector = quantise(&axis).unwrap();
            assert!(vector.components().iter().all(|c| c.abs() == 26), "{:?}", vector.components());
        }
        // A constant direction is one axis of the bare transform; the signs keep it from becoming one component.
        assert!(quantise(&[1.0; DIMENSIONS]).unwrap().components().iter().all(|c| c.abs() < 127));
    }

    #[test]
    fn the_transform_is_walsh_and_hadamards() {
        let values: [f32; DIMENSIONS] = std::array::from_fn(|index| (index * 37 % 101) as f32);
        let transformed = walsh_hadamard(values);
        for row in [0, 1, 2, 100, 255usize] {
            let sum: f32 =
                values.iter().enumerate().map(|(i, v)| if (row & i).count_ones() % 2 == 1 { -v } else { *v }).sum();
            assert_eq!(transformed[row], sum);
        }
    }

    #[test]
    fn every_direction_has_a_vector_and_none_has_not() {
        assert!(quantise(&[0.0; DIMENSIONS]).is_none());
        assert!(quantise(&[f32::NAN; DIMENSIONS]).is_none());
        for length in [1e-30, 1.0, 1e30] {
            let vector = quantise(&spiky(5).map(|c| c * length)).unwrap();
            assert!(dot(vector.components(), vector.components()) <= MAX_SQUARED_NORM);
        }
        assert_eq!(quantise(&spiky(5)), quantise(&spiky(5).map(|c| c * 4.0)), "length does not count");
    }

    #[test]
    fn halves_round_up_everywhere() {
        assert_eq!([-127.0, -0.5, -0.4, 0.5, 1.5, 126.49, 127.0].map(round_half_up), [-127, 0, 0, 1, 2, 126, 127]);
    }
}
