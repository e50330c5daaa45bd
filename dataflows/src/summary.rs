//! How many JDs stand behind a row, of which companies, since when, and which are good to look at?
//!
//! Every queue and log asks that. A row may have many thousand members, and one more must not cost a look at all of
//! them: members are summarised in buckets first (all of a company in one), then the buckets' summaries.

use crate::views::Summary;
use crate::{Collection, id::Id};
use differential_dataflow::ExchangeData;
use std::hash::Hash;

/// Buckets of a row.
const BUCKETS: u64 = 64;
/// Examples kept.
const EXAMPLES: usize = 3;

/// A JD behind a row; each JD is so once a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
pub(crate) struct Sighting {
    pub(crate) received_at: i64,
    pub(crate) jd: Id,
    pub(crate) place: u16,
    pub(crate) flagged: bool,
    pub(crate) company: Id,
}

/// The summary of each row's sightings.
pub(crate) fn summarise<'scope, K: ExchangeData + Hash>(
    name: &str,
    sightings: Collection<'scope, (K, Sighting)>,
) -> Collection<'scope, (K, Summary)> {
    sightings
        .map(|(key, sighting)| {
            let by = if sighting.company == Id::NONE { sighting.jd } else { sighting.company };
            ((key, (by.0 % BUCKETS) as u8), sighting)
        })
        .reduce_named(&format!("{name} by bucket"), |_, sightings, summary| {
            let mut companies: Vec<Id> = sightings.iter().map(|(s, _)| s.company).filter(|c| *c != Id::NONE).collect();
            companies.sort_unstable();
            companies.dedup();
            // Sightings come in order, the earliest first.
            let last = sightings[sightings.len() - 1].0;
            summary.push((
                Summary {
                    jds: sightings.len() as u64,
                    flagged: sightings.iter().filter(|(s, _)| s.flagged).count() as u64,
                    companies: companies.len() as u64,
                    first_seen: sightings[0].0.received_at,
                    last_seen: last.received_at,
                    examples: sightings.iter().take(EXAMPLES).map(|(s, _)| (s.received_at, s.jd, s.place)).collect(),
                },
                1,
            ));
        })
        .map(|((key, _), summary)| (key, summary))
        .reduce_named(name, |_, parts, whole| whole.push((merge(parts.iter().map(|(part, _)| *part)), 1)))
}

/// Two buckets can have the same summary only if they hold no JD: summaries never coincide, each names its examples.
fn merge<'a>(parts: impl Iterator<Item = &'a Summary>) -> Summary {
    let mut whole = Summary { first_seen: i64::MAX, last_seen: i64::MIN, ..Summary::default() };
    let mut examples = Vec::new();
    for part in parts {
        whole.jds += part.jds;
        whole.flagged += part.flagged;
        whole.companies += part.companies;
        whole.first_seen = whole.first_seen.min(part.first_seen);
        whole.last_seen = whole.last_seen.max(part.last_seen);
        examples.extend(part.examples.iter().copied());
    }
    examples.sort_unstable();
    examples.truncate(EXAMPLES);
    whole.examples = examples.into();
    whole
}
