//! What a worker does, one step at a time ([`crate::rig`]).

mod doubts;
mod erasing;
mod files;
mod maintenance;
mod pace;
mod pauses;
mod senders;
mod sending;
mod turns;
