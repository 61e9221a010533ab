//! The HTTP API: accounts, messages, the provider's callbacks and health.
//!
//! A message is accepted by writing it to the ledger; everything after that is the workers' business.
//! Handlers turn requests into one call of a port, and answers into views; every error leaves as
//! `application/problem+json`.

mod accounts;
pub mod admin;
mod audit;
mod auth;
mod client;
mod conversations;
mod cors;
mod error;
mod events;
mod extract;
mod fingerprints;
#[cfg(test)]
mod hardening;
mod health;
mod host;
mod limits;
mod line;
mod live;
mod looking;
mod messages;
mod middleware;
mod network;
mod openapi;
mod opt_outs;
mod patience;
mod problem;
mod request_id;
mod seals;
mod serve;
mod state;
mod tally;
#[cfg(test)]
mod testing;
mod trace;
mod turns;
mod unread;
mod view;
mod webhooks;

use axum::Router;
use utoipa_axum::router::OpenApiRouter;

use crate::error::ApiError;
pub use crate::serve::serve;
pub use crate::state::{AppState, Ports, Settings};

/// The whole API.
pub fn router(state: &AppState) -> Router {
    let routes = OpenApiRouter::default()
        .merge(accounts::router(state))
        .merge(messages::router())
        .merge(conversations::router())
        .merge(events::router())
        .merge(webhooks::router())
        .merge(health::router())
        .merge(client::router());
    let routes = openapi::publish(routes)
        .fallback(async || ApiError::NoSuchPath)
        .method_not_allowed_fallback(async || ApiError::MethodNotAllowed)
        .with_state(state.clone());
    middleware::wrap(routes, state)
}
