use axum::Json as Answer;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use shared::domain::{
    Body, Idempotency, Message, MessageId, NewMessage, PhoneNumber, Status, Timestamp,
};
use shared::metrics::metrics;
use shared::store::{Inserted, StoreError};
use utoipa::ToSchema;

use super::idempotency::{Key, body_hash};
use super::view::{AcceptedView, is_simulated};
use crate::auth::Caller;
use crate::error::ApiError;
use crate::extract::{Checks, Field, Json};
use crate::openapi::problems::{Invalid, KeyReused, Unclear};
use crate::openapi::schema;
use crate::state::AppState;
use crate::trace::Trace;

const IDEMPOTENT_REPLAYED: &str = "Idempotent-Replayed";

#[derive(Deserialize, ToSchema)]
#[serde(expecting = "an object with `recipient` and `content`")]
pub(super) struct SendMessage {
    #[serde(default)]
    #[schema(value_type = schema::Recipient, required)]
    recipient: Field,
    #[serde(default)]
    #[schema(value_type = schema::Content, required)]
    content: Field,
}

/// What the user wants sent.
struct Text {
    recipient: PhoneNumber,
    body: Body,
}

impl TryFrom<SendMessage> for Text {
    type Error = ApiError;

    fn try_from(request: SendMessage) -> Result<Self, ApiError> {
        let mut checks = Checks::default();
        let recipient = checks.read("recipient", request.recipient, |text| {
            PhoneNumber::parse(&text)
        });
        let body = checks.read("content", request.content, Body::parse);
        let text = recipient.zip(body);
        checks.finish(text.map(|(recipient, body)| Self { recipient, body }))
    }
}

/// Send a message
///
/// The answer comes as soon as the message is stored for good; it is sent in the background.
#[utoipa::path(
    post, path = "/messages", tag = "messages", operation_id = "sendMessage",
    params(Key),
    request_body(content = SendMessage, examples(
        ("a text" = (value = json!({"recipient": "+14155550123", "content": "Hello from MySMS!"}))),
        ("invalid-request" = (value = json!({"recipient": "12345", "content": ""}))),
    )),
    responses(
        (
            status = 200, description = "Accepted, and queued", body = AcceptedView<'static>,
            headers(("Idempotent-Replayed")),
        ),
        Invalid, KeyReused, Unclear,
    ),
)]
pub(super) async fn send(
    State(state): State<AppState>,
    caller: Caller,
    trace: Trace,
    Key(key): Key,
    Json(request): Json<SendMessage>,
) -> Result<Response, ApiError> {
    let text = Text::try_from(request)?;
    let idempotency = key.map(|key| Idempotency {
        key,
        body_hash: body_hash(&text.recipient, &text.body),
    });
    let message = new_message(&state, &caller, &text, idempotency);
    // The id stays the same, so a repeated insert finds what an unclear one stored.
    let inserted = state
        .patience
        .repeat(|| state.ledger.insert(message.clone()))
        .await
        .map_err(unclear)?;
    match inserted {
        Inserted::Stored => {
            metrics().accepted.inc();
            tracing::info!(message.id = %message.id, "accepted");
            state.queue.offer(message.id, Some(trace.into_text()));
            let first = First {
                id: message.id,
                sent_at: message.sent_at,
                account: &message.account,
            };
            Ok(first.answer(&text).into_response())
        }
        Inserted::KeyUsed(known) => replay(&known, message.idempotency.as_ref(), &text),
    }
}

fn new_message(
    state: &AppState,
    caller: &Caller,
    text: &Text,
    idempotency: Option<Idempotency>,
) -> NewMessage {
    let now = state.clock.now();
    NewMessage {
        id: MessageId::generate(now),
        owner: caller.user,
        account: state.provider.account.clone(),
        recipient: text.recipient.clone(),
        body: text.body.clone(),
        sent_at: now,
        send_at: None,
        wake_at: now + state.delivery.enqueue_grace,
        expires_at: now + state.delivery.validity,
        idempotency,
        retry_of: None,
    }
}

/// Gives the first answer again, whatever happened to the message since. A deleted one has lost its
/// recipient and content, but the request has the same.
fn replay(known: &Message, asked: Option<&Idempotency>, text: &Text) -> Result<Response, ApiError> {
    let hash = |idempotency: &Idempotency| idempotency.body_hash.clone();
    if known.idempotency.as_ref().map(hash) != asked.map(hash) {
        return Err(ApiError::KeyReused);
    }
    let first = First {
        id: known.id,
        sent_at: known.sent_at,
        account: &known.account,
    };
    Ok(([(IDEMPOTENT_REPLAYED, "true")], first.answer(text)).into_response())
}

/// What the answer says besides the text itself.
struct First<'a> {
    id: MessageId,
    sent_at: Timestamp,
    account: &'a str,
}

impl First<'_> {
    fn answer<'a>(&self, text: &'a Text) -> Answer<AcceptedView<'a>> {
        Answer(AcceptedView {
            message: "Message sent successfully",
            id: self.id,
            status: Status::Queued,
            recipient: &text.recipient,
            content: &text.body,
            sent_at: self.sent_at,
            segments: text.body.segments(),
            encoding: text.body.encoding(),
            simulated: is_simulated(self.account),
        })
    }
}

/// Unlike a read that failed, an insert without an answer may have happened.
fn unclear(error: StoreError) -> ApiError {
    match error {
        StoreError::Unavailable { .. } => ApiError::Unclear(error),
        StoreError::Corrupt { .. } => error.into(),
    }
}
