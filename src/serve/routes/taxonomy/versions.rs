//! Which versions of the taxonomy are there, and how do two differ?

use crate::editing::{Changed, Version, versions};
use crate::error::Error;
use crate::serve::access::{Access, Scope, require};
use crate::serve::app::App;
use crate::serve::extract::{Json, Path, Query};
use crate::serve::page;
use crate::serve::problem::Problem;
use crate::serve::standing::{internal, known, shown};
use crate::store::StoredVersion;
use crate::time::rfc3339;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::sync::Arc;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// Which versions.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct VersionsWanted {
    /// Rows of a page, 1 to 1000; 50 unless said.
    limit: Option<usize>,
    /// `next` of the page before.
    cursor: Option<String>,
}

/// Which two versions.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct DiffWanted {
    /// The number of the one before.
    from: u64,
    /// The number of the one after; the last one, unless said.
    to: Option<u64>,
}

/// A page of versions, newest first.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct Versions {
    /// Newest first.
    pub versions: Vec<VersionRow>,
    /// The cursor of the next page; null at the end.
    pub next: Option<String>,
    /// The number of the last version. The first is what the service began with; it is not listed.
    pub version: u64,
}

/// A version in a list.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct VersionRow {
    /// Its number.
    pub number: u64,
    /// When it was made (RFC 3339).
    pub at: String,
    /// A token's name, or the source that brought it.
    pub author: String,
    /// Why.
    pub why: String,
    /// The draft that it was.
    pub draft: Option<u64>,
    /// The version that it brought back.
    pub undoes: Option<u64>,
    /// How many records of each kind it changed.
    pub changed: BTreeMap<String, usize>,
}

/// A version, whole.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct VersionView {
    /// Its number.
    pub number: u64,
    /// When it was made (RFC 3339).
    pub at: String,
    /// A token's name, or the source that brought it.
    pub author: String,
    /// Why.
    pub why: String,
    /// The draft that it was.
    pub draft: Option<u64>,
    /// The version that it brought back.
    pub undoes: Option<u64>,
    /// Each record that it changed, by key.
    pub changes: Vec<Changed>,
}

/// How two versions differ.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct VersionDiff {
    /// The one before.
    pub from: u64,
    /// The one after.
    pub to: u64,
    /// Each record that differs, by key.
    pub changes: Vec<Changed>,
}

pub(super) fn routes(access: &Arc<Access>) -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new()
        .routes(routes!(list))
        .routes(routes!(one))
        .routes(routes!(diff))
        .route_layer(require(access, Scope::Read))
}

/// The versions of the taxonomy, newest first.
#[utoipa::path(get, path = "/taxonomy/versions", tag = "taxonomy", params(VersionsWanted), responses(
    (status = 200, body = Versions),
    (status = "default", description = "Why not", body = Problem, content_type = "application/problem+json"),
))]
async fn list(State(app): State<Arc<App>>, Query(asked): Query<VersionsWanted>) -> Result<Json<Versions>, Problem> {
    let most = page::rows(asked.limit)?;
    let before = asked.cursor.as_deref().map(page::place::<u64>).transpose()?.unwrap_or(u64::MAX);
    app.aside(move |app| {
        let version = app.standing()?.version;
        let mut found = app.store.versions_before(before, most + 1).map_err(internal)?;
        let more = found.len() > most;
        found.truncate(most);
        let next = found.last().filter(|_| more).map(|last| page::cursor(&last.number));
        Ok(Json(Versions { versions: found.iter().map(row).collect(), next, version }))
    })
    .await
}

/// A version, with each record that it changed, before and after.
#[utoipa::path(get, path = "/taxonomy/versions/{n}", tag = "taxonomy",
    params(("n" = u64, Path, description = "Its number")), responses(
    (status = 200, body = VersionView),
    (status = 404, description = "There is no such version, or it is not kept", body = Problem, content_type = "application/problem+json"),
    (status = "default", description = "Why not", body = Problem, content_type = "application/problem+json"),
))]
async fn one(State(app): State<Arc<App>>, Path(n): Path<u64>) -> Result<Json<VersionView>, Problem> {
    app.aside(move |app| {
        known(n, app.standing()?.version)?;
        if n == 1 {
            let error = Error::new("version 1 is what the service began with")
                .detail("it changed nothing")
                .hint("GET /taxonomy/export?as_of=1 gives it whole");
            return Err(Problem::not_found(error).kind("unknown-version"));
        }
        let version = app.versions(n - 1, n)?.pop();
        let Version { number, at, author, why, draft, undoes, changes } =
            version.ok_or_else(|| internal(Error::new("a version is there and is not")))?;
        Ok(Json(VersionView { number, at: rfc3339(at), author, why, draft, undoes, changes }))
    })
    .await
}

/// How two versions differ: each record, before and after.
#[utoipa::path(get, path = "/taxonomy/diff", tag = "taxonomy", params(DiffWanted), responses(
    (status = 200, body = VersionDiff),
    (status = 404, description = "There is no such version, or it is not known any more", body = Problem, content_type = "application/problem+json"),
    (status = "default", description = "Why not", body = Problem, content_type = "application/problem+json"),
))]
async fn diff(State(app): State<Arc<App>>, Query(asked): Query<DiffWanted>) -> Result<Json<VersionDiff>, Problem> {
    app.aside(move |app| {
        let last = app.standing()?.version;
        let (from, to) = (asked.from, asked.to.unwrap_or(last));
        known(from, last)?;
        known(to, last)?;
        let between = app.versions(from.min(to), from.max(to))?;
        let mut changes = versions::diff(&between);
        if from > to {
            changes = changes.into_iter().map(Changed::reversed).collect();
        }
        Ok(Json(VersionDiff { from, to, changes }))
    })
    .await
}

fn row(stored: &StoredVersion) -> VersionRow {
    let version = shown(stored.clone());
    let mut changed: BTreeMap<String, usize> = BTreeMap::new();
    for change in &version.changes {
        *changed.entry(change.kind().to_owned()).or_default() += 1;
    }
    let Version { number, at, author, why, draft, undoes, .. } = version;
    VersionRow { number, at: rfc3339(at), author, why, draft, undoes, changed }
}
