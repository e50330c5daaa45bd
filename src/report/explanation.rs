//! Of which parts is each number of a decision made, and what did the rules compare?

use super::names::Names;
use super::reasoning::margin;
use super::step_one::Row;
use rolestream_dataflows::fixed::Micro;
use rolestream_dataflows::id::Id;
use rolestream_dataflows::records::{Alias, Record, Role, Status, Tables};
use rolestream_dataflows::text::normalise;
use rolestream_dataflows::views::{How, KraRank};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

/// All parts. The answer must have been made with rankings long enough to hold every role (`settings.top`).
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
#[allow(missing_docs, reason = "each type says what it is")]
pub struct Explanation {
    pub comparisons: Vec<Comparison>,
    pub title_stages: Vec<Stage>,
    pub nearest_titles: Vec<NearestTitle>,
    pub terms: Vec<Stage>,
    pub skill_role: Option<String>,
    pub skills: Vec<SkillPart>,
    pub tie_break: Vec<Contender>,
}

/// Something a rule compares: SPEC §4's words.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
#[allow(missing_docs, reason = "the names say it")]
pub struct Comparison {
    pub word: &'static str,
    pub says: String,
    pub value: f64,
    pub threshold_name: &'static str,
    pub threshold: f64,
    pub holds: bool,
}

/// A text compared with names, and the roles that have it.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
#[allow(missing_docs, reason = "the names say it")]
pub struct Stage {
    pub compared: &'static str,
    pub text: String,
    pub roles: Vec<String>,
}

/// A role by the similarity of its nearest title.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
#[allow(missing_docs, reason = "the names say it")]
pub struct NearestTitle {
    pub role: String,
    pub title: String,
    pub similarity: f64,
}

/// A primary skill of the JD and why it counts for the role or does not.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
#[allow(missing_docs, reason = "the names say it")]
pub struct SkillPart {
    pub skill: String,
    pub hit: bool,
    pub why: &'static str,
}

/// A role in a tie-break and what each tier looks at.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
#[allow(missing_docs, reason = "the names say it")]
pub struct Contender {
    pub role: String,
    pub kra: f64,
    pub kras: usize,
    pub skills: usize,
    pub thin: bool,
    pub is_title: bool,
    pub matched: usize,
    pub chosen: bool,
}

/// The parts of a row's numbers; `tables` are the records it was decided with.
pub fn explain(row: Row<'_>, tables: &Tables) -> Explanation {
    let titles = Titles::of(tables, row.names);
    let (skill_role, skills) = skill_parts(row);
    Explanation {
        comparisons: comparisons(row),
        title_stages: title_stages(row, &titles),
        nearest_titles: nearest_titles(row, &titles),
        terms: terms(row, &titles),
        skill_role,
        skills,
        tie_break: tie_break(row, tables),
    }
}

/// The role that owns what this one has, if any.
fn owner(names: &Names, slug: &str) -> Option<Id> {
    let id = Id::role(slug);
    let role = names.role(id)?;
    match role.status {
        Status::Active => Some(id),
        Status::Retired => None,
        Status::Merged => {
            let survivor = Id::role(role.replaced_by.as_deref()?);
            (names.role(survivor)?.status == Status::Active).then_some(survivor)
        }
    }
}

/// Which roles have a text as display name or alias.
struct Titles<'a> {
    display: BTreeMap<String, BTreeSet<Id>>,
    aliases: BTreeMap<String, BTreeSet<Id>>,
    all: Vec<(Id, &'a str, &'a rolestream_dataflows::fixed::Vector)>,
}

impl<'a> Titles<'a> {
    fn of(tables: &'a Tables, names: &Names) -> Titles<'a> {
        let mut titles = Titles { display: BTreeMap::new(), aliases: BTreeMap::new(), all: Vec::new() };
        for record in tables.iter() {
            let (slug, text, vector, display) = match record {
                Record::Role(Role { slug, name, vector, status, .. }) => {
                    (slug, name, vector, *status == Status::Active)
                }
                Record::Alias(Alias { role, text, vector }) => (role, text, vector, false),
                _ => continue,
            };
            let Some(role) = owner(names, slug) else { continue };
            let map = if display { &mut titles.display } else { &mut titles.aliases };
            map.entry(normalise(text)).or_default().insert(role);
            titles.all.push((role, text, vector));
        }
        titles
    }
}

fn role_names(names: &Names, roles: Option<&BTreeSet<Id>>) -> Vec<String> {
    roles.map(|roles| roles.iter().map(|role| names.role_name(*role)).collect()).unwrap_or_default()
}

fn title_stages(row: Row<'_>, titles: &Titles<'_>) -> Vec<Stage> {
    let Some(forms) = row.admitted.parsed.as_ref().and_then(|parsed| parsed.title.as_ref()) else { return Vec::new() };
    let stages = [
        ("display name", &forms.written, &titles.display),
        ("display name", &forms.plain, &titles.display),
        ("alias", &forms.written, &titles.aliases),
        ("alias", &forms.plain, &titles.aliases),
    ];
    let mut passed = Vec::new();
    for (compared, text, map) in stages {
        let roles = role_names(row.names, map.get(&normalise(text)));
        let done = !roles.is_empty();
        passed.push(Stage { compared, text: text.clone(), roles });
        if done {
            break;
        }
    }
    passed
}

fn nearest_titles(row: Row<'_>, titles: &Titles<'_>) -> Vec<NearestTitle> {
    let Some(title) = row.admitted.features().and_then(|features| features.title.as_ref()) else { return Vec::new() };
    let mut best: BTreeMap<Id, (Micro, &str)> = BTreeMap::new();
    for (role, text, vector) in &titles.all {
        let similarity = title.vector.similarity(vector);
        let entry = best.entry(*role).or_insert((similarity, text));
        if similarity > entry.0 {
            *entry = (similarity, text);
        }
    }
    let mut best: Vec<(Id, (Micro, &str))> = best.into_iter().collect();
    best.sort_by_key(|(role, (similarity, _))| (u32::MAX - similarity.0, row.names.role_name(*role)));
    let shown = best.into_iter().take(3).map(|(role, (similarity, title))| NearestTitle {
        role: row.names.role_name(role),
        title: title.to_owned(),
        similarity: similarity.to_f64(),
    });
    shown.collect()
}

/// What each term of the alias signal hits.
fn terms(row: Row<'_>, titles: &Titles<'_>) -> Vec<Stage> {
    let Some(nano) = row.admitted.parsed.as_ref().map(|parsed| &parsed.nano_parsed) else { return Vec::new() };
    let term = |compared, text: &String| {
        let key = normalise(text);
        let mut roles: BTreeSet<Id> = titles.display.get(&key).cloned().unwrap_or_default();
        roles.extend(titles.aliases.get(&key).into_iter().flatten());
        Stage { compared, text: text.clone(), roles: role_names(row.names, Some(&roles)) }
    };
    let title = nano.role.iter().map(|text| term("title", text));
    title.chain(nano.role_aliases.iter().map(|text| term("role alias", text))).collect()
}

/// The role whose skills are told one by one: the chosen one, else the first by skills.
fn skill_parts(row: Row<'_>) -> (Option<String>, Vec<SkillPart>) {
    let Some(signal) = &row.answer.signals.skill else { return (None, Vec::new()) };
    let role = row.answer.decision.role.or_else(|| signal.ranking.first().map(|first| first.role));
    let Some(role) = role else { return (None, Vec::new()) };
    let matched = signal.ranking.iter().find(|rank| rank.role == role).map(|rank| &rank.matched);
    let mut seen = BTreeSet::new();
    let mut parts = Vec::new();
    for (mention, written) in row.answer.skills.iter().zip(&row.admitted.skills) {
        if !mention.primary || !seen.insert(mention.skill) {
            continue;
        }
        let hit = matched.is_some_and(|matched| matched.contains(&mention.skill));
        let why = match (hit, mention.known) {
            (true, _) => "the role lists it",
            (false, true) => "the role does not list it",
            (false, false) => "the library does not know it",
        };
        let skill = row.names.skill(mention.skill).map_or_else(|| written.clone(), |skill| skill.name.clone());
        parts.push(SkillPart { skill, hit, why });
    }
    parts.sort_by_key(|part| !part.hit);
    (Some(row.names.role_name(role)), parts)
}

fn comparisons(row: Row<'_>) -> Vec<Comparison> {
    let Row { answer, names, settings, .. } = row;
    let kra = &answer.signals.kra;
    let k = |role: Id| kra.iter().find(|rank| rank.role == role).map_or(Micro::ZERO, |rank| rank.score);
    let mut out = Vec::new();
    let mut compare = |word, says: String, value: Micro, (name, threshold): (&'static str, Micro), holds| {
        out.push(Comparison {
            word,
            says,
            value: value.to_f64(),
            threshold_name: name,
            threshold: threshold.to_f64(),
            holds,
        });
    };
    if let Some(KraRank { role, score, .. }) = kra.first() {
        let k1 = *score;
        compare(
            "strong",
            format!("K1 is {}", names.role_name(*role)),
            k1,
            ("kra_min", settings.kra_min),
            k1 >= settings.kra_min,
        );
        if let Some(second) = kra.get(1) {
            let lead = k1.minus(second.score);
            let ahead = || format!("K1 leads {} by", names.role_name(second.role));
            let margin = margin(answer, settings);
            compare("K2 within kra_tie", ahead(), lead, ("kra_tie", settings.kra_tie), lead <= settings.kra_tie);
            compare("K2 within the margin", ahead(), lead, margin, lead <= margin.1);
        }
        if answer.resolution.how != How::None {
            for named in &answer.resolution.roles {
                let lead = k1.minus(k(*named));
                let says = format!("K1 leads {} (the title's) by", names.role_name(*named));
                compare("led", says, lead, ("title_gap", settings.title_gap), lead >= settings.title_gap);
            }
        }
    }
    let ranking = answer.signals.skill.as_ref().map(|skill| &skill.ranking[..]).unwrap_or_default();
    if let Some(first) = ranking.first() {
        let (s1, says) = (first.score, format!("S1 is {}", names.role_name(first.role)));
        compare(
            "skills witness",
            says.clone(),
            s1,
            ("skill_witness", settings.skill_witness),
            s1 >= settings.skill_witness,
        );
        compare("skills suffice", says, s1, ("skill_min", settings.skill_min), s1 >= settings.skill_min);
        if let Some(second) = ranking.get(1) {
            let (lead, says) = (s1.minus(second.score), format!("S1 leads {} by", names.role_name(second.role)));
            compare("skills tied", says, lead, ("skill_tie", settings.skill_tie), lead <= settings.skill_tie);
        }
    }
    out
}

fn tie_break(row: Row<'_>, tables: &Tables) -> Vec<Contender> {
    use crate::taxonomy::lints::{ENOUGH_KRAS, ENOUGH_SKILLS};
    let Row { answer, names, .. } = row;
    let title = row.admitted.title().map(normalise).unwrap_or_default();
    let contenders = answer.decision.cohort.iter().map(|role| {
        let owned = |slug: &str| owner(names, slug) == Some(*role);
        let (mut kras, mut skills) = (0, BTreeSet::new());
        for record in tables.iter() {
            match record {
                Record::Kra(kra) if owned(&kra.role) => kras += 1,
                Record::RoleSkill(skill) if owned(&skill.role) => {
                    skills.insert(&skill.skill);
                }
                _ => {}
            }
        }
        let kra = answer.signals.kra.iter().find(|rank| rank.role == *role);
        let ranking = answer.signals.skill.as_ref().map(|skill| &skill.ranking[..]).unwrap_or_default();
        Contender {
            role: names.role_name(*role),
            kra: kra.map_or(0.0, |rank| rank.score.to_f64()),
            kras,
            skills: skills.len(),
            thin: kras < ENOUGH_KRAS || skills.len() < ENOUGH_SKILLS,
            is_title: !title.is_empty() && normalise(&names.role_name(*role)) == title,
            matched: ranking.iter().find(|rank| rank.role == *role).map_or(0, |rank| rank.matched.len()),
            chosen: answer.decision.role == Some(*role),
        }
    });
    let mut contenders: Vec<Contender> = contenders.collect();
    contenders.sort_by(|a, b| b.kra.total_cmp(&a.kra).then_with(|| a.role.cmp(&b.role)));
    contenders
}
