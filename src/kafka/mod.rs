//! What do the source and the sink of Kafka share? How a client is set up, and what its errors mean.
//!
//! | file | the question it answers |
//! |---|---|
//! | `options` | which options does librdkafka get? |
//! | `errors` | can it pass, and what is to be done about it? |
//! | `said` | what does a client say beside its results? |
//! | `wait` | how is the answer to an administrator's request waited for? |

mod errors;
mod options;
mod said;
mod wait;

pub(crate) use errors::{Passing, refused};
pub(crate) use options::{client, create};
pub(crate) use said::{Said, log};
pub(crate) use wait::wait;
