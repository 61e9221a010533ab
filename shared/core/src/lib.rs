//! What the messenger is: its rules, what is done with its messages, and the ports to everything outside.
//!
//! Modules depend on each other one way: `domain` on nothing, the ports (`store`, `queue`, `provider`, `post`) on
//! `domain`, `ledger` on both, and `reception` on all of them. None of them does any I/O.

pub mod bell;
pub mod chain;
pub mod clock;
pub mod domain;
pub mod ledger;
pub mod pace;
pub mod post;
#[cfg(test)]
mod properties;
pub mod provider;
pub mod queue;
pub mod reception;
pub mod schedule;
pub mod store;
pub mod stores;
