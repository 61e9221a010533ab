//! What people write to us.

use axum::response::{IntoResponse, Response};
use http::header::CONTENT_TYPE;
use mysms_core::chain::Chain;
use mysms_core::domain::UserId;
use mysms_core::provider::{Arrival, Call, CallError};
use mysms_core::store::Received;
use runtime::metrics::InboundOutcome;

use crate::error::ApiError;
use crate::state::AppState;

/// Stores a text, and does what it asks for.
pub(super) async fn take(state: &AppState, call: &Call<'_>) -> Result<Response, ApiError> {
    let text = state.callbacks.received(call);
    let text = text.map_err(|error| refused(state, error))?;
    let now = state.clock.now();
    let arrival = Arrival::told(now);
    let received = state
        .store_timeout
        .repeat(|| state.reception.take(text.clone(), arrival, now))
        .await?;
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
}

#[cfg(test)]
mod tests;
