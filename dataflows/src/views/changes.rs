//! What changed in the views? Rows that came and rows that went, for whoever follows a view instead of reading it.

use super::{Baseline, Centroid, Cluster, CountKey, Impact, NewKra, NewSkill, Summary, Undecided};
use crate::id::Id;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// A row of a view that is followed. (*Decisions* are followed by [`crate::driver::DecisionChange`].) New ones go at the
/// end: sinks keep hashes of the others.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[allow(missing_docs, reason = "each variant is key and value of the view of that name")]
pub enum ViewRow {
    Centroid(Id, Centroid),
    Collision((Id, Box<[Id]>), Summary),
    Undecided(Id, Undecided),
    NewRole(Arc<str>, Summary),
    NewSkill((Id, Id), NewSkill),
    NewKra((Id, Id), NewKra),
    NovelSentence((Id, Id), Summary),
    Impact(Id, Impact),
    Cluster(Id, Cluster),
    Count(CountKey, u64),
    SkillSupport((Id, Id), u64),
    KraSupport((Id, Id), u64),
    /// Of one received day.
    DayCentroid((Id, i32), Centroid),
    Baseline(Id, Baseline),
}

/// A row is there from this epoch on (1), or no longer (-1).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ViewChange {
    /// When.
    pub epoch: u64,
    /// Which.
    pub row: ViewRow,
    /// 1 or -1.
    pub difference: isize,
}
