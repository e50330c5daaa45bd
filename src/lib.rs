//! Rolestream keeps role matching live.
