//! What is the taxonomy now, what was it at a version, and how does it get another one?
//!
//! Whoever edits works out changes of the records as they stand, which takes its time, and hands them to the clock with
//! the version that they follow upon. Where somebody else was quicker, nothing is done and all is worked out anew.

use super::app::{App, as_json};
use super::problem::Problem;
use crate::editing::{AuditEntry, Changed, Records, Version, values, versions};
use crate::engine::Epoch;
use crate::error::Error;
use crate::service::{Authored, Changed as Made, Done};
use crate::sources::decode::shown_key;
use crate::store::{Commit, StoredVersion};
use rolestream_dataflows::records::{Change, Key, Record, Tables};
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// How long a version may take from its number to its place in the store.
const PATIENCE: Duration = Duration::from_secs(10);
/// Entries of the audit log hold so many records, at most; a version holds all of its own.
const MOST_AUDITED: usize = 100;

/// The records as they stand.
pub(crate) struct Standing {
    /// The number of the version that they are.
    pub(crate) version: u64,
    /// All of them.
    pub(crate) tables: Arc<Tables>,
}

impl App {
    /// The records as they stand, all versions of which are in the store.
    pub(crate) fn standing(&self) -> Result<Standing, Problem> {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let version = self.engine.submitted_version();
            let tables = self.engine.tables();
            let kept = self.store.taxonomy_mark().map_err(internal)?.map_or(0, |mark| mark.version);
            if kept >= version && self.engine.submitted_version() == version {
                return Ok(Standing { version, tables });
            }
            if Instant::now() >= deadline {
                let error = Error::new("the taxonomy is being edited without a pause");
                return Err(Problem::closed(error.detail("its records do not stand still").hint("ask again")));
            }
            std::thread::sleep(Duration::from_millis(1));
        }
    }

    /// The versions after one, through another, oldest first; all of them.
    pub(crate) fn stored_versions(&self, after: u64, through: u64) -> Result<Vec<StoredVersion>, Problem> {
        let wanted = usize::try_from(through.saturating_sub(after)).unwrap_or(usize::MAX);
        let found = if wanted == 0 { Vec::new() } else { self.store.versions(after, wanted).map_err(internal)? };
        let whole = found.len() == wanted && found.last().is_none_or(|last| last.number == through);
        whole.then_some(found).ok_or_else(|| {
            let error = Error::new(format!("the taxonomy as of version {after} is not known"))
                .detail(format!("not all versions from {} to {through} are kept", after + 1))
                .hint("GET /taxonomy/versions lists those that are");
            Problem::not_found(error).kind("unknown-version")
        })
    }

    /// As [`App::stored_versions`], in the form that people read.
    pub(crate) fn versions(&self, after: u64, through: u64) -> Result<Vec<Version>, Problem> {
        Ok(self.stored_versions(after, through)?.into_iter().map(shown).collect())
    }

    /// Looks at the records as they are, or were at a version, and at its number.
    pub(crate) fn as_of<R>(
        &self,
        as_of: Option<u64>,
        look: impl FnOnce(u64, &dyn Records) -> Result<R, Problem>,
    ) -> Result<R, Problem> {
        let standing = self.standing()?;
        let version = as_of.unwrap_or(standing.version);
        known(version, standing.version)?;
        if version == standing.version {
            return look(version, &*standing.tables);
        }
        let newer = self.versions(version, standing.version)?;
        let then = versions::as_of(&*standing.tables, &newer).map_err(internal)?;
        look(version, &then)
    }

    /// Makes a version of changes that were worked out of the records of version `at`; `None` where others are there by
    /// now. The entry of the audit log, and what `keep` adds, go into the same commit.
    pub(crate) fn make_version(
        &self,
        at: u64,
        changes: Vec<Change>,
        authored: Authored,
        mut entry: AuditEntry,
        keep: impl FnOnce(&mut Commit<'_>) + Send + 'static,
    ) -> Result<Option<(Done, Epoch)>, Problem> {
        let keep = move |made: &Made, commit: &mut Commit<'_>| {
            (entry.version, entry.before, entry.after) = (made.version, side(made, false), side(made, true));
            commit.put_audit(entry.number, as_json(&entry));
            keep(commit);
        };
        let Some(done) = self.order_if(move |_, now| now == at, changes, authored, keep)? else { return Ok(None) };
        let report = self.desk.settle(&done).map_err(internal)?;
        let epoch = report.map_or_else(|| self.engine.last_closed(), |report| report.epoch);
        Ok(Some((done, epoch)))
    }
}

/// 404 for a version that is not there.
pub(crate) fn known(version: u64, last: u64) -> Result<(), Problem> {
    if (1..=last).contains(&version) {
        return Ok(());
    }
    let error = Error::new(format!("there is no taxonomy version {version}"))
        .detail(format!("they are numbered from 1 to {last}"))
        .hint("GET /taxonomy/versions lists them");
    Err(Problem::not_found(error).kind("unknown-version"))
}

/// 409: others edit all the time.
pub(crate) fn overtaken() -> Problem {
    let error = Error::new("the taxonomy was edited meanwhile")
        .detail("while this was worked out, others made versions, again and again")
        .hint("ask for it again");
    Problem::conflict(error).kind("version")
}

/// 409 where the version is another than the caller has seen.
pub(crate) fn as_expected(expected: Option<u64>, found: u64) -> Result<(), Problem> {
    match expected {
        Some(expected) if expected != found => {
            let error = Error::new(format!("the taxonomy is at version {found}"))
                .detail(format!("\"expected_version\" is {expected}"))
                .hint("see what changed with GET /taxonomy/diff, and ask again");
            Err(Problem::conflict(error).kind("version"))
        }
        _ => Ok(()),
    }
}

/// The key of a record that changed.
pub(crate) fn key_of(before: Option<&Record>, after: Option<&Record>) -> Option<Key> {
    before.or(after).map(Record::key)
}

/// A version as people read it.
pub(crate) fn shown(stored: StoredVersion) -> Version {
    let mut changes: Vec<Changed> = stored
        .changes
        .iter()
        .filter_map(|(before, after)| {
            let key = key_of(before.as_ref(), after.as_ref())?;
            Changed::of(&key, before.as_ref(), after.as_ref())
        })
        .collect();
    changes.sort_by(|a, b| a.key.cmp(&b.key));
    Version {
        number: stored.number,
        at: stored.at,
        author: stored.author,
        why: stored.why,
        draft: stored.draft.and_then(|draft| draft.parse().ok()),
        undoes: stored.undoes,
        changes,
    }
}

/// What the changed records were, or are now, by key.
fn side(made: &Made, after: bool) -> Option<Value> {
    if made.records.len() > MOST_AUDITED {
        return Some(json!({"records": made.records.len()}));
    }
    let record = |(key, (before, now)): (&Key, &(Option<Record>, Option<Record>))| {
        let record = if after { now } else { before };
        (shown_key(key), record.as_ref().and_then(values::of_record).unwrap_or_default())
    };
    Some(Value::Object(made.records.iter().map(record).collect()))
}

/// 500.
pub(crate) fn internal(error: Error) -> Problem {
    Problem::internal(&error)
}
