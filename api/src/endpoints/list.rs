use axum::Json as Answer;
use axum::extract::State;

use super::OwnEndpoint;
use super::shelf;
use super::view::EndpointView;
use crate::auth::Caller;
use crate::error::ApiError;
use crate::openapi::problems::{NotFound, Unavailable};
use crate::state::AppState;

/// List the caller's webhooks
///
/// In the order in which they were made; secrets are not shown.
#[utoipa::path(
    get, path = "/webhooks", tag = "webhooks", operation_id = "listWebhooks",
    security(("token" = []), ("key" = ["webhooks:read"])),
    responses((status = 200, description = "The webhooks", body = Vec<EndpointView>), Unavailable),
)]
pub(super) async fn list(
    State(state): State<AppState>,
    caller: Caller,
) -> Result<Answer<Vec<EndpointView>>, ApiError> {
    Ok(Answer(shelf::views_of(&state, caller.user).await?))
}

/// Show one of the caller's webhooks
///
/// Its secret is not shown. `state` says whether it works, and `told_up_to` how far it was told.
#[utoipa::path(
    get, path = "/webhooks/{id}", tag = "webhooks", operation_id = "getWebhook",
    security(("token" = []), ("key" = ["webhooks:read"])),
    params(OwnEndpoint),
    responses(
        (status = 200, description = "The webhook", body = EndpointView), NotFound, Unavailable,
    ),
)]
pub(super) async fn show(
    State(state): State<AppState>,
    own: OwnEndpoint,
) -> Result<Answer<EndpointView>, ApiError> {
    let endpoint = shelf::find(&state, own).await?;
    Ok(Answer(shelf::view(&state, &endpoint).await?))
}
