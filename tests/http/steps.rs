//! The three steps: their answers, their order, and what they leave behind.

use crate::small_taxonomy::DATA;
use crate::world::World;
use serde_json::json;

#[test]
fn a_jd_goes_through_its_three_steps() {
    let world = World::new(&[]);
    let client = world.token("ci", &["submit"]);
    let first = client.extract("a", DATA);
    assert_eq!(first["stage4_decision"]["chosen_role"]["slug"], "data-engineer");
    assert_eq!(first["stage5_updates"]["centroid_n_after"], 1, "it knows of itself");
    assert_eq!(first["status"], "extract_from_jd_done");
    let run = json!({"run_id": first["run_id"]});
    let out_of_order = client.post("/skills/final-role-output", &run);
    assert_eq!(out_of_order.refused(409), "the step final-role-output is out of order");
    let second = client.post("/skills/extract-details", &run).ok();
    assert_eq!(second["chosen_role"]["slug"], "data-engineer");
    assert!(second["skills"].as_array().unwrap().iter().any(|skill| skill["matched_by"] == "display_name"));
    let third = client.post("/skills/final-role-output", &run).ok();
    assert_eq!(third["chosen_role_resolution"], "in_db");
    let told = client.get(&format!("/runs/{}", first["run_id"].as_str().unwrap())).ok();
    assert_eq!(told["status"], "completed");
    assert_eq!(told["results"]["final-role-output"], third);
    // The first step again: what followed from it is as if it had never been.
    client.extract("a", DATA);
    let told = client.get(&format!("/runs/{}", first["run_id"].as_str().unwrap())).ok();
    assert_eq!(told["status"], "extract_from_jd_done");
}

#[test]
fn unknown_rejected_and_past_runs_have_no_further_steps() {
    let mut world = World::new(&[]);
    let client = world.admin();
    let nobody = json!({"run_id": "00000000-0000-0000-0000-000000000001"});
    client.post("/skills/extract-details", &nobody).refused(404);
    client.post("/skills/extract-details", &json!({"run_id": "what?"})).refused(404);
    client.post("/skills/extract-details", &json!({"run": "x"})).refused(422);
    let cake = client.extract("cake", "Plum cake. Cream the butter with the sugar and bake for an hour.");
    assert_eq!((&cake["rejected"], &cake["status"]), (&json!(true), &json!("rejected")));
    client.post("/skills/extract-details", &json!({"run_id": cake["run_id"]})).refused(409);
    let first = client.extract("a", DATA);
    client.extract("a", &format!("{DATA}- Knows Kafka well\n"));
    client.post("/skills/extract-details", &json!({"run_id": first["run_id"]})).refused(409);
    world.restart();
    let told = world.admin().get(&format!("/runs/{}", first["run_id"].as_str().unwrap())).ok();
    assert_eq!((&told["current"], &told["jd"]), (&json!(false), &json!(null)));
    assert_eq!(told["at_ingest"]["role"], "data-engineer", "a fact stays");
    assert_eq!(told["results"]["extract-from-jd"]["run_id"], first["run_id"]);
}

#[test]
fn last_steps_that_edit_at_the_same_time_are_all_done() {
    let world = World::new(&[]);
    let client = world.admin();
    let runs: Vec<_> = (0..6).map(|n| client.extract(&format!("jd-{n}"), DATA)["run_id"].clone()).collect();
    for run in &runs {
        client.post("/skills/extract-details", &json!({"run_id": run})).ok();
    }
    std::thread::scope(|scope| {
        for run in &runs {
            let client = client.clone();
            scope.spawn(move || {
                let accept = json!({"skills": [{"skill_name": "JUnit", "action": "accept"}]});
                let third = client.post("/skills/final-role-output", &json!({"run_id": run, "overrides": accept})).ok();
                assert_eq!(third["chosen_role"]["slug"], "data-engineer");
            });
        }
    });
    for run in &runs {
        let told = client.get(&format!("/runs/{}", run.as_str().unwrap())).ok();
        assert_eq!(told["status"], "completed");
    }
    let skill = client.get("/taxonomy/skills/junit").ok();
    assert_eq!(skill["skill"]["name"], "JUnit", "{skill}");
}
