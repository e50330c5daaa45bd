//! Are roles, KRAs, skills and JDs found as what they count for?

use super::*;
use crate::embed::{EmbedError, Embedder};
use crate::search::{Kind, Limits, PossibleSkill, Search, Why};
use crate::telemetry::metrics::Metrics;
use rolestream_dataflows::fixed::Micro;
use rolestream_dataflows::id::Id;
use rolestream_dataflows::records::{AiClass, Alias, Era, Hints, Key, Kra, Record, Role, Skill, Status};
use std::collections::HashMap;
use std::sync::Arc;

/// What each text means, by axis; others have no vector.
struct Meanings(HashMap<&'static str, Vector>);

impl Embedder for Meanings {
    fn model(&self) -> &str {
        "meanings"
    }

    fn embed(&self, texts: &[&str]) -> Result<Vec<Option<Vector>>, EmbedError> {
        Ok(texts.iter().map(|text| self.0.get(text).cloned()).collect())
    }
}

/// Cosines between these are what the numbers say: (1, 0) and (3, 4) are .6 apart.
fn towards(x: f32, y: f32) -> Vector {
    let mut direction = [0.0; DIMENSIONS];
    (direction[0], direction[1]) = (x, y);
    quantise(&direction).unwrap()
}

fn search() -> Search {
    let meanings = HashMap::from([
        ("Kubernetes", towards(1.0, 0.0)),
        ("Nomad", towards(4.0, 3.0)),
        ("Painting", towards(0.0, 1.0)),
    ]);
    Search::new(Arc::new(Meanings(meanings)), Limits::default(), &Metrics::new())
}

fn role(slug: &str, status: Status, replaced_by: Option<&str>, vector: Vector) -> Record {
    let (archetype, replaced_by) = (String::new(), replaced_by.map(str::to_owned));
    Record::Role(Role { slug: slug.into(), name: slug.into(), number: 1, archetype, status, replaced_by, vector })
}

fn alias(role: &str, text: &str, vector: Vector) -> Record {
    Record::Alias(Alias { role: role.into(), text: text.into(), vector })
}

fn kra(id: &str, role: &str, vector: Vector) -> Record {
    Record::Kra(Kra { id: id.into(), role: role.into(), sentence: id.into(), vector })
}

fn skill(slug: &str, name: &str, aliases: &[&str], status: Status, replaced_by: Option<&str>) -> Record {
    Record::Skill(Skill {
        slug: slug.into(),
        name: name.into(),
        number: 1,
        aliases: aliases.iter().map(|alias| (*alias).to_owned()).collect(),
        dimension: None,
        kind: String::new(),
        ai: AiClass::None,
        era: Era::Modern,
        hints: Hints::default(),
        status,
        replaced_by: replaced_by.map(str::to_owned),
    })
}

/// Within what quantising a vector may change.
fn about(score: Micro, expected: u32) -> bool {
    score.0.abs_diff(expected) < 25_000
}

#[test]
fn a_role_is_found_once_by_its_nearest_title_and_under_its_survivor() {
    let search = search();
    let records = [
        role("sre", Status::Active, None, towards(0.0, 1.0)),
        alias("sre", "Site Reliability Engineer", towards(3.0, 4.0)),
        role("ops", Status::Merged, Some("sre"), towards(1.0, 0.0)),
        role("baker", Status::Retired, None, towards(1.0, 0.0)),
        role("cook", Status::Active, None, towards(4.0, 3.0)),
        kra("k1", "ops", towards(1.0, 0.0)),
        kra("k2", "baker", towards(1.0, 0.0)),
        kra("k3", "nobody", towards(1.0, 0.0)),
        kra("k0", "cook", towards(1.0, 0.0)),
    ];
    search.put_records(&records).unwrap();
    search.put_jd(Id(5), Some(&towards(1.0, 0.0)));
    search.put_jd(Id(6), Some(&towards(1.0, 0.0)));
    search.put_jd(Id(6), None);
    let hits = search.similar(&towards(1.0, 0.0), &Kind::ALL, 5);
    let roles: Vec<(&str, bool)> = hits.roles.iter().map(|hit| (&*hit.role, hit.alias.is_some())).collect();
    assert_eq!(roles, [("sre", false), ("cook", false)]);
    assert!(about(hits.roles[0].score, 1_000_000) && about(hits.roles[1].score, 800_000), "{hits:?}");
    let kras: Vec<(&str, &str)> = hits.kras.iter().map(|hit| (&*hit.kra, &*hit.role)).collect();
    assert_eq!(kras, [("k0", "cook"), ("k1", "sre")]);
    assert_eq!(hits.jds.iter().map(|hit| hit.jd).collect::<Vec<_>>(), [Id(5)]);
    assert_eq!(search.similar(&towards(1.0, 0.0), &[Kind::Jds], 5).roles, []);

    search.remove_record(&Key::new("role", &["ops"]));
    search.remove_record(&Key::new("kra", &["k0"]));
    let hits = search.similar(&towards(1.0, 0.0), &Kind::ALL, 5);
    assert_eq!(hits.roles[1].alias.as_deref(), Some("site reliability engineer"));
    assert!(hits.kras.is_empty(), "the role of k1 is unknown now");
    search.remove_record(&Key::new("alias", &["sre", "site reliability engineer"]));
    assert!(about(search.possible_roles(&towards(1.0, 0.0), 5)[1].score, 0));
}

#[test]
fn one_role_with_many_titles_does_not_hide_the_others() {
    let search = search();
    search.put_record(&role("many", Status::Active, None, towards(1.0, 0.0))).unwrap();
    search.put_record(&role("one", Status::Active, None, towards(3.0, 4.0))).unwrap();
    for number in 0..100 {
        search.put_record(&alias("many", &format!("title {number}"), towards(1.0, 0.0))).unwrap();
    }
    let roles = search.possible_roles(&towards(1.0, 0.0), 2);
    assert_eq!(roles.iter().map(|hit| &*hit.role).collect::<Vec<_>>(), ["many", "one"]);
}

#[test]
fn a_new_skill_may_be_another_by_spelling_or_by_meaning() {
    let search = search();
    let records = [
        skill("kubernetes", "Kubernetes", &["K8s"], Status::Active, None),
        skill("nomad", "Nomad", &[], Status::Active, None),
        skill("painting", "Painting", &[], Status::Active, None),
        skill("kube", "Kubernets", &[], Status::Merged, Some("kubernetes")),
        skill("kubernetis", "Kubernetis", &[], Status::Retired, None),
    ];
    search.put_records(&records).unwrap();
    let named = |found: &[PossibleSkill]| found.iter().map(|p| (p.skill.to_string(), p.why)).collect::<Vec<_>>();
    let found = search.possible_skills("kubernets", Some(&towards(1.0, 0.0)), 5);
    assert_eq!(named(&found), [("kubernetes".into(), Why::Spelling), ("nomad".into(), Why::Meaning)]);
    assert_eq!((found[0].score, &*found[0].form), (Micro::ONE, "kubernets"));
    let found = search.possible_skills("container scheduling", Some(&towards(1.0, 0.0)), 1);
    assert_eq!(named(&found), [("kubernetes".into(), Why::Meaning)]);
    assert_eq!(named(&search.possible_skills("K8S", None, 5)), [("kubernetes".into(), Why::Spelling)]);

    // Its forms are replaced with it: what is not one any more is not found, by neither.
    search.put_record(&skill("kubernetes", "Nomad", &[], Status::Active, None)).unwrap();
    assert_eq!(named(&search.possible_skills("K8S", None, 5)), []);
    let found = search.possible_skills("container scheduling", Some(&towards(1.0, 0.0)), 5);
    assert!(about(found[0].score, 800_000) && found.len() == 2, "{found:?}");
    search.remove_record(&Key::new("skill", &["kubernetes"]));
    search.remove_record(&Key::new("skill", &["kube"]));
    assert_eq!(named(&search.possible_skills("kubernetes", None, 5)), []);
    assert_eq!(search.stored(Kind::Skills), 2, "of nomad and painting");
}
