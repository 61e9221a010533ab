use std::{borrow::Cow, collections::HashMap, sync::Arc};

use axum::{
    Json,
    body::Bytes,
    extract::{Path, State},
    http::StatusCode,
    response::{IntoResponse as _, Response},
};

use super::View;
use crate::{
    Kind, auth::Caller, clock::now_ms, error::Refused, faults::Stage, message::Erased, state::Sim,
};

/// `POST /Messages/{Sid}.json`, with which a body is emptied. Nothing here is scheduled, so there is nothing
/// to cancel.
pub(super) async fn update(
    State(sim): State<Arc<Sim>>,
    _: Caller,
    Path((_, file)): Path<(String, String)>,
    form: Bytes,
) -> Result<Response, Refused> {
    let message = find(&sim, &file)?;
    let form: HashMap<Cow<'_, str>, Cow<'_, str>> = form_urlencoded::parse(&form).collect();
    match (form.get("Body").map(AsRef::as_ref), form.get("Status")) {
        (Some(""), None) => {}
        (None, Some(status)) if status == "canceled" => return Err(Refused::new(30409)),
        _ => return Err(Refused::new(30400)),
    }
    erase(&sim, message, Erased::Body)?;
    let now_ms = now_ms();
    let view = sim
        .ledger
        .read(message, |message| View::of(&sim, &message.at(now_ms)));
    Ok(Json(view).into_response())
}

/// `DELETE /Messages/{Sid}.json`
pub(super) async fn delete(
    State(sim): State<Arc<Sim>>,
    _: Caller,
    Path((_, file)): Path<(String, String)>,
) -> Result<StatusCode, Refused> {
    erase(&sim, find(&sim, &file)?, Erased::Record)?;
    Ok(StatusCode::NO_CONTENT)
}

fn find(sim: &Sim, file: &str) -> Result<usize, Refused> {
    let sid = file.strip_suffix(".json");
    let message = sid.and_then(|sid| sim.ledger.resource(sid));
    message.ok_or_else(|| Refused::new(20404))
}

fn erase(sim: &Sim, message: usize, what: Erased) -> Result<(), Refused> {
    let now_ms = now_ms();
    let (to, is_final) = sim.ledger.read(message, |message| {
        (message.to.clone(), message.is_final(now_ms))
    });
    for fault in sim.faults.draw(Stage::Erase, Some(&to)) {
        if let Kind::EraseRefused { status } = fault {
            return Err(Refused::with_status(status));
        }
    }
    if !is_final {
        return Err(Refused::new(20009));
    }
    sim.ledger.erase(message, what).map_err(|error| {
        tracing::error!(%error, "the ledger cannot be written");
        Refused::new(20500)
    })
}
