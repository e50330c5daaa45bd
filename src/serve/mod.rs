//! How is it asked over HTTP? Who may ask what, what an answer looks like, and the thread that answers.
//!
//! | file | the question it answers |
//! |---|---|
//! | `access` | who asks, and what may they do? |
//! | `answers` | what is true of a run at one epoch? |
//! | `app` | what do all routes share? |
//! | `extract` | what does a request say, and what if it says it wrongly? |
//! | `fallbacks` | what if there is no such route, or a route fails itself? |
//! | `figures` | what do the views say of roles? |
//! | `followed` | which views can be followed? |
//! | `handling` | what does each step of the API do with what it is asked? |
//! | `history` | which runs are there, newest first? |
//! | `hub` | how are subscribers told what changes? |
//! | `layers` | what does every request pass before its route? |
//! | `limits` | how much may be asked at once? |
//! | `observe` | what is noted of a request? |
//! | `open` | how does a service begin to answer? |
//! | `page` | how is a long list told in parts? |
//! | `problem` | what does a client read when a request is refused? |
//! | `reviewing` | what waits for a person, and how is it settled? |
//! | `routes` | what can be asked? |
//! | `server` | where does it listen, and how does it end? |
//! | `standing` | what is the taxonomy now, what was it at a version, and how does it get another one? |
//! | `stream` | how does a subscriber come to what it wants to know? |
//! | `tls` | with which certificate? |

pub mod access;
mod answers;
pub mod app;
pub mod extract;
pub mod fallbacks;
mod figures;
pub mod followed;
mod handling;
pub mod history;
pub mod hub;
pub mod layers;
pub mod limits;
pub mod observe;
mod open;
mod page;
pub mod problem;
pub mod reviewing;
pub mod routes;
pub mod server;
mod standing;
mod stream;
pub mod tls;

pub use open::{Answering, described, open, open_at};

#[cfg(test)]
mod tests;
