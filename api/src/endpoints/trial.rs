use std::sync::Arc;
use std::time::Duration;

use axum::Json as Answer;
use axum::extract::State;
use mysms_core::domain::{Endpoint, EventType, Timestamp, UserId};
use mysms_core::post::Call;
use serde::Serialize;
use serde_json::json;
use tokio::time::Instant;
use utoipa::ToSchema;
use uuid::Uuid;

use super::OwnEndpoint;
use super::attempts::AnswerView;
use super::shelf;
use crate::auth::Buckets;
use crate::error::ApiError;
use crate::openapi::problems::{NotFound, TooManyAttempts, Unavailable};
use crate::openapi::schema;
use crate::state::AppState;
use crate::tally::{Held, Tally};

/// How many tests one user may ask each process for in a minute.
const PER_MINUTE: u32 = 10;

/// How many may be under way, because each takes as long as the receiver wants.
const PLACES_OF_USER: usize = 2;
const PLACES: usize = 32;

/// How long somebody waits who has to.
const WAIT: Duration = Duration::from_secs(5);

/// Keeps users from making many requests by tests of their webhooks.
pub(crate) struct Trials {
    counts: Buckets,
    places: Arc<Tally<UserId>>,
}

/// What came of the test of a webhook.
#[derive(Serialize, ToSchema)]
#[schema(as = WebhookTest)]
pub(super) struct TrialView {
    /// The `webhook-id` that was sent.
    #[schema(value_type = schema::EventId)]
    event: String,
    #[serde(flatten)]
    answer: AnswerView,
    #[schema(minimum = 0, example = 41)]
    duration_ms: u64,
}

/// Try a webhook
///
/// Sends it an event of the type `test` at once, whether it is enabled or not, and says what it answered.
/// The body of the answer is not shown.
#[utoipa::path(
    post, path = "/webhooks/{id}/test", tag = "webhooks", operation_id = "testWebhook",
    security(("token" = []), ("key" = ["webhooks:write"])),
    params(OwnEndpoint),
    responses(
        (status = 200, description = "What it answered", body = TrialView),
        NotFound, TooManyAttempts, Unavailable,
    ),
)]
pub(super) async fn test(
    State(state): State<AppState>,
    own: OwnEndpoint,
) -> Result<Answer<TrialView>, ApiError> {
    let endpoint = shelf::find(&state, own).await?;
    let _place = state.trials.begin(endpoint.owner, state.clock.now())?;
    Ok(Answer(run(&state, &endpoint).await))
}

async fn run(state: &AppState, endpoint: &Endpoint) -> TrialView {
    let now = state.clock.now();
    let event = format!("msg_test_{}", Uuid::new_v4().simple());
    let begun = Instant::now();
    let call = Call {
        url: endpoint.url.clone(),
        secrets: endpoint.secrets.signing(now).cloned().collect(),
        id: event.clone(),
        at: now,
        body: body(endpoint, now),
    };
    let posted = state.post.post(call).await;
    let duration_ms = begun.elapsed().as_millis().try_into().unwrap_or(u64::MAX);
    TrialView {
        event,
        answer: posted.answer.into(),
        duration_ms,
    }
}

fn body(endpoint: &Endpoint, now: Timestamp) -> String {
    json!({
        "type": EventType::Test,
        "timestamp": now,
        "data": {"webhook": endpoint.id, "message": "This is a test."},
    })
    .to_string()
}

impl Default for Trials {
    fn default() -> Self {
        Self {
            counts: Buckets::new(PER_MINUTE, Duration::from_mins(1)),
            places: Tally::new(PLACES_OF_USER, PLACES),
        }
    }
}

impl Trials {
    fn begin(&self, user: UserId, now: Timestamp) -> Result<Held<UserId>, ApiError> {
        let place = self.places.take(user, 1);
        let place = place.map_err(|_| ApiError::TooManyAttempts { retry_after: WAIT })?;
        // It stays counted, whatever comes of it.
        let _counted = self.counts.count(&user, now)?;
        Ok(place)
    }
}
