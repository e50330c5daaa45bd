//! What may be given to `classify`, and what happens when it is none of it?

use crate::program::{DATA, Place, WEB};
use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::json;
use std::io::Write;

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn slug(answer: &serde_json::Value) -> &str {
    answer["stage4_decision"]["chosen_role"]["slug"].as_str().unwrap_or("none")
}

#[test]
fn every_form_of_a_jd_gives_the_same_answer() {
    let place = Place::new();
    let html = DATA.lines().map(|line| format!("<p>{}</p>", line.replace('&', "&amp;"))).collect::<String>();
    let object = json!({"text": DATA}).to_string();
    let files: [(&str, Vec<u8>); 9] = [
        ("jd.txt", DATA.into()),
        ("jd.md", DATA.replace("Responsibilities:", "## Responsibilities").into()),
        ("jd.html", format!("<html><head><title>x</title></head><body>{html}</body></html>").into()),
        ("jd.json", object.clone().into()),
        ("pretty.json", serde_json::to_vec_pretty(&json!([{"text": DATA}])).unwrap()),
        ("lines.jsonl", format!("\n{object}\n").into()),
        ("jd.txt.gz", gzip(DATA.as_bytes())),
        ("lines.jsonl.gz", gzip(object.as_bytes())),
        ("utf16.txt", [0xFF, 0xFE].into_iter().chain(DATA.encode_utf16().flat_map(u16::to_le_bytes)).collect()),
    ];
    for (name, bytes) in files {
        place.put(name, &bytes);
        let run = place.classify(&[name, "--json"]);
        assert_eq!(run.code, 0, "{name}: {}", run.err);
        let answer = run.object();
        assert_eq!(slug(&answer), "data-engineer", "{name}: {answer}");
        assert_eq!(answer["stage4_decision"]["rule"], "title-agrees", "{name}");
        let captured = &answer["stage5_updates"]["new_skills_attached"];
        assert_eq!(captured[0]["skill_name"], "JUnit", "{name}: {captured}");
    }
}

#[test]
fn standard_input_may_hold_text_or_json() {
    let place = Place::new();
    let arguments = ["classify", "--taxonomy", "taxonomy", "-", "--json"];
    let text = place.run_with(&arguments, DATA.as_bytes()).object();
    assert_eq!((text["id"].as_str(), slug(&text)), (Some("stdin"), "data-engineer"));
    let lines = format!("{}\n{}\n", json!({"id": 7, "text": WEB}), json!({"text": DATA}));
    let run = place.run_with(&arguments, &gzip(lines.as_bytes()));
    let ids: Vec<_> = run.objects().iter().map(|answer| answer["id"].as_str().unwrap().to_owned()).collect();
    assert_eq!(ids, ["7", "stdin:2"]);
}

#[test]
fn a_folder_is_read_by_name_without_hidden_files() {
    let place = Place::new();
    place.put("jds/b/two.txt", WEB.as_bytes());
    place.put("jds/a.txt", DATA.as_bytes());
    place.put("jds/.hidden", b"\0\0\0\0");
    place.put("jds/README.md", b"Notes.");
    let answers = place.classify(&["jds", "--json"]).objects();
    let said: Vec<_> = answers.iter().map(|answer| (answer["id"].as_str().unwrap(), slug(answer))).collect();
    assert_eq!(said, [("a.txt", "data-engineer"), ("b/two.txt", "web-developer")]);
}

#[test]
fn every_input_is_answered_in_its_place_and_what_cannot_be_read_costs_the_exit_code() {
    let place = Place::new();
    let lines = [
        json!({"id": "first", "text": DATA}).to_string(),
        "{\"id\": \"broken".to_owned(),
        json!({"id": "rejected", "text": ""}).to_string(),
        json!({"id": "other", "jd": "x"}).to_string(),
        json!({"id": "first", "text": WEB}).to_string(),
    ];
    place.put("jds.jsonl", lines.join("\n").as_bytes());
    let run = place.classify(&["jds.jsonl", "--json"]);
    assert_eq!(run.code, 1);
    let answers = run.objects();
    assert_eq!(answers.len(), 5);
    let ids: Vec<_> = answers.iter().map(|answer| answer["id"].as_str()).collect();
    assert_eq!(ids, [Some("first"), None, Some("rejected"), None, Some("first")]);
    assert_eq!(
        (answers[2]["rejected"].as_bool(), answers[2]["rejection_reason"].as_str()),
        (Some(true), Some("no_text"))
    );
    assert_eq!(answers[1]["error"]["source"], json!({"file": "jds.jsonl", "line": 2}));
    // An id that comes again is another version: the first leaves the centroid it was in.
    assert_eq!((slug(&answers[0]), slug(&answers[4])), ("data-engineer", "web-developer"));
    assert_eq!(answers[4]["stage5_updates"]["centroid_n_after"], 1);
    assert_ne!(answers[0]["run_id"], answers[4]["run_id"]);
    run.complains(&["jds.jsonl:2: this is no JSON", "jds.jsonl:4: a JD without \"text\"", "rename \"jd\""]);
    assert_eq!(place.classify(&["jds.jsonl", "--summary"]).code, 1);
}

#[test]
fn what_is_no_jd_is_rejected_with_a_reason() {
    let place = Place::new();
    let huge = format!("{DATA}{}", "More text about the role of a data engineer. ".repeat(100));
    let cake =
        "Plum cake. Cream the butter with the sugar, fold in the flour, lay the plums on top and bake for an hour.";
    let benefits = "Benefits:\n- Free fruit on Mondays\n- A gym card\n- Thirty days of leave\n- Dental insurance\n";
    for (name, text, reasons) in [
        ("empty.txt", "", &["no_text"][..]),
        ("blank.txt", " \n\t\n ", &["no_text"]),
        ("huge.txt", &huge, &["too_large"]),
        ("cake.txt", cake, &["not_a_jd"]),
        ("benefits.txt", benefits, &["no_role", "not_a_jd"]),
        ("soup.html", "<div><<p <<b>></div><script>var x = '<p>'</script><!-- ", &["no_text", "not_a_jd"]),
    ] {
        place.put(name, text.as_bytes());
        let run = place.classify(&[name, "--json", "--set", "admission.max_text_bytes=2000"]);
        assert_eq!(run.code, 0, "{name}: {}", run.err);
        let answer = run.object();
        let reason = answer["rejection_reason"].as_str().unwrap_or("not rejected");
        assert!(reasons.contains(&reason), "{name}: {reason}");
        assert!(!answer["rejection_detail"].as_str().unwrap().is_empty(), "{name}");
        assert_eq!(answer["stage4_decision"]["case"], "R");
        assert_eq!(answer["stage4_decision"]["queued"], false);
    }
}

#[test]
fn what_cannot_be_read_is_named_with_place_and_remedy() {
    let place = Place::new();
    let mut cut = gzip(&[DATA; 50].concat().into_bytes());
    cut.truncate(cut.len() / 2);
    place.put("image.png", &[0x89, b'P', b'N', b'G', 0, 0, 0, 13, 1, 2, 3, 0, 0, 0, 4]);
    place.put("cut.txt.gz", &cut);
    place.put("nothing.jsonl", b"\n \n");
    place.put("number.json", b"[{\"text\": \"\"},\n 5]");
    place.put("open.json", b"{\"text\": \"x\",\n");
    place.put("late.jsonl", json!({"text": DATA, "received_at": "tomorrow"}).to_string().as_bytes());
    std::fs::create_dir(place.path("empty")).unwrap();
    for (name, parts) in [
        ("missing.txt", &["cannot read missing.txt", "check the path"][..]),
        ("image.png", &["image.png: the bytes are no text", "not a PDF"]),
        ("cut.txt.gz", &["cannot read cut.txt.gz", "gzip -t"]),
        ("nothing.jsonl", &["no JD in nothing.jsonl", "one a line"]),
        ("number.json", &["number.json:2: a number is no JD", "\"text\""]),
        ("open.json", &["open.json:2: this is no JSON"]),
        ("late.jsonl", &["late.jsonl:1: \"received_at\" is no time", "RFC 3339"]),
        ("empty", &["no file in the folder empty"]),
    ] {
        let run = place.classify(&[name, "--json"]);
        assert_eq!(run.code, 1, "{name}: {}", run.err);
        run.complains(parts);
        assert!(run.objects().iter().any(|answer| answer["error"]["hint"].is_string()), "{name}: {}", run.out);
    }
}

#[test]
fn a_line_that_is_too_long_is_passed_over_and_the_next_is_answered() {
    let place = Place::new();
    let long = json!({"id": "long", "text": "x ".repeat(60_000)});
    let lines = format!("{long}\n{}\n", json!({"id": "next", "text": DATA}));
    place.put("jds.jsonl", lines.as_bytes());
    let run = place.classify(&["jds.jsonl", "--json", "--set", "admission.max_text_bytes=2000"]);
    assert_eq!(run.code, 1);
    run.complains(&["jds.jsonl:1: the line is too long", "admission.max_text_bytes"]);
    assert_eq!(run.objects()[1]["id"], "next");
}
