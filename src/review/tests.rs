//! A small world, made by hand: three roles, two of which claim one title, a few skills, and what waits about them.

mod listing;
mod settling;
mod undoing;
mod world;
