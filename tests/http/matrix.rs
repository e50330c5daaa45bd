//! May only they change something who may? Every route that changes something, asked by everybody who may not.

use crate::operations::{Document, Operation};
use crate::small_taxonomy::DATA;
use crate::world::{Answer, Client, World};
use rolestream::editing::{AuditEntry, Outcome};
use rolestream::serve::access::{Scope, Secret, of_system};
use rolestream::store::{Store, StoredToken};
use serde_json::json;

/// So many entries of the audit log are more than a test makes.
const ALL: usize = 1 << 20;

/// All that a request could change, as it is kept; and the epoch, which moves with every change of an input.
#[derive(Debug, PartialEq)]
struct Held {
    epoch: u64,
    commits: Vec<String>,
}

impl Held {
    fn of(world: &World) -> Held {
        let (store, service) = (world.service().store(), world.service());
        let commits = vec![
            format!("{:?}", store.versions(0, usize::MAX).unwrap()),
            format!("{:?}", store.runs().unwrap()),
            format!("{:?}", store.drafts().unwrap()),
            format!("{:?}", store.reviewed().unwrap()),
            format!("{:?}", store.tokens().unwrap()),
            format!("{:?}", store.role_changes(0, usize::MAX).unwrap()),
            format!("{:?}", service.engine().tables().iter().collect::<Vec<_>>()),
            world.admin().get("/runs?limit=1000").text,
        ];
        Held { epoch: service.engine().last_closed(), commits }
    }
}

/// Somebody who asks.
struct Asker {
    /// As the audit log calls them.
    name: String,
    client: Client,
    /// What their token is good for; none: it counts for nothing, or there is none.
    scope: Option<Scope>,
}

impl Asker {
    /// How they are refused, if they are.
    fn refusal(&self, needed: Scope) -> Option<u16> {
        match self.scope {
            None => Some(401),
            Some(scope) if scope.implies(needed) => None,
            Some(_) => Some(403),
        }
    }
}

/// All there are: the last five have tokens that count.
fn askers(world: &mut World) -> Vec<Asker> {
    let expired = Secret::draw(&of_system).unwrap();
    keep(world.service().store(), &expired, "expired");
    // Tokens are read when a service begins.
    world.restart();
    let revoked = world.token("revoked", &["admin"]);
    assert_eq!(world.admin().delete("/tokens/revoked").status, 200);
    let of = |token: &str| Client { token: Some(token.to_owned()), ..world.admin() };
    let never = Secret::draw(&of_system).unwrap();
    let unknown = |client: Client| Asker { name: "unknown token".to_owned(), client, scope: None };
    let nobody = Asker { name: "anonymous".to_owned(), client: world.admin().nobody(), scope: None };
    let mut askers = vec![nobody];
    askers.extend([of("rst_garbage"), of(""), of(never.expose()), of(expired.expose()), revoked].map(unknown));
    for scope in Scope::ALL {
        let name = format!("only-{}", scope.name());
        askers.push(Asker { client: world.token(&name, &[scope.name()]), name, scope: Some(scope) });
    }
    askers
}

fn keep(store: &Store, secret: &Secret, name: &str) {
    let mut commit = store.commit();
    commit.put_token(
        &secret.hash().0,
        &StoredToken {
            name: name.to_owned(),
            scopes: vec!["admin".to_owned()],
            created_at: 1,
            created_by: "admin".to_owned(),
            expires_at: Some(2),
            revoked_at: None,
        },
    );
    commit.write().unwrap();
}

/// Asks as a client would that knows nothing: what is asked makes no sense, if it is looked at.
fn ask(operation: &Operation, client: &Client) -> Answer {
    let kind = operation.told["requestBody"]["content"].as_object().and_then(|content| content.keys().next());
    let body = kind.map(|_| "{\"no_such_field\": 1}\n");
    client.ask(&operation.method, &operation.filled(), kind.map_or("", String::as_str), body)
}

/// A refusal is a problem (RFC 9457) that says what to do.
#[track_caller]
fn is_problem(what: &str, answer: &Answer, status: u16) {
    assert_eq!(answer.status, status, "{what}: {}", answer.text);
    let header = |name: &str| answer.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
    assert_eq!(header("content-type"), "application/problem+json", "{what}");
    assert_eq!(header("www-authenticate").starts_with("Bearer"), status == 401, "{what}");
    let problem = answer.json();
    assert_eq!(problem["status"], status, "{what}");
    for field in ["type", "title", "hint"] {
        assert!(problem[field].as_str().is_some_and(|text| !text.is_empty()), "{what}: no {field} in {problem}");
    }
}

#[test]
fn who_may_not_changes_nothing_and_is_written_down() {
    let mut world = World::new(&["http.requests_per_second=0"]);
    let askers = askers(&mut world);
    let admin = world.admin();
    admin.extract("a", DATA);
    let document = Document::read(&admin);
    assert!(document.changing().count() >= 7, "there are the three steps, bulk, withdrawal and tokens at least");
    let before = Held::of(&world);
    let begun = world.service().store().last_audit().unwrap();
    let mut expected = Vec::new();
    for operation in document.changing() {
        let needed = operation.scope().unwrap_or_else(|| panic!("{} names no scope", operation.name()));
        for asker in &askers {
            let Some(status) = asker.refusal(needed) else { continue };
            let answer = ask(operation, &asker.client);
            is_problem(&format!("{} by {}", operation.name(), asker.name), &answer, status);
            let told = (asker.name.clone(), operation.method.to_lowercase(), operation.filled(), status);
            expected.push(told);
        }
    }
    assert_eq!(Held::of(&world), before, "nothing changed");
    let entries = world.service().store().audit_before(u64::MAX, ALL).unwrap();
    let since = entries.into_iter().rev().filter(|(number, _)| *number > begun);
    let written: Vec<_> = since
        .map(|(_, json)| {
            let entry: AuditEntry = serde_json::from_str(&json).unwrap();
            assert_eq!(entry.outcome, Outcome::Refused, "{json}");
            assert_eq!((&entry.before, &entry.after, entry.version), (&None, &None, None), "{json}");
            let status = entry.why.rsplit(' ').next().and_then(|status| status.parse().ok()).expect("it says how");
            (entry.who, entry.action, entry.subject, status)
        })
        .collect();
    assert_eq!(written, expected, "each refusal is written down, in order, and nothing else is");
    // And the document is right about who may: the least of those scopes is let in.
    for operation in document.changing() {
        let needed = operation.scope().unwrap();
        for asker in askers.iter().filter(|asker| asker.refusal(needed).is_none()) {
            let answer = ask(operation, &asker.client);
            let what = format!("{} by {}: {}", operation.name(), asker.name, answer.text);
            assert!(answer.status != 401 && answer.status != 403 && answer.status < 500, "{} {what}", answer.status);
        }
    }
}

#[test]
fn reading_wants_a_token_where_anonymous_may_nothing() {
    let world = World::new(&["http.requests_per_second=0", "http.anonymous=\"none\""]);
    let (nobody, reader) = (world.admin().nobody(), world.token("reader", &["read"]));
    let document = Document::read(&world.admin());
    for operation in document.operations.iter().filter(|operation| !operation.changes()) {
        is_problem(&operation.name(), &ask(operation, &nobody), 401);
        let needed = operation.scope().unwrap_or(Scope::Read);
        if operation.streams() {
            continue;
        }
        let answer = ask(operation, &reader);
        match Scope::Read.implies(needed) {
            true => assert!(answer.status != 401 && answer.status != 403, "{}: {}", operation.name(), answer.text),
            false => is_problem(&operation.name(), &answer, 403),
        }
    }
    // A wrong token is refused even where none is needed.
    let world = World::new(&[]);
    let wrong = Client { token: Some("rst_garbage".to_owned()), ..world.admin() };
    is_problem("a wrong token", &wrong.get("/runs"), 401);
    assert_eq!(wrong.nobody().get("/runs").status, 200);
}

#[test]
fn a_token_that_is_taken_back_counts_no_more_at_once_and_after_a_restart() {
    let mut world = World::new(&[]);
    let client = world.token("ci", &["submit"]);
    client.extract("a", DATA);
    assert_eq!(world.admin().delete("/tokens/ci").status, 200);
    let again = json!({"id": "b", "jd_text": DATA});
    client.post("/skills/extract-from-jd", &again).refused(401);
    world.restart();
    let client = Client { token: client.token, ..world.admin() };
    client.post("/skills/extract-from-jd", &again).refused(401);
    assert_eq!(world.admin().get("/runs").ok()["held"], 1);
}
