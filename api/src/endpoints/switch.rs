//! From where a webhook goes on, and whether.

use axum::Json as Answer;
use axum::extract::State;
use mysms_core::domain::{DisabledBy, Endpoint, Timestamp};
use serde::Deserialize;
use utoipa::ToSchema;

use super::OwnEndpoint;
use super::shelf;
use super::view::EndpointView;
use crate::error::ApiError;
use crate::extract::{Checks, Field, Json};
use crate::openapi::problems::{Invalid, NotFound, Unavailable};
use crate::openapi::schema;
use crate::state::AppState;

#[derive(Deserialize, ToSchema)]
#[serde(expecting = "an object with `from`")]
pub(super) struct Enable {
    #[serde(default)]
    #[schema(required, value_type = schema::GoOnFrom)]
    from: Field,
}

#[derive(Deserialize, ToSchema)]
#[serde(expecting = "an object with `since`")]
pub(super) struct Again {
    #[serde(default)]
    #[schema(required, value_type = schema::Moment)]
    since: Field,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum GoOn {
    Place,
    Now,
}

/// Enable a webhook
///
/// `from` says from where it goes on: from its `place`, or from `now`, without what changed in
/// between. Of messages that were deleted more than a week ago nothing is left to be told. One that is
/// enabled is only tried at once with what waits.
#[utoipa::path(
    post, path = "/webhooks/{id}/enable", tag = "webhooks", operation_id = "enableWebhook",
    security(("token" = []), ("key" = ["webhooks:write"])),
    params(OwnEndpoint),
    request_body(content = Enable, examples(
        ("where it was" = (value = json!({"from": "place"}))),
        ("from now on" = (value = json!({"from": "now"}))),
    )),
    responses(
        (status = 200, description = "The webhook as it is now", body = EndpointView),
        Invalid, NotFound, Unavailable,
    ),
)]
pub(super) async fn enable(
    State(state): State<AppState>,
    own: OwnEndpoint,
    Json(request): Json<Enable>,
) -> Result<Answer<EndpointView>, ApiError> {
    let from = request.checked()?;
    let endpoint = shelf::find(&state, own).await?;
    let now = state.clock.now();
    // First, so that no worker begins at the wrong place.
    let progress = shelf::change_progress(&state, &endpoint, |progress| {
        match from {
            GoOn::Place => progress.resume(now),
            GoOn::Now => progress.skip(now),
        }
        Ok(())
    });
    progress.await?;
    let enabled = shelf::change(&state, own, |endpoint| {
        endpoint.enable();
        Ok(())
    });
    told(&state, &enabled.await?, now).await
}

/// Disable a webhook
///
/// Requests that are under way are made to their end. It can be enabled from where it was.
#[utoipa::path(
    post, path = "/webhooks/{id}/disable", tag = "webhooks", operation_id = "disableWebhook",
    security(("token" = []), ("key" = ["webhooks:write"])),
    params(OwnEndpoint),
    responses(
        (status = 200, description = "The webhook as it is now", body = EndpointView),
        NotFound, Unavailable,
    ),
)]
pub(super) async fn disable(
    State(state): State<AppState>,
    own: OwnEndpoint,
) -> Result<Answer<EndpointView>, ApiError> {
    let now = state.clock.now();
    let disabled = shelf::change(&state, own, |endpoint| {
        endpoint.disable(DisabledBy::Owner, now);
        Ok(())
    });
    told(&state, &disabled.await?, now).await
}

/// Tell a webhook again what changed since a time
///
/// Each message is told once, as it is now, in the order in which they changed, and then what changes
/// afterwards.
#[utoipa::path(
    post, path = "/webhooks/{id}/replay", tag = "webhooks", operation_id = "replayWebhook",
    security(("token" = []), ("key" = ["webhooks:write"])),
    params(OwnEndpoint),
    request_body(content = Again, examples(
        ("this year" = (value = json!({"since": "2026-01-01T00:00:00Z"}))),
    )),
    responses(
        (status = 200, description = "The webhook as it is now", body = EndpointView),
        Invalid, NotFound, Unavailable,
    ),
)]
pub(super) async fn replay(
    State(state): State<AppState>,
    own: OwnEndpoint,
    Json(request): Json<Again>,
) -> Result<Answer<EndpointView>, ApiError> {
    let mut checks = Checks::default();
    let since = checks.read("since", request.since, |text| text.parse::<Timestamp>());
    let since = checks.finish(since)?;
    let endpoint = shelf::find(&state, own).await?;
    let now = state.clock.now();
    let progress = shelf::change_progress(&state, &endpoint, |progress| {
        progress.replay(since, now);
        Ok(())
    });
    progress.await?;
    told(&state, &endpoint, now).await
}

/// Lets workers and the user's streams know that something changed, and shows the webhook.
async fn told(
    state: &AppState,
    endpoint: &Endpoint,
    now: Timestamp,
) -> Result<Answer<EndpointView>, ApiError> {
    state.announce_endpoints(endpoint.owner, now);
    Ok(Answer(shelf::view(state, endpoint).await?))
}

impl Enable {
    fn checked(self) -> Result<GoOn, ApiError> {
        let mut checks = Checks::default();
        let from = checks.read("from", self.from, |text| match text.as_str() {
            "place" => Ok(GoOn::Place),
            "now" => Ok(GoOn::Now),
            _ => Err("must be place or now"),
        });
        checks.finish(from)
    }
}
