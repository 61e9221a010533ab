use axum::Json as Answer;
use axum::extract::State;
use http::HeaderMap;
use mysms_core::domain::{Revocation, SessionId, UsernameHash};
use mysms_core::store::PasswordChange;
use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::confirm_password::{
    LoggedIn, confirm_password, keys_that_stay, logged_in_at_last, origin,
};
use crate::auth::{Login, Password, TokenHolder};
use crate::client_address::ClientAddress;
use crate::error::ApiError;
use crate::extract::{Checks, Field, Json};
use crate::openapi::problems::{Busy, Invalid, TooManyAttempts, Unavailable, WrongPassword};
use crate::openapi::schema;
use crate::state::AppState;

const OLD_PASSWORD: &str = "old_password";

#[derive(Deserialize, ToSchema)]
#[serde(expecting = "an object with `old_password` and `new_password`")]
pub(super) struct ChangePassword {
    #[serde(default)]
    #[schema(required, value_type = schema::Password)]
    old_password: Field,
    #[serde(default)]
    #[schema(required, value_type = schema::Password)]
    new_password: Field,
}

/// The answer to a new password.
#[derive(Serialize, ToSchema)]
pub(super) struct PasswordChanged {
    #[serde(flatten)]
    login: LoggedIn,
    /// How many API keys of the user are good still; null if that could not be seen.
    #[schema(required, example = 0)]
    active_keys: Option<usize>,
}

/// Set a new password
///
/// All tokens so far end; the answer has a new one. API keys stay, and the answer tells how many.
#[utoipa::path(
    put, path = "/me/password", tag = "accounts", operation_id = "changePassword",
    request_body(content = ChangePassword, examples(
        ("another" = (value = json!({
            "old_password": "password123", "new_password": "correct horse battery staple",
        }))),
    )),
    responses(
        (status = 200, description = "It is set; this is the only good token", body = PasswordChanged),
        Invalid, WrongPassword, TooManyAttempts, Busy, Unavailable,
    ),
)]
pub(super) async fn change(
    State(state): State<AppState>,
    caller: TokenHolder,
    client: ClientAddress,
    headers: HeaderMap,
    Json(request): Json<ChangePassword>,
) -> Result<Answer<PasswordChanged>, ApiError> {
    let (old, new) = request.checked(&caller.hash, state.http.common_passwords_allowed)?;
    let user = confirm_password(&state, &caller, client, (OLD_PASSWORD, old)).await?;
    let now = state.clock.now();
    let change = PasswordChange {
        from: user.password_hash,
        to: state.passwords.hash(new, client).await?,
        now,
    };
    let generation = state
        .store_timeout
        .repeat(|| {
            state
                .stores
                .accounts
                .change_password(user.id, change.clone())
        })
        .await?
        // Somebody else changed it since it was read.
        .ok_or(ApiError::WrongPassword {
            field: OLD_PASSWORD,
        })?;
    state.revoked.note(Revocation::User {
        user: user.id,
        generation,
        at: now,
    });
    let login = Login {
        user: user.id,
        hash: user.username.hash(),
        generation,
        at: now,
        session: SessionId::generate(),
        until: None,
    };
    let origin = origin(client, &headers);
    let message = "Password changed successfully";
    let Answer(login) = logged_in_at_last(&state, message, &login, origin).await?;
    Ok(Answer(PasswordChanged {
        login,
        active_keys: keys_that_stay(&state, user.id).await,
    }))
}

impl ChangePassword {
    fn checked(
        self,
        name: &UsernameHash,
        common_allowed: bool,
    ) -> Result<(SecretString, Password), ApiError> {
        let mut checks = Checks::default();
        let old = checks.text(OLD_PASSWORD, self.old_password);
        let new = checks.read("new_password", self.new_password, |text| {
            Password::choose(&text, Some(name), common_allowed)
        });
        checks.finish(old.map(SecretString::from).zip(new))
    }
}
