//! The HTTP API: accounts, messages, the provider's callbacks and health.
//!
//! A message is accepted by writing it to the ledger; everything after that is the workers' business.
//! Handlers turn requests into one call of a port, and answers into views; every error leaves as
//! `application/problem+json`.

mod accounts;
pub mod admin;
mod audit;
mod auth;
mod claims;
mod client;
mod client_address;
mod connection;
mod consent;
mod contacts;
mod conversations;
mod cors;
mod encoding;
mod endpoints;
mod error;
mod events;
mod extract;
mod file_answer;
mod fingerprints;
#[cfg(test)]
mod hardening;
mod health;
mod host;
mod inbox;
mod keys;
mod limits;
mod live;
mod messages;
mod middleware;
mod network;
mod openapi;
mod opt_outs;
mod outgoing;
mod poll_store;
mod problem;
mod push;
mod request_id;
mod routes;
mod sandbox;
mod seals;
mod senders;
mod serve;
mod settings;
mod settings_watch;
#[cfg(test)]
mod shelf;
mod state;
mod store_timeout;
mod tally;
mod templates;
#[cfg(test)]
mod testing;
mod trace;
mod turns;
mod unread;
mod uploads;
mod webhooks;

pub use crate::routes::Api;
pub use crate::serve::serve;
pub use crate::state::{AppState, Ports, Settings};
