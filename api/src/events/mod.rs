//! What becomes of messages, as it happens: Server-Sent Events.

mod reader;

use std::time::Duration;

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use http::HeaderValue;
use http::header::{CACHE_CONTROL, CONTENT_TYPE, HeaderName};
use shared::domain::{Timestamp, UserId};
use shared::store::{Place, StoreError};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use self::reader::Reader;
use crate::auth::Caller;
use crate::error::ApiError;
use crate::line::Line;
use crate::live::event::{self, Event};
use crate::live::{Cursor, LastEventId, MOST, OVERLAP};
use crate::openapi::problems::{Invalid, NoStreamLeft, TooManyStreams, Unavailable};
use crate::state::AppState;

/// How old the last event of an earlier stream may be to go on from there.
const LONGEST_GAP: Duration = Duration::from_hours(1);

/// How far ahead of our clock that of another API process may be, and more.
const AHEAD: Duration = Duration::from_mins(1);

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
/// - `deleted` has the `id` of a message that is gone.
/// - `reset` says that too much has changed to be told one by one: read the list again.
///
/// Every event has an `id`, and so has a heartbeat every 15 seconds, which has no data. A client that
/// comes back with the last one as `Last-Event-ID` is told what it missed, and some events a second
/// time. After more than an hour, or more than 1,000 changes, it gets a `reset` instead.
///
/// The stream ends when the token does, when the server stops and when the client does not keep up.
#[utoipa::path(
    get, path = "/events", tag = "messages", operation_id = "streamEvents",
    params(LastEventId),
    responses(
        (
            status = 200, description = "The events, without end",
            body = String, content_type = "text/event-stream",
            example = json!("event: ready\nid: 1767225600120\ndata: {}\n\n"),
        ),
        Invalid, TooManyStreams, NoStreamLeft, Unavailable,
    ),
)]
async fn stream(
    State(state): State<AppState>,
    caller: Caller,
    LastEventId(last): LastEventId,
    line: Line,
) -> Result<Response, ApiError> {
    // In this order, so that nothing falls between what is read here and what is told later.
    let seat = state.events.join(caller.user, line)?;
    let now = state.clock.now();
    let opening = match last {
        None => event::write(&[Event::ready()], Cursor(now), Cursor(now)),
        Some(last) => missed(&state, caller.user, last, now).await?,
    };
    let opening = [event::retry(RETRY)].into_iter().chain(opening);
    let reader = Reader::new(&state, caller, seat, opening, Cursor(now));
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

/// What a client missed since an earlier stream.
async fn missed(
    state: &AppState,
    user: UserId,
    last: Cursor,
    now: Timestamp,
) -> Result<Vec<Bytes>, ApiError> {
    let Cursor(at) = last;
    let recent = now - LONGEST_GAP..=now + AHEAD;
    let reset = || event::write(&[Event::reset()], last, Cursor(now));
    if !recent.contains(&at) {
        return Ok(reset());
    }
    let place = Place::before(at - OVERLAP);
    let changed = state.changes.changed_after(user, place, MOST + 1);
    let changed = state.patience.once(changed).await?;
    if changed.len() > MOST {
        return Ok(reset());
    }
    let events: Result<Vec<_>, _> = changed.iter().map(Event::of).collect();
    let events = events.map_err(|error| StoreError::corrupt("a message", error))?;
    if events.is_empty() {
        return Ok(vec![event::heartbeat(Cursor(now))]);
    }
    Ok(event::write(&events, last, Cursor(now)))
}

#[cfg(test)]
mod tests;
