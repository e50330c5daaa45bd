//! Rolestream keeps role matching live.

pub mod admission;
pub mod cli;
pub mod config;
pub mod dead_letters;
pub mod editing;
pub mod embed;
pub mod engine;
pub mod error;
pub mod jd;
mod kafka;
pub mod report;
pub mod review;
pub mod search;
pub mod serve;
pub mod service;
pub mod sinks;
pub mod sources;
pub mod steps;
pub mod store;
pub mod taxonomy;
pub mod telemetry;
mod time;
mod toml_source;
