//! Rolestream keeps role matching live.

pub mod jd;
