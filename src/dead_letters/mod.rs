//! What becomes of messages that cannot be taken in? Dead letters: the bytes as they came, where they stood, and why.
//!
//! They are kept in the store until they are written to their destination, a topic or a file of JSON lines, from which
//! `rolestream dead-letters` lists them and sends them again.
//!
//! | file | the question it answers |
//! |---|---|
//! | `letter` | what is kept of a refused message? |
//! | `json` | how is a letter written, so that its bytes come back exactly? |
//! | `destination` | where do letters go? |
//! | `file` | how are they kept in a file? |
//! | `topic` | how are they read from a topic, and sent again to the topic they came from? |
//! | `retry` | how is a letter sent again that came from a file? |
//! | `letters` | which letters are there still? |

mod destination;
pub mod file;
mod json;
mod letter;
mod letters;
pub mod retry;
pub mod topic;

pub use destination::{Destination, TOPIC};
pub use letter::DeadLetter;
pub use letters::Letters;
