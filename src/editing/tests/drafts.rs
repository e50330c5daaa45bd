//! What does a draft come to, what clashes with it, and does all of it survive being stored?

use super::{kitchen, op};
use crate::editing::{AuditEntry, Changed, Draft, Outcome, Version, versions};
use crate::sources::Edit;
use rolestream_dataflows::records::Change;
use serde_json::{Value, json};

fn draft(operations: &[Value]) -> Draft {
    let operations = operations.iter().cloned().map(op).collect();
    let (title, author, note) = ("More pans".to_owned(), "ann".to_owned(), "asked for".to_owned());
    Draft { id: 7, title, author, created_at: 1, updated_at: 2, base_version: 3, operations, note }
}

#[test]
fn only_the_net_edits_are_left_and_each_error_says_of_which_operation() {
    let base = kitchen();
    let detour = draft(&[
        json!({"op": "add_alias", "role": "cook", "text": "Kitchen Hand"}),
        json!({"op": "create_role", "name": "Pan Cook"}),
        json!({"op": "delete_alias", "role": "cook", "text": "kitchen hand"}),
        json!({"op": "change_role", "role": "pan-cook", "archetype": "Kitchen"}),
        json!({"op": "change_role", "role": "baker", "name": "Baker"}),
    ]);
    let edits = detour.edits(&base).unwrap();
    assert!(matches!(&edits[..], [Edit::Put(line)] if line.key().unwrap().key == "pan-cook"), "{edits:?}");
    let wrong = draft(&[
        json!({"op": "retire_role", "role": "nobody"}),
        json!({"op": "create_dimension", "name": "Pans"}),
        json!({"op": "create_dimension", "name": "pans"}),
    ]);
    let errors = wrong.edits(&base).unwrap_err().0;
    let at: Vec<String> = errors.iter().map(|error| error.source.clone().unwrap().to_string()).collect();
    assert_eq!(at, ["operation:1", "operation:3"]);
}

#[test]
fn versions_that_changed_what_a_draft_touches_are_named() {
    let base = kitchen();
    let draft = draft(&[
        json!({"op": "merge_roles", "into": "cook", "roles": ["baker"]}),
        json!({"op": "delete_kra", "kra": "long-gone"}),
    ]);
    let version = |number, keys: &[&str]| {
        let change = |key: &&str| Changed { key: (*key).to_owned(), before: None, after: None };
        let changes = keys.iter().map(change).collect();
        Version { number, at: 0, author: String::new(), why: String::new(), draft: None, undoes: None, changes }
    };
    // Version 3 is the base; the cook is touched although the merge leaves its record as it is.
    let versions = [
        version(3, &["role/baker"]),
        version(4, &["role/cook", "skill/oven"]),
        version(5, &["role/baker", "role/cook", "kra/long-gone"]),
    ];
    let found: Vec<(String, Vec<u64>)> =
        draft.conflicts(&base, &versions).into_iter().map(|conflict| (conflict.key, conflict.versions)).collect();
    let expected = [("kra/long-gone", vec![5]), ("role/baker", vec![5]), ("role/cook", vec![4, 5])];
    assert_eq!(found, expected.map(|(key, versions)| (key.to_owned(), versions)));
}

#[test]
fn what_goes_into_the_store_comes_out_and_people_read_it_as_json() {
    let draft = draft(&[
        json!({"op": "change_skill", "skill": "oven", "dimension": null, "era": "legacy"}),
        json!({"op": "put_alias_rule", "term": "chef", "verdict": {"by_skills": {"role": "cook", "skills": ["fire"]}}}),
        json!({"op": "put", "record": {"collection": "dimensions", "slug": "d", "name": "D"}}),
    ]);
    let bytes = bincode::serialize(&draft).unwrap();
    assert_eq!(bincode::deserialize::<Draft>(&bytes).unwrap(), draft);
    let shown = serde_json::to_value(&draft).unwrap();
    assert_eq!(
        shown["operations"][0],
        json!({"op": "change_skill", "skill": "oven", "dimension": null, "era": "legacy"})
    );
    assert_eq!(serde_json::from_value::<Draft>(shown).unwrap(), draft);

    let delete = Change::Delete(rolestream_dataflows::records::Key::new("role", &["cook"]));
    let changes = versions::changes(&kitchen(), &[delete]);
    let (author, why) = ("ann".to_owned(), String::new());
    let version = Version { number: 1, at: 5, author, why, draft: Some(7), undoes: None, changes };
    let bytes = bincode::serialize(&version).unwrap();
    assert_eq!(bincode::deserialize::<Version>(&bytes).unwrap(), version);
    let shown = serde_json::to_value(&version).unwrap();
    assert_eq!((&shown["changes"][0]["before"]["name"], &shown["changes"][0]["after"]), (&json!("Cook"), &Value::Null));

    let entry = AuditEntry {
        number: 1,
        at: 5,
        who: "ann".to_owned(),
        action: "publish".to_owned(),
        subject: "draft/7".to_owned(),
        before: None,
        after: Some(json!({"version": 4})),
        why: "asked for".to_owned(),
        outcome: Outcome::Done,
        version: Some(4),
    };
    let bytes = bincode::serialize(&entry).unwrap();
    assert_eq!(bincode::deserialize::<AuditEntry>(&bytes).unwrap(), entry);
}
