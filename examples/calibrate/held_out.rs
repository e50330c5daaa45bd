//! What do the thresholds do to JDs they were not read off?
//!
//! The engine decides the other half twice: by SPEC's defaults and by what was read off.

use crate::data::{Half, Jd, Jds, Roles};
use rolestream::embed::Thresholds;
use rolestream::engine::{Batch, Engine};
use rolestream::error::Error;
use rolestream_dataflows::id::Id;
use rolestream_dataflows::records::{JdUpdate, Settings};
use rolestream_dataflows::views::{Answer, Case};
use std::collections::BTreeMap;
use std::sync::Arc;

/// How many of some JDs end how.
#[derive(Default)]
struct Outcomes {
    right: usize,
    wrong: usize,
    /// A tie or contradiction that waits for a person.
    queued: usize,
    /// NEW or no evidence.
    none: usize,
    by_rule: BTreeMap<String, usize>,
}

pub(crate) fn print(jds: &Jds, roles: &Roles, thresholds: Thresholds, threads: usize) -> Result<(), Error> {
    let held = |jds: &'_ [Jd]| jds.iter().filter(|jd| jd.half == Half::HeldOut).map(Held::of).collect::<Vec<_>>();
    let titled = held(&jds.labelled);
    let groups = [("without title", untitled(&titled)), ("with title", titled), ("foreign", held(&jds.foreign))];
    println!("\nheld out: what the engine decides, by SPEC's defaults and by what was read off");
    println!("{:<28} {:>6} {:>7} {:>7} {:>7} {:>12}", "", "JDs", "right", "wrong", "queued", "NEW or none");
    let after = thresholds.settings(Settings::default())?;
    let mut details = Vec::new();
    for (name, group) in &groups {
        for (when, settings) in [("defaults", &Settings::default()), ("calibrated", &after)] {
            let outcomes = outcomes(&roles.engine(settings, threads)?, group, roles)?;
            let share = |part: usize| format!("{:.1}%", 100.0 * part as f64 / group.len().max(1) as f64);
            let Outcomes { right, wrong, queued, none, by_rule } = outcomes;
            let name = format!("{name}, {when}");
            println!(
                "{name:<28} {:>6} {:>7} {:>7} {:>7} {:>12}",
                group.len(),
                share(right),
                share(wrong),
                share(queued),
                share(none)
            );
            details.push(format!("{name}: {by_rule:?}"));
        }
    }
    println!("by rule and right (+), wrong (-) or no role (.)");
    details.iter().for_each(|line| println!("  {line}"));
    Ok(())
}

/// A JD and the right answer.
struct Held {
    update: JdUpdate,
    role: Option<usize>,
}

impl Held {
    fn of(jd: &Jd) -> Held {
        Held { update: jd.update.clone(), role: jd.role }
    }
}

/// The same JDs, with neither title nor another term.
fn untitled(held: &[Held]) -> Vec<Held> {
    let strip = |one: &Held| {
        let mut update = one.update.clone();
        let mut jd = update.jd.as_deref().cloned()?;
        if let Ok(features) = &mut jd.features {
            features.title = None;
            features.role_aliases.clear();
        }
        update.jd = Some(Arc::new(jd));
        Some(Held { update, role: one.role })
    };
    held.iter().filter_map(strip).collect()
}

fn outcomes(engine: &Engine, held: &[Held], roles: &Roles) -> Result<Outcomes, Error> {
    engine.apply(Batch::of_jds(held.iter().map(|one| one.update.clone()).collect()))?;
    let ids: Vec<Id> = held.iter().map(|one| one.update.id).collect();
    let mut outcomes = Outcomes::default();
    for (one, answer) in held.iter().zip(engine.decisions(&ids)) {
        let Some(answer) = answer else { continue };
        outcomes.add(&answer, one.role.and_then(|role| roles.slugs.get(role)).map(|slug| Id::role(slug)));
    }
    Ok(outcomes)
}

impl Outcomes {
    fn add(&mut self, answer: &Answer, right: Option<Id>) {
        let decision = &answer.decision;
        let (count, mark) = match (decision.role, decision.case) {
            (Some(role), _) if Some(role) == right => (&mut self.right, '+'),
            (Some(_), _) => (&mut self.wrong, '-'),
            (None, Case::New | Case::E) => (&mut self.none, '.'),
            (None, _) => (&mut self.queued, '.'),
        };
        *count += 1;
        *self.by_rule.entry(format!("{:?} {mark}", decision.rule)).or_default() += 1;
    }
}
