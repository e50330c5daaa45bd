//! Which of several roles is it, when they contradict each other or tie? (SPEC §4, tie-break without a model)

use super::words::Words;
use crate::fixed::Micro;
use crate::id::Id;
use crate::text::normalise;
use std::collections::BTreeSet;

/// The role chosen, by which tier, with which confidence.
pub(super) struct Choice<'a> {
    pub(super) role: &'a str,
    pub(super) tier: u8,
    pub(super) confidence: Micro,
}

/// The first tier that chooses; none leaves the JD queued.
pub(super) fn break_tie<'a>(words: &Words<'a, '_>, cohort: &BTreeSet<&'a str>) -> Option<Choice<'a>> {
    by_responsibilities(words, cohort).or_else(|| by_title(words, cohort)).or_else(|| by_skills(words, cohort))
}

/// Tier 1: the first by K leads clearly, is strong, and every role has enough to be judged by.
fn by_responsibilities<'a>(words: &Words<'a, '_>, cohort: &BTreeSet<&'a str>) -> Option<Choice<'a>> {
    let ranking = words.by_k(cohort);
    let first = *ranking.first()?;
    let clear = ranking.get(1).is_none_or(|second| words.k(first).minus(words.k(second)) > words.margin());
    let strong = words.k(first) >= words.taxonomy.settings.kra_min;
    let judged = !cohort.iter().any(|role| words.taxonomy.is_thin(role));
    (clear && strong && judged).then(|| Choice { role: first, tier: 1, confidence: words.k(first) })
}

/// Tier 2: the title equals exactly one's display name.
fn by_title<'a>(words: &Words<'a, '_>, cohort: &BTreeSet<&'a str>) -> Option<Choice<'a>> {
    let written = words.features.title.as_ref()?.written;
    let has_name = |role: &&&str| Id::text(&normalise(&words.taxonomy.roles[**role].name)) == written;
    let named: Vec<&'a str> = cohort.iter().filter(has_name).copied().collect();
    match named[..] {
        [role] => Some(Choice { role, tier: 2, confidence: words.k(role).max(Micro(500_000)) }),
        _ => None,
    }
}

/// Tier 3: at least two more matched skills than the next (than none, where it stands alone).
fn by_skills<'a>(words: &Words<'a, '_>, cohort: &BTreeSet<&'a str>) -> Option<Choice<'a>> {
    let mut ranking: Vec<(usize, &'a str)> = cohort.iter().map(|role| (words.matched(role), *role)).collect();
    ranking.sort_by(|a, b| b.0.cmp(&a.0).then(a.1.cmp(b.1)));
    let (most, role) = *ranking.first()?;
    let next = ranking.get(1).map_or(0, |(matched, _)| *matched);
    (most >= next + 2).then(|| Choice { role, tier: 3, confidence: words.s(role) })
}
