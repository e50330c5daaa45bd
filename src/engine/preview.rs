//! What would a draft of an edit change? All workers try it out and take it back.

use super::batch::Batch;
use super::intake::Settled;
use super::state::State;
use super::{Engine, Epoch};
use crate::error::Error;
use rolestream_dataflows::preview::{Draft, Moved, Previewed};
use rolestream_dataflows::records::{Change, JdUpdate, Record};

/// What feeding a batch at this epoch would change.
#[derive(Clone, Debug, Default)]
pub struct Preview {
    /// The epoch whose views it is compared with.
    pub epoch: Epoch,
    /// The taxonomy version at its end: the draft's would be the next one.
    pub taxonomy_version: u64,
    /// The JDs of which something else would be said, by id.
    pub changed: Vec<Moved>,
    /// How many JDs were answered anew to find that out.
    pub touched: usize,
}

impl Engine {
    /// What feeding a batch of these would change of what is said, without any effect. `jds` are JDs held as they would
    /// be read with the draft; one that is not held, or says nothing new, is left out.
    ///
    /// Waits until all that was submitted has closed; submitting waits meanwhile, and the workers do nothing else while
    /// they try the draft out: as long as an edit of that kind takes, twice.
    pub fn preview(&self, changes: Vec<Change>, jds: Vec<JdUpdate>) -> Result<Preview, Error> {
        let batch = Settled::of(Batch { changes, jds, ..Batch::default() })?;
        // Drawn up before anybody has to wait. Where an edit comes in between, again.
        let mut drawing = self.shared.look(|state| Drawing::begun(state, &batch))?;
        drawing.draw();
        let (epoch, taxonomy_version, answers) = self.shared.when_quiet(|state| {
            if drawing.edits != state.edits() {
                drawing = Drawing::begun(state, &batch);
                drawing.draw();
            }
            let (draft, jds) = (drawing.draft, state.intake.would_change(&batch));
            let answers = state.ask(move |driver| driver.preview(&draft, &jds));
            (state.closed(), state.closed_version(), answers)
        })?;
        let mut preview = Preview { epoch, taxonomy_version, ..Preview::default() };
        for Previewed { changed, touched } in self.shared.answers(answers)? {
            preview.changed.extend(changed);
            preview.touched += touched;
        }
        preview.changed.sort_by_key(|(jd, _, _)| *jd);
        Ok(preview)
    }
}

/// A draft that is being drawn up.
#[derive(Default)]
struct Drawing {
    records: Vec<Record>,
    differences: Vec<(Record, isize)>,
    /// How many edits it follows upon.
    edits: u64,
    draft: Draft,
}

impl Drawing {
    /// Gathers what it follows from.
    fn begun(state: &State, batch: &Settled) -> Drawing {
        let tables = state.fed_tables();
        let differences = batch.differences(&tables);
        let records = if differences.is_empty() { Vec::new() } else { tables.iter().cloned().collect() };
        Drawing { records, differences, edits: state.edits(), draft: Draft::default() }
    }

    /// Draws it up: a large taxonomy takes its time.
    fn draw(&mut self) {
        self.draft = Draft::new(std::mem::take(&mut self.records), std::mem::take(&mut self.differences));
    }
}
