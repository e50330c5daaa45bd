//! How is it asked over HTTP? At the operator's address: `/healthz`, `/readyz`, `/metrics`.

use super::{Health, Metrics};
use crate::error::Error;
use axum::Router;
use axum::extract::State;
use axum::http::{StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use serde_json::{Value, json};
use std::io;
use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;
use tokio::sync::oneshot;

/// How long requests under way may take once the server is to stop.
const GRACE: Duration = Duration::from_secs(1);

/// Answers operators, on a thread of its own, until it is dropped.
#[derive(Debug)]
pub struct Server {
    address: SocketAddr,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

#[derive(Clone)]
struct Told {
    health: Arc<Health>,
    metrics: Metrics,
}

impl Server {
    /// Answers at this address, `HOST:PORT`; port 0 takes a free one.
    pub fn start(address: &str, health: Arc<Health>, metrics: Metrics) -> Result<Server, Error> {
        let refused = |error: io::Error| refusal(address, &error);
        // Bound here, so that whoever starts it learns at once that it cannot be.
        let listener = TcpListener::bind(address).map_err(refused)?;
        listener.set_nonblocking(true).map_err(refused)?;
        let bound = listener.local_addr().map_err(refused)?;
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(refused)?;
        let (stop, stopped) = oneshot::channel();
        let routes = routes(Told { health, metrics });
        let thread = std::thread::Builder::new()
            .name("operator".to_owned())
            .spawn(move || {
                runtime.block_on(serve(listener, routes, stopped));
                // What is still open after the grace is not waited for.
                runtime.shutdown_background();
            })
            .map_err(refused)?;
        Ok(Server { address: bound, stop: Some(stop), thread: Some(thread) })
    }

    /// Where it answers.
    pub fn address(&self) -> SocketAddr {
        self.address
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // Fails when the thread has ended by itself: then there is nothing to stop.
        let _ = self.stop.take().map(|stop| stop.send(()));
        let _ = self.thread.take().map(JoinHandle::join);
    }
}

fn refusal(address: &str, error: &io::Error) -> Error {
    let refused = Error::new(format!("cannot answer operators at {address:?}")).detail(error.to_string());
    match error.kind() {
        io::ErrorKind::AddrInUse => refused.hint(
            "another program listens there, perhaps another service: end it, or name another address with --address, such \
             as --address 127.0.0.1:0 for a free port",
        ),
        _ => refused.hint("service.address is HOST:PORT of this machine, such as \"127.0.0.1:9464\"; empty for none"),
    }
}

async fn serve(listener: TcpListener, routes: Router, stopped: oneshot::Receiver<()>) {
    let listener = match tokio::net::TcpListener::from_std(listener) {
        Ok(listener) => listener,
        Err(error) => return tracing::error!(%error, "operators cannot be answered"),
    };
    let (ended, end) = oneshot::channel::<()>();
    let signal = async move {
        // An error, too: whoever could tell to stop is gone.
        let _ = stopped.await;
        drop(ended);
    };
    let serving = axum::serve(listener, routes).with_graceful_shutdown(signal).into_future();
    let late = async {
        let _ = end.await;
        tokio::time::sleep(GRACE).await;
    };
    tokio::select! {
        served = serving => if let Err(error) = served {
            tracing::error!(%error, "operators are not answered any more");
        },
        () = late => {}
    }
}

fn routes(told: Told) -> Router {
    Router::new()
        .route("/", get(index))
        .route("/healthz", get(healthz))
        .route("/readyz", get(readyz))
        .route("/metrics", get(metrics))
        .fallback(unknown)
        .method_not_allowed_fallback(only_get)
        .with_state(told)
}

const INDEX: &str = "Rolestream for operators: /healthz, /readyz, /metrics\n";

async fn index() -> &'static str {
    INDEX
}

async fn healthz(State(told): State<Told>) -> Response {
    match told.health.state().failure {
        None => object(StatusCode::OK, &json!({"healthy": true})),
        Some(reason) => object(StatusCode::SERVICE_UNAVAILABLE, &json!({"healthy": false, "reason": reason})),
    }
}

async fn readyz(State(told): State<Told>) -> Response {
    let state = told.health.state();
    if state.is_ready() {
        return object(StatusCode::OK, &json!({"ready": true}));
    }
    let mut body = json!({"ready": false, "phase": state.phase, "done": state.done, "of": state.of});
    if let Some(reason) = state.failure {
        body["reason"] = reason.into();
    }
    object(StatusCode::SERVICE_UNAVAILABLE, &body)
}

async fn metrics(State(told): State<Told>) -> Response {
    told.metrics.set_ready(told.health.state().is_ready());
    ([(header::CONTENT_TYPE, prometheus::TEXT_FORMAT)], told.metrics.text()).into_response()
}

async fn unknown(uri: Uri) -> Response {
    let body = json!({"error": format!("there is no {}", uri.path()), "hint": INDEX.trim_end()});
    object(StatusCode::NOT_FOUND, &body)
}

async fn only_get() -> Response {
    object(StatusCode::METHOD_NOT_ALLOWED, &json!({"error": "only GET is answered here", "hint": INDEX.trim_end()}))
}

fn object(status: StatusCode, body: &Value) -> Response {
    (status, [(header::CONTENT_TYPE, "application/json")], format!("{body}\n")).into_response()
}
