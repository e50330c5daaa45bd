//! What Rolestream computes: changing collections in, maintained views out.
//!
//! No I/O, clock, randomness, async or float lives here. `records` is what goes in, `views` what comes out.

pub mod driver;
pub mod fixed;
pub mod id;
pub mod kernel;
pub mod oracle;
pub mod records;
pub mod replay;
pub mod text;
pub mod views;
