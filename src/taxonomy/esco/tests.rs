use super::import;
use crate::taxonomy::Taxonomy;
use std::path::Path;

/// The tables' form with rows made up for this test.
fn fixture() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in [
        (
            "occupations_en.csv",
            "conceptType,conceptUri,iscoGroup,preferredLabel,altLabels,hiddenLabels,description\n\
             Occupation,o:1,2654,dragon keeper,\"dragon warden\nwarden, dragons\nDragon Warden\",,\"Keepers feed the dragons, daily. They paint maps of caves.\"\n",
        ),
        (
            "skills_en.csv",
            "\u{feff}conceptType,conceptUri,skillType,preferredLabel,altLabels,hiddenLabels\n\
             K,s:1,knowledge,fire,\"flame\nFire\",\nK,s:2,skill/competence,paint with fire,,\n",
        ),
        ("skillGroups_en.csv", "conceptUri,preferredLabel\ng:1,elements\n"),
        (
            "broaderRelationsSkillPillar.csv",
            "conceptType,conceptUri,broaderType,broaderUri\nK,s:2,K,s:1\nK,s:1,SkillGroup,g:1\n",
        ),
        (
            "occupationSkillRelations.csv",
            "occupationUri,relationType,skillUri\no:1,essential,s:1\no:1,optional,s:2\no:9,optional,s:2\n",
        ),
    ] {
        std::fs::write(folder.path().join(name), text).unwrap();
    }
    folder
}

#[test]
fn the_tables_become_a_taxonomy_that_saves_and_loads_equal() {
    let taxonomy = import(fixture().path()).unwrap();
    let aliases: Vec<&str> = taxonomy.aliases.iter().map(|alias| &*alias.text).collect();
    assert_eq!(aliases, ["dragon warden", "warden, dragons"]);
    let kras: Vec<&str> = taxonomy.kras.iter().map(|kra| &*kra.sentence).collect();
    assert_eq!(kras, ["Keepers feed the dragons, daily.", "They paint maps of caves."]);
    assert_eq!(taxonomy.skills.get("fire").unwrap().aliases, ["flame"]);
    let home = taxonomy.skills.get("paint-with-fire").unwrap().dimension.as_deref();
    assert_eq!(home, Some("elements"), "the group above the skill above");
    assert_eq!(
        taxonomy.role_skills.keys().collect::<Vec<_>>(),
        ["dragon-keeper\nfire", "dragon-keeper\npaint-with-fire"]
    );
    let folder = tempfile::tempdir().unwrap();
    taxonomy.save(folder.path()).unwrap();
    assert_eq!(Taxonomy::load(folder.path()).unwrap(), taxonomy);
}

#[test]
fn a_missing_table_or_column_is_named() {
    let folder = fixture();
    let skills = folder.path().join("skills_en.csv");
    std::fs::write(&skills, "conceptUri,label\n").unwrap();
    assert!(
        import(folder.path()).unwrap_err().to_string().contains("skills_en.csv:1: there is no column \"skillType\"")
    );
    std::fs::remove_file(&skills).unwrap();
    assert!(import(folder.path()).unwrap_err().to_string().contains("there is no \"skills_en.csv\""));
}

#[test]
fn the_real_classification_has_its_true_counts() {
    let Some(data) = std::env::var_os("ROLESTREAM_DATA") else {
        eprintln!("skipped: ROLESTREAM_DATA does not name the folder that holds esco/");
        return;
    };
    let taxonomy = import(&Path::new(&data).join("esco")).unwrap();
    assert_eq!((taxonomy.roles.len(), taxonomy.skills.len()), (3_007, 13_896));
    assert!(taxonomy.role_skills.len() > 120_000, "{}", taxonomy.role_skills.len());
    let homeless = taxonomy.skills.iter().filter(|skill| skill.dimension.is_none()).count();
    assert!(homeless < 100, "{homeless}");
}
