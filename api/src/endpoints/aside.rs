//! Events that a webhook refused while it took others.

use axum::Json as List;
use axum::extract::{FromRequestParts, RawPathParams, State};
use http::request::Parts;
use mysms_core::domain::{Aside, MessageId, Timestamp};
use serde::Serialize;
use utoipa::openapi::path::{Parameter, ParameterIn};
use utoipa::{IntoParams, ToSchema};

use super::OwnEndpoint;
use super::attempts::AnswerView;
use super::shelf;
use super::view::EndpointView;
use crate::error::ApiError;
use crate::openapi::problems::{NotFound, Unavailable};
use crate::openapi::schema;
use crate::state::AppState;

/// A message whose event is not tried any more by itself.
#[derive(Serialize, ToSchema)]
#[schema(as = SetAside)]
pub(super) struct AsideView {
    #[schema(value_type = schema::MessageId)]
    message: MessageId,
    /// The version that was refused last.
    #[schema(minimum = 0, example = 4)]
    version: u32,
    /// Since when it was refused.
    #[schema(value_type = schema::Timestamp)]
    since: Timestamp,
    /// When it was set aside.
    #[schema(value_type = schema::Timestamp)]
    at: Timestamp,
    /// How often it was tried.
    #[schema(minimum = 1, example = 4)]
    attempts: u32,
    /// What was answered last.
    answer: AnswerView,
}

/// `{id}` and `{message}` in a path. Whether such an event was set aside is for the store to say.
pub(super) struct OwnAside {
    own: OwnEndpoint,
    message: MessageId,
}

/// List what a webhook refused
///
/// Events that were refused for an hour, while others were taken. They are told again if their message
/// changes, or if that is asked for.
#[utoipa::path(
    get, path = "/webhooks/{id}/aside", tag = "webhooks", operation_id = "listSetAside",
    security(("token" = []), ("key" = ["webhooks:read"])),
    params(OwnEndpoint),
    responses(
        (status = 200, description = "The messages", body = Vec<AsideView>), NotFound, Unavailable,
    ),
)]
pub(super) async fn list(
    State(state): State<AppState>,
    own: OwnEndpoint,
) -> Result<List<Vec<AsideView>>, ApiError> {
    shelf::find(&state, own).await?;
    let progress = shelf::progress(&state, own).await?;
    let aside = progress.map(|progress| progress.aside).unwrap_or_default();
    Ok(List(aside.into_iter().map(AsideView::from).collect()))
}

/// Tell what was set aside once more
///
/// It is told at once, as the message is now, whether or not it changes.
#[utoipa::path(
    post, path = "/webhooks/{id}/aside/{message}/retry", tag = "webhooks",
    operation_id = "retrySetAside",
    security(("token" = []), ("key" = ["webhooks:write"])),
    params(OwnAside),
    responses(
        (status = 200, description = "It will be told; this is the webhook", body = EndpointView),
        NotFound, Unavailable,
    ),
)]
pub(super) async fn retry(
    State(state): State<AppState>,
    OwnAside { own, message }: OwnAside,
) -> Result<List<EndpointView>, ApiError> {
    let endpoint = shelf::find(&state, own).await?;
    let now = state.clock.now();
    let retried = shelf::change_progress(&state, &endpoint, |progress| {
        let known = progress.send_again(message, now);
        known.then_some(()).ok_or(ApiError::NotFound)
    });
    retried.await?;
    state.announce_endpoints(endpoint.owner, now);
    Ok(List(shelf::view(&state, &endpoint).await?))
}

/// Forget what was set aside
///
/// It is not listed any more, and told only if its message changes.
#[utoipa::path(
    delete, path = "/webhooks/{id}/aside/{message}", tag = "webhooks",
    operation_id = "dismissSetAside",
    security(("token" = []), ("key" = ["webhooks:write"])),
    params(OwnAside),
    responses(
        (status = 200, description = "It is forgotten; this is the webhook", body = EndpointView),
        NotFound, Unavailable,
    ),
)]
pub(super) async fn dismiss(
    State(state): State<AppState>,
    OwnAside { own, message }: OwnAside,
) -> Result<List<EndpointView>, ApiError> {
    let endpoint = shelf::find(&state, own).await?;
    let dismissed = shelf::change_progress(&state, &endpoint, |progress| {
        let known = progress.dismiss(message);
        known.then_some(()).ok_or(ApiError::NotFound)
    });
    dismissed.await?;
    Ok(List(shelf::view(&state, &endpoint).await?))
}

impl From<Aside> for AsideView {
    fn from(aside: Aside) -> Self {
        Self {
            message: aside.message,
            version: aside.version,
            since: aside.since,
            at: aside.at,
            attempts: aside.failures,
            answer: aside.answer.into(),
        }
    }
}

impl FromRequestParts<AppState> for OwnAside {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, ApiError> {
        let own = OwnEndpoint::from_request_parts(parts, state).await?;
        let params = RawPathParams::from_request_parts(parts, state).await;
        let params = params.map_err(|_| ApiError::NotFound)?;
        let message = params.iter().find(|(name, _)| *name == "message");
        let message = message.and_then(|(_, id)| id.parse().ok());
        Ok(Self {
            own,
            message: message.ok_or(ApiError::NotFound)?,
        })
    }
}

impl IntoParams for OwnAside {
    fn into_params(parameter_in: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        let mut parameters = OwnEndpoint::into_params(parameter_in);
        parameters.push(schema::path_parameter::<schema::MessageId>(
            "message",
            "The message, as it is listed.",
        ));
        parameters
    }
}
