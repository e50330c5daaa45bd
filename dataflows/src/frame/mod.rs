//! The retroactive ranking frame: which roles does each JD come near to, whichever side changes?
//!
//! One operator holds JDs (each on one worker) and the whole taxonomy (on every worker), and works through time in
//! frontier order. Three scorers look at a JD: KRA vectors, skill lists, titles. Whatever of the taxonomy changes,
//! they name the JDs that may be touched; only those are answered again, and of those only changed answers are sent:
//! the old one retracted, the new one added. All rules that ask for a score are function calls in here, so nothing
//! has to be kept in step.

mod answer;
mod board;
mod draft;
mod enrichment;
mod held;
mod kras;
mod lanes;
mod skills;
mod state;
mod titles;

use crate::records::{Adjudication, JdUpdate};
use crate::taxonomy::Fact;
use crate::views::{Answer, Member};
use crate::{Collection, Diff, Time, id::Id};
use differential_dataflow::AsCollection;
use differential_dataflow::consolidation::consolidate;
pub(crate) use state::State;
use state::Work;
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;
use std::sync::Arc;
use timely::container::CapacityContainerBuilder;
use timely::dataflow::channels::pact::{Exchange, Pipeline};
use timely::dataflow::operators::generic::OutputBuilder;
use timely::dataflow::operators::generic::builder_rc::OperatorBuilder;
use timely::dataflow::operators::vec::Broadcast;
use timely::dataflow::operators::{Capability, InputCapability};
use timely::progress::frontier::MutableAntichain;

/// Work of one activation, in the kernel's rows × lanes: a few milliseconds, then other operators have their turn.
const SLICE: u64 = 4_000_000;

/// What the frame says.
pub(crate) struct Outputs<'scope> {
    /// By JD.
    pub(crate) answers: Collection<'scope, (Id, Arc<Answer>)>,
    /// By role.
    pub(crate) members: Collection<'scope, (Id, Member)>,
    /// Where no epoch is being worked off, others may try out what it would say.
    pub(crate) state: Rc<RefCell<State>>,
}

/// What came in for a time that is not yet sealed.
struct Pending {
    capabilities: [Capability<Time>; 2],
    jds: Vec<(JdUpdate, Diff)>,
    facts: Vec<(Fact, Diff)>,
    adjudications: Vec<(Adjudication, Diff)>,
}

/// An epoch being worked off.
struct Epoch {
    time: Time,
    capabilities: [Capability<Time>; 2],
    work: Work,
}

/// The least time that a totally ordered frontier still admits; the last one when it is closed.
fn least(frontier: &MutableAntichain<Time>) -> Time {
    frontier.frontier().first().copied().unwrap_or(Time::MAX)
}

/// Ranks and decides all JDs. `jds` holds at most one update per JD and time, each with difference 1.
pub(crate) fn rank<'scope>(
    jds: Collection<'scope, JdUpdate>,
    facts: Collection<'scope, Fact>,
    adjudications: Collection<'scope, Adjudication>,
) -> Outputs<'scope> {
    let scope = jds.scope();
    let mut builder = OperatorBuilder::new("ranking frame".to_owned(), scope);
    let mut jds = builder.new_input(jds.inner, Exchange::new(|(update, _, _): &(JdUpdate, Time, Diff)| update.id.0));
    let mut facts = builder.new_input(facts.inner.broadcast(), Pipeline);
    let by_jd = Exchange::new(|(adjudication, _, _): &(Adjudication, Time, Diff)| adjudication.jd.0);
    let mut adjudications = builder.new_input(adjudications.inner, by_jd);
    let (answers_output, answers) = builder.new_output::<Vec<((Id, Arc<Answer>), Time, Diff)>>();
    let (members_output, members) = builder.new_output::<Vec<((Id, Member), Time, Diff)>>();
    let mut answers_output = OutputBuilder::<_, CapacityContainerBuilder<_>>::from(answers_output);
    let mut members_output = OutputBuilder::<_, CapacityContainerBuilder<_>>::from(members_output);
    let activator = scope.activator_for(builder.operator_info().address);

    let shared = Rc::new(RefCell::new(State::new()));
    let state = shared.clone();
    builder.build(move |initial| {
        // Capabilities come with the data.
        drop(initial);
        let mut pending: BTreeMap<Time, Pending> = BTreeMap::new();
        let mut current: Option<Epoch> = None;
        move |frontiers: &[MutableAntichain<Time>]| {
            jds.for_each(|capability, data| {
                data.drain(..).for_each(|(d, t, r)| at(&mut pending, &capability, t).jds.push((d, r)));
            });
            facts.for_each(|capability, data| {
                data.drain(..).for_each(|(d, t, r)| at(&mut pending, &capability, t).facts.push((d, r)));
            });
            adjudications.for_each(|capability, data| {
                data.drain(..).for_each(|(d, t, r)| at(&mut pending, &capability, t).adjudications.push((d, r)));
            });
            let mut state = state.borrow_mut();
            let sealed = frontiers.iter().map(least).min().unwrap_or(Time::MAX);
            let mut answers_output = answers_output.activate();
            let mut members_output = members_output.activate();
            let mut done = false;
            while !done {
                if current.is_none() {
                    current = next(&mut pending, sealed, &mut state);
                }
                let Some(epoch) = &mut current else { return };
                let finished = state.step(&mut epoch.work, SLICE);
                let time = epoch.time;
                let changed = state.answers.drain(..).map(|(d, r)| (d, time, r));
                answers_output.session(&epoch.capabilities[0]).give_iterator(changed);
                let changed = state.members.drain(..).map(|(d, r)| (d, time, r));
                members_output.session(&epoch.capabilities[1]).give_iterator(changed);
                if finished {
                    current = None;
                } else {
                    activator.activate();
                    done = true;
                }
            }
        }
    });
    Outputs { answers: answers.as_collection(), members: members.as_collection(), state: shared }
}

/// The stash of a time, with capabilities for both outputs.
fn at<'a>(pending: &'a mut BTreeMap<Time, Pending>, capability: &InputCapability<Time>, time: Time) -> &'a mut Pending {
    pending.entry(time).or_insert_with(|| Pending {
        capabilities: [capability.delayed(&time, 0), capability.delayed(&time, 1)],
        jds: Vec::new(),
        facts: Vec::new(),
        adjudications: Vec::new(),
    })
}

/// Begins the earliest time that no input can add to any more.
fn next(pending: &mut BTreeMap<Time, Pending>, sealed: Time, state: &mut State) -> Option<Epoch> {
    let entry = pending.first_entry().filter(|e| *e.key() < sealed)?;
    let (time, mut stash) = entry.remove_entry();
    consolidate(&mut stash.jds);
    consolidate(&mut stash.facts);
    consolidate(&mut stash.adjudications);
    let jds = stash.jds.into_iter().map(|(update, _)| update).collect();
    let work = state.begin(jds, stash.facts, stash.adjudications);
    Some(Epoch { time, capabilities: stash.capabilities, work })
}
