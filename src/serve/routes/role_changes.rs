//! Where was something else said than before? `/role-changes`, the log of facts, newest first.

use crate::engine::{Cause, Stated};
use crate::error::{Error, listed};
use crate::report::reasoning::{case, rule};
use crate::serve::access::{Access, Scope, require};
use crate::serve::app::App;
use crate::serve::extract::{Json, Query};
use crate::serve::page;
use crate::serve::problem::Problem;
use crate::store::StoredChange;
use crate::time::{millis, rfc3339};
use axum::extract::State;
use rolestream_dataflows::fixed::Micro;
use rolestream_dataflows::id::Id;
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// Entries read at once.
const CHUNK: usize = 1_000;
/// Entries that are looked at for one page.
const LOOKED_AT: usize = 20_000;

/// Which role changes.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ChangesWanted {
    /// The id that its source gave the JD.
    jd: Option<String>,
    /// The slug of a role that was left or taken.
    role: Option<String>,
    /// `correction`, `withdrawal`, `reparse`, `taxonomy`, `settings`, `adjudication`, `upgrade` or `ingest` (it came again).
    cause: Option<String>,
    /// Said from then on: a time (RFC 3339), a day, or milliseconds since 1970.
    since: Option<String>,
    /// Rows of a page, 1 to 1000; 50 unless said.
    limit: Option<usize>,
    /// `next` of the page before.
    cursor: Option<String>,
}

/// A page of role changes, newest first.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct RoleChanges {
    /// Newest first. Where few fit what was asked, a page may have less than was asked for, and go on all the same.
    pub role_changes: Vec<ChangeOf>,
    /// The cursor of the next page; null at the end.
    pub next: Option<String>,
}

/// Something else was said of a JD than before.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ChangeOf {
    /// Of the entry; one more than that of the entry before.
    pub number: u64,
    /// Of the run.
    pub run_id: String,
    /// The id that its source gave the JD.
    pub jd: String,
    /// As written; empty where there is none.
    pub title: String,
    /// Hash of the JD's content, in 16 hexadecimal digits.
    pub content: String,
    /// What was said; null where the JD had been withdrawn.
    pub before: Option<StatedOf>,
    /// What is said; null where it was withdrawn.
    pub after: Option<StatedOf>,
    /// Why.
    pub cause: &'static str,
    /// The taxonomy version that the cause names.
    pub cause_version: Option<u64>,
    /// When (RFC 3339).
    pub at: String,
    /// The same as an epoch.
    pub epoch: u64,
    /// The taxonomy version then.
    pub taxonomy_version: u64,
}

/// What was said.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
#[allow(missing_docs, reason = "SPEC §4 defines them")]
pub struct StatedOf {
    pub rule: &'static str,
    pub case: &'static str,
    /// The slug of the chosen role.
    pub role: Option<String>,
    /// The slug that a new role would get.
    pub new_role: Option<String>,
    pub confidence: Option<f64>,
}

pub(super) fn routes(access: &Arc<Access>) -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new().routes(routes!(list)).route_layer(require(access, Scope::Read))
}

/// The log of role changes, newest first.
#[utoipa::path(get, path = "/role-changes", tag = "role-changes", params(ChangesWanted), responses(
    (status = 200, body = RoleChanges),
    (status = "default", description = "Why not", body = Problem, content_type = "application/problem+json"),
))]
async fn list(State(app): State<Arc<App>>, Query(asked): Query<ChangesWanted>) -> Result<Json<RoleChanges>, Problem> {
    let most = page::rows(asked.limit)?;
    let before = asked.cursor.as_deref().map(page::place::<u64>).transpose()?.unwrap_or(u64::MAX);
    let wanted = asked.wanted()?;
    app.aside(move |app| {
        let (found, next) = app.changes(&wanted, before, most).map_err(|error| Problem::internal(&error))?;
        let role_changes = found.iter().map(|(number, stored)| app.change_of(*number, stored)).collect();
        Ok(Json(RoleChanges { role_changes, next: next.map(|number| page::cursor(&number)) }))
    })
    .await
}

/// What is asked of the log.
struct Wanted {
    jd: Option<Id>,
    role: Option<Id>,
    cause: Option<&'static str>,
    since: Option<u64>,
}

impl ChangesWanted {
    fn wanted(&self) -> Result<Wanted, Problem> {
        let causes = [
            Cause::Ingest,
            Cause::Correction,
            Cause::Withdrawal,
            Cause::Reparse(0),
            Cause::Taxonomy(0),
            Cause::Settings,
            Cause::Adjudication,
            Cause::Upgrade,
        ];
        let names = causes.map(Cause::name);
        let cause = |text: &str| {
            names.into_iter().find(|name| *name == text).ok_or_else(|| {
                Problem::unprocessable(
                    Error::new("cause does not fit")
                        .detail(format!("it is {text:?}"))
                        .hint(format!("it is one of {}", listed(names))),
                )
            })
        };
        let since = self.since.as_deref().map(millis).transpose().map_err(Problem::unprocessable)?;
        Ok(Wanted {
            jd: self.jd.as_deref().map(Id::jd),
            role: self.role.as_deref().map(Id::role),
            cause: self.cause.as_deref().map(cause).transpose()?,
            // Epochs are milliseconds.
            since: since.map(|since| u64::try_from(since).unwrap_or(0)),
        })
    }
}

impl Wanted {
    fn has(&self, stored: &StoredChange) -> bool {
        let change = &stored.change;
        let of = |stated: &Option<Stated>| stated.as_ref().and_then(|stated| stated.said.role);
        self.jd.is_none_or(|jd| change.jd == jd)
            && self.cause.is_none_or(|cause| change.cause.name() == cause)
            && self.role.is_none_or(|role| of(&change.before) == Some(role) || of(&change.after) == Some(role))
    }
}

/// Entries with their numbers, and before which number to go on.
type Entries = (Vec<(u64, StoredChange)>, Option<u64>);

impl App {
    /// Entries before a number that fit, newest first, and before which number to go on.
    fn changes(&self, wanted: &Wanted, before: u64, most: usize) -> Result<Entries, Error> {
        let (mut found, mut before, mut looked_at) = (Vec::new(), before, 0);
        // Those of one JD are known by their numbers.
        let mut of_jd = wanted.jd.map(|jd| self.history.changes(jd));
        loop {
            let chunk = match &mut of_jd {
                None => self.store.role_changes_before(before, CHUNK)?,
                Some(numbers) => {
                    numbers.retain(|number| *number < before);
                    let last = numbers.last().map(|number| self.store.role_changes(number - 1, 1));
                    last.transpose()?.unwrap_or_default()
                }
            };
            if chunk.is_empty() {
                return Ok((found, None));
            }
            for (number, stored) in chunk {
                // Numbers and epochs rise together.
                if wanted.since.is_some_and(|since| stored.change.epoch < since) {
                    return Ok((found, None));
                }
                if found.len() == most || looked_at == LOOKED_AT {
                    return Ok((found, Some(before)));
                }
                (before, looked_at) = (number, looked_at + 1);
                if wanted.has(&stored) {
                    found.push((number, stored));
                }
            }
        }
    }

    fn change_of(&self, number: u64, stored: &StoredChange) -> ChangeOf {
        let change = &stored.change;
        let stated = |stated: &Stated| StatedOf {
            rule: rule(stated.said.rule),
            case: case(stated.said.case),
            role: stated.said.role.map(|role| self.lookup.role(role)),
            new_role: stated.said.new_role.as_deref().map(str::to_owned),
            confidence: stated.confidence.map(Micro::to_f64),
        };
        ChangeOf {
            number,
            run_id: crate::report::step_one::run_id(change.jd, change.content),
            jd: stored.id.clone(),
            title: self.lookup.heading(change.jd).title.to_string(),
            content: Id(change.content).to_string(),
            before: change.before.as_ref().map(stated),
            after: change.after.as_ref().map(stated),
            cause: change.cause.name(),
            cause_version: change.cause.version(),
            at: rfc3339(i64::try_from(change.epoch).unwrap_or(i64::MAX)),
            epoch: change.epoch,
            taxonomy_version: change.taxonomy_version,
        }
    }
}
