//! The provider's requests as the contract describes them. Only its adapter reads them.

use axum::extract::State;
use axum::response::Response;
use http::{HeaderMap, StatusCode, Uri};
use utoipa::ToSchema;

use super::{call, inbound, status};
use crate::error::ApiError;
use crate::extract::RawBody;
use crate::openapi::problems::{BadSignature, Malformed, Unavailable};
use crate::openapi::schema;
use crate::state::AppState;

/// What is read of the provider's form; it holds more.
#[derive(ToSchema)]
#[schema(as = StatusCallback)]
#[expect(
    dead_code,
    reason = "it is there to be described; the form is read in any order"
)]
struct StatusForm {
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

/// What is read of the provider's form; it holds more.
#[derive(ToSchema)]
#[schema(as = InboundText)]
#[expect(
    dead_code,
    reason = "it is there to be described; the form is read in any order"
)]
struct InboundForm {
    #[schema(rename = "MessageSid", value_type = schema::MessageSid)]
    sid: String,
    #[schema(
        rename = "AccountSid",
        min_length = 1,
        example = "AC00000000000000000000000000000001"
    )]
    account: String,
    /// A number, a short code, a name or an address of another channel; whatever it is, the text is kept.
    #[schema(rename = "From", example = "+14155550123")]
    from: Option<String>,
    #[schema(rename = "To", example = "+15005550006")]
    to: Option<String>,
    #[schema(rename = "MessagingServiceSid")]
    service: Option<String>,
    #[schema(rename = "Body", example = "Thanks!")]
    body: Option<String>,
    /// How the provider understood it, where it looks after opt-outs: `STOP`, `START` or `HELP`.
    #[schema(rename = "OptOutType", example = "HELP")]
    opt_out: Option<String>,
}

/// What became of a message at the provider
///
/// For the provider alone, which signs what it says. The answer is 204 once that is stored, and also
/// when there is nothing to do with it.
#[utoipa::path(
    post, path = "/webhooks/twilio/status", tag = "provider", operation_id = "reportStatus",
    security(()),
    params(
        ("message" = Option<String>, Query, description = "The message that it is about"),
        (
            "X-Twilio-Signature" = String, Header, description = "HMAC-SHA1 of the URL and the form",
            example = "0/KCTR6DLpKmkAf8muzZqo1nDgQ=",
        ),
    ),
    request_body(
        content = StatusForm, content_type = "application/x-www-form-urlencoded",
        examples(
            ("a delivery" = (value = json!({
                "MessageSid": "SM0123456789abcdef0123456789abcdef",
                "MessageStatus": "delivered",
                "AccountSid": "AC00000000000000000000000000000001",
            }))),
        ),
    ),
    responses((status = 204, description = "It is stored"), BadSignature, Unavailable),
)]
pub(super) async fn report_status(
    State(state): State<AppState>,
    uri: Uri,
    headers: HeaderMap,
    RawBody(body): RawBody,
) -> Result<StatusCode, ApiError> {
    status::take(&state, &call(&uri, &headers, &body)).await
}

/// A text that somebody wrote to us
///
/// For the provider alone, which signs what it says. The answer is an empty `<Response/>` once
/// the text is stored: for the user who holds the conversation with its author, who had a text to them
/// taken by the provider.
/// The same `MessageSid` is one message, however often it is told. STOP and the other words that
/// the provider obeys end what still waits to be sent to the author, and later texts to them are
/// refused, until they write START.
#[utoipa::path(
    post, path = "/webhooks/twilio/inbound", tag = "provider", operation_id = "receiveMessage",
    security(()),
    params((
        "X-Twilio-Signature" = String, Header, description = "HMAC-SHA1 of the URL and the form",
        example = "0/KCTR6DLpKmkAf8muzZqo1nDgQ=",
    )),
    request_body(
        content = InboundForm, content_type = "application/x-www-form-urlencoded",
        examples(
            ("an answer" = (value = json!({
                "MessageSid": "SM0123456789abcdef0123456789abcdef",
                "AccountSid": "AC00000000000000000000000000000001",
                "From": "+14155550123",
                "To": "+15005550006",
                "Body": "Thanks!",
            }))),
        ),
    ),
    responses(
        (status = 200, description = "It is stored", body = String, content_type = "text/xml"),
        Malformed, BadSignature, Unavailable,
    ),
)]
pub(super) async fn receive_message(
    State(state): State<AppState>,
    uri: Uri,
    headers: HeaderMap,
    RawBody(body): RawBody,
) -> Result<Response, ApiError> {
    inbound::take(&state, &call(&uri, &headers, &body)).await
}
