use std::sync::Arc;

use axum::{
    Json,
    extract::{Path, State},
};
use serde::Serialize;

use crate::{
    clock::now_ms,
    ledger::{Phone, Text},
    state::Sim,
};

/// How many phones the list shows.
const MOST_PHONES: usize = 200;

/// The phones that are known, and from whom texts may be on them.
#[derive(Serialize)]
pub(super) struct Phones {
    senders: Vec<String>,
    phones: Vec<Phone>,
}

/// What is on one phone.
#[derive(Serialize)]
pub(super) struct Screen {
    number: String,
    texts: Vec<Text>,
    /// The senders whose texts the phone does not want.
    stopped: Vec<String>,
}

/// `GET /sim/phones`
pub(super) async fn list(State(sim): State<Arc<Sim>>) -> Json<Phones> {
    Json(Phones {
        senders: sim.senders.authors(),
        phones: sim.ledger.phones(now_ms(), MOST_PHONES),
    })
}

/// `GET /sim/phones/{number}`. A phone that nobody wrote to is an empty one.
pub(super) async fn show(State(sim): State<Arc<Sim>>, Path(number): Path<String>) -> Json<Screen> {
    let senders = sim.senders.authors();
    let stopped = |sender: &String| {
        let scope = sim.senders.scope(sender, None);
        sim.ledger.is_opted_out(&number, &scope)
    };
    Json(Screen {
        texts: sim.ledger.on_phone(&number, now_ms()),
        stopped: senders.into_iter().filter(stopped).collect(),
        number,
    })
}
