//! How does a thread that runs a worker feed the dataflow and read its views?

mod inputs;
mod reading;

pub(crate) use inputs::Inputs;
pub use reading::{Least, Reader, View};

use crate::frame;
use crate::graph::{self, Views};
use crate::id::Id;
use crate::preview::{Draft, Previewed};
use crate::records::{JdUpdate, Record};
use crate::views::{Answer, Snapshot, ViewChange, ViewRow};
use crate::{Arranged, Diff, Time};
use differential_dataflow::ExchangeData;
use reading::Traces;
use std::cell::RefCell;
use std::rc::Rc;
use std::sync::Arc;
use timely::dataflow::operators::probe::Handle;
use timely::worker::Worker;

/// Epochs count the moments at which inputs change.
pub type Epoch = u64;

/// A change of the view *decisions*: what is said of a JD from this epoch on (addition) or no longer (retraction).
#[derive(Clone, Debug)]
pub struct DecisionChange {
    /// When.
    pub epoch: Epoch,
    /// Of which JD.
    pub jd: Id,
    /// What.
    pub answer: Arc<Answer>,
    /// 1 or -1.
    pub difference: isize,
}

/// Changes of a view not yet taken.
type Changes<D> = Rc<RefCell<Vec<(D, Time, Diff)>>>;

/// One worker's end of the dataflow: its inputs, and its share of every view. Lives on the worker's thread.
pub struct Driver {
    inputs: Inputs,
    traces: Traces,
    frame: Rc<RefCell<frame::State>>,
    probe: Handle<Time>,
    decisions: Changes<(Id, Arc<Answer>)>,
    rows: Changes<ViewRow>,
    /// Every epoch before it is closed on this worker's inputs.
    now: Epoch,
    /// The views have forgotten what they were before it.
    compacted: Epoch,
}

impl Driver {
    /// Builds the dataflow. Every worker must do so, once.
    pub fn new(worker: &mut Worker) -> Driver {
        Driver::build(worker, false)
    }

    /// The same, with every view followed: what changes in them is there to be taken.
    pub fn following(worker: &mut Worker) -> Driver {
        Driver::build(worker, true)
    }

    fn build(worker: &mut Worker, follows: bool) -> Driver {
        let probe = Handle::new();
        let decisions: Changes<(Id, Arc<Answer>)> = Rc::default();
        let rows: Changes<ViewRow> = Rc::default();
        let (inputs, traces, frame) = worker.dataflow_named("rolestream", |scope| {
            let (inputs, collections) = Inputs::new(scope);
            let (views, frame) = graph::build(collections);
            follow(&views.decisions, &probe, &decisions, |jd, answer| (*jd, answer.clone()));
            if follows {
                follow_rows(&views, &probe, &rows);
            }
            (inputs, Traces::new(views, &probe), frame)
        });
        Driver { inputs, traces, frame, probe, decisions, rows, now: 0, compacted: 0 }
    }

    /// Adds (1) or retracts (-1) a record at the current epoch. On any one worker.
    pub fn update(&mut self, record: Record, difference: isize) {
        self.inputs.update(record, difference);
    }

    /// Inserts, replaces or withdraws a JD at the current epoch; at most once per JD and epoch. On any one worker.
    pub fn update_jd(&mut self, update: JdUpdate) {
        self.inputs.update_jd(update);
    }

    /// Closes the current epoch and all before `epoch`, on this worker. Every worker must do the same.
    pub fn advance_to(&mut self, epoch: Epoch) {
        self.inputs.advance_to(epoch);
        self.now = epoch;
    }

    /// Whether all views hold what the inputs before `epoch` say, on every worker.
    pub fn closed(&self, epoch: Epoch) -> bool {
        !self.probe.less_than(&epoch)
    }

    /// This worker's share of the changes of *decisions* since the last call, complete for closed epochs, consolidated.
    pub fn take_decision_changes(&mut self) -> Vec<DecisionChange> {
        let taken = self.take_closed(&self.decisions).into_iter();
        taken.map(|(epoch, (jd, answer), difference)| DecisionChange { epoch, jd, answer, difference }).collect()
    }

    /// The same of the other views that are followed.
    pub fn take_view_changes(&mut self) -> Vec<ViewChange> {
        let taken = self.take_closed(&self.rows).into_iter();
        taken.map(|(epoch, row, difference)| ViewChange { epoch, row, difference }).collect()
    }

    fn take_closed<D: Ord + Clone>(&self, changes: &Changes<D>) -> Vec<(Epoch, D, isize)> {
        let (open, mut closed): (Vec<_>, Vec<_>) =
            changes.take().into_iter().partition(|(_, epoch, _)| self.probe.less_equal(epoch));
        changes.replace(open);
        differential_dataflow::consolidation::consolidate_updates(&mut closed);
        closed.into_iter().map(|(row, epoch, difference)| (epoch, row, difference)).collect()
    }

    /// What is said of a JD at the last closed epoch, if this worker holds it.
    pub fn decision(&mut self, jd: Id) -> Option<Arc<Answer>> {
        let at = self.last_closed()?;
        self.reader(at).decisions().get(&jd)
    }

    /// This worker's share of every view at the last closed epoch.
    pub fn snapshot(&mut self) -> Snapshot {
        self.last_closed().map(|at| self.reader(at).snapshot()).unwrap_or_default()
    }

    /// This worker's share of every view at a closed epoch.
    ///
    /// # Panics
    /// When the views have forgotten what they were then.
    pub fn reader(&mut self, at: Epoch) -> Reader<'_> {
        assert!(at >= self.compacted, "the views at {at} are forgotten: only those from {} on are", self.compacted);
        Reader { traces: &mut self.traces, at }
    }

    /// Lets the views forget how they came to be what they are at a closed epoch. No earlier one can be read any more.
    pub fn compact(&mut self, at: Epoch) {
        if at > self.compacted {
            self.traces.compact(at);
            self.compacted = at;
        }
    }

    /// What a draft and these JDs would change of what this worker says. Nothing changes by it. Only asked when all that
    /// was fed has closed; of all workers.
    ///
    /// # Panics
    /// When an epoch is being worked off.
    pub fn preview(&mut self, draft: &Draft, jds: &[JdUpdate]) -> Previewed {
        draft.try_out(&mut self.frame.borrow_mut(), jds)
    }

    /// The last epoch of which every view is complete on every worker.
    fn last_closed(&self) -> Option<Time> {
        let open = self.probe.with_frontier(|frontier| frontier.first().copied());
        open.unwrap_or(self.now).min(self.now).checked_sub(1)
    }
}

/// Notes every change of the views as rows. *Decisions* are noted elsewhere; *members* are nobody's business but the
/// centroids'.
fn follow_rows(views: &Views<'_>, probe: &Handle<Time>, rows: &Changes<ViewRow>) {
    follow(&views.role_centroids, probe, rows, |role, row| ViewRow::Centroid(*role, row.clone()));
    follow(&views.collisions, probe, rows, |key, row| ViewRow::Collision(key.clone(), row.clone()));
    follow(&views.undecided, probe, rows, |jd, row| ViewRow::Undecided(*jd, row.clone()));
    follow(&views.new_roles, probe, rows, |slug, row| ViewRow::NewRole(slug.clone(), row.clone()));
    follow(&views.new_skills, probe, rows, |key, row| ViewRow::NewSkill(*key, row.clone()));
    follow(&views.new_kras, probe, rows, |key, row| ViewRow::NewKra(*key, row.clone()));
    follow(&views.novel_sentences, probe, rows, |key, row| ViewRow::NovelSentence(*key, row.clone()));
    follow(&views.impact, probe, rows, |jd, row| ViewRow::Impact(*jd, row.clone()));
    follow(&views.clusters, probe, rows, |jd, row| ViewRow::Cluster(*jd, row.clone()));
    follow(&views.counts, probe, rows, |key, jds| ViewRow::Count(key.clone(), *jds));
    follow(&views.skill_support, probe, rows, |key, jds| ViewRow::SkillSupport(*key, *jds));
    follow(&views.kra_support, probe, rows, |key, jds| ViewRow::KraSupport(*key, *jds));
    follow(&views.centroids, probe, rows, |key, row| ViewRow::DayCentroid(*key, row.clone()));
    follow(&views.baselines, probe, rows, |role, row| ViewRow::Baseline(*role, row.clone()));
}

/// Notes every change of a view as a row of `as_row`.
fn follow<'scope, K: ExchangeData, V: ExchangeData, D: differential_dataflow::Data>(
    view: &Arranged<'scope, K, V>,
    probe: &Handle<Time>,
    changes: &Changes<D>,
    as_row: impl Fn(&K, &V) -> D + 'static,
) {
    let sink = changes.clone();
    let rows = view.clone().as_collection(as_row);
    rows.inspect_batch(move |_, batch| sink.borrow_mut().extend_from_slice(batch)).probe_with(probe);
}
