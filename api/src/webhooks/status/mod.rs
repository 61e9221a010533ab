//! What became of messages at the provider.

use http::StatusCode;
use mysms_core::chain::Chain;
use mysms_core::domain::{Consent, Evidence, Fact, FactEffect, MessageId, Wish};
use mysms_core::ledger::FactOutcome;
use mysms_core::provider::{Call, CallError, Report};
use runtime::metrics::CallbackOutcome;

use crate::error::ApiError;
use crate::state::AppState;

/// The longest new word of the provider that is kept.
const LONGEST_WORD: usize = 40;

/// Stores what the provider says about a message.
pub(super) async fn take(state: &AppState, call: &Call<'_>) -> Result<StatusCode, ApiError> {
    let report = state.callbacks.report(call);
    let report = report.map_err(|error| refused(state, error))?;
    let unwilling = report.unwilling.clone();
    let fact = fact(state, report);
    let outcome = state
        .store_timeout
        .repeat(|| state.stores.ledger.apply_fact(&fact))
        .await?;
    state.metrics.callback(outcome.into());
    let status = fact.status.status();
    state.metrics.learned(status, fact.at, outcome);
    if let Some(owner) = outcome.seen_by() {
        state.announce(owner, fact.at);
    }
    log(&fact, outcome);
    let heed = state.feedback.heed(&fact, outcome);
    if let Err(error) = state.store_timeout.once(heed).await {
        // Once more told it would be no news.
        tracing::warn!(error = %Chain(&error), "a sender was not slowed down");
    }
    if let Some(recipient) = unwilling {
        let wish = Wish {
            recipient: recipient.into(),
            senders: vec![sender(state, &fact, outcome).await?],
            consent: Consent::Withdrawn,
            // It was so when the message was sent, at the earliest.
            at: fact.message.map_or(fact.at, MessageId::made_at),
        };
        let evidence = Evidence::refusal(fact.message);
        let heed = || state.wishes.heed(&wish, &evidence, fact.at);
        state.store_timeout.repeat(heed).await?;
    }
    Ok(StatusCode::NO_CONTENT)
}

/// The sender of the message that a fact is about: the one that it left from, or that of the environment,
/// if it is none of ours.
async fn sender(state: &AppState, fact: &Fact, outcome: FactOutcome) -> Result<String, ApiError> {
    let message = match outcome {
        FactOutcome::Applied { id, .. }
        | FactOutcome::Surplus { id, .. }
        | FactOutcome::ForeignAccount { id } => Some(id),
        FactOutcome::NoMessage => fact.message,
    };
    let message: Vec<_> = message.into_iter().collect();
    let read = state.stores.ledger.read(&message);
    let mut found = state.store_timeout.once(read).await?;
    let left = found.pop().and_then(|message| message.sender);
    Ok(left.unwrap_or_else(|| state.provider.sender.as_str().to_owned()))
}

fn refused(state: &AppState, error: CallError) -> ApiError {
    match error {
        CallError::NotGenuine => {
            state.metrics.callback(CallbackOutcome::BadSignature);
            ApiError::BadSignature
        }
        CallError::Unreadable(error) => {
            state.metrics.callback(CallbackOutcome::Unreadable);
            tracing::warn!(error = %Chain(&*error), "a signed callback could not be read");
            ApiError::Malformed(format!("The callback cannot be read: {error}."))
        }
    }
}

fn fact(state: &AppState, report: Report) -> Fact {
    let Report {
        message,
        account,
        text,
        ..
    } = report;
    let now = state.clock.now();
    let first_poll = state.delivery.status_polls.first();
    let word = text.unknown_word.map(|word| {
        let word: String = word.chars().take(LONGEST_WORD).collect();
        format!("the provider's word is {word:?}")
    });
    Fact {
        message,
        sid: text.sid,
        account,
        status: text.status,
        code: text.error_code,
        detail: word,
        at: now,
        poll_at: first_poll
            .filter(|_| !text.status.status().is_terminal())
            .map(|after| now + *after),
    }
}

fn log(fact: &Fact, outcome: FactOutcome) {
    let status = fact.status.status().as_str();
    let sid = fact.sid.as_str();
    match outcome {
        FactOutcome::Applied {
            id,
            effect: FactEffect::Raised,
            ..
        } => {
            tracing::info!(message.id = %id, message.status = status, "the callback raised the status");
        }
        FactOutcome::Applied { id, effect, .. } => {
            tracing::debug!(message.id = %id, message.status = status, ?effect, "callback");
        }
        FactOutcome::Surplus {
            id,
            taken_twice: true,
            ..
        } => tracing::error!(
            message.id = %id,
            provider.sid = sid,
            "the provider took message {id} twice"
        ),
        FactOutcome::Surplus { id, .. } => tracing::warn!(
            message.id = %id,
            provider.sid = sid,
            message.status = status,
            "a callback for a second SID of message {id}"
        ),
        FactOutcome::ForeignAccount { id } => tracing::warn!(
            message.id = %id,
            provider.account = fact.account,
            "a callback of another account than the one message {id} was accepted for"
        ),
        FactOutcome::NoMessage => {
            tracing::debug!(
                provider.sid = sid,
                "a callback for a message that is not here"
            );
        }
    }
}

#[cfg(test)]
mod tests;
