use axum::Json as Answer;
use axum::extract::State;

use super::proof::{AccountDone, LoggedIn, account, logged_in};
use crate::auth::{Caller, Login};
use crate::error::ApiError;
use crate::extract::ClientAddress;
use crate::openapi::problems::{TooManyAttempts, Unavailable};
use crate::state::AppState;

/// Log out
///
/// Ends the token that the request came with, and no other.
#[utoipa::path(
    post, path = "/logout", tag = "accounts", operation_id = "logOut",
    responses((status = 200, description = "The token has ended", body = AccountDone), Unavailable),
)]
pub(super) async fn log_out(
    State(state): State<AppState>,
    caller: Caller,
) -> Result<Answer<AccountDone>, ApiError> {
    let now = state.clock.now();
    state
        .revoked
        .revoke(caller.token.id, caller.expires_at, now)
        .await?;
    Ok(Answer(AccountDone {
        message: "Logout successful",
    }))
}

/// Get a new token for one that is still good
///
/// That works until 30 days after the login. The old one stays good for its time, so that requests
/// under way do not fail.
#[utoipa::path(
    post, path = "/me/token", tag = "accounts", operation_id = "renewToken",
    responses(
        (status = 200, description = "Still logged in", body = LoggedIn),
        TooManyAttempts, Unavailable,
    ),
)]
pub(super) async fn renew(
    State(state): State<AppState>,
    caller: Caller,
    client: ClientAddress,
) -> Result<Answer<LoggedIn>, ApiError> {
    state.limiter.attempt_on(&caller.hash, client)?;
    // In this order: a generation that was read before the old token was seen to be good is one
    // that ends with it.
    let user = account(&state, &caller).await?;
    if state.revoked.ask(&caller.token).await? {
        return Err(ApiError::Unauthorized);
    }
    let login = Login {
        user: user.id,
        hash: user.username.hash(),
        generation: user.generation,
        at: caller.logged_in_at,
    };
    logged_in(&state, "Token renewed successfully", login)
}
