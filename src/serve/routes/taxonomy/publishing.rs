//! How does a draft take effect, and how is that taken back? One version each, with an entry of the audit log.

use super::drafts::{name, outdated};
use crate::editing::Conflict;
use crate::error::{Error, Errors, Position, listed};
use crate::serve::access::{Access, Principal, Scope, require};
use crate::serve::app::App;
use crate::serve::extract::{Json, Path};
use crate::serve::problem::Problem;
use crate::serve::standing::{as_expected, internal, key_of, known, overtaken};
use crate::service::{Authored, Done};
use crate::store::Commit;
use axum::extract::State;
use axum::http::StatusCode;
use rolestream_dataflows::records::{Change, Key, Record};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::sync::Arc;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// How often it is begun anew when the taxonomy is edited meanwhile.
const TRIES: usize = 8;

/// How a draft is published.
#[derive(Clone, Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Publish {
    /// Why; the draft's note, unless said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub why: Option<String>,
    /// Refused where the taxonomy is at another version.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expected_version: Option<u64>,
    /// Even where versions since the draft's base changed what it touches: its operations are done on the records as they
    /// are.
    #[serde(default)]
    pub rebase: bool,
}

/// Where to go back to.
#[derive(Clone, Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Rollback {
    /// The version whose records are brought back, all of them.
    pub to: u64,
    /// Why.
    #[serde(default)]
    pub why: String,
    /// Refused where the taxonomy is at another version.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expected_version: Option<u64>,
}

/// A version that was made. What it changes of held JDs is in every view, but for what follows from reading them again.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct Published {
    /// Its number.
    pub version: u64,
    /// Records that it changed.
    pub records: usize,
    /// The epoch that it took effect in.
    pub epoch: u64,
    /// Whether held texts are being read again, for names of skills came or went; `GET /taxonomy` says when that is done.
    pub rereading: bool,
}

pub(super) fn routes(access: &Arc<Access>) -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new().routes(routes!(publish)).routes(routes!(rollback)).route_layer(require(access, Scope::Publish))
}

/// Makes a version of a draft, which is no more then.
#[utoipa::path(post, path = "/taxonomy/drafts/{id}/publish", tag = "taxonomy", security(("token" = ["publish"])),
    params(("id" = u64, Path, description = "Of the draft")), request_body = Publish, responses(
    (status = 200, body = Published),
    (status = 404, description = "There is no such draft", body = Problem, content_type = "application/problem+json"),
    (status = 409, description = "Versions since its base changed what it touches, an operation cannot be done any more, it changes nothing, or the taxonomy is at another version", body = Problem, content_type = "application/problem+json"),
    (status = "default", description = "Why not", body = Problem, content_type = "application/problem+json"),
))]
async fn publish(
    State(app): State<Arc<App>>,
    principal: Principal,
    Path(id): Path<u64>,
    Json(asked): Json<Publish>,
) -> Result<Json<Published>, Problem> {
    app.aside(move |app| app.publish(id, &asked, &principal).map(Json)).await
}

/// Brings back exactly the records of an earlier version, as a new one. Drafts, reviews and adjudications stay.
#[utoipa::path(post, path = "/taxonomy/rollback", tag = "taxonomy", security(("token" = ["publish"])),
    request_body = Rollback, responses(
    (status = 200, body = Published),
    (status = 404, description = "There is no such version, or it is not known any more", body = Problem, content_type = "application/problem+json"),
    (status = 409, description = "The records are those of that version, or the taxonomy is at another version than expected", body = Problem, content_type = "application/problem+json"),
    (status = "default", description = "Why not", body = Problem, content_type = "application/problem+json"),
))]
async fn rollback(
    State(app): State<Arc<App>>,
    principal: Principal,
    Json(asked): Json<Rollback>,
) -> Result<Json<Published>, Problem> {
    app.aside(move |app| app.rollback(&asked, &principal).map(Json)).await
}

impl App {
    fn publish(&self, id: u64, asked: &Publish, principal: &Principal) -> Result<Published, Problem> {
        // Whoever changes the draft meanwhile would find that it was published without that.
        let _alone = self.drafts();
        let draft = self.draft(id)?;
        let why = asked.why.clone().unwrap_or_else(|| draft.note.clone());
        let mut entry = self.audited(&principal.name, "publish", format!("draft/{id}"));
        entry.why.clone_from(&why);
        for _ in 0..TRIES {
            let standing = self.standing()?;
            as_expected(asked.expected_version, standing.version)?;
            if !asked.rebase {
                let newer = self.versions(draft.base_version, standing.version)?;
                let conflicts = draft.conflicts(&*standing.tables, &newer);
                if !conflicts.is_empty() {
                    return Err(conflicting(conflicts));
                }
            }
            let edits = draft.edits(&*standing.tables).map_err(outdated)?;
            let changes = self.desk.changes(edits).map_err(internal)?;
            if changes.is_empty() {
                return Err(idle(format!("draft {id} changes nothing"), "the records are as it would have them"));
            }
            let (author, name) = (principal.name.to_string(), name(id));
            let authored = Authored { author, why: why.clone(), draft: Some(name.clone()), undoes: None };
            let keep = move |commit: &mut Commit<'_>| {
                commit.remove_draft(&name);
            };
            if let Some(made) = self.make_version(standing.version, changes, authored, entry.clone(), keep)? {
                return self.published(&made);
            }
        }
        Err(overtaken())
    }

    fn rollback(&self, asked: &Rollback, principal: &Principal) -> Result<Published, Problem> {
        let mut entry = self.audited(&principal.name, "rollback", format!("version/{}", asked.to));
        entry.why.clone_from(&asked.why);
        for _ in 0..TRIES {
            let standing = self.standing()?;
            as_expected(asked.expected_version, standing.version)?;
            known(asked.to, standing.version)?;
            // What a record was then is what the first version after it found; vectors and settings, too.
            let mut was: BTreeMap<Key, Option<Record>> = BTreeMap::new();
            for version in self.stored_versions(asked.to, standing.version)? {
                for (before, after) in version.changes {
                    let Some(key) = key_of(before.as_ref(), after.as_ref()) else { continue };
                    was.entry(key).or_insert(before);
                }
            }
            let differing = was.into_iter().filter(|(key, record)| standing.tables.get(key) != record.as_ref());
            let change = |(key, record): (Key, Option<Record>)| record.map_or(Change::Delete(key), Change::Put);
            let changes: Vec<Change> = differing.map(change).collect();
            if changes.is_empty() {
                return Err(idle(
                    format!("the records are those of version {}", asked.to),
                    "nothing has changed since",
                ));
            }
            let (author, why) = (principal.name.to_string(), asked.why.clone());
            let authored = Authored { author, why, draft: None, undoes: Some(asked.to) };
            if let Some(made) = self.make_version(standing.version, changes, authored, entry.clone(), |_| ())? {
                return self.published(&made);
            }
        }
        Err(overtaken())
    }

    fn published(&self, (done, epoch): &(Done, u64)) -> Result<Published, Problem> {
        let version =
            done.changed.version.ok_or_else(|| internal(Error::new("a version was made without a number")))?;
        let rereading = self.store.pending_reparse().map_err(internal)?.is_some();
        Ok(Published { version, records: done.changed.records.len(), epoch: *epoch, rereading })
    }
}

fn conflicting(conflicts: Vec<Conflict>) -> Problem {
    let error = |conflict: Conflict| {
        let (s, versions) =
            (if conflict.versions.len() == 1 { "" } else { "s" }, listed(conflict.versions.iter().map(u64::to_string)));
        Error::new(format!("version{s} {versions} changed {}", conflict.key))
            .detail("the draft touches it, and was begun before that")
            .hint("see what changed with GET /taxonomy/diff; publish with \"rebase\": true, or change the draft")
            .at(Position::whole(conflict.key))
    };
    let errors = Errors(conflicts.into_iter().map(error).collect());
    Problem::of_errors(StatusCode::CONFLICT, errors).kind("conflict")
}

fn idle(what: String, detail: &str) -> Problem {
    Problem::conflict(Error::new(what).detail(detail).hint("nothing has to be done")).kind("nothing-to-do")
}
