//! Which vectors have exactly the similarities that were given?
//!
//! For tests, and for runs whose embedding model is elsewhere: the similarities it printed are enough to have the
//! run again. Every right-hand text gets an axis of its own; a left-hand text gets its similarities as components
//! along them, and an axis of its own for what is missing to length one. Pairs that were not given get similarity
//! zero, other texts no vector.

use super::{EmbedError, Embedder, quantise};
use rolestream_dataflows::fixed::{DIMENSIONS, UNIT_DOT, Vector, dot};
use rolestream_dataflows::text;
use serde::Deserialize;
use std::collections::BTreeMap;

/// Gives back the vectors it was given; texts are compared as keys (`text::normalise`).
#[derive(Clone, Debug)]
pub struct Replay {
    model: String,
    vectors: BTreeMap<String, Vector>,
}

/// The similarity of two texts, as a run printed it.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct Similarity {
    /// One text: a JD's sentence.
    #[serde(rename = "sentence")]
    pub left: String,
    /// The other: a KRA.
    #[serde(rename = "kra_text")]
    pub right: String,
    /// Their cosine, 0 to 1.
    pub similarity: f64,
}

impl Replay {
    /// From texts and their vectors; of two vectors of one text the later counts.
    pub fn new<T: AsRef<str>>(model: impl Into<String>, vectors: impl IntoIterator<Item = (T, Vector)>) -> Replay {
        let vectors = vectors.into_iter().map(|(text, vector)| (text::normalise(text.as_ref()), vector)).collect();
        Replay { model: model.into(), vectors }
    }

    /// From similarities of pairs of texts. They come out within .001 unless many pairs share a text.
    ///
    /// Refuses what no such vectors can have: similarities outside 0 to 1, two of one pair, a left-hand text whose
    /// similarities squared add up to more than 1, more than 256 texts, a text on both sides.
    pub fn from_similarities(model: impl Into<String>, pairs: &[Similarity]) -> Result<Replay, EmbedError> {
        let mut rights: BTreeMap<String, usize> = BTreeMap::new();
        let mut lefts: BTreeMap<String, BTreeMap<usize, f64>> = BTreeMap::new();
        for pair in pairs {
            let axis = rights.len();
            let axis = *rights.entry(text::normalise(&pair.right)).or_insert(axis);
            let others = lefts.entry(text::normalise(&pair.left)).or_default();
            let before = others.insert(axis, pair.similarity);
            if !(0.0..=1.0).contains(&pair.similarity) || before.is_some_and(|s| s != pair.similarity) {
                return Err(refused(format!("{:?} and {:?}: {}", pair.left, pair.right, pair.similarity)));
            }
        }
        if rights.len() + lefts.len() > DIMENSIONS {
            return Err(refused(format!("{} texts; there is room for {DIMENSIONS}", rights.len() + lefts.len())));
        }
        if let Some(both) = rights.keys().find(|text| lefts.contains_key(*text)) {
            return Err(refused(format!("{both:?} is on both sides")));
        }
        let axes = orthonormal(rights.len() + lefts.len());
        let along =
            |axis: usize| quantise(&axes[axis].map(|c| c as f32)).ok_or_else(|| refused("an axis is empty".into()));
        let mut vectors = BTreeMap::new();
        let mut quantised_axes = Vec::new();
        for axis in 0..rights.len() {
            quantised_axes.push(along(axis)?);
        }
        for (own, (left, others)) in lefts.into_iter().enumerate() {
            let squared: f64 = others.values().map(|s| s * s).sum();
            if squared > 1.0 {
                return Err(refused(format!("those of {left:?}, squared, add up to {squared:.2}, more than 1")));
            }
            let mut direction = axes[rights.len() + own].map(|c| c * (1.0 - squared).sqrt());
            let mut wanted = vec![0.0; rights.len()];
            for (axis, similarity) in others {
                direction.iter_mut().zip(&axes[axis]).for_each(|(to, c)| *to += similarity * c);
                wanted[axis] = similarity;
            }
            let rounded = quantise(&direction.map(|c| c as f32)).ok_or_else(|| refused("a text is empty".into()))?;
            vectors.insert(left, settle(rounded, &quantised_axes, &wanted));
        }
        vectors.extend(rights.into_iter().map(|(right, axis)| (right, quantised_axes[axis].clone())));
        Ok(Replay { model: model.into(), vectors })
    }
}

impl Embedder for Replay {
    fn model(&self) -> &str {
        &self.model
    }

    fn embed(&self, texts: &[&str]) -> Result<Vec<Option<Vector>>, EmbedError> {
        Ok(texts.iter().map(|text| self.vectors.get(&text::normalise(text)).cloned()).collect())
    }
}

fn refused(detail: String) -> EmbedError {
    EmbedError::new("no vectors have these similarities")
        .detail(detail)
        .hint("give each pair once, with a similarity from 0 to 1; leave out the smaller ones of a text that has many")
}

/// Moves single components by one until the similarities are within half a thousandth of what is wanted, or no
/// move helps: rounding alone has moved each by about a thousandth.
fn settle(rounded: Vector, axes: &[Vector], wanted: &[f64]) -> Vector {
    let mut best = rounded;
    for _ in 0..DIMENSIONS {
        let error = |(axis, wanted): (&Vector, &f64)| {
            f64::from(dot(best.components(), axis.components())) - wanted * f64::from(UNIT_DOT)
        };
        let errors: Vec<f64> = axes.iter().zip(wanted).map(error).collect();
        if errors.iter().all(|e| e.abs() <= f64::from(UNIT_DOT) / 2_000.0) {
            return best;
        }
        // What a step of +1 adds to the sum of squared errors is 2·slope + bend, of -1 it is -2·slope + bend.
        let change = |index: usize| {
            let terms = axes.iter().zip(&errors).map(|(axis, e)| (f64::from(axis.components()[index]), e));
            let (slope, bend) = terms.fold((0.0, 0.0), |(slope, bend), (a, e)| (slope + a * e, bend + a * a));
            (bend - 2.0 * slope.abs(), index, if slope > 0.0 { -1 } else { 1 })
        };
        let Some((gain, index, step)) = (0..DIMENSIONS).map(change).min_by(|a, b| a.0.total_cmp(&b.0)) else { break };
        let mut components = best.components().to_vec();
        components[index] = components[index].saturating_add(step);
        match Vector::new(&components) {
            Some(nearer) if gain < 0.0 => best = nearer,
            _ => break,
        }
    }
    best
}

/// The first `count` of 256 directions at right angles, the same in every run. Not the plain axes: those would be
/// quantised to equal components, all rounded the same way.
fn orthonormal(count: usize) -> Vec<[f64; DIMENSIONS]> {
    let mut state = 1u64;
    let mut axes: Vec<[f64; DIMENSIONS]> = Vec::with_capacity(count);
    for _ in 0..count {
        let mut axis: [f64; DIMENSIONS] = std::array::from_fn(|_| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 33) as f64 / f64::from(1u32 << 30) - 1.0
        });
        // Twice: what the first pass leaves over is taken away by the second.
        for other in axes.iter().chain(&axes) {
            let along: f64 = axis.iter().zip(other).map(|(a, b)| a * b).sum();
            axis.iter_mut().zip(other).for_each(|(a, b)| *a -= along * b);
        }
        let length = axis.iter().map(|c| c * c).sum::<f64>().sqrt();
        axes.push(axis.map(|c| c / length));
    }
    axes
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pair(left: &str, right: &str, similarity: f64) -> Similarity {
        Similarity { left: left.into(), right: right.into(), similarity }
    }

    /// What a replay makes of pairs, in micro-units.
    fn similarity(replay: &Replay, left: &str, right: &str) -> i64 {
        let vectors = replay.embed(&[left, right]).unwrap();
        i64::from(vectors[0].as_ref().unwrap().similarity(vectors[1].as_ref().unwrap()).0)
    }

    #[test]
    fn given_similarities_come_out_and_others_are_nothing() {
        let pairs = [
            pair("Keep the build green", "Maintains the pipelines", 0.81),
            pair("Keep the build green", "Reviews changes", 0.33),
            pair("Answer pages at night", "Maintains the pipelines", 0.52),
            pair("Answer pages at night", "Is on call", 0.85),
            pair("Write the minutes", "Takes part in meetings", 1.0),
            pair("Write the minutes", "Reviews changes", 0.0),
        ];
        let replay = Replay::from_similarities("printed", &pairs).unwrap();
        for p in &pairs {
            let found = similarity(&replay, &p.left, &p.right);
            assert!((found - (p.similarity * 1e6) as i64).abs() <= 1_000, "{p:?}: {found}");
        }
        assert!(similarity(&replay, "Write the minutes", "Is on call") <= 1_000);
        assert_eq!(replay.embed(&["never said"]).unwrap(), [None]);
        assert_eq!(
            similarity(&replay, " keep the build GREEN. ", "Reviews changes"),
            similarity(&replay, &pairs[1].left, &pairs[1].right)
        );
    }

    #[test]
    fn impossible_similarities_are_refused() {
        let refused = |pairs: &[Similarity]| Replay::from_similarities("printed", pairs).unwrap_err().to_string();
        assert!(refused(&[pair("a", "x", 0.8), pair("a", "y", 0.8)]).contains("1.28"));
        assert!(refused(&[pair("a", "x", 1.2)]).contains("1.2"));
        assert!(refused(&[pair("a", "x", f64::NAN)]).contains("NaN"));
        assert!(refused(&[pair("a", "x", 0.3), pair("a", "x", 0.4)]).contains("0.4"));
        assert!(refused(&[pair("a", "x", 0.3), pair("x", "y", 0.4)]).contains("both sides"));
        let many: Vec<Similarity> = (0..130).map(|n| pair(&format!("left {n}"), &format!("right {n}"), 0.5)).collect();
        assert!(refused(&many).contains("260 texts"));
        assert!(Replay::from_similarities("printed", &many[..20]).is_ok());
    }

    #[test]
    fn given_vectors_come_back() {
        let vector = quantise(&[1.0; DIMENSIONS]).unwrap();
        let replay = Replay::new("recorded", [("On Call", vector.clone())]);
        assert_eq!(replay.embed(&["other", "on call"]).unwrap(), [None, Some(vector)]);
        assert_eq!(replay.model(), "recorded");
    }
}
