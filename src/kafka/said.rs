//! What does a client say beside its results? Errors with their reasons, and lines for a log.

use rdkafka::config::RDKafkaLogLevel;
use rdkafka::error::{KafkaError, RDKafkaErrorCode};
use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};

/// Errors that nobody has looked at; the oldest are forgotten.
const KEPT: usize = 100;

/// Errors as librdkafka says them, with their reasons: those a call returns have none.
#[derive(Debug, Default)]
pub(crate) struct Said(Mutex<VecDeque<(RDKafkaErrorCode, String)>>);

impl Said {
    /// Keeps one.
    pub(crate) fn keep(&self, error: &KafkaError, reason: &str) {
        let code = error.rdkafka_error_code().unwrap_or(RDKafkaErrorCode::Fail);
        tracing::debug!(target: "librdkafka", %code, reason, "error");
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if all.len() == KEPT {
            all.pop_front();
        }
        all.push_back((code, reason.to_owned()));
    }

    /// All that has been kept.
    pub(crate) fn take(&self) -> VecDeque<(RDKafkaErrorCode, String)> {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// A line of librdkafka's log. It repeats itself, and what matters comes as an error, too: it is for who looks closely.
pub(crate) fn log(_: RDKafkaLogLevel, facility: &str, line: &str) {
    tracing::debug!(target: "librdkafka", facility, "{line}");
}
