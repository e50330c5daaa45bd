//! Does the service answer as described? The whole of it in this process, asked over HTTP as a client would.

#[path = "../common/small_taxonomy.rs"]
mod small_taxonomy;

mod asking;
mod contested;
mod document;
mod events;
mod fuzz;
mod guide;
mod hostile;
mod matrix;
mod operations;
mod raw;
mod reviews;
mod roles;
mod runs;
mod search;
mod steps;
mod taxonomy;
mod world;
