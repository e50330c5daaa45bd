//! How is a row settled, and how is that taken back? All rows of an order or none, in one commit with the audit log and
//! the history; what is decided follows from the records as they stand, or is decided again.

use super::log::Told;
use crate::error::Error;
use crate::review::history::Undone;
use crate::review::{Decided, Entry, Order, Row, decide_each, take_back};
use crate::serve::access::Principal;
use crate::serve::app::{App, as_json};
use crate::serve::problem::Problem;
use crate::service::{Authored, Changed};
use crate::store::Commit;
use rolestream_dataflows::records::Tables;
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use std::sync::Arc;
use utoipa::ToSchema;

/// How often something is decided again that somebody else's edit went before.
const TRIES: usize = 5;

/// What came of an order.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[schema(as = ReviewSettled)]
pub struct Settled {
    /// What was decided, as the history keeps it.
    #[serde(flatten)]
    pub entry: Told,
    /// The taxonomy version that it made; null where the taxonomy stays as it is.
    pub taxonomy_version: Option<u64>,
    /// The epoch from which on every answer knows of it.
    pub epoch: u64,
}

/// What is written beside the records.
struct Note {
    action: String,
    subject: String,
    why: String,
    entry: Entry,
}

impl App {
    /// Settles rows.
    pub(crate) fn settle_rows(&self, ids: &[u64], order: &Order, principal: &Principal) -> Result<Settled, Problem> {
        for _ in 0..TRIES {
            let known = self.known();
            let rows = self.review_rows(&known, ids)?;
            let mut seen = HashMap::new();
            let orders = rows.iter().map(|row| self.completed(&known, row, order, &mut seen));
            let orders = orders.collect::<Result<Vec<Order>, Problem>>()?;
            let cases: Vec<(&Row, &Order)> = rows.iter().zip(&orders).collect();
            let now = (self.now)();
            let decided = decide_each(&known.tables, &cases, &principal.name, now).map_err(Problem::unprocessable)?;
            let number = self.next_reviewed();
            let subjects: Vec<String> = ids.iter().map(u64::to_string).collect();
            let note = Note {
                action: format!("review {}", order.action.name()),
                subject: format!("review/{}", subjects.join(",")),
                why: order.reason.clone(),
                entry: Entry::of(number, &rows, order, &principal.name, now, &decided),
            };
            if let Some(settled) = self.carry_out(&known.tables, &decided, note, principal)? {
                return Ok(settled);
            }
        }
        Err(restless())
    }

    /// Takes back what an entry of the history did.
    pub(crate) fn undo(&self, number: u64, reason: &str, principal: &Principal) -> Result<Settled, Problem> {
        for _ in 0..TRIES {
            let known = self.known();
            let Some(mut entry) = self.reviewing.log.get(number) else {
                let error = Error::new(format!("there is no decision {number}"))
                    .detail("the history of reviews has no entry of that number")
                    .hint("GET /review-history lists them");
                return Err(Problem::not_found(error).kind("unknown-decision"));
            };
            let decided = take_back(&known.tables, &entry).map_err(Problem::conflict)?;
            let (who, why) = (principal.name.to_string(), reason.to_owned());
            entry.undone = Some(Undone { who, when: (self.now)(), why });
            let note = Note {
                action: "review undo".to_owned(),
                subject: format!("review-history/{number}"),
                why: reason.to_owned(),
                entry,
            };
            if let Some(settled) = self.carry_out(&known.tables, &decided, note, principal)? {
                return Ok(settled);
            }
        }
        Err(restless())
    }

    /// Writes what was decided of these records; nothing, where they are others by now.
    fn carry_out(
        &self,
        tables: &Arc<Tables>,
        decided: &Decided,
        note: Note,
        principal: &Principal,
    ) -> Result<Option<Settled>, Problem> {
        let internal = |error: Error| Problem::internal(&error);
        let mut changes = self.desk.changes(decided.edits.clone()).map_err(internal)?;
        changes.extend(decided.changes.iter().cloned());
        let Note { action, subject, why, entry } = note;
        let mut audit = self.audited(&principal.name, &action, subject);
        (audit.before, audit.after, audit.why) =
            (Some(decided.before.clone()), Some(decided.after.clone()), why.clone());
        let why = if why.is_empty() { decided.line.clone() } else { why };
        let authored = Authored { author: principal.name.to_string(), why, ..Authored::default() };
        let (number, json) = (entry.number, as_json(&entry));
        let keep = move |changed: &Changed, commit: &mut Commit<'_>| {
            audit.version = changed.version;
            commit.put_audit(audit.number, as_json(&audit)).put_reviewed(number, json);
        };
        let tables = tables.clone();
        let same = move |now: &Arc<Tables>, _: u64| Arc::ptr_eq(now, &tables);
        let Some(done) = self.order_if(same, changes, authored, keep)? else { return Ok(None) };
        let told = Told::of(&entry);
        self.reviewing.log.put(entry);
        self.desk.settle(&done).map_err(internal)?;
        let epoch = done.tickets.last().map_or_else(|| self.engine.last_closed(), |ticket| ticket.epoch());
        Ok(Some(Settled { entry: told, taxonomy_version: done.changed.version, epoch }))
    }
}

/// Others edit all the time.
fn restless() -> Problem {
    let error = Error::new("others changed the records all the time")
        .detail(format!("it was decided {TRIES} times, and each time an edit went before; nothing was changed"))
        .hint("ask for it again");
    Problem::conflict(error).kind("edited-meanwhile")
}
