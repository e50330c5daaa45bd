//! What do messages mean for the engine? Decoded, parsed and embedded by several threads, in the order they came.
//!
//! What cannot be decoded becomes a dead letter; so does what makes the program itself fail, for a message that stops
//! the service would stop it at every start.

use super::kit::{Kit, Prepared};
use super::work::{Delivery, Work, wait};
use crate::admission::{Reason, Refusal, in_parallel};
use crate::dead_letters::DeadLetter;
use crate::error::{Error, said_by_panic};
use crate::report::Lookup;
use crate::sources::{Incoming, Message, Stop, decode, take};
use crate::store::Provenance;
use crate::telemetry::Metrics;
use rolestream_dataflows::id::Id;
use rolestream_dataflows::records::{Change, JdUpdate};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender};
use std::time::Duration;

/// Messages of one delivery: as many as all threads admit in a tenth of a second or so.
const MOST: usize = 512;

/// What a message means.
enum Meaning {
    Jd(Box<Prepared>),
    Withdrawn(String),
    Change(Change),
    Letter(Box<DeadLetter>),
    Nothing,
}

/// What turns messages into deliveries.
pub(super) struct Intake {
    pub(super) kit: Arc<Kit>,
    pub(super) lookup: Arc<Lookup>,
    pub(super) metrics: Metrics,
    pub(super) epoch: Duration,
    pub(super) room: usize,
    pub(super) now: fn() -> i64,
}

impl Intake {
    /// Takes messages until no source is left or it is told to stop: what is not taken then comes again.
    pub(super) fn run(&self, messages: &Receiver<Message>, work: &SyncSender<Work>, stop: &Stop) -> Result<(), Error> {
        while !stop.stopped() {
            let Some(mut taken) = take(messages, MOST, Duration::from_millis(100)) else {
                // At the end of all sources it ends when all of it is kept.
                wait(work);
                return Ok(());
            };
            if taken.is_empty() {
                continue;
            }
            // What comes within one epoch becomes visible together.
            if taken.len() < MOST && !stop.sleep(self.epoch) {
                taken.extend(messages.try_iter().take(MOST - taken.len()));
            }
            self.metrics.set_intake(taken.len() as u64, self.room as u64);
            if work.send(Work::Delivery(self.deliver(taken)?)).is_err() {
                return Ok(());
            }
        }
        Ok(())
    }

    fn deliver(&self, messages: Vec<Message>) -> Result<Delivery, Error> {
        let now = (self.now)();
        for message in &messages {
            self.metrics.record_read(&message.stream);
            self.lookup.put_source(&message.stream.name);
        }
        let meanings = in_parallel(&messages, self.kit.threads, |message| self.guarded(message, now));
        let mut delivery = Delivery::default();
        for (message, meaning) in messages.into_iter().zip(meanings) {
            let part = delivery.part(message.kind);
            part.note(message.stream, message.read_to);
            match meaning? {
                Meaning::Jd(jd) => part.jds.push((jd.admitted.update.clone(), Some(jd))),
                Meaning::Withdrawn(id) => part.jds.push((JdUpdate { id: Id::jd(&id), jd: None }, None)),
                Meaning::Change(change) => part.changes.push(change),
                Meaning::Letter(letter) => part.letters.push(*letter),
                Meaning::Nothing => {}
            }
        }
        Ok(delivery)
    }

    fn guarded(&self, message: &Message, now: i64) -> Result<Meaning, Error> {
        catch_unwind(AssertUnwindSafe(|| self.mean(message, now))).unwrap_or_else(|panic| {
            let error = Error::new("the program failed on this message")
                .detail(said_by_panic(&*panic))
                .hint("this is a defect of the program: report it with the message");
            Ok(self.refuse(message, &Refusal::new(Reason::NotAdmitted, error), now))
        })
    }

    fn refuse(&self, message: &Message, refusal: &Refusal, now: i64) -> Meaning {
        self.metrics.dead_lettered(refusal.reason.name(), &message.stream.source);
        Meaning::Letter(Box::new(DeadLetter::new(message.clone(), refusal, now)))
    }

    fn mean(&self, message: &Message, now: i64) -> Result<Meaning, Error> {
        let incoming = match decode(message) {
            Ok(incoming) => incoming,
            Err(refusal) => return Ok(self.refuse(message, &refusal, now)),
        };
        let provenance = || {
            Some(Provenance {
                stream: message.stream.clone(),
                offset: message.offset,
                headers: message.headers.clone(),
            })
        };
        let parser = self.kit.parser();
        let admission = self.kit.admission(&parser, &message.stream.name, now);
        Ok(match incoming {
            Incoming::Nothing => Meaning::Nothing,
            Incoming::Withdrawn(id) => Meaning::Withdrawn(id),
            Incoming::Edit(edit) => match self.kit.change(edit) {
                Ok(change) => change.map_or(Meaning::Nothing, Meaning::Change),
                Err(error) => self.refuse(message, &Refusal::new(Reason::InvalidRecord, error), now),
            },
            Incoming::Jd(document) => Meaning::Jd(Box::new(Prepared {
                admitted: admission.admit(Arc::new(document))?,
                parser: None,
                library: parser.library_version(),
                provenance: provenance(),
            })),
            Incoming::Parsed(parsed) => {
                let parsed = *parsed;
                let content = parsed.content();
                let document = Arc::new(parsed.document);
                Meaning::Jd(Box::new(Prepared {
                    admitted: admission.adopt(document, content, parsed.nano_parsed, parsed.final_skills)?,
                    parser: Some(parsed.parser.unwrap_or_else(|| message.stream.name.to_string())),
                    library: 0,
                    provenance: provenance(),
                }))
            }
        })
    }
}
