//! Which rows has a person settled? Reviews hide rows of the queues, or say where they stand (SPEC §5).

use crate::id::Id;
use crate::records::{Review, Scope, Verdict};
use crate::views::QueueStatus;
use crate::{Arranged, Collection};
use differential_dataflow::ExchangeData;
use serde::{Deserialize, Serialize};
use std::hash::Hash;

/// What a review does to a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
enum Effect {
    Accepted,
    Merged,
    Hidden,
}

/// For a subject: each scope (a role, or [`Id::NONE`] for everywhere) with what reviews do there.
type Effects = Vec<(Id, Effect)>;

/// All reviews, by subject.
#[derive(Clone)]
pub(crate) struct Reviews<'scope>(Arranged<'scope, Id, Effects>);

impl<'scope> Reviews<'scope> {
    /// Gathers reviews; a scope follows its role's merges, and means nothing without an owner.
    pub(crate) fn new(reviews: Collection<'scope, Review>, role_owners: Arranged<'scope, String, String>) -> Self {
        let effects = reviews.map(|review| {
            let effect = match review.verdict {
                Verdict::Accepted => Effect::Accepted,
                Verdict::Merged(_) => Effect::Merged,
                Verdict::Rejected | Verdict::Snoozed(_) => Effect::Hidden,
            };
            (review.scope, (review.subject, effect))
        });
        let everywhere = effects.clone().flat_map(|(scope, (subject, effect))| {
            (scope == Scope::Everywhere).then_some((subject, (Id::NONE, effect)))
        });
        let of_roles = effects
            .flat_map(|(scope, of)| match scope {
                Scope::Role(role) => Some((role, of)),
                Scope::Everywhere => None,
            })
            .join_core(role_owners, |_, (subject, effect), owner| Some((*subject, (Id::role(owner), *effect))));
        let by_subject = everywhere.concat(of_roles).reduce_named("reviews by subject", |_, effects, all| {
            all.push((effects.iter().map(|(e, _)| **e).collect::<Effects>(), 1));
        });
        Reviews(by_subject.arrange_by_key_named("reviews"))
    }

    /// Leaves out hidden rows, and says of the others where they stand. A row comes with its subject and its role
    /// ([`Id::NONE`] for rows that only a review of everywhere can settle).
    pub(crate) fn apply<K, V>(
        &self,
        name: &str,
        rows: Collection<'scope, (Id, (Id, K, V))>,
    ) -> Collection<'scope, (K, (V, QueueStatus))>
    where
        K: ExchangeData + Hash,
        V: ExchangeData,
    {
        let by_subject = rows.arrange_by_key_named(&format!("{name} by subject"));
        let reviewed = by_subject.clone().join_core(self.0.clone(), |_, (role, key, value), effects| {
            let here = effects.iter().filter(|(scope, _)| *scope == Id::NONE || scope == role);
            Some((key.clone(), value.clone(), here.map(|(_, effect)| *effect).max()))
        });
        let unreviewed = reviewed.clone().map(|(key, value, _)| (key, (value, QueueStatus::Pending))).negate();
        let standing = reviewed.flat_map(|(key, value, effect)| {
            let status = match effect {
                None => QueueStatus::Pending,
                Some(Effect::Accepted) => QueueStatus::Accepted,
                Some(Effect::Merged) => QueueStatus::Merged,
                Some(Effect::Hidden) => return None,
            };
            Some((key, (value, status)))
        });
        by_subject
            .as_collection(|_, (_, key, value)| (key.clone(), (value.clone(), QueueStatus::Pending)))
            .concat(unreviewed)
            .concat(standing)
    }
}
