//! How are tokens made and taken back over HTTP? `/tokens`, for admins.

use super::tokens::Refusal;
use super::{Access, Principal, Scope, TokenView, millis_of, require};
use crate::error::Error;
use crate::serve::extract::{Json, Path};
use crate::serve::problem::Problem;
use axum::extract::State;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// A token to be made.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewToken {
    /// What it is called: the audit log names who did something by it. A name is given once.
    pub name: String,
    /// What it may be used for.
    pub scopes: Vec<Scope>,
    /// How long it counts, such as `90d`, `12h` or `30m`; for ever without it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_in: Option<String>,
}

/// A token that was made.
#[derive(Serialize, Deserialize, ToSchema)]
pub struct MadeToken {
    /// The token itself. It is told here and never again.
    pub token: String,
    /// What is kept of it.
    #[serde(flatten)]
    pub view: TokenView,
}

impl std::fmt::Debug for MadeToken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("MadeToken").field("view", &self.view).finish_non_exhaustive()
    }
}

/// All tokens.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct Tokens {
    /// By name.
    pub tokens: Vec<TokenView>,
}

/// The routes, guarded.
pub fn routes<S: Clone + Send + Sync + 'static>(access: &Arc<Access>) -> OpenApiRouter<S> {
    OpenApiRouter::<Arc<Access>>::new()
        .routes(routes!(list, create))
        .routes(routes!(revoke))
        .route_layer(require(access, Scope::Admin))
        .with_state(access.clone())
}

/// All tokens, without the tokens themselves.
#[utoipa::path(get, path = "/tokens", tag = "access", security(("token" = ["admin"])), responses(
    (status = 200, body = Tokens),
    (status = 401, body = Problem, content_type = "application/problem+json"),
    (status = 403, body = Problem, content_type = "application/problem+json"),
))]
pub async fn list(State(access): State<Arc<Access>>) -> Json<Tokens> {
    Json(Tokens { tokens: access.list() })
}

/// Makes a token, and tells it once.
#[utoipa::path(post, path = "/tokens", tag = "access", security(("token" = ["admin"])), request_body = NewToken, responses(
    (status = 201, body = MadeToken),
    (status = 400, body = Problem, content_type = "application/problem+json"),
    (status = 401, body = Problem, content_type = "application/problem+json"),
    (status = 403, body = Problem, content_type = "application/problem+json"),
    (status = 409, body = Problem, description = "The name is taken", content_type = "application/problem+json"),
    (status = 415, body = Problem, content_type = "application/problem+json"),
    (status = 422, body = Problem, content_type = "application/problem+json"),
))]
pub async fn create(
    State(access): State<Arc<Access>>,
    principal: Principal,
    Json(new): Json<NewToken>,
) -> Result<(StatusCode, Json<MadeToken>), Problem> {
    let lives = new.expires_in.as_deref().map(millis_of).transpose().map_err(Problem::unprocessable)?;
    let made =
        aside(move || access.create(&new.name, new.scopes.into_iter().collect(), lives, &principal.name)).await?;
    let (secret, view) = made.map_err(problem)?;
    Ok((StatusCode::CREATED, Json(MadeToken { token: secret.expose().to_owned(), view })))
}

/// Takes a token back, for good. One that is back already stays as it is.
#[utoipa::path(delete, path = "/tokens/{name}", tag = "access", security(("token" = ["admin"])), params(
    ("name" = String, Path, description = "What it is called"),
), responses(
    (status = 200, body = TokenView),
    (status = 401, body = Problem, content_type = "application/problem+json"),
    (status = 403, body = Problem, content_type = "application/problem+json"),
    (status = 404, body = Problem, content_type = "application/problem+json"),
))]
pub async fn revoke(
    State(access): State<Arc<Access>>,
    principal: Principal,
    Path(name): Path<String>,
) -> Result<Json<TokenView>, Problem> {
    aside(move || access.revoke(&name, &principal.name)).await?.map(Json).map_err(problem)
}

/// On a thread that may wait for the disk.
async fn aside<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, Problem> {
    let done = tokio::task::spawn_blocking(work).await;
    done.map_err(|error| Problem::internal(&Error::new("work was ended").detail(error.to_string())))
}

fn problem(refusal: Refusal) -> Problem {
    match refusal {
        Refusal::Unfit(error) => Problem::unprocessable(error),
        Refusal::Taken(error) => Problem::conflict(error),
        Refusal::Unknown(error) => Problem::not_found(error).kind("unknown-token"),
        Refusal::Unkept(error) => Problem::internal(&error),
    }
}
