//! How do tests talk to Kafka? To the real one: Apache Kafka as Maven has it, one broker in a folder of its own.
//!
//! | file | the question it answers |
//! |---|---|
//! | `jars` | where does it come from? |
//! | `broker` | how is it started, killed and started again? |
//! | `topics` | how are topics made, changed and deleted? |
//! | `records` | what is in them? |

// Each test program uses some of it.
#![allow(dead_code, unused_imports, reason = "it is shared by several test programs")]

mod broker;
mod jars;
mod records;
mod topics;

pub(crate) use broker::Broker;
pub(crate) use records::{Record, text};

use std::time::{Duration, Instant};

/// Waits until something is so; fails with `what` where it takes too long.
pub(crate) fn until(what: &str, mut so: impl FnMut() -> bool) {
    let begun = Instant::now();
    while !so() {
        assert!(begun.elapsed() < Duration::from_secs(60), "it takes too long until {what}");
        std::thread::sleep(Duration::from_millis(10));
    }
}
