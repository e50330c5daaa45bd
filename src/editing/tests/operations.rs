//! Does each operation do what it says, and refuse what it should?

use super::{after, at, kitchen, op};
use crate::editing::{Overlay, values};
use serde_json::{Value, json};

#[test]
fn slugs_and_ids_are_made_where_they_are_left_out_and_never_twice() {
    let base = kitchen();
    let now = after(
        &base,
        &[
            json!({"op": "create_role", "name": "Sous Chef"}),
            json!({"op": "retire_role", "role": "sous-chef"}),
            json!({"op": "create_role", "name": "Sous-Chef!", "id": 77}),
            json!({"op": "create_role", "name": "厨师", "slug": "chu-shi"}),
            json!({"op": "create_kra", "role": "cook", "sentence": "Seasons with salt and herbs."}),
            json!({"op": "create_kra", "role": "cook", "sentence": "Seasons with salt, and only salt."}),
        ],
    );
    assert_eq!(now["role/sous-chef"]["status"], "retired");
    assert_eq!(now["role/sous-chef-2"]["id"], 77);
    let mut ids: Vec<u64> =
        now.values().filter(|v| v["collection"] == "roles").map(|v| v["id"].as_u64().unwrap()).collect();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), 6);
    assert_eq!(now["kra/cook/seasons-with-salt-and"]["role"], "cook");
    assert!(now.contains_key("kra/cook/seasons-with-salt-and-2"));
}

#[test]
fn a_merge_points_earlier_ones_to_the_survivor_and_can_be_taken_back_whole() {
    let base = kitchen();
    let merge = |into: &str, role: &str| json!({"op": "merge_roles", "into": into, "roles": [role]});
    let merged = after(&base, &[merge("baker", "grill"), merge("cook", "baker")]);
    for slug in ["baker", "grill"] {
        let role = &merged[&format!("role/{slug}")];
        assert_eq!((&role["status"], &role["replaced_by"]), (&json!("merged"), &json!("cook")), "{slug}");
    }
    let back = json!({"op": "unmerge_role", "role": "baker", "with": ["grill"]});
    let restored = after(&base, &[merge("baker", "grill"), merge("cook", "baker"), back]);
    assert_eq!(restored, after(&base, &[merge("baker", "grill")]));
    let skills = [
        json!({"op": "merge_skills", "into": "fire", "skills": ["oven", "dough"]}),
        json!({"op": "unmerge_skill", "skill": "oven"}),
        json!({"op": "unmerge_skill", "skill": "dough"}),
    ];
    assert_eq!(after(&base, &skills), values::of_records(&base));
}

#[test]
fn a_split_moves_what_is_named_and_leaves_the_rest() {
    let base = kitchen();
    let split = json!({
        "op": "split_role", "role": "cook", "new": {"name": "Fry Cook"}, "aliases": ["line cook", "Pastry Chef"],
        "kras": ["cook/fries"], "skills": ["fire"], "shared_skills": ["knife"], "dimensions": ["heat"]
    });
    let merged = json!({"op": "merge_roles", "into": "cook", "roles": ["baker"]});
    let now = after(&base, &[merged, split]);
    assert_eq!(now["role/fry-cook"]["archetype"], "Kitchen");
    assert_eq!(now["kra/cook/fries"]["role"], "fry-cook");
    assert_eq!(now["kra/cook/cuts"]["role"], "cook");
    let has = |key: &str| now.contains_key(key);
    // A title of the baker, who is merged into the cook, is the cook's to give.
    assert!(has("alias/fry-cook/pastry chef") && !has("alias/baker/pastry chef"));
    assert!(has("alias/fry-cook/line cook") && !has("alias/cook/line cook") && has("alias/cook/chef"));
    assert!(has("role-skill/fry-cook/fire") && !has("role-skill/cook/fire"));
    assert!(has("role-skill/fry-cook/knife") && has("role-skill/cook/knife"));
    assert!(has("role-dimension/fry-cook/heat") && !has("role-dimension/cook/heat"));
    assert!(!has("role-dimension/baker/heat"), "the baker's counts for the cook: it moves, too");

    let split = json!({
        "op": "split_skill", "skill": "knife", "new": {"name": "Cleaver"}, "aliases": ["blade"], "roles": ["cook"]
    });
    let now = after(&base, &[split]);
    assert_eq!(now["skill/knife"]["aliases"], json!([]), "a name of another skill is no alias of this");
    let cleaver = &now["skill/cleaver"];
    assert_eq!((&cleaver["aliases"], &cleaver["dimension"]), (&json!(["Blade"]), &json!("tools")));
    assert!(now.contains_key("role-skill/cook/cleaver") && !now.contains_key("role-skill/cook/knife"));
}

#[test]
fn a_dimension_in_use_is_deleted_by_force_or_merged() {
    let base = kitchen();
    let forced = after(&base, &[json!({"op": "delete_dimension", "dimension": "heat", "force": true})]);
    assert_eq!(forced["skill/oven"].get("dimension"), None);
    assert!(!forced.contains_key("role-dimension/baker/heat") && !forced.contains_key("dimension/heat"));
    let merged = after(&base, &[json!({"op": "merge_dimensions", "into": "tools", "dimensions": ["heat"]})]);
    assert_eq!(merged["skill/oven"]["dimension"], "tools");
    assert!(merged.contains_key("role-dimension/baker/tools") && !merged.contains_key("dimension/heat"));
    let moved = json!({"op": "move_role_dimension", "role": "cook", "dimension": "heat", "to": "grill"});
    let moved = after(&base, &[moved]);
    assert!(moved.contains_key("role-skill/grill/fire") && !moved.contains_key("role-skill/cook/fire"));
    assert!(moved.contains_key("role-skill/cook/knife"), "its home is another dimension");
}

#[test]
fn what_is_left_out_stays_and_null_takes_away() {
    let base = kitchen();
    let now = after(&base, &[json!({"op": "change_skill", "skill": "oven", "era": "legacy"})]);
    assert_eq!((&now["skill/oven"]["era"], &now["skill/oven"]["dimension"]), (&json!("legacy"), &json!("heat")));
    let gone = json!({"op": "change_skill", "skill": "oven", "dimension": null});
    assert_eq!(serde_json::to_value(op(gone.clone())).unwrap(), gone, "null survives being kept");
    assert_eq!(after(&base, &[gone])["skill/oven"].get("dimension"), None);
}

#[test]
fn what_cannot_be_is_refused_in_three_parts_and_changes_nothing() {
    let base = kitchen();
    let cases: &[(Value, &str)] = &[
        (json!({"op": "change_role", "role": "bakr", "name": "X"}), "there is no role \"bakr\""),
        (json!({"op": "create_role", "name": "New", "slug": "cook"}), "the slug \"cook\" is taken"),
        (json!({"op": "create_role", "name": "New", "slug": "New Role"}), "\"New Role\" is no slug for a role"),
        (json!({"op": "create_role", "name": "New", "id": 1}), "the id 1 is taken"),
        (json!({"op": "create_role", "name": " COOK. "}), "the name \"COOK.\" is taken"),
        (json!({"op": "create_role", "name": " — "}), "the name of the role is empty"),
        (json!({"op": "create_skill", "name": "flame"}), "\"flame\" names another skill"),
        (json!({"op": "create_skill", "name": "X", "dimension": "heet"}), "there is no dimension \"heet\""),
        (json!({"op": "add_skill_alias", "skill": "oven", "text": "knife"}), "\"knife\" names another skill"),
        (
            json!({"op": "merge_roles", "into": "cook", "roles": ["baker", "cook"]}),
            "role \"cook\" cannot be merged into itself",
        ),
        (json!({"op": "merge_roles", "into": "cook", "roles": ["gone"]}), "role \"gone\" is not active"),
        (json!({"op": "merge_roles", "into": "gone", "roles": ["cook"]}), "role \"gone\" is not active"),
        (json!({"op": "merge_skills", "into": "oven", "skills": []}), "no skill is named"),
        (json!({"op": "unmerge_role", "role": "cook"}), "role \"cook\" is not merged"),
        (json!({"op": "reactivate_role", "role": "cook"}), "role \"cook\" is not retired"),
        (json!({"op": "delete_dimension", "dimension": "heat"}), "dimension \"heat\" is in use"),
        (
            json!({"op": "split_role", "role": "cook", "new": {"name": "N"}, "kras": ["cook/cuts", "baker/bakes"]}),
            "role \"cook\" has no responsibility \"baker/bakes\"",
        ),
        (json!({"op": "move_kra", "kra": "cook/cuts", "to": "gone"}), "role \"gone\" is not active"),
        (json!({"op": "add_alias", "role": "cook", "text": "CHEF"}), "role \"cook\" has the alias \"CHEF\" already"),
        (json!({"op": "delete_alias", "role": "cook", "text": "Cheff"}), "role \"cook\" has no alias \"Cheff\""),
        (json!({"op": "put_alias_rule", "term": "chef", "verdict": {"assigned": "cok"}}), "there is no role \"cok\""),
        (json!({"op": "delete", "key": "role/nobody"}), "there is no record \"role/nobody\""),
        (
            json!({"op": "put", "record": {"collection": "dimensions", "slug": "A B", "name": "x"}}),
            "\"A B\" is no slug for a dimension",
        ),
    ];
    let mut overlay = Overlay::new(&base);
    overlay.apply(&op(json!({"op": "create_role", "name": "Gone"}))).unwrap();
    overlay.apply(&op(json!({"op": "retire_role", "role": "gone"}))).unwrap();
    let before = values::of_records(&overlay);
    for (operation, primary) in cases {
        let error = overlay.apply(&op(operation.clone())).unwrap_err();
        assert_eq!(error.primary, *primary, "{operation}");
        assert!(error.detail.is_some() && error.hint.is_some() && error.source.is_none(), "{error:?}");
        assert_eq!(values::of_records(&overlay), before, "{operation} changed something");
    }
    let typo = overlay.apply(&op(json!({"op": "retire_role", "role": "bakr"}))).unwrap_err();
    assert_eq!(typo.hint.as_deref(), Some("did you mean \"baker\"?"));
    // The index was put back, too: the name that a refused split had taken is free.
    overlay.apply(&op(json!({"op": "create_role", "name": "N"}))).unwrap();
    assert!(at(&overlay, "role/n").is_some());
}

#[test]
fn retiring_a_survivor_wants_a_word() {
    let base = kitchen();
    let merge = json!({"op": "merge_roles", "into": "cook", "roles": ["grill"]});
    let mut overlay = Overlay::new(&base);
    overlay.apply(&op(merge)).unwrap();
    let error = overlay.apply(&op(json!({"op": "retire_role", "role": "cook"}))).unwrap_err();
    assert_eq!(error.primary, "role \"cook\" stands for others");
    overlay.apply(&op(json!({"op": "retire_role", "role": "cook", "with_merged": true}))).unwrap();
    assert_eq!(at(&overlay, "role/grill").unwrap()["status"], "retired");
}

#[test]
fn a_field_that_no_operation_has_is_an_error_and_the_description_knows_all_operations() {
    let typo = json!({"op": "retire_role", "role": "cook", "with_merge": true});
    assert!(serde_json::from_value::<crate::editing::Operation>(typo).is_err());
    let schema = serde_json::to_value(<crate::editing::Operation as utoipa::PartialSchema>::schema()).unwrap();
    let variants = schema["oneOf"].as_array().unwrap();
    assert_eq!(variants.len(), 37);
    assert!(variants.iter().all(|variant| variant.to_string().contains("\"op\"")));
}

#[test]
fn the_lints_of_live_records_name_their_keys() {
    let base = kitchen();
    let mut overlay = Overlay::new(&base);
    overlay.apply(&op(json!({"op": "delete", "key": "skill/fire"}))).unwrap();
    let rows = crate::editing::lints::lints(&overlay, &mut crate::taxonomy::lints::Knows::default());
    let first = serde_json::to_value(&rows[0]).unwrap();
    assert_eq!(
        (&first["code"], &first["severity"], &first["subjects"]),
        (&json!("dangling-reference"), &json!("error"), &json!(["role-skill/cook/fire", "skill/fire"]))
    );
}
