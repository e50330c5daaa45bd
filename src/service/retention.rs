//! Which JDs are past their time? Those received too long ago, and those beyond the number that is kept.

use crate::config;
use crate::engine::Engine;
use rolestream_dataflows::id::Id;

/// JDs that are withdrawn at once.
const MOST: usize = 1_000;
/// A day, in milliseconds.
const DAY: i64 = 86_400_000;

/// What is retained.
#[derive(Clone, Copy)]
pub(super) struct Retention {
    /// Days since it was received; 0: for ever.
    days: u32,
    /// JDs; 0: all.
    count: u64,
    now: fn() -> i64,
}

impl Retention {
    pub(super) fn new(config: &config::Store, now: fn() -> i64) -> Retention {
        Retention { days: config.retain_days, count: config.retain_count, now }
    }

    /// Some of the JDs that are past their time, those received first.
    pub(super) fn expired(&self, engine: &Engine) -> Vec<Id> {
        let oldest = if self.days == 0 { i64::MIN } else { (self.now)() - i64::from(self.days) * DAY };
        let count = if self.count == 0 { usize::MAX } else { usize::try_from(self.count).unwrap_or(usize::MAX) };
        engine.expired(oldest, count, MOST)
    }
}
