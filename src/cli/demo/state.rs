//! What stands after the JDs have arrived? Rules, centroids, captures, queues and collisions, from the views.

use super::Held;
use crate::cli::output::{Failure, Output, grouped};
use crate::cli::session::Session;
use crate::error::Error;
use crate::report::reasoning::{case, rule};
use crate::report::tables::{NAME, WARNING, cut, heading, styled, table};
use rolestream_dataflows::fixed::{DIMENSIONS, SCALE};
use rolestream_dataflows::id::Id;
use rolestream_dataflows::text::normalise;
use rolestream_dataflows::views::Snapshot;
use serde::Serialize;
use std::collections::{BTreeMap, HashMap};

/// The views, with names in place of ids.
#[derive(Serialize)]
pub(super) struct State {
    rules: Vec<(String, &'static str, u64)>,
    centroids: Vec<Centroid>,
    new_skills: Vec<NewSkill>,
    new_roles: Vec<(String, u64)>,
    undecided: Vec<Undecided>,
    collisions: Vec<Collision>,
}

#[derive(Serialize)]
struct Centroid {
    role: String,
    n: u64,
    dispersion: f64,
    top_skills: Vec<(String, u64)>,
}

#[derive(Serialize)]
struct NewSkill {
    skill: String,
    jds: u64,
    primary: u64,
    roles: Vec<String>,
}

#[derive(Serialize)]
struct Undecided {
    id: String,
    title: Option<String>,
    rule: &'static str,
    between: Vec<String>,
}

#[derive(Serialize)]
struct Collision {
    term: String,
    roles: Vec<String>,
    jds: u64,
    settled: u64,
}

/// Rows shown of each table.
const SHOWN: usize = 12;

impl State {
    pub(super) fn of(session: &Session, held: &Held) -> Result<State, Error> {
        let snapshot = session.engine.snapshot()?;
        let texts = texts(held);
        let text = |id: Id| texts.get(&id).cloned().unwrap_or_else(|| id.to_string());
        let names = &session.names;
        let role_list = |ids: &[Id]| ids.iter().map(|role| names.role_name(*role)).collect::<Vec<_>>();
        let mut rules: BTreeMap<(&'static str, &'static str), u64> = BTreeMap::new();
        for (key, count) in &snapshot.counts {
            *rules.entry((rule(key.rule), case(key.case))).or_default() += count;
        }
        let mut rules: Vec<_> = rules.into_iter().map(|((rule, case), n)| (rule.to_owned(), case, n)).collect();
        rules.sort_by_key(|(_, _, n)| u64::MAX - n);
        let undecided = snapshot.undecided.iter().map(|(jd, row)| Undecided {
            id: held.get(*jd).map_or_else(|| jd.to_string(), |admitted| admitted.document.id.clone()),
            title: held.get(*jd).and_then(|admitted| admitted.title().map(str::to_owned)),
            rule: rule(row.rule),
            between: role_list(&row.cohort),
        });
        let mut undecided: Vec<Undecided> = undecided.collect();
        undecided.sort_by(|a, b| a.id.cmp(&b.id));
        let collisions = snapshot.collisions.iter().map(|((term, roles), summary)| Collision {
            term: text(*term),
            roles: role_list(roles),
            jds: summary.jds,
            settled: summary.flagged,
        });
        let mut collisions: Vec<Collision> = collisions.collect();
        collisions.sort_by(|a, b| b.jds.cmp(&a.jds).then_with(|| a.term.cmp(&b.term)));
        Ok(State {
            rules,
            centroids: centroids(&snapshot, session),
            new_skills: new_skills(&snapshot, session, &text),
            new_roles: snapshot.new_roles.iter().map(|(slug, row)| (slug.to_string(), row.jds)).collect(),
            undecided,
            collisions,
        })
    }

    pub(super) fn print(&self, out: &mut Output) -> Result<(), Failure> {
        out.line(heading("How they were decided"))?;
        let rows = self.rules.iter().map(|(rule, case, n)| vec![styled(NAME, rule), (*case).to_owned(), grouped(*n)]);
        out.line(table(&[("rule", false), ("case", false), ("JDs", true)], rows, out.width))?;

        out.line(heading("Centroids: what a role's JDs are like"))?;
        let rows = self.centroids.iter().take(SHOWN).map(|one| {
            let skills: Vec<String> = one.top_skills.iter().map(|(skill, n)| format!("{skill} {n}")).collect();
            vec![one.role.clone(), grouped(one.n), format!("{:.4}", one.dispersion), skills.join(", ")]
        });
        let columns = [("role", false), ("JDs", true), ("dispersion", true), ("skills named most", false)];
        out.line(table(&columns, rows, out.width))?;
        more(out, self.centroids.len())?;

        out.line(heading("New skills: named by decided JDs, unknown to the library"))?;
        let rows = self.new_skills.iter().take(SHOWN).map(|one| {
            vec![styled(WARNING, &one.skill), grouped(one.jds), grouped(one.primary), cut(&one.roles.join(", "), 80)]
        });
        out.line(table(&[("skill", false), ("JDs", true), ("primary", true), ("roles", false)], rows, out.width))?;
        more(out, self.new_skills.len())?;

        if !self.collisions.is_empty() {
            out.line(heading("Collisions: titles that name one role, or several, while the text says another"))?;
            let rows = self
                .collisions
                .iter()
                .take(SHOWN)
                .map(|one| vec![cut(&one.term, 40), one.roles.join(", "), grouped(one.jds), grouped(one.settled)]);
            let columns = [("term", false), ("roles", false), ("JDs", true), ("settled", true)];
            out.line(table(&columns, rows, out.width))?;
            more(out, self.collisions.len())?;
        }
        out.line(heading("What waits for a person"))?;
        let rows = self.new_roles.iter().map(|(slug, jds)| {
            vec![format!("new role {}", styled(WARNING, slug)), String::new(), format!("{jds} JDs")]
        });
        let undecided = self.undecided.iter().take(SHOWN).map(|one| {
            let title = one.title.as_deref().unwrap_or("–");
            vec![format!("{} {}", one.id, cut(title, 34)), one.rule.to_owned(), cut(&one.between.join(", "), 70)]
        });
        out.line(table(&[("", false), ("rule", false), ("between", false)], rows.chain(undecided), out.width))?;
        more(out, self.undecided.len())?;
        out.flush()
    }
}

fn more(out: &mut Output, count: usize) -> Result<(), Failure> {
    match count.saturating_sub(SHOWN) {
        0 => Ok(()),
        left => out.line(format!(" … and {left} more")),
    }
}

/// The texts behind the ids of terms and unknown skills.
fn texts(held: &Held) -> HashMap<Id, String> {
    let mut texts = HashMap::new();
    for admitted in &held.admitted {
        let forms = admitted.parsed.as_ref().and_then(|parsed| parsed.title.as_ref());
        let titles = forms.into_iter().flat_map(|forms| [&forms.written, &forms.plain]);
        let aliases = admitted.parsed.iter().flat_map(|parsed| &parsed.nano_parsed.role_aliases);
        for text in titles.chain(aliases).chain(&admitted.skills) {
            texts.entry(Id::text(&normalise(text))).or_insert_with(|| text.clone());
        }
    }
    texts
}

fn centroids(snapshot: &Snapshot, session: &Session) -> Vec<Centroid> {
    let mut sums: BTreeMap<Id, (u64, Vec<i64>)> = BTreeMap::new();
    for ((role, _), part) in &snapshot.centroids {
        let (n, sum) = sums.entry(*role).or_insert_with(|| (0, vec![0; DIMENSIONS]));
        *n += part.n;
        sum.iter_mut().zip(&part.sum).for_each(|(to, from)| *to += from);
    }
    let mut skills: BTreeMap<Id, Vec<(String, u64)>> = BTreeMap::new();
    for ((role, skill), n) in &snapshot.skill_support {
        if let Some(skill) = session.names.skill(*skill) {
            skills.entry(*role).or_default().push((skill.name.clone(), *n));
        }
    }
    let named = |(role, (n, sum)): (Id, (u64, Vec<i64>))| {
        let length = sum.iter().map(|c| (*c as f64 / n.max(1) as f64).powi(2)).sum::<f64>().sqrt() / f64::from(SCALE);
        let mut top_skills = skills.remove(&role).unwrap_or_default();
        top_skills.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
        top_skills.truncate(5);
        // A length may be a rounding above one.
        Centroid { role: session.names.role_name(role), n, dispersion: (1.0 - length).max(0.0), top_skills }
    };
    let mut centroids: Vec<Centroid> = sums.into_iter().map(named).collect();
    centroids.sort_by(|a, b| b.n.cmp(&a.n).then_with(|| a.role.cmp(&b.role)));
    centroids
}

fn new_skills(snapshot: &Snapshot, session: &Session, text: &dyn Fn(Id) -> String) -> Vec<NewSkill> {
    let mut by_text: BTreeMap<Id, NewSkill> = BTreeMap::new();
    for ((skill, role), row) in &snapshot.new_skills {
        let new = || NewSkill { skill: text(*skill), jds: 0, primary: 0, roles: Vec::new() };
        let one = by_text.entry(*skill).or_insert_with(new);
        one.jds += row.summary.jds;
        one.primary += row.summary.flagged;
        one.roles.push(session.names.role_name(*role));
    }
    let mut new_skills: Vec<NewSkill> = by_text.into_values().collect();
    new_skills.sort_by(|a, b| b.jds.cmp(&a.jds).then_with(|| a.skill.cmp(&b.skill)));
    new_skills
}
