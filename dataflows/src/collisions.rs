//! Which terms do several roles claim, in how many JDs, and how often was it settled?

use crate::Collection;
use crate::candidates::{Answers, sighting};
use crate::id::Id;
use crate::summary::summarise;
use crate::views::Summary;

/// (term, roles).
type Key = (Id, Box<[Id]>);

/// Collisions by (term, roles); a run is flagged when a role was chosen all the same.
pub(crate) fn collisions<'scope>(answers: Answers<'scope>) -> Collection<'scope, (Key, Summary)> {
    let collided = answers.flat_map(|(jd, answer)| {
        let collision = answer.decision.collision.clone()?;
        Some(((collision.term, collision.roles), sighting(jd, &answer, 0, answer.decision.role.is_some())))
    });
    summarise("collisions", collided)
}
