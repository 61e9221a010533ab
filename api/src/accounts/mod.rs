//! Signing up, logging in and out, sessions, who am I, another password, and leaving.

mod closing;
mod entering;
mod me;
mod password;
mod proof;
mod renewing;
mod sessions;

use axum::middleware::from_fn_with_state;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub(crate) use self::closing::erase_closed;
use crate::auth::limit_attempts;
use crate::state::AppState;

pub(crate) fn router(state: &AppState) -> OpenApiRouter<AppState> {
    OpenApiRouter::default()
        .routes(routes!(entering::sign_up))
        .routes(routes!(entering::log_in))
        .route_layer(from_fn_with_state(state.clone(), limit_attempts))
        .routes(routes!(sessions::log_out))
        .routes(routes!(me::me, closing::close))
        .routes(routes!(password::change))
        .routes(routes!(sessions::list))
        .routes(routes!(sessions::end_one))
        .routes(routes!(renewing::renew))
}

#[cfg(test)]
mod tests;
