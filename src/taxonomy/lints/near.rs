//! Which responsibilities of different roles say nearly the same?

use super::{Lints, Severity, key};
use crate::taxonomy::Taxonomy;
use crate::taxonomy::ownership::owner;
use rolestream_dataflows::fixed::{Micro, Vector, similarity_of_dot};
use rolestream_dataflows::kernel::{Group, Isa, LANES, MOST_ROWS, Rows, best_rows, unpack};
use rolestream_dataflows::text::normalise;
use std::collections::BTreeMap;

/// From this similarity on two sentences say nearly the same: a JD's sentence is as like the one as the other.
pub const NEARLY_EQUAL: Micro = Micro(950_000);
/// Texts given to the embedder at once.
const BATCH: usize = 1024;

/// A responsibility that counts for a role: its place among the records, that role, its vector.
type Owned<'a> = (usize, &'a str, Vector);

pub(super) fn check(taxonomy: &Taxonomy, embed: &mut dyn FnMut(&[&str]) -> Vec<Option<Vector>>, lints: &mut Lints) {
    let entries: Vec<_> = taxonomy.kras.entries().collect();
    let texts: Vec<&str> = entries.iter().map(|entry| &*entry.record.sentence).collect();
    let mut vectors = Vec::with_capacity(texts.len());
    texts.chunks(BATCH).for_each(|texts| vectors.extend(embed(texts)));
    let owned = vectors.into_iter().enumerate();
    let owned = owned.filter_map(|(n, vector)| Some((n, owner(&taxonomy.roles, &entries[n].record.role)?, vector?)));
    let mut owned: Vec<Owned<'_>> = owned.collect();
    owned.sort_by_key(|(n, role, _)| (*role, *n));
    // Of each responsibility the nearest of another role is enough, and of two that are each other's one message.
    let mut pairs: BTreeMap<(usize, usize), Micro> = BTreeMap::new();
    for (place, nearest) in nearest(&owned).into_iter().enumerate() {
        let Some((dot, other)) = nearest else { continue };
        let (one, other) = (owned[place].0, owned[other].0);
        let similarity = similarity_of_dot(dot);
        // The very same sentence is another lint.
        if similarity >= NEARLY_EQUAL && normalise(texts[one]) != normalise(texts[other]) {
            pairs.insert((one.min(other), one.max(other)), similarity);
        }
    }
    for ((first, second), similarity) in pairs {
        let (first, second) = (entries[first], entries[second]);
        let parts = [
            format!("responsibilities {} and {} say nearly the same", second.record.id, first.record.id),
            format!(
                "their similarity is {similarity}; they are of roles {} and {}, and the other stands in {}",
                second.record.role, first.record.role, first.at
            ),
            "say what sets the roles apart, or remove one".to_owned(),
        ];
        let subjects = [key("kra", &[&second.record.id]), key("kra", &[&first.record.id])];
        lints.say("near-kra", Severity::Warning, &second.at, subjects, parts);
    }
}

/// For each of these, which are sorted by role: the greatest dot product with one of another role, and its place.
fn nearest(owned: &[Owned<'_>]) -> Vec<Option<(i32, usize)>> {
    let rows = Rows::new(owned.iter().map(|(_, _, vector)| vector.components()));
    let mut groups = vec![Group::empty(); owned.len().div_ceil(LANES)];
    for (place, (_, _, vector)) in owned.iter().enumerate() {
        groups[place / LANES].put(place % LANES, vector.components());
    }
    let mut best = vec![0; groups.len() * LANES];
    let mut nearest: Vec<Option<(i32, usize)>> = vec![None; owned.len()];
    let mut start = 0;
    for of_role in owned.chunk_by(|a, b| a.1 == b.1) {
        for part in of_role.chunks(MOST_ROWS) {
            best_rows(Isa::detect(), &groups, rows.range(start..start + part.len()), &mut best);
            for (place, packed) in best.iter().take(owned.len()).enumerate() {
                let (dot, row) = unpack(*packed);
                if owned[place].1 != part[0].1 && nearest[place].is_none_or(|(nearest, _)| dot > nearest) {
                    nearest[place] = Some((dot, start + row));
                }
            }
            start += part.len();
        }
    }
    nearest
}
