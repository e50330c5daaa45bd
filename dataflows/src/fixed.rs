//! How are similarities and scores counted, so that a retraction cancels exactly?
//!
//! As integers. A score is in micro-units, a vector's components are `i8` at a fixed scale, a similarity is an
//! integer dot product. Nothing here depends on order, worker count or instruction set.

use serde::{Deserialize, Serialize};
use std::fmt;
use std::sync::Arc;

/// A similarity, score or confidence in micro-units: 1.0 is 1 000 000.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Micro(pub u32);

impl Micro {
    /// 0.0
    pub const ZERO: Micro = Micro(0);
    /// 1.0
    pub const ONE: Micro = Micro(1_000_000);

    /// `numerator / denominator`, rounded half up. The denominator must not be zero.
    pub fn ratio(numerator: u64, denominator: u64) -> Micro {
        Micro(divide_half_up(numerator * 1_000_000, denominator) as u32)
    }

    /// This times `factor`, rounded half up.
    pub fn times(self, factor: Micro) -> Micro {
        Micro(divide_half_up(u64::from(self.0) * u64::from(factor.0), 1_000_000) as u32)
    }

    /// The nearest micro-unit to a number of the configuration; `None` outside 0 to 4 000.
    pub fn from_f64(value: f64) -> Option<Micro> {
        (0.0..=4_000.0).contains(&value).then(|| Micro((value * 1e6 + 0.5).floor() as u32))
    }

    /// For printing and for JSON only: rounded half up to four decimals.
    pub fn to_f64(self) -> f64 {
        f64::from((self.0 + 50) / 100) / 10_000.0
    }

    /// The sum.
    pub fn plus(self, other: Micro) -> Micro {
        Micro(self.0 + other.0)
    }

    /// `self - other`, zero where `other` is the greater.
    pub fn minus(self, other: Micro) -> Micro {
        Micro(self.0.saturating_sub(other.0))
    }
}

impl fmt::Display for Micro {
    /// Four decimals, as the reference prints them.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:.4}", self.to_f64())
    }
}

/// `n / d` rounded half up, the one rounding rule of the engine.
pub fn divide_half_up(n: u64, d: u64) -> u64 {
    (2 * n + d) / (2 * d)
}

/// Components of a vector.
pub const DIMENSIONS: usize = 256;
/// What 1.0 is along one axis. After a Walsh–Hadamard rotation the components of a unit vector are near-normal
/// with deviation 1/16, so 127/420 is almost five deviations: hardly ever clamped.
pub const SCALE: i32 = 420;
/// The dot product that means a similarity of 1.0.
pub const UNIT_DOT: i32 = SCALE * SCALE;
/// Rounding moves each component by at most a half, so the length of a quantised unit vector by at most 8.
/// With this bound no dot product reaches 2^18: the kernel packs a row number below it.
pub const MAX_SQUARED_NORM: i32 = (SCALE + 8) * (SCALE + 8);

/// A unit vector, quantised: 256 components at [`SCALE`].
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "Bytes", into = "Bytes")]
pub struct Vector(Arc<[i8]>);

impl Vector {
    /// Takes 256 components; `None` when there are not 256 or they are longer than a unit vector's can be.
    pub fn new(components: &[i8]) -> Option<Vector> {
        (components.len() == DIMENSIONS && dot(components, components) <= MAX_SQUARED_NORM)
            .then(|| Vector(components.into()))
    }

    /// The components.
    pub fn components(&self) -> &[i8] {
        &self.0
    }

    /// Cosine similarity, floor 0, at most 1.
    pub fn similarity(&self, other: &Vector) -> Micro {
        similarity_of_dot(dot(&self.0, &other.0))
    }
}

impl fmt::Debug for Vector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Vector({:?}…)", &self.0[..4])
    }
}

/// Vectors one after the other, 256 components each: the sentences of a JD, in order.
#[derive(Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "Bytes", into = "Bytes")]
pub struct Vectors(Arc<[i8]>);

impl Vectors {
    /// Puts vectors in a row.
    pub fn new<'a>(vectors: impl IntoIterator<Item = &'a Vector>) -> Vectors {
        Vectors(vectors.into_iter().flat_map(|v| v.0.iter().copied()).collect())
    }

    /// How many vectors.
    pub fn len(&self) -> usize {
        self.0.len() / DIMENSIONS
    }

    /// No vectors at all.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Each vector's 256 components.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &[i8]> + Clone {
        self.0.chunks_exact(DIMENSIONS)
    }
}

impl fmt::Debug for Vectors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Vectors({})", self.len())
    }
}

/// The form on the wire and in the store: plain bytes, checked on the way in.
#[derive(Serialize, Deserialize)]
struct Bytes(#[serde(with = "serde_bytes")] Vec<u8>);

impl From<Vector> for Bytes {
    fn from(v: Vector) -> Bytes {
        Bytes(v.0.iter().map(|c| *c as u8).collect())
    }
}

impl From<Vectors> for Bytes {
    fn from(v: Vectors) -> Bytes {
        Bytes(v.0.iter().map(|c| *c as u8).collect())
    }
}

impl TryFrom<Bytes> for Vector {
    type Error = &'static str;
    fn try_from(bytes: Bytes) -> Result<Vector, Self::Error> {
        let components: Vec<i8> = bytes.0.iter().map(|b| *b as i8).collect();
        Vector::new(&components).ok_or("a vector must have 256 components and at most unit length")
    }
}

impl TryFrom<Bytes> for Vectors {
    type Error = &'static str;
    fn try_from(bytes: Bytes) -> Result<Vectors, Self::Error> {
        let components: Vec<i8> = bytes.0.iter().map(|b| *b as i8).collect();
        let sound = components.len().is_multiple_of(DIMENSIONS)
            && components.chunks_exact(DIMENSIONS).all(|v| dot(v, v) <= MAX_SQUARED_NORM);
        sound.then(|| Vectors(components.into())).ok_or("each vector must have 256 components and at most unit length")
    }
}

/// The integer dot product of two rows of equal length.
pub fn dot(a: &[i8], b: &[i8]) -> i32 {
    debug_assert_eq!(a.len(), b.len());
    a.iter().zip(b).map(|(x, y)| i32::from(*x) * i32::from(*y)).sum()
}

/// A dot product of two quantised unit vectors as a similarity: floor 0, at most 1.0.
pub fn similarity_of_dot(dot: i32) -> Micro {
    Micro::ratio(dot.clamp(0, UNIT_DOT) as u64, UNIT_DOT as u64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn divisions_round_half_up() {
        assert_eq!((divide_half_up(1, 2), divide_half_up(3, 2), divide_half_up(4, 3)), (1, 2, 1));
        assert_eq!(Micro::ratio(10, 17), Micro(588_235));
        assert_eq!(Micro::ratio(10, 17).to_string(), "0.5882");
        assert_eq!(Micro(699_150).to_string(), "0.6992");
    }

    #[test]
    fn a_vector_is_as_similar_to_itself_as_can_be() {
        let mut row = [26i8; DIMENSIONS];
        row[0] = 27;
        let v = Vector::new(&row).unwrap();
        assert_eq!(v.similarity(&v), similarity_of_dot(dot(&row, &row)));
        assert!(v.similarity(&v) <= Micro::ONE);
    }

    #[test]
    fn too_long_or_too_short_a_vector_is_refused() {
        assert!(Vector::new(&[127; DIMENSIONS]).is_none());
        assert!(Vector::new(&[1; 255]).is_none());
    }
}
