//! Does the reference run come out as it should? Called by `tests/reference.sh`, which says how.
//!
//! Arguments: the folder of the reference files, then what `classify --json` answered with the shipped taxonomy and
//! with the one of just the reference run's roles.

use rolestream::embed::{Embedder, Replay, Similarity};
use rolestream::engine::{Batch, Engine};
use rolestream_dataflows::fixed::Vectors;
use rolestream_dataflows::id::Id;
use rolestream_dataflows::records::{Change, Features, Jd, JdUpdate, Kra, Record, Role, Settings, Status};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::error::Error;
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [reference, shipped, small] = &arguments[..] else {
        eprintln!("usage: reference_check REFERENCE_FOLDER SHIPPED.json REFERENCE.json");
        return ExitCode::from(2);
    };
    match check(Path::new(reference), Path::new(shipped), Path::new(small)) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::from(1),
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::from(2)
        }
    }
}

/// Collects what matches and what does not.
#[derive(Default)]
struct Report {
    mismatches: usize,
}

impl Report {
    fn same<T: PartialEq + std::fmt::Debug>(&mut self, what: &str, expected: T, found: T) {
        if expected == found {
            println!("  ok        {what}");
        } else {
            self.mismatches += 1;
            println!("  MISMATCH  {what}\n    expected {expected:?}\n    found    {found:?}");
        }
    }
}

fn check(folder: &Path, shipped: &Path, small: &Path) -> Result<bool, Box<dyn Error>> {
    let json =
        |path: &Path| -> Result<Value, Box<dyn Error>> { Ok(serde_json::from_str(&std::fs::read_to_string(path)?)?) };
    let run = json(&folder.join("reference_run.json"))?;
    let page = std::fs::read_to_string(folder.join("reference_run.txt"))?;
    let mut report = Report::default();
    for (name, path, small) in
        [("the shipped taxonomy", shipped, false), ("the taxonomy of the reference run's roles", small, true)]
    {
        println!("With {name}:");
        let answer = json(path)?;
        decision(&run, &answer, &mut report);
        skills(&run, &answer, &mut report);
        groups(&page, &answer, &mut report);
        if small {
            rankings(&run, &answer, &mut report);
        }
    }
    println!("With an embedder that replays the printed similarities:");
    replay(&run, &mut report)?;
    println!("{}", if report.mismatches == 0 { "All matches." } else { "Something does not match." });
    Ok(report.mismatches == 0)
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map(Vec::as_slice).unwrap_or_default()
}

/// Role, case, how the title was resolved, and what the JD changed.
fn decision(run: &Value, answer: &Value, report: &mut Report) {
    let (wanted, found) = (&run["stage4_decision"], &answer["stage4_decision"]);
    for field in ["slug", "display_name", "role_id", "score"] {
        let of = |decision: &Value| decision["chosen_role"][field].clone();
        report.same(&format!("chosen role: {field}"), of(wanted), of(found));
    }
    for field in ["case", "alias_collision_detected", "is_new_role", "queued"] {
        report.same(field, wanted[field].clone(), found[field].clone());
    }
    report.same("decided by the title", true, text(&found["rule"]).starts_with("title-"));
    let hit = |run: &Value| {
        let hits = list(&run["stage3_signals"]["alias_match_roles"]);
        hits.iter().find(|role| role["slug"] == wanted["chosen_role"]["slug"]).map(|role| role["score"].clone())
    };
    report.same("alias signal of the chosen role", hit(run), hit(answer));
    // The engine was empty before.
    report.same("centroid n is one more than before", &Value::from(1), &answer["stage5_updates"]["centroid_n_after"]);
    let captured = |run: &Value| -> BTreeSet<(String, bool, String)> {
        let skills = list(&run["stage5_updates"]["new_skills_attached"]).iter();
        let skill = |s: &Value| (text(&s["skill_name"]).to_lowercase(), s["is_primary"] == true, text(&s["status"]));
        skills.map(skill).collect()
    };
    report.same("new skills captured", captured(run), captured(answer));
}

/// The skills and their flags, as sets.
fn skills(run: &Value, answer: &Value, report: &mut Report) {
    let skills = |run: &Value| -> BTreeMap<String, bool> {
        let skills = list(&run["final_skills"]).iter();
        skills.map(|skill| (text(&skill["skill_name"]).to_lowercase(), skill["is_primary"] == true)).collect()
    };
    let (wanted, found) = (skills(run), skills(answer));
    let missing: Vec<_> = wanted.keys().filter(|skill| !found.contains_key(*skill)).collect();
    let extra: Vec<_> = found.keys().filter(|skill| !wanted.contains_key(*skill)).collect();
    let other: Vec<_> = wanted.iter().filter(|(skill, flag)| found.get(*skill).is_some_and(|f| f != *flag)).collect();
    report.same(&format!("the {} skills: none is missing", wanted.len()), Vec::new(), missing);
    report.same("the skills: none is beside them", Vec::new(), extra);
    let primary = wanted.values().filter(|flag| **flag).count();
    report.same(&format!("{primary} primary, {} secondary", wanted.len() - primary), Vec::new(), other);
}

/// The cluster: on the page a group's name and its members stand on a line each, members parted by spaces only.
fn groups(page: &str, answer: &Value, report: &mut Report) {
    let lines: Vec<&str> = (page.lines())
        .skip_while(|line| !line.starts_with("Skill cluster ("))
        .skip(1)
        .take_while(|line| !line.starts_with("Show KRA description"))
        .collect();
    let wanted: Vec<(String, String)> =
        lines.chunks_exact(2).map(|pair| (pair[0].trim().to_owned(), pair[1].to_lowercase())).collect();
    let found: BTreeMap<String, Vec<String>> = (list(&answer["skill_cluster"]).iter())
        .map(|group| {
            (text(&group["dimension"]), list(&group["skills"]).iter().map(|s| text(s).to_lowercase()).collect())
        })
        .collect();
    let names = wanted.iter().map(|(name, _)| name).collect::<BTreeSet<_>>();
    report.same(&format!("the {} groups of the cluster", wanted.len()), names, found.keys().collect());
    for (name, members) in &wanted {
        let mut own = found.get(name).cloned().unwrap_or_default();
        // The longer first: no name is then taken for a part of another.
        own.sort_by_key(|skill| usize::MAX - skill.len());
        let mut rest = format!(" {} ", members.trim());
        let mut strangers = Vec::new();
        for skill in own {
            match rest.find(&format!(" {skill} ")) {
                Some(at) => rest.replace_range(at..at + skill.len() + 1, ""),
                None => strangers.push(skill),
            }
        }
        report.same(&format!("members of {name}"), ("", Vec::new()), (rest.trim(), strangers));
    }
}

/// What the taxonomy of just those roles must give: the skill ranking whole, the KRA ranking by order.
fn rankings(run: &Value, answer: &Value, report: &mut Report) {
    type Ranked = (String, String, u64, u64, BTreeSet<String>);
    let by_skill = |run: &Value| -> Vec<Ranked> {
        let roles = list(&run["stage3_signals"]["skill_match_roles"]).iter().map(|role| {
            let matched = list(&role["matched_skills"]).iter().map(|skill| text(skill).to_lowercase()).collect();
            let score = format!("{:.4}", role["score"].as_f64().unwrap_or_default());
            let count = |field: &str| role[field].as_u64().unwrap_or_default();
            (text(&role["slug"]), score, count("matched_count"), count("total_count"), matched)
        });
        roles.collect()
    };
    report.same("skill ranking", by_skill(run), by_skill(answer));
    let by_kra = |run: &Value| -> Vec<String> {
        list(&run["stage3_signals"]["kra_match_roles"]).iter().map(|role| text(&role["slug"])).collect()
    };
    report.same("order of the KRA ranking", by_kra(run), by_kra(answer));
}

/// The printed pairs through the engine: its scores must be the printed ones within .003.
fn replay(run: &Value, report: &mut Report) -> Result<(), Box<dyn Error>> {
    let roles = list(&run["stage3_signals"]["kra_match_roles"]);
    let pairs: Vec<Similarity> = (roles.iter().flat_map(|role| list(&role["kra_matches"])))
        .map(|pair| serde_json::from_value(pair.clone()))
        .collect::<Result<_, _>>()?;
    let embedder = Replay::from_similarities("replay", &pairs)?;
    let vector = |text: &str| -> Result<_, Box<dyn Error>> {
        Ok(embedder.embed(&[text])?.pop().flatten().ok_or("a printed text has no vector")?)
    };
    let mut changes = vec![Change::Put(Record::Settings(Settings::default()))];
    for role in roles {
        let slug = text(&role["slug"]);
        let mut sentences: Vec<String> =
            list(&role["kra_matches"]).iter().map(|pair| text(&pair["kra_text"])).collect();
        sentences.dedup();
        let first = vector(sentences.first().ok_or("a role without evidence")?)?;
        changes.push(Change::Put(Record::Role(Role {
            slug: slug.clone(),
            name: text(&role["display_name"]),
            number: 0,
            archetype: String::new(),
            status: Status::Active,
            replaced_by: None,
            vector: first,
        })));
        for (place, sentence) in sentences.into_iter().enumerate() {
            let vector = vector(&sentence)?;
            let kra = Kra { id: format!("{slug}/{place}"), role: slug.clone(), sentence, vector };
            changes.push(Change::Put(Record::Kra(kra)));
        }
    }
    let sentences: BTreeSet<&str> = pairs.iter().map(|pair| pair.left.as_str()).collect();
    let vectors = sentences.iter().map(|sentence| vector(sentence)).collect::<Result<Vec<_>, _>>()?;
    let features = Features {
        sentences: sentences.iter().map(|sentence| Id::text(sentence)).collect(),
        vectors: Vectors::new(&vectors),
        ..Features::default()
    };
    let jd = Jd { content: 1, source: Id::NONE, received_at: 0, company: Id::NONE, features: Ok(features) };
    let engine = Engine::start(1)?;
    engine.apply(Batch::of_changes(changes))?;
    let id = Id::jd("reference");
    engine.apply(Batch::of_jds(vec![JdUpdate { id, jd: Some(Arc::new(jd)) }]))?;
    let answer = engine.decision(id).ok_or("the engine gave no answer")?;
    for role in roles {
        let wanted = role["score"].as_f64().unwrap_or_default();
        let slug = text(&role["slug"]);
        let found =
            answer.signals.kra.iter().find(|rank| rank.role == Id::role(&slug)).map_or(0.0, |rank| rank.score.to_f64());
        report.same(
            &format!("KRA score of {slug}: {found:.4}, printed {wanted:.4}"),
            true,
            (found - wanted).abs() <= 0.003,
        );
    }
    Ok(())
}
