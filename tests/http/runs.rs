//! Runs: the list, one of them, why, and its end.

use crate::small_taxonomy::{DATA, WEB};
use crate::world::World;
use serde_json::{Value, json};

fn ids(runs: &Value) -> Vec<&str> {
    runs["runs"].as_array().unwrap().iter().map(|run| run["id"].as_str().unwrap()).collect()
}

#[test]
fn runs_are_listed_newest_first_by_what_is_asked_and_in_pages() {
    let mut world = World::new(&[]);
    let lines: String = (0..7)
        .map(|n| {
            let (text, day) = (if n % 2 == 0 { DATA } else { WEB }, n + 1);
            format!(
                "{}\n",
                json!({"id": format!("jd-{n}"), "text": text, "received_at": format!("2026-03-0{day}T00:00:00Z")})
            )
        })
        .collect();
    let bulk = world.admin().ask("POST", "/jds?wait=60", "application/x-ndjson", Some(&lines)).ok();
    assert_eq!((&bulk["taken"], &bulk["visible"]), (&json!(7), &json!(true)));
    let check = |world: &World| {
        let client = world.admin();
        let first = client.get("/runs?limit=4").ok();
        assert_eq!(ids(&first), ["jd-6", "jd-5", "jd-4", "jd-3"]);
        let second = client.get(&format!("/runs?limit=4&cursor={}", first["next"].as_str().unwrap())).ok();
        assert_eq!((ids(&second), &second["next"]), (vec!["jd-2", "jd-1", "jd-0"], &json!(null)));
        assert_eq!(ids(&client.get("/runs?role=web-developer&limit=2").ok()), ["jd-5", "jd-3"]);
        assert_eq!(ids(&client.get("/runs?text=quarry&from=2026-03-03&before=2026-03-07").ok()), ["jd-4", "jd-2"]);
        assert_eq!(ids(&client.get("/runs?case=a&status=extract_from_jd_done&text=JD-3").ok()), ["jd-3"]);
        assert_eq!(ids(&client.get("/runs?status=rejected").ok()), [""; 0]);
    };
    check(&world);
    world.restart();
    check(&world);
    let client = world.admin();
    client.get("/runs?limit=0").refused(422);
    client.get("/runs?cursor=x").refused(422);
    client.get("/runs?case=Z").refused(422);
    client.get("/runs?colour=red").refused(400);
}

#[test]
fn a_withdrawn_run_is_gone_from_everywhere_and_its_facts_stay() {
    let world = World::new(&[]);
    let client = world.admin();
    let run = client.extract("a", DATA)["run_id"].as_str().unwrap().to_owned();
    assert_eq!(client.get(&format!("/runs/{run}/explain")).ok()["skills"].as_array().unwrap().len(), 4);
    assert_eq!(client.delete(&format!("/runs/{run}")).status, 204);
    assert_eq!(ids(&client.get("/runs").ok()), [""; 0]);
    assert!(world.service().engine().snapshot().unwrap().role_centroids.is_empty());
    client.delete(&format!("/runs/{run}")).refused(409);
    let told = client.get(&format!("/runs/{run}")).ok();
    assert_eq!(told["role_changes"][0]["cause"], "withdrawal");
}

#[test]
fn lines_that_cannot_be_read_are_told_and_the_others_are_taken() {
    let world = World::new(&[]);
    let client = world.admin();
    let good = json!({"id": "a", "text": DATA}).to_string();
    let body = format!("{good}\n\n{{\"id\": 7,\n[]\n");
    let bulk = client.ask("POST", "/jds", "application/x-ndjson", Some(&body));
    let bulk = bulk.ok();
    let lines: Vec<&Value> = bulk["refused"].as_array().unwrap().iter().map(|refused| &refused["line"]).collect();
    assert_eq!((&bulk["taken"], lines), (&json!(1), vec![&json!(3), &json!(4)]));
    let token = bulk["token"].as_str().unwrap();
    assert_eq!(client.get(&format!("/completion/{token}?wait=60")).ok()["visible"], true);
    assert_eq!(ids(&client.get("/runs").ok()), ["a"]);
    client.ask("POST", "/jds", "application/x-ndjson", Some("nonsense")).refused(422);
}
