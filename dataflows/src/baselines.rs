//! What do the JDs of a role usually say of work, stack and AI? What fills the gaps of a JD that does not say it.

use crate::Collection;
use crate::candidates::Answers;
use crate::fixed::Micro;
use crate::id::Id;
use crate::views::{Baseline, Maturity};
use differential_dataflow::operators::CountTotal;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// One thing that a JD says of itself. Inside a kind, what comes first wins a tie: names in the order of names.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
enum Saying {
    Nature(Arc<str>),
    Maturity(String, Maturity),
    Ai(Micro),
}

/// The most frequent sayings, by role.
pub(crate) fn baselines<'scope>(answers: Answers<'scope>) -> Collection<'scope, (Id, Baseline)> {
    let said = answers.flat_map(|(_, answer)| {
        let of = &answer.enrichment;
        let role = answer.decision.role;
        let nature = of.nature.as_ref().map(|nature| Saying::Nature(nature.label.clone()));
        let maturity = of.maturity.map(|label| Saying::Maturity(label.name().to_owned(), label));
        let ai = of.ai.as_ref().map(|ai| Saying::Ai(ai.value));
        let sayings = [nature, maturity, ai].into_iter().flatten();
        role.into_iter().flat_map(|role| sayings.clone().map(move |saying| (role, saying))).collect::<Vec<_>>()
    });
    // Counted first: a role has thousands of members, and says few different things.
    said.count_total().map(|((role, saying), n)| (role, (saying, n))).reduce_named("baselines", |_, sayings, usual| {
        let mut baseline = Baseline::default();
        let mut most = [0; 3];
        // They come in order, so that a later one must be more frequent.
        for ((saying, n), _) in sayings {
            let kind = match saying {
                Saying::Nature(_) => 0,
                Saying::Maturity(..) => 1,
                Saying::Ai(_) => 2,
            };
            if *n <= most[kind] {
                continue;
            }
            most[kind] = *n;
            match saying {
                Saying::Nature(label) => baseline.nature = Some(label.clone()),
                Saying::Maturity(_, label) => baseline.maturity = Some(*label),
                Saying::Ai(value) => baseline.ai = Some(*value),
            }
        }
        usual.push((baseline, 1));
    })
}

/// JDs with exactly the same canonical skills, by skill set.
pub(crate) fn skill_sets<'scope>(answers: Answers<'scope>) -> Collection<'scope, (Id, u64)> {
    let sets = answers.map(|(_, answer)| answer.enrichment.skill_set).filter(|set| *set != Id::NONE);
    sets.count_total().map(|(set, n)| (set, n as u64))
}
