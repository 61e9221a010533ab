use axum::Json as Answer;
use axum::extract::State;
use http::HeaderMap;
use mysms_core::domain::{Renewal, Session, TokenId, User};
use mysms_core::store::Renewed;

use super::confirm_password::{LoggedIn, account, granted, origin};
use super::sessions::end;
use crate::auth::{Login, TokenHolder, Tokens};
use crate::client_address::ClientAddress;
use crate::error::ApiError;
use crate::openapi::problems::{RenewedBefore, TooManyAttempts, Unavailable};
use crate::state::AppState;

/// Get a new token for one that is still good
///
/// That works until 30 days after the login, and once for each token. The old one stays good for its
/// time, so that requests under way do not fail. Whoever renews it once more has it from somebody
/// else, or the other way round, so that ends the session with all of its tokens.
#[utoipa::path(
    post, path = "/me/token", tag = "accounts", operation_id = "renewToken",
    responses(
        (status = 200, description = "Still logged in", body = LoggedIn),
        RenewedBefore, TooManyAttempts, Unavailable,
    ),
)]
pub(super) async fn renew(
    State(state): State<AppState>,
    caller: TokenHolder,
    client: ClientAddress,
    headers: HeaderMap,
) -> Result<Answer<LoggedIn>, ApiError> {
    state.limiter.renewal(&caller.hash, client)?;
    // In this order: a generation that was read before the old token was seen to be good is one
    // that ends with it.
    let user = account(&state, &caller).await?;
    if state.revoked.ask(&caller.token).await? {
        return Err(ApiError::Unauthorized);
    }
    if caller.is_lone {
        let session = of_lone(&caller, &user, client, &headers);
        state
            .store_timeout
            .repeat(|| state.stores.sessions.begin(&session))
            .await?;
    }
    let login = Login {
        user: user.id,
        hash: user.username.hash(),
        generation: user.generation,
        at: caller.logged_in_at,
        session: caller.token.session,
        until: None,
    };
    let (token, now) = (TokenId::generate(), state.clock.now());
    let renewal = Renewal {
        session: login.session,
        from: caller.token.id,
        to: token,
        now,
        until: Tokens::ends(&login, now).ok_or(ApiError::Unauthorized)?,
    };
    let renewed = state
        .store_timeout
        .repeat(|| state.stores.sessions.renew(&renewal));
    match renewed.await? {
        Renewed::Done => granted(&state, "Token renewed successfully", &login, token, now),
        Renewed::Unknown => Err(ApiError::Unauthorized),
        Renewed::Before => {
            end(&state, login.session).await?;
            tracing::warn!(user.id = %user.id, "a token was renewed twice, so its session has ended");
            Err(ApiError::RenewedBefore)
        }
    }
}

/// A token of an earlier version begins a session of its own.
fn of_lone(
    caller: &TokenHolder,
    user: &User,
    client: ClientAddress,
    headers: &HeaderMap,
) -> Session {
    Session {
        id: caller.token.session,
        user: user.id,
        generation: user.generation,
        token: caller.token.id,
        begun_at: caller.logged_in_at,
        renewed_at: caller.token.issued_at,
        until: caller.expires_at,
        origin: origin(client, headers),
        cookie: None,
    }
}
