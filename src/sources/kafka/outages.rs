//! What is said when brokers go away and come back? Once each: librdkafka keeps trying, and says so all the time.

use rdkafka::error::RDKafkaErrorCode as Code;

/// What has been said since brokers last answered.
#[derive(Debug, Default)]
pub(super) struct Outages {
    away: bool,
    said: Vec<Code>,
}

impl Outages {
    /// No broker answers; whether that is new.
    pub(super) fn away(&mut self, reason: &str) -> bool {
        let new = !std::mem::replace(&mut self.away, true);
        if new {
            tracing::warn!(reason, "kafka is away; waiting until it is back");
        }
        new
    }

    /// They do.
    pub(super) fn here(&mut self) {
        if std::mem::take(&mut self.away) {
            tracing::info!("kafka is back");
        }
        self.said.clear();
    }

    /// Something else went wrong that may pass.
    pub(super) fn other(&mut self, code: Code, reason: &str) {
        if !self.said.contains(&code) {
            self.said.push(code);
            tracing::warn!(%code, reason, "kafka has difficulties; trying on");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_outage_is_new_once_until_it_is_over() {
        let mut outages = Outages::default();
        assert!(outages.away("x"));
        assert!(!outages.away("y"));
        outages.here();
        assert!(outages.away("z"));
    }
}
