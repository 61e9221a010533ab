//! Delivers messages: takes them from the queue and from the ledger, calls the provider, settles what
//! came of it, looks up what is in doubt and asks for statuses that are overdue.
//!
//! The ledger is the truth and the queue only a hint: everything here may be repeated, lost or run in
//! several processes at once.

mod admission;
mod catching_up;
mod checkups;
mod concurrency;
mod context;
mod counters;
mod delivery;
mod erasing;
mod faults;
mod files;
mod gauges;
pub mod hooks;
mod jobs;
mod learning;
mod maintenance;
mod pacing;
mod polling;
mod quiet;
mod requeue;
mod resolving;
mod retention;
pub mod retry;
#[cfg(test)]
mod rig;
pub mod sandbox;
mod status;
mod sweeper;
#[cfg(test)]
mod tests;
mod worker;

pub use context::Identity;
pub use status::WorkerStatus;
pub use worker::{Parts, Worker};
