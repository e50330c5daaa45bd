//! What is near a text, a role, a skill? The reading side's search: nothing is decided by it.
//!
//! Decisions look at every vector (`dataflows/src/frame`). Here a person asks, and may be given an approximate answer as
//! long as it says how good it is: large collections are searched through a graph (`hnsw_rs`), small ones one vector
//! after the other. Scores are exact either way; only whether a neighbour is found at all may fail, and
//! `rolestream_search_recall` says how often.
//!
//! | file | the question it answers |
//! |---|---|
//! | `index` | which stored vectors are nearest to this one, while others come and go? |
//! | `rows` | which keys have which vector, and where is it to be looked for? |
//! | `graph` | where is a large set's neighbourhood of a vector? |
//! | `top` | which are the best of what was offered? |
//! | `recall` | how much of the truth does an approximate search find? |
//! | `library` | who owns the texts that were found? |
//! | `spelling` | how much are two texts written alike? |
//! | `collections` | which JDs, roles, KRAs and skills are near? |
//! | `possible` | what may a new text be, of what is known? |
//! | `centroids` | what does a role's centroid say: where it is, how wide, whether it moves? |
//! | `map` | where is a centroid on a sheet of paper? |

pub mod centroids;
mod collections;
mod graph;
mod index;
mod library;
mod map;
mod possible;
mod recall;
mod rows;
mod spelling;
mod top;

pub use collections::{Hits, JdHit, Kind, KraHit, RoleHit, Search, SkillHit};
pub use index::{Index, Limits};
pub use map::project;
pub use possible::{PossibleSkill, Why};
pub use recall::Recall;
pub use spelling::{Spelling, spelling};

#[cfg(test)]
mod tests;
