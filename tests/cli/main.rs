//! Does the program behave on the command line as its help says? Exit codes, order, every kind of input, good and bad.

#[path = "../common/small_taxonomy.rs"]
mod small_taxonomy;

mod commands;
mod inputs;
mod newcomer;
mod program;
mod service;
