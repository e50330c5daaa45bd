//! How does somebody who is not a source change something? At the desk: the order goes to the clock, and what was asked
//! for stands, and is kept, when the answer comes.

use super::kit::{Kit, Prepared};
use super::order::{Changed, Done, Keeping, Order, Plan};
use super::work::Work;
use crate::admission::{Document, in_parallel};
use crate::embed::Embedder;
use crate::engine::{Engine, EpochReport};
use crate::error::Error;
use crate::sources::{Edit, ParsedDocument, Stream};
use crate::store::{Commit, Provenance, Store};
use rolestream_dataflows::fixed::Vector;
use rolestream_dataflows::id::Id;

use rolestream_dataflows::records::{Change, JdUpdate, Tables};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};

/// Deliveries that may wait for the clock: while one is kept, the next is parsed.
const WAITING: usize = 2;

/// A way to the clock, and its end.
pub(super) type Way = (SyncSender<Work>, Receiver<Work>);

/// The way to the clock; open from the start, for nobody who comes before the clock works is to be sent away.
#[derive(Clone, Default)]
pub(super) struct Gate(Arc<Mutex<Option<SyncSender<Work>>>>);

impl Gate {
    pub(super) fn open(&self) -> Way {
        let (work, to_do) = sync_channel(WAITING);
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(work.clone());
        (work, to_do)
    }

    pub(super) fn close(&self) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }

    fn way(&self) -> Option<SyncSender<Work>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// Where changes are asked for. Any thread may; each call blocks until the answer is there.
#[derive(Clone)]
pub struct Desk {
    pub(super) gate: Gate,
    pub(super) engine: Arc<Engine>,
    pub(super) store: Arc<Store>,
    pub(super) kit: Arc<Kit>,
    pub(super) lookup: Arc<crate::report::Lookup>,
    pub(super) now: fn() -> i64,
}

/// A JD as it is handed in.
#[derive(Clone, Debug, PartialEq)]
pub enum Submission {
    /// As text.
    Raw(Document),
    /// Parsed elsewhere.
    Parsed(Box<ParsedDocument>),
    /// The JD of this id is withdrawn.
    Withdrawn(String),
}

/// JDs that were parsed and embedded, and are not handed in yet.
pub struct Submissions(Vec<(JdUpdate, Option<Box<Prepared>>)>);

impl Submissions {
    /// The runs they will be: JD and content, in order; withdrawals are left out.
    pub fn runs(&self) -> impl Iterator<Item = (Id, u64)> + '_ {
        self.0.iter().filter_map(|(update, _)| Some((update.id, update.jd.as_ref()?.content)))
    }
}

impl Desk {
    /// Parses and embeds JDs, by several threads where there are many. They come from the stream of this name.
    pub fn prepare(&self, stream: &str, jds: Vec<Submission>) -> Result<Submissions, Error> {
        let parser = self.kit.parser();
        let now = (self.now)();
        let admission = self.kit.admission(&parser, stream, now);
        let stream = Stream { source: "http".into(), name: stream.into(), partition: 0 };
        self.lookup.put_source(&stream.name);
        let provenance = || Some(Provenance { stream: stream.clone(), offset: now, headers: Vec::new() });
        let prepare = |one: &Submission| -> Result<(JdUpdate, Option<Box<Prepared>>), Error> {
            let prepared = match one {
                Submission::Withdrawn(id) => return Ok((JdUpdate { id: Id::jd(id), jd: None }, None)),
                Submission::Raw(document) => Prepared {
                    admitted: admission.admit(Arc::new(document.clone()))?,
                    parser: None,
                    library: parser.library_version(),
                    provenance: provenance(),
                },
                Submission::Parsed(parsed) => {
                    let (content, parsed) = (parsed.content(), (**parsed).clone());
                    let document = Arc::new(parsed.document);
                    Prepared {
                        admitted: admission.adopt(document, content, parsed.nano_parsed, parsed.final_skills)?,
                        parser: Some(parsed.parser.unwrap_or_else(|| stream.name.to_string())),
                        library: 0,
                        provenance: provenance(),
                    }
                }
            };
            Ok((prepared.admitted.update.clone(), Some(Box::new(prepared))))
        };
        let prepared = in_parallel(&jds, self.kit.threads, prepare);
        prepared.into_iter().collect::<Result<Vec<_>, _>>().map(Submissions)
    }

    /// Hands JDs in; `keep` may add to the commit that brings them.
    pub fn submit(
        &self,
        jds: Submissions,
        keep: impl FnOnce(&Changed, &mut Commit<'_>) + Send + 'static,
    ) -> Result<Done, Error> {
        let plan = move |_: &Arc<Tables>, _: u64| Ok(Plan { jds: jds.0, ..Plan::default() });
        self.order(plan, keep)
    }

    /// Changes records: `plan` says which, seeing them as they stand; `keep` may add to the commit that brings them.
    pub fn order(
        &self,
        plan: impl FnOnce(&Arc<Tables>, u64) -> Result<Plan, Error> + Send + 'static,
        keep: impl FnOnce(&Changed, &mut Commit<'_>) + Send + 'static,
    ) -> Result<Done, Error> {
        let (reply, replied) = sync_channel(1);
        let keep: Keeping = Box::new(keep);
        let order = Order { plan: Box::new(plan), keep, reply };
        let way = self.gate.way().ok_or_else(closed)?;
        way.send(Work::Order(Box::new(order))).map_err(|_| closed())?;
        drop(way);
        let done = replied.recv().map_err(|_| closed())??;
        Ok(done)
    }

    /// Waits until all of it stands in every view and is safe on disk; the last report, where there was an epoch.
    pub fn settle(&self, done: &Done) -> Result<Option<Arc<EpochReport>>, Error> {
        let mut last = None;
        for ticket in &done.tickets {
            last = Some(self.engine.wait(ticket)?);
        }
        // Facts were synced before that; what made none is made safe here.
        self.store.sync()?;
        Ok(last)
    }

    /// The vector of a text; none where no word of it is known.
    pub fn vector(&self, text: &str) -> Option<Vector> {
        // The table embeds any text: an error would be one of the program.
        self.kit.embedder.embed(&[text]).ok()?.pop().flatten()
    }

    /// Edits as the engine takes them: their texts are embedded.
    pub fn changes(&self, edits: Vec<Edit>) -> Result<Vec<Change>, Error> {
        edits.into_iter().filter_map(|edit| self.kit.change(edit).transpose()).collect()
    }
}

fn closed() -> Error {
    Error::new("nothing can be changed now")
        .detail("the service is ending")
        .hint("ask again in a moment; /readyz says when it is ready")
}
