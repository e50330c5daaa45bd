//! What do the runs behind a row say? Taken from the store, each once a request.

use crate::admission::Admitted;
use crate::error::Error;
use crate::review::{Run, Runs};
use crate::serve::app::App;
use rolestream_dataflows::id::Id;
use rolestream_dataflows::records::JdUpdate;
use rolestream_dataflows::views::Answer;
use std::cell::RefCell;
use std::collections::HashMap;
use std::sync::Arc;

/// The runs that one request has looked at.
pub(super) struct Shelf<'a> {
    app: &'a App,
    runs: RefCell<HashMap<Id, Option<Arc<Run>>>>,
}

impl<'a> Shelf<'a> {
    pub(super) fn new(app: &'a App) -> Shelf<'a> {
        Shelf { app, runs: RefCell::default() }
    }
}

impl Runs for Shelf<'_> {
    fn run(&self, jd: Id) -> Option<Arc<Run>> {
        if let Some(run) = self.runs.borrow().get(&jd) {
            return run.clone();
        }
        let read = self.app.admitted(jd).unwrap_or_else(|error| {
            // A row without words says more than none at all.
            tracing::error!(%error, "the text of a JD cannot be read");
            None
        });
        let run = read.as_ref().and_then(Run::of).map(Arc::new);
        self.runs.borrow_mut().insert(jd, run.clone());
        run
    }

    fn answer(&self, jd: Id) -> Option<Arc<Answer>> {
        self.app.engine.decision(jd)
    }
}

impl App {
    /// A JD that is held, as it was admitted.
    pub(super) fn admitted(&self, jd: Id) -> Result<Option<Admitted>, Error> {
        let (Some(text), Some(stored)) = (self.store.text(jd)?, self.store.jd(jd)?) else { return Ok(None) };
        Ok(Some(text.into_admitted(JdUpdate { id: jd, jd: Some(Arc::new(stored.jd)) })))
    }
}
