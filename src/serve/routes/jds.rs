//! How do many JDs come in at once? As JSON lines, as in a raw topic; and a token tells when all of it is visible.
//!
//! A token is the epoch at which the last of them takes effect: every answer at that epoch or later knows of them.

use crate::error::Error;
use crate::serve::access::{Access, Principal, Scope, require};
use crate::serve::app::App;
use crate::serve::extract::{Path, Query};
use crate::serve::problem::Problem;
use crate::service::Submission;
use crate::sources::{Incoming, Kind, Message, Position, Stream, decode};
use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use std::time::{Duration, Instant};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// JDs parsed and handed in at once: while these are kept, the next are parsed.
const CHUNK: usize = 512;
/// How long a request waits at most, in seconds.
const LONGEST: u64 = 120;

/// How long to wait.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct Waiting {
    /// Seconds to wait until every output of this input is visible, 0 to 120; without it the answer comes at once.
    wait: Option<u64>,
}

/// What came of many JDs.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Bulk {
    /// Lines that were taken: JDs put and withdrawn.
    pub taken: usize,
    /// Of these, such as said nothing new.
    pub unchanged: usize,
    /// Lines that could not be read; nothing of them was taken.
    pub refused: Vec<RefusedLine>,
    /// For `/completion/{token}`; and the epoch from which on every answer knows of all of them.
    pub token: String,
    /// Whether all of it is visible by now.
    pub visible: bool,
}

/// A line that could not be read.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[allow(missing_docs, reason = "the names say it")]
pub struct RefusedLine {
    /// From 1.
    pub line: usize,
    pub reason: &'static str,
    pub title: String,
    pub detail: Option<String>,
    pub hint: Option<String>,
}

/// Whether an input is visible.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Completion {
    /// As asked.
    pub token: String,
    /// Whether every output of that input is visible.
    pub visible: bool,
    /// The last epoch of which everything is.
    pub epoch: u64,
}

pub(super) fn routes(access: &Arc<Access>) -> OpenApiRouter<Arc<App>> {
    let submitting = OpenApiRouter::new().routes(routes!(bulk)).route_layer(require(access, Scope::Submit));
    submitting.merge(OpenApiRouter::new().routes(routes!(completion)).route_layer(require(access, Scope::Read)))
}

/// Takes JDs in, one JSON object a line: `{"id", "text", "title"?, "company"?, "received_at"?}`, or
/// `{"id", "withdrawn": true}`; an object with `nano_parsed` was parsed elsewhere.
#[utoipa::path(post, path = "/jds", tag = "jds", security(("token" = ["submit"])), params(Waiting),
    request_body(content = String, content_type = "application/x-ndjson"), responses(
    (status = 200, description = "All of it is visible", body = Bulk),
    (status = 202, description = "All of it is kept, and becomes visible", body = Bulk),
    (status = "default", description = "Why not", body = Problem, content_type = "application/problem+json"),
))]
async fn bulk(
    State(app): State<Arc<App>>,
    principal: Principal,
    Query(asked): Query<Waiting>,
    request: Request,
) -> Result<Response, Problem> {
    let until = asked.deadline()?;
    let body = crate::serve::extract::body(request, &app).await?;
    app.aside(move |app| {
        let mut bulk = Bulk { taken: 0, unchanged: 0, refused: Vec::new(), token: String::new(), visible: false };
        let mut tickets = Vec::new();
        let mut submissions = Vec::new();
        let mut lines = body.split(|byte| *byte == b'\n').enumerate().peekable();
        while let Some((place, line)) = lines.next() {
            match read(line, place + 1) {
                Ok(None) => {}
                Ok(Some(submission)) => submissions.push(submission),
                Err(refused) => bulk.refused.push(refused),
            }
            if submissions.len() == CHUNK || (lines.peek().is_none() && !submissions.is_empty()) {
                bulk.taken += submissions.len();
                let jds = app.desk.prepare("http", std::mem::take(&mut submissions));
                let done = jds.and_then(|jds| app.desk.submit(jds, |_, _| ())).map_err(Problem::closed)?;
                bulk.unchanged += done.unchanged;
                tickets.extend(done.tickets);
            }
        }
        if bulk.taken == 0 && !bulk.refused.is_empty() {
            let first = &bulk.refused[0];
            let error = Error::new("no line could be read")
                .detail(format!("line {}: {}", first.line, first.title))
                .hint(first.hint.clone().unwrap_or_else(|| "send a JSON object a line".to_owned()));
            return Err(Problem::unprocessable(error));
        }
        app.store.sync().map_err(|error| Problem::internal(&error))?;
        tracing::info!(taken = bulk.taken, refused = bulk.refused.len(), by = &*principal.name, "JDs came over HTTP");
        let epoch = tickets.last().map_or_else(|| app.engine.last_closed(), |ticket| ticket.epoch());
        bulk.token = epoch.to_string();
        bulk.visible = app.visible(epoch, until)?;
        let status = if bulk.visible { StatusCode::OK } else { StatusCode::ACCEPTED };
        Ok((status, axum::Json(bulk)).into_response())
    })
    .await
}

/// Whether every output of an input is visible; waits for it if asked to.
#[utoipa::path(get, path = "/completion/{token}", tag = "jds", params(Waiting, ("token" = String, Path, description = "As a bulk submission gave it")), responses(
    (status = 200, body = Completion),
    (status = "default", description = "Why not", body = Problem, content_type = "application/problem+json"),
))]
async fn completion(
    State(app): State<Arc<App>>,
    Path(token): Path<String>,
    Query(asked): Query<Waiting>,
) -> Result<axum::Json<Completion>, Problem> {
    let until = asked.deadline()?;
    let epoch: u64 = token.parse().map_err(|_| {
        Problem::unprocessable(
            Error::new("this is no completion token")
                .detail(format!("{token:?}"))
                .hint("take it from the field \"token\" of what POST /jds answered"),
        )
    })?;
    app.aside(move |app| {
        let visible = app.visible(epoch, until)?;
        Ok(axum::Json(Completion { token, visible, epoch: app.engine.last_closed() }))
    })
    .await
}

impl Waiting {
    fn deadline(&self) -> Result<Option<Instant>, Problem> {
        match self.wait {
            Some(seconds) if seconds > LONGEST => Err(Problem::unprocessable(
                Error::new("wait does not fit")
                    .detail(format!("it is {seconds} seconds; a request waits at most {LONGEST}"))
                    .hint("ask again with the token"),
            )),
            wait => Ok(wait.map(|seconds| Instant::now() + Duration::from_secs(seconds))),
        }
    }
}

impl App {
    /// Whether an epoch has closed and its facts are kept; waits for it until then.
    fn visible(&self, epoch: u64, until: Option<Instant>) -> Result<bool, Problem> {
        self.engine.wait_for_epoch(epoch, until).map_err(|error| Problem::internal(&error))
    }
}

/// What a line says; `None`: nothing.
fn read(line: &[u8], number: usize) -> Result<Option<Submission>, RefusedLine> {
    if line.iter().all(u8::is_ascii_whitespace) {
        return Ok(None);
    }
    let parsed = line.windows(13).any(|part| part == b"\"nano_parsed\"");
    let message = Message {
        kind: if parsed { Kind::Parsed } else { Kind::Raw },
        stream: Stream { source: "http".into(), name: "body".into(), partition: 0 },
        offset: number as i64,
        read_to: Position::default(),
        key: None,
        value: Some(line.to_vec()),
        timestamp: None,
        headers: Vec::new(),
    };
    match decode(&message) {
        Ok(Incoming::Jd(document)) => Ok(Some(Submission::Raw(document))),
        Ok(Incoming::Parsed(parsed)) => Ok(Some(Submission::Parsed(parsed))),
        Ok(Incoming::Withdrawn(id)) => Ok(Some(Submission::Withdrawn(id))),
        Ok(Incoming::Edit(_) | Incoming::Nothing) => Ok(None),
        Err(refusal) => Err(RefusedLine {
            line: number,
            reason: refusal.reason.name(),
            title: refusal.error.primary,
            detail: refusal.error.detail,
            hint: refusal.error.hint,
        }),
    }
}
