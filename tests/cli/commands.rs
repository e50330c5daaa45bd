//! Do the commands beside `classify` do what their help says?

use crate::program::{DATA, Place, WEB};
use serde_json::{Value, json};

#[test]
fn the_help_teaches() {
    let place = Place::new();
    for arguments in
        [&["--help"][..], &["classify", "--help"], &["explain", "--help"], &["taxonomy", "import", "--help"]]
    {
        let run = place.run(arguments);
        assert_eq!(run.code, 0);
        assert!(run.out.contains("Example"), "{arguments:?}: {}", run.out);
    }
    assert_eq!(place.run(&["clasify", "x"]).code, 2);
    assert!(place.run(&["completions", "bash"]).out.contains("classify"));
}

#[test]
fn an_answer_for_people_names_role_rule_and_reason() {
    let place = Place::new();
    place.put("jd.txt", DATA.as_bytes());
    place.put("other.txt", WEB.as_bytes());
    let one = place.classify(&["jd.txt"]);
    for part in ["Data Engineer (data-engineer, id 2)", "title-agrees", "its display name", "JUnit", "Tools"] {
        assert!(one.out.contains(part), "{part}: {}", one.out);
    }
    assert!(!one.out.contains('\u{1b}'), "colours where no terminal is");
    let many = place.classify(&["jd.txt", "other.txt"]);
    assert_eq!(many.out.lines().count(), 3, "{}", many.out);
    assert!(place.classify(&["jd.txt", "--set", "output.colour=always"]).out.contains('\u{1b}'));
}

#[test]
fn the_answer_has_the_fields_of_the_api() {
    let place = Place::new();
    place.put("jd.txt", DATA.as_bytes());
    let answer = place.classify(&["jd.txt", "--json"]).object();
    let shape: Value = serde_json::from_str(include_str!("shape.json")).unwrap();
    same_shape("", &shape, &answer);
    let short = place.classify(&["jd.txt", "--json", "--top", "1"]).object();
    assert_eq!(short["stage3_signals"]["kra_match_roles"].as_array().unwrap().len(), 1);
    assert_eq!(answer["stage3_signals"]["kra_match_roles"].as_array().unwrap().len(), 2);
}

/// Objects have the same keys, lists entries of the same shape, and the rest the same kind, where it is not null.
fn same_shape(path: &str, wanted: &Value, found: &Value) {
    match (wanted, found) {
        (Value::Object(wanted), Value::Object(found)) => {
            let keys =
                |map: &serde_json::Map<String, Value>| map.keys().cloned().collect::<std::collections::BTreeSet<_>>();
            assert_eq!(keys(wanted), keys(found), "keys of {path}");
            wanted.iter().for_each(|(key, value)| same_shape(&format!("{path}.{key}"), value, &found[key]));
        }
        (Value::Array(wanted), Value::Array(found)) => {
            if let Some(wanted) = wanted.first() {
                assert!(!found.is_empty(), "{path} is empty");
                found.iter().for_each(|found| same_shape(&format!("{path}[]"), wanted, found));
            }
        }
        (Value::Null, _) => {}
        (wanted, found) => {
            assert_eq!(std::mem::discriminant(wanted), std::mem::discriminant(found), "{path}: {wanted} and {found}");
        }
    }
}

#[test]
fn explain_takes_the_numbers_apart() {
    let place = Place::new();
    let lines = format!("{}\n{}\n", json!({"id": "web", "text": WEB}), json!({"id": "data", "text": DATA}));
    place.put("jds.jsonl", lines.as_bytes());
    let said = place.run(&["explain", "--taxonomy", "taxonomy", "jds.jsonl", "--id", "data", "--json"]).object();
    assert_eq!(said["id"], "data");
    for role in said["stage3_signals"]["kra_match_roles"].as_array().unwrap() {
        let pairs = role["kra_matches"].as_array().unwrap();
        let mean = pairs.iter().map(|pair| pair["similarity"].as_f64().unwrap()).sum::<f64>() / pairs.len() as f64;
        assert!((mean - role["score"].as_f64().unwrap()).abs() < 0.0002, "{role}");
    }
    let parts = said["explanation"]["skills"].as_array().unwrap();
    let hits = parts.iter().filter(|part| part["hit"] == true).count();
    let first = &said["stage3_signals"]["skill_match_roles"][0];
    assert_eq!(
        (hits as u64, parts.len() as u64),
        (first["matched_count"].as_u64().unwrap(), first["total_count"].as_u64().unwrap())
    );
    assert_eq!(said["explanation"]["title_stages"][0]["roles"], json!(["Data Engineer"]));
    let words = place.run(&["explain", "--taxonomy", "taxonomy", "jds.jsonl"]).out;
    for part in ["kra_min", "Title: display_name", "KRA score of Web Developer", "Skill score of Web Developer"] {
        assert!(words.contains(part), "{part}: {words}");
    }
    let run = place.run(&["explain", "--taxonomy", "taxonomy", "jds.jsonl", "--id", "nobody"]);
    assert_eq!(run.code, 2);
    run.complains(&["no JD to explain", "none of the 2 JDs"]);
}

#[test]
fn settings_are_checked_and_printed() {
    let place = Place::new();
    let run = place.run(&["check-config", "--set", "decision.kra_min=0.55"]);
    assert!(run.code == 0 && run.out.contains("kra_min = 0.55") && run.out.contains("flag --set"), "{}", run.out);
    place.put("rolestream.toml", b"[decision]\nkra_mim = 0.5\n");
    let run = place.run(&["check-config"]);
    assert_eq!(run.code, 2);
    run.complains(&["rolestream.toml:2", "kra_mim", "kra_min"]);
}

#[test]
fn a_mistake_in_a_taxonomy_is_named_with_file_line_and_remedy() {
    let place = Place::new();
    place.put("jd.txt", DATA.as_bytes());
    place.put("taxonomy/skills/tools.toml", b"[dimension]\nname = \"Tools\"\n\n[skills.kafka]\nid = 1\nname = \"Kafka\"\nalias = [\"x\"]\nkind = \"tool\"\n");
    let run = place.classify(&["jd.txt"]);
    assert_eq!(run.code, 2);
    run.complains(&["taxonomy/skills/tools.toml:7", "alias", "aliases"]);
    let run = place.run(&["classify", "jd.txt", "--taxonomy", "nowhere"]);
    assert_eq!(run.code, 2);
    run.complains(&["nowhere"]);
}

#[test]
fn taxonomies_are_linted_shown_and_compared() {
    let place = Place::new();
    let clean = place.run(&["taxonomy", "lint", "taxonomy", "--json"]);
    assert_eq!(clean.code, 0, "{}", clean.err);
    place.put("other/skills/tools.toml", &std::fs::read(place.path("taxonomy/skills/tools.toml")).unwrap());
    let role = std::fs::read_to_string(place.path("taxonomy/roles/data-engineer.toml")).unwrap();
    place.put("other/roles/data-engineer.toml", role.replace("\"kafka\"", "\"kafak\"").as_bytes());
    let bad = place.run(&["taxonomy", "lint", "other"]);
    assert_eq!(bad.code, 1, "{}", bad.out);
    assert!(bad.out.contains("kafak") && bad.out.contains("hint:"), "{}", bad.out);

    let shown = place.run(&["taxonomy", "show", "taxonomy"]).out;
    assert!(shown.contains("data-engineer") && shown.contains("2 roles, 2 aliases, 6 KRAs, 6 skills"), "{shown}");
    let one = place.run(&["taxonomy", "show", "taxonomy", "--role", "web-developer"]).out;
    assert!(one.contains("Frontend Developer") && one.contains("Builds accessible web pages"), "{one}");
    place
        .run(&["taxonomy", "show", "taxonomy", "--role", "web-develper"])
        .complains(&["did you mean \"web-developer\"?"]);

    let differences = place.run(&["taxonomy", "diff", "taxonomy", "other", "--json"]).objects();
    let said =
        |collection: &str, key: &str| differences.iter().any(|d| d["collection"] == collection && d["key"] == key);
    assert!(said("roles", "web-developer") && said("role_skills", "data-engineer\nkafak"), "{differences:?}");
    assert_eq!(place.run(&["taxonomy", "import", "onet", "nowhere", "--out", "x"]).code, 2);
}

#[test]
fn the_demo_shows_three_edits_and_the_past_runs_they_change() {
    let place = Place::new();
    let run = place.run(&["demo", "--json"]);
    assert_eq!(run.code, 0, "{}", run.err);
    let said = run.object();
    assert!(said["decisions"].as_array().unwrap().len() >= 80);
    for view in ["centroids", "new_skills", "new_roles", "undecided", "rules"] {
        assert!(!said["state"][view].as_array().unwrap().is_empty(), "{view}");
    }
    let edits = said["edits"].as_array().unwrap();
    assert_eq!(edits.len(), 3);
    for edit in edits {
        assert!(!edit["changed"].as_array().unwrap().is_empty(), "{}", edit["edit"]);
    }
    let says_else = |edit: &Value| edit["changed"].as_array().unwrap().iter().any(|one| one["says_else"] == true);
    assert!(says_else(&edits[0]) && says_else(&edits[1]), "a responsibility and a colliding title change decisions");
    let rows = edits[2]["new_skill_rows"].as_array().unwrap();
    assert!(rows[1].as_u64() < rows[0].as_u64(), "an accepted skill leaves the queue: {rows:?}");
}
