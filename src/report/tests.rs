//! Do words, groups and JSON say what the answer says?

use super::reasoning::{rule, thresholds};
use super::{Names, Row, cluster, reasoning, step_one};
use crate::admission::{Admitted, Document};
use rolestream_dataflows::fixed::{DIMENSIONS, Micro, Vector};
use rolestream_dataflows::id::Id;
use rolestream_dataflows::records::{Dimension, JdUpdate, Record, Role, Settings, Skill, Status};
use rolestream_dataflows::views::{
    Answer, Case, Collision, Decision, How, KraRank, QueueStatus, Resolution, Rule, Signals, SkillRank, SkillSignal,
    SkillUse, subject,
};
use std::collections::BTreeMap;
use std::sync::Arc;

const RULES: [Rule; 21] = [
    Rule::Rejected,
    Rule::Adjudicated,
    Rule::TitleAgrees,
    Rule::TitleContradicted,
    Rule::TitleAlone,
    Rule::TitleAmbiguous,
    Rule::TitleSplit,
    Rule::AllAgree,
    Rule::AliasAgrees,
    Rule::AliasAndSkill,
    Rule::AliasContradicted,
    Rule::AliasAgainstSkill,
    Rule::AliasAlone,
    Rule::SkillOnly,
    Rule::SkillContradicts,
    Rule::KraTie,
    Rule::KraClose,
    Rule::BodyAgrees,
    Rule::BodyAlone,
    Rule::NewRole,
    Rule::NoEvidence,
];

fn names() -> Names {
    let role = |slug: &str, name: &str, number| {
        Record::Role(Role {
            slug: slug.to_owned(),
            name: name.to_owned(),
            number,
            archetype: String::new(),
            status: Status::Active,
            replaced_by: None,
            vector: Vector::new(&[0; DIMENSIONS]).unwrap(),
        })
    };
    let skill = |slug: &str, name: &str| {
        Record::Skill(Skill {
            slug: slug.to_owned(),
            name: name.to_owned(),
            number: 0,
            aliases: Vec::new(),
            dimension: None,
            kind: String::new(),
            ai: Default::default(),
            era: Default::default(),
            hints: Default::default(),
            status: Status::Active,
            replaced_by: None,
        })
    };
    let dimension =
        |slug: &str, name: &str| Record::Dimension(Dimension { slug: slug.to_owned(), name: name.to_owned() });
    Names::of(&[
        role("cook", "Cook", 1),
        role("baker", "Baker", 2),
        skill("oven", "Oven"),
        skill("knife", "Knife"),
        skill("dough", "Dough"),
        dimension("b-tools", "Tools"),
        dimension("a-food", "Food"),
    ])
}

/// A JD of a cook who bakes: the title says cook, the skills and sentences are told below.
fn answer(rule: Rule) -> Answer {
    let (cook, baker) = (Id::role("cook"), Id::role("baker"));
    let rank = |role, score| KraRank { role, score: Micro(score), evidence: Box::default() };
    let skills = |role, score, skills: &[&str]| SkillRank {
        role,
        score: Micro(score),
        matched: skills.iter().map(|skill| Id::skill(skill)).collect(),
    };
    let used = |skill, known, dimension| SkillUse {
        skill,
        known,
        primary: true,
        dimension,
        ai: Default::default(),
        era: Default::default(),
    };
    Answer {
        content: 7,
        received_at: 0,
        source: Id::NONE,
        company: Id::NONE,
        skills: Box::new([
            used(Id::text("sieve"), false, Id::NONE),
            used(Id::skill("oven"), true, Id::dimension("b-tools")),
            used(Id::skill("dough"), true, Id::dimension("a-food")),
            used(Id::text("whisk"), false, Id::NONE),
            used(Id::text("spoon"), false, Id::NONE),
        ]),
        signals: Signals {
            skill: Some(SkillSignal {
                total: 5,
                ranking: Box::new([skills(baker, 400_000, &["oven", "dough"]), skills(cook, 200_000, &["oven"])]),
            }),
            alias: Box::new([cook]),
            kra: Box::new([rank(baker, 707_149), rank(cook, 651_000)]),
        },
        resolution: Resolution {
            how: How::Alias,
            roles: Box::new([cook]),
            similarity: Micro::ONE,
            term: Id::text("chef"),
        },
        decision: Decision {
            rule,
            case: Case::A,
            role: Some(cook),
            confidence: Some(Micro(651_000)),
            collision: Some(Collision { term: Id::text("chef"), roles: Box::new([baker, cook]) }),
            cohort: Box::new([baker, cook]),
            tier: None,
            new_role: None,
            rejection: None,
            kra: Micro(651_000),
            skill: Micro(200_000),
        },
        novel: Box::default(),
        new_kra: false,
        enrichment: Default::default(),
    }
}

fn said(rule: Rule) -> String {
    reasoning(&answer(rule), Some("Chef"), &names(), &Settings::default())
}

#[test]
fn a_reasoning_names_the_roles_and_the_numbers() {
    assert_eq!(said(Rule::TitleAgrees), "title 'Chef' is Cook (alias); KRA agrees (0.6510)");
    let contradicted = "an alias names Cook, but KRA says Baker (0.7071); nothing settles it between Baker and Cook, so it waits for a person";
    assert_eq!(said(Rule::AliasContradicted), contradicted);
    assert_eq!(said(Rule::KraClose), "KRA says Cook (0.6510), with Cook (0.6510) within 0.0500");
    assert_eq!(said(Rule::AllAgree), "alias, KRA (0.6510) and skills (1 of 5, 0.2000) all name Cook");
}

#[test]
fn every_rule_has_a_sentence_and_says_which_thresholds_it_used() {
    let mut sentences: Vec<String> = RULES.iter().map(|rule| said(*rule)).collect();
    sentences.sort();
    sentences.dedup();
    assert_eq!(sentences.len(), RULES.len());
    for one in RULES {
        let used = thresholds(&answer(one), &Settings::default());
        assert_eq!(used.is_empty(), one == Rule::Rejected && answer(one).decision.cohort.is_empty(), "{}", rule(one));
        let mut names: Vec<&str> = used.iter().map(|(name, _)| *name).collect();
        names.dedup();
        assert_eq!(names.len(), used.len(), "{}", rule(one));
    }
}

#[test]
fn groups_stand_by_size_then_name_and_the_unaligned_last() {
    let written = ["Sieve", "oven", "dough", "Whisk", "Spoon"].map(str::to_owned);
    let groups = cluster(&answer(Rule::TitleAgrees), &written, &names());
    let said: Vec<(&str, Vec<&str>)> =
        groups.iter().map(|g| (g.dimension.as_str(), g.skills.iter().map(String::as_str).collect())).collect();
    assert_eq!(
        said,
        [
            ("Food", vec!["Dough"]),
            ("Tools", vec!["Oven"]),
            ("Cross-cutting / unaligned", vec!["Sieve", "Whisk", "Spoon"]),
        ]
    );
}

#[test]
fn a_step_shows_what_the_row_holds_and_null_where_there_is_nothing() {
    let admitted = Admitted {
        document: Arc::new(Document { id: "jd-1".to_owned(), ..Document::default() }),
        parsed: None,
        rejected: None,
        skills: ["Sieve", "oven", "dough", "Whisk", "Spoon"].map(str::to_owned).into(),
        sentences: Vec::new(),
        update: JdUpdate { id: Id::jd("jd-1"), jd: None },
    };
    let answer = answer(Rule::TitleAgrees);
    let subject = subject::new_skill(Id::text("whisk"));
    let row = Row {
        admitted: &admitted,
        answer: &answer,
        names: &names(),
        settings: &Settings::default(),
        taxonomy_version: 3,
        centroid_n: 9,
        statuses: &BTreeMap::from([(subject, QueueStatus::Accepted)]),
    };
    let step = serde_json::to_value(step_one(row)).unwrap();
    let chosen = &step["stage4_decision"]["chosen_role"];
    // By a title rule the score is the title's similarity, whatever the confidence.
    assert_eq!((chosen["score"].as_f64(), step["stage4_decision"]["confidence"].as_f64()), (Some(1.0), Some(0.651)));
    assert!(chosen["kra_matches"].is_null() && chosen["matched_count"].is_null());
    let first = &step["stage3_signals"]["skill_match_roles"][0];
    assert_eq!(first["matched_skills"], serde_json::json!(["Dough", "Oven"]));
    assert_eq!((first["matched_count"].as_u64(), first["total_count"].as_u64()), (Some(2), Some(5)));
    let captured = step["stage5_updates"]["new_skills_attached"].as_array().unwrap();
    let statuses: Vec<_> = captured.iter().map(|skill| (&skill["skill_name"], &skill["status"])).collect();
    assert_eq!(statuses[1], (&"Whisk".into(), &"accepted".into()));
    assert_eq!(captured[1]["queue_id"].as_u64(), Some(subject.number()));
    assert_eq!(captured.len(), 3);
    // Without a vector there is nothing in a centroid.
    assert_eq!(
        (&step["stage5_updates"]["centroid_updated"], &step["stage5_updates"]["centroid_n_after"]),
        (&false.into(), &serde_json::Value::Null)
    );
    let collision = answer.decision.collision.as_ref().unwrap().id().number();
    assert_eq!(step["stage5_updates"]["collision_log_id"].as_u64(), Some(collision));
}
