use axum::extract::FromRequestParts;
use http::HeaderMap;
use http::header::AUTHORIZATION;
use http::request::Parts;
use mysms_core::chain::Chain;
use mysms_core::domain::{KeyToken, Mode};

use crate::audit::Subject;
use crate::auth::{Caller, Credential, InvalidKey, InvalidToken, TokenHolder};
use crate::client_address::ClientAddress;
use crate::error::ApiError;
use crate::openapi::Access;
use crate::state::AppState;

/// Whoever the route's description lets in: a login token, or a key with the scope that it names.
impl FromRequestParts<AppState> for Caller {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, ApiError> {
        let Ok(subject) = Subject::from_request_parts(parts, state).await;
        let text = bearer(&parts.headers).ok_or(ApiError::Unauthorized)?;
        if !KeyToken::is_one(text) {
            return by_token(text, state, &subject).await.map(Self::from);
        }
        let client = ClientAddress::of(&parts.extensions, &parts.headers, &state.http);
        let caller = by_key(text, client, state, &subject).await?;
        if let Some(grant) = caller.grant() {
            Access::of_route(parts).admit(grant)?;
        }
        Ok(caller)
    }
}

/// For what no program may do.
impl FromRequestParts<AppState> for TokenHolder {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, ApiError> {
        match Caller::from_request_parts(parts, state).await?.by {
            Credential::Token(holder) => Ok(holder),
            Credential::Key(_) => Err(ApiError::LoginNeeded),
        }
    }
}

async fn by_token(
    token: &str,
    state: &AppState,
    subject: &Subject,
) -> Result<TokenHolder, ApiError> {
    let refused = |error: InvalidToken| {
        // What is behind it may quote the token, which anybody may write.
        subject.has_refused_token(error.to_string());
        tracing::debug!(error = %Chain(&error), "a token was refused");
        ApiError::Unauthorized
    };
    let holder = state.tokens.verify(token, state.clock.now());
    let holder = holder.map_err(refused)?;
    subject.is(holder.user);
    if state.revoked.has_ended(&holder.token).await? {
        return Err(refused(InvalidToken::Ended));
    }
    Ok(holder)
}

/// A wrong key counts as an attempt of its network. One that has no attempt left cannot make the store look
/// for keys that this process has never seen; a right one that it has seen works all the same.
async fn by_key(
    text: &str,
    client: ClientAddress,
    state: &AppState,
    subject: &Subject,
) -> Result<Caller, ApiError> {
    let now = state.clock.now();
    let refused = |error: InvalidKey| {
        subject.has_refused_token(error.to_string());
        tracing::debug!(%error, "a key was refused");
        state
            .limiter
            .attempt(client)
            .err()
            .unwrap_or(ApiError::Unauthorized)
    };
    let token = KeyToken::parse(text).ok_or_else(|| refused(InvalidKey::Malformed))?;
    if !state.api_keys.has_seen(token.id()) {
        state.limiter.may_attempt(client)?;
    }
    let holder = match state.api_keys.verify(&token, now).await? {
        Ok(holder) => holder,
        Err(error) => return Err(refused(error)),
    };
    if (holder.key.grant.mode == Mode::Test) != state.is_sandbox {
        // No request is led into the wrong world; if one were, it must meet nothing there.
        return Err(ApiError::Unauthorized);
    }
    subject.is(holder.key.owner);
    subject.has_key(&holder.key.id);
    note_use(state, &token);
    Ok(Caller::from(holder))
}

/// Notes it beside the request, at most once a minute.
fn note_use(state: &AppState, token: &KeyToken) {
    let id = token.id().clone();
    let Some(at) = state.api_keys.use_to_note(&id, state.clock.now()) else {
        return;
    };
    let tasks = state.lifecycle.tracker();
    let state = state.clone();
    let note = async move {
        let note = state.stores.keys.note_use(&id, at);
        if let Err(error) = state.store_timeout.once(note).await {
            tracing::warn!(error = %Chain(&error), "the use of a key was not noted");
        }
    };
    tasks.spawn(note);
}

/// The token or key of the one `Authorization` header; two of them are none.
pub(crate) fn bearer(headers: &HeaderMap) -> Option<&str> {
    let mut values = headers.get_all(AUTHORIZATION).iter();
    let (value, None) = (values.next()?, values.next()) else {
        return None;
    };
    let (scheme, token) = value.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}
