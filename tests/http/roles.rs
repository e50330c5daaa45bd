//! Roles as analysts see them: every figure is what the views hold, computed here from a snapshot by other means.

use crate::small_taxonomy::{self, DATA, WEB};
use crate::world::{Client, World};
use rolestream::search::project;
use rolestream_dataflows::id::Id;
use rolestream_dataflows::views::Snapshot;
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// A posting that both data roles claim.
pub(crate) const ETL: &str = "Title: ETL Developer\n\nResponsibilities:\n\
- Build pipelines that load records into the data warehouse\n- Model tables for analysts in SQL\n\n\
Requirements:\n- Strong SQL and Kafka\n";
/// A posting of the third role.
const ANALYTICS: &str = "Title: Analytics Engineer\n\nResponsibilities:\n\
- Model tables that analysts build their reports on\n- Define the metrics of the company and document them\n\n\
Requirements:\n- Strong SQL and Python\n";

/// A third role that claims a title of the first, and a fourth that was merged into the second.
pub(crate) fn world() -> World {
    let folder = tempfile::tempdir().unwrap();
    let analytics = "id = 7\nname = \"Analytics Engineer\"\naliases = [\"ETL Developer\"]\n\n[kras]\n\
        a = \"Models tables that analysts build reports on.\"\nb = \"Defines metrics and documents them.\"\n\n\
        [skills]\ntools = [\"sql\", \"python\"]\n";
    let old = "id = 9\nname = \"Page Builder\"\nstatus = \"merged\"\nreplaced_by = \"web-developer\"\n\
        aliases = [\"Webmaster\"]\n\n[kras]\nold = \"Keeps pages online.\"\n";
    let more = [("roles/analytics-engineer.toml", analytics), ("roles/page-builder.toml", old)];
    let more = more.map(|(file, text)| (file, text.to_owned()));
    for (file, text) in small_taxonomy::files().into_iter().chain(more) {
        let path = folder.path().join(file);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
    let world = World::of_taxonomy(folder.path(), &[]);
    let mut lines = String::new();
    let mut put = |id: String, text: &str, day: usize| {
        let jd = json!({"id": id, "text": text, "received_at": format!("2026-03-{day:02}T08:00:00Z")});
        lines.push_str(&format!("{jd}\n"));
    };
    for n in 0..5 {
        // Some say other things than the rest.
        let text = if n % 2 == 0 { DATA.to_owned() } else { DATA.replace("Keep the nightly loads", "Test the loads") };
        put(format!("data-{n}"), &text, 1 + n / 2);
    }
    put("data-odd".to_owned(), &DATA.replace("- Model tables in SQL so that analysts find what they need\n", ""), 9);
    (0..4).for_each(|n| put(format!("web-{n}"), WEB, 2 + n));
    (0..2).for_each(|n| put(format!("analytics-{n}"), ANALYTICS, 4));
    (0..3).for_each(|n| put(format!("etl-{n}"), ETL, 5 + n));
    let bulk = world.admin().ask("POST", "/jds?wait=60", "application/x-ndjson", Some(&lines)).ok();
    assert_eq!((&bulk["taken"], &bulk["visible"]), (&json!(15), &json!(true)));
    world
}

fn snapshot(world: &World) -> Snapshot {
    world.service().engine().snapshot().unwrap()
}

/// The mean of a role's members, by plain arithmetic.
fn mean(views: &Snapshot, role: Id) -> (usize, Vec<f64>) {
    let members: Vec<Vec<f64>> = (views.members.iter().filter(|(of, _)| *of == role))
        .map(|(_, member)| member.vector.components().iter().map(|c| f64::from(*c) / 420.0).collect())
        .collect();
    let mean = |at: usize| members.iter().map(|member| member[at]).sum::<f64>() / members.len() as f64;
    (members.len(), (0..256).map(mean).collect())
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

fn near(told: &Value, computed: f64) {
    let told = told.as_f64().unwrap_or_else(|| panic!("{told} is no number"));
    assert!((told - computed.max(0.0)).abs() <= 6e-5, "{told} is not {computed}");
}

/// All rows of a list, page by page; none twice.
pub(crate) fn all(client: &Client, path: &str, name: &str, key: &str) -> Vec<Value> {
    let (mut rows, mut cursor, mut seen) = (Vec::new(), String::new(), BTreeSet::new());
    loop {
        let page = client.get(&format!("{path}{cursor}")).ok();
        for row in page[name].as_array().unwrap() {
            assert!(seen.insert(row[key].to_string()), "{row} is told twice");
            rows.push(row.clone());
        }
        match page["next"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => return rows,
        }
    }
}

fn slugs(rows: &[Value]) -> Vec<&str> {
    rows.iter().map(|row| row["slug"].as_str().unwrap()).collect()
}

#[test]
fn a_list_tells_of_each_role_what_its_members_come_to() {
    let world = world();
    let (client, views) = (world.admin(), snapshot(&world));
    let by_name = all(&client, "/roles?sort=name&limit=1", "roles", "slug");
    assert_eq!(slugs(&by_name), ["analytics-engineer", "data-engineer", "web-developer"]);
    let rows = all(&client, "/roles?limit=2", "roles", "slug");
    let ns: Vec<u64> = rows.iter().map(|row| row["n"].as_u64().unwrap()).collect();
    assert!(ns.is_sorted_by(|a, b| a >= b) && ns.iter().sum::<u64>() == views.members.len() as u64, "{ns:?}");
    for row in &rows {
        let (n, mean) = mean(&views, Id::role(row["slug"].as_str().unwrap()));
        assert_eq!(row["n"], n);
        near(&row["dispersion"], 1.0 - dot(&mean, &mean).sqrt());
        assert_eq!(row["drift"], 0.0, "of fewer than 60 days");
    }
    assert!(rows.iter().any(|row| row["dispersion"].as_f64() > Some(0.001)), "not all JDs say the same");
    assert_eq!(
        slugs(&all(&client, "/roles?text=etl&limit=9", "roles", "slug")),
        ["data-engineer", "analytics-engineer"]
    );
    let merged = client.get("/roles?status=merged").ok();
    assert_eq!((&merged["found"], &merged["roles"][0]["replaced_by"]), (&json!(1), &json!("web-developer")));
    assert_eq!(merged["roles"][0]["dispersion"], json!(null));
    let points = client.get("/map").ok();
    for point in points["points"].as_array().unwrap() {
        let sum = &views.role_centroids[&Id::role(point["slug"].as_str().unwrap())];
        let (x, y) = project(sum).unwrap();
        assert_eq!((&point["x"], &point["y"], &point["n"]), (&json!(x), &json!(y), &json!(sum.n)));
    }
    assert_eq!(points["points"].as_array().unwrap().len(), 3);
    client.get("/roles?sort=size").refused(400);
    let cursor = client.get("/roles?limit=1").ok()["next"].as_str().unwrap().to_owned();
    client.get(&format!("/roles?sort=name&cursor={cursor}")).refused(422);
}

#[test]
fn a_role_is_told_with_what_its_jds_name_and_what_is_near() {
    let world = world();
    let (client, views) = (world.admin(), snapshot(&world));
    let id = Id::role("data-engineer");
    let role = client.get("/roles/data-engineer?skills=1000&vector=true").ok();
    let (n, own) = mean(&views, id);
    assert_eq!((&role["n"], &role["display_name"]), (&json!(n), &json!("Data Engineer")));
    let decided = views.decisions.values().filter(|answer| answer.decision.role == Some(id)).count();
    assert_eq!(role["decided"], decided);
    let vector: Vec<f64> = serde_json::from_value(role["centroid"]["vector"].clone()).unwrap();
    assert!(vector.iter().zip(&own).all(|(told, computed)| (told - computed).abs() < 1e-6));

    let skills = role["top_skills"].as_array().unwrap();
    let named: BTreeSet<Id> = views.skill_support.keys().filter(|key| key.0 == id).map(|key| key.1).collect();
    assert_eq!(skills.len(), named.len());
    for skill in skills {
        let name = skill["skill_name"].as_str().unwrap();
        let key = skill["slug"].as_str().map_or_else(|| Id::text(&name.to_lowercase()), Id::skill);
        assert_eq!(skill["jds"], views.skill_support[&(id, key)], "{skill}");
        near(&skill["share"], views.skill_support[&(id, key)] as f64 / decided as f64);
        assert_eq!(skill["listed"], ["Kafka", "SQL", "Python"].contains(&name), "{skill}");
    }
    assert!(skills.iter().any(|skill| skill["skill_name"] == "JUnit" && skill["slug"].is_null()), "{skills:?}");

    let kras = role["kras"].as_array().unwrap();
    assert_eq!(kras.len(), 3, "those without support, too");
    for kra in kras {
        let support = views.kra_support.get(&(id, Id::kra(kra["id"].as_str().unwrap())));
        assert_eq!(kra["jds"], support.copied().unwrap_or_default());
    }
    let mut others: Vec<(f64, &str)> = ["analytics-engineer", "web-developer"]
        .map(|slug| {
            let (_, other) = mean(&views, Id::role(slug));
            (dot(&own, &other) / (dot(&own, &own) * dot(&other, &other)).sqrt(), slug)
        })
        .to_vec();
    others.sort_by(|a, b| b.0.total_cmp(&a.0));
    let neighbors = client.get("/roles/data-engineer/neighbors").ok()["neighbors"].take();
    assert_eq!(neighbors, role["nearest_roles"]);
    for (neighbor, (cosine, slug)) in neighbors.as_array().unwrap().iter().zip(&others) {
        assert_eq!(neighbor["slug"], *slug);
        near(&neighbor["similarity"], *cosine);
    }
    assert_eq!(role["members_farthest_out"][0]["id"], "data-odd");
    let days: u64 = role["days"].as_array().unwrap().iter().map(|day| day["n"].as_u64().unwrap()).sum();
    assert_eq!((days, &role["days"][0]), (n as u64, &json!({"day": "2026-03-01", "n": 2})));
    assert_eq!(role["centroid"]["baseline_days"], role["centroid"]["recent_days"]);
    let pinned = client.get("/roles/data-engineer?baseline_from=2026-03-09").ok();
    assert!(pinned["drift"].as_f64() > Some(0.0), "the odd one alone is not like all: {}", pinned["drift"]);
    assert_eq!(pinned["centroid"]["baseline_days"]["days"], 1);
}

#[test]
fn a_merged_role_says_into_which_and_an_unknown_one_what_was_meant() {
    let world = world();
    let client = world.admin();
    let merged = client.get("/roles/page-builder").ok();
    assert_eq!((&merged["status"], &merged["replaced_by"]), (&json!("merged"), &json!("web-developer")));
    assert_eq!((&merged["n"], &merged["centroid"]), (&json!(0), &json!(null)));
    assert_eq!(client.get("/roles/page-builder/neighbors").ok()["neighbors"], json!([]));
    let survivor = client.get("/roles/web-developer").ok();
    assert_eq!(survivor["merged_roles"], json!(["page-builder"]));
    assert!(survivor["aliases"].as_array().unwrap().contains(&json!({"text": "Webmaster", "role": "page-builder"})));
    assert!(survivor["kras"].as_array().unwrap().iter().any(|kra| kra["role"] == "page-builder"));
    for path in ["/roles/data-enginer", "/roles/data-enginer/neighbors", "/roles/data-enginer/members"] {
        let answer = client.get(path);
        answer.refused(404);
        assert_eq!(answer.json()["hint"], "did you mean \"data-engineer\"?", "{path}");
    }
}

#[test]
fn members_come_in_pages_each_once() {
    let world = world();
    let (client, views) = (world.admin(), snapshot(&world));
    let members = all(&client, "/roles/data-engineer/members?limit=2", "members", "id");
    let (n, _) = mean(&views, Id::role("data-engineer"));
    assert_eq!(members.len(), n);
    let days: Vec<&str> = members.iter().map(|member| &member["created_at"].as_str().unwrap()[..10]).collect();
    assert!(days.is_sorted_by(|a, b| a >= b), "newest first: {days:?}");
    let far = all(&client, "/roles/data-engineer/members?sort=farthest&limit=3", "members", "id");
    assert_eq!((far.len(), &far[0]["id"]), (n, &json!("data-odd")));
    assert!(far.is_sorted_by_key(|member| (member["similarity"].as_f64().unwrap() * 1e4) as u64));
    let run = far[0]["run_id"].as_str().unwrap();
    assert_eq!(client.delete(&format!("/runs/{run}")).status, 204);
    let left = all(&client, "/roles/data-engineer/members?limit=1000", "members", "id");
    assert!(left.len() == n - 1 && left.iter().all(|member| member["id"] != "data-odd"));
}

#[test]
fn nothing_is_told_to_who_may_not_read() {
    let world = World::new(&["http.anonymous=\"none\""]);
    let (nobody, reader) = (world.admin().nobody(), world.token("reader", &["read"]));
    for path in ["/roles", "/roles/x", "/roles/x/neighbors", "/roles/x/members", "/map", "/search?text=x"]
        .into_iter()
        .chain(["/collisions", "/collisions/1", "/role-changes", "/impact", "/counts"])
    {
        nobody.get(path).refused(401);
        let status = reader.get(path).status;
        assert!(status == 200 || status == 404, "{path}: {status}");
    }
}

#[test]
fn the_description_names_nothing_that_it_does_not_describe() {
    let world = World::new(&[]);
    let answer = world.admin().get("/openapi.json");
    let description = answer.ok();
    for named in answer.text.split("\"$ref\":\"#").skip(1) {
        let place = named.split('"').next().unwrap();
        assert!(description.pointer(place).is_some(), "{place} is named, and is not there");
    }
}
