//! What do those who answer questions need of the engine beside its views? The records, and to know what is visible.

use super::{Engine, Epoch};
use crate::error::Error;
use rolestream_dataflows::records::Tables;
use std::sync::Arc;
use std::time::Instant;

impl Engine {
    /// The current records of all collections but the JDs: those last submitted. They stay as they are for whoever holds
    /// them.
    pub fn tables(&self) -> Arc<Tables> {
        self.shared.lock().intake.tables().clone()
    }

    /// Whether everything of an epoch is visible, and its facts are kept; waits for that until then.
    pub fn wait_for_epoch(&self, epoch: Epoch, until: Option<Instant>) -> Result<bool, Error> {
        self.shared.wait_for_epoch(epoch, until)
    }
}
