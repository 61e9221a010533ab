//! What became of messages at the provider.

use axum::extract::State;
use http::{HeaderMap, StatusCode, Uri};
use shared::domain::{Consent, Fact, FactEffect, MessageId, Wish};
use shared::ledger::FactOutcome;
use shared::metrics::{CallbackOutcome, metrics};
use shared::telemetry::Chain;
use shared::twilio::StatusCallback;
use utoipa::ToSchema;

use super::signed_form;
use crate::error::ApiError;
use crate::extract::RawBody;
use crate::openapi::problems::{BadSignature, Unavailable};
use crate::openapi::schema;
use crate::state::AppState;

/// The longest new word of the provider that is kept.
const LONGEST_WORD: usize = 40;

/// What is read of the provider's form; it holds more.
#[derive(ToSchema)]
#[schema(as = StatusCallback)]
#[expect(
    dead_code,
    reason = "it is there to be described; the form is read in any order"
)]
struct Form {
    #[schema(rename = "MessageSid", value_type = schema::MessageSid)]
    sid: String,
    #[schema(rename = "MessageStatus", min_length = 1, example = "delivered")]
    status: String,
    #[schema(
        rename = "AccountSid",
        min_length = 1,
        example = "AC00000000000000000000000000000001"
    )]
    account: String,
    #[schema(rename = "To", value_type = Option<schema::Recipient>)]
    to: Option<String>,
    #[schema(rename = "ErrorCode", example = "30003")]
    error_code: Option<String>,
}

/// What became of a message at the provider
///
/// For the provider alone, which signs what it says. The answer is 204 once that is stored, and also
/// when there is nothing to do with it.
#[utoipa::path(
    post, path = "/webhooks/twilio/status", tag = "provider", operation_id = "reportStatus",
    security(()),
    params(
        (
            "message" = Option<String>, Query, description = "The message that it is about",
            example = json!(schema::MESSAGE_ID),
        ),
        (
            "X-Twilio-Signature" = String, Header, description = "HMAC-SHA1 of the URL and the form",
            example = "0/KCTR6DLpKmkAf8muzZqo1nDgQ=",
        ),
    ),
    request_body(
        content = Form, content_type = "application/x-www-form-urlencoded",
        examples(
            ("a delivery" = (value = json!({
                "MessageSid": "SM0123456789abcdef0123456789abcdef",
                "MessageStatus": "delivered",
                "AccountSid": "AC00000000000000000000000000000001",
            }))),
            ("bad-signature" = (value = json!({
                "MessageSid": "SM0123456789abcdef0123456789abcdef",
                "MessageStatus": "delivered",
                "AccountSid": "AC00000000000000000000000000000001",
            }))),
        ),
    ),
    responses((status = 204, description = "It is stored"), BadSignature, Unavailable),
)]
pub(super) async fn status(
    State(state): State<AppState>,
    uri: Uri,
    headers: HeaderMap,
    RawBody(body): RawBody,
) -> Result<StatusCode, ApiError> {
    let form = signed_form(&state, &uri, &headers, &body)
        .inspect_err(|_| metrics().callback(CallbackOutcome::BadSignature))?;
    let callback = StatusCallback::parse(&form).map_err(|error| {
        metrics().callback(CallbackOutcome::Unreadable);
        tracing::warn!(error = %Chain(&error), "a signed callback could not be read");
        ApiError::Malformed(format!("The callback cannot be read: {error}."))
    })?;
    let unwilling = callback.recipient.clone().filter(|_| callback.opted_out);
    let fact = fact(&state, addressee(&uri), callback);
    let outcome = state
        .patience
        .repeat(|| state.stores.ledger.apply_fact(&fact))
        .await?;
    metrics().callback(outcome.into());
    metrics().learned(fact.status.status(), fact.at, outcome);
    if let Some(owner) = outcome.seen_by() {
        state.announce(owner, fact.at);
    }
    log(&fact, outcome);
    if let Some(recipient) = unwilling {
        let wish = Wish {
            recipient,
            senders: vec![state.provider.sender.as_str().to_owned()],
            consent: Consent::Withdrawn,
            // It was so when the message was sent, at the earliest.
            at: fact.message.map_or(fact.at, MessageId::made_at),
        };
        state.heed(&wish, fact.at).await?;
    }
    Ok(StatusCode::NO_CONTENT)
}

/// The message that the callback's URL was made for. What is no id is nobody: the SID decides then.
fn addressee(uri: &Uri) -> Option<MessageId> {
    let query = uri.query().unwrap_or_default();
    form_urlencoded::parse(query.as_bytes())
        .find(|(key, _)| key == "message")
        .and_then(|(_, id)| id.parse().ok())
}

fn fact(state: &AppState, message: Option<MessageId>, callback: StatusCallback) -> Fact {
    let now = state.clock.now();
    let first_poll = state.delivery.status_polls.first();
    let word = callback.unknown_word.map(|word| {
        let word: String = word.chars().take(LONGEST_WORD).collect();
        format!("the provider's word is {word:?}")
    });
    Fact {
        message,
        sid: callback.sid,
        account: callback.account,
        status: callback.status,
        code: callback.error_code,
        detail: word,
        at: now,
        poll_at: first_poll
            .filter(|_| !callback.status.status().is_terminal())
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
