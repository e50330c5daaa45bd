//! Which rows do the views have, counted over all their roles? Without words yet: those cost a look at the runs.
//!
//! New skills and novel sentences are rows by role in their views, and one row here: a verdict on their subject settles
//! them everywhere, and they have one number. Runs add up, for a run has one role; distinct companies do not, so the
//! greatest of the roles' counts is the least and their sum the most that it can be.

use super::row::{Queue, Standing};
use super::standing::Reviews;
use super::texts::Runs;
use crate::report::Names;
use rolestream_dataflows::id::Id;
use rolestream_dataflows::views::{self, NewKra, NewSkill, Summary, Undecided, subject};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Examples of a row.
const EXAMPLES: usize = 3;

/// A row without its words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Candidate {
    /// What reviews call it.
    pub subject: Id,
    /// What it is about.
    pub of: Of,
    /// How it was seen in each role: the most frequent first, then by id.
    pub roles: Vec<Share>,
    /// Runs.
    pub frequency: u64,
    /// Runs in which the skill is primary.
    pub primary: u64,
    /// Distinct companies, at least.
    pub companies: u64,
    /// Distinct companies, at most.
    pub companies_at_most: u64,
    /// Milliseconds since 1970.
    pub first_seen: i64,
    /// Milliseconds since 1970.
    pub last_seen: i64,
    /// Where it was seen first: JD, and the place in it.
    pub examples: Vec<(Id, u16)>,
    /// Where it stands.
    pub standing: Standing,
    /// When a snooze ends.
    pub until: Option<i64>,
}

/// What a row is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Of {
    /// A skill, by the id of its normalised text.
    Skill(Id),
    /// A role, by the slug it would get.
    NewRole(Arc<str>),
    /// A JD's responsibilities.
    Responsibilities(Id),
    /// A sentence, by the id of its normalised text.
    Sentence(Id),
    /// A JD.
    Undecided(Id),
    /// A term.
    Collision(Id),
}

/// How a row was seen in one role.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "as in Candidate")]
pub struct Share {
    pub role: Id,
    pub frequency: u64,
    pub primary: u64,
    pub companies: u64,
    pub standing: Standing,
}

impl Candidate {
    /// Which queue it is in.
    pub fn queue(&self) -> Queue {
        match self.of {
            Of::Skill(_) => Queue::NewSkills,
            Of::NewRole(_) => Queue::NewRoles,
            Of::Responsibilities(_) => Queue::NewKras,
            Of::Sentence(_) => Queue::NovelSentences,
            Of::Undecided(_) => Queue::Undecided,
            Of::Collision(_) => Queue::Collisions,
        }
    }

    fn new(subject: Id, of: Of, parts: Vec<(Share, &Summary)>) -> Candidate {
        let sum = |of: fn(&Summary) -> u64| parts.iter().map(|(_, summary)| of(summary)).sum();
        let mut examples: Vec<(i64, Id, u16)> =
            parts.iter().flat_map(|(_, summary)| summary.examples.iter().copied()).collect();
        examples.sort_unstable();
        let mut roles: Vec<Share> = parts.iter().map(|(share, _)| *share).filter(|s| s.role != Id::NONE).collect();
        roles.sort_by_key(|share| (std::cmp::Reverse(share.frequency), share.role));
        // Pending as long as it is so for any role; else what was said last in the order of verdicts.
        let standings = || parts.iter().map(|(share, _)| share.standing);
        let pending = standings().any(|standing| standing == Standing::Pending);
        let settled = standings().max().unwrap_or(Standing::Pending);
        let frequency: u64 = sum(|summary| summary.jds);
        Candidate {
            subject,
            of,
            roles,
            frequency,
            primary: sum(|summary| summary.flagged),
            companies: parts.iter().map(|(_, summary)| summary.companies).max().unwrap_or_default(),
            companies_at_most: sum(|summary| summary.companies),
            first_seen: parts.iter().map(|(_, summary)| summary.first_seen).min().unwrap_or_default(),
            last_seen: parts.iter().map(|(_, summary)| summary.last_seen).max().unwrap_or_default(),
            examples: examples.into_iter().take(EXAMPLES).map(|(_, jd, place)| (jd, place)).collect(),
            standing: if pending { Standing::Pending } else { settled },
            until: None,
        }
    }
}

fn share(role: Id, summary: &Summary, standing: Standing) -> Share {
    let Summary { jds, flagged, companies, .. } = *summary;
    Share { role, frequency: jds, primary: flagged, companies, standing }
}

/// Rows of the view *new skills*.
pub fn new_skills<'a>(view: impl IntoIterator<Item = (&'a (Id, Id), &'a NewSkill)>) -> Vec<Candidate> {
    let mut by_text: BTreeMap<Id, Vec<(Share, &Summary)>> = BTreeMap::new();
    for ((text, role), row) in view {
        by_text.entry(*text).or_default().push((share(*role, &row.summary, row.status.into()), &row.summary));
    }
    let row = |(text, parts)| Candidate::new(subject::new_skill(text), Of::Skill(text), parts);
    by_text.into_iter().map(row).collect()
}

/// Rows of the view *novel sentences*.
pub fn novel_sentences<'a>(
    view: impl IntoIterator<Item = (&'a (Id, Id), &'a Summary)>,
    reviews: &Reviews,
    names: &Names,
) -> Vec<Candidate> {
    let mut by_text: BTreeMap<Id, Vec<(Share, &Summary)>> = BTreeMap::new();
    for ((role, text), summary) in view {
        let standing = reviews.settled(subject::novel_sentence(*text), Some(*role), names).standing;
        by_text.entry(*text).or_default().push((share(*role, summary, standing), summary));
    }
    let row = |(text, parts)| Candidate::new(subject::novel_sentence(text), Of::Sentence(text), parts);
    by_text.into_iter().map(row).collect()
}

/// Rows of the view *new roles*.
pub fn new_roles<'a>(
    view: impl IntoIterator<Item = (&'a Arc<str>, &'a Summary)>,
    reviews: &Reviews,
    names: &Names,
) -> Vec<Candidate> {
    let row = |(slug, summary): (&Arc<str>, &'a Summary)| {
        let subject = subject::new_role(slug);
        let standing = reviews.settled(subject, None, names).standing;
        Candidate::new(subject, Of::NewRole(slug.clone()), vec![(share(Id::NONE, summary, standing), summary)])
    };
    view.into_iter().map(row).collect()
}

/// Rows of the view *new KRAs*. One of which nothing is said any more has gone meanwhile.
pub fn new_kras<'a>(view: impl IntoIterator<Item = (&'a (Id, Id), &'a NewKra)>, runs: &dyn Runs) -> Vec<Candidate> {
    let row = |((role, jd), row): (&(Id, Id), &NewKra)| {
        let summary = alone(*jd, runs)?;
        let parts = vec![(share(*role, &summary, row.status.into()), &summary)];
        Some(Candidate::new(subject::new_kra(*jd), Of::Responsibilities(*jd), parts))
    };
    view.into_iter().filter_map(row).collect()
}

/// Rows of the view *undecided*.
pub fn undecided<'a>(
    view: impl IntoIterator<Item = (&'a Id, &'a Undecided)>,
    runs: &dyn Runs,
    reviews: &Reviews,
    names: &Names,
) -> Vec<Candidate> {
    let row = |(jd, row): (&Id, &Undecided)| {
        let summary = alone(*jd, runs)?;
        let subject = subject::undecided(*jd);
        let standing = reviews.settled(subject, None, names).standing;
        let parts = vec![(share(Id::NONE, &summary, standing), &summary)];
        let candidate = Candidate::new(subject, Of::Undecided(*jd), parts);
        Some(Candidate { roles: each(&row.cohort, &summary, standing), ..candidate })
    };
    view.into_iter().filter_map(row).collect()
}

/// Rows of the log of collisions, which reviews do not touch: what they settled is told here.
pub fn collisions<'a>(
    view: impl IntoIterator<Item = (&'a (Id, Box<[Id]>), &'a Summary)>,
    reviews: &Reviews,
    names: &Names,
) -> Vec<Candidate> {
    let row = |((term, roles), summary): (&(Id, Box<[Id]>), &Summary)| {
        let subject = views::Collision { term: *term, roles: roles.clone() }.id();
        let settled = reviews.settled(subject, None, names);
        let parts = vec![(share(Id::NONE, summary, settled.standing), summary)];
        let candidate = Candidate::new(subject, Of::Collision(*term), parts);
        Candidate { roles: each(roles, summary, settled.standing), until: settled.until, ..candidate }
    };
    view.into_iter().map(row).collect()
}

/// The roles of a row that is of all of them at once, in their order.
fn each(roles: &[Id], summary: &Summary, standing: Standing) -> Vec<Share> {
    roles.iter().map(|role| share(*role, summary, standing)).collect()
}

/// What a row of a single run knows of it.
fn alone(jd: Id, runs: &dyn Runs) -> Option<Summary> {
    let answer = runs.answer(jd)?;
    Some(Summary {
        jds: 1,
        flagged: 0,
        companies: u64::from(answer.company != Id::NONE),
        first_seen: answer.received_at,
        last_seen: answer.received_at,
        examples: [(answer.received_at, jd, 0)].into(),
    })
}
