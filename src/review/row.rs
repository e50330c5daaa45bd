//! What does a row of a review queue show? One shape for all queues.

use super::matches::Match;
use crate::error::{Error, listed, nearest};
use rolestream_dataflows::fixed::Micro;
use rolestream_dataflows::id::Id;
use rolestream_dataflows::views::QueueStatus;
use serde::{Deserialize, Serialize};
use std::str::FromStr;
use utoipa::ToSchema;

/// The review queues.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = ReviewQueue)]
pub enum Queue {
    /// Skills that the library does not know.
    NewSkills,
    /// Roles that the taxonomy lacks.
    NewRoles,
    /// JDs whose responsibilities their role's KRAs do not cover.
    NewKras,
    /// Responsibility sentences that no role's KRAs come near to.
    NovelSentences,
    /// JDs for which no role could be chosen.
    Undecided,
    /// Titles that several roles claim.
    Collisions,
}

impl Queue {
    /// All of them.
    pub const ALL: [Queue; 6] =
        [Queue::NewSkills, Queue::NewRoles, Queue::NewKras, Queue::NovelSentences, Queue::Undecided, Queue::Collisions];

    /// As it is written.
    pub fn name(self) -> &'static str {
        match self {
            Queue::NewSkills => "new_skills",
            Queue::NewRoles => "new_roles",
            Queue::NewKras => "new_kras",
            Queue::NovelSentences => "novel_sentences",
            Queue::Undecided => "undecided",
            Queue::Collisions => "collisions",
        }
    }

    /// Whether a verdict can be one role's. Rows of the others belong to no role yet, or to several at once.
    pub fn by_role(self) -> bool {
        matches!(self, Queue::NewSkills | Queue::NewKras | Queue::NovelSentences)
    }
}

impl FromStr for Queue {
    type Err = Error;
    fn from_str(text: &str) -> Result<Queue, Error> {
        let names = Queue::ALL.map(Queue::name);
        Queue::ALL.into_iter().find(|queue| queue.name() == text).ok_or_else(|| unknown("queue", text, &names))
    }
}

/// Where a row stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = ReviewStanding)]
pub enum Standing {
    /// Nobody has decided yet.
    Pending,
    /// Taken into the taxonomy, and yet it is still (or again) there.
    Accepted,
    /// Said to be the same as something, and yet it is still there.
    Merged,
    /// Hidden until a date.
    Snoozed,
    /// Hidden for ever.
    Rejected,
}

impl Standing {
    /// As it is written.
    pub fn name(self) -> &'static str {
        match self {
            Standing::Pending => "pending",
            Standing::Accepted => "accepted",
            Standing::Merged => "merged",
            Standing::Snoozed => "snoozed",
            Standing::Rejected => "rejected",
        }
    }
}

impl From<QueueStatus> for Standing {
    fn from(status: QueueStatus) -> Standing {
        match status {
            QueueStatus::Pending => Standing::Pending,
            QueueStatus::Accepted => Standing::Accepted,
            QueueStatus::Merged => Standing::Merged,
        }
    }
}

impl FromStr for Standing {
    type Err = Error;
    fn from_str(text: &str) -> Result<Standing, Error> {
        let all = [Standing::Pending, Standing::Accepted, Standing::Merged, Standing::Snoozed, Standing::Rejected];
        let names = all.map(Standing::name);
        all.into_iter().find(|standing| standing.name() == text).ok_or_else(|| unknown("status", text, &names))
    }
}

/// The message on a word that is none of those that are known.
pub(super) fn unknown(what: &str, text: &str, known: &[&str]) -> Error {
    let hint = match nearest(text, known.iter().copied()) {
        Some(word) => format!("did you mean \"{word}\"?"),
        None => format!("write one of {}", listed(known)),
    };
    Error::new(format!("unknown {what} \"{text}\"")).detail(format!("known are {}", listed(known))).hint(hint)
}

/// A row of a review queue, counted over all the roles it was seen in.
///
/// Distinct companies of several roles cannot be added up, for one company may have JDs of both; so two bounds are
/// shown. They are equal where the row has one role.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[schema(as = ReviewRow)]
pub struct Row {
    /// The number that the first step of the API shows as well: positive, below 2^53.
    pub id: u64,
    /// What reviews call it, in 16 hexadecimal digits.
    #[serde(with = "hex")]
    #[schema(value_type = String)]
    pub subject: Id,
    /// Which queue it is in.
    pub queue: Queue,
    /// The text it is about: a skill as written, a title, responsibilities (their beginning), a sentence, a term. Where
    /// its JDs are no longer held, the digits of `subject`.
    pub title: String,
    /// The slug that a new role would get.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub slug: Option<String>,
    /// The run it is about, where it is about one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub run: Option<RunRef>,
    /// The roles it was seen in (for a collision: those that collide; for an undecided JD: those it is undecided
    /// between), the most frequent first.
    pub roles: Vec<RoleShare>,
    /// Runs.
    pub frequency: u64,
    /// Distinct companies, at least: the most that one of its roles has.
    pub companies: u64,
    /// Distinct companies, at most: the sum over its roles.
    pub companies_at_most: u64,
    /// The part of the runs in which the skill is primary.
    #[serde(with = "share", default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<f64>)]
    pub primary_share: Option<Micro>,
    /// When the first of its runs was received, milliseconds since 1970.
    pub first_seen: i64,
    /// When the last was.
    pub last_seen: i64,
    /// Whole days since `first_seen`.
    pub age_days: i64,
    /// Up to three sentences it was seen in.
    pub examples: Vec<Example>,
    /// Where it stands: pending as long as it is so for any of its roles.
    pub status: Standing,
    /// When a snooze ends, milliseconds since 1970.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub snoozed_until: Option<i64>,
    /// How similar the best of the possible matches is; 0 where there is none.
    #[serde(with = "micro")]
    #[schema(value_type = f64)]
    pub score: Micro,
    /// How far the best of them leads the second; its score where there is no second.
    #[serde(with = "micro")]
    #[schema(value_type = f64)]
    pub margin: Micro,
    /// frequency × (1 − score) × (1 − margin): often seen, like nothing known, and not to be told by a machine.
    #[serde(with = "micros")]
    #[schema(value_type = f64)]
    pub priority: u64,
    /// Up to five, the most similar first.
    pub possible_matches: Vec<Match>,
}

/// One content of one JD.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct RunRef {
    /// The run's id.
    pub run_id: String,
    /// The id that the JD's source gave it.
    pub jd: String,
    /// Hash of its content, in 16 hexadecimal digits.
    #[serde(with = "hex")]
    #[schema(value_type = String)]
    pub content: Id,
}

/// How a row was seen in one role.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct RoleShare {
    /// The role's slug.
    pub slug: String,
    /// Its display name.
    pub name: String,
    /// Runs.
    pub frequency: u64,
    /// Distinct companies.
    pub companies: u64,
    /// The part of the runs in which the skill is primary.
    #[serde(with = "share", default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<f64>)]
    pub primary_share: Option<Micro>,
    /// Where it stands in this role.
    pub status: Standing,
}

/// Where something was seen.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = ReviewExample)]
pub struct Example {
    /// The run.
    pub run_id: String,
    /// The sentence.
    pub text: String,
}

impl Row {
    /// As people speak of it in messages.
    pub(super) fn called(&self) -> String {
        format!("row {} of {} (\"{}\")", self.id, self.queue.name(), self.title)
    }
}

/// An id as 16 hexadecimal digits: JSON's numbers do not hold 64 bits.
mod hex {
    use rolestream_dataflows::id::Id;
    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    pub(super) fn serialize<S: Serializer>(id: &Id, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(id)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Id, D::Error> {
        String::deserialize(from)?.parse().map_err(D::Error::custom)
    }
}

/// A score as it is printed: four decimals.
pub(super) mod micro {
    use rolestream_dataflows::fixed::Micro;
    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    pub(in crate::review) fn serialize<S: Serializer>(score: &Micro, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_f64(score.to_f64())
    }

    pub(in crate::review) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Micro, D::Error> {
        let score = f64::deserialize(from)?;
        Micro::from_f64(score).ok_or_else(|| D::Error::custom("a score is not below 0"))
    }
}

/// A share that may be missing, as it is printed.
mod share {
    use rolestream_dataflows::fixed::Micro;
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    pub(super) fn serialize<S: Serializer>(share: &Option<Micro>, to: S) -> Result<S::Ok, S::Error> {
        share.map(Micro::to_f64).serialize(to)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Micro>, D::Error> {
        Ok(Option::<f64>::deserialize(from)?.and_then(Micro::from_f64))
    }
}

/// Micro-units beyond what a [`Micro`] holds, as they are printed: four decimals.
mod micros {
    use serde::{Deserialize, Deserializer, Serializer};

    pub(super) fn serialize<S: Serializer>(value: &u64, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_f64(((value + 50) / 100) as f64 / 10_000.0)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<u64, D::Error> {
        Ok((f64::deserialize(from)? * 1e6).round() as u64)
    }
}
