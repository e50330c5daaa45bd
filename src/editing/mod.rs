//! How is a taxonomy edited? By operations, gathered in a draft, published as a version, and taken back by another.
//!
//! Nothing here knows of HTTP, threads or the store: all are functions of the records as they are.
//!
//! | file | the question it answers |
//! |---|---|
//! | [`operations`] | what can be asked for, and which records does it change? |
//! | [`records`] | how are the records read, with the changes of a draft over them? |
//! | [`values`] | what is a record as JSON, and which change does such a value mean? |
//! | [`draft`] | what does a draft come to, and what has changed under it? |
//! | [`versions`] | what was the taxonomy at version n, how do two differ, what leads back? |
//! | [`audit`] | who did what, when and why? |
//! | [`lints`](mod@lints) | what looks wrong in a live taxonomy? |

pub mod audit;
pub mod draft;
mod json_text;
pub mod lints;
pub mod operations;
pub mod records;
pub mod values;
pub mod versions;

pub use audit::{AuditEntry, Outcome};
pub use draft::{Conflict, Draft};
pub use operations::{Operation, edits};
pub use records::{Overlay, Records};
pub use values::{RawChange, Restore};
pub use versions::{Changed, Version};

#[cfg(test)]
mod tests;
