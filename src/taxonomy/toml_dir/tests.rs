use super::{Taxonomy, read, roles};
use crate::error::Errors;
use crate::taxonomy::toml_dir::File;
use rolestream_dataflows::records::{AliasVerdict, Status};
use std::path::Path;

const KITCHEN: &[(&str, &str)] = &[
    ("taxonomy.toml", "name = \"Kitchen\"\n[calibration]\nkra_min = 0.45\n"),
    (
        "alias_rules.toml",
        "[rules.\"Head  Chef\"]\nassigned = \"cook\"\n[rules.chef]\nrole = \"cook\"\nskills = [\"knife\"]\n[rules.hand]\nambiguous = true\n",
    ),
    (
        "skills/tools.toml",
        "# What one cooks with.\n[dimension]\nname = \"Tools\"\n\n[skills.knife]\nid = 1\nname = \"Knife\"\naliases = [\"Chef's \\\"knife\\\"\", \"C:\\\\knife\"]\nkind = \"tool\"\nera = \"legacy\"\ncase_sensitive = true\ncontext = [\"cut\"]\n\n[skills.blade]\nid = 2\nname = \"Blade\"\nkind = \"tool\"\nstatus = \"merged\"\nreplaced_by = \"knife\"\n",
    ),
    ("skills/_.toml", "[skills.taste]\nid = 3\nname = \"Taste\"\nkind = \"concept\"\nai = \"concept\"\n"),
    (
        "roles/cook.toml",
        "id = 1\nname = \"Cook\"\narchetype = \"Kitchen\"\naliases = [\"Chef\", \"Line Cook\"]\n\n[kras]\ncuts = \"Cuts what is to be cut.\"\n\"/old-7\" = \"Keeps the key it always had.\"\n\n[skills]\ntools = [\"knife\"]\nsauces = []\n_ = [\"taste\", \"unknown\"]\n",
    ),
    ("roles/helper.toml", "id = 2\nname = \"Helper\"\nstatus = \"retired\"\naliases = [\"Chef\"]\n"),
    ("roles/ghost.toml", "aliases = [\"Nobody\"]\n"),
];

fn read_files(files: &[(&str, &str)]) -> Result<Taxonomy, Errors> {
    let files: Vec<File<'_>> = files
        .iter()
        .map(|(path, text)| File { path: (*path).to_owned(), shown: (*path).to_owned(), text: (*text).into() })
        .collect();
    read::read(&files)
}

/// A small taxonomy with one of everything, dangling references included.
pub(crate) fn kitchen() -> Taxonomy {
    read_files(KITCHEN).unwrap()
}

#[test]
fn the_folder_becomes_records() {
    let kitchen = kitchen();
    assert_eq!(kitchen.name, "Kitchen");
    assert_eq!(kitchen.calibration["kra_min"].as_float(), Some(0.45));
    assert_eq!(kitchen.roles.keys().collect::<Vec<_>>(), ["cook", "helper"], "ghost has no record of its own");
    assert_eq!(kitchen.kras.keys().collect::<Vec<_>>(), ["cook/cuts", "old-7"]);
    assert_eq!(kitchen.skills.get("knife").unwrap().aliases, ["Chef's \"knife\"", "C:\\knife"]);
    assert_eq!(kitchen.skills.get("blade").unwrap().status, Status::Merged);
    assert_eq!(kitchen.skills.get("taste").unwrap().dimension, None);
    assert_eq!(kitchen.role_dimensions.keys().collect::<Vec<_>>(), ["cook\ntools", "cook\nsauces"]);
    assert!(kitchen.role_skills.contains("cook\nunknown"));
    assert_eq!(kitchen.alias_rules.get("head chef").unwrap().verdict, AliasVerdict::Assigned("cook".to_owned()));
    assert_eq!(kitchen.kras.entry("cook/cuts").unwrap().at.to_string(), "roles/cook.toml:7");
}

#[test]
fn a_saved_taxonomy_loads_equal_and_saving_again_deletes_what_is_gone() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("new");
    let mut kitchen = kitchen();
    kitchen.save(&path).unwrap();
    assert_eq!(Taxonomy::load(&path).unwrap(), kitchen);
    kitchen.roles.remove("helper");
    kitchen.aliases.remove("helper\nchef");
    kitchen.alias_rules = Default::default();
    kitchen.save(&path).unwrap();
    assert!(!path.join("roles/helper.toml").exists());
    assert_eq!(Taxonomy::load(&path).unwrap(), kitchen);
}

#[test]
fn a_folder_of_something_else_is_neither_read_nor_written_over() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("thesis.txt"), "precious").unwrap();
    assert!(kitchen().save(folder.path()).unwrap_err().primary.contains("holds something else"));
    assert!(Taxonomy::load(folder.path()).unwrap_err().0[0].primary.contains("no taxonomy"));
    assert!(Taxonomy::load(Path::new("/no/such/folder")).unwrap_err().0[0].primary.contains("cannot read"));
}

#[test]
fn a_slug_never_leaves_the_folder() {
    let mut kitchen = kitchen();
    let mut role = kitchen.roles.get("cook").unwrap().clone();
    role.slug = "../../cook".to_owned();
    kitchen.roles.put(role, Default::default());
    let folder = tempfile::tempdir().unwrap();
    assert!(kitchen.save(folder.path()).unwrap_err().primary.contains("is no slug"));
}

/// The only error of one file, as it prints.
fn error(path: &str, text: &str) -> String {
    let errors = read_files(&[(path, text)]).unwrap_err();
    assert_eq!(errors.0.len(), 1, "{errors}");
    assert!(errors.0[0].detail.is_some() && errors.0[0].hint.is_some() && errors.0[0].source.is_some());
    errors.to_string()
}

#[test]
fn errors_name_the_line_and_the_remedy() {
    let skill = |rest: &str| format!("[dimension]\nname = \"Tools\"\n[skills.knife]\nid = 1\n{rest}\n");
    for (path, text, parts) in [
        (
            "skills/t.toml",
            skill("name = \"Knife\"\nalais = []"),
            ["skills/t.toml:6: unknown key \"alais\" in skill knife", "did you mean \"aliases\"?"],
        ),
        (
            "skills/t.toml",
            skill("name = 7"),
            ["skills/t.toml:5: name of skill knife is the number 7", "write name = \"…\""],
        ),
        ("skills/t.toml", skill(""), ["skills/t.toml:3: skill knife has no name", "add name"]),
        (
            "skills/t.toml",
            skill("name = \"Knife\"\nera = \"modrn\""),
            ["skills/t.toml:6: era of skill knife is \"modrn\"", "did you mean \"modern\"?"],
        ),
        (
            "skills/t.toml",
            skill("name = \"a\"\nname = \"b\""),
            ["skills/t.toml:6: this is not TOML", "remove one of the two"],
        ),
        (
            "skills/Big Tools.toml",
            skill("name = \"Knife\""),
            ["\"Big Tools\" is no slug for a dimension", "write \"big-tools\""],
        ),
        (
            "roles/r.toml",
            "id = 1\nname = \"R\"\n[skills]\ntools = \"knife\"\n".to_owned(),
            ["roles/r.toml:4: the skills of role r under tools are the text \"knife\"", "write tools = ["],
        ),
        (
            "roles/r.toml",
            "id = 1\nname = \"R\"\n[kras]\na = 1\n".to_owned(),
            ["roles/r.toml:4: responsibility a", "write a = "],
        ),
        (
            "roles/r.toml",
            "id = -1\nname = \"R\"\n".to_owned(),
            ["roles/r.toml:1: id of role r is the number -1", "write id = 1"],
        ),
        (
            "alias_rules.toml",
            "[rules.chef]\nassigned = \"a\"\nambiguous = true\n".to_owned(),
            ["alias_rules.toml:1: the rule on \"chef\" has no single verdict", "write assigned"],
        ),
    ] {
        let said = error(path, &text);
        for part in parts {
            assert!(said.contains(part), "{said}\nlacks: {part}");
        }
    }
}

#[test]
fn a_skill_in_two_homes_names_both_files_and_all_errors_are_told() {
    let text = "[dimension]\nname = \"X\"\n[skills.knife]\nid = 1\nname = \"Knife\"\n";
    let errors =
        read_files(&[("skills/a.toml", text), ("skills/b.toml", text), ("skills/c.toml", "broken")]).unwrap_err();
    assert_eq!(errors.0.len(), 2);
    assert_eq!(errors.0[0].detail.as_deref(), Some("it is in skills/b.toml:3 and in skills/a.toml:3"));
}

#[test]
fn what_is_not_read_and_what_is_repeated_is_remarked() {
    let taxonomy = read_files(&[
        ("rules.toml", ""),
        ("roles/cook.toml", "id = 1\nname = \"Cook\"\naliases = [\"Chef\", \"chef\"]\n"),
    ])
    .unwrap();
    let rules: Vec<&str> = taxonomy.remarks.iter().map(|remark| remark.rule).collect();
    assert_eq!(rules, ["stray-file", "repeated"]);
    assert_eq!(taxonomy.aliases.get("cook\nchef").unwrap().text, "Chef", "the first counts");
}

#[test]
fn every_responsibility_key_has_a_handle() {
    for id in ["cook/cuts", "cook/", "cook//x", "k17", "helper/cuts", "/x", "cook/a/b"] {
        assert_eq!(roles::kra_id("cook", &roles::handle("cook", id)), id);
    }
}

#[test]
fn the_shipped_taxonomy_is_the_folder_and_is_sound() {
    let shipped = Taxonomy::shipped().unwrap_or_else(|errors| panic!("{errors}"));
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("config/taxonomy");
    let stands = |part: &str| folder.join(part).is_dir();
    if stands("roles") || stands("skills") {
        assert_eq!(Taxonomy::load(&folder).unwrap_or_else(|errors| panic!("{errors}")), shipped);
    }
    assert!(!shipped.name.is_empty());
    let errors: Vec<String> = shipped
        .lints()
        .iter()
        .filter(|lint| lint.severity == crate::taxonomy::Severity::Error)
        .map(ToString::to_string)
        .collect();
    assert!(errors.is_empty(), "{}", errors.join("\n"));
}
