//! Where does it listen, and how does it end? Bound first, so that who may ask what can depend on the address; then the
//! routes are answered on threads of their own until the server is stopped.
//!
//! An end is announced ([`Closing`]): who streams ends then. Requests under way may take as long as the grace; what is
//! open after it is cut off.

use super::tls;
use crate::config::{Anonymous, Http};
use crate::error::Error;
use axum::Router;
use axum_server::Handle;
use axum_server::tls_rustls::{RustlsAcceptor, RustlsConfig};
use rustls::ServerConfig;
use std::fmt;
use std::io;
use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;
use tokio::sync::watch;

/// How long a client may take for the head of a request; a connection that is quiet for so long is closed, too.
const HEAD: Duration = Duration::from_secs(30);
/// How long a handler that does not end may hold up the end of the process.
const LAST: Duration = Duration::from_secs(1);

/// An address that is ours, where nothing is answered yet.
pub struct Listener {
    listener: TcpListener,
    address: SocketAddr,
    tls: Option<Arc<ServerConfig>>,
    threads: usize,
}

impl fmt::Debug for Listener {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Listener").field("address", &self.address).finish_non_exhaustive()
    }
}

impl Listener {
    /// Takes the address of the configuration; none: nothing is to be answered.
    pub fn bind(http: &Http) -> Result<Option<Listener>, Error> {
        if http.address.is_empty() {
            return Ok(None);
        }
        let tls = tls::of_config(http)?;
        let refused = |error: io::Error| refusal(&http.address, &error);
        let listener = TcpListener::bind(&*http.address).map_err(refused)?;
        let address = listener.local_addr().map_err(refused)?;
        if tls.is_none() && !address.ip().is_loopback() {
            tracing::warn!(
                %address,
                "others can reach this address and there is no TLS: tokens cross the network as they are; set \
                 http.tls_certificate and http.tls_key, or have a proxy do it"
            );
        }
        if http.anonymous == Anonymous::All && !address.ip().is_loopback() {
            tracing::warn!(%address, "http.anonymous counts for nothing here: others can reach this address");
        }
        Ok(Some(Listener { listener, address, tls, threads: http.threads.max(1) as usize }))
    }

    /// Where it is.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Whether only this machine reaches it.
    pub fn is_loopback(&self) -> bool {
        self.address.ip().is_loopback()
    }

    /// Answers there from now on.
    pub fn serve(self, routes: Router, closing: Closing) -> Result<Server, Error> {
        let refused = |error: io::Error| refusal(&self.address.to_string(), &error);
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(self.threads)
            .thread_name("http")
            .enable_all()
            .build()
            .map_err(refused)?;
        let (address, handle) = (self.address, Handle::new());
        let scheme = if self.tls.is_some() { "https" } else { "http" };
        let (listener, tls, told) = (self.listener, self.tls, handle.clone());
        let thread = std::thread::Builder::new().name("http".to_owned()).spawn(move || {
            if let Err(error) = runtime.block_on(answer(listener, tls, routes, told)) {
                tracing::error!(%error, "requests are not answered any more");
            }
            runtime.shutdown_timeout(LAST);
        });
        let thread = thread.map_err(|error| refusal(&address.to_string(), &error))?;
        Ok(Server { address, scheme, handle, closing, thread: Some(thread) })
    }
}

async fn answer(
    listener: TcpListener,
    tls: Option<Arc<ServerConfig>>,
    routes: Router,
    handle: Handle<SocketAddr>,
) -> io::Result<()> {
    let routes = routes.into_make_service_with_connect_info::<SocketAddr>();
    let mut server = axum_server::from_tcp(listener)?.handle(handle).first_request_timeout(HEAD);
    server.http_builder().http1().header_read_timeout(HEAD);
    match tls {
        None => server.serve(routes).await,
        Some(tls) => server.acceptor(RustlsAcceptor::new(RustlsConfig::from_config(tls))).serve(routes).await,
    }
}

fn refusal(address: &str, error: &io::Error) -> Error {
    let refused = Error::new(format!("cannot answer requests at {address:?}")).detail(error.to_string());
    match error.kind() {
        io::ErrorKind::AddrInUse => refused.hint(
            "another program listens there, perhaps another service: end it, or name another address with --http, such as \
             --http 127.0.0.1:0 for a free port",
        ),
        _ => refused.hint("http.address is HOST:PORT of this machine, such as \"127.0.0.1:8080\"; empty for none"),
    }
}

/// Tells those who stream that the service ends.
#[derive(Clone, Debug)]
pub struct Closing(Arc<watch::Sender<bool>>);

impl Default for Closing {
    fn default() -> Closing {
        Closing(Arc::new(watch::Sender::new(false)))
    }
}

impl Closing {
    /// Returns when the service ends; at once if it does already.
    pub async fn announced(&self) {
        // The sender is here: waiting does not fail.
        let _ = self.0.subscribe().wait_for(|closing| *closing).await;
    }

    /// Whether it ends.
    pub fn is_announced(&self) -> bool {
        *self.0.borrow()
    }

    /// It ends.
    pub fn announce(&self) {
        self.0.send_replace(true);
    }
}

/// Answers requests until it is dropped.
pub struct Server {
    address: SocketAddr,
    scheme: &'static str,
    handle: Handle<SocketAddr>,
    closing: Closing,
    thread: Option<JoinHandle<()>>,
}

impl fmt::Debug for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Server").field("address", &self.address).finish_non_exhaustive()
    }
}

impl Server {
    /// Where it answers.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Where it answers, as a browser takes it.
    pub fn url(&self) -> String {
        format!("{}://{}", self.scheme, self.address)
    }

    /// Takes no more requests, and ends when those under way are answered or the grace is over.
    pub fn stop(mut self, grace: Duration) {
        self.end(grace);
    }

    fn end(&mut self, grace: Duration) {
        self.closing.announce();
        self.handle.graceful_shutdown(Some(grace));
        // An error is a panic, which has been told.
        let _ = self.thread.take().map(JoinHandle::join);
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if self.thread.is_some() {
            self.end(LAST);
        }
    }
}
