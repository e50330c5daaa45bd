//! What comes out? The rows of every view of SPEC §3–§5, as ids and integers; names are looked up where printed.

mod answer;
mod changes;
mod enrichment;
mod queues;
mod snapshot;

pub use answer::{
    Answer, Case, Collision, Decision, Evidence, How, KraRank, Resolution, Rule, Said, Signals, SkillRank, SkillSignal,
    SkillUse,
};
pub use changes::{ViewChange, ViewRow};
pub use enrichment::{AiIndex, Baseline, Enrichment, Maturity, Nature};
pub use queues::{
    Centroid, Cluster, CountKey, Impact, Member, NewKra, NewSkill, QueueStatus, Summary, Undecided, subject,
};
pub use snapshot::Snapshot;
