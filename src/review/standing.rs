//! What have reviews settled, and which snoozes are over?
//!
//! The views hide what is rejected or snoozed, the log of collisions apart, which reviews do not touch. So a row that
//! is hidden is listed as it was when somebody settled it: the history keeps it ([`hidden`]).

use super::history::Entry;
use super::row::{Row, Standing};
use crate::report::Names;
use rolestream_dataflows::id::Id;
use rolestream_dataflows::records::{Key, Record, Review, Scope, Status, Verdict};
use std::collections::{BTreeMap, BTreeSet};

/// All reviews, by subject.
#[derive(Clone, Debug, Default)]
pub struct Reviews(BTreeMap<Id, Vec<Review>>);

/// Where something stands, and until when.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Settled {
    pub(super) standing: Standing,
    pub(super) until: Option<i64>,
}

/// Two things that a person keeps apart are a subject of their own, in either order. A review that rejects it says
/// that they are no duplicates of each other; it hides no row.
pub fn pair(one: Id, other: Id) -> Id {
    Id::all("kept-apart", &[one.min(other), one.max(other)])
}

impl Reviews {
    /// Those among these records.
    pub fn of<'a>(records: impl IntoIterator<Item = &'a Record>) -> Reviews {
        let mut all = Reviews::default();
        for record in records {
            if let Record::Review(review) = record {
                all.0.entry(review.subject).or_default().push(review.clone());
            }
        }
        all
    }

    /// Whether a person said that these two are not the same.
    pub fn apart(&self, one: Id, other: Id) -> bool {
        let reviews = self.0.get(&pair(one, other));
        reviews.is_some_and(|reviews| reviews.iter().any(|review| review.verdict == Verdict::Rejected))
    }

    /// Where a row stands for a role, or for all of them. As in the views: the verdict that hides wins.
    pub(super) fn settled(&self, subject: Id, role: Option<Id>, names: &Names) -> Settled {
        let reviews = self.0.get(&subject).into_iter().flatten();
        let here = reviews.filter(|review| match &review.scope {
            Scope::Everywhere => true,
            Scope::Role(slug) => role.is_some() && owner(names, slug) == role,
        });
        here.map(settled_by).max().unwrap_or(Settled { standing: Standing::Pending, until: None })
    }

    fn iter(&self) -> impl Iterator<Item = &Review> {
        self.0.values().flatten()
    }
}

fn settled_by(review: &Review) -> Settled {
    let (standing, until) = match review.verdict {
        Verdict::Accepted => (Standing::Accepted, None),
        Verdict::Merged(_) => (Standing::Merged, None),
        Verdict::Snoozed(until) => (Standing::Snoozed, Some(until)),
        Verdict::Rejected => (Standing::Rejected, None),
    };
    Settled { standing, until }
}

/// The active role for which what this one owns counts.
fn owner(names: &Names, slug: &str) -> Option<Id> {
    let role = names.role(Id::role(slug))?;
    match role.status {
        Status::Active => Some(Id::role(slug)),
        Status::Merged => role.replaced_by.as_deref().map(Id::role),
        Status::Retired => None,
    }
}

/// The keys of the snoozes that are over at `now`. Whoever moves time deletes them, and their rows come back.
pub fn ended<'a>(records: impl IntoIterator<Item = &'a Record>, now: i64) -> Vec<Key> {
    let over = records.into_iter().filter(
        |record| matches!(record, Record::Review(Review { verdict: Verdict::Snoozed(until), .. }) if *until <= now),
    );
    over.map(Record::key).collect()
}

/// The rows that reviews hide, as they were when they were settled. The reviews say which; the history, in any order,
/// what they looked like, the latest being the right one. What was settled without a history (a record that came by
/// another way) is not among them.
pub fn hidden(reviews: &Reviews, history: &[Entry]) -> Vec<Row> {
    let mut latest: BTreeMap<Id, (u64, &Row)> = BTreeMap::new();
    for entry in history {
        for row in &entry.rows {
            let seen = latest.entry(row.subject).or_insert((entry.number, row));
            if entry.number >= seen.0 {
                *seen = (entry.number, row);
            }
        }
    }
    let mut rows: BTreeMap<Id, (Row, BTreeSet<String>, bool)> = BTreeMap::new();
    for review in reviews.iter() {
        let Settled { standing, until } = settled_by(review);
        let (Standing::Rejected | Standing::Snoozed, Some((_, row))) = (standing, latest.get(&review.subject)) else {
            continue;
        };
        let entry = rows.entry(review.subject).or_insert_with(|| {
            let row = Row { status: standing, snoozed_until: until, ..Row::clone(row) };
            (row, BTreeSet::new(), false)
        });
        if standing >= entry.0.status {
            (entry.0.status, entry.0.snoozed_until) = (standing, until);
        }
        match &review.scope {
            Scope::Everywhere => entry.2 = true,
            Scope::Role(role) => drop(entry.1.insert(role.clone())),
        }
    }
    let whole = |(mut row, roles, everywhere): (Row, BTreeSet<String>, bool)| {
        if !everywhere {
            row.roles.retain(|share| roles.contains(&share.slug));
            row.frequency = row.roles.iter().map(|share| share.frequency).sum();
        }
        row.roles.iter_mut().for_each(|share| share.status = row.status);
        row
    };
    rows.into_values().map(whole).collect()
}
