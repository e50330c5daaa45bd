//! Rolestream keeps role matching live.

pub mod admission;
pub mod cli;
pub mod config;
pub mod dead_letters;
pub mod embed;
pub mod engine;
pub mod error;
pub mod jd;
mod kafka;
pub mod report;
pub mod service;
pub mod sinks;
pub mod sources;
pub mod store;
pub mod taxonomy;
pub mod telemetry;
mod toml_source;
