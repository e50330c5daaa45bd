//! The review loop: a row is settled in all runs at once, for as long as it is said, and what was done can be undone.

use crate::small_taxonomy::{self, DATA};
use crate::world::{Client, World, until};
use serde_json::{Value, json};

const MAINFRAME: &str = "Title: Mainframe Programmer\nCompany: Harbour Bank\n\nResponsibilities:\n\
- Maintain batch programs in COBOL on the mainframe of the bank\n\
- Read dumps and repair abends before the branches open\n\
- Document job control for the operators\n\n\
Requirements:\n- Strong COBOL and JCL\n";

/// Hands the posting in so often; the runs' ids.
fn hand_in(client: &Client, text: &str, ids: &[&str]) -> Vec<String> {
    ids.iter().map(|id| client.extract(id, text)["run_id"].as_str().unwrap().to_owned()).collect()
}

/// The row of a queue that is about this, where it waits.
fn row(client: &Client, query: &str, title: &str) -> Option<Value> {
    let page = client.get(&format!("/reviews?{query}")).ok();
    page["reviews"].as_array().unwrap().iter().find(|row| row["title"] == title).cloned()
}

fn junit(client: &Client) -> Option<Value> {
    row(client, "queue=new_skills", "JUnit")
}

/// The skills that a run proposes.
fn attached(client: &Client, run: &str) -> Vec<String> {
    let told = client.get(&format!("/runs/{run}")).ok();
    let skills = told["now"]["stage5_updates"]["new_skills_attached"].as_array().unwrap();
    skills.iter().map(|skill| skill["skill_name"].as_str().unwrap().to_owned()).collect()
}

fn id(row: &Value) -> u64 {
    row["id"].as_u64().unwrap()
}

fn act(client: &Client, id: u64, order: &Value) -> Value {
    client.post(&format!("/reviews/{id}"), order).ok()
}

fn undo(client: &Client, settled: &Value) -> Value {
    client.post(&format!("/review-history/{}/undo", settled["number"]), &json!({"reason": "a mistake"})).ok()
}

#[test]
fn accepting_a_skill_settles_it_in_all_runs_at_once_and_can_be_undone_after_a_restart() {
    let mut world = World::new(&[]);
    let runs = hand_in(&world.admin(), DATA, &["a", "b", "c"]);
    let client = world.token("anna", &["review"]);
    let seen = junit(&client).expect("it waits");
    assert_eq!((&seen["frequency"], &seen["companies"], &seen["primary_share"]), (&json!(3), &json!(1), &json!(1.0)));
    assert_eq!(seen["examples"][0]["text"], "Keep the nightly loads running and write their tests with JUnit");
    let detail = client.get(&format!("/reviews/{}?limit=2", id(&seen))).ok();
    let next = detail["next"].as_str().unwrap();
    let rest = client.get(&format!("/reviews/{}?limit=2&cursor={next}", id(&seen))).ok();
    assert_eq!((detail["runs"].as_array().unwrap().len(), rest["runs"].as_array().unwrap().len()), (2, 1));
    assert!(runs.iter().all(|run| attached(&client, run) == ["JUnit"]));

    let proposal = client.get(&format!("/reviews/{}/proposal", id(&seen))).ok();
    assert_eq!(proposal["accept"]["dimension"], "tools", "it is used with the others");
    let version = world.service().engine().taxonomy_version();
    let settled = act(&client, id(&seen), &json!({"action": "accept", "reason": "all test with it"}));
    assert_eq!(settled["taxonomy_version"], version + 1);
    assert_eq!(settled["after"]["skill/junit"]["dimension"], "tools");
    assert_eq!(junit(&client), None);
    assert!(runs.iter().all(|run| attached(&client, run).is_empty()), "in every run at once");
    client.get(&format!("/reviews/{}", id(&seen))).refused(404);

    world.restart();
    let client = Client { url: world.admin().url, ..client };
    let history = client.get("/review-history?queue=new_skills").ok();
    let told = &history["decisions"][0];
    assert_eq!((&told["who"], &told["order"]["reason"]), (&json!("anna"), &json!("all test with it")));
    assert_eq!((&told["number"], &told["undone"]), (&settled["number"], &json!(null)));
    assert!(runs.iter().all(|run| attached(&client, run).is_empty()));
    undo(&client, &settled);
    assert_eq!(junit(&client).expect("it is back")["frequency"], 3);
    assert!(runs.iter().all(|run| attached(&client, run) == ["JUnit"]));
    let again = client.post(&format!("/review-history/{}/undo", settled["number"]), &json!({}));
    again.refused(409);
    world.restart();
    let client = world.admin();
    let told = client.get("/review-history?who=anna").ok()["decisions"][0].clone();
    assert_eq!((&told["undone"]["who"], &told["undone"]["reason"]), (&json!("anna"), &json!("a mistake")));
    client.post("/review-history/99/undo", &json!({})).refused(404);
}

#[test]
fn what_is_rejected_stays_hidden_and_what_is_undone_is_back() {
    let mut world = World::new(&[]);
    let client = world.admin();
    let runs = hand_in(&client, DATA, &["a", "b"]);
    let seen = junit(&client).unwrap();
    let rejected = act(&client, id(&seen), &json!({"action": "reject"}));
    assert_eq!((&rejected["taxonomy_version"], junit(&client)), (&json!(null), None));
    hand_in(&client, DATA, &["c"]);
    assert_eq!(junit(&client), None, "another run does not bring it back");
    world.restart();
    let client = world.admin();
    hand_in(&client, DATA, &["d"]);
    assert_eq!(junit(&client), None);
    let hidden = row(&client, "status=rejected", "JUnit").expect("who asks for it sees it");
    assert_eq!((&hidden["id"], &hidden["status"]), (&seen["id"], &json!("rejected")));
    assert!(row(&client, "", "JUnit").is_none());
    undo(&client, &rejected);
    assert_eq!(junit(&client).unwrap()["frequency"], 4);

    // Another name of something that is known.
    let merged = act(&client, id(&seen), &json!({"action": "merge_into", "target": "python"}));
    assert_eq!(merged["after"]["skill/python"]["aliases"], json!(["JUnit"]));
    assert_eq!((junit(&client), attached(&client, &runs[0])), (None, Vec::new()));
    undo(&client, &merged);
    // Meanwhile the JDs may have been parsed again with the alias: they are parsed a third time, without it.
    until("the JD says JUnit again", || attached(&client, &runs[0]) == ["JUnit"]);
}

#[test]
fn a_snoozed_row_comes_back_by_the_clock() {
    let world = World::new(&[]);
    let client = world.admin();
    hand_in(&client, DATA, &["a"]);
    let seen = junit(&client).unwrap();
    let late = act(&client, id(&seen), &json!({"action": "snooze", "until": "2999-01-01T00:00:00Z"}));
    assert_eq!(junit(&client), None);
    assert_eq!(row(&client, "status=snoozed", "JUnit").unwrap()["id"], seen["id"]);
    undo(&client, &late);
    assert_eq!(junit(&client).as_ref().map(id), Some(id(&seen)));
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_millis() as u64;
    let soon = act(&client, id(&seen), &json!({"action": "snooze", "until": now + 300}));
    until("the snooze is over", || junit(&client).is_some());
    let over = client.post(&format!("/review-history/{}/undo", soon["number"]), &json!({}));
    over.refused(409);
    client.post(&format!("/reviews/{}", id(&seen)), &json!({"action": "snooze", "until": 5})).refused(422);
}

#[test]
fn many_rows_are_settled_together_or_not_at_all_and_only_by_who_may() {
    let world = World::new(&[]);
    let client = world.admin();
    hand_in(&client, DATA, &["a"]);
    hand_in(&client, &DATA.replace("JUnit", "TestNG"), &["b"]);
    let waiting = client.get("/reviews?queue=new_skills&sort=frequency").ok();
    let ids: Vec<u64> = waiting["reviews"].as_array().unwrap().iter().map(id).collect();
    assert!(ids.len() >= 2, "{waiting}");
    let tables = || world.service().engine().tables();
    let (before, version) = (tables(), world.service().engine().taxonomy_version());
    let accept = |ids: &[u64]| json!({"ids": ids, "action": "accept", "reason": "all of them"});
    let mut unknown = ids.clone();
    unknown.push(77);
    assert!(client.post("/reviews", &accept(&unknown)).refused(404).contains("77"));
    client.post("/reviews", &accept(&[ids[0], ids[0]])).refused(422);
    client.post("/reviews", &json!({"ids": ids, "action": "merge_into", "target": "cobol"})).refused(422);
    client.post("/reviews", &json!({"ids": ids, "action": "accept", "sentences": ["x"]})).refused(422);
    client.post("/reviews", &json!({"ids": ids, "action": "reject", "colour": "red"})).refused(422);

    let reader = world.token("reader", &["read"]);
    reader.get("/reviews").ok();
    reader.post("/reviews", &accept(&ids)).refused(403);
    reader.post(&format!("/reviews/{}", ids[0]), &json!({"action": "reject"})).refused(403);
    reader.post("/collisions/5", &json!({"rule": {"means": "ambiguous"}})).refused(403);
    reader.post("/review-history/1/undo", &json!({})).refused(403);
    client.nobody().post("/reviews", &accept(&ids)).refused(401);
    assert_eq!(world.service().engine().taxonomy_version(), version);
    assert!(std::sync::Arc::ptr_eq(&before, &tables()), "nothing was changed");
    let audit = || -> Vec<Value> {
        let entries = world.service().store().audit_before(u64::MAX, 100).unwrap();
        entries.iter().map(|(_, json)| serde_json::from_str(json).unwrap()).collect()
    };
    let refused = audit().into_iter().filter(|entry| entry["outcome"] == "refused" && entry["who"] == "reader");
    let mut subjects: Vec<String> = refused.map(|entry| entry["subject"].as_str().unwrap().to_owned()).collect();
    subjects.sort();
    let one = format!("/reviews/{}", ids[0]);
    assert_eq!(subjects, ["/collisions/5", "/review-history/1/undo", "/reviews", one.as_str()]);

    let settled = client.post("/reviews", &accept(&ids)).ok();
    assert_eq!(settled["said"].as_array().unwrap().len(), ids.len());
    assert_eq!(world.service().engine().taxonomy_version(), version + 1, "one version for all");
    assert_eq!(client.get("/reviews?queue=new_skills").ok()["total"], 0);
    let entry = audit().into_iter().find(|entry| entry["action"] == "review accept").unwrap();
    assert_eq!((&entry["version"], &entry["why"]), (&json!(version + 1), &json!("all of them")));
    undo(&client, &settled);
    assert_eq!(client.get("/reviews?queue=new_skills").ok()["total"], ids.len());
}

#[test]
fn a_new_role_is_made_of_its_queued_runs_which_are_decided_for_it() {
    let mut world = World::new(&[]);
    let client = world.admin();
    let runs = hand_in(&client, MAINFRAME, &["a", "b"]);
    hand_in(&client, DATA, &["c"]);
    let seen = row(&client, "queue=new_roles", "Mainframe Programmer").expect("it waits");
    assert_eq!((&seen["frequency"], &seen["slug"]), (&json!(2), &json!("mainframe-programmer")));
    let proposal = client.get(&format!("/reviews/{}/proposal", id(&seen))).ok();
    assert_eq!((&proposal["role"]["runs"], &proposal["role"]["kras"][0]["runs"]), (&json!(2), &json!(2)));
    let settled = act(&client, id(&seen), &json!({"action": "accept", "reason": "we hire them"}));
    assert!(row(&client, "queue=new_roles", "Mainframe Programmer").is_none());
    let told = client.get("/runs?role=mainframe-programmer").ok();
    assert_eq!(told["runs"].as_array().unwrap().len(), 2, "{told}");
    let keys: Vec<&String> = settled["after"].as_object().unwrap().keys().collect();
    let kras = keys.iter().filter(|key| key.starts_with("kra/mainframe-programmer/")).count();
    assert!(kras >= 3, "{keys:?}");
    world.restart();
    let client = world.admin();
    undo(&client, &settled);
    let told = client.get(&format!("/runs/{}", runs[0])).ok();
    assert_eq!(
        told["now"]["stage4_decision"]["chosen_role"]["slug"],
        json!(null),
        "{}",
        told["now"]["stage4_decision"]
    );
    assert_eq!(row(&client, "queue=new_roles", "Mainframe Programmer").unwrap()["frequency"], 2);
}

#[test]
fn a_collision_is_settled_by_what_the_title_means() {
    let folder = tempfile::tempdir().unwrap();
    for (file, text) in small_taxonomy::files() {
        let path = folder.path().join(file);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text.replace("Frontend Developer", "ETL Developer")).unwrap();
    }
    let world = World::of_taxonomy(folder.path(), &[]);
    let client = world.admin();
    let run =
        hand_in(&client, &MAINFRAME.replace("Mainframe Programmer", "ETL Developer").replace("JCL", "SQL"), &["a"])
            .remove(0);
    let role = |client: &Client| {
        client.get(&format!("/runs/{run}")).ok()["now"]["stage4_decision"]["chosen_role"]["slug"].clone()
    };
    let before = role(&client);
    let seen = row(&client, "queue=collisions", "ETL Developer").expect("it is logged");
    assert_eq!(seen["roles"].as_array().unwrap().len(), 2);
    let path = format!("/collisions/{}", id(&seen));
    client.post(&path, &json!({"rule": {"means": "role", "role": "cook"}})).refused(422);
    let web = json!({"rule": {"means": "role_by_skills", "role": "web-developer", "skills": ["react"]}});
    client.post(&path, &web).ok();
    assert_eq!(role(&client), before, "the JD has none of these skills");
    let sql =
        json!({"rule": {"means": "role_by_skills", "role": "web-developer", "skills": ["sql"]}, "reason": "so be it"});
    let settled = client.post(&path, &sql).ok();
    assert_ne!(role(&client), before, "{settled}");
    undo(&client, &settled);
    assert_eq!(role(&client), before);
}
