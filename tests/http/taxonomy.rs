//! Drafts, previews, versions: is what a preview says what publishing does, and does rollback bring everything back?

use crate::contested::{self, FORMS, KRAS, ROLE_SLUGS, SKILL_SLUGS, TITLES};
use crate::world::{Client, World, until};
use rand::prelude::IndexedRandom;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use rolestream::engine::Stated;
use rolestream::report::{reasoning, step_one};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// Random drafts that are tried; one alone with ROLESTREAM_SEED=n.
const SEEDS: u64 = 150;

fn world() -> World {
    let folder = tempfile::tempdir().unwrap();
    contested::write(folder.path());
    let world = World::of_taxonomy(folder.path(), &[]);
    let lines: String =
        contested::jds().into_iter().map(|(id, text)| format!("{}\n", json!({"id": id, "text": text}))).collect();
    let bulk = world.admin().ask("POST", "/jds?wait=60", "application/x-ndjson", Some(&lines)).ok();
    assert_eq!(bulk["visible"], true);
    world
}

/// Waits until nothing is left to be read again, and all of it stands.
fn settle(world: &World) {
    let store = world.service().store();
    until("held texts are read again", || store.pending_reparse().unwrap().is_none());
    world.service().engine().wait_for_all().unwrap();
}

fn version(client: &Client) -> u64 {
    client.get("/taxonomy").ok()["version"].as_u64().unwrap()
}

/// A draft of these operations; its number.
fn draft(client: &Client, operations: &[Value]) -> u64 {
    let made = client.post("/taxonomy/drafts", &json!({"title": "a draft", "operations": operations}));
    assert_eq!(made.status, 201, "{}", made.text);
    made.json()["id"].as_u64().unwrap()
}

fn publish(client: &Client, draft: u64) -> u64 {
    let asked = json!({"why": "it is better so"});
    client.post(&format!("/taxonomy/drafts/{draft}/publish"), &asked).ok()["version"].as_u64().unwrap()
}

fn rollback(client: &Client, to: u64) -> Value {
    client.post("/taxonomy/rollback", &json!({"to": to, "why": "it was not"})).ok()
}

/// What is compared of a decision.
fn said(decided: &Value) -> Value {
    json!({"case": decided["case"], "rule": decided["rule"], "role": decided["role"], "new_role": decided["new_role_slug"]})
}

/// What a preview lists, by run.
fn previewed(preview: &Value) -> BTreeMap<String, (Value, Value)> {
    let runs = preview["runs"].as_array().unwrap().iter();
    runs.map(|run| (run["run_id"].as_str().unwrap().to_owned(), (said(&run["before"]), said(&run["after"])))).collect()
}

/// What the log of role changes after a number comes to, by run.
fn changed(world: &World, after: u64) -> BTreeMap<String, (Value, Value)> {
    let lookup = world.service().lookup();
    let stated = |stated: &Option<Stated>| {
        let said = &stated.as_ref().expect("no JD comes or goes").said;
        let (case, rule) = (reasoning::case(said.case), reasoning::rule(said.rule));
        json!({"case": case, "rule": rule, "role": said.role.map(|role| lookup.role(role)), "new_role": said.new_role})
    };
    let mut net: BTreeMap<String, (Value, Value)> = BTreeMap::new();
    for (_, stored) in world.service().store().role_changes(after, usize::MAX).unwrap() {
        let change = stored.change;
        let run = step_one::run_id(change.jd, change.content);
        net.entry(run).or_insert_with(|| (stated(&change.before), Value::Null)).1 = stated(&change.after);
    }
    net.retain(|_, (before, after)| before != after);
    net
}

/// An operation that may or may not be possible.
fn random(rng: &mut ChaCha8Rng) -> Value {
    let one = |rng: &mut ChaCha8Rng, of: &[&str]| (*of.choose(rng).unwrap()).to_owned();
    let (role, other) = (one(rng, &ROLE_SLUGS), one(rng, &ROLE_SLUGS));
    let (skill, another) = (one(rng, &SKILL_SLUGS), one(rng, &SKILL_SLUGS));
    let (title, form, kra) = (one(rng, &TITLES), one(rng, &FORMS), one(rng, &KRAS));
    let dimension = one(rng, &["data", "web", "ops"]);
    match rng.random_range(0..26) {
        0 => json!({"op": "create_role", "slug": role, "name": title}),
        1 => json!({"op": "change_role", "role": role, "name": format!("Senior {title}")}),
        2 => json!({"op": "retire_role", "role": role, "with_merged": true}),
        3 | 4 => json!({"op": "merge_roles", "into": role, "roles": [other]}),
        5 => json!({"op": "unmerge_role", "role": role}),
        6 => {
            json!({"op": "split_role", "role": role, "new": {"slug": "r1", "name": form}, "aliases": [title], "kras": [kra]})
        }
        7 | 8 => json!({"op": "add_alias", "role": role, "text": title}),
        9 => json!({"op": "delete_alias", "role": role, "text": title}),
        10 => json!({"op": "move_alias", "role": role, "text": title, "to": other}),
        11 => json!({"op": "put_alias_rule", "term": title, "verdict": {"assigned": role}}),
        12 => {
            json!({"op": "put_alias_rule", "term": title, "verdict": {"by_skills": {"role": role, "skills": [skill]}}})
        }
        13 => {
            json!({"op": "create_kra", "role": role, "sentence": "Writes tests for services and fixes what they find."})
        }
        14 => json!({"op": "change_kra", "kra": kra, "sentence": "Bakes bread and cake for the whole town."}),
        15 => json!({"op": "move_kra", "kra": kra, "to": role}),
        16 => json!({"op": "delete_kra", "kra": kra}),
        17 => json!({"op": "add_role_skill", "role": role, "skill": skill}),
        18 => json!({"op": "remove_role_skill", "role": role, "skill": skill}),
        19 => json!({"op": "create_skill", "slug": skill, "name": form, "dimension": dimension, "kind": "tool"}),
        20 => json!({"op": "change_skill", "skill": skill, "name": form}),
        21 => json!({"op": "retire_skill", "skill": skill, "with_merged": true}),
        22 => json!({"op": "merge_skills", "into": skill, "skills": [another]}),
        23 => json!({"op": "add_skill_alias", "skill": skill, "text": form}),
        24 => json!({"op": "move_skill_alias", "skill": skill, "text": form, "to": another}),
        _ => json!({"op": "merge_dimensions", "into": dimension, "dimensions": ["ops"]}),
    }
}

#[test]
fn a_preview_is_what_publishing_does_and_rollback_brings_every_view_back() {
    let seed = std::env::var("ROLESTREAM_SEED").ok().map(|seed| seed.parse::<u64>().unwrap());
    let seeds = seed.map_or(0..SEEDS, |seed| seed..seed + 1);
    let world = world();
    let (client, engine, store) = (world.admin(), world.service().engine(), world.service().store());
    let (mut tried, mut moving, mut reread) = (0, 0, 0);
    for seed in seeds {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        let id = draft(&client, &[]);
        let wanted = rng.random_range(1..5);
        let mut done = Vec::new();
        for _ in 0..40 {
            let operation = random(&mut rng);
            let added =
                client.post(&format!("/taxonomy/drafts/{id}/operations"), &json!({"operations": [operation.clone()]}));
            assert!(matches!(added.status, 200 | 422), "seed {seed}, {operation}: {}", added.text);
            if added.status == 200 {
                done.push(operation);
            }
            if done.len() == wanted {
                break;
            }
        }
        let (before, records, number) = (engine.snapshot().unwrap(), store.records().unwrap(), version(&client));
        let log = store.last_role_change().unwrap();
        let preview = client.post(&format!("/taxonomy/drafts/{id}/preview"), &json!(null)).ok();
        assert_eq!((&preview["reading"]["complete"], &preview["reading"]["behind"]), (&json!(true), &json!(false)));
        assert_eq!(engine.snapshot().unwrap(), before, "seed {seed}: a preview has no effect");
        let published = client.post(&format!("/taxonomy/drafts/{id}/publish"), &json!({}));
        if published.status == 409 {
            assert_eq!(published.json()["type"], "/problems/nothing-to-do", "seed {seed}: {}", published.text);
            assert_eq!((&preview["total"], &preview["records"]), (&json!(0), &json!(0)), "seed {seed}");
            continue;
        }
        assert_eq!(published.ok()["version"], number + 1, "seed {seed}");
        settle(&world);
        let (foretold, found) = (previewed(&preview), changed(&world, log));
        assert_eq!(foretold, found, "seed {seed}: left is foretold, right is what publishing did; {done:#?}");
        assert_eq!(preview["total"], found.len(), "seed {seed}");
        for by in ["by_role", "by_rule", "by_case"] {
            let runs = preview[by].as_array().unwrap().iter().map(|movement| movement["runs"].as_u64().unwrap());
            assert_eq!(runs.sum::<u64>(), found.len() as u64, "seed {seed}, {by}");
        }
        tried += 1;
        moving += usize::from(!found.is_empty());
        reread += usize::from(!found.is_empty() && preview["reading"]["differ"].as_u64() > Some(0));
        rollback(&client, number);
        settle(&world);
        assert_eq!(store.records().unwrap(), records, "seed {seed}: all records, vectors too");
        assert_eq!(engine.snapshot().unwrap(), before, "seed {seed}: rolled back; {done:#?}");
    }
    println!("{tried} drafts were published; {moving} of them moved a run, {reread} of these by reading texts again");
    if seed.is_none() {
        assert!(moving * 3 >= tried && tried * 4 >= SEEDS as usize * 3, "{moving} of {tried} of {SEEDS}");
        assert!(reread >= 3, "{reread}");
    }
}

#[test]
fn a_merge_moves_the_members_and_taking_it_back_brings_them_home() {
    let world = world();
    let client = world.admin();
    let members =
        |role: &str| client.get(&format!("/runs?limit=100&role={role}")).ok()["runs"].as_array().unwrap().len();
    let (start, data, analytics) = (version(&client), members("data-engineer"), members("analytics-engineer"));
    assert!(data > 0 && analytics > 0, "{data}, {analytics}");
    let before = world.service().engine().snapshot().unwrap();
    let merge = json!({"op": "merge_roles", "into": "data-engineer", "roles": ["analytics-engineer"]});
    let number = publish(&client, draft(&client, &[merge]));
    assert!(members("data-engineer") >= data + analytics, "what was read is true already");
    assert_eq!(members("analytics-engineer"), 0);
    let told = client.get("/taxonomy/roles/analytics-engineer").ok();
    assert_eq!((&told["redirect"], &told["aliases"][0]), (&json!("data-engineer"), &json!("BI Developer")));
    assert_eq!(client.get("/taxonomy/roles/data-engineer").ok()["merged"], json!(["analytics-engineer"]));
    assert_eq!(client.get(&format!("/taxonomy/roles/data-engineer?as_of={start}")).ok()["merged"], json!([]));
    publish(&client, draft(&client, &[json!({"op": "unmerge_role", "role": "analytics-engineer"})]));
    assert_eq!(world.service().engine().snapshot().unwrap(), before);
    rollback(&client, number);
    assert_eq!(members("analytics-engineer"), 0, "back to the merge");
    assert_eq!(rollback(&client, start)["records"], 1);
    assert_eq!(world.service().engine().snapshot().unwrap(), before);
    let nothing = client.post("/taxonomy/rollback", &json!({"to": start}));
    assert_eq!(nothing.refused(409), format!("the records are those of version {start}"));
    client.post("/taxonomy/rollback", &json!({"to": 99})).refused(404);
}

#[test]
fn every_version_can_be_read_and_differences_lead_from_one_to_another() {
    let world = world();
    let client = world.admin();
    let mut exports = vec![client.get("/taxonomy/export").text];
    for operation in [
        json!({"op": "add_alias", "role": "ml-engineer", "text": "Model Whisperer"}),
        json!({"op": "create_skill", "name": "Alembic", "dimension": "data"}),
        json!({"op": "delete_alias", "role": "ml-engineer", "text": "model whisperer"}),
        json!({"op": "delete_dimension", "dimension": "web", "force": true}),
    ] {
        publish(&client, draft(&client, &[operation]));
        exports.push(client.get("/taxonomy/export").text);
    }
    let parse = |export: &str| -> BTreeMap<String, Value> {
        let lines = export.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
        lines.map(|line| (line.to_string(), line)).collect()
    };
    for (n, export) in exports.iter().enumerate() {
        let n = n as u64 + 1;
        assert_eq!(&client.get(&format!("/taxonomy/export?as_of={n}")).text, export, "as of {n}");
        for (m, other) in exports.iter().enumerate() {
            let diff = client.get(&format!("/taxonomy/diff?from={n}&to={}", m + 1)).ok();
            let mut there = parse(export);
            for change in diff["changes"].as_array().unwrap() {
                if !change["before"].is_null() {
                    assert!(there.remove(&change["before"].to_string()).is_some(), "{n} to {}: {change}", m + 1);
                }
                if !change["after"].is_null() {
                    there.insert(change["after"].to_string(), change["after"].clone());
                }
            }
            assert_eq!(there, parse(other), "{n} to {}", m + 1);
        }
    }
    let page = client.get("/taxonomy/aliases?as_of=2&text=WHISPERER&role=ml-engineer").ok();
    assert_eq!((&page["total"], &page["records"][0]["text"]), (&json!(1), &json!("Model Whisperer")));
    assert_eq!(client.get("/taxonomy/aliases?text=whisperer").ok()["total"], 0);
    let first = client.get("/taxonomy/skills?limit=10").ok();
    let rest = client.get(&format!("/taxonomy/skills?limit=10&cursor={}", first["next"].as_str().unwrap())).ok();
    let slugs: Vec<&str> = [&first, &rest]
        .iter()
        .flat_map(|page| page["records"].as_array().unwrap().iter().map(|skill| skill["slug"].as_str().unwrap()))
        .collect();
    assert!(slugs.len() == 16 && slugs.is_sorted() && rest["next"].is_null(), "{slugs:?}");
    let versions = client.get("/taxonomy/versions?limit=2").ok();
    let numbers = |page: &Value| -> Vec<u64> {
        page["versions"].as_array().unwrap().iter().map(|version| version["number"].as_u64().unwrap()).collect()
    };
    assert_eq!(numbers(&versions), [5, 4]);
    let older = client.get(&format!("/taxonomy/versions?cursor={}", versions["next"].as_str().unwrap())).ok();
    assert_eq!((numbers(&older), &older["next"]), (vec![3, 2], &json!(null)));
    let version = client.get("/taxonomy/versions/2").ok();
    assert_eq!(version["changes"][0]["key"], "alias/ml-engineer/model whisperer");
    assert_eq!((&version["author"], &version["why"]), (&json!("admin"), &json!("it is better so")));
    for path in ["/taxonomy/export?as_of=6", "/taxonomy/roles?as_of=0", "/taxonomy/versions/1", "/taxonomy/colours"] {
        client.get(path).refused(404);
    }
}

#[test]
fn what_others_changed_meanwhile_must_have_been_seen() {
    let world = world();
    let client = world.admin();
    let rename = |name: &str| json!({"op": "change_role", "role": "ml-engineer", "name": name});
    let (mine, theirs) = (draft(&client, &[rename("Model Engineer")]), draft(&client, &[rename("Model Maker")]));
    let number = publish(&client, theirs);
    let path = format!("/taxonomy/drafts/{mine}");
    let changes = client.get(&format!("{path}/changes")).ok();
    assert_eq!(changes["conflicts"], json!([{"key": "role/ml-engineer", "versions": [number]}]));
    assert_eq!(changes["changes"][0]["before"]["name"], "Model Maker");
    let refused = client.post(&format!("{path}/publish"), &json!({}));
    assert_eq!(refused.refused(409), format!("version {number} changed role/ml-engineer"));
    assert_eq!(refused.json()["type"], "/problems/conflict");
    let other = client.post(&format!("{path}/publish"), &json!({"rebase": true, "expected_version": number - 1}));
    assert_eq!(other.refused(409), format!("the taxonomy is at version {number}"));
    client.post(&format!("{path}/publish"), &json!({"rebase": true, "expected_version": number})).ok();
    assert_eq!(client.get("/taxonomy/roles/ml-engineer").ok()["role"]["name"], "Model Engineer");
    client.get(&path).refused(404);

    // What cannot be done any more is told with the draft, and does not stand in the way of taking it out.
    let kra = |op: &str| json!({"op": op, "kra": "ml-engineer/k0", "sentence": "Trains them."});
    let mine = draft(&client, &[kra("change_kra"), json!({"op": "create_dimension", "name": "Toys"})]);
    publish(&client, draft(&client, &[json!({"op": "delete_kra", "kra": "ml-engineer/k0"})]));
    let path = format!("/taxonomy/drafts/{mine}");
    assert_eq!(client.get(&path).ok()["problems"][0]["at"], "operation:1");
    client.post(&format!("{path}/publish"), &json!({"rebase": true})).refused(409);
    client.post(&format!("{path}/preview"), &json!(null)).refused(409);
    let left = client.delete(&format!("{path}/operations/1")).ok();
    assert_eq!((&left["problems"], &left["records"]), (&json!([]), &json!(1)));
    client.delete(&format!("{path}/operations/2")).refused(404);
    let twice = json!({"operations": [{"op": "create_dimension", "name": "toys"}]});
    let refused = client.post(&format!("{path}/operations"), &twice);
    refused.refused(422);
    client.post(&format!("{path}/publish"), &json!({"rebase": true})).ok();
}

#[test]
fn drafts_are_for_reviewers_publishing_is_not_and_all_of_it_is_in_the_log() {
    let mut world = world();
    let (admin, reviewer, reader) = (world.admin(), world.token("ann", &["review"]), world.token("bo", &["read"]));
    let operation = json!({"op": "add_alias", "role": "ml-engineer", "text": "Model Whisperer"});
    let start = version(&admin);
    let id = draft(&reviewer, std::slice::from_ref(&operation));
    let path = format!("/taxonomy/drafts/{id}/publish");
    reviewer.post(&path, &json!({})).refused(403);
    reviewer.post("/taxonomy/rollback", &json!({"to": 1})).refused(403);
    reader.post("/taxonomy/drafts", &json!({"title": "no"})).refused(403);
    reader.post("/taxonomy/preview", &json!({"operations": [operation.clone()]})).refused(403);
    reader.get("/audit").refused(403);
    admin.nobody().post(&path, &json!({})).refused(401);
    assert_eq!(version(&admin), start);
    let refused = reviewer.get("/audit?outcome=refused&who=ann").ok();
    assert_eq!(refused["entries"].as_array().unwrap().len(), 2, "{refused}");
    world.restart();
    let reviewer = Client { url: world.admin().url, ..reviewer };
    let kept = reviewer.get(&format!("/taxonomy/drafts/{id}")).ok();
    assert_eq!((&kept["operations"], &kept["author"]), (&json!([operation]), &json!("ann")));
    let patch = json!({"title": "whispers", "note": "they are called so"});
    reviewer.ask("PATCH", &format!("/taxonomy/drafts/{id}"), "application/json", Some(&patch.to_string())).ok();
    assert_eq!(reviewer.get("/taxonomy/drafts").ok()["drafts"][0]["title"], "whispers");
    let publisher = world.token("cy", &["publish"]);
    let number = publisher.post(&path, &json!({})).ok()["version"].as_u64().unwrap();
    let log = publisher.get("/audit?action=publish&limit=1").ok();
    let entry = &log["entries"][0];
    assert_eq!((&entry["who"], &entry["version"]), (&json!("cy"), &json!(number)));
    assert_eq!(entry["why"], "they are called so", "the note");
    let key = "alias/ml-engineer/model whisperer";
    assert_eq!((&entry["before"][key], &entry["after"][key]["text"]), (&json!(null), &json!("Model Whisperer")));
    assert_eq!(publisher.get("/taxonomy/drafts").ok()["drafts"], json!([]));
    let all = publisher.get("/audit?limit=1000").ok();
    let numbers: Vec<u64> =
        all["entries"].as_array().unwrap().iter().map(|entry| entry["number"].as_u64().unwrap()).collect();
    assert!(numbers.is_sorted_by(|a, b| a > b), "{numbers:?}");
    let page = publisher.get("/audit?limit=2").ok();
    let next = publisher.get(&format!("/audit?limit=2&cursor={}", page["next"].as_str().unwrap())).ok();
    let told = [&page["entries"][0], &page["entries"][1], &next["entries"][0], &next["entries"][1]];
    assert_eq!(told.map(|entry| entry["number"].as_u64().unwrap()), numbers[..4], "{numbers:?}");
}

#[test]
fn lints_are_of_the_taxonomy_or_of_a_draft_upon_it() {
    let world = world();
    let client = world.admin();
    let codes = |lints: &Value, subject: &str| -> Vec<String> {
        let of = |lint: &&Value| lint["subjects"].as_array().unwrap().iter().any(|one| one == subject);
        let found = lints["lints"].as_array().unwrap().iter().filter(of);
        found.map(|lint| lint["code"].as_str().unwrap().to_owned()).collect()
    };
    let lints = client.get("/taxonomy/lints").ok();
    assert!(codes(&lints, "role/web-developer").contains(&"shared-title".to_owned()), "{lints}");
    let sentence = "Trains models and measures how well they predict";
    let id =
        draft(&client, &[json!({"op": "create_kra", "role": "data-engineer", "sentence": sentence, "id": "near"})]);
    let with = client.get(&format!("/taxonomy/lints?draft={id}")).ok();
    assert_ne!(codes(&with, "kra/near"), [""; 0], "{with}");
    assert_eq!(codes(&lints, "kra/near"), [""; 0]);
    client.get("/taxonomy/lints?draft=99999").refused(404);
}
