//! What rows do the views beside *decisions* have: centroids, logs, queues, counts?

use super::{Case, Rule, Said};
use crate::fixed::Micro;
use crate::id::Id;
use serde::{Deserialize, Serialize};

/// The value of *centroids*, by (role, received day since 1970): the exact sum of its members' vectors.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Centroid {
    /// Members: JDs decided for this role that have a vector.
    pub n: u64,
    /// Sum of the members' components, 256 of them.
    pub sum: Box<[i64]>,
}

/// The value of *members*, by role: one JD in a centroid.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Member {
    /// The JD.
    pub jd: Id,
    /// Its received day since 1970 (rounded down).
    pub day: i32,
    /// Its vector.
    pub vector: crate::fixed::Vector,
}

/// What a queue or log row knows of the JDs behind it.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Summary {
    /// How many JDs.
    pub jds: u64,
    /// In how many of them it is flagged: the skill is primary; the collision was settled by a chosen role.
    pub flagged: u64,
    /// Distinct known companies among them.
    pub companies: u64,
    /// Least received_at, milliseconds since 1970.
    pub first_seen: i64,
    /// Greatest received_at.
    pub last_seen: i64,
    /// The three least (received_at, JD, place): where to look examples up. The place is that of the sentence or
    /// skill in its JD, 0 where there is none.
    pub examples: Box<[(i64, Id, u16)]>,
}

/// Where a row of a review queue stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum QueueStatus {
    /// Nobody has decided yet.
    Pending,
    /// A review accepted it, and yet the library does not know it (now).
    Accepted,
    /// A review merged it into something, and yet the library does not know it (now).
    Merged,
}

/// The value of *new skills*, by (normalised skill's id, role).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[allow(missing_docs, reason = "the names say it")]
pub struct NewSkill {
    pub summary: Summary,
    pub status: QueueStatus,
}

/// The value of *new KRAs*, by (role, JD).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct NewKra {
    /// K of the chosen role.
    pub score: Micro,
    /// Where it stands.
    pub status: QueueStatus,
}

/// The value of *undecided*, by JD: why it is queued.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[allow(missing_docs, reason = "as in Decision")]
pub struct Undecided {
    pub rule: Rule,
    pub case: Case,
    pub cohort: Box<[Id]>,
}

/// The value of *impact*, by JD.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[allow(missing_docs, reason = "the names say it")]
pub struct Impact {
    pub content: u64,
    pub at_ingest: Said,
    pub current: Said,
}

/// The value of *skill clusters*, by JD: its distinct skills by dimension, [`Id::NONE`] for the unaligned ones.
/// Groups stand by dimension id; size and name order them where they are printed. Inside a group: JD order.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Cluster {
    /// (dimension, skills).
    pub groups: Box<[(Id, Box<[Id]>)]>,
}

/// The key of *counts*, whose value is the number of JDs.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[allow(missing_docs, reason = "the names say it")]
pub struct CountKey {
    pub case: Case,
    pub rule: Rule,
    /// [`Id::NONE`] where none is chosen.
    pub role: Id,
    pub source: Id,
    /// Received hour since 1970 (rounded down).
    pub hour: i32,
}

/// What a review of each queue names as its subject.
pub mod subject {
    use crate::id::Id;

    /// A row of *undecided*; its scope can only be everywhere.
    pub fn undecided(jd: Id) -> Id {
        Id::subject("undecided", jd)
    }

    /// A row of *new roles*; its scope can only be everywhere.
    pub fn new_role(slug: &str) -> Id {
        Id::subject("new-role", Id::role(slug))
    }

    /// A row of *new skills*: the normalised text's id.
    pub fn new_skill(text: Id) -> Id {
        Id::subject("new-skill", text)
    }

    /// A row of *new KRAs*.
    pub fn new_kra(jd: Id) -> Id {
        Id::subject("new-kra", jd)
    }

    /// A row of *novel sentences*: the normalised sentence's id.
    pub fn novel_sentence(sentence: Id) -> Id {
        Id::subject("novel-sentence", sentence)
    }
}
