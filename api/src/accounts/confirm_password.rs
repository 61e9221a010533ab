//! What shows that somebody is a user, and what a user is given who has shown it.

use axum::Json as Answer;
use http::HeaderMap;
use http::header::USER_AGENT;
use mysms_core::chain::Chain;
use mysms_core::domain::{Origin, Session, Timestamp, TokenId, User, UserId, UsernameHash};
use mysms_core::store::StoreError;
use secrecy::SecretString;
use serde::Serialize;
use utoipa::ToSchema;

use crate::auth::{Attempt, Familiarity, Login, TokenHolder, Tokens, Verdict};
use crate::client_address::ClientAddress;
use crate::error::ApiError;
use crate::network::Network;
use crate::openapi::schema;
use crate::state::AppState;

/// How much is kept of what a client calls itself, in characters.
const LONGEST_AGENT: usize = 128;

#[derive(Serialize, ToSchema)]
pub(super) struct LoggedIn {
    #[schema(example = "Login successful")]
    message: &'static str,
    #[schema(value_type = schema::Token)]
    token: String,
    /// Seconds for which the token is good.
    #[schema(minimum = 1, example = 86_400)]
    expires_in: i64,
    #[schema(value_type = schema::UsernameHash)]
    username_hash: UsernameHash,
}

#[derive(Serialize, ToSchema)]
pub(super) struct AccountDone {
    #[schema(example = "Logout successful")]
    pub message: &'static str,
}

/// The caller's account, as long as there is one.
pub(super) async fn account(state: &AppState, caller: &TokenHolder) -> Result<User, ApiError> {
    account_of(state, caller.user).await
}

/// A user's account, as long as there is one.
pub(super) async fn account_of(state: &AppState, id: UserId) -> Result<User, ApiError> {
    let user = state.stores.accounts.by_id(id);
    state
        .store_timeout
        .once(user)
        .await?
        .ok_or(ApiError::Unauthorized)
}

/// The caller's account, once they have shown that they know its password.
pub(super) async fn confirm_password(
    state: &AppState,
    caller: &TokenHolder,
    client: ClientAddress,
    (field, password): (&'static str, SecretString),
) -> Result<User, ApiError> {
    state.limiter.attempt(client)?;
    let user = account(state, caller).await?;
    let known = state.marks.know(&user, client);
    let guess = state.limiter.guess(&caller.hash, client, known)?;
    let familiarity = Familiarity::of(known);
    let hash = Some(user.password_hash.clone());
    match judged(state, client, guess, familiarity, (password, hash)).await? {
        Verdict::Wrong => Err(ApiError::WrongPassword { field }),
        Verdict::Right | Verdict::Outdated => Ok(user),
    }
}

/// Whether a guess is right. Only one that was looked at and is wrong costs the account anything.
pub(super) async fn judged(
    state: &AppState,
    client: ClientAddress,
    guess: Attempt<'_>,
    familiarity: Familiarity,
    (password, hash): (SecretString, Option<String>),
) -> Result<Verdict, ApiError> {
    let verified = state
        .passwords
        .verify(password, hash, client, familiarity)
        .await;
    if !matches!(verified, Ok(Verdict::Wrong)) {
        guess.give_back();
    }
    Ok(verified?)
}

/// Begins a session.
pub(super) async fn logged_in(
    state: &AppState,
    message: &'static str,
    login: &Login,
    origin: Origin,
) -> Result<Answer<LoggedIn>, ApiError> {
    let session = new_session(state, login, origin)?;
    begin(state, &session).await?;
    granted(state, message, login, session.token, session.renewed_at)
}

/// Begins a session after something that is done, so that nobody is told to do it again: if it cannot be
/// noted that it began, its token is good all the same, but cannot be renewed.
pub(super) async fn logged_in_at_last(
    state: &AppState,
    message: &'static str,
    login: &Login,
    origin: Origin,
) -> Result<Answer<LoggedIn>, ApiError> {
    let session = new_session(state, login, origin)?;
    match begin(state, &session).await {
        Err(error @ StoreError::Unavailable { .. }) => {
            tracing::warn!(error = %Chain(&error), "it is not certain that a session was noted");
        }
        begun => begun?,
    }
    granted(state, message, login, session.token, session.renewed_at)
}

fn new_session(state: &AppState, login: &Login, origin: Origin) -> Result<Session, ApiError> {
    let now = state.clock.now();
    Ok(Session {
        id: login.session,
        user: login.user,
        generation: login.generation,
        token: TokenId::generate(),
        begun_at: login.at,
        renewed_at: now,
        until: Tokens::ends(login, now).ok_or(ApiError::Unauthorized)?,
        origin,
        cookie: None,
    })
}

async fn begin(state: &AppState, session: &Session) -> Result<(), StoreError> {
    let begin = || state.stores.sessions.begin(session);
    state.store_timeout.repeat(begin).await
}

/// A token that the session knows of.
pub(super) fn granted(
    state: &AppState,
    message: &'static str,
    login: &Login,
    token: TokenId,
    now: Timestamp,
) -> Result<Answer<LoggedIn>, ApiError> {
    let token = state
        .tokens
        .issue(login, token, now)
        .map_err(|error| ApiError::Internal(Box::new(error)))?
        .ok_or(ApiError::Unauthorized)?;
    let expires_in = Tokens::lifetime(login, now).ok_or(ApiError::Unauthorized)?;
    Ok(Answer(LoggedIn {
        message,
        token,
        expires_in,
        username_hash: login.hash.clone(),
    }))
}

/// How many keys of a user are good at the end of something that is done, so it fails nothing: `None` if that
/// cannot be seen.
pub(super) async fn keys_that_stay(state: &AppState, user: UserId) -> Option<usize> {
    let now = state.clock.now();
    let keys = state
        .store_timeout
        .once(state.stores.keys.keys_of(user))
        .await;
    let keys = keys.ok()?.into_iter().filter(|key| !key.has_expired(now));
    Some(keys.count())
}

/// Where a session begins.
pub(super) fn origin(ClientAddress(client): ClientAddress, headers: &HeaderMap) -> Origin {
    let agent = headers
        .get(USER_AGENT)
        .and_then(|agent| agent.to_str().ok());
    let agent = agent.map(|agent| agent.trim().chars().take(LONGEST_AGENT).collect::<String>());
    Origin {
        network: Network::around(client).to_string(),
        agent: agent.filter(|agent| !agent.is_empty()),
    }
}
