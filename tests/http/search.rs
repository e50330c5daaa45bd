//! Searches, collisions, and the logs of what became of runs.

use crate::roles::{ETL, all, world};
use crate::small_taxonomy::{DATA, WEB};
use crate::world::{World, until};
use rolestream::service::{Authored, Plan};
use rolestream_dataflows::records::{Change, Key};
use serde_json::json;

#[test]
fn a_jd_is_found_by_its_own_text_and_no_more_when_withdrawn() {
    let world = World::new(&[]);
    let client = world.admin();
    client.extract("data", DATA);
    let run = client.extract("web", WEB)["run_id"].as_str().unwrap().to_owned();
    let text =
        "Build%20accessible%20pages%20and%20forms%20for%20our%20customers%20with%20React.%20Keep%20the%20pages%20fast";
    let find = |kinds: &str| client.get(&format!("/search?text={text}&kinds={kinds}")).ok();
    until("both JDs can be searched for", || find("jds")["jds"].as_array().unwrap().len() == 2);
    let found = find("jds,kras");
    assert_eq!((&found["jds"][0]["id"], &found["jds"][0]["run_id"]), (&json!("web"), &json!(run)));
    assert_eq!(found["jds"][0]["decision"]["role"], "web-developer");
    assert_eq!(found["kras"][0]["sentence"], "Builds accessible web pages and forms.");
    assert_eq!((&found["roles"], &found["recall"]), (&json!([]), &json!({"jds": 1.0, "kras": 1.0})));
    assert_eq!(client.delete(&format!("/runs/{run}")).status, 204);
    let found = find("jds");
    assert_eq!((found["jds"].as_array().unwrap().len(), &found["jds"][0]["id"]), (1, &json!("data")));
    let roles = client.get("/search?text=frontend%20developer&limit=1").ok();
    assert_eq!(roles["roles"][0]["slug"], "web-developer");
    assert_eq!(roles["roles"][0]["alias"], "frontend developer");
    assert_eq!(client.get("/search?text=Kafka&kinds=skills").ok()["skills"][0]["skill_name"], "Kafka");
    let nothing = client.get("/search?text=%20").ok();
    assert!(nothing["note"].is_string() && nothing["jds"] == json!([]) && nothing["skills"] == json!([]));
    client.get("/search?text=x&kinds=jobs").refused(422);
    client.get("/search?text=x&limit=101").refused(422);
    client.get("/search").refused(400);
}

#[test]
fn a_title_that_two_roles_claim_is_listed_with_its_runs() {
    let world = world();
    let client = world.admin();
    let found = client.get("/collisions").ok();
    assert_eq!(found["found"], 1);
    let one = &found["collisions"][0];
    assert_eq!((&one["term"], &one["runs"], &one["alias_rule"]), (&json!("ETL Developer"), &json!(3), &json!(null)));
    assert_eq!(one["roles"].as_array().unwrap().len(), 2);
    assert_eq!(one["examples"][0]["id"], "etl-0", "the first seen");
    let id = one["id"].as_u64().unwrap();
    let first = client.extract("etl-0", ETL);
    assert_eq!(first["stage5_updates"]["collision_log_id"], id, "as the first step names it");
    let runs = all(&client, &format!("/collisions/{id}?limit=2"), "affected", "id");
    assert_eq!(runs.iter().map(|run| run["id"].as_str().unwrap()).collect::<Vec<_>>(), ["etl-2", "etl-1", "etl-0"]);
    let page = client.get(&format!("/collisions/{id}")).ok();
    let ways: u64 = page["settlements"].as_object().unwrap().values().map(|runs| runs.as_u64().unwrap()).sum();
    let chosen = runs.iter().filter(|run| !run["decision"]["role"].is_null()).count();
    assert_eq!((ways, &page["settled"]), (3, &json!(chosen)));
    assert_eq!(client.get("/collisions?role=web-developer").ok()["found"], 0);
    assert_eq!(client.get(&format!("/collisions?open={}", chosen == 3)).ok()["found"], 0);
    client.get("/collisions/1").refused(404);
    client.get("/collisions/x").refused(400);
}

/// Takes the title that two roles claim from one of them.
fn edit(world: &World) {
    let desk = world.service().desk();
    let key = Key::new("alias", &["analytics-engineer", "etl developer"]);
    let mut plan = Plan::default();
    plan.changes = vec![Change::Delete(key)];
    plan.authored = Authored { author: "test".to_owned(), ..Authored::default() };
    let done = desk.order(move |_, _| Ok(plan), |_, _| ()).unwrap();
    desk.settle(&done).unwrap();
}

#[test]
fn what_an_edit_changes_is_in_the_log_and_in_the_impact() {
    let world = world();
    let client = world.admin();
    assert_eq!(client.get("/impact").ok()["jds"], 0);
    edit(&world);
    assert_eq!(client.get("/collisions").ok()["found"], 0);
    let runs = all(&client, "/impact?limit=2", "runs", "id");
    let impact = client.get("/impact?to=data-engineer").ok();
    assert_eq!((runs.len(), &impact["jds"]), (3, &json!(3)));
    let moves: u64 = impact["moves"].as_array().unwrap().iter().map(|way| way["jds"].as_u64().unwrap()).sum();
    assert_eq!(moves, 3);
    assert!(runs.iter().all(|run| run["current"]["rule"] == "title-agrees" && run["at_ingest"] != run["current"]));
    assert_eq!(client.get("/impact?to=none").ok()["jds"], 0);

    client.extract("web-0", &WEB.replace("Web Developer", "Data Engineer"));
    let changes = all(&client, "/role-changes?limit=1", "role_changes", "number");
    let numbers: Vec<u64> = changes.iter().map(|change| change["number"].as_u64().unwrap()).collect();
    assert_eq!(numbers, (1..=4).rev().collect::<Vec<_>>(), "newest first");
    assert_eq!((&changes[0]["cause"], &changes[0]["jd"]), (&json!("correction"), &json!("web-0")));
    assert_eq!(changes[0]["before"]["role"], "web-developer");
    // What the run's own log says, word for word.
    let run = client.get(&format!("/runs/{}", changes[1]["run_id"].as_str().unwrap())).ok();
    for (field, value) in run["role_changes"][0].as_object().unwrap() {
        assert_eq!(changes[1][field], *value, "{field}");
    }
    let of = |query: &str| all(&client, &format!("/role-changes?limit=2&{query}"), "role_changes", "number").len();
    assert_eq!((of("cause=taxonomy"), of("role=web-developer"), of("jd=etl-1"), of("jd=data-1")), (3, 1, 1, 0));
    let since = changes[0]["at"].as_str().unwrap();
    assert_eq!((of(&format!("since={since}")), of("since=2020-01-01"), of("since=2100-01-01")), (1, 4, 0));
    client.get("/role-changes?cause=magic").refused(422);
    client.get("/role-changes?since=yesterday").refused(422);
}

#[test]
fn jds_are_counted_by_what_is_asked() {
    let world = world();
    let client = world.admin();
    let count = |query: &str| {
        let counted = client.get(&format!("/counts?{query}")).ok();
        let groups = counted["groups"].as_array().unwrap().clone();
        let sum: u64 = groups.iter().map(|group| group["jds"].as_u64().unwrap()).sum();
        assert_eq!(counted["jds"], sum);
        (sum, groups)
    };
    for by in ["case", "rule", "role", "source", "hour", "day"] {
        assert_eq!(count(&format!("by={by}")).0, 15, "{by}");
    }
    let (_, roles) = count("by=role");
    assert!(roles.contains(&json!({"key": "web-developer", "jds": 4})), "{roles:?}");
    assert_eq!(count("by=source").1, [json!({"key": "http", "jds": 15})]);
    let (sum, days) = count("by=day&from=2026-03-02&before=2026-03-05&role=web-developer");
    let keys: Vec<&str> = days.iter().filter_map(|group| group["key"].as_str()).collect();
    assert_eq!((sum, keys), (3, vec!["2026-03-02", "2026-03-03", "2026-03-04"]));
    client.get("/counts?by=colour").refused(400);
}
