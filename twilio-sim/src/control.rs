use std::sync::Arc;

use axum::{
    Json, Router,
    extract::{Path, Query, State},
    http::{StatusCode, header::CONTENT_TYPE},
    response::{IntoResponse as _, Response},
    routing::{delete, get},
};
use serde::Deserialize;
use serde_json::json;

use crate::{
    Direction, Fault, SettingsChange, Status, account,
    api::View,
    clock::now_ms,
    media::{self, Given},
    message::{Message, Step},
    state::Sim,
};

/// The simulator's own paths.
#[expect(
    clippy::disallowed_methods,
    reason = "the simulator is no part of the API"
)]
pub(crate) fn router() -> Router<Arc<Sim>> {
    Router::new()
        .route("/faults", get(faults).post(add_fault).delete(clear_faults))
        .route("/faults/{id}", delete(remove_fault))
        .route("/settings", get(settings).put(change_settings))
        .route("/account", get(account::show).put(account::replace))
        .route("/messages", get(messages).post(add_message))
        .route("/book", get(book))
        .route("/stats", get(stats))
}

async fn faults(State(sim): State<Arc<Sim>>) -> Response {
    Json(sim.faults.entries()).into_response()
}

async fn add_fault(State(sim): State<Arc<Sim>>, Json(fault): Json<Fault>) -> Response {
    match fault.check() {
        Ok(()) => {
            let id = sim.faults.add(fault);
            (StatusCode::CREATED, Json(json!({ "id": id }))).into_response()
        }
        Err(problem) => (StatusCode::BAD_REQUEST, problem).into_response(),
    }
}

async fn clear_faults(State(sim): State<Arc<Sim>>) -> StatusCode {
    sim.faults.clear();
    StatusCode::NO_CONTENT
}

async fn remove_fault(State(sim): State<Arc<Sim>>, Path(id): Path<u64>) -> StatusCode {
    if sim.faults.remove(id) {
        StatusCode::NO_CONTENT
    } else {
        StatusCode::NOT_FOUND
    }
}

async fn settings(State(sim): State<Arc<Sim>>) -> Response {
    Json(&sim.live().settings).into_response()
}

async fn change_settings(
    State(sim): State<Arc<Sim>>,
    Json(change): Json<SettingsChange>,
) -> Response {
    match change.check() {
        Ok(()) => Json(&sim.change(change).settings).into_response(),
        Err(problem) => (StatusCode::BAD_REQUEST, problem).into_response(),
    }
}

#[derive(Deserialize)]
struct Filter {
    to: Option<String>,
}

async fn messages(State(sim): State<Arc<Sim>>, Query(filter): Query<Filter>) -> Response {
    Json(sim.ledger.export(filter.to.as_deref(), now_ms())).into_response()
}

/// The place behind which to read on.
#[derive(Deserialize)]
struct Behind {
    #[serde(default)]
    after: usize,
}

/// Lines of JSON; none once the end is reached.
async fn book(State(sim): State<Arc<Sim>>, Query(behind): Query<Behind>) -> Response {
    let mut body = Vec::new();
    for line in sim.ledger.lines(behind.after, now_ms()) {
        if let Err(error) = serde_json::to_writer(&mut body, &line) {
            tracing::error!(%error, "a line of the book cannot be written");
            return StatusCode::INTERNAL_SERVER_ERROR.into_response();
        }
        body.push(b'\n');
    }
    ([(CONTENT_TYPE, "application/x-ndjson")], body).into_response()
}

async fn stats(State(sim): State<Arc<Sim>>) -> Response {
    let (messages, callbacks_pending) = sim.ledger.counts();
    Json(sim.stats.totals(messages, callbacks_pending)).into_response()
}

/// A message that other software sent, or that was sent to it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Foreign {
    to: String,
    #[serde(default)]
    body: String,
    #[serde(default)]
    media: Vec<Given>,
    from: Option<String>,
    messaging_service_sid: Option<String>,
    #[serde(default)]
    direction: Direction,
    /// Delivered, unless it says otherwise.
    status: Option<Status>,
    error_code: Option<u32>,
    #[serde(default)]
    created_seconds_ago: u32,
}

/// Puts a message into the account; it is owed no callbacks.
async fn add_message(State(sim): State<Arc<Sim>>, Json(foreign): Json<Foreign>) -> Response {
    let first = sim.senders.recipients().into_iter().next();
    let message = match foreign.into_message(first.unwrap_or_default()) {
        Ok(message) => message,
        Err(problem) => return (StatusCode::BAD_REQUEST, problem).into_response(),
    };
    let view = View::of(&sim, &message.at(now_ms()));
    match sim.ledger.accept(message) {
        Ok(_) => (StatusCode::CREATED, Json(view)).into_response(),
        Err(error) => {
            tracing::error!(%error, "the ledger cannot be written");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}

impl Foreign {
    fn into_message(self, sender: String) -> Result<Message, &'static str> {
        if self.media.len() > media::MOST {
            return Err("media has at most 10 files");
        }
        let given = self.media.into_iter().map(Given::into_medium);
        let media: Vec<_> = given.collect::<Result<_, _>>()?;
        let created_ms = now_ms() - i64::from(self.created_seconds_ago) * 1000;
        let status = self.status.unwrap_or(Status::Delivered);
        let was_sent = matches!(status, Status::Delivered | Status::Undelivered);
        let path = was_sent.then_some(Status::Sent).into_iter().chain([status]);
        Ok(Message {
            sid: Message::new_sid(),
            to: self.to,
            from: self.from.unwrap_or(sender),
            service: self.messaging_service_sid,
            body: self.body,
            num_media: media.len(),
            media,
            status_callback: None,
            direction: self.direction,
            order: None,
            foreign: true,
            erased: None,
            arrival: None,
            created_ms,
            listed_ms: created_ms,
            steps: path
                .map(|step| Step {
                    at_ms: created_ms,
                    status: step,
                    code: self.error_code.filter(|_| step == status),
                })
                .collect(),
            callbacks: Vec::new(),
        })
    }
}
