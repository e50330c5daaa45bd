//! How do bytes become what the engine takes? Documents, then features; the only fallible part of a JD's way.
//!
//! | file | the question it answers |
//! |---|---|
//! | `documents` | which JDs do these files, folders and streams hold? |
//! | `document` | what does a source say of one JD? |
//! | `stream` | where does one input end, and what is too much of it? |
//! | `refusal` | why can something not be taken in? |
//! | `features` | what does the engine need to know of a JD? |
//! | `parallel` | how are many JDs admitted at once? |
//! | `reparse` | which held JDs read differently after a skill edit? |

mod document;
mod documents;
mod domain;
mod enrichment;
mod features;
mod parallel;
mod refusal;
mod reparse;
mod stream;

pub use document::Document;
pub(crate) use document::{kind as json_kind, misfit, own_id, text_field};
pub(crate) use documents::Form;
pub use documents::{Documents, Limits};
pub use domain::Domains;
pub use enrichment::enrichment_settings;
pub use features::{Admission, Admitted};
pub use parallel::in_parallel;
pub use refusal::{Reason, Refusal};
pub use reparse::{Replacement, reparse};
pub(crate) use stream::unreadable;
