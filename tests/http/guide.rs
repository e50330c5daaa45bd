//! Does docs/http.md tell the truth? Its examples are run, in order, as they stand there.
//!
//! Of a shell they need little: words and quotes, lines that go on, variables, and `NAME=$(curl … | jq -r .field)`.

use crate::operations::Document;
use crate::world::{Answer, Client, World};
use serde_json::Value;
use std::collections::BTreeMap;

/// The blocks of a page that are of a kind, in order.
fn blocks(page: &str, kind: &str) -> Vec<String> {
    let (fence, mut found, mut open): (_, Vec<String>, Option<bool>) = (format!("```{kind}"), Vec::new(), None);
    for line in page.lines() {
        match open {
            None if line.starts_with("```") => {
                open = Some(line == fence);
                if line == fence {
                    found.push(String::new());
                }
            }
            Some(_) if line == "```" => open = None,
            Some(true) => found.last_mut().unwrap().extend([line, "\n"]),
            _ => {}
        }
    }
    found
}

/// A command's words, with variables put in as a shell does; what is behind # is left out.
fn words(command: &str, variables: &BTreeMap<String, String>) -> Vec<String> {
    let (mut words, mut word, mut begun) = (Vec::new(), String::new(), false);
    let (mut quote, mut letters) = (None, command.chars().peekable());
    while let Some(letter) = letters.next() {
        match (letter, quote) {
            ('\'' | '"', None) => (quote, begun) = (Some(letter), true),
            (_, Some(open)) if letter == open => quote = None,
            ('\\', Some('"')) => word.push(letters.next().unwrap()),
            ('$', None | Some('"')) => {
                let mut name = String::new();
                while let Some(more) = letters.next_if(|next| next.is_ascii_uppercase()) {
                    name.push(more);
                }
                word.push_str(variables.get(&name).unwrap_or_else(|| panic!("{name} has no value in: {command}")));
                begun = true;
            }
            ('#', None) if !begun => break,
            (_, None) if letter.is_whitespace() => {
                if begun {
                    words.push(std::mem::take(&mut word));
                }
                begun = false;
            }
            _ => {
                word.push(letter);
                begun = true;
            }
        }
    }
    assert!(quote.is_none(), "a quote is open in: {command}");
    if begun {
        words.push(word);
    }
    words
}

/// What a command of curl asks, asked; with the method and path.
fn curl(client: &Client, words: &[String], files: &BTreeMap<&str, String>) -> (String, String, Answer) {
    let mut words = words.iter();
    assert_eq!(words.next().map(String::as_str), Some("curl"));
    let (mut method, mut url, mut body, mut kind, mut token) = (None, None, None, String::new(), None);
    while let Some(word) = words.next() {
        let mut next = || words.next().unwrap_or_else(|| panic!("something follows {word}")).clone();
        match word.as_str() {
            "-s" => {}
            "-X" => method = Some(next()),
            "-d" => body = Some(next()),
            "--data-binary" => body = Some(files[next().trim_start_matches('@')].clone()),
            "-H" => {
                let header = next();
                let (name, value) = header.split_once(": ").unwrap();
                match name {
                    "Content-Type" => kind = value.to_owned(),
                    "Authorization" => token = value.strip_prefix("Bearer ").map(str::to_owned),
                    _ => panic!("{header} is not known here"),
                }
            }
            other if other.starts_with("http") => url = Some(other.to_owned()),
            other => panic!("{other} is not known here"),
        }
    }
    let method = method.unwrap_or_else(|| if body.is_some() { "POST" } else { "GET" }.to_owned());
    let path = url.unwrap().strip_prefix(&client.url).expect("it asks this service").to_owned();
    let answer = Client { token, ..client.clone() }.ask(&method, &path, &kind, body.as_deref());
    (method, path, answer)
}

#[test]
fn the_examples_of_the_page_do_what_it_says() {
    let page = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/http.md")).unwrap();
    let world = World::new(&[]);
    let client = world.admin();
    let files = BTreeMap::from([("jds.jsonl", blocks(&page, "jsonl").concat())]);
    let mut variables = BTreeMap::new();
    let mut asked = Vec::new();
    for line in blocks(&page, "sh").concat().replace("\\\n", " ").lines() {
        if let Some((name, of)) = line.split_once("=$(curl ") {
            let (command, field) = of.strip_suffix(')').unwrap().split_once("| jq -r .").unwrap();
            let (method, path, answer) = curl(&client, &words(&format!("curl {command}"), &variables), &files);
            let value = match &answer.ok()[field] {
                Value::String(text) => text.clone(),
                other => other.to_string(),
            };
            variables.insert(name.to_owned(), value);
            asked.push((method, path));
        } else if line.starts_with("curl ") {
            let (method, path, answer) = curl(&client, &words(line, &variables), &files);
            assert!((200..300).contains(&answer.status), "{line}: {} {}", answer.status, answer.text);
            if path.starts_with("/runs?") {
                assert_eq!(answer.json()["runs"][0]["id"], "jd-1", "{line} finds the JD: {}", answer.text);
            }
            asked.push((method, path));
        } else if line.starts_with("URL=") {
            variables.insert("URL".to_owned(), client.url.clone());
        } else if line.starts_with("TOKEN=") {
            variables.insert("TOKEN".to_owned(), client.token.clone().unwrap());
        } else {
            assert!(line.trim().is_empty(), "not understood: {line}");
        }
    }
    // The paths that the page only speaks of are there, too.
    let document = Document::read(&client);
    let steps = ["/skills/extract-from-jd", "/skills/extract-details", "/skills/final-role-output"];
    assert!(steps.iter().all(|step| asked.iter().any(|(_, path)| path == step)), "{asked:?}");
    for part in page.split('`').skip(1).step_by(2) {
        let Some((method, path)) = part.split_once(' ') else { continue };
        if path.starts_with('/') && method.chars().all(|letter| letter.is_ascii_uppercase()) {
            let path = path.split('?').next().unwrap();
            let known = document.operations.iter().any(|known| known.method == method && known.path == path);
            assert!(known, "there is no {part}");
        }
    }
}
