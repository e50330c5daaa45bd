//! Which views can be followed? Their names, their rows at an epoch, and what a frame says of those that are wanted.

use super::hub::Frame;
use crate::engine::{RoleChange, Stated};
use crate::error::{Error, nearest};
use crate::report::Lookup;
use crate::sinks::{Row, role_change};
use crate::store::{Store, StoredChange};
use rolestream_dataflows::driver::Reader;
use rolestream_dataflows::id::Id;
use rolestream_dataflows::views::{Answer, ViewRow};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::sync::Arc;

/// A view that can be followed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[allow(missing_docs, reason = "SPEC §5 defines them")]
pub enum View {
    Decisions,
    Centroids,
    DayCentroids,
    SkillSupport,
    KraSupport,
    Collisions,
    Undecided,
    NewRoles,
    NewSkills,
    NewKras,
    NovelSentences,
    Impact,
    SkillClusters,
    Counts,
    Baselines,
    /// No view but the log of facts: its rows never change.
    RoleChanges,
}

impl View {
    /// All of them.
    pub const ALL: [View; 16] = [
        View::Decisions,
        View::Centroids,
        View::DayCentroids,
        View::SkillSupport,
        View::KraSupport,
        View::Collisions,
        View::Undecided,
        View::NewRoles,
        View::NewSkills,
        View::NewKras,
        View::NovelSentences,
        View::Impact,
        View::SkillClusters,
        View::Counts,
        View::Baselines,
        View::RoleChanges,
    ];

    /// As it is asked for.
    pub fn name(self) -> &'static str {
        match self {
            View::Decisions => "decisions",
            View::Centroids => "centroids",
            View::DayCentroids => "day-centroids",
            View::SkillSupport => "skill-support",
            View::KraSupport => "kra-support",
            View::Collisions => "collisions",
            View::Undecided => "undecided",
            View::NewRoles => "new-roles",
            View::NewSkills => "new-skills",
            View::NewKras => "new-kras",
            View::NovelSentences => "novel-sentences",
            View::Impact => "impact",
            View::SkillClusters => "skill-clusters",
            View::Counts => "counts",
            View::Baselines => "baselines",
            View::RoleChanges => "role-changes",
        }
    }

    /// The view of this name.
    pub fn named(name: &str) -> Result<View, Error> {
        View::ALL.into_iter().find(|view| view.name() == name).ok_or_else(|| {
            let names = View::ALL.map(View::name);
            let error = Error::new(format!("there is no view \"{name}\" that can be followed"));
            let error = error.detail(format!("there are {}", names.join(", ")));
            match nearest(name, names) {
                Some(meant) => error.hint(format!("did you mean \"{meant}\"?")),
                None => error.hint("name one of these; several with commas between them: /events?views=A,B"),
            }
        })
    }

    /// The view of a row.
    fn of(row: &ViewRow) -> View {
        match row {
            ViewRow::Centroid(..) => View::Centroids,
            ViewRow::Collision(..) => View::Collisions,
            ViewRow::Undecided(..) => View::Undecided,
            ViewRow::NewRole(..) => View::NewRoles,
            ViewRow::NewSkill(..) => View::NewSkills,
            ViewRow::NewKra(..) => View::NewKras,
            ViewRow::NovelSentence(..) => View::NovelSentences,
            ViewRow::Impact(..) => View::Impact,
            ViewRow::Cluster(..) => View::SkillClusters,
            ViewRow::Count(..) => View::Counts,
            ViewRow::SkillSupport(..) => View::SkillSupport,
            ViewRow::KraSupport(..) => View::KraSupport,
            ViewRow::DayCentroid(..) => View::DayCentroids,
            ViewRow::Baseline(..) => View::Baselines,
        }
    }

    /// Whether its rows name a role.
    fn names_roles(self) -> bool {
        !matches!(self, View::NewRoles | View::SkillClusters)
    }

    /// A worker's share of its rows.
    fn rows(self, reader: &mut Reader<'_>) -> Vec<Row> {
        fn all<K, V>(rows: Vec<(K, V)>, row: impl Fn(K, V) -> ViewRow) -> Vec<Row> {
            rows.into_iter().map(|(key, value)| Row::View(row(key, value))).collect()
        }
        match self {
            View::Decisions => {
                reader.decisions().rows().into_iter().map(|(jd, answer)| Row::Decision(jd, answer)).collect()
            }
            View::Centroids => all(reader.role_centroids().rows(), ViewRow::Centroid),
            View::DayCentroids => all(reader.centroids().rows(), ViewRow::DayCentroid),
            View::SkillSupport => all(reader.skill_support().rows(), ViewRow::SkillSupport),
            View::KraSupport => all(reader.kra_support().rows(), ViewRow::KraSupport),
            View::Collisions => all(reader.collisions().rows(), ViewRow::Collision),
            View::Undecided => all(reader.undecided().rows(), ViewRow::Undecided),
            View::NewRoles => all(reader.new_roles().rows(), ViewRow::NewRole),
            View::NewSkills => all(reader.new_skills().rows(), ViewRow::NewSkill),
            View::NewKras => all(reader.new_kras().rows(), ViewRow::NewKra),
            View::NovelSentences => all(reader.novel_sentences().rows(), ViewRow::NovelSentence),
            View::Impact => all(reader.impact().rows(), ViewRow::Impact),
            View::SkillClusters => all(reader.clusters().rows(), ViewRow::Cluster),
            View::Counts => all(reader.counts().rows(), ViewRow::Count),
            View::Baselines => all(reader.baselines().rows(), ViewRow::Baseline),
            // The store has them.
            View::RoleChanges => Vec::new(),
        }
    }
}

/// What a subscriber wants to know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wanted {
    /// These views.
    pub views: BTreeSet<View>,
    /// Only what names this role.
    pub role: Option<Id>,
}

/// A row as it is told.
#[derive(Clone, Debug)]
pub enum Told {
    /// Of a view.
    Row(Row),
    /// Of the log of role changes.
    Change(u64, Box<StoredChange>),
}

impl Told {
    /// What names it.
    pub fn key(&self, lookup: &Lookup) -> String {
        match self {
            Told::Row(row) => row.key(lookup),
            Told::Change(number, _) => format!("{number:012}"),
        }
    }

    /// Its value, as changelogs write it.
    pub fn json(&self, lookup: &Lookup, store: &Store) -> Value {
        match self {
            Told::Row(row) => row.json(lookup, store),
            Told::Change(number, change) => role_change(*number, change, lookup),
        }
    }
}

/// What a frame says: by view and key the row, or that it is gone.
pub type Changes = BTreeMap<(View, String), Option<Told>>;

impl Wanted {
    /// These views; a role only where all of them name roles.
    pub fn new(views: BTreeSet<View>, role: Option<Id>) -> Result<Wanted, Error> {
        match views.iter().find(|view| role.is_some() && !view.names_roles()) {
            Some(view) => Err(Error::new(format!("the rows of {} name no role", view.name()))
                .detail("role= picks rows by the role they name")
                .hint("leave role= out, or follow that view by itself")),
            None => Ok(Wanted { views, role }),
        }
    }

    /// A worker's share of what is wanted, at an epoch.
    pub fn rows(&self, reader: &mut Reader<'_>) -> Vec<(View, Row)> {
        let of = |view: &View| {
            let rows = view.rows(reader).into_iter().filter(|row| self.has(row));
            rows.map(|row| (*view, row)).collect::<Vec<_>>()
        };
        self.views.iter().flat_map(of).collect()
    }

    /// What a frame says of it.
    pub fn changes(&self, frame: &Frame, lookup: &Lookup) -> Changes {
        let mut changes = Changes::new();
        if self.views.contains(&View::Decisions) {
            let had = self.had(frame);
            for (jd, answer) in &frame.decisions {
                let key = || (View::Decisions, lookup.jd(*jd).to_string());
                match answer.as_ref().map(|answer| Row::Decision(*jd, answer.clone())) {
                    Some(row) if self.has(&row) => drop(changes.insert(key(), Some(Told::Row(row)))),
                    _ if had.as_ref().is_none_or(|had| had.contains(jd)) => drop(changes.insert(key(), None)),
                    _ => {}
                }
            }
        }
        // Of one key's rows in one epoch, what goes comes before what comes.
        for there in [false, true] {
            for change in frame.views.iter().filter(|change| (change.difference > 0) == there) {
                let view = View::of(&change.row);
                if !self.views.contains(&view) {
                    continue;
                }
                let row = Row::View(change.row.clone());
                if self.has(&row) {
                    changes.insert((view, row.key(lookup)), there.then_some(Told::Row(row)));
                }
            }
        }
        if self.views.contains(&View::RoleChanges) {
            for (number, change) in frame.role_changes.iter().filter(|(_, change)| self.has_change(change)) {
                let stored = StoredChange { id: lookup.jd(change.jd).to_string(), change: change.clone() };
                let told = Told::Change(*number, Box::new(stored));
                changes.insert((View::RoleChanges, told.key(lookup)), Some(told));
            }
        }
        changes
    }

    fn has(&self, row: &Row) -> bool {
        self.role.is_none_or(|role| speaks_of(row, role))
    }

    /// Whether a role change is wanted.
    pub fn has_change(&self, change: &RoleChange) -> bool {
        self.role.is_none_or(|role| states(&change.before, role) || states(&change.after, role))
    }

    /// The JDs whose row of *decisions* before a frame was wanted, and is so no more; `None`: all that changed may be. A
    /// row that had another role, or that is gone, made a role change.
    fn had(&self, frame: &Frame) -> Option<HashSet<Id>> {
        let role = self.role?;
        let left = frame.role_changes.iter().filter(|(_, change)| states(&change.before, role));
        Some(left.map(|(_, change)| change.jd).collect())
    }
}

fn states(stated: &Option<Stated>, role: Id) -> bool {
    stated.as_ref().is_some_and(|stated| stated.said.role == Some(role))
}

/// Whether a row names a role.
fn speaks_of(row: &Row, role: Id) -> bool {
    let decided = |answer: &Arc<Answer>| answer.decision.role == Some(role);
    match row {
        Row::Decision(_, answer) => decided(answer),
        Row::View(row) => match row {
            ViewRow::Centroid(of, _)
            | ViewRow::NewSkill((_, of), _)
            | ViewRow::NewKra((of, _), _)
            | ViewRow::NovelSentence((of, _), _)
            | ViewRow::SkillSupport((of, _), _)
            | ViewRow::KraSupport((of, _), _)
            | ViewRow::DayCentroid((of, _), _)
            | ViewRow::Baseline(of, _) => *of == role,
            ViewRow::Collision((_, roles), _) => roles.contains(&role),
            ViewRow::Undecided(_, row) => row.cohort.contains(&role),
            ViewRow::Impact(_, row) => row.at_ingest.role == Some(role) || row.current.role == Some(role),
            ViewRow::Count(key, _) => key.role == role,
            ViewRow::NewRole(..) | ViewRow::Cluster(..) => false,
        },
    }
}
