//! Which dimensions are the same twice: by name, by nearly that name, by their skills?

use super::{Lints, Severity, key};
use crate::error::{Position, listed};
use crate::taxonomy::Taxonomy;
use rolestream_dataflows::records::Status;
use rolestream_dataflows::text::normalise;
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// Names at least this alike are of one thing, seen from two sides (plurals, another order of letters).
const ALIKE: f64 = 0.9;
/// Two dimensions that share fewer skills are not compared by them.
const ENOUGH: usize = 2;

pub(super) fn check(taxonomy: &Taxonomy, lints: &mut Lints) {
    same_name(taxonomy, lints);
    alike(taxonomy, lints);
}

fn same_name(taxonomy: &Taxonomy, lints: &mut Lints) {
    let mut names: HashMap<String, (&str, &Position)> = HashMap::new();
    for entry in taxonomy.dimensions.entries() {
        let slug = &*entry.record.slug;
        if let Some((other, at)) = names.insert(normalise(&entry.record.name), (slug, &entry.at)) {
            let parts = [
                format!("dimensions {slug} and {other} have the same name"),
                format!("\"{}\" stands in {at} too: in a skill cluster they cannot be told apart", entry.record.name),
                "rename one, or move its skills to the other".to_owned(),
            ];
            let subjects = [key("dimension", &[slug]), key("dimension", &[other])];
            lints.say("dimension-name-twice", Severity::Warning, &entry.at, subjects, parts);
        }
    }
}

/// Dimensions of nearly one name, and dimensions whose skills are named the same.
fn alike(taxonomy: &Taxonomy, lints: &mut Lints) {
    let named: Vec<(&str, String, &Position)> = taxonomy
        .dimensions
        .entries()
        .map(|entry| (&*entry.record.slug, normalise(&entry.record.name), &entry.at))
        .collect();
    let mut homes: HashMap<&str, BTreeSet<String>> = HashMap::new();
    for skill in taxonomy.skills.iter().filter(|skill| skill.status == Status::Active) {
        if let Some(home) = &skill.dimension {
            homes.entry(home).or_default().insert(plain(&skill.name));
        }
    }
    // By the letters in it, a name is compared only with those that can be as alike.
    let mut by_length: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for (n, (slug, name, at)) in named.iter().enumerate() {
        let length = name.chars().count();
        let (least, most) = ((length as f64 * ALIKE) as usize, (length as f64 / ALIKE).ceil() as usize);
        for other in by_length.range(least..=most).flat_map(|(_, these)| these) {
            let (first, first_name, there) = &named[*other];
            if name == first_name || strsim::normalized_damerau_levenshtein(name, first_name) < ALIKE {
                continue;
            }
            let parts = [
                format!("dimensions {slug} and {first} have nearly the same name"),
                format!("\"{name}\" here and \"{first_name}\" in {there}: they may be one"),
                "merge them, or name what sets them apart".to_owned(),
            ];
            let subjects = [key("dimension", &[slug]), key("dimension", &[first])];
            lints.say("dimension-alike", Severity::Note, at, subjects, parts);
        }
        by_length.entry(length).or_default().push(n);
    }
    let mut sets: HashMap<&BTreeSet<String>, (&str, &Position)> = HashMap::new();
    for (slug, _, at) in &named {
        let Some(skills) = homes.get(slug).filter(|skills| skills.len() >= ENOUGH) else { continue };
        let Some((first, there)) = sets.insert(skills, (slug, at)) else { continue };
        let parts = [
            format!("dimensions {slug} and {first} hold the same skills"),
            format!("{} are named alike in both; the other stands in {there}", listed(skills)),
            "merge the dimensions and the skills".to_owned(),
        ];
        let subjects = [key("dimension", &[slug]), key("dimension", &[first])];
        lints.say("dimension-alike", Severity::Warning, at, subjects, parts);
    }
}

/// A name without case, spaces and punctuation but `+` and `#`.
fn plain(name: &str) -> String {
    normalise(name).chars().filter(|c| c.is_alphanumeric() || matches!(c, '+' | '#')).collect()
}
