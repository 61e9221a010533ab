use axum::Router;
use utoipa_axum::router::OpenApiRouter;

use crate::error::ApiError;
use crate::state::AppState;
use crate::{
    accounts, client, conversations, endpoints, events, health, inbox, keys, messages, middleware,
    openapi, senders, settings, webhooks,
};

/// The whole API.
pub fn router(state: &AppState) -> Router {
    let routes = OpenApiRouter::default()
        .merge(accounts::router(state))
        .merge(keys::router())
        .merge(settings::router())
        .merge(messages::router())
        .merge(senders::router())
        .merge(conversations::router())
        .merge(inbox::router())
        .merge(events::router())
        .merge(endpoints::router())
        .merge(webhooks::router())
        .merge(health::router())
        .merge(client::router());
    let routes = openapi::publish(routes)
        .merge(client::pages())
        .fallback(async || ApiError::NoSuchPath)
        .method_not_allowed_fallback(async || ApiError::MethodNotAllowed)
        .with_state(state.clone());
    middleware::wrap(routes, state)
}
