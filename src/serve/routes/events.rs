//! What changes, as it changes? `/events/{view}`, as server-sent events.
//!
//! First comes the view whole at one epoch, then every later epoch that changes it. Who folds them (a key's last value
//! counts, what is removed goes) has the view of any epoch at which an event says `complete`.

use crate::error::Error;
use crate::serve::access::{Access, Scope, require};
use crate::serve::app::App;
use crate::serve::extract::{Path, Query};
use crate::serve::followed::{View, Wanted};
use crate::serve::problem::Problem;
use crate::serve::stream::{Asked, events};
use axum::extract::State;
use axum::http::{HeaderMap, HeaderName, HeaderValue};
use axum::response::sse::Sse;
use axum::response::{IntoResponse, Response};
use rolestream_dataflows::driver::Epoch;
use rolestream_dataflows::id::Id;
use serde::Deserialize;
use std::sync::Arc;
use utoipa::IntoParams;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// With which a client that comes back says how far it was.
const LAST_EVENT_ID: &str = "last-event-id";
/// Proxies that gather an answer before they pass it on are asked not to.
const UNBUFFERED: (HeaderName, HeaderValue) =
    (HeaderName::from_static("x-accel-buffering"), HeaderValue::from_static("no"));

/// From where, and what of it.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct Following {
    /// Go on after this epoch, the last one that was seen; without it a snapshot comes first. The header Last-Event-ID
    /// says the same, and wins.
    after: Option<u64>,
    /// Only rows that name the role of this slug.
    role: Option<String>,
}

/// Which views, from where, and what of them.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct FollowingSeveral {
    /// Their names, with commas between them.
    views: String,
    /// As of one view.
    after: Option<u64>,
    /// As of one view.
    role: Option<String>,
}

pub(super) fn routes(access: &Arc<Access>) -> OpenApiRouter<Arc<App>> {
    let routes = OpenApiRouter::new().routes(routes!(several)).routes(routes!(one));
    routes.route_layer(require(access, Scope::Read))
}

/// A view, and what changes in it, until the client leaves.
///
/// Views: `decisions`, `centroids`, `day-centroids`, `skill-support`, `kra-support`, `collisions`, `undecided`, `new-roles`,
/// `new-skills`, `new-kras`, `novel-sentences`, `impact`, `skill-clusters`, `counts`, `baselines`; and the log
/// `role-changes`. Keys and values are those of the changelogs.
///
/// | event | when | data |
/// |---|---|---|
/// | `snapshot` | first, unless it goes on from an epoch that is kept | as of `change`, and `why`: `first`, `too_old` or `unknown_epoch`. What was known before counts no more |
/// | `change` | an epoch changed the view | `{epoch, taxonomy_version, put: [{key, value}], removed: [key], part, complete}` |
/// | `dropped` | the client reads more slowly than things change; the stream ends | `{reason, title, detail, hint, epoch}` |
/// | `closing` | the service ends; the stream ends | the same |
/// | `failed` | the service failed; the stream ends | the same |
///
/// An epoch or snapshot with many rows comes in several events, `part` 0, 1, …; the last one is `complete`, and only that
/// one has the epoch as its id. Where nothing happens, a comment comes every `http.heartbeat_seconds`.
#[utoipa::path(get, path = "/events/{view}", tag = "events", params(
    ("view" = String, Path, description = "Its name, such as decisions"), Following,
    ("Last-Event-ID" = Option<u64>, Header, description = "The last epoch that was seen; browsers send it by themselves"),
), responses(
    (status = 200, description = "Events, without an end", body = String, content_type = "text/event-stream"),
    (status = 404, description = "There is no such view, or no such role", body = Problem, content_type = "application/problem+json"),
    (status = 503, description = "Too many subscriptions are open", body = Problem, content_type = "application/problem+json"),
    (status = "default", description = "Why not", body = Problem, content_type = "application/problem+json"),
))]
async fn one(
    State(app): State<Arc<App>>,
    Path(view): Path<String>,
    Query(asked): Query<Following>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    follow(&app, &[view.as_str()], false, asked, &headers)
}

/// Several views at once, until the client leaves: an event has what one epoch changed in all of them.
///
/// As of one view, but rows stand under their view: `{epoch, taxonomy_version, views: {decisions: {put, removed}, …}, part,
/// complete}`.
#[utoipa::path(get, path = "/events", tag = "events", params(FollowingSeveral,
    ("Last-Event-ID" = Option<u64>, Header, description = "The last epoch that was seen; browsers send it by themselves"),
), responses(
    (status = 200, description = "Events, without an end", body = String, content_type = "text/event-stream"),
    (status = 404, description = "There is no such view, or no such role", body = Problem, content_type = "application/problem+json"),
    (status = 503, description = "Too many subscriptions are open", body = Problem, content_type = "application/problem+json"),
    (status = "default", description = "Why not", body = Problem, content_type = "application/problem+json"),
))]
async fn several(
    State(app): State<Arc<App>>,
    Query(asked): Query<FollowingSeveral>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let names: Vec<&str> = asked.views.split(',').map(str::trim).collect();
    follow(&app, &names, true, Following { after: asked.after, role: asked.role.clone() }, &headers)
}

fn follow(
    app: &Arc<App>,
    names: &[&str],
    by_view: bool,
    asked: Following,
    headers: &HeaderMap,
) -> Result<Response, Problem> {
    let views = names.iter().map(|name| View::named(name)).collect::<Result<_, Error>>();
    let views = views.map_err(|error| Problem::not_found(error).kind("unknown-view"))?;
    let role = asked.role.as_deref().map(|slug| role_of(app, slug)).transpose()?;
    let wanted = Wanted::new(views, role).map_err(Problem::unprocessable)?;
    let after = seen(headers)?.or(asked.after);
    if app.closing.is_announced() {
        return Err(Problem::closed(Error::new("the service is ending").hint("come back when it runs again")));
    }
    let slot = app.limits.subscribe()?;
    let events = events(app, Asked { wanted, by_view, after }, slot);
    Ok(([UNBUFFERED], Sse::new(events)).into_response())
}

/// The last epoch that the client saw, as it says when it comes back.
fn seen(headers: &HeaderMap) -> Result<Option<Epoch>, Problem> {
    let Some(value) = headers.get(LAST_EVENT_ID) else { return Ok(None) };
    let text = value.to_str().unwrap_or("?");
    // A client that saw no id yet sends an empty one.
    if text.is_empty() {
        return Ok(None);
    }
    text.parse().map(Some).map_err(|_| {
        Problem::bad_request(
            Error::new("Last-Event-ID is no epoch")
                .detail(format!("it is {text:?}; the ids of events are whole numbers"))
                .hint("send the id of the last event as it came, or leave the header out to begin with a snapshot"),
        )
    })
}

/// The role of a slug.
fn role_of(app: &App, slug: &str) -> Result<Id, Problem> {
    let id = Id::role(slug);
    match app.lookup.names().role(id) {
        Some(_) => Ok(id),
        None => Err(Problem::not_found(
            Error::new(format!("there is no role \"{slug}\""))
                .detail("neither now nor earlier")
                .hint("GET /roles lists them by their slugs"),
        )
        .kind("unknown-role")),
    }
}
