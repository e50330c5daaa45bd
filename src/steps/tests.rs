//! Do the steps say, and write, what a small world makes plain?

use super::details::{MatchedBy, Overlap, Settlement};
use super::final_output::{ArtifactKind, Asked, FinalRequest, ItemOutcome, Outcome, Resolution, SkillTag};
use super::propose::{QueuedRun, propose};
use super::{Catalogue, StepTwo, details, final_output};
use crate::admission::{Admitted, Document};
use crate::config::{Config, Layers};
use crate::embed::Embedder;
use crate::engine::{Batch, Engine};
use crate::error::{Errors, Position};
use crate::jd::{FinalSkill, NanoParsed, ParsedJd, Place, ResponsibilitySection};
use crate::report::{Names, Row};
use crate::service::kit::{Kit, library};
use crate::sources::Edit;
use crate::taxonomy::Taxonomy;
use crate::taxonomy::json_lines::{self, Line};
use rolestream_dataflows::fixed::{DIMENSIONS, Micro, SCALE};
use rolestream_dataflows::id::Id;
use rolestream_dataflows::records::{Change, JdUpdate, Record, Settings, Verdict};
use rolestream_dataflows::text::normalise;
use rolestream_dataflows::views::{
    Answer, Case, Decision, Resolution as TitleResolution, Rule, Signals, SkillUse, subject,
};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

const KITCHEN: &str = r#"
{"collection":"roles","slug":"cook","name":"Cook","id":1}
{"collection":"roles","slug":"baker","name":"Baker","id":2}
{"collection":"roles","slug":"waiter","name":"Waiter","id":3,"status":"retired"}
{"collection":"roles","slug":"chef","name":"Chef","id":4,"status":"merged","replaced_by":"cook"}
{"collection":"aliases","role":"baker","text":"Dough Maker"}
{"collection":"dimensions","slug":"tools","name":"Tools"}
{"collection":"dimensions","slug":"food","name":"Food"}
{"collection":"dimensions","slug":"staples","name":"Staples"}
{"collection":"skills","slug":"oven","name":"Oven","id":1,"dimension":"tools"}
{"collection":"skills","slug":"knife","name":"Knife","id":2,"dimension":"tools","aliases":["Blade"]}
{"collection":"skills","slug":"dough","name":"Dough","id":3,"dimension":"food"}
{"collection":"skills","slug":"rice","name":"Rice","id":4,"dimension":"staples"}
{"collection":"skills","slug":"taste","name":"Taste","id":5}
{"collection":"role_dimensions","role":"cook","dimension":"tools"}
{"collection":"role_skills","role":"cook","skill":"oven"}
{"collection":"role_skills","role":"chef","skill":"knife"}
{"collection":"role_skills","role":"baker","skill":"oven"}
{"collection":"role_skills","role":"baker","skill":"dough"}
{"collection":"role_skills","role":"waiter","skill":"taste"}
"#;

fn records(text: &str) -> Vec<Record> {
    let taxonomy = json_lines::read("kitchen", text.as_bytes()).unwrap();
    taxonomy.to_records(&mut |texts| vec![None; texts.len()])
}

/// After these edits and verdicts.
fn after(mut records: Vec<Record>, outcome: &Outcome) -> Vec<Record> {
    let mut put = |new: Record| {
        records.retain(|old| old.key() != new.key());
        records.push(new);
    };
    for edit in &outcome.edits {
        let Edit::Put(line) = edit else { panic!("nothing is deleted") };
        // As a source would deliver it: what is refused there must not be written here.
        let line = json_lines::parse(&serde_json::to_string(line).unwrap()).unwrap();
        let mut one = Taxonomy::default();
        one.take(line, Position::default()).unwrap();
        one.to_records(&mut |texts| vec![None; texts.len()]).into_iter().for_each(&mut put);
    }
    outcome.reviews.iter().cloned().map(Record::Review).for_each(put);
    records
}

/// A JD and what is said of it.
struct Run {
    admitted: Admitted,
    answer: Answer,
    names: Names,
    settings: Settings,
    statuses: BTreeMap<Id, rolestream_dataflows::views::QueueStatus>,
}

/// Of skills as the parse names them and whether they are primary, each known one resolved as by the engine.
fn run(skills: &[(&str, bool)], role: Option<&str>, new: Option<&str>) -> Run {
    let records = records(KITCHEN);
    let catalogue = Catalogue::of(&records);
    let uses = skills.iter().map(|(name, primary)| {
        let known = catalogue.skill_called(name);
        let skill = known.map_or(Id::text(&normalise(name)), |skill| Id::skill(&skill.slug));
        SkillUse {
            skill,
            known: known.is_some(),
            primary: *primary,
            dimension: Id::NONE,
            ai: Default::default(),
            era: Default::default(),
        }
    });
    let (rule, case) = match (role, new) {
        (Some(_), _) => (Rule::TitleAgrees, Case::A),
        (_, Some(_)) => (Rule::NewRole, Case::New),
        _ => (Rule::NoEvidence, Case::E),
    };
    let answer = Answer {
        enrichment: Default::default(),
        content: 7,
        received_at: 0,
        source: Id::NONE,
        company: Id::NONE,
        skills: uses.collect(),
        signals: Signals::default(),
        resolution: TitleResolution::default(),
        decision: Decision {
            rule,
            case,
            role: role.map(Id::role),
            confidence: None,
            collision: None,
            cohort: Box::default(),
            tier: None,
            new_role: new.map(Arc::from),
            rejection: None,
            kra: Micro::ZERO,
            skill: Micro::ZERO,
        },
        novel: Box::default(),
        new_kra: false,
    };
    let text = "Sharpen the blade.\nDough and Whisk by hand.";
    let evidence = skills.iter().map(|(name, _)| {
        let written = if *name == "Knife" { "blade" } else { *name };
        let place = |start| Place { section: Some(0), start, end: start + written.len() };
        text.find(written).map(place).into_iter().collect()
    });
    let parsed = ParsedJd {
        nano_parsed: NanoParsed {
            role: Some("Pastry Wizard".to_owned()),
            role_archetype: Some("Kitchen".to_owned()),
            roles_and_responsibilities: vec![ResponsibilitySection {
                text: text.to_owned(),
                ..ResponsibilitySection::default()
            }],
            ..NanoParsed::default()
        },
        evidence: evidence.collect(),
        final_skills: skills
            .iter()
            .map(|(name, primary)| FinalSkill { is_primary: *primary, skill_name: (*name).to_owned() })
            .collect(),
        ..ParsedJd::default()
    };
    let admitted = Admitted {
        document: Arc::new(Document::default()),
        parsed: Some(parsed),
        rejected: None,
        skills: skills.iter().map(|(name, _)| (*name).to_owned()).collect(),
        sentences: Vec::new(),
        update: JdUpdate { id: Id::jd("a"), jd: None },
    };
    Run { admitted, answer, names: Names::of(&records), settings: Settings::default(), statuses: BTreeMap::new() }
}

impl Run {
    fn row(&self) -> Row<'_> {
        Row {
            admitted: &self.admitted,
            answer: &self.answer,
            names: &self.names,
            settings: &self.settings,
            taxonomy_version: 3,
            centroid_n: 1,
            statuses: &self.statuses,
        }
    }

    fn details(&self, records: &[Record], settled: &[Settlement]) -> StepTwo {
        // A sieve is like a knife, and like dough a little less; anything else is like nothing.
        let near = |text: &str| match text {
            "Sieve" => vec![("dough".to_owned(), Micro(500_000)), ("knife".to_owned(), Micro(600_000))],
            _ => Vec::new(),
        };
        let details = details(self.row(), &Catalogue::of(records), &near, settled);
        // It is kept as text between the steps.
        let again: StepTwo = serde_json::from_str(&serde_json::to_string(&details).unwrap()).unwrap();
        assert_eq!(again, details);
        details
    }

    fn end(&self, records: &[Record], overrides: Value) -> Result<Outcome, Errors> {
        let details = self.details(records, &[]);
        let request: FinalRequest =
            serde_json::from_value(json!({ "run_id": details.run_id, "overrides": overrides })).unwrap();
        let asked = Asked { who: "ann", at: 1_500 };
        final_output(self.row(), &details, &request, &Catalogue::of(records), asked)
    }
}

fn lines(outcome: &Outcome) -> Vec<String> {
    let line = |edit: &Edit| match edit {
        Edit::Put(Line::Roles(role)) => format!("role {} {} {}", role.slug, role.name, role.archetype),
        Edit::Put(Line::Skills(skill)) => {
            format!("skill {} {:?} {}", skill.slug, skill.dimension, skill.aliases.join(","))
        }
        Edit::Put(other) => other.key().map(|key| format!("{} {}", key.kind, key.key.replace('\n', " "))).unwrap(),
        Edit::Delete(_) => panic!("nothing is deleted"),
    };
    outcome.edits.iter().map(line).collect()
}

const SKILLS: [(&str, bool); 5] =
    [("Taste", false), ("Knife", true), ("Sieve", true), ("Oven", true), ("Dough", false)];

#[test]
fn skills_are_matched_and_roles_stand_by_the_share_they_list() {
    let step = run(&SKILLS, Some("cook"), None).details(&records(KITCHEN), &[]);
    let matched: Vec<(&str, MatchedBy, Option<&str>)> =
        step.skills.iter().map(|s| (s.skill_name.as_str(), s.matched_by, s.matched_text.as_deref())).collect();
    use MatchedBy::{Alias, DisplayName, Unmatched};
    // Primary first; where the text is not told, the name of the parse stands for it.
    let expected = [
        ("Knife", Alias, Some("blade")),
        ("Sieve", Unmatched, None),
        ("Oven", DisplayName, Some("Oven")),
        ("Taste", DisplayName, Some("Taste")),
        ("Dough", DisplayName, Some("Dough")),
    ];
    assert_eq!(matched, expected);
    let dimension = &step.skills[0].dimensions[0];
    assert_eq!((dimension.slug.as_str(), dimension.of_chosen_role), ("tools", true));
    assert!(!step.skills[4].dimensions[0].of_chosen_role && step.skills[3].dimensions.is_empty());
    assert_eq!(step.chosen_role.as_ref().map(|role| (role.role_id, &*role.display_name)), Some((1, "Cook")));

    // A merged role's listing counts for the survivor, a retired one's for nobody.
    let candidates: Vec<(&str, &[String], f64)> =
        step.candidate_roles.iter().map(|c| (c.slug.as_str(), &c.matched_skills[..], c.coverage)).collect();
    let names = |names: [&str; 2]| names.map(str::to_owned);
    let expected = [("baker", &names(["Dough", "Oven"])[..], 0.5), ("cook", &names(["Knife", "Oven"])[..], 0.5)];
    assert_eq!(candidates, expected);
    assert_eq!(step.candidate_roles[0].total_count, 4, "an unknown skill is in no total");
}

#[test]
fn an_unknown_skill_goes_where_its_neighbours_in_text_and_jd_are() {
    let told = run(&SKILLS, Some("cook"), None);
    let open = told.details(&records(KITCHEN), &[]).skills.swap_remove(1).proposal.unwrap();
    // Tools: half of the known skills, .6 alike. Food: a quarter, .5 alike.
    let near: Vec<(&str, f64, f64, f64)> = open
        .nearest_dimensions
        .iter()
        .map(|near| (near.slug.as_str(), near.score, near.co_occurrence, near.similarity))
        .collect();
    assert_eq!(near, [("tools", 0.55, 0.5, 0.6), ("food", 0.375, 0.25, 0.5)]);
    assert_eq!(open.home_dimension.as_deref(), Some("tools"));
    let related: Vec<&str> = open.related_skills.iter().map(|skill| skill.slug.as_str()).collect();
    assert_eq!((related, open.locked_dimensions.len()), (vec!["knife", "dough"], 0));

    // A whisk is like nothing, and stands in a line with dough.
    let skills = [SKILLS[1], ("Whisk", true), SKILLS[3], SKILLS[4]];
    let whisk = run(&skills, Some("cook"), None).details(&records(KITCHEN), &[]);
    let whisk = whisk.skills.iter().find(|skill| skill.skill_name == "Whisk").and_then(|skill| skill.proposal.as_ref());
    assert_eq!(
        whisk.map(|whisk| (whisk.home_dimension.as_deref(), whisk.nearest_dimensions.len())),
        Some((Some("food"), 1))
    );

    let settled = |dimension: &str, with: &str, settled| Settlement {
        dimension: dimension.to_owned(),
        with: with.to_owned(),
        settled,
    };
    let settled = [settled("tools", "staples", Overlap::Merge), settled("food", "tools", Overlap::Keep)];
    let merged = told.details(&records(KITCHEN), &settled).skills.swap_remove(1).proposal.unwrap();
    assert_eq!(merged.home_dimension.as_deref(), Some("staples"), "what was merged is not proposed");
    let locked: Vec<(&str, Overlap)> =
        merged.locked_dimensions.iter().map(|locked| (locked.slug.as_str(), locked.settled)).collect();
    assert_eq!(locked, [("food", Overlap::Keep), ("tools", Overlap::Merge)]);
}

#[test]
fn without_overrides_nothing_is_added_and_the_unknown_is_proposed() {
    let outcome = run(&SKILLS, Some("cook"), None).end(&records(KITCHEN), Value::Null).unwrap();
    assert_eq!((outcome.edits.len(), outcome.reviews.len(), &outcome.adjudication), (0, 0, &None));
    let answer = &outcome.answer;
    assert_eq!(answer.chosen_role_resolution, Resolution::InDb);
    let tags: Vec<SkillTag> = answer.final_input_skills.iter().map(|skill| skill.tag).collect();
    assert_eq!(tags, [SkillTag::InDb, SkillTag::New, SkillTag::InDb, SkillTag::InDb, SkillTag::InDb]);
    let artifacts: Vec<(ArtifactKind, &str)> =
        answer.artifacts.iter().map(|artifact| (artifact.kind, artifact.entity_id.as_str())).collect();
    let number = subject::new_skill(Id::text("sieve")).number().to_string();
    let expected =
        [(ArtifactKind::CanonicalSkillProposed, number.as_str()), (ArtifactKind::DimensionSkillLinkProposed, "tools")];
    assert_eq!(artifacts, expected);
    assert_eq!(answer.artifacts[0].created_at, "1970-01-01T00:00:01.5Z");
    assert_eq!((answer.persistence.skills_proposed, answer.persistence.items.len()), (1, 6));
    assert!(answer.persistence.items.iter().all(|item| item.outcome_line.starts_with(&item.name)));
    let lone = run(&[("Gong", true), ("Zester", true)], Some("cook"), None);
    let lone = lone.end(&records(KITCHEN), Value::Null).unwrap();
    assert_eq!(lone.answer.persistence.dimensions_proposed, 1, "two skills without a near dimension share one");
}

#[test]
fn what_a_person_decides_is_written_and_deciding_it_again_changes_nothing() {
    let skills = [SKILLS[1], SKILLS[2], SKILLS[4], ("Skillet", true), ("Synergy", false)];
    let overrides = json!({ "role_slug": "chef", "skills": [
        { "skill_name": "sieve", "action": "accept", "dimension": "food" },
        { "skill_name": "Skillet", "action": "merge_into", "slug": "knife" },
        { "skill_name": "Synergy", "action": "reject" },
        { "skill_name": "Dough", "action": "accept" },
    ]});
    let (run, world) = (run(&skills, Some("baker"), None), records(KITCHEN));
    let outcome = run.end(&world, overrides.clone()).unwrap();
    let expected = [
        "skill sieve Some(\"food\") ",
        "role-skill cook sieve",
        "role-dimension cook food",
        "role-skill cook dough",
        "skill knife Some(\"tools\") Blade,Skillet",
    ];
    assert_eq!(lines(&outcome), expected);
    let text = |name: &str| subject::new_skill(Id::text(name));
    let verdicts: Vec<_> = outcome.reviews.iter().map(|review| (review.subject, review.verdict.clone())).collect();
    let merged = Verdict::Merged("knife".to_owned());
    let expected =
        [(text("sieve"), Verdict::Accepted), (text("skillet"), merged), (text("synergy"), Verdict::Rejected)];
    assert_eq!(verdicts, expected);
    assert!(outcome.answer.resolution_reason.contains("chef was merged into cook"));
    let adjudication = outcome.adjudication.as_ref().unwrap();
    assert_eq!((&*adjudication.role, adjudication.content), ("cook", 7));
    let ends: Vec<(&str, SkillTag)> =
        outcome.answer.final_input_skills.iter().map(|skill| (skill.skill.as_str(), skill.tag)).collect();
    assert_eq!(ends, [("Knife", SkillTag::InDb), ("Sieve", SkillTag::New), ("Dough", SkillTag::InDb)]);

    let world = after(world, &outcome);
    let again = run.end(&world, overrides).unwrap();
    assert!(again.edits.is_empty(), "{:?}", lines(&again));
    // Left alone, what was rejected stays so.
    let left = run.end(&world, Value::Null).unwrap();
    let synergy = left.answer.persistence.items.iter().find(|item| item.name == "Synergy").unwrap();
    assert_eq!(
        (synergy.outcome, synergy.skipped_reason.as_deref()),
        (ItemOutcome::Skipped, Some("a review rejected it"))
    );
}

#[test]
fn a_new_role_is_made_where_the_library_knows_its_skills() {
    let world = records(KITCHEN);
    let wizard = run(&SKILLS, None, Some("pastry-wizard"));
    let outcome = wizard.end(&world, Value::Null).unwrap();
    assert_eq!(outcome.answer.chosen_role_resolution, Resolution::AutoCreated, "{}", outcome.answer.resolution_reason);
    let expected = [
        "role pastry-wizard Pastry Wizard Kitchen",
        "role-dimension pastry-wizard food",
        "role-dimension pastry-wizard tools",
        "role-skill pastry-wizard knife",
        "role-skill pastry-wizard oven",
        "role-skill pastry-wizard dough",
        "role-skill pastry-wizard taste",
    ];
    assert_eq!(lines(&outcome), expected);
    assert_eq!(outcome.reviews[0].subject, subject::new_role("pastry-wizard"));
    let chosen = outcome.answer.chosen_role.as_ref().unwrap();
    assert!(!(1..=4).contains(&chosen.role_id) && chosen.display_name == "Pastry Wizard");
    // The next run of that title finds it.
    let next = wizard.end(&after(world.clone(), &outcome), Value::Null).unwrap();
    assert_eq!((next.answer.chosen_role_resolution, next.edits.len()), (Resolution::InDb, 0));

    // One of two is little, but it is more than three tenths; one of four is neither.
    let resolution = |skills: &[(&str, bool)], world: &[Record]| {
        let outcome = run(skills, None, Some("pastry-wizard")).end(world, Value::Null).unwrap();
        (outcome.answer.chosen_role_resolution, outcome.edits.len() + outcome.reviews.len())
    };
    assert_eq!(resolution(&[("Taste", true), ("Dough", true)], &world).0, Resolution::AutoCreated);
    let few = [("Taste", true), ("Rice", true), ("Knife", true), ("Dough", true)];
    assert_eq!(resolution(&few, &world), (Resolution::HumanReviewRequired, 0));
    assert_eq!(resolution(&[("Taste", true)], &world), (Resolution::HumanReviewRequired, 0));
    let undecided = run(&SKILLS, None, None).end(&world, Value::Null).unwrap();
    assert_eq!(undecided.answer.chosen_role_resolution, Resolution::HumanReviewRequired);
    assert_eq!(undecided.answer.persistence.skills_proposed, 0, "only decided runs queue skills");

    let mut rejected = outcome.clone();
    rejected.edits.clear();
    rejected.reviews[0].verdict = Verdict::Rejected;
    assert_eq!(resolution(&SKILLS, &after(world, &rejected)), (Resolution::HumanReviewRequired, 0));
}

#[test]
fn all_that_is_wrong_with_a_request_is_said_at_once() {
    let run = run(&SKILLS, Some("cook"), None);
    let overrides = json!({ "role_slug": "waiter", "skills": [
        { "skill_name": "Whisk", "action": "accept" },
        { "skill_name": "Sieve", "action": "merge_into", "slug": "knive" },
        { "skill_name": "Sieve", "action": "merge_into" },
        { "skill_name": "Knife", "action": "merge_into", "slug": "oven" },
        { "skill_name": "Dough", "action": "reject", "dimension": "food" },
        { "skill_name": "Oven", "action": "accept" },
        { "skill_name": "oven", "action": "reject" },
    ]});
    let errors = run.end(&records(KITCHEN), overrides).unwrap_err();
    let said: Vec<&str> = errors.0.iter().map(|error| error.primary.as_str()).collect();
    let expected = [
        "the role \"waiter\" is not active",
        "the run has no skill \"Whisk\"",
        "unknown skill \"knive\"",
        "merge_into of the skill \"Sieve\" names no skill",
        "\"Knife\" is a known skill",
        "\"dimension\" of the skill \"Dough\" says nothing here",
        "the skill \"oven\" is decided twice",
    ];
    assert_eq!(said, expected);
    assert!(errors.0.iter().all(|error| error.detail.is_some() && error.hint.is_some()));
    let unknown = run.end(&records(KITCHEN), json!({ "role_slug": "bakre" })).unwrap_err();
    assert_eq!(unknown.0[0].hint.as_deref(), Some("did you mean \"baker\"?"));
}

/// A unit vector in the plane of two axes: `parts` of the first, the rest of the second.
fn between(first: usize, second: usize, part: f64) -> [i8; DIMENSIONS] {
    // No component can be as long as a unit vector: sixteen neighbouring ones share an axis.
    let mut row = [0i8; DIMENSIONS];
    let unit = f64::from(SCALE) / 4.0;
    row[first * 16..][..16].fill((unit * part).round() as i8);
    row[second * 16..][..16].fill((unit * (1.0 - part * part).sqrt()).round() as i8);
    row
}

#[test]
fn a_role_is_proposed_from_what_its_runs_share() {
    let keep = |vector: [i8; DIMENSIONS]| -> &'static [i8; DIMENSIONS] { Box::leak(Box::new(vector)) };
    let (bread, nearly) = (keep(between(0, 1, 1.0)), keep(between(0, 1, 0.9)));
    let (far, zero) = (keep(between(2, 3, 1.0)), keep([0; DIMENSIONS]));
    let skills = |of: &[(&str, bool)]| of.iter().map(|(slug, primary)| ((*slug).to_owned(), *primary)).collect();
    let run = |title, sentences: &[(&'static str, &'static [i8; DIMENSIONS])], of: &[(&str, bool)]| QueuedRun {
        title,
        archetype: Some("Kitchen"),
        sentences: sentences.iter().map(|(text, vector)| (*text, &vector[..])).collect(),
        skills: skills(of),
    };
    let mut runs = vec![
        run("Pastry Wizard", &[("Bakes bread.", bread), ("Sings.", far)], &[("oven", true), ("dough", false)]),
        run("pastry wizard", &[("Bakes the bread.", nearly), ("Says nothing.", zero)], &[("oven", true)]),
        run("Pastry Wizard", &[("bakes bread", bread)], &[("dough", true), ("gone", true)]),
        run("Cake Poet", &[], &[("rice", true), ("oven", false)]),
        run("Dough Maker", &[], &[]),
    ];
    let world = records(KITCHEN);
    let catalogue = Catalogue::of(&world);
    let proposal = propose("pastry-wizard", &runs, &catalogue);
    assert_eq!((&*proposal.display_name, &*proposal.archetype, proposal.runs), ("Pastry Wizard", "Kitchen", 5));
    let aliases: Vec<&str> = proposal.aliases.iter().map(|alias| alias.text.as_str()).collect();
    assert_eq!(aliases, ["Cake Poet"], "the other title is a baker's");
    let kras: Vec<(&str, &str, usize)> =
        proposal.kras.iter().map(|kra| (kra.id.as_str(), kra.sentence.as_str(), kra.runs)).collect();
    let expected = [("pastry-wizard/bakes-bread", "Bakes bread.", 3), ("pastry-wizard/sings", "Sings.", 1)];
    assert_eq!(kras, expected);
    // Oven in three of five; dough in two; rice in one, which is under three tenths.
    let skills: Vec<(&str, usize, usize)> =
        proposal.skills.iter().map(|skill| (skill.slug.as_str(), skill.runs, skill.primary_runs)).collect();
    assert_eq!(skills, [("oven", 3, 2), ("dough", 2, 1)]);
    assert_eq!(proposal.dimensions, ["food", "tools"]);
    let kinds: Vec<&str> = proposal.lines().iter().filter_map(Line::key).map(|key| key.kind).collect();
    let expected = ["role", "alias", "kra", "kra", "role-dimension", "role-dimension", "role-skill", "role-skill"];
    assert_eq!(kinds, expected);
    runs.reverse();
    assert_eq!(propose("pastry-wizard", &runs, &catalogue), proposal);
}

/// The JD of the reference run against the taxonomy of its seven roles.
#[test]
fn the_reference_jd_takes_all_steps() {
    let Some(folder) = std::env::var_os("ROLESTREAM_REFERENCE").map(PathBuf::from) else {
        return eprintln!("skipped: ROLESTREAM_REFERENCE names no folder with a reference run");
    };
    let config = Config::load(&Layers::default()).unwrap();
    let kit = Kit::new(&config).unwrap();
    let taxonomy = Taxonomy::load(Path::new("tests/reference/taxonomy")).unwrap();
    let mut records = kit.embedded(&taxonomy, &|_| ()).unwrap();
    records.push(Record::Settings(config.settings()));
    kit.follow(library(records.iter()));
    let engine = Engine::start_with(config.engine.options()).unwrap();
    engine.apply(Batch::of_changes(records.iter().cloned().map(Change::Put).collect())).unwrap();
    let text = std::fs::read_to_string(folder.join("reference_jd.txt")).unwrap();
    let document = Document { id: "reference".into(), text, ..Document::default() };
    let admitted = kit.admission(&kit.parser(), "test", 0).admit(Arc::new(document)).unwrap();
    engine.apply(Batch::of_jds(vec![admitted.update.clone()])).unwrap();
    let answer = engine.decisions(&[admitted.update.id]).pop().flatten().unwrap();

    let skills: Vec<(&str, &str)> = taxonomy.skills.iter().map(|skill| (&*skill.slug, &*skill.name)).collect();
    let names: Vec<&str> = skills.iter().map(|(_, name)| *name).collect();
    let vectors = kit.embedder.embed(&names).unwrap();
    let near = |text: &str| {
        let Some(vector) = kit.embedder.embed(&[text]).unwrap().remove(0) else { return Vec::new() };
        let of = |((slug, _), other): (&(&str, &str), &Option<_>)| {
            Some(((*slug).to_owned(), vector.similarity(other.as_ref()?)))
        };
        skills.iter().zip(&vectors).filter_map(of).collect()
    };
    let run = Run {
        admitted,
        answer: Answer::clone(&answer),
        names: Names::of(&records),
        settings: config.settings(),
        statuses: BTreeMap::new(),
    };
    let catalogue = Catalogue::of(&records);
    let step = details(run.row(), &catalogue, &near, &[]);
    let unknown: BTreeSet<&str> = step
        .skills
        .iter()
        .filter(|skill| skill.matched_by == MatchedBy::Unmatched)
        .map(|skill| skill.skill_name.as_str())
        .collect();
    assert_eq!((step.skills.len(), unknown), (21, BTreeSet::from(["Alembic", "JUnit"])));
    assert_eq!(step.candidate_roles[0].slug, "backend-engineer");
    assert_eq!((step.candidate_roles[0].total_count, step.candidate_roles.len()), (19, 5));
    for skill in step.skills.iter().filter_map(|skill| skill.proposal.as_ref().map(|proposal| (skill, proposal))) {
        eprintln!("{}: {:?}, {:?}", skill.0.skill_name, skill.1.nearest_dimensions, skill.1.related_skills);
        assert!(skill.1.home_dimension.is_some());
    }
    let overrides = json!({ "skills": [{ "skill_name": "Alembic", "action": "accept" }] });
    let request = serde_json::from_value(json!({ "run_id": step.run_id, "overrides": overrides })).unwrap();
    let asked = Asked { who: "ann", at: 0 };
    let outcome = final_output(run.row(), &step, &request, &catalogue, asked).unwrap();
    assert_eq!(outcome.answer.chosen_role.as_ref().map(|role| role.role_id), Some(1));
    let new: Vec<&str> = outcome
        .answer
        .final_input_skills
        .iter()
        .filter(|skill| skill.tag == SkillTag::New)
        .map(|skill| skill.skill.as_str())
        .collect();
    assert_eq!(new, ["Alembic", "JUnit"]);
    assert_eq!((outcome.answer.persistence.skills_added, outcome.answer.persistence.skills_proposed), (1, 1));
    assert!(lines(&outcome)[0].starts_with("skill alembic Some("));
    for item in &outcome.answer.persistence.items {
        eprintln!("{}", item.outcome_line);
    }
}
