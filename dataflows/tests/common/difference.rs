//! Where do two snapshots differ first?

use rolestream_dataflows::views::Snapshot;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Debug;

/// The first view and row that differ, with both sides; nothing where all are equal.
pub(crate) fn difference(expected: &Snapshot, got: &Snapshot) -> Option<String> {
    let members = |of: &Snapshot| of.members.iter().cloned().map(|member| (member, ())).collect();
    of_maps("decisions", &expected.decisions, &got.decisions)
        .or_else(|| of_maps("members", &members(expected), &members(got)))
        .or_else(|| of_maps("centroids", &expected.centroids, &got.centroids))
        .or_else(|| of_maps("role centroids", &expected.role_centroids, &got.role_centroids))
        .or_else(|| of_maps("skill_support", &expected.skill_support, &got.skill_support))
        .or_else(|| of_maps("kra_support", &expected.kra_support, &got.kra_support))
        .or_else(|| of_maps("collisions", &expected.collisions, &got.collisions))
        .or_else(|| of_maps("undecided", &expected.undecided, &got.undecided))
        .or_else(|| of_maps("new_roles", &expected.new_roles, &got.new_roles))
        .or_else(|| of_maps("new_skills", &expected.new_skills, &got.new_skills))
        .or_else(|| of_maps("new_kras", &expected.new_kras, &got.new_kras))
        .or_else(|| of_maps("novel_sentences", &expected.novel_sentences, &got.novel_sentences))
        .or_else(|| of_maps("impact", &expected.impact, &got.impact))
        .or_else(|| of_maps("clusters", &expected.clusters, &got.clusters))
        .or_else(|| of_maps("counts", &expected.counts, &got.counts))
        .or_else(|| of_maps("baselines", &expected.baselines, &got.baselines))
        .or_else(|| of_maps("skill_sets", &expected.skill_sets, &got.skill_sets))
        .or_else(|| (expected != got).then(|| "a view this comparison does not know".to_owned()))
}

fn of_maps<K: Ord + Debug, V: PartialEq + Debug>(
    view: &str,
    expected: &BTreeMap<K, V>,
    got: &BTreeMap<K, V>,
) -> Option<String> {
    let keys: BTreeSet<&K> = expected.keys().chain(got.keys()).collect();
    let key = keys.iter().find(|key| expected.get(key) != got.get(key))?;
    let differing = keys.iter().filter(|key| expected.get(key) != got.get(key)).count();
    let (expected, got) = unlike_lines(expected.get(key), got.get(key));
    Some(format!("view {view}: {differing} rows differ, first {key:?}\n oracle:\n{expected}\n engine:\n{got}"))
}

/// Both rows, without the lines in which they agree at the beginning and the end.
fn unlike_lines<V: Debug>(expected: Option<&V>, got: Option<&V>) -> (String, String) {
    let text = |row: Option<&V>| row.map_or("no such row".to_owned(), |row| format!("{row:#?}"));
    let (expected, got) = (text(expected), text(got));
    let (expected, got): (Vec<&str>, Vec<&str>) = (expected.lines().collect(), got.lines().collect());
    let alike = |(a, b): &(&&str, &&str)| a == b;
    let head = expected.iter().zip(&got).take_while(alike).count();
    let tail = expected[head..].iter().rev().zip(got[head..].iter().rev()).take_while(alike).count();
    (expected[head..expected.len() - tail].join("\n"), got[head..got.len() - tail].join("\n"))
}
