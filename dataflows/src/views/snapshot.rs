//! What do all views hold at one closed epoch? What the oracle computes and the dataflow must equal.

use super::{Answer, Baseline, Centroid, Cluster, CountKey, Impact, Member, NewKra, NewSkill, Summary, Undecided};
use crate::id::Id;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Every view, whole.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Snapshot {
    /// By JD.
    pub decisions: BTreeMap<Id, Arc<Answer>>,
    /// (role, member).
    pub members: BTreeSet<(Id, Member)>,
    /// By (role, received day).
    pub centroids: BTreeMap<(Id, i32), Centroid>,
    /// By role: the sums over all days.
    pub role_centroids: BTreeMap<Id, Centroid>,
    /// Decided JDs by (role, skill).
    pub skill_support: BTreeMap<(Id, Id), u64>,
    /// Decided JDs by (role, KRA that is evidence).
    pub kra_support: BTreeMap<(Id, Id), u64>,
    /// By (term, roles).
    pub collisions: BTreeMap<(Id, Box<[Id]>), Summary>,
    /// By JD.
    pub undecided: BTreeMap<Id, Undecided>,
    /// By new role's slug.
    pub new_roles: BTreeMap<Arc<str>, Summary>,
    /// By (text, role).
    pub new_skills: BTreeMap<(Id, Id), NewSkill>,
    /// By (role, JD).
    pub new_kras: BTreeMap<(Id, Id), NewKra>,
    /// By (role, sentence).
    pub novel_sentences: BTreeMap<(Id, Id), Summary>,
    /// By JD.
    pub impact: BTreeMap<Id, Impact>,
    /// By JD.
    pub clusters: BTreeMap<Id, Cluster>,
    /// Number of JDs.
    pub counts: BTreeMap<CountKey, u64>,
    /// By role.
    pub baselines: BTreeMap<Id, Baseline>,
    /// JDs with exactly these skills, by skill set.
    pub skill_sets: BTreeMap<Id, u64>,
}

impl Snapshot {
    /// This worker's share and another's, of the same epoch; no row is in both.
    pub fn merged(mut self, other: Snapshot) -> Snapshot {
        self.decisions.extend(other.decisions);
        self.members.extend(other.members);
        self.centroids.extend(other.centroids);
        self.role_centroids.extend(other.role_centroids);
        self.skill_support.extend(other.skill_support);
        self.kra_support.extend(other.kra_support);
        self.collisions.extend(other.collisions);
        self.undecided.extend(other.undecided);
        self.new_roles.extend(other.new_roles);
        self.new_skills.extend(other.new_skills);
        self.new_kras.extend(other.new_kras);
        self.novel_sentences.extend(other.novel_sentences);
        self.impact.extend(other.impact);
        self.clusters.extend(other.clusters);
        self.counts.extend(other.counts);
        self.baselines.extend(other.baselines);
        self.skill_sets.extend(other.skill_sets);
        self
    }
}
