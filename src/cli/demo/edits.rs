//! Which edits does the demo make, and which past runs do they change? Each edit is one that somebody would make who
//! looks at what waits: it is found in the views, so that it is the right one for whatever ships.

use super::{Held, milliseconds};
use crate::cli::output::{Failure, Output, took};
use crate::cli::session::Session;
use crate::error::Errors;
use crate::report::Names;
use crate::report::reasoning::{case, rule};
use crate::report::tables::{BAD, FAINT, GOOD, WARNING, cut, heading, styled, table};
use rolestream_dataflows::id::Id;
use rolestream_dataflows::records::{Alias, Change, Kra, Record, RoleSkill, Skill};
use rolestream_dataflows::text::{normalise, slugify};
use rolestream_dataflows::views::{Answer, How, Rule};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

/// An edit, and why somebody makes it.
pub(super) struct Edit {
    title: String,
    why: String,
    changes: Vec<Change>,
}

/// What an edit did.
#[derive(Serialize)]
pub(super) struct Outcome {
    edit: String,
    why: String,
    taxonomy_version: u64,
    elapsed_ms: f64,
    /// JDs that read differently with it, and how long finding and parsing them took.
    parsed_again: usize,
    parsed_again_ms: f64,
    /// Rows of *new skills* before and after.
    new_skill_rows: (usize, usize),
    changed: Vec<Changed>,
    #[serde(skip)]
    elapsed: (Duration, Duration),
    #[serde(skip)]
    held: usize,
}

/// A past run that is decided differently, or by other numbers.
#[derive(Serialize)]
struct Changed {
    id: String,
    title: Option<String>,
    before: Said,
    after: Said,
    /// Whether something else is said, not just other numbers.
    says_else: bool,
}

#[derive(Serialize)]
struct Said {
    role: Option<String>,
    case: &'static str,
    rule: &'static str,
    confidence: Option<f64>,
    kra: f64,
    skill: f64,
}

/// Whose title a text is, in how many JDs, and who could claim it, too.
struct Claims {
    jds: usize,
    role: Id,
    next: Id,
}

/// Rows shown of what changed.
const SHOWN: usize = 14;

/// A JD that could not be told between roles: what it says there becomes a responsibility of the nearest of them.
pub(super) fn responsibility(session: &Session, held: &Held) -> Result<Option<Edit>, Errors> {
    let waiting = |rules: &[Rule]| {
        held.admitted.iter().find_map(|admitted| {
            let answer = held.answers.get(&admitted.update.id)?;
            let decision = &answer.decision;
            let waits = decision.queued() && rules.contains(&decision.rule);
            // A person would take the role whose skills the JD names; of these the one it is nearest to.
            let ranking = answer.signals.skill.as_ref().map(|skill| &skill.ranking[..]).unwrap_or_default();
            let matched = |role: Id| ranking.iter().find(|rank| rank.role == role).map_or(0, |rank| rank.matched.len());
            let between = answer.signals.kra.iter().rev().filter(|rank| decision.cohort.contains(&rank.role));
            let first = between.max_by_key(|rank| matched(rank.role))?;
            let evidence = first.evidence.last()?;
            let sentence = admitted.sentences.get(usize::from(evidence.sentence))?;
            waits.then_some((admitted, first.role, sentence, &decision.cohort))
        })
    };
    let found = waiting(&[Rule::KraTie]).or_else(|| waiting(&[Rule::SkillContradicts, Rule::TitleSplit]));
    let Some((admitted, role, sentence, cohort)) = found else { return Ok(None) };
    let (Some(known), vector) = (session.names.role(role), session.vector(sentence)?) else { return Ok(None) };
    let kra = Kra {
        id: format!("{}/from-the-demo", known.slug),
        role: known.slug.clone(),
        sentence: sentence.clone(),
        vector,
    };
    Ok(Some(Edit {
        title: format!("{} is also responsible for: \"{}\"", known.name, cut(sentence, 90)),
        why: format!(
            "'{}' ({}) could not be told between {}; this is what it says",
            admitted.title().unwrap_or("a JD"),
            admitted.document.id,
            session.names.role_names(cohort)
        ),
        changes: vec![Change::Put(Record::Kra(kra))],
    }))
}

/// The title that most JDs are resolved by as an alias: the role that is next by responsibilities claims it, too.
pub(super) fn colliding_title(session: &Session, held: &Held) -> Result<Option<Edit>, Errors> {
    let mut by_term: BTreeMap<String, Claims> = BTreeMap::new();
    for admitted in &held.admitted {
        let Some(answer) = held.answers.get(&admitted.update.id) else { continue };
        let forms = admitted.parsed.as_ref().and_then(|parsed| parsed.title.as_ref());
        let (How::Alias, Some(forms), [role]) = (answer.resolution.how, forms, &answer.resolution.roles[..]) else {
            continue;
        };
        let text = [&forms.written, &forms.plain]
            .into_iter()
            .find(|text| Id::text(&normalise(text)) == answer.resolution.term);
        let next = answer.signals.kra.iter().map(|rank| rank.role).find(|other| other != role);
        if let (Some(text), Some(next)) = (text, next) {
            let claims = by_term.entry(text.clone()).or_insert(Claims { jds: 0, role: *role, next });
            claims.jds += 1;
        }
    }
    let most = by_term.into_iter().max_by(|a, b| a.1.jds.cmp(&b.1.jds).then_with(|| b.0.cmp(&a.0)));
    let Some((text, Claims { jds, role, next })) = most else { return Ok(None) };
    let Some(known) = session.names.role(next) else { return Ok(None) };
    let alias = Alias { role: known.slug.clone(), vector: session.vector(&text)?, text: text.clone() };
    Ok(Some(Edit {
        title: format!("'{text}' is now a title of {}, too", known.name),
        why: format!("so far it meant {} alone, in {jds} of the JDs", session.names.role_name(role)),
        changes: vec![Change::Put(Record::Alias(alias))],
    }))
}

/// The unknown skill that most JDs name becomes a known one, which the roles whose JDs name it list.
pub(super) fn accepted_skill(session: &Session, held: &Held) -> Result<Option<Edit>, Errors> {
    let snapshot = session.engine.snapshot()?;
    let mut by_text: BTreeMap<Id, (u64, u64, Vec<Id>)> = BTreeMap::new();
    for ((skill, role), row) in &snapshot.new_skills {
        let one = by_text.entry(*skill).or_default();
        one.0 += row.summary.jds;
        one.1 += row.summary.flagged;
        one.2.push(*role);
    }
    let most = by_text.into_iter().max_by_key(|(id, (jds, primary, _))| (*jds, *primary, u64::MAX - id.0));
    let Some((text, (jds, _, roles))) = most else { return Ok(None) };
    let names = held.admitted.iter().flat_map(|admitted| &admitted.skills);
    let Some(name) = names.into_iter().find(|name| Id::text(&normalise(name)) == text).cloned() else {
        return Ok(None);
    };
    let number = session.taxonomy.skills.iter().map(|skill| skill.number).max().unwrap_or(0) + 1;
    let skill = Skill {
        slug: slugify(&name),
        name: name.clone(),
        number,
        aliases: Vec::new(),
        dimension: None,
        kind: "tool".to_owned(),
        ai: Default::default(),
        era: Default::default(),
        hints: Default::default(),
        status: Default::default(),
        replaced_by: None,
    };
    let listed = roles
        .iter()
        .filter_map(|role| session.names.role(*role))
        .map(|role| Change::Put(Record::RoleSkill(RoleSkill { role: role.slug.clone(), skill: skill.slug.clone() })));
    let listed: Vec<Change> = listed.collect();
    Ok(Some(Edit {
        title: format!("{name} is accepted as a skill of {}", session.names.role_names(&roles)),
        why: format!("{jds} decided JDs name it, more than any other unknown skill"),
        changes: std::iter::once(Change::Put(Record::Skill(skill))).chain(listed).collect(),
    }))
}

impl Edit {
    /// Publishes it and compares every run with what was said of it before.
    pub(super) fn publish(self, session: &mut Session, held: &mut Held) -> Result<Outcome, Errors> {
        let rows_before = session.engine.snapshot()?.new_skills.len();
        let (report, again) = session.edit(self.changes, &mut held.admitted)?;
        let mut touched: BTreeSet<Id> = report.decisions.iter().copied().collect();
        touched.extend(again.iter().flat_map(|again| again.report.decisions.iter().copied()));
        let mut changed = Vec::new();
        for jd in touched {
            let Some(after) = session.engine.decision(jd) else { continue };
            let Some(before) = held.answers.insert(jd, after.clone()) else { continue };
            let admitted = held.get(jd);
            changed.push(Changed {
                id: admitted.map_or_else(|| jd.to_string(), |admitted| admitted.document.id.clone()),
                title: admitted.and_then(|admitted| admitted.title().map(str::to_owned)),
                says_else: before.decision.said() != after.decision.said(),
                before: Said::of(&before, &session.names),
                after: Said::of(&after, &session.names),
            });
        }
        changed.sort_by(|a, b| (!a.says_else, !a.moved(), &a.id).cmp(&(!b.says_else, !b.moved(), &b.id)));
        let parsed_again = again.as_ref().map_or((0, Duration::ZERO), |again| (again.count, again.elapsed));
        Ok(Outcome {
            edit: self.title,
            why: self.why,
            taxonomy_version: report.taxonomy_version,
            elapsed_ms: milliseconds(report.elapsed),
            parsed_again: parsed_again.0,
            parsed_again_ms: milliseconds(parsed_again.1),
            new_skill_rows: (rows_before, session.engine.snapshot()?.new_skills.len()),
            changed,
            elapsed: (report.elapsed, parsed_again.1),
            held: held.admitted.len(),
        })
    }
}

impl Said {
    fn of(answer: &Arc<Answer>, names: &Names) -> Said {
        let decision = &answer.decision;
        Said {
            role: decision.role.map(|role| names.role_name(role)),
            case: case(decision.case),
            rule: rule(decision.rule),
            confidence: decision.confidence.map(|confidence| confidence.to_f64()),
            kra: decision.kra.to_f64(),
            skill: decision.skill.to_f64(),
        }
    }

    fn role(&self) -> &str {
        self.role.as_deref().unwrap_or("undecided")
    }
}

impl Outcome {
    pub(super) fn print(&self, number: usize, out: &mut Output) -> Result<(), Failure> {
        out.line(heading(&format!("Edit {number}: {}", self.edit)))?;
        out.line(styled(FAINT, format!(" Why: {}.", self.why)))?;
        let else_said = self.changed.iter().filter(|one| one.says_else).count();
        let visible = self.changed.iter().filter(|one| one.says_else || one.moved()).count();
        let below = self.changed.len() - visible;
        out.line(format!(
            " Version {} was right everywhere after {}: of {} runs {} say something else, {} the same by other numbers{}.",
            self.taxonomy_version,
            styled(GOOD, took(self.elapsed.0)),
            self.held,
            styled(WARNING, else_said),
            visible - else_said,
            if below > 0 { format!("; in {below} only roles further down moved") } else { String::new() }
        ))?;
        if self.parsed_again > 0 {
            out.line(format!(" {} of them were parsed again, in {}.", self.parsed_again, took(self.elapsed.1)))?;
        }
        let (before, after) = self.new_skill_rows;
        if before != after {
            out.line(format!(" The queue of new skills went from {before} rows to {after}."))?;
        }
        let rows = self.changed.iter().take(SHOWN.min(visible)).map(Changed::row);
        let columns =
            [("JD", false), ("title", false), ("before", false), ("after", false), ("KRA", false), ("skills", false)];
        out.line(table(&columns, rows, out.width))?;
        if visible > SHOWN {
            out.line(styled(FAINT, format!(" … and {} more", visible - SHOWN)))?;
        }
        out.flush()
    }
}

impl Changed {
    /// Whether a number of the decision itself moved, not just some further down in a ranking.
    fn moved(&self) -> bool {
        let numbers = |said: &Said| (said.confidence, said.kra, said.skill);
        numbers(&self.before) != numbers(&self.after)
    }

    fn row(&self) -> Vec<String> {
        let says = |said: &Said| format!("{} ({} {})", said.role(), said.case, said.rule);
        let (before, after) = (says(&self.before), says(&self.after));
        let moved = |before: f64, after: f64| match before == after {
            true => styled(FAINT, format!("{after:.4}")),
            false => format!("{before:.4} → {after:.4}"),
        };
        vec![
            cut(&self.id, 24),
            cut(self.title.as_deref().unwrap_or("–"), 26),
            if self.says_else { styled(BAD, before) } else { styled(FAINT, before) },
            if self.says_else { styled(GOOD, after) } else { styled(FAINT, "the same") },
            moved(self.before.kra, self.after.kra),
            moved(self.before.skill, self.after.skill),
        ]
    }
}
