//! Does the reference JD give what the reference run shows? Needs the data folder; says so when it is not there.

use rolestream::jd::{Input, Parser, ParserSettings, SkillLibrary, WorkMode};
use rolestream::taxonomy::Taxonomy;
use rolestream_dataflows::records::{Record, Skill};
use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::Arc;

fn reference() -> Option<(String, serde_json::Value)> {
    let Some(data) = std::env::var_os("ROLESTREAM_DATA") else {
        eprintln!("skipped: ROLESTREAM_DATA names no data folder, so there is no reference run to compare with");
        return None;
    };
    let folder = PathBuf::from(data).join("../reference");
    let text = std::fs::read_to_string(folder.join("reference_jd.txt")).ok()?;
    let run = std::fs::read_to_string(folder.join("reference_run.json")).ok()?;
    Some((text, serde_json::from_str(&run).ok()?))
}

/// The library of the shipped taxonomy.
fn library() -> SkillLibrary {
    let taxonomy = Taxonomy::shipped().expect("the shipped taxonomy is valid");
    let records = taxonomy.to_records(&mut |texts| vec![None; texts.len()]);
    let skills: Vec<Skill> =
        records.into_iter().filter_map(|r| if let Record::Skill(skill) = r { Some(skill) } else { None }).collect();
    SkillLibrary::new(skills.iter())
}

#[test]
fn the_reference_jd_is_parsed_as_in_the_reference_run() {
    let Some((text, run)) = reference() else { return };
    let library = library();
    assert!(!library.knows("Alembic") && !library.knows("JUnit"));
    let parser = Parser::new(ParserSettings::default(), Arc::new(library));
    let parsed = parser.parse(&Input { text: &text, ..Input::default() }).expect("it is a JD");
    let flags = |skills: Vec<(String, bool)>| {
        skills.into_iter().map(|(name, primary)| (name.to_lowercase(), primary)).collect::<BTreeSet<_>>()
    };
    let want = run["final_skills"]
        .as_array()
        .unwrap()
        .iter()
        .map(|s| (s["skill_name"].as_str().unwrap().to_owned(), s["is_primary"].as_bool().unwrap()));
    let found = parsed.final_skills.iter().map(|s| (s.skill_name.clone(), s.is_primary));
    assert_eq!(flags(found.collect()), flags(want.collect()));
    let nano = &parsed.nano_parsed;
    let wanted = &run["nano_parsed"];
    assert_eq!(nano.role.as_deref(), wanted["role"].as_str());
    assert_eq!(nano.company_name.as_deref(), wanted["company_name"].as_str());
    assert_eq!(serde_json::to_value(&nano.experience).unwrap(), wanted["experience"]);
    assert_eq!(serde_json::to_value(&nano.job_locations).unwrap(), wanted["job_locations"]);
    assert_eq!(nano.job_locations[0].work_mode, Some(WorkMode::Hybrid));
    assert_eq!(nano.role_archetype.as_deref(), wanted["role_archetype"].as_str());
    assert!(nano.role_aliases.iter().any(|a| a == "Backend Developer") && nano.role_aliases.len() <= 4);
    for (section, wanted) in
        nano.roles_and_responsibilities.iter().zip(wanted["roles_and_responsibilities"].as_array().unwrap())
    {
        assert_eq!(section.heading, wanted["heading"].as_str().unwrap());
        assert_eq!(section.text, wanted["text"].as_str().unwrap());
        assert_eq!(section.bullet_count as u64, wanted["bullet_count"].as_u64().unwrap());
        assert_eq!(section.source_marker.first_5_words, wanted["source_marker"]["first_5_words"].as_str().unwrap());
    }
    assert_eq!(nano.roles_and_responsibilities.len(), 3);
    // Of the words of SPEC §2: no bullet dashes, the real last five.
    assert_eq!(
        nano.roles_and_responsibilities[1].source_marker.last_5_words,
        "metrics, and OpenTelemetry distributed tracing"
    );
    assert_eq!(nano.education, Vec::<String>::new());
    assert_eq!(nano.certifications, Vec::<String>::new());
    assert_eq!(nano.about_company, None);
}
