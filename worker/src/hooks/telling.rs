//! What an endpoint is to be told of a message, and the call that tells it.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use mysms_core::domain::{
    Attempt, EventType, Message, MessageId, RefusedEvent, Telling, Timestamp, event_id,
};
use mysms_core::post::{Call, Posted};
use mysms_core::store::{Result, StoreError};
use tokio::time::Instant;
use view::EventView;

use super::desk::Desk;
use super::held::Held;

/// How long one call may take in all.
const CALL_WITHIN: Duration = Duration::from_secs(15);

/// How much of a lease has to be left for a call to begin: it ends before somebody else may begin one,
/// though their clocks differ.
const MARGIN: Duration = CALL_WITHIN.saturating_add(mysms_core::clock::MAX_CLOCK_SKEW);

/// What was told of some messages.
pub(super) type Known = HashMap<MessageId, Telling>;

/// A call that has come back, or was not made after all.
pub(super) struct Landed {
    pub(super) telling: Telling,
    pub(super) probe: bool,
    kind: EventType,
    id: String,
    at: Timestamp,
    pub(super) duration: Duration,
    pub(super) posted: Option<Posted>,
}

/// As which event the endpoint is to be told how a message is now, and what counts of what it was told;
/// `None` if it is not to be told. `again`: though it was.
pub(super) fn decide<'k>(
    held: &Held,
    message: &Message,
    known: Option<&'k Telling>,
    again: bool,
) -> Option<(EventType, Option<&'k Telling>)> {
    let progress = &held.progress;
    // What was read may be older than what was told, and is found again.
    if known.is_some_and(|told| told.changed_at > message.updated_at) {
        return None;
    }
    let told = known.filter(|told| progress.counts(told, message));
    if !again && told.is_some_and(|told| told.covers(message.updated_at)) {
        return None;
    }
    if !again && progress.is_aside(message.id, message.updated_at) {
        return None;
    }
    let kind = held
        .endpoint
        .event(message, told.is_some(), progress.news_since())?;
    Some((kind, told))
}

/// What the endpoint was told of some messages.
pub(super) async fn known(desk: &Desk, held: &Held, messages: &[MessageId]) -> Result<Known> {
    if messages.is_empty() {
        return Ok(Known::new());
    }
    let told = desk.told.told(held.id(), messages).await?;
    Ok(told.into_iter().map(|told| (told.message, told)).collect())
}

/// Tells one event: waits for the right to call, and calls.
pub(super) fn tell(
    desk: &Arc<Desk>,
    held: &Held,
    message: &Message,
    (kind, told): (EventType, Option<&Telling>),
    probe: bool,
) -> Result<impl Future<Output = Landed> + Send + use<>> {
    let event = EventView::new(kind, message, told, desk.glossary);
    let body =
        serde_json::to_string(&event).map_err(|error| StoreError::corrupt("an event", error))?;
    let now = desk.clock.now();
    let endpoint = &held.endpoint;
    let mut call = Call {
        url: endpoint.url.clone(),
        secrets: endpoint.secrets.signing(now).cloned().collect(),
        id: event_id(message.id, message.version),
        at: now,
        body,
    };
    let telling = Telling::of(message, held.progress.replays);
    let (owner, until) = (endpoint.owner, held.until());
    let desk = Arc::clone(desk);
    Ok(async move {
        let place = desk.place(owner).await;
        let (at, began) = (desk.clock.now(), Instant::now());
        call.at = at;
        let id = call.id.clone();
        let in_time = at + MARGIN <= until;
        let posted = if in_time {
            Some(desk.post.post(call).await)
        } else {
            None
        };
        drop(place);
        Landed {
            telling,
            probe,
            kind,
            id,
            at,
            duration: began.elapsed(),
            posted,
        }
    })
}

impl Landed {
    pub(super) fn message(&self) -> MessageId {
        self.telling.message
    }

    pub(super) fn attempt(&self, posted: &Posted) -> Attempt {
        Attempt {
            at: self.at,
            event: self.id.clone(),
            kind: self.kind,
            answer: posted.answer,
            duration_ms: u64::try_from(self.duration.as_millis()).unwrap_or(u64::MAX),
        }
    }

    pub(super) fn refused(&self, posted: &Posted) -> RefusedEvent {
        RefusedEvent {
            message: self.telling.message,
            version: self.telling.version,
            changed_at: self.telling.changed_at,
            answer: posted.answer,
            retry_after: posted.retry_after,
        }
    }
}
