//! What does a client read when a request is refused? Problem details (RFC 9457), made of the program's own messages.
//!
//! What is wrong is the title, what was found the detail, what to do the hint. A problem that a client may want to tell
//! apart has a type of its own, `/problems/…`, which stays as it is.

use crate::error::{Error, Errors};
use crate::telemetry::metrics::Refused;
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use std::time::Duration;
use utoipa::openapi::{RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};

/// The media type of problems.
pub const MEDIA_TYPE: &str = "application/problem+json";
/// The type of a problem that its status says enough of.
const BLANK: &str = "about:blank";

/// Why a request was refused, or failed (RFC 9457).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = Problem)]
pub struct Details {
    /// What kind of problem it is: `about:blank`, or a path such as `/problems/unknown-run` that stays as it is.
    #[serde(rename = "type", default = "blank")]
    pub kind: String,
    /// What is wrong.
    pub title: String,
    /// The status of the answer.
    pub status: u16,
    /// What was found, and what was expected.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
    /// What to do.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hint: Option<String>,
    /// What it happened to, such as `/runs/17`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub instance: Option<String>,
    /// All that is wrong, where it is more than one thing.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<Fault>,
}

/// One of several things that are wrong.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Fault {
    /// What is wrong.
    pub title: String,
    /// What was found, and what was expected.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
    /// What to do.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hint: Option<String>,
    /// Where: a line or a field of what was sent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<String>,
}

fn blank() -> String {
    BLANK.to_owned()
}

/// A problem on its way to a client.
#[derive(Clone, Debug)]
pub struct Problem(Box<Inner>);

#[derive(Clone, Debug)]
struct Inner {
    details: Details,
    headers: Vec<(HeaderName, HeaderValue)>,
    refused: Option<Refused>,
}

impl Problem {
    /// A problem with this status.
    pub fn new(status: StatusCode, error: Error) -> Problem {
        // Where it is belongs to what was found: a line of what was sent.
        let detail = match (error.source, error.detail) {
            (Some(source), Some(detail)) => Some(format!("{source}: {detail}")),
            (Some(source), None) => Some(source.to_string()),
            (None, detail) => detail,
        };
        let details = Details {
            kind: blank(),
            title: error.primary,
            status: status.as_u16(),
            detail,
            hint: error.hint,
            instance: None,
            errors: Vec::new(),
        };
        Problem(Box::new(Inner { details, headers: Vec::new(), refused: None }))
    }

    /// Several things are wrong at once; a single one is a problem like any other.
    pub fn of_errors(status: StatusCode, errors: Errors) -> Problem {
        let mut errors = errors.0;
        if errors.len() == 1 {
            return Problem::new(status, errors.remove(0));
        }
        let mut problem = Problem::new(status, Error::new(format!("{} things are wrong", errors.len())));
        let fault = |error: Error| Fault {
            title: error.primary,
            detail: error.detail,
            hint: error.hint,
            at: error.source.map(|source| source.to_string()),
        };
        problem.0.details.errors = errors.into_iter().map(fault).collect();
        problem
    }

    /// 400: it cannot be read.
    pub fn bad_request(error: Error) -> Problem {
        Problem::new(StatusCode::BAD_REQUEST, error)
    }

    /// 401: who asks is not known.
    pub fn unauthorized(error: Error) -> Problem {
        let problem = Problem::new(StatusCode::UNAUTHORIZED, error);
        problem.header(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer realm=\"rolestream\""))
    }

    /// 403: who asks may not.
    pub fn forbidden(error: Error) -> Problem {
        Problem::new(StatusCode::FORBIDDEN, error)
    }

    /// 404: there is no such thing.
    pub fn not_found(error: Error) -> Problem {
        Problem::new(StatusCode::NOT_FOUND, error)
    }

    /// 409: not as things stand.
    pub fn conflict(error: Error) -> Problem {
        Problem::new(StatusCode::CONFLICT, error)
    }

    /// 413: there is more of it than is taken.
    pub fn too_large(error: Error) -> Problem {
        Problem::new(StatusCode::PAYLOAD_TOO_LARGE, error)
    }

    /// 415: it is of another media type than is read.
    pub fn unsupported(error: Error) -> Problem {
        Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, error)
    }

    /// 422: it can be read, and makes no sense.
    pub fn unprocessable(error: Error) -> Problem {
        Problem::new(StatusCode::UNPROCESSABLE_ENTITY, error)
    }

    /// 429: too often; when to come back.
    pub fn too_many(error: Error, after: Duration) -> Problem {
        Problem::new(StatusCode::TOO_MANY_REQUESTS, error).retry_after(after)
    }

    /// 503: not now; when to come back.
    pub fn unavailable(error: Error, after: Duration) -> Problem {
        Problem::new(StatusCode::SERVICE_UNAVAILABLE, error).retry_after(after)
    }

    /// 503: nothing can be changed now, for the service starts or ends.
    pub fn closed(error: Error) -> Problem {
        Problem::unavailable(error, Duration::from_secs(1))
    }

    /// 500: the service failed. What failed is for the log, not for clients: it may name files of this machine.
    pub fn internal(error: &Error) -> Problem {
        tracing::error!(%error, "a request failed");
        let told = Error::new("the service failed at this request")
            .hint("the service's log says why; name the answer's x-request-id to whoever runs it");
        Problem::new(StatusCode::INTERNAL_SERVER_ERROR, told)
    }

    /// Of a kind that clients may want to tell apart: `unknown-run` becomes `/problems/unknown-run`.
    pub fn kind(mut self, slug: &str) -> Problem {
        self.0.details.kind = format!("/problems/{slug}");
        self
    }

    /// With what it happened to.
    pub fn instance(mut self, instance: impl Into<String>) -> Problem {
        self.0.details.instance = Some(instance.into());
        self
    }

    /// With a header.
    pub fn header(mut self, name: HeaderName, value: HeaderValue) -> Problem {
        self.0.headers.push((name, value));
        self
    }

    /// Counted as refused before its route saw it.
    pub fn counted(mut self, reason: Refused) -> Problem {
        self.0.refused = Some(reason);
        self
    }

    /// What is said.
    pub fn details(&self) -> &Details {
        &self.0.details
    }

    /// The status.
    pub fn status(&self) -> StatusCode {
        StatusCode::from_u16(self.0.details.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }

    fn retry_after(self, after: Duration) -> Problem {
        let seconds = after.as_secs() + u64::from(after.subsec_nanos() > 0);
        self.header(header::RETRY_AFTER, HeaderValue::from(seconds.max(1)))
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let status = self.status();
        // Texts and numbers: writing them does not fail.
        let body = serde_json::to_vec(&self.0.details).unwrap_or_default();
        let mut response = (status, [(header::CONTENT_TYPE, MEDIA_TYPE)], body).into_response();
        for (name, value) in self.0.headers {
            response.headers_mut().insert(name, value);
        }
        if let Some(refused) = self.0.refused {
            response.extensions_mut().insert(refused);
        }
        response
    }
}

impl PartialSchema for Problem {
    fn schema() -> RefOr<Schema> {
        Details::schema()
    }
}

impl ToSchema for Problem {
    fn name() -> Cow<'static, str> {
        Cow::Borrowed("Problem")
    }

    fn schemas(schemas: &mut Vec<(String, RefOr<Schema>)>) {
        Details::schemas(schemas);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Position;
    use serde_json::json;

    #[test]
    fn the_three_parts_of_a_message_are_title_detail_and_hint() {
        let error = Error::new("there is no run 17").detail("runs are numbered").hint("list them with GET /runs");
        let problem = Problem::not_found(error).kind("unknown-run").instance("/runs/17");
        let expected = json!({
            "type": "/problems/unknown-run", "title": "there is no run 17", "status": 404,
            "detail": "runs are numbered", "hint": "list them with GET /runs", "instance": "/runs/17",
        });
        assert_eq!(serde_json::to_value(problem.details()).unwrap(), expected);
        let response = problem.into_response();
        assert_eq!(response.status(), 404);
        assert_eq!(response.headers()[header::CONTENT_TYPE], MEDIA_TYPE);
    }

    #[test]
    fn several_errors_are_all_told_with_their_place() {
        let errors = ["no title", "no text"].map(|text| Error::new(text).at(Position::new("body", 3)));
        let problem = Problem::of_errors(StatusCode::UNPROCESSABLE_ENTITY, Errors(errors.to_vec()));
        let told = serde_json::to_value(problem.details()).unwrap();
        assert_eq!(told["type"], "about:blank");
        assert_eq!(told["errors"][1], json!({"title": "no text", "at": "body:3"}));
        let one = Problem::of_errors(StatusCode::CONFLICT, Errors(errors[..1].to_vec()));
        assert_eq!((one.details().title.as_str(), one.details().errors.len()), ("no title", 0));
    }

    #[test]
    fn what_failed_inside_stays_inside() {
        let problem = Problem::internal(&Error::new("cannot read /var/lib/secret").detail("permission denied"));
        let told = serde_json::to_string(problem.details()).unwrap();
        assert!(!told.contains("secret") && !told.contains("permission"), "{told}");
    }

    #[test]
    fn a_part_of_a_second_is_waited_for_whole() {
        let problem = Problem::too_many(Error::new("too often"), Duration::from_millis(1_200));
        assert_eq!(problem.into_response().headers()[header::RETRY_AFTER], "2");
    }
}
