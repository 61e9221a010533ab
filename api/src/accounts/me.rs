use axum::Json as Answer;
use axum::extract::State;
use mysms_core::domain::{Timestamp, UsernameHash};
use serde::Serialize;
use utoipa::ToSchema;

use super::confirm_password::account_of;
use crate::auth::{Caller, Credential};
use crate::error::ApiError;
use crate::keys::GrantView;
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
    logged_in_by: LoggedInBy,
}

/// What shows that the request is made in the user's name.
#[derive(Serialize, ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
enum LoggedInBy {
    /// The token of a login.
    Token {
        #[schema(value_type = schema::Timestamp)]
        expires_at: Timestamp,
    },
    Key {
        #[schema(value_type = schema::KeyId)]
        id: String,
        #[schema(value_type = schema::KeyName)]
        name: String,
        #[schema(value_type = Option<schema::Timestamp>, required)]
        expires_at: Option<Timestamp>,
        grant: GrantView,
    },
}

/// Who am I?
///
/// `username_hash` is what stands for `{user}` in paths. Every API key may ask, and learns what it is
/// good for.
#[utoipa::path(
    get, path = "/me", tag = "accounts", operation_id = "getMe",
    security(("token" = []), ("key" = [])),
    responses((status = 200, description = "The user of the token", body = Me), Unavailable),
)]
pub(super) async fn me(
    State(state): State<AppState>,
    caller: Caller,
) -> Result<Answer<Me>, ApiError> {
    let user = account_of(&state, caller.user).await?;
    Ok(Answer(Me {
        username_hash: user.username.hash(),
        username: user.username.as_str().to_owned(),
        created_at: user.created_at,
        logged_in_by: LoggedInBy::from(&caller.by),
    }))
}

impl From<&Credential> for LoggedInBy {
    fn from(credential: &Credential) -> Self {
        match credential {
            Credential::Token(holder) => Self::Token {
                expires_at: holder.expires_at,
            },
            Credential::Key(holder) => Self::Key {
                id: holder.key.id.to_string(),
                name: holder.key.name.as_str().to_owned(),
                expires_at: holder.key.expires_at,
                grant: GrantView::from(&holder.key.grant),
            },
        }
    }
}
