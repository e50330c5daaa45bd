//! Commands that ask a service: tables for people, objects for programs, and a problem's three parts.

use crate::roles::world;
use crate::world::World;
use serde_json::Value;
use std::process::Command;

/// What a command gave: exit code, standard output, standard error.
fn run(world: &World, arguments: &[&str]) -> (i32, String, String) {
    let admin = world.admin();
    let output = Command::new(env!("CARGO_BIN_EXE_rolestream"))
        .args(arguments)
        .args(["--server", &admin.url])
        .current_dir(world.store())
        .env_remove("ROLESTREAM_CONFIG")
        .env("ROLESTREAM_TOKEN", admin.token.unwrap())
        .output()
        .unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (output.status.code().unwrap(), text(output.stdout), text(output.stderr))
}

/// What it printed for people, in which each of these parts must be.
#[track_caller]
fn shown(world: &World, arguments: &[&str], parts: &[&str]) {
    let (code, out, err) = run(world, arguments);
    assert_eq!(code, 0, "{arguments:?}: {err}");
    for part in parts {
        assert!(out.contains(part), "{part:?} is not in what {arguments:?} says:\n{out}");
    }
}

/// What it printed for programs.
#[track_caller]
fn objects(world: &World, arguments: &[&str]) -> Vec<Value> {
    let (code, out, err) = run(world, &[arguments, &["--json"]].concat());
    assert_eq!(code, 0, "{arguments:?}: {err}");
    out.lines().map(|line| serde_json::from_str(line).unwrap_or_else(|e| panic!("{e}: {line}"))).collect()
}

#[test]
fn a_service_is_asked_from_the_command_line() {
    let world = world();
    shown(&world, &["roles", "list"], &["data-engineer", "Analytics Engineer", "dispersion"]);
    shown(&world, &["roles", "list", "--status", "merged"], &["merged into web-developer"]);
    let page = ["Data Engineer", "JDs in its centroid", "Nearest roles", "JUnit", "Models tables for analysts", "█"];
    shown(&world, &["roles", "show", "data-engineer"], &page);
    shown(&world, &["roles", "neighbors", "data-engineer"], &["analytics-engineer", "similarity"]);
    shown(&world, &["roles", "members", "data-engineer", "--sort", "farthest"], &["data-odd"]);
    assert_eq!(objects(&world, &["roles", "members", "data-engineer", "--limit", "3"]).len(), 3);
    let (code, _, err) = run(&world, &["roles", "show", "data-enginer"]);
    assert_eq!(code, 2);
    assert!(err.contains("there is no role \"data-enginer\"") && err.contains("hint: did you mean"), "{err}");

    shown(&world, &["search", "frontend developer"], &["web-developer", "'frontend developer'"]);
    let collisions = objects(&world, &["collisions", "list"]);
    let id = collisions[0]["id"].to_string();
    shown(&world, &["collisions", "list"], &["ETL Developer", &id]);
    shown(&world, &["collisions", "show", &id], &["claimed by", "etl-2", "3 runs"]);

    let runs = objects(&world, &["runs", "list", "--text", "data-odd"]);
    let run_id = runs[0]["run_id"].as_str().unwrap();
    shown(&world, &["runs", "list", "--limit", "2"], &["etl-2", "confidence", run_id]);
    let page =
        ["Data Engineer", "title-agrees", "By responsibilities", "By primary skills", "What the work is", "Steps"];
    shown(&world, &["runs", "show", run_id], &page);
    shown(&world, &["runs", "explain", run_id], &["What the rules compared", "kra_min", "Skill score of"]);
    assert_eq!(world.admin().delete(&format!("/runs/{run_id}")).status, 204);
    shown(&world, &["changes"], &["data-odd", "withdrawn", "withdrawal"]);
    shown(&world, &["runs", "show", run_id], &["corrected or withdrawn since", "What else was said of it"]);
}
