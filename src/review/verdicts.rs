//! Which records does an action change?
//!
//! All rows of an action are settled or none; each row sees what those before it did. What comes out are changes of
//! reviews and adjudications, and edits of the taxonomy, which are embedded on their way in.
//!
//! | action | what it changes |
//! |---|---|
//! | accept, merge | what the library lacks is put in, so the row leaves every run at once; and a review that says so |
//! | reject, snooze | a review on the row's subject |
//! | not a duplicate | a rejecting review on the [pair] of row and match; the row stays |
//!
//! An undecided JD that gets its role leaves no review: the choice is of one content of the JD, and a review would hold
//! for those that follow. The library is for all roles: accepting or merging a skill for one role takes it in for all,
//! and the role narrows only what the review and the links say.

mod collisions;
mod roles;
mod runs;
mod sentences;
mod skills;

pub use skills::near_home;

use super::actions::{Action, Order, Target};
use super::content::Content;
use super::history::Entry;
use super::matches::{MatchKind, thing};
use super::overlay::Overlay;
use super::row::{Queue, Row};
use super::standing::pair;
use super::undo::Undo;
use crate::error::{Error, listed, nearest};
use crate::sources::decode::Edit;
use crate::taxonomy::json_lines::Line;
use crate::time::rfc3339;
use rolestream_dataflows::id::Id;
use rolestream_dataflows::records::{Change, Key, Review, Scope, Tables, Verdict};
use rolestream_dataflows::text::normalise;
use rolestream_dataflows::views::{Collision, subject};
use serde_json::Value;
use std::collections::BTreeSet;

/// What an action comes to.
#[derive(Clone, Debug, PartialEq)]
pub struct Decided {
    /// Changes of reviews and adjudications.
    pub changes: Vec<Change>,
    /// Edits of the taxonomy.
    pub edits: Vec<Edit>,
    /// What people read of it, a line a row.
    pub line: String,
    /// The records that change as they were, by kind and key.
    pub before: Value,
    /// As they become.
    pub after: Value,
    /// What takes it back.
    pub undo: Undo,
}

/// One row that is being settled, and all that is said of it.
struct Case<'a> {
    row: &'a Row,
    order: &'a Order,
    who: &'a str,
    now: i64,
}

/// What an order does to rows, as the records are. All of them, or an error that names the row.
pub fn decide(tables: &Tables, rows: &[Row], order: &Order, who: &str, now: i64) -> Result<Decided, Error> {
    let cases: Vec<(&Row, &Order)> = rows.iter().map(|row| (row, order)).collect();
    decide_each(tables, &cases, who, now)
}

/// As [`decide`], with an order for each row: where each is accepted with details of its own.
pub fn decide_each(tables: &Tables, cases: &[(&Row, &Order)], who: &str, now: i64) -> Result<Decided, Error> {
    if cases.is_empty() {
        return Err(Error::new("there is no row to settle")
            .detail("the action names no row of a queue")
            .hint("give the id of one row or more"));
    }
    let mut overlay = Overlay::new(tables);
    let mut seen = BTreeSet::new();
    let mut lines = Vec::with_capacity(cases.len());
    for (row, order) in cases {
        let settled = match seen.insert(row.id) {
            true => Case { row, order, who, now }.settle(&mut overlay),
            false => Err(Error::new("it is named twice").detail("each row is settled once").hint("name it once")),
        };
        lines.push(settled.map_err(|error| named(error, row))?);
    }
    let undo = Undo::of(overlay.differences());
    decided(undo.forth()?, undo, lines.join("\n"))
}

/// Takes back what an entry of the history did, if nobody changed it since.
pub fn take_back(tables: &Tables, entry: &Entry) -> Result<Decided, Error> {
    if let Some(undone) = &entry.undone {
        return Err(Error::new(format!("action {} was taken back already", entry.number))
            .detail(format!("by {}", undone.who))
            .hint("do it again, if it is to hold"));
    }
    let line = entry.line.lines().map(|line| format!("taken back: {line}")).collect::<Vec<_>>().join("\n");
    decided(entry.undo.back(tables)?, entry.undo.reversed(), line)
}

fn decided((changes, edits): (Vec<Change>, Vec<Edit>), undo: Undo, line: String) -> Result<Decided, Error> {
    Ok(Decided { changes, edits, line, before: undo.before(), after: undo.after(), undo })
}

fn named(error: Error, row: &Row) -> Error {
    Error { primary: format!("{}: {}", row.called(), error.primary), ..error }
}

impl Case<'_> {
    fn settle(&self, overlay: &mut Overlay<'_>) -> Result<String, Error> {
        self.check()?;
        let title = &self.row.title;
        let line = match &self.order.action {
            Action::Accept(details) => {
                details.check(self.row.queue)?;
                return match self.row.queue {
                    Queue::NewSkills => self.accept_skill(overlay, details),
                    Queue::NewRoles => self.accept_role(overlay, details),
                    Queue::NewKras | Queue::NovelSentences => self.accept_sentences(overlay, details),
                    Queue::Undecided => self.choose(overlay, details),
                    Queue::Collisions => self.settle_collision(overlay, details),
                };
            }
            Action::MergeInto { target } => {
                return match self.row.queue {
                    Queue::NewSkills => self.merge_skill(overlay, target),
                    Queue::NewRoles => self.merge_role(overlay, target),
                    Queue::NewKras | Queue::NovelSentences => self.merge_sentence(overlay, target),
                    Queue::Undecided => Err(no_merge(self.row.queue, "accept it with \"chosen_role\"")),
                    Queue::Collisions => Err(no_merge(self.row.queue, "accept it with a \"rule\"")),
                };
            }
            Action::Reject => {
                self.review(overlay, Verdict::Rejected);
                format!("\"{title}\" is not shown again{}", self.whose())
            }
            Action::NotADuplicate { of } => return self.keep_apart(overlay, of),
            Action::Snooze { until } => {
                if *until <= self.now {
                    return Err(Error::new("a snooze must end in the future")
                        .detail(format!("it ends at {until}, and it is {} (milliseconds since 1970)", self.now))
                        .hint("give a later time"));
                }
                self.review(overlay, Verdict::Snoozed(*until));
                let day = rfc3339(*until);
                format!("\"{title}\" is not shown before {day}{}", self.whose())
            }
        };
        Ok(line)
    }

    /// The row must be what it says it is, and the order one that can be given of it.
    fn check(&self) -> Result<(), Error> {
        let Row { queue, title, .. } = self.row;
        let text = || Id::text(&normalise(title));
        let expected = match queue {
            Queue::NewSkills => Some(subject::new_skill(text())),
            Queue::NovelSentences => Some(subject::novel_sentence(text())),
            Queue::NewRoles => self.row.slug.as_deref().map(subject::new_role),
            Queue::NewKras => self.row.run.as_ref().map(|run| subject::new_kra(Id::jd(&run.jd))),
            Queue::Undecided => self.row.run.as_ref().map(|run| subject::undecided(Id::jd(&run.jd))),
            Queue::Collisions => {
                let roles = self.row.roles.iter().map(|share| Id::role(&share.slug)).collect();
                Some(Collision { term: text(), roles }.id())
            }
        };
        // Hiding needs no words.
        let hides = matches!(self.order.action, Action::Reject | Action::Snooze { .. });
        if expected != Some(self.row.subject) && !hides {
            return Err(Error::new("what it is about is no longer known")
                .detail("the JDs that it was seen in are not held any more, or were changed")
                .hint("list the queue again"));
        }
        let Some(role) = &self.order.role else { return Ok(()) };
        if !queue.by_role() {
            return Err(Error::new(format!("rows of {} are not settled for one role", queue.name()))
                .detail(format!("the action is for the role \"{role}\" only"))
                .hint("leave \"role\" out"));
        }
        let roles: Vec<&str> = self.row.roles.iter().map(|share| share.slug.as_str()).collect();
        if roles.contains(&role.as_str()) {
            return Ok(());
        }
        let hint = match nearest(role, roles.iter().copied()) {
            Some(slug) => format!("did you mean \"{slug}\"?"),
            None => "leave \"role\" out to settle it everywhere".to_owned(),
        };
        Err(Error::new(format!("it was not seen in the role \"{role}\""))
            .detail(format!("it was seen in {}", listed(roles)))
            .hint(hint))
    }

    /// " for role x", where it is for one only.
    fn whose(&self) -> String {
        self.order.role.as_ref().map(|role| format!(" for {role}")).unwrap_or_default()
    }

    fn review(&self, overlay: &mut Overlay<'_>, verdict: Verdict) {
        let scope = self.order.role.clone().map_or(Scope::Everywhere, Scope::Role);
        self.review_of(overlay, self.row.subject, scope, verdict);
    }

    fn review_of(&self, overlay: &mut Overlay<'_>, subject: Id, scope: Scope, verdict: Verdict) {
        let (who, why) = (self.who.to_owned(), self.order.reason.clone());
        overlay.put(Content::Review(Review { subject, scope, verdict, who, when: self.now, why }));
    }

    fn keep_apart(&self, overlay: &mut Overlay<'_>, of: &Target) -> Result<String, Error> {
        let Target { kind, slug } = of;
        if self.order.role.is_some() {
            return Err(Error::new("two things are kept apart everywhere")
                .detail("what they are does not depend on a role")
                .hint("leave \"role\" out"));
        }
        let name = match kind {
            MatchKind::Role => overlay.role(slug).ok_or_else(|| overlay.missing("role", slug))?.name,
            MatchKind::Skill => overlay.skill(slug).ok_or_else(|| overlay.missing("skill", slug))?.name,
            MatchKind::Kra => overlay.kra(slug)?.sentence,
        };
        let subject = pair(self.row.subject, thing(*kind, slug));
        self.review_of(overlay, subject, Scope::Everywhere, Verdict::Rejected);
        Ok(format!("\"{}\" is not \"{name}\"", self.row.title))
    }
}

impl Overlay<'_> {
    fn kra(&self, id: &str) -> Result<crate::taxonomy::Kra, Error> {
        match self.get(&Key::new("kra", &[id])) {
            Some(Content::Taxonomy(Line::Kras(kra))) => Ok(kra),
            _ => Err(self.missing("KRA", id)),
        }
    }
}

fn no_merge(queue: Queue, hint: &str) -> Error {
    Error::new(format!("a row of {} cannot be merged into anything", queue.name()))
        .detail("it is no thing of its own, but a question")
        .hint(hint)
}
