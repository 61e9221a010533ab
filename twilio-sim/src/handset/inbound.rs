use std::sync::Arc;

use axum::{
    Json,
    extract::State,
    http::StatusCode,
    response::{IntoResponse as _, Response},
};
use serde::Deserialize;

use crate::{
    Direction,
    api::View,
    clock::now_ms,
    faults::Stage,
    keyword::Keyword,
    media::{self, Given},
    message::{LONGEST_BODY, Message, Order},
    plan, reporting,
    state::Sim,
};

/// The largest request, in bytes: a picture of 5 MB in Base64, and some more.
pub(super) const LARGEST: usize = 16 * 1024 * 1024;

/// Longer than any number or name that a carrier shows as the author.
const LONGEST_AUTHOR: usize = 64;

/// A text that a handset sends.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Inbound {
    from: String,
    /// One of our numbers or short codes; without it the one that wrote there last, or the first.
    to: Option<String>,
    #[serde(default)]
    body: String,
    #[serde(default)]
    media: Vec<Given>,
}

/// `POST /sim/inbound`
pub(super) async fn receive(State(sim): State<Arc<Sim>>, Json(inbound): Json<Inbound>) -> Response {
    let message = match inbound.into_message(&sim) {
        Ok(message) => message,
        Err(problem) => return (StatusCode::BAD_REQUEST, problem).into_response(),
    };
    let view = View::of(&sim, &message.as_created());
    match sim.ledger.accept(message) {
        Ok(message) => {
            reporting::begin(&sim, message);
            (StatusCode::CREATED, Json(view)).into_response()
        }
        Err(error) => {
            tracing::error!(%error, "the ledger cannot be written");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}

impl Inbound {
    fn into_message(self, sim: &Sim) -> Result<Message, &'static str> {
        if self.from.trim().is_empty() || self.from.len() > LONGEST_AUTHOR {
            return Err("from is a number");
        }
        if self.body.encode_utf16().count() > LONGEST_BODY {
            return Err("body has at most 1600 characters");
        }
        if self.media.len() > media::MOST {
            return Err("media has at most 10 files");
        }
        let (to, service) = self.destination(sim)?;
        let given = self.media.into_iter().map(Given::into_medium);
        let media: Vec<_> = given.collect::<Result<_, _>>()?;
        let scope = sim.senders.scope(&to, service.as_deref());
        let url = sim.live().inbound_url(&scope).map(str::to_owned);
        let order = Keyword::of(&self.body).map(|keyword| Order { keyword, scope });
        let now_ms = now_ms();
        let faults = sim.faults.draw(Stage::Receive, Some(&self.from));
        let (steps, callbacks) = plan::received(now_ms, &faults);
        Ok(Message {
            sid: Message::new_sid(),
            to,
            from: self.from,
            service,
            body: self.body,
            num_media: media.len(),
            media,
            callbacks: if url.is_some() { callbacks } else { Vec::new() },
            status_callback: url,
            direction: Direction::Inbound,
            order,
            foreign: false,
            erased: None,
            arrival: None,
            created_ms: now_ms,
            listed_ms: now_ms,
            steps,
        })
    }

    /// The number it is for, and the Messaging Service if the handset knows the number from there.
    fn destination(&self, sim: &Sim) -> Result<(String, Option<String>), &'static str> {
        let Some(to) = &self.to else {
            let senders = sim.senders.recipients();
            let last = sim.ledger.last_sender(&self.from, &senders);
            let first = || Some((senders.first()?.clone(), None));
            return last.or_else(first).ok_or("there is no sender to write to");
        };
        let kind = sim.senders.kind(to).ok_or("to is none of the senders")?;
        if !kind.takes_texts() {
            return Err("to is a name or a service: phones write to numbers and short codes");
        }
        let last = sim.ledger.last_sender(&self.from, std::slice::from_ref(to));
        Ok(last.unwrap_or_else(|| (to.clone(), None)))
    }
}
