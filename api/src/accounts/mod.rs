//! Signing up, logging in and out, sessions, who am I, another password, and leaving.

mod confirm_password;
mod cookie;
mod delete_account;
mod me;
mod password;
mod renewing;
mod sessions;
mod sign_up;

use axum::Router;
use axum::middleware::from_fn_with_state;
use axum::routing::post;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub(crate) use self::delete_account::erase_closed;
#[cfg(test)]
pub(crate) use self::delete_account::erase_due;
use crate::auth::limit_attempts;
use crate::state::AppState;

pub(crate) fn router(state: &AppState) -> OpenApiRouter<AppState> {
    OpenApiRouter::default()
        .routes(routes!(sign_up::sign_up))
        .routes(routes!(sign_up::log_in))
        .route_layer(from_fn_with_state(state.clone(), limit_attempts))
        .routes(routes!(sessions::log_out))
        .routes(routes!(me::me, delete_account::close))
        .routes(routes!(password::change))
        .routes(routes!(sessions::list))
        .routes(routes!(sessions::end_one))
        .routes(routes!(renewing::renew))
}

/// What only a browser can use: a program has no cookies, and needs none.
#[expect(
    clippy::disallowed_methods,
    reason = "no part of the API: its pages alone call it, with what only their browser knows"
)]
pub(crate) fn for_browsers() -> Router<AppState> {
    Router::new()
        .route("/session/cookie", post(cookie::keep).delete(cookie::leave))
        .route("/session/refresh", post(cookie::refresh))
}

#[cfg(test)]
mod tests;
