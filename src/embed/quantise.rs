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
    let squared: f64 = direction.iter().map(|c| f64::from(*c) * f64::from(*c)).sum();
    if squared <= 0.0 || !squared.is_finite() {
        return None;
    }
    // The transform makes a vector longer by the square root of its dimensions: 16.
    let to_grid = f64::from(SCALE) / (squared * DIMENSIONS as f64).sqrt();
    let mut rotated = [0.0; DIMENSIONS];
    for (index, (to, from)) in rotated.iter_mut().zip(direction).enumerate() {
        *to = (f64::from(*from) * to_grid) as f32 * sign(index);
    }
    walsh_hadamard(&mut rotated);
    let nearest = rotated.map(|c| round_half_up(c.clamp(-127.0, 127.0)));
    // Rounding lengthens by at most 8, which a vector may be; but that holds for exact numbers. Towards zero no
    // component grows, so the second attempt cannot fail.
    Vector::new(&nearest).or_else(|| Vector::new(&rotated.map(|c| c.clamp(-127.0, 127.0) as i8)))
}

/// The nearest integer of a number between -127 and 127. Cutting off a positive number is rounding down.
fn round_half_up(c: f32) -> i8 {
    ((c + 128.5) as i32 - 128) as i8
}

/// The sign of each component before the transform: bits of a fixed sequence. Without signs the vector of a
/// constant direction would end up in one component.
fn sign(index: usize) -> f32 {
    if SIGNS[index / 64] >> (index % 64) & 1 == 1 { -1.0 } else { 1.0 }
}

/// The first 256 bits of the fraction of pi, as 64-bit words.
const SIGNS: [u64; DIMENSIONS / 64] =
    [0x243f_6a88_85a3_08d3, 0x1319_8a2e_0370_7344, 0xa409_3822_299f_31d0, 0x082e_fa98_ec4e_6c89];

/// The Walsh–Hadamard transform in place, not normalised.
fn walsh_hadamard(values: &mut [f32; DIMENSIONS]) {
    let mut half = 1;
    while half < DIMENSIONS {
        for block in values.chunks_exact_mut(2 * half) {
            let (low, high) = block.split_at_mut(half);
            for (a, b) in low.iter_mut().zip(high) {
                (*a, *b) = (*a + *b, *a - *b);
            }
        }
        half *= 2;
    }
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
