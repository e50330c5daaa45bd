//! Does what is read from Kafka and written to it arrive, once and in order, whatever happens? Asked of a real broker.

#[path = "../kafka/mod.rs"]
mod kafka;

mod expired;
mod flow;
mod outages;
mod produce;
mod reading;
mod start;
mod writing;
