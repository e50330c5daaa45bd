//! What does the system say of the process? Looked at whenever metrics are asked for.

use super::Metrics;
use std::time::{Instant, SystemTime, UNIX_EPOCH};

/// When the process started, near enough: when its metrics were made.
pub(super) struct Started {
    at: SystemTime,
    since: Instant,
}

impl Started {
    pub(super) fn now() -> Started {
        Started { at: SystemTime::now(), since: Instant::now() }
    }
}

impl Metrics {
    pub(super) fn look_at_process(&self) {
        let families = self.families();
        let at = self.0.started.at.duration_since(UNIX_EPOCH).unwrap_or_default();
        self.set(&families.start_time, at.as_secs_f64());
        self.set(&families.uptime, self.0.started.since.elapsed().as_secs_f64());
        self.set(&families.resident_memory, resident().unwrap_or(0) as f64);
    }
}

/// Bytes that the process occupies, where Linux tells.
fn resident() -> Option<u64> {
    // Not `statm`, which counts in pages of a size that would have to be asked for.
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    let kibibytes: u64 = line.trim().strip_suffix(" kB")?.trim().parse().ok()?;
    Some(kibibytes * 1024)
}
