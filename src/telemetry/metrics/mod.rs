//! What is counted? All of it stands in `table`, and `docs/metrics.md` is made from that.
//!
//! | file | the question it answers |
//! |---|---|
//! | `table` | which metrics are there, and what do they mean? |
//! | `events` | what is counted as it happens? |
//! | `http` | what is counted of requests? |
//! | `levels` | what is said of a state, from time to time? |
//! | `process` | what does the system say of the process? |
//! | `reference` | how is the table printed? |
//!
//! Labels are bounded: streams, collections, roles and words of fixed lists, never ids of JDs or texts.

mod events;
mod http;
mod levels;
mod process;
mod reference;
mod table;

pub use events::{Admitted, Edited};
pub use http::Refused;
pub use levels::Reparse;
pub use reference::reference;

use prometheus::{Registry, TextEncoder};
use std::collections::HashSet;
use std::sync::{Arc, Mutex};
use table::Families;

/// All metrics of one service. Clones count into the same.
#[derive(Clone)]
pub struct Metrics(Arc<Inner>);

struct Inner {
    registry: Registry,
    families: Families,
    started: process::Started,
    /// Roles that have a centroid, to know which have none any more.
    centroids: Mutex<HashSet<String>>,
}

impl Default for Metrics {
    fn default() -> Metrics {
        Metrics::new()
    }
}

impl std::fmt::Debug for Metrics {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Metrics").finish_non_exhaustive()
    }
}

impl Metrics {
    /// Nothing counted yet. What has a fixed set of labels is there from the start, as 0: who asks how often something
    /// happened needs an answer before it does.
    pub fn new() -> Metrics {
        let registry = Registry::new();
        let families = Families::register(&registry);
        let started = process::Started::now();
        let metrics = Metrics(Arc::new(Inner { registry, families, started, centroids: Mutex::default() }));
        metrics.begin_events();
        metrics.begin_http();
        metrics.begin_levels();
        metrics
    }

    /// All of them, in the text format of Prometheus.
    pub fn text(&self) -> String {
        self.look_at_process();
        let mut text = String::new();
        // Writing into a string does not fail, and names and labels are sound since `register`.
        let written = TextEncoder::new().encode_utf8(&self.0.registry.gather(), &mut text);
        written.map_or_else(|error| format!("# {error}\n"), |()| text)
    }

    fn families(&self) -> &Families {
        &self.0.families
    }
}

#[cfg(test)]
mod tests;
