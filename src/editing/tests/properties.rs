//! Random operations over a small world: are versions exact in both directions, and does nothing get lost?

use super::{change, kitchen, lines, op};
use crate::editing::values::{self, Values};
use crate::editing::{Operation, Overlay, Restore, Version, versions};
use crate::sources::Edit;
use rand::prelude::IndexedRandom;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use rolestream_dataflows::fixed::Micro;
use rolestream_dataflows::records::{Change, Record, Settings};
use serde_json::json;
use std::collections::BTreeMap;

const SEEDS: u64 = 60;
const VERSIONS: u64 = 8;

fn restored(restore: Restore) -> Change {
    match restore {
        Restore::Edit(Edit::Put(line)) => change(line),
        Restore::Edit(Edit::Delete(key)) => Change::Delete(key),
        Restore::Raw(raw) => raw.change().unwrap(),
    }
}

/// Names from a pool small enough that operations often meet; many are refused, and that is fine.
fn random(rng: &mut ChaCha8Rng) -> Operation {
    let one = |rng: &mut ChaCha8Rng, of: &[&str]| (*of.choose(rng).unwrap()).to_owned();
    let roles = ["cook", "baker", "grill", "r1", "r2"];
    let skills = ["knife", "oven", "dough", "fire", "s1"];
    let texts = ["Chef", "Line Cook", "Pastry Chef", "Blade", "Cleaver", "Flame", "Hand"];
    let kras = ["cook/cuts", "cook/fries", "baker/bakes"];
    let (role, other) = (one(rng, &roles), one(rng, &roles));
    let (skill, another) = (one(rng, &skills), one(rng, &skills));
    let dimension = one(rng, &["tools", "heat", "d1"]);
    let (text, kra) = (one(rng, &texts), one(rng, &kras));
    op(match rng.random_range(0..28) {
        0 => json!({"op": "create_role", "slug": role, "name": format!("Role {role}")}),
        1 => json!({"op": "change_role", "role": role, "name": format!("{text} {other}")}),
        2 => json!({"op": "retire_role", "role": role, "with_merged": true}),
        3 => json!({"op": "reactivate_role", "role": role}),
        4 | 5 => json!({"op": "merge_roles", "into": role, "roles": [other]}),
        6 => json!({"op": "unmerge_role", "role": role}),
        7 => {
            json!({"op": "split_role", "role": role, "new": {"slug": other, "name": format!("Part {other}")}, "aliases": [text], "kras": [kra]})
        }
        8 => json!({"op": "create_skill", "slug": skill, "name": format!("Skill {skill}"), "dimension": dimension}),
        9 => json!({"op": "change_skill", "skill": skill, "aliases": [text], "dimension": null}),
        10 => json!({"op": "retire_skill", "skill": skill}),
        11 => json!({"op": "reactivate_skill", "skill": skill}),
        12 | 13 => json!({"op": "merge_skills", "into": skill, "skills": [another]}),
        14 => json!({"op": "unmerge_skill", "skill": skill}),
        15 => json!({"op": "split_skill", "skill": skill, "new": {"name": text}, "shared_roles": [role]}),
        16 => json!({"op": "create_dimension", "slug": dimension, "name": dimension}),
        17 => json!({"op": "delete_dimension", "dimension": dimension, "force": true}),
        18 => json!({"op": "merge_dimensions", "into": dimension, "dimensions": ["heat"]}),
        19 => json!({"op": "add_role_dimension", "role": role, "dimension": dimension}),
        20 => json!({"op": "move_role_dimension", "role": role, "dimension": dimension, "to": other}),
        21 => json!({"op": "add_role_skill", "role": role, "skill": skill}),
        22 => json!({"op": "create_kra", "role": role, "sentence": format!("{text} is done well.")}),
        23 => json!({"op": "move_kra", "kra": kra, "to": role}),
        24 => json!({"op": "add_alias", "role": role, "text": text}),
        25 => json!({"op": "move_alias", "role": role, "text": text, "to": other}),
        26 => json!({"op": "put_alias_rule", "term": text, "verdict": {"assigned": role}}),
        _ => json!({"op": "delete", "key": format!("kra/{kra}")}),
    })
}

/// What must hold whatever operations were done: survivors are active, names and numbers are used once.
fn invariants(records: &Values, seed: u64) {
    let mut numbers = BTreeMap::new();
    let mut names = BTreeMap::new();
    for (key, value) in records {
        let collection = value["collection"].as_str().unwrap();
        if !matches!(collection, "roles" | "skills") {
            continue;
        }
        let other = numbers.insert((collection, value["id"].as_u64()), key);
        assert_eq!(other, None, "seed {seed}: {key} has its number");
        match value.get("status").and_then(|status| status.as_str()) {
            Some("merged") => {
                let into = format!("{}/{}", values::kind(key), value["replaced_by"].as_str().unwrap());
                assert_eq!(records[&into].get("status"), None, "seed {seed}: {key} is merged into {into}");
            }
            Some(_) => assert_eq!(value.get("replaced_by"), None, "seed {seed}: {key}"),
            None if collection == "roles" => {
                let name = rolestream_dataflows::text::normalise(value["name"].as_str().unwrap());
                assert_eq!(names.insert(name, key), None, "seed {seed}: the name of {key}");
            }
            None => {}
        }
    }
}

#[test]
fn every_version_can_be_read_compared_and_gone_back_to() {
    let mut done = 0;
    for seed in 0..SEEDS {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        let mut tables = kitchen();
        let mut kept: Vec<Values> = vec![values::all(&tables)];
        let mut published: Vec<Version> = Vec::new();
        for number in 1..=VERSIONS {
            let mut overlay = Overlay::new(&tables);
            for _ in 0..rng.random_range(1..8) {
                let operation = random(&mut rng);
                done += usize::from(overlay.apply(&operation).is_ok());
            }
            let mut batch: Vec<Change> =
                overlay.edits().into_iter().map(|edit| restored(Restore::Edit(edit))).collect();
            let expected = values::of_records(&overlay);
            if rng.random_range(0..3) == 0 {
                let settings = Settings { kra_min: Micro(rng.random_range(0..1_000_000)), ..Settings::default() };
                batch.push(Change::Put(Record::Settings(settings)));
            }
            let changes = versions::changes(&tables, &batch);
            let (author, why) = (String::new(), String::new());
            published.push(Version { number, at: 0, author, why, draft: None, undoes: None, changes });
            batch.into_iter().for_each(|change| drop(tables.apply(change)));
            assert_eq!(values::of_records(&tables), expected, "seed {seed}: the edits lead to what the draft showed");
            invariants(&expected, seed);
            kept.push(values::all(&tables));
        }
        for (j, then) in kept.iter().enumerate() {
            let as_of = versions::as_of(&tables, &published[j..]).unwrap();
            let mut lines_then = then.clone();
            let settings = lines_then.remove("settings/").unwrap();
            assert_eq!(values::of_records(&as_of), lines_then, "seed {seed}, as of {j}");
            if let Some(was) = versions::before(&published[j..]).get("settings/") {
                assert_eq!(was.as_ref(), Some(&settings), "seed {seed}, settings as of {j}");
            }
            let mut back = tables.clone();
            for restore in versions::rollback(&tables, &published[j..]).unwrap() {
                assert_ne!(back.apply(restored(restore)), [], "seed {seed}: what is so already is left out");
            }
            assert_eq!(values::all(&back), *then, "seed {seed}, rolled back to {j}");
            for (k, later) in kept.iter().enumerate().skip(j) {
                let mut there = then.clone();
                for changed in versions::diff(&published[j..k]) {
                    assert_ne!(changed.before, changed.after);
                    assert_eq!(there.get(&changed.key), changed.before.as_ref(), "seed {seed}, {j} to {k}");
                    match changed.after {
                        Some(value) => there.insert(changed.key, value),
                        None => there.remove(&changed.key),
                    };
                }
                assert_eq!(there, *later, "seed {seed}, {j} to {k}");
            }
        }
    }
    assert!(done > SEEDS as usize * 8, "only {done} operations were possible");
}

#[test]
fn a_merge_in_a_later_version_is_taken_back_whole_with_those_it_took_along() {
    let mut tried = 0;
    for seed in 0..SEEDS {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        let tables = kitchen();
        let mut overlay = Overlay::new(&tables);
        (0..12).for_each(|_| drop(overlay.apply(&random(&mut rng))));
        let base = lines(&overlay);
        let mut merged = Overlay::new(&base);
        let (into, role) = *[("cook", "baker"), ("grill", "cook"), ("baker", "grill")].choose(&mut rng).unwrap();
        if merged.apply(&op(json!({"op": "merge_roles", "into": into, "roles": [role]}))).is_err() {
            continue;
        }
        tried += 1;
        let changes: Vec<_> = merged
            .touched()
            .map(|key| {
                let shown = crate::sources::decode::shown_key(key);
                let value = |records: &dyn crate::editing::Records| records.get(key).map(|line| values::of_line(&line));
                crate::editing::Changed { key: shown, before: value(&base), after: value(&merged) }
            })
            .collect();
        let (author, why) = (String::new(), String::new());
        let version = Version { number: 1, at: 0, author, why, draft: None, undoes: None, changes };
        let with = versions::merged_along([&version], "role", role);
        merged.apply(&op(json!({"op": "unmerge_role", "role": role, "with": with}))).unwrap();
        assert_eq!(lines(&merged), base, "seed {seed}");
    }
    assert!(tried > 10, "{tried}");
}

#[test]
fn a_split_loses_nothing_and_doubles_nothing() {
    for seed in 0..SEEDS {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        let tables = kitchen();
        let mut overlay = Overlay::new(&tables);
        let part = |rng: &mut ChaCha8Rng, of: &[&str]| -> Vec<String> {
            of.iter().filter(|_| rng.random_range(0..2) == 0).map(|text| (*text).to_owned()).collect()
        };
        let split = json!({
            "op": "split_role", "role": "cook", "new": {"name": "Part"},
            "aliases": part(&mut rng, &["Chef", "Line Cook"]), "kras": part(&mut rng, &["cook/cuts", "cook/fries"]),
            "skills": part(&mut rng, &["knife", "fire"]), "dimensions": part(&mut rng, &["tools", "heat"]),
        });
        overlay.apply(&op(split.clone())).unwrap();
        // With the new role called as the old one, the two hold together what one held.
        let owned = |records: Values, role: &str| {
            let mut owned: Vec<String> = Vec::new();
            for (key, mut value) in records {
                if value.get("role").is_some_and(|owner| owner == "cook" || owner == role) {
                    value["role"] = "cook".into();
                    owned.push(format!("{} {value}", values::kind(&key)));
                }
            }
            owned.sort();
            owned
        };
        let before = owned(values::of_records(&tables), "part");
        assert_eq!(owned(values::of_records(&overlay), "part"), before, "seed {seed}");
        let moved = overlay.edits().iter().filter(|edit| matches!(edit, Edit::Put(_))).count() - 1;
        let named = ["aliases", "kras", "skills", "dimensions"].map(|list| split[list].as_array().unwrap().len());
        assert_eq!(moved, named.iter().sum::<usize>(), "seed {seed}");
    }
}
