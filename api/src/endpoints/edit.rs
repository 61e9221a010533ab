use axum::Json as Answer;
use axum::extract::State;
use http::StatusCode;
use mysms_core::domain::{Endpoint, EndpointId, EndpointState, EventTypes, Secret, Secrets};
use serde::Serialize;
use utoipa::ToSchema;

use super::OwnEndpoint;
use super::request::{ChangedWebhook, NewWebhook};
use super::shelf;
use super::view::{EndpointView, RevealedView};
use crate::auth::Caller;
use crate::error::ApiError;
use crate::extract::Json;
use crate::openapi::problems::{Invalid, NotFound, Unavailable};
use crate::state::AppState;

/// What became of a webhook that is not shown any more.
#[derive(Serialize, ToSchema)]
pub(super) struct WebhookDone {
    #[schema(example = "Webhook deleted successfully")]
    message: &'static str,
}

/// Make a webhook
///
/// It is told what changes from now on. The secret is shown only in this answer. A user may have 20.
#[utoipa::path(
    post, path = "/webhooks", tag = "webhooks", operation_id = "createWebhook",
    security(("token" = []), ("key" = ["webhooks:write"])),
    request_body(content = NewWebhook, examples(
        ("everything" = (value = json!({"url": "https://1.1.1.1/sms"}))),
        ("what is received" = (value = json!({
            "url": "https://1.1.1.1/sms",
            "description": "support",
            "events": ["message.received"],
            "tags": {"team": "support"},
            "secret": "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
        }))),
    )),
    responses(
        (status = 201, description = "The webhook, with its secret", body = RevealedView),
        Invalid, Unavailable,
    ),
)]
pub(super) async fn create(
    State(state): State<AppState>,
    caller: Caller,
    Json(request): Json<NewWebhook>,
) -> Result<(StatusCode, Answer<RevealedView>), ApiError> {
    let (url, wanted, secret) = request.checked(&state).await?;
    let now = state.clock.now();
    let secret = secret.unwrap_or_else(Secret::generate);
    let endpoint = Endpoint {
        id: EndpointId::generate(now),
        owner: caller.user,
        url,
        description: wanted.description.unwrap_or_default(),
        events: wanted.events.unwrap_or_else(EventTypes::all),
        tags: wanted.tags.unwrap_or_default(),
        secrets: Secrets::new(secret.clone()),
        created_at: now,
        state: EndpointState::default(),
    };
    shelf::add(&state, &endpoint).await?;
    let view = shelf::view(&state, &endpoint).await?;
    Ok((StatusCode::CREATED, Answer(view.with_secret(&secret))))
}

/// Change a webhook
///
/// What is left out stays as it is. What changed before is told as it is set now. Another `url` is tried at
/// once with what waits, though the one before took nothing.
#[utoipa::path(
    patch, path = "/webhooks/{id}", tag = "webhooks", operation_id = "changeWebhook",
    security(("token" = []), ("key" = ["webhooks:write"])),
    params(OwnEndpoint),
    request_body(content = ChangedWebhook, examples(
        ("another address" = (value = json!({"url": "https://1.1.1.1/other"}))),
        ("nothing" = (value = json!({}))),
    )),
    responses(
        (status = 200, description = "The webhook as it is now", body = EndpointView),
        Invalid, NotFound, Unavailable,
    ),
)]
pub(super) async fn change(
    State(state): State<AppState>,
    own: OwnEndpoint,
    Json(request): Json<ChangedWebhook>,
) -> Result<Answer<EndpointView>, ApiError> {
    let wanted = request.checked(&state).await?;
    let known = shelf::find(&state, own).await?;
    let apply = |endpoint: &mut Endpoint| {
        wanted.apply(endpoint);
        Ok(())
    };
    let changed = if wanted.moves(&known) {
        shelf::mend(&state, &known, apply).await?
    } else {
        shelf::change(&state, own, apply).await?
    };
    Ok(Answer(shelf::view(&state, &changed).await?))
}

/// Delete a webhook
///
/// What it was not told is not told any more.
#[utoipa::path(
    delete, path = "/webhooks/{id}", tag = "webhooks", operation_id = "deleteWebhook",
    security(("token" = []), ("key" = ["webhooks:write"])),
    params(OwnEndpoint),
    responses(
        (status = 200, description = "It is gone", body = WebhookDone), NotFound, Unavailable,
    ),
)]
pub(super) async fn delete(
    State(state): State<AppState>,
    own: OwnEndpoint,
) -> Result<Answer<WebhookDone>, ApiError> {
    shelf::find(&state, own).await?;
    shelf::remove(&state, own).await?;
    Ok(Answer(WebhookDone {
        message: "Webhook deleted successfully",
    }))
}
