//! How is what the engine says put into words, JSON and tables? Pure functions of answers and names.
//!
//! | file | the question it answers |
//! |---|---|
//! | `names` | what is the thing with this id called? |
//! | `lookup` | what is it called now, while names change? |
//! | `reasoning` | why was it decided so, in a sentence, and which thresholds counted? |
//! | `step_one` | what does the first step of the API answer? |
//! | `explanation` | of which parts is each number made? |
//! | `enrichment` | what does the client get beside the decision? |
//! | `cluster` | how do a JD's skills group by dimension? |
//! | `tables` | how does it look on a terminal? |

pub mod cluster;
pub mod enrichment;
pub mod explanation;
pub mod lookup;
pub mod names;
pub mod reasoning;
pub mod step_one;
pub mod tables;
#[cfg(test)]
mod tests;

pub use cluster::{Group, cluster};
pub use enrichment::{Enriching, Enrichment, enrichment};
pub use lookup::{Heading, Lookup};
pub use names::Names;
pub use reasoning::{reasoning, thresholds};
pub use step_one::{Row, StepOne, step_one};
