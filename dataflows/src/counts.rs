//! How many JDs are there of each case, rule, role, source and hour?

use crate::Collection;
use crate::candidates::Answers;
use crate::id::Id;
use crate::views::CountKey;
use differential_dataflow::operators::CountTotal;

/// Milliseconds of an hour.
const HOUR: i64 = 3_600_000;

/// Numbers of JDs.
pub(crate) fn counts<'scope>(answers: Answers<'scope>) -> Collection<'scope, (CountKey, u64)> {
    answers
        .map(|(_, answer)| CountKey {
            case: answer.decision.case,
            rule: answer.decision.rule,
            role: answer.decision.role.unwrap_or(Id::NONE),
            source: answer.source,
            hour: answer.received_at.div_euclid(HOUR) as i32,
        })
        .count_total()
        .map(|(key, n)| (key, n as u64))
}
