//! Who did what, when and why? `/audit`, newest first.

use crate::editing::{AuditEntry, Outcome};
use crate::serve::access::{Access, Scope, require};
use crate::serve::app::{App, kept};
use crate::serve::extract::{Json, Query};
use crate::serve::page;
use crate::serve::problem::Problem;
use crate::time::rfc3339;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::sync::Arc;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// Entries read at once.
const CHUNK: usize = 1_000;
/// Entries looked at for one page: a filter that hardly anything fits gives a short page, and where to go on.
const MOST_READ: usize = 100_000;

/// Which entries.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct AuditWanted {
    /// The name of a token.
    who: Option<String>,
    /// What was asked for, such as `publish`.
    action: Option<String>,
    /// What it was about, such as `draft/7`.
    subject: Option<String>,
    /// Whether it was done.
    outcome: Option<Outcome>,
    /// Rows of a page, 1 to 1000; 50 unless said.
    limit: Option<usize>,
    /// `next` of the page before.
    cursor: Option<String>,
}

/// A page of the audit log.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct AuditPage {
    /// Newest first.
    pub entries: Vec<AuditRow>,
    /// The cursor of the next page; null at the end.
    pub next: Option<String>,
}

/// An entry of the audit log.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct AuditRow {
    /// Its number.
    pub number: u64,
    /// When (RFC 3339).
    pub at: String,
    /// Who: the name of a token, or how the program is called where it acts by itself.
    pub who: String,
    /// What was asked for.
    pub action: String,
    /// What it was about.
    pub subject: String,
    /// What that was before.
    #[schema(value_type = Option<Object>)]
    pub before: Option<Value>,
    /// What it was afterwards.
    #[schema(value_type = Option<Object>)]
    pub after: Option<Value>,
    /// The reason that was given, or why it was refused.
    pub why: String,
    /// Whether it was done.
    pub outcome: Outcome,
    /// The taxonomy version that it made.
    pub version: Option<u64>,
}

pub(super) fn routes(access: &Arc<Access>) -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new().routes(routes!(list)).route_layer(require(access, Scope::Review))
}

/// What was done, and what was refused. Nothing in it is ever changed.
#[utoipa::path(get, path = "/audit", tag = "audit", security(("token" = ["review"])), params(AuditWanted), responses(
    (status = 200, body = AuditPage),
    (status = "default", description = "Why not", body = Problem, content_type = "application/problem+json"),
))]
async fn list(State(app): State<Arc<App>>, Query(asked): Query<AuditWanted>) -> Result<Json<AuditPage>, Problem> {
    let most = page::rows(asked.limit)?;
    let before = asked.cursor.as_deref().map(page::place::<u64>).transpose()?.unwrap_or(u64::MAX);
    app.aside(move |app| app.audit_page(&asked, before, most).map(Json)).await
}

impl App {
    fn audit_page(&self, asked: &AuditWanted, mut before: u64, most: usize) -> Result<AuditPage, Problem> {
        let internal = |error| Problem::internal(&error);
        let (mut entries, mut read) = (Vec::new(), 0);
        loop {
            let chunk = self.store.audit_before(before, CHUNK).map_err(internal)?;
            let end = chunk.len() < CHUNK;
            for (number, json) in chunk {
                if entries.len() == most || read == MOST_READ {
                    return Ok(AuditPage { entries, next: Some(page::cursor(&before)) });
                }
                let entry: AuditEntry = kept(&json).map_err(internal)?;
                (read, before) = (read + 1, number);
                if asked.has(&entry) {
                    entries.push(row(entry));
                }
            }
            if end {
                return Ok(AuditPage { entries, next: None });
            }
        }
    }
}

impl AuditWanted {
    fn has(&self, entry: &AuditEntry) -> bool {
        let is = |wanted: &Option<String>, found: &str| wanted.as_deref().is_none_or(|wanted| wanted == found);
        is(&self.who, &entry.who)
            && is(&self.action, &entry.action)
            && is(&self.subject, &entry.subject)
            && self.outcome.is_none_or(|outcome| outcome == entry.outcome)
    }
}

fn row(entry: AuditEntry) -> AuditRow {
    AuditRow {
        number: entry.number,
        at: rfc3339(entry.at),
        who: entry.who,
        action: entry.action,
        subject: entry.subject,
        before: entry.before,
        after: entry.after,
        why: entry.why,
        outcome: entry.outcome,
        version: entry.version,
    }
}
