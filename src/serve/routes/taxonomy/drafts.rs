//! How are edits gathered before they are published? `/taxonomy/drafts`
//!
//! Each operation is checked when it comes, on the records as the operations before it leave them. The records may move
//! on under a draft: what cannot be done any more is told with it, and what others changed is a conflict.

use crate::editing::{AuditEntry, Changed, Conflict, Draft, Operation, Records, values};
use crate::error::{Error, Errors};
use crate::serve::access::{Access, Principal, Scope, require};
use crate::serve::app::{App, as_json, kept};
use crate::serve::extract::{Json, Path};
use crate::serve::problem::{Fault, Problem};
use crate::serve::standing::{Standing, internal};
use crate::sources::Edit;
use crate::sources::decode::shown_key;
use crate::time::rfc3339;
use axum::extract::State;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use std::sync::{Arc, MutexGuard, PoisonError};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// A draft to be begun.
#[derive(Clone, Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewDraft {
    /// What people call it.
    pub title: String,
    /// Why; becomes the reason of the version.
    #[serde(default)]
    pub note: String,
    /// What it does at first; each operation sees what those before it did.
    #[serde(default)]
    pub operations: Vec<Operation>,
}

/// What is to be another in a draft; what is left out stays.
#[derive(Clone, Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DraftPatch {
    /// What people call it.
    #[serde(default)]
    pub title: Option<String>,
    /// Why.
    #[serde(default)]
    pub note: Option<String>,
    /// All its operations from now on.
    #[serde(default)]
    pub operations: Option<Vec<Operation>>,
    /// Whoever asks has seen the versions since the draft was begun: they are no conflicts any more.
    #[serde(default)]
    pub rebase: bool,
}

/// Operations.
#[derive(Clone, Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Operations {
    /// In this order.
    pub operations: Vec<Operation>,
}

/// A draft.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct DraftView {
    /// Its number.
    pub id: u64,
    /// What people call it.
    pub title: String,
    /// Why.
    pub note: String,
    /// Who began it.
    pub author: String,
    /// When (RFC 3339).
    pub created_at: String,
    /// When it was last changed (RFC 3339).
    pub updated_at: String,
    /// The taxonomy version that its author saw.
    pub base_version: u64,
    /// The taxonomy version now.
    pub version: u64,
    /// What it does, in this order.
    pub operations: Vec<Operation>,
    /// How many records it would change as things stand; null where it has problems.
    pub records: Option<usize>,
    /// What cannot be done as things stand: `at` is `operation:N`, counted from 1.
    pub problems: Vec<Fault>,
}

/// A draft in a list.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct DraftRow {
    /// Its number.
    pub id: u64,
    /// What people call it.
    pub title: String,
    /// Who began it.
    pub author: String,
    /// When (RFC 3339).
    pub created_at: String,
    /// When it was last changed (RFC 3339).
    pub updated_at: String,
    /// The taxonomy version that its author saw.
    pub base_version: u64,
    /// How many operations it has.
    pub operations: usize,
}

/// All drafts.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct Drafts {
    /// Those begun last come first.
    pub drafts: Vec<DraftRow>,
}

/// What a draft comes to.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct DraftChanges {
    /// The taxonomy version that its author saw.
    pub base_version: u64,
    /// The taxonomy version that it is compared with.
    pub version: u64,
    /// What it changes of the records as they stand, by key.
    pub changes: Vec<Changed>,
    /// What it touches and versions since its base changed.
    pub conflicts: Vec<Conflict>,
    /// What cannot be done as things stand; `changes` is empty then.
    pub problems: Vec<Fault>,
}

pub(super) fn routes(access: &Arc<Access>) -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new()
        .routes(routes!(list, create))
        .routes(routes!(one, change, delete))
        .routes(routes!(append))
        .routes(routes!(remove))
        .routes(routes!(changes))
        .route_layer(require(access, Scope::Review))
}

/// Begins a draft.
#[utoipa::path(post, path = "/taxonomy/drafts", tag = "taxonomy", security(("token" = ["review"])), request_body = NewDraft, responses(
    (status = 201, body = DraftView),
    (status = 422, description = "An operation cannot be done", body = Problem, content_type = "application/problem+json"),
    (status = "default", description = "Why not", body = Problem, content_type = "application/problem+json"),
))]
async fn create(
    State(app): State<Arc<App>>,
    principal: Principal,
    Json(asked): Json<NewDraft>,
) -> Result<(StatusCode, Json<DraftView>), Problem> {
    app.aside(move |app| {
        let _alone = app.drafts();
        let standing = app.standing()?;
        let mut entry = app.audited(&principal.name, "create_draft", String::new());
        // The log's numbers are given out once, so that a draft's is its own for good.
        let (id, now) = (entry.number, (app.now)());
        let draft = Draft {
            id,
            title: asked.title,
            author: principal.name.to_string(),
            created_at: now,
            updated_at: now,
            base_version: standing.version,
            operations: asked.operations,
            note: asked.note,
        };
        draft.edits(&*standing.tables).map_err(wrong)?;
        entry.subject = format!("draft/{id}");
        entry.after = serde_json::to_value(&draft).ok();
        app.keep_draft(&draft, &entry)?;
        Ok((StatusCode::CREATED, Json(view(&draft, &standing))))
    })
    .await
}

/// The drafts that wait to be published.
#[utoipa::path(get, path = "/taxonomy/drafts", tag = "taxonomy", security(("token" = ["review"])), responses(
    (status = 200, body = Drafts),
    (status = "default", description = "Why not", body = Problem, content_type = "application/problem+json"),
))]
async fn list(State(app): State<Arc<App>>) -> Result<Json<Drafts>, Problem> {
    app.aside(move |app| {
        let mut drafts = Vec::new();
        for (_, json) in app.store.drafts().map_err(internal)? {
            let draft: Draft = kept(&json).map_err(internal)?;
            drafts.push(DraftRow {
                id: draft.id,
                title: draft.title,
                author: draft.author,
                created_at: rfc3339(draft.created_at),
                updated_at: rfc3339(draft.updated_at),
                base_version: draft.base_version,
                operations: draft.operations.len(),
            });
        }
        drafts.sort_by_key(|draft| std::cmp::Reverse(draft.id));
        Ok(Json(Drafts { drafts }))
    })
    .await
}

/// A draft, with what of it cannot be done any more.
#[utoipa::path(get, path = "/taxonomy/drafts/{id}", tag = "taxonomy", security(("token" = ["review"])),
    params(("id" = u64, Path, description = "Of the draft")), responses(
    (status = 200, body = DraftView),
    (status = 404, description = "There is no such draft", body = Problem, content_type = "application/problem+json"),
    (status = "default", description = "Why not", body = Problem, content_type = "application/problem+json"),
))]
async fn one(State(app): State<Arc<App>>, Path(id): Path<u64>) -> Result<Json<DraftView>, Problem> {
    app.aside(move |app| Ok(Json(view(&app.draft(id)?, &app.standing()?)))).await
}

/// Changes a draft.
#[utoipa::path(patch, path = "/taxonomy/drafts/{id}", tag = "taxonomy", security(("token" = ["review"])),
    params(("id" = u64, Path, description = "Of the draft")), request_body = DraftPatch, responses(
    (status = 200, body = DraftView),
    (status = 404, description = "There is no such draft", body = Problem, content_type = "application/problem+json"),
    (status = 422, description = "An operation cannot be done", body = Problem, content_type = "application/problem+json"),
    (status = "default", description = "Why not", body = Problem, content_type = "application/problem+json"),
))]
async fn change(
    State(app): State<Arc<App>>,
    principal: Principal,
    Path(id): Path<u64>,
    Json(asked): Json<DraftPatch>,
) -> Result<Json<DraftView>, Problem> {
    let edit = move |draft: &mut Draft, standing: &Standing| {
        draft.title = asked.title.unwrap_or_else(|| draft.title.clone());
        draft.note = asked.note.unwrap_or_else(|| draft.note.clone());
        if asked.rebase {
            draft.base_version = standing.version;
        }
        if let Some(operations) = asked.operations {
            draft.operations = operations;
            draft.edits(&*standing.tables).map_err(wrong)?;
        }
        Ok(())
    };
    app.aside(move |app| app.edit_draft(id, &principal, edit).map(Json)).await
}

/// Deletes a draft.
#[utoipa::path(delete, path = "/taxonomy/drafts/{id}", tag = "taxonomy", security(("token" = ["review"])),
    params(("id" = u64, Path, description = "Of the draft")), responses(
    (status = 204, description = "It is no more"),
    (status = 404, description = "There is no such draft", body = Problem, content_type = "application/problem+json"),
    (status = "default", description = "Why not", body = Problem, content_type = "application/problem+json"),
))]
async fn delete(State(app): State<Arc<App>>, principal: Principal, Path(id): Path<u64>) -> Result<StatusCode, Problem> {
    app.aside(move |app| {
        let _alone = app.drafts();
        let draft = app.draft(id)?;
        let mut entry = app.audited(&principal.name, "delete_draft", format!("draft/{id}"));
        entry.before = serde_json::to_value(&draft).ok();
        let mut commit = app.store.commit();
        commit.remove_draft(&name(id)).put_audit(entry.number, as_json(&entry));
        commit.write().and_then(|_| app.store.sync()).map_err(internal)?;
        Ok(StatusCode::NO_CONTENT)
    })
    .await
}

/// Adds operations to the end of a draft: all of them, or none where one cannot be done.
#[utoipa::path(post, path = "/taxonomy/drafts/{id}/operations", tag = "taxonomy", security(("token" = ["review"])),
    params(("id" = u64, Path, description = "Of the draft")), request_body = Operations, responses(
    (status = 200, body = DraftView),
    (status = 404, description = "There is no such draft", body = Problem, content_type = "application/problem+json"),
    (status = 422, description = "One cannot be done", body = Problem, content_type = "application/problem+json"),
    (status = "default", description = "Why not", body = Problem, content_type = "application/problem+json"),
))]
async fn append(
    State(app): State<Arc<App>>,
    principal: Principal,
    Path(id): Path<u64>,
    Json(asked): Json<Operations>,
) -> Result<Json<DraftView>, Problem> {
    let edit = move |draft: &mut Draft, standing: &Standing| {
        let before = draft.operations.len();
        draft.operations.extend(asked.operations);
        let mut errors = draft.edits(&*standing.tables).err().map(|errors| errors.0).unwrap_or_default();
        // What could not be done before is told with the draft, and does not stand in the way of what comes.
        errors.retain(|error| error.source.as_ref().is_some_and(|at| at.line as usize > before));
        Errors(errors).into_result().map_err(wrong)
    };
    app.aside(move |app| app.edit_draft(id, &principal, edit).map(Json)).await
}

/// Takes an operation out of a draft. What relied upon it is told as a problem of the draft.
#[utoipa::path(delete, path = "/taxonomy/drafts/{id}/operations/{n}", tag = "taxonomy", security(("token" = ["review"])),
    params(("id" = u64, Path, description = "Of the draft"), ("n" = usize, Path, description = "Which one, counted from 1")), responses(
    (status = 200, body = DraftView),
    (status = 404, description = "There is no such draft, or it has no such operation", body = Problem, content_type = "application/problem+json"),
    (status = "default", description = "Why not", body = Problem, content_type = "application/problem+json"),
))]
async fn remove(
    State(app): State<Arc<App>>,
    principal: Principal,
    Path((id, n)): Path<(u64, usize)>,
) -> Result<Json<DraftView>, Problem> {
    let edit = move |draft: &mut Draft, _: &Standing| {
        let count = draft.operations.len();
        if !(1..=count).contains(&n) {
            let error = Error::new(format!("draft {id} has no operation {n}"))
                .detail(format!("it has {count}, counted from 1"))
                .hint("GET /taxonomy/drafts/{id} lists them");
            return Err(Problem::not_found(error).kind("unknown-operation"));
        }
        draft.operations.remove(n - 1);
        Ok(())
    };
    app.aside(move |app| app.edit_draft(id, &principal, edit).map(Json)).await
}

/// What a draft comes to: the records it changes, each before and after, and what others changed under it.
#[utoipa::path(get, path = "/taxonomy/drafts/{id}/changes", tag = "taxonomy", security(("token" = ["review"])),
    params(("id" = u64, Path, description = "Of the draft")), responses(
    (status = 200, body = DraftChanges),
    (status = 404, description = "There is no such draft", body = Problem, content_type = "application/problem+json"),
    (status = "default", description = "Why not", body = Problem, content_type = "application/problem+json"),
))]
async fn changes(State(app): State<Arc<App>>, Path(id): Path<u64>) -> Result<Json<DraftChanges>, Problem> {
    app.aside(move |app| {
        let (draft, standing) = (app.draft(id)?, app.standing()?);
        let newer = app.versions(draft.base_version, standing.version)?;
        let (changes, problems) = match draft.edits(&*standing.tables) {
            Ok(edits) => (edits.into_iter().filter_map(|edit| changed(&*standing.tables, edit)).collect(), Vec::new()),
            Err(errors) => (Vec::new(), faults(errors)),
        };
        Ok(Json(DraftChanges {
            base_version: draft.base_version,
            version: standing.version,
            changes,
            conflicts: draft.conflicts(&*standing.tables, &newer),
            problems,
        }))
    })
    .await
}

impl App {
    /// From now on, until it is dropped, nobody else changes drafts.
    pub(super) fn drafts(&self) -> MutexGuard<'_, ()> {
        self.drafts.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A draft.
    pub(super) fn draft(&self, id: u64) -> Result<Draft, Problem> {
        let json = self.store.draft(&name(id)).map_err(internal)?.ok_or_else(|| {
            let error = Error::new(format!("there is no draft {id}"))
                .detail("it was published or deleted, or there never was one")
                .hint("GET /taxonomy/drafts lists them");
            Problem::not_found(error).kind("unknown-draft")
        })?;
        kept(&json).map_err(internal)
    }

    fn edit_draft(
        &self,
        id: u64,
        principal: &Principal,
        edit: impl FnOnce(&mut Draft, &Standing) -> Result<(), Problem>,
    ) -> Result<DraftView, Problem> {
        let _alone = self.drafts();
        let (before, standing) = (self.draft(id)?, self.standing()?);
        let mut draft = before.clone();
        edit(&mut draft, &standing)?;
        draft.updated_at = (self.now)();
        let mut entry = self.audited(&principal.name, "change_draft", format!("draft/{id}"));
        (entry.before, entry.after) = (serde_json::to_value(&before).ok(), serde_json::to_value(&draft).ok());
        self.keep_draft(&draft, &entry)?;
        Ok(view(&draft, &standing))
    }

    fn keep_draft(&self, draft: &Draft, entry: &AuditEntry) -> Result<(), Problem> {
        let mut commit = self.store.commit();
        commit.put_draft(&name(draft.id), as_json(draft)).put_audit(entry.number, as_json(entry));
        commit.write().and_then(|_| self.store.sync()).map_err(internal)?;
        Ok(())
    }
}

/// What the store calls a draft.
pub(super) fn name(id: u64) -> String {
    id.to_string()
}

fn view(draft: &Draft, standing: &Standing) -> DraftView {
    let (records, problems) = match draft.edits(&*standing.tables) {
        Ok(edits) => (Some(edits.len()), Vec::new()),
        Err(errors) => (None, faults(errors)),
    };
    DraftView {
        id: draft.id,
        title: draft.title.clone(),
        note: draft.note.clone(),
        author: draft.author.clone(),
        created_at: rfc3339(draft.created_at),
        updated_at: rfc3339(draft.updated_at),
        base_version: draft.base_version,
        version: standing.version,
        operations: draft.operations.clone(),
        records,
        problems,
    }
}

/// What an edit does to these records.
fn changed(records: &dyn Records, edit: Edit) -> Option<Changed> {
    let (key, after) = match edit {
        Edit::Put(line) => (line.key()?, Some(values::of_line(&line))),
        Edit::Delete(key) => (key, None),
    };
    let before = records.get(&key).map(|line| values::of_line(&line));
    Some(Changed { key: shown_key(&key), before, after })
}

fn faults(errors: Errors) -> Vec<Fault> {
    let fault = |error: Error| Fault {
        title: error.primary,
        detail: error.detail,
        hint: error.hint,
        at: error.source.map(|source| source.to_string()),
    };
    errors.0.into_iter().map(fault).collect()
}

/// 422: operations that cannot be done.
pub(super) fn wrong(errors: Errors) -> Problem {
    Problem::of_errors(StatusCode::UNPROCESSABLE_ENTITY, errors).kind("operation")
}

/// 409: operations that cannot be done any more.
pub(super) fn outdated(errors: Errors) -> Problem {
    Problem::of_errors(StatusCode::CONFLICT, errors).kind("operation")
}
