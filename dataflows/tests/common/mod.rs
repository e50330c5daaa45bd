//! How are random histories made and checked? Shared by the tests and by the soak run, never by the crate itself:
//! randomness and floats end where its inputs begin.
#![allow(dead_code, reason = "each test uses its own part")]

pub(crate) mod changes;
pub(crate) mod check;
pub(crate) mod coverage;
pub(crate) mod difference;
pub(crate) mod enrichment;
pub(crate) mod history;
pub(crate) mod jds;
pub(crate) mod merges;
pub(crate) mod pools;
pub(crate) mod verdicts;
pub(crate) mod world;
