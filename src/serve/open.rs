//! How does a service begin to answer? Its routes, their description, and all layers around them.

use super::access::{Access, Auditor, Begun, TokenView, begin};
use super::app::App;
use super::layers::{Parts, around};
use super::limits::Limits;
use super::routes;
use super::server::{Closing, Listener, Server};
use crate::editing::Outcome;
use crate::error::Error;
use crate::serve::access::Hosts;
use crate::service::Service;
use std::sync::Arc;
use utoipa::OpenApi;
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::openapi::{RefOr, Schema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_swagger_ui::{Config, SwaggerUi};

/// A service that answers.
pub struct Answering {
    /// What the routes share.
    pub app: Arc<App>,
    /// Where it answers, until it is stopped.
    pub server: Server,
    /// The first token, where there never was one.
    pub begun: Option<Begun>,
}

/// The description of all routes, as a document for machines.
#[derive(OpenApi)]
#[openapi(
    info(
        title = "Rolestream",
        description = "Role matching that is kept live: job descriptions in, roles out; every edit of the taxonomy corrects the past."
    ),
    tags(
        (name = "steps", description = "A JD through its three steps"),
        (name = "runs", description = "What was said of each JD, and is said now"),
        (name = "jds", description = "JDs in bulk"),
        (name = "roles", description = "What JDs make of each role: centroids, skills, what is near"),
        (name = "search", description = "What is like a text"),
        (name = "collisions", description = "Titles that several roles claim"),
        (name = "role-changes", description = "Where something else is said than before"),
        (name = "reviews", description = "What waits for a person, and what people decided"),
        (name = "taxonomy", description = "The taxonomy: read, drafted, previewed, published, rolled back"),
        (name = "audit", description = "Who did what, when and why"),
        (name = "events", description = "What changes, as it changes"),
        (name = "access", description = "Tokens"),
    ),
    modifiers(&Tokens)
)]
struct Description;

/// Tokens are sent as bearers.
struct Tokens;

impl utoipa::Modify for Tokens {
    fn modify(&self, description: &mut utoipa::openapi::OpenApi) {
        let bearer = HttpBuilder::new().scheme(HttpAuthScheme::Bearer);
        let bearer = bearer.description(Some("Made with `rolestream token create`"));
        let components = description.components.get_or_insert_with(Default::default);
        components.add_security_scheme("token", SecurityScheme::Http(bearer.build()));
    }
}

/// Writes down what happens at the door.
struct Log(Arc<App>);

impl Auditor for Log {
    fn refused(&self, who: &str, method: &str, path: &str, status: u16) {
        let mut entry = self.0.audited(who, &method.to_ascii_lowercase(), path.to_owned());
        (entry.outcome, entry.why) = (Outcome::Refused, format!("answered {status}"));
        self.0.note(&entry);
    }

    fn token_changed(&self, who: &str, change: &str, token: &TokenView) {
        let mut entry = self.0.audited(who, &format!("token {change}"), format!("token/{}", token.name));
        entry.after = serde_json::to_value(token).ok();
        self.0.note(&entry);
    }
}

/// The routes, and their description.
pub fn described(access: &Arc<Access>) -> (axum::Router<Arc<App>>, utoipa::openapi::OpenApi) {
    let routes = OpenApiRouter::with_openapi(Description::openapi()).merge(routes::all(access));
    let (routes, mut description) = routes.split_for_parts();
    name_operations(&mut description);
    open_parts(&mut description);
    (routes, description)
}

/// An operation is called by its method and path, which no other has: `get_runs_id`.
fn name_operations(description: &mut utoipa::openapi::OpenApi) {
    for (path, item) in &mut description.paths.paths {
        let words: Vec<&str> =
            path.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty()).collect();
        let operations = [
            ("get", &mut item.get),
            ("put", &mut item.put),
            ("post", &mut item.post),
            ("delete", &mut item.delete),
            ("patch", &mut item.patch),
        ];
        for (method, operation) in operations {
            if let Some(operation) = operation {
                operation.operation_id = Some(format!("{method}_{}", words.join("_")));
            }
        }
    }
}

/// What is accepted is told with its action, role and reason beside it, in one object: its own description must not say
/// that there is nothing else, as one of an object by itself would.
fn open_parts(description: &mut utoipa::openapi::OpenApi) {
    let schemas = description.components.as_mut().map(|components| &mut components.schemas);
    if let Some(RefOr::T(Schema::Object(part))) = schemas.and_then(|schemas| schemas.get_mut("AcceptDetails")) {
        part.additional_properties = None;
    }
}

/// Answers from now on, where the configuration names an address.
pub fn open(service: &Service) -> Result<Option<Answering>, Error> {
    Listener::bind(&service.config().http)?.map(|listener| open_at(service, listener)).transpose()
}

/// Answers from now on, at an address that was taken before.
pub fn open_at(service: &Service, listener: Listener) -> Result<Answering, Error> {
    let config = service.config();
    let loopback = listener.is_loopback();
    let limits = Arc::new(Limits::new(&config.http, service.metrics().clone()));
    let closing = Closing::default();
    let app = App::open(service, limits.clone(), closing.clone())?;
    let access = Access::open(app.store.clone())?.auditor(Arc::new(Log(app.clone())));
    let access = Arc::new(access.anonymous(config.http.anonymous, loopback));
    let begun = begin(&access, app.store.path())?;
    let (routes, description) = described(&access);
    // Unless told otherwise, the page has another host look at the description, and shows what that says.
    let page = SwaggerUi::new("/docs").url("/openapi.json", description);
    let page = page.config(Config::default().validator_url("none"));
    let routes = routes.with_state(app.clone()).merge(page);
    let hosts = Hosts { loopback, names: config.http.hosts.clone() };
    let routes = around(routes, Parts { access, limits, hosts, metrics: service.metrics().clone() });
    Ok(Answering { app, server: listener.serve(routes, closing)?, begun })
}
