//! How do dead letters get to where they go? From the store, where they came in with the position of their source.

use crate::config::Config;
use crate::dead_letters::{DeadLetter, Destination, file};
use crate::error::Error;
use crate::sinks::{KafkaWriter, Writer};
use crate::sources::Stop;
use crate::store::Store;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

/// Letters written at once.
const MOST: usize = 500;

/// Where they go, ready to be written to.
enum Outlet {
    File(PathBuf),
    Topic(Arc<str>, Box<dyn Writer>),
}

/// Brings them there.
pub(super) struct Letters {
    store: Arc<Store>,
    outlet: Outlet,
}

impl Letters {
    /// To the destination of the configuration.
    pub(super) fn new(store: Arc<Store>, config: &Config) -> Result<Letters, Error> {
        let destination = Destination::parse(&config.dead_letters.to, &config.kafka.brokers, store.path())?;
        let outlet = match destination {
            Destination::File { path } => Outlet::File(path),
            Destination::Kafka { topic } => {
                let writer = KafkaWriter::new(&config.kafka.brokers, &config.librdkafka, 1)?;
                Outlet::Topic(topic, Box::new(writer))
            }
        };
        Ok(Letters { store, outlet })
    }

    /// Brings letters as they come, until told that no more do; all of them then, unless told to abort.
    pub(super) fn run(mut self, ended: &Stop, abort: &Stop) -> Result<(), Error> {
        loop {
            let last = ended.stopped();
            while !abort.stopped() && self.bring(abort)? {}
            if last || abort.stopped() {
                return Ok(());
            }
            ended.sleep(Duration::from_millis(100));
        }
    }

    /// Brings some; whether there were any.
    fn bring(&mut self, abort: &Stop) -> Result<bool, Error> {
        let letters = self.store.dead_letters(0, MOST)?;
        let Some((last, _)) = letters.last() else { return Ok(false) };
        let all: Vec<DeadLetter> = letters.iter().map(|(_, letter)| letter.clone()).collect();
        match &mut self.outlet {
            Outlet::File(path) => file::append(path, &all)?,
            Outlet::Topic(topic, writer) => {
                let letters: Vec<_> = all.iter().map(|letter| letter.outgoing(topic, 0)).collect();
                let written = writer.write(&letters, abort);
                if abort.stopped() {
                    // Perhaps not all of them are there: after the next start they are written again.
                    return Ok(true);
                }
                written?;
            }
        }
        let mut commit = self.store.commit();
        for (number, _) in &letters {
            commit.remove_dead_letter(*number);
        }
        tracing::warn!(letters = letters.len(), last, "messages were refused: see `rolestream dead-letters list`");
        commit.write()?;
        Ok(true)
    }
}
