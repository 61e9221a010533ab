use std::sync::Arc;

use axum::{
    Json, Router,
    extract::{Path, State},
    http::StatusCode,
    response::{IntoResponse as _, Response},
    routing::{get, put},
};

use super::{SenderState, Terms};
use crate::{clock::now_ms, state::Sim};

/// What the account's owner arranges with the carriers.
#[expect(
    clippy::disallowed_methods,
    reason = "the simulator is no part of the API"
)]
pub(crate) fn router() -> Router<Arc<Sim>> {
    Router::new()
        .route("/senders", get(list))
        .route("/senders/{address}", put(set).delete(remove))
}

async fn list(State(sim): State<Arc<Sim>>) -> Json<Vec<SenderState>> {
    Json(sim.senders.states(now_ms()))
}

async fn set(
    State(sim): State<Arc<Sim>>,
    Path(address): Path<String>,
    Json(terms): Json<Terms>,
) -> Response {
    match sim.senders.set(&address, terms, now_ms()) {
        Ok(state) => Json(state).into_response(),
        Err(problem) => (StatusCode::BAD_REQUEST, problem).into_response(),
    }
}

async fn remove(State(sim): State<Arc<Sim>>, Path(address): Path<String>) -> StatusCode {
    if sim.senders.remove(&address) {
        StatusCode::NO_CONTENT
    } else {
        StatusCode::NOT_FOUND
    }
}
