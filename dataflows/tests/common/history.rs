//! What happens in a random history? A taxonomy comes, JDs come and go, people edit; and what the oracle says of it.

use super::changes::skill_slug;
use super::jds::jd_id;
use super::pools::{DIMENSION_SLUGS, FIELDS, ROLES, SKILLS};
use super::world::World;
use rand::RngExt;
use rand::seq::SliceRandom;
use rolestream_dataflows::id::Id;
use rolestream_dataflows::oracle;
use rolestream_dataflows::records::{AtIngest, Change, Dimension, Jd, Record, RoleSkill, Tables};
use rolestream_dataflows::replay::Event;
use rolestream_dataflows::views::Snapshot;
use std::collections::BTreeMap;
use std::sync::Arc;

/// How large a history is.
#[derive(Clone, Debug)]
pub(crate) struct Shape {
    /// Roles at the start.
    pub(crate) roles: usize,
    /// JDs that arrive at some time.
    pub(crate) jds: usize,
    /// Times that some JD is corrected, re-sent, withdrawn or brought back.
    pub(crate) corrections: usize,
    /// Edits of the other collections.
    pub(crate) edits: usize,
}

impl Default for Shape {
    fn default() -> Shape {
        Shape { roles: 6, jds: 32, corrections: 16, edits: 50 }
    }
}

/// Epochs of events, and what every view must hold after each.
pub(crate) struct History {
    pub(crate) epochs: Vec<Vec<Event>>,
    pub(crate) expected: Vec<Snapshot>,
}

/// One thing to do in a history.
#[derive(Clone, Copy)]
enum Step {
    Arrival(usize),
    Correction,
    Edit,
}

impl History {
    /// The history of a seed: the same for ever, as long as this module is.
    pub(crate) fn random(seed: u64, shape: &Shape) -> History {
        let mut world = World::new(seed);
        let mut history = History { epochs: Vec::new(), expected: Vec::new() };
        let mut taxonomy = world.taxonomy(shape.roles);
        let mut steps = steps(&mut world, shape);
        // Some JDs are there before the taxonomy, some of the taxonomy comes after them.
        let late = if world.chance(0.3) { world.below(taxonomy.len()) } else { 0 };
        let late = taxonomy.split_off(taxonomy.len() - late);
        for batch in [taxonomy, late] {
            let early = world.below(6);
            for _ in 0..early {
                let Some(step) = steps.pop() else { break };
                world.take(step, shape);
            }
            batch.into_iter().for_each(|record| world.put(record));
            history.close(&mut world);
        }
        while !steps.is_empty() {
            let size = match world.below(20) {
                0 | 1 => 0,
                2..11 => 1,
                11..17 => 2 + world.below(3),
                _ => 5 + world.below(8),
            };
            let end = steps.len().saturating_sub(size);
            for step in steps.split_off(end) {
                world.take(step, shape);
            }
            history.close(&mut world);
        }
        history.close(&mut world);
        history
    }

    /// Closes the epoch: what the oracle says of it, and the facts that the next one begins with.
    fn close(&mut self, world: &mut World) {
        self.epochs.push(std::mem::take(&mut world.epoch));
        world.changed.clear();
        world.snapshot = oracle::compute(&world.tables, &world.jds);
        self.expected.push(world.snapshot.clone());
        let facts: Vec<Record> = world
            .snapshot
            .decisions
            .iter()
            .map(|(jd, answer)| {
                let said = answer.decision.said();
                Record::AtIngest(AtIngest { jd: *jd, content: answer.content, said })
            })
            .filter(|fact| !world.has(&fact.key()))
            .collect();
        facts.into_iter().for_each(|fact| world.put(fact));
    }

    /// Events that are no facts: what was done to the inputs.
    pub(crate) fn edits(&self) -> usize {
        let is_fact = |event: &&Event| matches!(event, Event::Change(Change::Put(Record::AtIngest(_))));
        self.epochs.iter().flatten().filter(|event| !is_fact(event)).count()
    }
}

/// All steps in random order, the last one to be taken first; arrivals come rather early.
fn steps(world: &mut World, shape: &Shape) -> Vec<Step> {
    let mut steps: Vec<Step> = (0..shape.jds / 2).map(Step::Arrival).collect();
    steps.extend((0..shape.corrections).map(|_| Step::Correction));
    steps.extend((0..shape.edits).map(|_| Step::Edit));
    steps.shuffle(&mut world.rng);
    let mut early: Vec<Step> = (shape.jds / 2..shape.jds).map(Step::Arrival).collect();
    early.shuffle(&mut world.rng);
    steps.extend(early);
    steps
}

impl World {
    fn take(&mut self, step: Step, shape: &Shape) {
        match step {
            Step::Arrival(number) => {
                let jd = self.jd();
                self.send(jd_id(number), Some(jd.into()));
            }
            Step::Correction => self.touch_a_jd(shape.jds),
            Step::Edit => self.edit(),
        }
    }

    /// A first taxonomy, in an order that heeds no reference.
    pub(crate) fn taxonomy(&mut self, roles: usize) -> Vec<Record> {
        for slug in DIMENSION_SLUGS.iter().take(4) {
            self.put(Record::Dimension(Dimension { slug: (*slug).into(), name: (*slug).into() }));
        }
        (0..SKILLS).for_each(|place| self.put_skill_of(place));
        while self.tables.iter().filter(|record| matches!(record, Record::Role(_))).count() < roles {
            self.put_role();
        }
        (0..24).for_each(|_| self.put_kra());
        (0..8).for_each(|_| self.put_alias());
        (0..12).for_each(|_| self.put_role_dimension());
        for role in ROLES {
            let (field, rich) = (World::field_of(role), self.chance(0.6));
            let (inside, outside) = if rich { (1.0, 0.35) } else { (0.6, 0.1) };
            for place in 0..SKILLS {
                let probability = if place % FIELDS == field { inside } else { outside };
                if self.rng.random_bool(probability) {
                    self.put(Record::RoleSkill(RoleSkill { role: role.into(), skill: skill_slug(place) }));
                }
            }
        }
        (0..2).for_each(|_| self.put_alias_rule());
        if self.chance(0.4) {
            self.put_settings();
        }
        if self.chance(0.7) {
            self.put_enrichment();
        }
        let mut records: Vec<Record> = std::mem::take(&mut self.tables).iter().cloned().collect();
        self.epoch.clear();
        records.shuffle(&mut self.rng);
        records
    }
}

/// The tables after some more events.
pub(crate) fn advance(tables: &mut Tables, jds: &mut BTreeMap<Id, Arc<Jd>>, epoch: &[Event]) {
    for event in epoch {
        match event {
            Event::Change(change) => {
                tables.apply(change.clone());
            }
            Event::Jd(update) => {
                match &update.jd {
                    Some(jd) => jds.insert(update.id, jd.clone()),
                    None => jds.remove(&update.id),
                };
            }
        }
    }
}
