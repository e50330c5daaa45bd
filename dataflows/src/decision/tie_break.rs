//! Which of several contenders is it, without a model? Three tiers (SPEC §4), and the tier taken is said.

use super::{RoleNumber, Standing};
use crate::fixed::Micro;
use crate::records::Settings;
use std::cmp::Reverse;

/// By tier 2 the confidence is at least this.
const NAMED: Micro = Micro(500_000);
/// Matched skills by which the first must lead in tier 3.
const LEAD: u32 = 2;

/// The cohort (each role once, by slug), and the choice: role, confidence, tier.
pub(super) fn tie_break(
    mut roles: Vec<RoleNumber>,
    margin: Micro,
    settings: &Settings,
    standing: &impl Standing,
) -> (Vec<RoleNumber>, Option<(RoleNumber, Micro, u8)>) {
    roles.sort_by_key(|r| standing.order(*r));
    roles.dedup();
    let cohort = roles.clone();

    roles.sort_by_key(|r| (Reverse(standing.kra(*r)), standing.order(*r)));
    let first = roles[0];
    let leads = roles.get(1).is_none_or(|next| standing.kra(first).minus(standing.kra(*next)) > margin);
    if leads && standing.kra(first) >= settings.kra_min && !roles.iter().any(|r| standing.thin(*r)) {
        return (cohort, Some((first, standing.kra(first), 1)));
    }
    let mut named = roles.iter().filter(|r| standing.named(**r));
    if let (Some(role), None) = (named.next(), named.next()) {
        return (cohort, Some((*role, standing.kra(*role).max(NAMED), 2)));
    }
    roles.sort_by_key(|r| (Reverse(standing.matched(*r)), standing.order(*r)));
    let first = roles[0];
    let next = roles.get(1).map_or(0, |r| standing.matched(*r));
    if standing.matched(first) >= next + LEAD {
        return (cohort, Some((first, standing.skill(first), 3)));
    }
    (cohort, None)
}
