use std::sync::Arc;

use axum::{
    Json,
    extract::{Path, State},
    response::{IntoResponse as _, Response},
};

use super::View;
use crate::{
    Kind, auth::Caller, clock::now_ms, error::Refused, faults::Stage, state::Sim, stats::count,
};

/// `GET /Messages/{Sid}.json`
pub(super) async fn fetch(
    State(sim): State<Arc<Sim>>,
    _: Caller,
    Path((_, file)): Path<(String, String)>,
) -> Result<Response, Refused> {
    count(&sim.stats.fetches);
    let sid = file.strip_suffix(".json");
    let message = sid
        .and_then(|sid| sim.ledger.resource(sid))
        .ok_or_else(|| Refused::new(20404))?;
    let to = sim.ledger.read(message, |message| message.to.clone());
    for fault in sim.faults.draw(Stage::Fetch, Some(&to)) {
        if let Kind::FetchRefused { status } = fault {
            return Err(Refused::with_status(status));
        }
    }
    let now_ms = now_ms();
    let view = sim
        .ledger
        .read(message, |message| View::of(&sim, &message.at(now_ms)));
    Ok(Json(view).into_response())
}
