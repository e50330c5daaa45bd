//! Which sentences of many runs say what a role does? Those that many of the runs say, then those most like all others.
//!
//! Sentences that are nearly the same stand for each other. The answer does not depend on the order of the runs.

use rolestream_dataflows::fixed::{Micro, dot, similarity_of_dot};
use rolestream_dataflows::text::normalise;
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

/// From here on two sentences say the same.
const SAME: Micro = Micro(800_000);
/// Distinct sentences that are compared with each other; what is said by most runs comes first.
const COMPARED: usize = 2_000;

/// A sentence that stands for those nearly equal to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Central<'a> {
    pub(super) sentence: &'a str,
    /// How many runs say it.
    pub(super) runs: usize,
}

/// A text as several runs may write it.
struct Distinct<'a> {
    text: &'a str,
    vector: &'a [i8],
    runs: BTreeSet<usize>,
}

/// At most so many sentences: by runs, then by similarity to the mean of all sentences, then by text. A sentence whose
/// vector is zero is like nothing and is left out.
pub(super) fn central<'a>(runs: &[&[(&'a str, &'a [i8])]], most: usize) -> Vec<Central<'a>> {
    let distinct = distinct(runs);
    let neighbours: Vec<Vec<usize>> = distinct
        .iter()
        .map(|one| {
            let same = |other: &Distinct<'_>| similarity_of_dot(dot(one.vector, other.vector)) >= SAME;
            (0..distinct.len()).filter(|n| std::ptr::eq(one, &distinct[*n]) || same(&distinct[*n])).collect()
        })
        .collect();
    let centrality = centrality(&distinct);
    let mut left: Vec<bool> = vec![true; distinct.len()];
    let mut found = Vec::new();
    while found.len() < most {
        let said_by = |n: usize| {
            let near = neighbours[n].iter().filter(|other| left[**other]);
            near.flat_map(|other| &distinct[*other].runs).collect::<BTreeSet<_>>().len()
        };
        let candidates = (0..distinct.len()).filter(|n| left[*n]);
        let rank = |n: usize| (said_by(n), centrality[n], Reverse(distinct[n].text));
        let Some((best, runs)) = candidates.map(|n| (rank(n), n)).max().map(|(rank, n)| (n, rank.0)) else { break };
        found.push(Central { sentence: distinct[best].text, runs });
        neighbours[best].iter().for_each(|near| left[*near] = false);
    }
    found
}

fn distinct<'a>(runs: &[&[(&'a str, &'a [i8])]]) -> Vec<Distinct<'a>> {
    let mut distinct: BTreeMap<String, Distinct<'a>> = BTreeMap::new();
    for (run, sentences) in runs.iter().enumerate() {
        for (text, vector) in sentences.iter().filter(|(_, vector)| vector.iter().any(|c| *c != 0)) {
            let one = distinct.entry(normalise(text)).or_insert(Distinct { text, vector, runs: BTreeSet::new() });
            if *text < one.text {
                (one.text, one.vector) = (text, vector);
            }
            one.runs.insert(run);
        }
    }
    let mut distinct: Vec<Distinct<'_>> = distinct.into_values().collect();
    distinct.sort_by_key(|one| Reverse(one.runs.len()));
    distinct.truncate(COMPARED);
    distinct
}

/// How like each is to the sum of all; only for comparison.
fn centrality(distinct: &[Distinct<'_>]) -> Vec<i64> {
    let mut sum: Vec<i64> = vec![0; distinct.first().map_or(0, |one| one.vector.len())];
    for one in distinct {
        let weight = one.runs.len() as i64;
        sum.iter_mut().zip(one.vector).for_each(|(sum, c)| *sum += weight * i64::from(*c));
    }
    distinct.iter().map(|one| one.vector.iter().zip(&sum).map(|(c, sum)| i64::from(*c) * sum).sum()).collect()
}
