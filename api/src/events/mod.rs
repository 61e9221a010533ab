//! What becomes of messages, as it happens: Server-Sent Events.

mod missed;
mod reader;

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::HeaderValue;
use http::header::{CACHE_CONTROL, CONTENT_TYPE, HeaderName};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use self::missed::Missed;
use self::reader::{Opening, Reader};
use crate::auth::Caller;
use crate::client_address::ClientAddress;
use crate::connection::Connection;
use crate::error::ApiError;
use crate::live::event::{self, Event, EventData};
use crate::live::{Cursor, LastEventId};
use crate::network::Network;
use crate::openapi::problems::{Invalid, NoStreamLeft, TooManyStreams, Unavailable};
use crate::state::AppState;

/// When clients come back after the end of a stream, in milliseconds.
const RETRY: u32 = 2000;

pub(crate) fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::default().routes(routes!(stream))
}

/// Follow what becomes of the caller's messages
///
/// A stream of Server-Sent Events that does not end by itself. Read it with `fetch`, because
/// `EventSource` cannot send a token.
///
/// - `ready` comes first. Whatever changes afterwards is told, so a list that is read now misses
///   nothing.
/// - `message` has a message as lists show it, whenever it was accepted or something about it changed:
///   put it in the place of the one with the same `id`, unless that one has a higher `version`: after
///   a client came back, an older state may follow a newer one. A status that did not last may be left
///   out.
/// - `conversation.read` has the `counterpart` whose texts were seen, and `up_to`, the `id` of the last of
///   them: all that came from there, up to that one, are no longer `unread`. It stands for their `message`
///   events; only of one about which more has changed there is a `message`.
/// - `conversations.marked` says that a conversation was pinned, put aside or to be looked at again, or is so no
///   more: read their list again.
/// - `deleted` has the `id` of a message that is gone.
/// - `webhook.disabled` has the `id` of a webhook that is called no more, `disabled_at` and `disabled_by`.
/// - `opt_out.changed` has what somebody wants of a sender that the caller looks after, as `GET /opt-outs`
///   lists it, within two seconds. It has no `id`, and is not told to who was away: read the list again.
/// - `reset` says that too much has changed to be told one by one: read the list again.
/// - `inbox` says that what belongs to nobody has changed: read `GET /inbox/unassigned` again. Only who may
///   see that is told, at the beginning as well, and it has no `id`.
///
/// Every other event has an `id`, and so has a heartbeat every 15 seconds, which has no data. A client that
/// comes back with the last one as `Last-Event-ID` is told what it missed, and some events a second
/// time. After more than an hour, or more than 1,000 changes, it gets a `reset` instead.
///
/// The stream ends when the token does, when the server stops and when the client does not keep up.
#[utoipa::path(
    get, path = "/events", tag = "messages", operation_id = "streamEvents",
    security(("token" = []), ("key" = ["events:read"])),
    params(LastEventId),
    responses(
        (
            status = 200, description = "The events, without end",
            body = EventData, content_type = "text/event-stream",
        ),
        Invalid, TooManyStreams, NoStreamLeft, Unavailable,
    ),
)]
async fn stream(
    State(state): State<AppState>,
    caller: Caller,
    LastEventId(last): LastEventId,
    ClientAddress(client): ClientAddress,
    connection: Connection,
) -> Result<Response, ApiError> {
    let client = Network::of_a_client(client);
    let place = client.map(|client| state.streams.take(client, 1));
    let place = place.transpose().map_err(|_| ApiError::TooManyStreams)?;
    // In this order, so that nothing falls between what is read here and what is told later.
    let seat = state.events.join(caller.user, connection)?;
    let now = Cursor(state.clock.now());
    let (begin, missed) = match last {
        None => (event::write(&[Event::ready()], now, now), None),
        Some(last) => {
            let mut missed = Missed::new(&state, caller.user, last, now);
            (missed.next().await?.unwrap_or_default(), Some(missed))
        }
    };
    let opening = Opening {
        begin: [event::retry(RETRY)].into_iter().chain(begin).collect(),
        missed,
    };
    let reader = Reader::new(&state, caller, (seat, place), opening, now);
    let headers = [
        (CONTENT_TYPE, HeaderValue::from_static("text/event-stream")),
        (CACHE_CONTROL, HeaderValue::from_static("no-store")),
        (
            HeaderName::from_static("x-accel-buffering"),
            HeaderValue::from_static("no"),
        ),
    ];
    Ok((headers, reader.into_body()).into_response())
}

#[cfg(test)]
mod tests;
