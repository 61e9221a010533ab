//! The whole messenger, driven over real HTTP as its users and its provider would, and killed as
//! machines kill it. The simulator's ledger is the judge.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::print_stderr,
    reason = "a test that cannot go on should say where it stopped"
)]

mod account;
mod accounts;
mod catching_up;
mod clocks;
mod connections;
mod crashes;
mod disk;
mod documents;
mod erasing;
mod events;
mod harness;
mod idempotency;
mod inbound;
mod journey;
mod keys;
mod media;
mod metrics;
mod operators;
mod opt_out;
mod outages;
mod pages;
mod people;
mod poison;
mod programs;
mod provider_trouble;
mod restore;
mod retention;
mod sandbox;
mod scheduling;
mod settings;
mod start;
mod traces;
mod unknown_outcomes;
mod webhooks;
