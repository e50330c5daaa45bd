//! Is the description right? Whole, in itself consistent, and of exactly the routes that there are.

use crate::operations::Document;
use crate::raw;
use crate::world::{Client, World};
use serde_json::Value;
use std::collections::BTreeSet;
use std::path::Path;

/// All references in a value.
fn references<'a>(value: &'a Value, found: &mut BTreeSet<&'a str>) {
    match value {
        Value::Object(fields) => {
            found.extend(fields.get("$ref").and_then(Value::as_str));
            fields.values().for_each(|field| references(field, found));
        }
        Value::Array(values) => values.iter().for_each(|value| references(value, found)),
        _ => {}
    }
}

fn says(value: &Value) -> bool {
    value.as_str().is_some_and(|text| !text.trim().is_empty())
}

#[test]
fn the_description_is_whole_and_refers_to_what_is_there() {
    let world = World::new(&[]);
    let document = Document::read(&world.admin().nobody());
    let json = &document.json;
    assert!(json["openapi"].as_str().unwrap().starts_with("3."), "{}", json["openapi"]);
    assert!(says(&json["info"]["title"]) && says(&json["info"]["version"]) && says(&json["info"]["description"]));
    assert_eq!(json["components"]["securitySchemes"]["token"]["scheme"], "bearer");
    let tags: BTreeSet<&str> =
        json["tags"].as_array().unwrap().iter().map(|tag| tag["name"].as_str().unwrap()).collect();
    let mut wrong = Vec::new();
    let mut ids = BTreeSet::new();
    for operation in &document.operations {
        let told = &operation.told;
        let mut expect = |so: bool, what: &str| {
            if !so {
                wrong.push(format!("{}: {what}", operation.name()));
            }
        };
        expect(says(&told["summary"]), "no summary");
        expect(told["operationId"].as_str().is_some_and(|id| ids.insert(id)), "its operationId is another's, too");
        let its_tags = told["tags"].as_array().map(Vec::as_slice).unwrap_or_default();
        expect(its_tags.len() == 1 && tags.contains(its_tags[0].as_str().unwrap()), "its tag is not described");
        if matches!(operation.method.as_str(), "POST" | "PUT" | "PATCH" | "DELETE") {
            expect(operation.scope().is_some(), "it names no scope");
        }
        let responses = told["responses"].as_object().unwrap();
        expect(responses.keys().any(|status| status.starts_with('2')), "nothing is said of success");
        for (status, response) in responses {
            let content = response["content"].as_object();
            if status.starts_with('2') {
                let schema =
                    |content: &Value| content.get("schema").is_some_and(|schema| *schema != serde_json::json!({}));
                expect(status == "204" || content.is_some_and(|content| content.values().all(schema)), "no schema");
            } else if !status.starts_with('3') {
                let kinds: Vec<&String> = content.map(|content| content.keys().collect()).unwrap_or_default();
                expect(kinds == ["application/problem+json"], &format!("{status} is no problem"));
            }
        }
        let refusals = responses.contains_key("default") || responses.contains_key("401");
        expect(refusals, "nothing is said of refusals");
        let named = |place: &str| -> BTreeSet<&str> {
            let placed = operation.parameters().iter().filter(|parameter| parameter["in"] == place);
            placed.map(|parameter| parameter["name"].as_str().unwrap()).collect()
        };
        expect(named("path") == operation.in_path().into_iter().collect(), "its path has other parameters");
        for parameter in operation.parameters() {
            expect(says(&parameter["description"]), &format!("nothing is said of {}", parameter["name"]));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    let mut found = BTreeSet::new();
    references(json, &mut found);
    let dangling: Vec<&&str> =
        found.iter().filter(|place| json.pointer(place.trim_start_matches('#')).is_none()).collect();
    assert!(!found.is_empty() && dangling.is_empty(), "{dangling:?}");
}

/// A method that no route has: what is there says which methods it has.
#[test]
fn what_is_described_is_there_with_exactly_these_methods() {
    let world = World::new(&["http.requests_per_second=0"]);
    let client = world.admin();
    let document = Document::read(&client);
    let paths: BTreeSet<&str> = document.operations.iter().map(|operation| operation.path.as_str()).collect();
    for path in paths {
        let of_path = || document.operations.iter().filter(|operation| operation.path == path);
        let filled = of_path().next().unwrap().filled();
        let answer = raw::ask(&client.url, "PROPFIND", &filled, client.token.as_deref());
        assert_eq!((answer.status, answer.header("content-type")), (405, "application/problem+json"), "{path}");
        let allowed: BTreeSet<&str> = answer.header("allow").split(',').map(str::trim).collect();
        let mut expected: BTreeSet<&str> = of_path().map(|operation| operation.method.as_str()).collect();
        if expected.contains("GET") {
            expected.insert("HEAD");
        }
        assert_eq!(allowed, expected, "{path}");
    }
    let nowhere = raw::ask(&client.url, "GET", "/no/such/route", client.token.as_deref());
    assert_eq!((nowhere.status, nowhere.header("content-type")), (404, "application/problem+json"));
}

/// Routes come by `routes!`, which describes them: there is no other way in but those that serve the description.
#[test]
fn no_route_is_there_without_a_description() {
    fn look(folder: &Path, found: &mut Vec<String>) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                look(&path, found);
                continue;
            }
            if path.file_name().is_some_and(|name| name == "tests.rs") {
                continue;
            }
            let text = std::fs::read_to_string(&path).unwrap();
            let ways = [".route(", ".route_service(", ".nest_service(", ".fallback_service("];
            let lines = text.lines().filter(|line| ways.iter().any(|way| line.contains(way)));
            found.extend(lines.map(|line| format!("{}: {}", path.display(), line.trim())));
        }
    }
    let mut found = Vec::new();
    look(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src/serve"), &mut found);
    assert!(found.is_empty(), "mount them with routes!: {found:#?}");
}

/// What a text of HTML names in an attribute.
fn attributes<'a>(html: &'a str, name: &str) -> Vec<&'a str> {
    let parts = html.split(&format!(" {name}=\"")).skip(1).collect::<Vec<_>>();
    parts.into_iter().filter_map(|part| part.split('"').next()).collect()
}

#[test]
fn the_page_loads_nothing_from_elsewhere() {
    let world = World::new(&[]);
    let client = world.admin().nobody();
    let page = client.get("/docs/");
    assert_eq!((page.status, kind(&page.headers)), (200, "text/html"));
    let wanted: Vec<&str> = [attributes(&page.text, "src"), attributes(&page.text, "href")].concat();
    assert!(wanted.iter().any(|place| place.ends_with(".js")), "{wanted:?}");
    let mut texts = vec![page.text.clone()];
    for place in &wanted {
        assert!(!place.contains("//"), "{place} is elsewhere");
        let path = format!("/docs/{}", place.trim_start_matches("./"));
        assert_eq!(raw::ask(&client.url, "GET", &path, None).status, 200, "{path}");
        if place.ends_with(".css") || place.ends_with("initializer.js") {
            texts.push(client.get(&path).text);
        }
    }
    // Style sheets load by url() and @import, the page's own script by the addresses it names.
    for text in &texts {
        for loads in ["url(http", "url(\"http", "url('http", "url(//", "@import", "fetch(\"http", "from \"http"] {
            assert!(!text.contains(loads), "{loads}");
        }
    }
    let initializer = client.get("/docs/swagger-initializer.js").text;
    assert!(initializer.contains("/openapi.json"), "{initializer}");
    // Else it shows a badge that another host draws, for which it tells that host the description's address.
    assert!(initializer.contains("\"validatorUrl\": \"none\""), "{initializer}");
    // And a browser is told to load nothing else, whatever the scripts say.
    for path in ["/docs/", "/docs/swagger-ui-bundle.js", "/openapi.json"] {
        let answer = raw::ask(&client.url, "GET", path, None);
        let policy = answer.header("content-security-policy");
        assert!(policy.split("; ").any(|rule| rule == "default-src 'self'"), "{path}: {policy}");
        assert!(!policy.contains("http") && !policy.contains('*'), "{policy}");
    }
    follows(&client);
}

/// Without the last slash it is the same page.
fn follows(client: &Client) {
    let page = client.get("/docs");
    assert!(page.status == 200 && page.text.contains("swagger-ui"), "{}", page.status);
}

fn kind(headers: &ureq::http::HeaderMap) -> &str {
    headers.get("content-type").and_then(|kind| kind.to_str().ok()).unwrap_or_default().split(';').next().unwrap()
}
