//! What a worker does, one step at a time ([`crate::rig`]).

mod doubts;
mod duties;
mod pauses;
mod sending;
