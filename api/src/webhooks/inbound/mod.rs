//! What people write to us.

use axum::response::{IntoResponse, Response};
use http::header::CONTENT_TYPE;
use mysms_core::chain::Chain;
use mysms_core::domain::{MessageId, UserId};
use mysms_core::provider::{Call, CallError};
use mysms_core::store::Received;
use runtime::metrics::InboundOutcome;

use crate::error::ApiError;
use crate::state::AppState;

/// Stores a text, and does what it asks for.
pub(super) async fn take(state: &AppState, call: &Call<'_>) -> Result<Response, ApiError> {
    let text = state.callbacks.received(call);
    let text = text.map_err(|error| refused(state, error))?;
    let now = state.clock.now();
    let consent = text.consent;
    let registry = state.outgoing.registry().await?;
    let otherwise = state.default_owner.user().await?;
    // The id stays the same, so that what an unclear answer stored is found.
    let inbound = text.stored_as((MessageId::generate(now), now), &registry, otherwise);
    let received = state
        .store_timeout
        .repeat(|| state.stores.conversations.receive(&inbound))
        .await?;
    // When it was first heard of: a repeat must not undo what was said since.
    let said_at = received.message.sent_at;
    let wishes = consent.map(|consent| inbound.wishes(consent, said_at));
    for wish in wishes.into_iter().flatten() {
        state.apply_wish(&wish, now).await?;
    }
    // Whoever is told of the text then sees what it changed.
    note(state, &received);
    let answer = state.callbacks.acknowledgement();
    Ok(([(CONTENT_TYPE, answer.content_type)], answer.body).into_response())
}

fn refused(state: &AppState, error: CallError) -> ApiError {
    match error {
        CallError::NotGenuine => {
            state.metrics.inbound(InboundOutcome::BadSignature);
            ApiError::BadSignature
        }
        CallError::Unreadable(error) => {
            state.metrics.inbound(InboundOutcome::Unreadable);
            tracing::warn!(error = %Chain(&*error), "a signed text to us could not be read");
            ApiError::Malformed(format!("The text cannot be read: {error}."))
        }
    }
}

/// Tells whoever watches; again for what was stored before, because that may have been cut short.
fn note(state: &AppState, Received { message, known }: &Received) {
    let nobody = message.owner == UserId::NOBODY;
    state.metrics.inbound(match (known, nobody) {
        (true, _) => InboundOutcome::Known,
        (false, true) => InboundOutcome::Unassigned,
        (false, false) => InboundOutcome::Assigned,
    });
    if nobody {
        tracing::warn!(message.id = %message.id, "a text to us that belongs to nobody");
    } else {
        tracing::info!(message.id = %message.id, repeated = known, "a text to us");
    }
    state.announce(message.owner, message.updated_at);
}

#[cfg(test)]
mod tests;
