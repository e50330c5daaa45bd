//! How does it all run as a service? Threads with one task each, and queues with room for a little between them.
//!
//! ```text
//! sources ─▶ intake ─▶ clock ─▶ engine ─▶ recorder ─▶ sinks
//!                        ▲         (facts, then rows)
//!   reparse, housekeeping┘
//! ```
//!
//! | file | the question it answers |
//! |---|---|
//! | `kit` | what does it take to admit JDs and edits? |
//! | `startup` | how does a service come to where it was? |
//! | `intake` | what do messages mean for the engine? |
//! | `work` | what is the clock given to do? |
//! | `desk`, `order` | how does somebody who is not a source change something, and wait for it? |
//! | `clock` | what moves inputs forward? |
//! | `recorder` | what is done with what the engine says? |
//! | `counts` | how many rows has each view that operators watch? |
//! | `reparse` | which held JDs read differently since the skill library changed? |
//! | `reread` | which would read differently if an edit were made? |
//! | `retention` | which JDs are past their time? |
//! | `letters` | how do dead letters get to where they go? |
//! | `housekeeping` | what is looked at every second? |
//! | `running` | which threads are there, and how do they end? |

mod clock;
mod counts;
mod desk;
mod housekeeping;
mod intake;
pub(crate) mod kit;
mod letters;
mod order;
mod recorder;
mod reparse;
mod reread;
mod retention;
mod running;
mod startup;
#[cfg(test)]
mod tests;
mod work;

pub use desk::{Desk, Submission, Submissions};
pub use order::{Authored, Changed, Done, Plan};
pub use recorder::Listener;
pub use reread::{MOST_READ, Reread};
pub use running::Ended;
pub(crate) use running::now;
pub use startup::Progress;

use crate::config::Config;
use crate::embed::Embedder;
use crate::engine::{Engine, Epochs, Options};
use crate::error::{Error, Errors};
use crate::report::Lookup;
use crate::sinks::{Follower, Inbox};
use crate::sources::Positions;
use crate::store::Store;
use crate::telemetry::{Health, Metrics, Server};
use counts::Counts;
use desk::{Gate, Way};
use kit::Kit;
use recorder::{Inboxes, Keeper, Listeners};
use std::net::SocketAddr;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// A service whose views stand; it reads nothing yet.
pub struct Service {
    config: Config,
    store: Arc<Store>,
    engine: Arc<Engine>,
    kit: Arc<Kit>,
    lookup: Arc<Lookup>,
    positions: Positions,
    metrics: Metrics,
    health: Arc<Health>,
    inboxes: Inboxes,
    listeners: Listeners,
    gate: Gate,
    /// What is ordered before the clock works waits here.
    begun: Mutex<Option<Way>>,
    server: Option<Server>,
}

impl Service {
    /// Opens the store, brings its taxonomy, facts and JDs into an engine, and waits until all of it stands. `progress`
    /// is told how far that is.
    pub fn open(mut config: Config, progress: Progress<'_>) -> Result<Service, Errors> {
        let (metrics, health) = (Metrics::new(), Arc::new(Health::new()));
        let address = config.service.address.clone();
        let server = match address.is_empty() {
            true => None,
            false => Some(Server::start(&address, health.clone(), metrics.clone())?),
        };
        health.begin("opening the store", None);
        let store = Arc::new(Store::open(Path::new(&config.store.path))?);
        let kit = Arc::new(Kit::new(&config)?);
        startup::prepare(&mut config, &store, &kit, progress)?;
        let after = store.mark()?.epoch;
        let options = Options { epochs: Epochs::Milliseconds, after, follow: true, ..config.engine.options() };
        let engine = Arc::new(Engine::start_with(options)?);
        let (lookup, inboxes) = (Arc::new(Lookup::default()), Inboxes::default());
        let counts = Counts::new(metrics.clone());
        let listeners = Listeners::default();
        let keeper = Keeper::new(store.clone(), lookup.clone(), inboxes.clone(), listeners.clone(), counts)?;
        engine.record(Box::new(keeper))?;
        startup::restore(&store, &engine, &kit, &lookup, &health, progress)?;
        let positions = Positions::new(store.positions()?);
        let gate = Gate::default();
        let begun = Mutex::new(Some(gate.open()));
        Ok(Service {
            config,
            store,
            engine,
            kit,
            lookup,
            positions,
            metrics,
            health,
            inboxes,
            listeners,
            gate,
            begun,
            server,
        })
    }

    /// Where changes are asked for, until the service ends. What is asked before it runs waits until it does.
    pub fn desk(&self) -> Desk {
        Desk {
            gate: self.gate.clone(),
            engine: self.engine.clone(),
            store: self.store.clone(),
            kit: self.kit.clone(),
            lookup: self.lookup.clone(),
            now: running::now,
        }
    }

    /// From now on it is told all that becomes known, in order, when it is kept.
    pub fn listen(&self, listener: Box<dyn Listener>) {
        self.listeners.lock().unwrap_or_else(PoisonError::into_inner).push(listener);
    }

    /// Where operators ask.
    pub fn address(&self) -> Option<SocketAddr> {
        self.server.as_ref().map(Server::address)
    }

    /// What is shared with those who answer questions: engine, store, names.
    pub(crate) fn shared(&self) -> (Arc<Engine>, Arc<Store>, Arc<Lookup>) {
        (self.engine.clone(), self.store.clone(), self.lookup.clone())
    }

    /// What embeds texts.
    pub(crate) fn embedder(&self) -> Arc<dyn Embedder> {
        self.kit.embedder.clone()
    }

    /// The settings in force.
    pub fn config(&self) -> &Config {
        &self.config
    }

    /// The engine.
    pub fn engine(&self) -> &Engine {
        &self.engine
    }

    /// The store.
    pub fn store(&self) -> &Store {
        &self.store
    }

    /// What things are called.
    pub fn lookup(&self) -> &Lookup {
        &self.lookup
    }

    /// What is counted.
    pub fn metrics(&self) -> &Metrics {
        &self.metrics
    }

    /// The sinks of the configuration, each with what it has yet to write.
    fn followers(&self) -> Result<Vec<Follower>, Error> {
        let mut followers = Vec::new();
        for to in &self.config.sinks.write {
            let (name, writer) = crate::sinks::open(to, &self.config)?;
            followers.push(Follower {
                name,
                prefix: self.config.sinks.prefix.clone(),
                interval: Duration::from_millis(self.config.sinks.interval_millis),
                writer,
                inbox: Inbox::default(),
                store: self.store.clone(),
                lookup: self.lookup.clone(),
                metrics: self.metrics.clone(),
            });
        }
        if followers.is_empty() {
            return Ok(followers);
        }
        let (epoch, snapshot) = self.engine.snapshot_at()?;
        for follower in &mut followers {
            follower.catch_up(&snapshot, epoch)?;
        }
        Ok(followers)
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        // Who listens may hold what the service is made of: nobody would let go of anything.
        self.listeners.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }
}
