//! What would an edit change? Its facts, and what is then said of the JDs held.
//!
//! Nothing is computed in another way than by an edit that is made: records become facts in the dataflow of
//! `taxonomy.rs`, and facts are tried out in the ranking frame (`frame/draft.rs`).

use crate::driver::Inputs;
use crate::frame::State;
use crate::id::Id;
use crate::records::{Adjudication, JdUpdate, Record};
use crate::taxonomy::{self, Fact};
use crate::views::Answer;
use differential_dataflow::consolidation::consolidate;
use std::cell::RefCell;
use std::rc::Rc;
use std::sync::Arc;
use timely::dataflow::operators::probe::Handle;

/// An edit that is not made, as all workers must be told of it.
#[derive(Clone, Debug, Default)]
pub struct Draft {
    facts: Vec<(Fact, isize)>,
    adjudications: Vec<(Adjudication, isize)>,
}

/// A JD, with what is said of it and what would be; `None`: nothing.
pub type Moved = (Id, Option<Arc<Answer>>, Option<Arc<Answer>>);

/// What an edit would change of what one worker says.
#[derive(Clone, Debug, Default)]
pub struct Previewed {
    /// The JDs of which something else would be said, by id.
    pub changed: Vec<Moved>,
    /// How many JDs were answered anew to find that out.
    pub touched: usize,
}

impl Draft {
    /// What additions and retractions mean where these are the records there are. Those that are no taxonomy (reviews,
    /// facts said) mean nothing.
    pub fn new(records: Vec<Record>, differences: Vec<(Record, isize)>) -> Draft {
        let adjudication = |(record, difference): &(Record, isize)| match record {
            Record::Adjudication(adjudication) => Some((adjudication.clone(), *difference)),
            _ => None,
        };
        let mut adjudications: Vec<_> = differences.iter().filter_map(adjudication).collect();
        consolidate(&mut adjudications);
        let facts = if differences.iter().any(|(record, _)| record.is_taxonomy()) {
            facts(records, differences)
        } else {
            Vec::new()
        };
        Draft { facts, adjudications }
    }

    pub(crate) fn try_out(&self, frame: &mut State, jds: &[JdUpdate]) -> Previewed {
        frame.try_out(jds, &self.facts, &self.adjudications)
    }
}

/// The change of facts that a change of records means: what the dataflow makes of it, on this thread.
fn facts(records: Vec<Record>, differences: Vec<(Record, isize)>) -> Vec<(Fact, isize)> {
    timely::execute_directly(move |worker| {
        let (probe, facts) = (Handle::new(), Rc::new(RefCell::new(Vec::new())));
        let (noted, mut inputs) = (facts.clone(), None);
        worker.dataflow(|scope| {
            let (sessions, collections) = Inputs::new(scope);
            inputs = Some(sessions);
            let changes = taxonomy::effective(&collections).facts.inspect_batch(move |_, batch| {
                let draft = batch.iter().filter(|(_, time, _)| *time == 1);
                noted.borrow_mut().extend(draft.map(|(fact, _, difference)| (fact.clone(), *difference)));
            });
            changes.probe_with(&probe);
        });
        let Some(mut inputs) = inputs else { return Vec::new() };
        for (time, records) in [(0, with_one(records)), (1, differences)] {
            records
                .into_iter()
                .filter(|(r, _)| r.is_taxonomy())
                .for_each(|(r, difference)| inputs.update(r, difference));
            inputs.advance_to(time + 1);
            while probe.less_than(&(time + 1)) {
                worker.step();
            }
        }
        let mut facts = facts.take();
        consolidate(&mut facts);
        facts
    })
}

fn with_one(records: Vec<Record>) -> Vec<(Record, isize)> {
    records.into_iter().map(|record| (record, 1)).collect()
}
