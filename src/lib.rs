//! Rolestream keeps role matching live.

pub mod error;
pub mod taxonomy;
mod toml_source;
