//! What did people decide, and how is it taken back? `/review-history`

use crate::review::Queue;
use crate::review::history::Wanted;
use crate::serve::access::{Access, Principal, Scope, require};
use crate::serve::app::App;
use crate::serve::extract::{Json, Path, Query};
use crate::serve::page;
use crate::serve::problem::Problem;
use crate::serve::reviewing::{Settled, Told};
use axum::extract::State;
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// Which decisions.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct HistoryWanted {
    /// By the token of this name.
    who: Option<String>,
    /// About rows of this queue, such as `new_skills`.
    queue: Option<String>,
    /// About this row, by its number.
    row: Option<u64>,
    /// Decisions of a page, 1 to 1000; 50 unless said.
    limit: Option<usize>,
    /// `next` of the page before.
    cursor: Option<String>,
}

/// A page of decisions.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[schema(as = ReviewDecisions)]
pub struct Decisions {
    /// The latest first.
    pub decisions: Vec<Told>,
    /// The cursor of the next page; null at the end.
    pub next: Option<String>,
}

/// Why something is taken back.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = UndoReason)]
pub struct Reason {
    /// Why; it is kept.
    #[serde(default)]
    pub reason: String,
}

pub(super) fn routes(access: &Arc<Access>) -> OpenApiRouter<Arc<App>> {
    let reading = OpenApiRouter::new().routes(routes!(history)).route_layer(require(access, Scope::Read));
    let reviewing = OpenApiRouter::new().routes(routes!(undo)).route_layer(require(access, Scope::Review));
    reading.merge(reviewing)
}

/// What people decided: who, what, when, why, and what it changed; the latest first.
#[utoipa::path(get, path = "/review-history", tag = "reviews", params(HistoryWanted), responses(
    (status = 200, body = Decisions),
    (status = "default", description = "Why not", body = Problem, content_type = "application/problem+json"),
))]
async fn history(State(app): State<Arc<App>>, Query(asked): Query<HistoryWanted>) -> Result<Json<Decisions>, Problem> {
    let most = page::rows(asked.limit)?;
    let queue = asked.queue.as_deref().map(str::parse::<Queue>).transpose().map_err(Problem::unprocessable)?;
    let before = asked.cursor.as_deref().map(page::place::<u64>).transpose()?;
    let wanted = Wanted { who: asked.who, queue, row: asked.row, before, limit: most + 1 };
    app.aside(move |app| {
        let mut decisions = app.reviewing.log.list(&wanted);
        let more = decisions.len() > most;
        decisions.truncate(most);
        let next = decisions.last().filter(|_| more).map(|last| page::cursor(&last.number));
        Ok(Json(Decisions { decisions, next }))
    })
    .await
}

/// Takes a decision back: each record is again what it was, if nobody changed it since.
#[utoipa::path(post, path = "/review-history/{number}/undo", tag = "reviews", security(("token" = ["review"])), params(("number" = u64, Path, description = "As the history has it")), request_body = Reason, responses(
    (status = 200, body = Settled),
    (status = 404, description = "There is no such decision", body = Problem, content_type = "application/problem+json"),
    (status = 409, description = "It was taken back already, or what it did was changed since", body = Problem, content_type = "application/problem+json"),
    (status = "default", description = "Why not", body = Problem, content_type = "application/problem+json"),
))]
async fn undo(
    State(app): State<Arc<App>>,
    principal: Principal,
    Path(number): Path<u64>,
    Json(asked): Json<Reason>,
) -> Result<Json<Settled>, Problem> {
    app.aside(move |app| app.undo(number, &asked.reason, &principal).map(Json)).await
}
