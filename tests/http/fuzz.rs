//! Is every answer one that the description allows? schemathesis asks what nobody thought of.

use crate::operations::{Document, Operation};
use crate::small_taxonomy::{DATA, WEB};
use crate::world::{Client, World};
use serde_json::{Value, json};
use std::path::Path;
use std::process::Command;

/// What its script ends with where it cannot be installed.
const NOT_HERE: i32 = 75;

/// What must have been answered well at least once.
const MUST: &[&str] = &[
    "POST /skills/extract-from-jd",
    "POST /skills/extract-details",
    "POST /skills/final-role-output",
    "POST /jds",
    "GET /completion/{token}",
    "GET /runs",
    "GET /runs/{id}",
    "GET /runs/{id}/explain",
    "DELETE /runs/{id}",
    "GET /roles",
    "GET /roles/{slug}",
    "GET /map",
    "GET /search",
    "GET /collisions",
    "GET /reviews",
    "GET /review-history",
    "GET /role-changes",
    "GET /impact",
    "GET /counts",
    "GET /taxonomy",
    "GET /taxonomy/versions",
    "GET /taxonomy/drafts",
    "GET /taxonomy/lints",
    "GET /taxonomy/versions/{n}",
    "GET /taxonomy/{collection}",
    "GET /taxonomy/drafts/{id}",
    "GET /collisions/{id}",
    "GET /reviews/{id}",
    "GET /audit",
    "GET /tokens",
    "DELETE /tokens/{name}",
];

/// Runs of every state, and the names of what there is.
fn known(client: &Client) -> Value {
    let step = |step: &str, run: &Value| client.post(&format!("/skills/{step}"), &json!({"run_id": run}));
    let mut runs = Vec::new();
    for (number, text) in
        [DATA, WEB, "Plum cake. Bake it for an hour.", DATA, WEB, DATA, "Title: Pilot\n- Knows Rust"].iter().enumerate()
    {
        let run = client.extract(&format!("jd-{number}"), text)["run_id"].clone();
        if number >= 3 {
            step("extract-details", &run);
        }
        if number >= 4 {
            step("final-role-output", &run);
        }
        runs.push(run);
    }
    // The first is a thing of the past now, one was withdrawn, and the last is there to be withdrawn.
    client.extract("jd-0", WEB);
    assert_eq!(client.delete(&format!("/runs/{}", runs[5].as_str().unwrap())).status, 204);
    let page = client.get("/runs?limit=1").ok();
    client.post("/tokens", &json!({"name": "spare", "scopes": ["read"]})).ok();
    // A version beside the first one, a draft, rows of queues of which one is settled, and a title that two roles claim.
    let alias = |role: &str| json!({"op": "add_alias", "role": role, "text": "Builder"});
    let new = json!({"title": "builders", "operations": [alias("data-engineer"), alias("web-developer")]});
    let draft = client.post("/taxonomy/drafts", &new).ok()["id"].clone();
    client.post(&format!("/taxonomy/drafts/{draft}/publish"), &json!({"why": "to have one"})).ok();
    client.extract("builder", "Title: Builder\n\nResponsibilities:\n- Builds whatever is asked for by whoever asks\n");
    let drafts: Vec<Value> =
        (0..3).map(|_| client.post("/taxonomy/drafts", &json!({"title": "another"})).ok()["id"].clone()).collect();
    let ids = |path: &str, list: &str| -> Vec<Value> {
        client.get(path).ok()[list].as_array().unwrap().iter().map(|row| row["id"].clone()).collect()
    };
    let (reviews, collisions) = (ids("/reviews", "reviews"), ids("/collisions", "collisions"));
    client.post(&format!("/reviews/{}", reviews[0]), &json!({"action": "reject", "reason": "to have one"})).ok();
    json!({
        "reviews": reviews, "collisions": collisions, "drafts": drafts, "review-history": [1], "taxonomy": ["roles", "skills"],
        "to": ["2"], "ids": [[reviews[1]]],
        "runs": runs, "run_id": runs, "tokens": ["spare"], "completion": ["1", "7"], "wait": [0],
        "roles": ["data-engineer", "web-developer"], "role": ["data-engineer"], "slug": ["data-engineer", "kafka"],
        "role_slug": ["data-engineer", "web-developer"], "skills": ["kafka", "sql"], "dimensions": ["tools"],
        "case": ["A", "R"], "status": ["completed", "rejected"], "from": ["2020-01-01"], "limit": [1, 2],
        "cursor": [page["next"]], "text": ["engineer", DATA], "jd_text": [DATA, WEB], "versions": ["2"],
    })
}

#[test]
fn every_answer_is_as_described() {
    let world = World::new(&["http.requests_per_second=0"]);
    let client = world.admin();
    let known = known(&client);
    // What goes on for ever is no answer that could be compared.
    let document = Document::read(&client);
    let endless: Vec<&str> =
        document.operations.iter().filter(|operation| operation.streams()).map(|operation| &*operation.path).collect();
    let examples = std::env::var("ROLESTREAM_FUZZ").unwrap_or_else(|_| "5".to_owned());
    let target = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let seen = world.store().with_file_name("seen");
    let ran = Command::new(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/http/schemathesis/run"))
        .arg(target)
        .args([&client.url, &examples])
        .args(endless)
        .env("ROLESTREAM_TOKEN", client.token.as_deref().unwrap())
        .env("ROLESTREAM_KNOWN", known.to_string())
        .env("ROLESTREAM_SEEN", &seen)
        .output()
        .expect("the script starts");
    let said = String::from_utf8_lossy(&ran.stdout);
    if ran.status.code() == Some(NOT_HERE) {
        assert!(std::env::var_os("CI").is_none(), "schemathesis cannot run: {said}");
        return println!("skipped: schemathesis: {}", said.trim());
    }
    assert!(ran.status.success(), "{said}\n{}", String::from_utf8_lossy(&ran.stderr));
    // Where nothing was answered well only refusals were compared, which proves little.
    let seen = std::fs::read_to_string(&seen).unwrap_or_default();
    let unseen: Vec<String> = document.operations.iter().map(Operation::name).collect();
    let unseen: Vec<&String> = unseen.iter().filter(|name| !seen.lines().any(|line| line == *name)).collect();
    println!("{examples} examples an operation; never answered well: {unseen:?}");
    for must in MUST {
        assert!(seen.lines().any(|line| line == *must), "{must} was never answered well: {seen}");
    }
}
