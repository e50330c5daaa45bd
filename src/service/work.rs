//! What is the clock given to do? Deliveries, what reads differently, what is past its time.

use super::kit::Prepared;
use super::order::Order;
use super::reparse::Found;
use crate::dead_letters::DeadLetter;
use crate::sources::{Kind, Position, Stream};
use rolestream_dataflows::records::{Change, JdUpdate};
use std::collections::HashMap;
use std::sync::mpsc::{SyncSender, sync_channel};

/// What messages of one kind meant.
#[derive(Default)]
pub(super) struct Part {
    /// JDs put or withdrawn, in order.
    pub(super) jds: Vec<(JdUpdate, Option<Box<Prepared>>)>,
    /// Edits, in order.
    pub(super) changes: Vec<Change>,
    /// What was refused.
    pub(super) letters: Vec<DeadLetter>,
    pub(super) positions: HashMap<Stream, Position>,
}

impl Part {
    /// The stream has been read this far with it.
    pub(super) fn note(&mut self, stream: Stream, read_to: Position) {
        self.positions.insert(stream, read_to);
    }
}

/// What some messages meant: edits, and JDs.
#[derive(Default)]
pub(super) struct Delivery {
    pub(super) edits: Part,
    pub(super) jds: Part,
}

impl Delivery {
    /// Where what a message of this kind means goes.
    pub(super) fn part(&mut self, kind: Kind) -> &mut Part {
        match kind {
            Kind::Taxonomy => &mut self.edits,
            Kind::Raw | Kind::Parsed => &mut self.jds,
        }
    }
}

/// What the clock is given to do.
pub(super) enum Work {
    /// Messages came.
    Delivery(Delivery),
    /// Held JDs read differently.
    Reparsed(Found),
    /// Some JDs are too old, or too many.
    Expired,
    /// The time of some snoozes is past.
    Snoozed,
    /// Somebody asks for changes and waits for what comes of them.
    Order(Box<Order>),
    /// Nothing: whoever gave it wants to know when all that came before it is done.
    Nothing(SyncSender<()>),
}

/// Waits until all that was given before is done; whether it was: not where nobody does it any more.
pub(super) fn wait(work: &SyncSender<Work>) -> bool {
    let (done, is_done) = sync_channel(1);
    work.send(Work::Nothing(done)).is_ok() && is_done.recv().is_ok()
}
