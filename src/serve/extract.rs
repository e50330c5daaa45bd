//! What does a request say, and what if it says it wrongly? Body, query and path as types; what does not fit is a problem
//! that says what was expected.

use super::problem::Problem;
use crate::error::{Error, listed, nearest};
use crate::telemetry::metrics::Refused;
use axum::body::Bytes;
use axum::extract::rejection::{BytesRejection, PathRejection, QueryRejection};
use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::error::Category;

/// A body of JSON, in or out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Json<T>(pub T);

/// What stands after the question mark.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Query<T>(pub T);

/// The parts of the path that a route names.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Path<T>(pub T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Json<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Json<T>, Problem> {
        // A page of another site can send a form without asking, but not this type: it must be named.
        if !says_json(request.headers()) {
            let found =
                request.headers().get(header::CONTENT_TYPE).map_or("none", |value| value.to_str().unwrap_or("?"));
            let error = Error::new("the body is not said to be JSON")
                .detail(format!("its Content-Type is {found}"))
                .hint("send the header Content-Type: application/json");
            return Err(Problem::unsupported(error));
        }
        let body = body(request, state).await?;
        serde_json::from_slice(&body).map(Json).map_err(|error| wrong_json(&error))
    }
}

impl<T: Serialize> IntoResponse for Json<T> {
    fn into_response(self) -> Response {
        axum::Json(self.0).into_response()
    }
}

impl<T: DeserializeOwned + Send, S: Send + Sync> FromRequestParts<S> for Query<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Query<T>, Problem> {
        match axum::extract::Query::<T>::from_request_parts(parts, state).await {
            Ok(axum::extract::Query(value)) => Ok(Query(value)),
            Err(QueryRejection::FailedToDeserializeQueryString(error)) => {
                let said = error.body_text();
                let said = said.strip_prefix("Failed to deserialize query string: ").unwrap_or(&said);
                Err(Problem::bad_request(in_words(said, "the query")))
            }
            Err(other) => Err(Problem::bad_request(Error::new("the query cannot be read").detail(other.body_text()))),
        }
    }
}

impl<T: DeserializeOwned + Send, S: Send + Sync> FromRequestParts<S> for Path<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Path<T>, Problem> {
        match axum::extract::Path::<T>::from_request_parts(parts, state).await {
            Ok(axum::extract::Path(value)) => Ok(Path(value)),
            Err(PathRejection::FailedToDeserializePathParams(error)) => {
                let said = error.body_text();
                let said = said.strip_prefix("Invalid URL: ").unwrap_or(&said);
                let error =
                    Error::new(format!("{} is not a path of this kind", parts.uri.path())).detail(said.to_owned());
                Err(Problem::bad_request(error))
            }
            // The route names no parts: a mistake of ours.
            Err(other) => Err(Problem::internal(&Error::new("a path cannot be read").detail(other.body_text()))),
        }
    }
}

/// The whole body of a request, within the limit.
pub async fn body<S: Send + Sync>(request: Request, state: &S) -> Result<Bytes, Problem> {
    Bytes::from_request(request, state).await.map_err(|rejection| unread(&rejection))
}

fn unread(rejection: &BytesRejection) -> Problem {
    match rejection.status() {
        StatusCode::PAYLOAD_TOO_LARGE => too_large(None),
        _ => Problem::bad_request(
            Error::new("the body cannot be read").detail(rejection.body_text()).hint("send it again, whole"),
        ),
    }
}

/// More was sent than is taken.
pub(super) fn too_large(found: Option<(u64, u64)>) -> Problem {
    let error = Error::new("the body is too large")
        .hint("send it in several requests, or raise http.max_body_bytes of the service");
    let error = match found {
        Some((length, most)) => error.detail(format!("it has {length} bytes; at most {most} are taken")),
        None => error.detail("it has more bytes than http.max_body_bytes"),
    };
    Problem::too_large(error).counted(Refused::Size)
}

/// `application/json`, and types that are JSON by their ending.
fn says_json(headers: &HeaderMap) -> bool {
    let value = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let essence = value.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    essence == "application/json" || (essence.starts_with("application/") && essence.ends_with("+json"))
}

fn wrong_json(error: &serde_json::Error) -> Problem {
    let said = error.to_string();
    match error.classify() {
        Category::Data => Problem::unprocessable(in_words(&said, "the body")),
        Category::Eof if error.line() <= 1 && error.column() == 0 => {
            Problem::bad_request(Error::new("the body is empty").detail("an object of JSON is expected"))
        }
        _ => Problem::bad_request(Error::new("the body is not JSON").detail(said)),
    }
}

/// What serde said, as the rest of the program speaks.
pub(super) fn in_words(said: &str, of: &str) -> Error {
    let (said, place) = match said.rsplit_once(" at line ") {
        Some((said, place)) => (said, Some(format!("at line {place}"))),
        None => (said, None),
    };
    let placed = |detail: String| match &place {
        Some(place) => format!("{detail}, {place}"),
        None => detail,
    };
    let quoted: Vec<&str> = said.split('`').skip(1).step_by(2).collect();
    let unknown = [("unknown field", "field"), ("unknown variant", "word")];
    for (prefix, what) in unknown {
        let Some((name, known)) = quoted.split_first().filter(|_| said.starts_with(prefix)) else { continue };
        let error = Error::new(format!("{of} has an unknown {what} \"{name}\""));
        let error = error.detail(placed(match known.len() {
            0 => "none is known there".to_owned(),
            _ => format!("known are {}", listed(known)),
        }));
        return match nearest(name, known.iter().copied()) {
            Some(meant) => error.hint(format!("did you mean \"{meant}\"?")),
            None => error.hint(format!("leave it out, or use a known {what}; /openapi.json describes them")),
        };
    }
    match quoted.first().filter(|_| said.starts_with("missing field")) {
        Some(name) => {
            let error =
                Error::new(format!("{of} lacks the field \"{name}\"")).hint("/openapi.json describes the fields");
            place.map_or(error.clone(), |place| error.detail(format!("the object ends {place}")))
        }
        None => Error::new(format!("{of} does not fit"))
            .detail(placed(said.to_owned()))
            .hint("/openapi.json describes what is expected"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde::Deserialize;

    #[derive(Deserialize, Debug)]
    #[serde(deny_unknown_fields, rename_all = "snake_case")]
    struct Asked {
        skill_name: String,
        limit: Option<u32>,
        tag: Option<Tag>,
    }

    #[derive(Deserialize, Debug, PartialEq)]
    #[serde(rename_all = "snake_case")]
    enum Tag {
        Accept,
        Reject,
    }

    fn wrong(body: &str) -> (u16, String, String, String) {
        let problem = wrong_json(&serde_json::from_str::<Asked>(body).unwrap_err());
        let told = problem.details().clone();
        (told.status, told.title, told.detail.unwrap_or_default(), told.hint.unwrap_or_default())
    }

    #[test]
    fn a_sound_body_is_read() {
        let read: Asked = serde_json::from_str("{\"skill_name\": \"Go\", \"limit\": 2, \"tag\": \"accept\"}").unwrap();
        assert_eq!((read.skill_name.as_str(), read.limit, read.tag), ("Go", Some(2), Some(Tag::Accept)));
    }

    #[test]
    fn a_wrong_body_is_told_in_words_with_what_was_meant() {
        let (status, title, detail, hint) = wrong("{\"skil_name\": \"Go\"}");
        assert_eq!((status, title.as_str()), (422, "the body has an unknown field \"skil_name\""));
        assert_eq!(detail, "known are skill_name, limit, tag, at line 1 column 12");
        assert_eq!(hint, "did you mean \"skill_name\"?");
        let (_, title, _, hint) = wrong("{\"skill_name\": \"Go\", \"tag\": \"acept\"}");
        assert_eq!(title, "the body has an unknown word \"acept\"");
        assert_eq!(hint, "did you mean \"accept\"?");
        assert_eq!(wrong("{}").1, "the body lacks the field \"skill_name\"");
        let (status, title, detail, _) = wrong("{\"skill_name\": \"Go\", \"limit\": \"x\"}");
        assert_eq!((status, title.as_str()), (422, "the body does not fit"));
        assert!(detail.starts_with("invalid type: string \"x\", expected u32, at line 1"), "{detail}");
    }

    #[test]
    fn what_is_no_json_is_another_problem_than_json_that_does_not_fit() {
        assert_eq!(wrong("").1, "the body is empty");
        assert_eq!((wrong("{\"skill_name\"").0, wrong("{\"skill_name\"").1.as_str()), (400, "the body is not JSON"));
        assert_eq!(wrong("skill=Go").0, 400);
    }

    #[test]
    fn a_body_must_be_said_to_be_json() {
        let says = |value: &str| says_json(&HeaderMap::from_iter([(header::CONTENT_TYPE, value.parse().unwrap())]));
        assert!(says("application/json") && says("Application/JSON; charset=utf-8") && says("application/x+json"));
        assert!(!says("text/plain") && !says("application/x-www-form-urlencoded") && !says("text/plain+json"));
        assert!(!says_json(&HeaderMap::new()));
    }
}
