use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use mysms_core::ledger::Cancel;
use serde::Serialize;
use utoipa::ToSchema;

use crate::error::ApiError;
use crate::extract::{OwnHistory, OwnMessage};
use crate::openapi::problems::{NotFound, TooLate, Unavailable};
use crate::state::AppState;
use crate::uploads;
use view::{DetailedView, MessageView};

#[derive(Serialize, ToSchema)]
pub(super) struct Done {
    #[schema(example = "Message deleted successfully")]
    message: &'static str,
}

/// Look at one message
///
/// With its timeline: all that happened to it. While it is `queued`, `expected_at` tells when it is likely
/// to leave, and `paused` whether anything leaves its sender at all.
#[utoipa::path(
    get, path = "/messages/{user}/{id}", tag = "messages", operation_id = "getMessage",
    security(("token" = []), ("key" = ["messages:read"])),
    params(OwnMessage),
    responses(
        (status = 200, description = "The message and all that happened", body = DetailedView<'static>),
        NotFound, Unavailable,
    ),
)]
pub(super) async fn show(
    State(state): State<AppState>,
    OwnMessage { caller, id }: OwnMessage,
) -> Result<Response, ApiError> {
    let find = state.stores.history.find(caller.user, id);
    let message = state
        .store_timeout
        .once(find)
        .await?
        .ok_or(ApiError::NotFound)?;
    let settings = state.settings.of(caller.user).await?;
    let quiet = settings.quiet_hours.as_ref();
    let forecast = state.outgoing.expected(&message, quiet).await?;
    let mut view = DetailedView::new(&message, state.glossary());
    view.message.expected_at = forecast.at();
    view.message.expected_by = forecast.by();
    view.given_up_at = forecast.given_up_at(message.expires_at);
    view.paused = forecast.paused;
    Ok(Json(view).into_response())
}

/// Cancel a message that is still queued
///
/// It stays in the history.
#[utoipa::path(
    post, path = "/messages/{user}/{id}/cancel", tag = "messages", operation_id = "cancelMessage",
    security(("token" = []), ("key" = ["messages:cancel"])),
    params(OwnMessage),
    responses(
        (status = 200, description = "The message, now `canceled`", body = MessageView<'static>),
        NotFound, TooLate, Unavailable,
    ),
)]
pub(super) async fn cancel(
    State(state): State<AppState>,
    OwnMessage { caller, id }: OwnMessage,
) -> Result<Response, ApiError> {
    let now = state.clock.now();
    let canceled = state
        .store_timeout
        .repeat(|| state.stores.ledger.cancel(caller.user, id, now))
        .await?;
    match canceled {
        Cancel::Canceled(message) => {
            state.announce(caller.user, now);
            Ok(Json(MessageView::new(&message, state.glossary())).into_response())
        }
        Cancel::TooLate => Err(ApiError::TooLate),
        Cancel::NotFound => Err(ApiError::NotFound),
    }
}

/// Delete one message
///
/// One that is still queued is never sent.
#[utoipa::path(
    delete, path = "/messages/{user}/{id}", tag = "messages", operation_id = "deleteMessage",
    security(("token" = []), ("key" = ["messages:delete"])),
    params(OwnMessage),
    responses((status = 200, description = "It is gone", body = Done), NotFound, Unavailable),
)]
pub(super) async fn delete(
    State(state): State<AppState>,
    OwnMessage { caller, id }: OwnMessage,
) -> Result<Json<Done>, ApiError> {
    // Not repeated when unclear: the second try would find nothing and say 404.
    let now = state.clock.now();
    let delete = state.stores.ledger.delete(caller.user, id, now);
    let deleted = state.store_timeout.once(delete).await?;
    if deleted.any() {
        state.announce(caller.user, now);
        uploads::release(&state, caller.user, deleted.files);
        Ok(Json(Done {
            message: "Message deleted successfully",
        }))
    } else {
        Err(ApiError::NotFound)
    }
}

/// Delete all messages of a user
///
/// Those that are still queued are never sent.
#[utoipa::path(
    delete, path = "/messages/{user}", tag = "messages", operation_id = "deleteMessages",
    security(("token" = []), ("key" = ["messages:delete"])),
    params(OwnHistory),
    responses((status = 200, description = "They are gone", body = Done), NotFound, Unavailable),
)]
pub(super) async fn delete_all(
    State(state): State<AppState>,
    OwnHistory(caller): OwnHistory,
) -> Result<Json<Done>, ApiError> {
    let now = state.clock.now();
    // Many messages may take longer than a store is usually given.
    let deleted = state.stores.ledger.delete_all(caller.user, now).await?;
    state.announce(caller.user, now);
    tracing::info!(deleted = deleted.messages, "a user deleted their messages");
    uploads::release(&state, caller.user, deleted.files);
    Ok(Json(Done {
        message: "Messages deleted successfully",
    }))
}
