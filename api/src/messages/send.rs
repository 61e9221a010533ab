use axum::Json as Answer;
use axum::extract::{RawQuery, State};
use axum::response::{IntoResponse, Response};
use mysms_core::domain::Class;

use super::idempotency::Key;
use super::preview::{Preview, preview};
use super::submit::Submission;
use super::text::{SendMessage, Text};
use crate::auth::Caller;
use crate::error::ApiError;
use crate::extract::{Checks, Json};
use crate::openapi::problems::{
    AbroadSpent, Invalid, KeyReused, OtpTooFast, PrefixHasEnough, RecipientHasEnough,
    RecipientNotAllowed, RecipientNotInTeam, RecipientOptedOut, SegmentsSpent, SendingTooFast,
    TotalSpent, Unavailable, Unclear,
};
use crate::openapi::schema;
use crate::state::AppState;
use crate::templates;
use crate::trace::Trace;
use crate::uploads::Attached;
use view::AcceptedView;

const IDEMPOTENT_REPLAYED: &str = "Idempotent-Replayed";

/// Send a message
///
/// The answer comes as soon as the message is stored for good; it is sent in the background, at
/// once or at its `send_at`. Until it is sent it is `queued` and can be canceled.
///
/// A request without a `recipient` in international form, or without `content`, is refused with a 400
/// that names every field at fault. A `template` with its `fields` may stand in the place of `content`: the text
/// is made of them at once, and it is what is stored. An `Idempotency-Key` stands for the template and the fields,
/// so a repeat gets the first answer again whatever became of the template. `POST /messages/preview` tells that, and what the message would cost,
/// without sending it.
#[utoipa::path(
    post, path = "/messages", tag = "messages", operation_id = "sendMessage",
    security(("token" = []), ("key" = ["messages:send"])),
    params(
        Key,
        (
            "dry_run" = Option<bool>, Query, deprecated,
            description = "With `true` the answer is that of `POST /messages/preview`, which is the better call.",
        ),
    ),
    request_body(content = SendMessage, examples(
        ("a text" = (value = json!({"recipient": "+14155550123", "content": "Hello from MySMS!"}))),
        ("later" = (value = json!({
            "recipient": "+14155550123", "content": "Good morning!",
            "send_at": "2026-01-31T12:00:00+01:00", "validity_seconds": 3600,
        }))),
        ("login code" = (value = json!({
            "recipient": "+14155550123", "content": "123456 is your code.",
            "from": "+15005550006", "class": "otp", "validity_seconds": 300,
        }))),
        ("by the recipient's clock" = (value = json!({
            "recipient": "+14155550123", "content": "It’s morning — good morning!",
            "send_at_local": "2026-01-31T09:00", "time_zone": "America/Los_Angeles",
            "class": "bulk", "smart_encoding": true,
        }))),
        ("to be found again" = (value = json!({
            "recipient": "+14155550123", "content": "Your order is on its way.",
            "reference": "order 4711", "tags": {"customer": "17", "kind": "shipping"},
        }))),
        ("of a template" = (value = json!({
            "recipient": "+14155550123", "template": schema::TEMPLATE_ID, "fields": {"name": "Anna"},
        }))),
    )),
    responses(
        (
            status = 200, description = "Accepted, and queued",
            body = AcceptedView<'static>, headers(("Idempotent-Replayed")),
        ),
        Invalid, RecipientNotInTeam, RecipientNotAllowed, RecipientOptedOut, KeyReused, SendingTooFast, OtpTooFast, SegmentsSpent,
        TotalSpent, AbroadSpent, RecipientHasEnough, PrefixHasEnough, Unclear, Unavailable,
    ),
)]
pub(super) async fn send(
    State(state): State<AppState>,
    caller: Caller,
    trace: Trace,
    RawQuery(query): RawQuery,
    key: Result<Key, ApiError>,
    Json(request): Json<SendMessage>,
) -> Result<Response, ApiError> {
    let submission = submission(&state, &caller, &trace);
    if is_dry_run(query.as_deref().unwrap_or_default())? {
        let preview = preview(&submission, key, request).await?;
        return Ok(Answer(preview).into_response());
    }
    let Key(key) = key?;
    let request = submission.word(request).await?;
    let text = submission.describe_files(Text::try_from(request)?).await?;
    let accepted = submission.accept(&text, key).await?;
    let mut response = Answer(accepted.view).into_response();
    if accepted.replayed {
        let replayed = http::HeaderValue::from_static("true");
        response.headers_mut().insert(IDEMPOTENT_REPLAYED, replayed);
    }
    Ok(response)
}

/// Preview a message
///
/// Tells what the message would cost and when it would leave, and names every rule and every limit that
/// would refuse it now. Nothing is stored, sent or counted, and the answer is a 200 whatever is wrong with
/// the message: `acceptable` tells.
#[utoipa::path(
    post, path = "/messages/preview", tag = "messages", operation_id = "previewMessage",
    security(("token" = []), ("key" = ["messages:send"])),
    params(Key),
    request_body(content = SendMessage, examples(
        ("a text" = (value = json!({"recipient": "+14155550123", "content": "It’s ready"}))),
        ("later" = (value = json!({
            "recipient": "+14155550123", "content": "Good morning!",
            "send_at": "2026-01-31T12:00:00+01:00", "validity_seconds": 3600,
        }))),
    )),
    responses(
        (status = 200, description = "What would become of it", body = Preview),
        Unavailable,
    ),
)]
pub(super) async fn preview_one(
    State(state): State<AppState>,
    caller: Caller,
    trace: Trace,
    key: Result<Key, ApiError>,
    Json(request): Json<SendMessage>,
) -> Result<Answer<Preview>, ApiError> {
    let submission = submission(&state, &caller, &trace);
    Ok(Answer(preview(&submission, key, request).await?))
}

fn submission<'a>(state: &'a AppState, caller: &'a Caller, trace: &'a Trace) -> Submission<'a> {
    Submission {
        state,
        caller,
        trace,
        usual_class: Class::default(),
        attached: Attached::default(),
        templates: templates::Known::default(),
    }
}

fn is_dry_run(query: &str) -> Result<bool, ApiError> {
    let mut checks = Checks::default();
    let dry_run = checks.parameter("dry_run", query, |text| {
        text.parse::<bool>().map_err(|_| "must be true or false")
    });
    checks.finish(Some(dry_run.unwrap_or(false)))
}
