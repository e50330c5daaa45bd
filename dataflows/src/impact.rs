//! Of which runs is something else said now than at ingest?

use crate::Collection;
use crate::candidates::Answers;
use crate::id::Id;
use crate::records::AtIngest;
use crate::views::Impact;

/// Runs whose current decision differs from the fact of what was said first of their content.
pub(crate) fn impact<'scope>(
    answers: Answers<'scope>,
    at_ingest: Collection<'scope, AtIngest>,
) -> Collection<'scope, (Id, Impact)> {
    let facts = at_ingest.map(|fact| ((fact.jd, fact.content), fact.said));
    answers
        .map(|(jd, answer)| ((jd, answer.content), answer.decision.said()))
        .join_map(facts, |(jd, content), current, at_ingest| {
            (*jd, Impact { content: *content, at_ingest: at_ingest.clone(), current: current.clone() })
        })
        .filter(|(_, impact)| impact.at_ingest != impact.current)
}
