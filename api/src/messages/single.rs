use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use shared::store::Cancel;

use super::view::{DetailedView, MessageView};
use crate::error::ApiError;
use crate::extract::{OwnHistory, OwnMessage};
use crate::state::AppState;

#[derive(Serialize)]
pub(super) struct Done {
    message: &'static str,
}

pub(super) async fn show(
    State(state): State<AppState>,
    OwnMessage { caller, id }: OwnMessage,
) -> Result<Response, ApiError> {
    let find = state.history.find(caller.user, id);
    let message = state.patience.once(find).await?.ok_or(ApiError::NotFound)?;
    Ok(Json(DetailedView::from(&message)).into_response())
}

pub(super) async fn cancel(
    State(state): State<AppState>,
    OwnMessage { caller, id }: OwnMessage,
) -> Result<Response, ApiError> {
    let now = state.clock.now();
    let canceled = state
        .patience
        .repeat(|| state.history.cancel(caller.user, id, now))
        .await?;
    match canceled {
        Cancel::Canceled(message) => Ok(Json(MessageView::from(&*message)).into_response()),
        Cancel::TooLate => Err(ApiError::TooLate),
        Cancel::NotFound => Err(ApiError::NotFound),
    }
}

/// Not repeated when unclear: the second try would find nothing and say 404.
pub(super) async fn delete(
    State(state): State<AppState>,
    OwnMessage { caller, id }: OwnMessage,
) -> Result<Json<Done>, ApiError> {
    let delete = state.history.delete(caller.user, id, state.clock.now());
    if state.patience.once(delete).await? {
        Ok(Json(Done {
            message: "Message deleted successfully",
        }))
    } else {
        Err(ApiError::NotFound)
    }
}

/// Many messages may take longer than a store is usually given.
pub(super) async fn delete_all(
    State(state): State<AppState>,
    OwnHistory(caller): OwnHistory,
) -> Result<Json<Done>, ApiError> {
    let now = state.clock.now();
    let deleted = state.history.delete_all(caller.user, now).await?;
    tracing::info!(deleted, "a user deleted their messages");
    Ok(Json(Done {
        message: "Messages deleted successfully",
    }))
}
