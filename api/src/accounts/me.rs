use axum::Json as Answer;
use axum::extract::State;
use mysms_core::domain::{Timestamp, UsernameHash};
use serde::Serialize;
use utoipa::ToSchema;

use super::confirm_password::account;
use crate::auth::Caller;
use crate::error::ApiError;
use crate::openapi::problems::Unavailable;
use crate::openapi::schema;
use crate::state::AppState;

#[derive(Serialize, ToSchema)]
pub(super) struct Me {
    /// As it was written at the signup.
    #[schema(example = "john_doe")]
    username: String,
    #[schema(value_type = schema::UsernameHash)]
    username_hash: UsernameHash,
    #[schema(value_type = schema::Timestamp)]
    created_at: Timestamp,
}

/// Who am I?
///
/// `username_hash` is what stands for `{user}` in paths.
#[utoipa::path(
    get, path = "/me", tag = "accounts", operation_id = "getMe",
    responses((status = 200, description = "The user of the token", body = Me), Unavailable),
)]
pub(super) async fn me(
    State(state): State<AppState>,
    caller: Caller,
) -> Result<Answer<Me>, ApiError> {
    let user = account(&state, &caller).await?;
    Ok(Answer(Me {
        username_hash: user.username.hash(),
        username: user.username.as_str().to_owned(),
        created_at: user.created_at,
    }))
}
