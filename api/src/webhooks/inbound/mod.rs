//! What people write to us.

use axum::response::{IntoResponse, Response};
use http::header::CONTENT_TYPE;
use mysms_core::chain::Chain;
use mysms_core::domain::{InboundRule, MessageId, UserId, Wish};
use mysms_core::provider::{Call, CallError, ReceivedText};
use mysms_core::store::Received;
use runtime::metrics::InboundOutcome;

use crate::error::ApiError;
use crate::state::AppState;

/// Stores a text, and does what it asks for.
pub(super) async fn take(state: &AppState, call: &Call<'_>) -> Result<Response, ApiError> {
    let text = state.callbacks.received(call);
    let text = text.map_err(|error| refused(state, error))?;
    let now = state.clock.now();
    // The id stays the same, so that what an unclear answer stored is found.
    let consent = text.consent;
    let owner = owner(state, &text).await?;
    let inbound = text.stored_as(MessageId::generate(now), now, owner);
    let received = state
        .store_timeout
        .repeat(|| state.stores.conversations.receive(&inbound))
        .await?;
    if let Some(consent) = consent {
        let wish = Wish {
            recipient: inbound.from.clone(),
            senders: inbound.senders().map(str::to_owned).collect(),
            consent,
            // When it was first heard of: a repeat must not undo what was said since.
            at: received.message.sent_at,
        };
        state.apply_wish(&wish, now).await?;
    }
    // Whoever is told of the text then sees what it changed.
    note(state, &received);
    let answer = state.callbacks.acknowledgement();
    Ok(([(CONTENT_TYPE, answer.content_type)], answer.body).into_response())
}

/// Whom the sender that a text was written to is for; `None` for whoever holds the conversation.
async fn owner(state: &AppState, text: &ReceivedText) -> Result<Option<UserId>, ApiError> {
    let registry = state.outgoing.registry().await?;
    let service = text.service.as_deref();
    let sender = registry.get(text.to.as_str());
    let sender = sender.or_else(|| registry.get(service?));
    Ok(sender.and_then(|sender| match sender.inbound {
        InboundRule::Owner => sender.owner,
        InboundRule::Conversation => None,
        InboundRule::Inbox => Some(UserId::NOBODY),
    }))
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
        tracing::warn!(message.id = %message.id, "a text to us, from a number that nobody wrote to");
    } else {
        tracing::info!(message.id = %message.id, repeated = known, "a text to us");
        state.announce(message.owner, message.updated_at);
    }
}

#[cfg(test)]
mod tests;
