use axum::Json as List;
use axum::extract::State;
use mysms_core::domain::{Answer, Attempt, EventType, Timestamp};
use serde::Serialize;
use utoipa::ToSchema;

use super::OwnEndpoint;
use super::shelf;
use crate::error::ApiError;
use crate::openapi::problems::{NotFound, Unavailable};
use crate::openapi::schema;
use crate::state::AppState;

/// One attempt to tell a webhook of an event.
#[derive(Serialize, ToSchema)]
#[schema(as = WebhookDelivery)]
pub(super) struct AttemptView {
    #[schema(value_type = schema::Timestamp)]
    at: Timestamp,
    /// The `webhook-id`.
    #[schema(value_type = schema::EventId)]
    event: String,
    #[schema(value_type = schema::AnyEventType)]
    r#type: EventType,
    #[serde(flatten)]
    answer: AnswerView,
    #[schema(minimum = 0, example = 41)]
    duration_ms: u64,
}

/// What was answered.
#[derive(Serialize, ToSchema)]
#[schema(as = WebhookAnswer)]
pub(super) struct AnswerView {
    /// The event counts as told.
    taken: bool,
    /// The HTTP status; null if there was no answer.
    #[schema(required, minimum = 100, maximum = 999, example = 204)]
    status: Option<u16>,
    /// Why there was none.
    #[schema(value_type = Option<schema::PostFailure>, required)]
    error: Option<&'static str>,
}

/// List the latest deliveries of a webhook
///
/// The last 100 attempts, the latest first. Bodies are not kept.
#[utoipa::path(
    get, path = "/webhooks/{id}/deliveries", tag = "webhooks", operation_id = "listWebhookDeliveries",
    security(("token" = []), ("key" = ["webhooks:read"])),
    params(OwnEndpoint),
    responses(
        (status = 200, description = "The attempts", body = Vec<AttemptView>), NotFound, Unavailable,
    ),
)]
pub(super) async fn list(
    State(state): State<AppState>,
    own: OwnEndpoint,
) -> Result<List<Vec<AttemptView>>, ApiError> {
    shelf::find(&state, own).await?;
    let attempts = shelf::attempts(&state, own).await?;
    let latest = attempts.iter().rev().cloned();
    Ok(List(latest.map(AttemptView::from).collect()))
}

impl From<Attempt> for AttemptView {
    fn from(attempt: Attempt) -> Self {
        Self {
            at: attempt.at,
            event: attempt.event,
            r#type: attempt.kind,
            answer: attempt.answer.into(),
            duration_ms: attempt.duration_ms,
        }
    }
}

impl From<Answer> for AnswerView {
    fn from(answer: Answer) -> Self {
        let (status, error) = match answer {
            Answer::Status(status) => (Some(status), None),
            Answer::Failed(failure) => (None, Some(failure.as_str())),
        };
        Self {
            taken: answer.is_taken(),
            status,
            error,
        }
    }
}
