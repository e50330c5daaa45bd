//! Does the service hold what its inputs say, whatever happens to it? In this process, on files, without a broker.

#[path = "../common/small_taxonomy.rs"]
mod small_taxonomy;

mod deliveries;
mod ending;
mod histories;
mod model;
mod reparsing;
mod restarts;
mod retention;
mod sinks;
mod world;
