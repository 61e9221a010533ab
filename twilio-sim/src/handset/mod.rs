//! The other side: the phones that get texts and write some.

use std::sync::Arc;

use axum::{
    Router,
    extract::DefaultBodyLimit,
    routing::{get, post},
};

use crate::state::Sim;

mod inbound;
mod phones;

/// What phones do and show.
#[expect(
    clippy::disallowed_methods,
    reason = "the simulator is no part of the API"
)]
pub(crate) fn router() -> Router<Arc<Sim>> {
    Router::new()
        .route(
            "/inbound",
            post(inbound::receive).layer(DefaultBodyLimit::max(inbound::LARGEST)),
        )
        .route("/phones", get(phones::list))
        .route("/phones/{number}", get(phones::show))
}
