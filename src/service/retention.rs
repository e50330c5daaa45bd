//! Which JDs are past their time? Those received too long ago, and of too many those received first.

use crate::config;
use crate::engine::Engine;
use rolestream_dataflows::id::Id;

/// How long JDs are kept, and how many.
#[derive(Clone, Copy, Debug)]
pub(super) struct Retention {
    days: u32,
    count: u64,
    /// Milliseconds since 1970.
    now: fn() -> i64,
}

impl Retention {
    /// As `[store]` says, at the times that `now` tells.
    pub(super) fn new(store: &config::Store, now: fn() -> i64) -> Retention {
        Retention { days: store.retain_days, count: store.retain_count, now }
    }

    /// Whether any JD is ever past its time.
    pub(super) fn ends(self) -> bool {
        self.days > 0 || self.count > 0
    }

    /// The JDs that are, oldest first.
    pub(super) fn expired(self, engine: &Engine) -> Vec<Id> {
        if !self.ends() {
            return Vec::new();
        }
        let oldest = if self.days == 0 { i64::MIN } else { (self.now)() - i64::from(self.days) * 86_400_000 };
        let most = if self.count == 0 { usize::MAX } else { usize::try_from(self.count).unwrap_or(usize::MAX) };
        engine.expired(oldest, most)
    }
}
