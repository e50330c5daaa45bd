//! What do operators see? Logs, metrics, and an address to ask.
//!
//! | file | the question it answers |
//! |---|---|
//! | `logs` | what is written while it runs? |
//! | `metrics` | what is counted? `docs/metrics.md` is the list |
//! | `health` | does it work, and is it ready? |
//! | `server` | how is that asked over HTTP? |

mod health;
pub mod logs;
pub mod metrics;
mod server;

pub use health::{Health, State};
pub use metrics::Metrics;
pub use server::Server;
