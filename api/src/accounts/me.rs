use axum::Json as Answer;
use axum::extract::State;
use mysms_core::domain::{Timestamp, UsernameHash};
use serde::Serialize;
use utoipa::ToSchema;

use super::confirm_password::account_of;
use crate::auth::{Caller, Credential};
use crate::error::ApiError;
use crate::keys::GrantView;
use crate::limits::Day;
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
    /// May see what belongs to nobody, and give it to users: an operator lets them.
    #[schema(example = false)]
    inbox: bool,
    /// What the user's texts have used of this day (UTC); null if that is not limited.
    #[schema(required)]
    segments_today: Option<SegmentsToday>,
    logged_in_by: LoggedInBy,
}

/// A day of a user whose segments are limited.
#[derive(Serialize, ToSchema)]
struct SegmentsToday {
    /// What was accepted for this day, scheduled texts of today included.
    #[schema(minimum = 0, example = 12)]
    used: u64,
    #[schema(minimum = 0, example = 1000)]
    limit: u32,
    #[schema(minimum = 0, example = 988)]
    left: u64,
    #[schema(value_type = schema::Timestamp)]
    ends_at: Timestamp,
}

/// What shows that the request is made in the user's name.
#[derive(Serialize, ToSchema)]
struct LoggedInBy {
    /// `token`, of a login, or `key`.
    kind: CredentialKind,
    /// Until when it is good; null if it does not expire.
    #[schema(value_type = Option<schema::Timestamp>, required)]
    expires_at: Option<Timestamp>,
    /// Null if it is a token.
    #[schema(required)]
    key: Option<UsedKey>,
}

#[derive(Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum CredentialKind {
    Token,
    Key,
}

#[derive(Serialize, ToSchema)]
struct UsedKey {
    #[schema(value_type = schema::KeyId)]
    id: String,
    #[schema(value_type = schema::KeyName)]
    name: String,
    grant: GrantView,
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
    let user = account_of(&state, caller.owner).await?;
    let day = state.limits.day_of(caller.user, state.clock.now()).await?;
    Ok(Answer(Me {
        username_hash: user.username.hash(),
        username: user.username.as_str().to_owned(),
        created_at: user.created_at,
        inbox: state.settings.of(caller.user).await?.inbox,
        segments_today: day.map(SegmentsToday::from),
        logged_in_by: LoggedInBy::from(&caller.by),
    }))
}

impl From<Day> for SegmentsToday {
    fn from(
        Day {
            used,
            limit,
            ends_at,
        }: Day,
    ) -> Self {
        Self {
            used,
            limit,
            left: u64::from(limit).saturating_sub(used),
            ends_at,
        }
    }
}

impl From<&Credential> for LoggedInBy {
    fn from(credential: &Credential) -> Self {
        match credential {
            Credential::Token(holder) => Self {
                kind: CredentialKind::Token,
                expires_at: Some(holder.expires_at),
                key: None,
            },
            Credential::Key(holder) => Self {
                kind: CredentialKind::Key,
                expires_at: holder.key.expires_at,
                key: Some(UsedKey {
                    id: holder.key.id.to_string(),
                    name: holder.key.name.as_str().to_owned(),
                    grant: GrantView::from(&holder.key.grant),
                }),
            },
        }
    }
}
