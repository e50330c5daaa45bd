//! Rolestream keeps role matching live.

pub mod admission;
pub mod cli;
pub mod config;
pub mod embed;
pub mod engine;
pub mod error;
pub mod jd;
mod kafka;
pub mod report;
pub mod sinks;
pub mod sources;
pub mod taxonomy;
mod toml_source;
