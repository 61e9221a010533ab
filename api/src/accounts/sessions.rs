use axum::Json as Answer;
use axum::extract::{FromRequestParts, RawPathParams, RawQuery, State};
use http::request::Parts;
use mysms_core::domain::{IssuedToken, Revocation, Session, SessionId, Timestamp};
use serde::Serialize;
use utoipa::openapi::path::{Parameter, ParameterIn};
use utoipa::{IntoParams, ToSchema};

use super::confirm_password::{AccountDone, account, keys_that_stay};
use crate::auth::TokenHolder;
use crate::error::ApiError;
use crate::extract::Checks;
use crate::openapi::problems::{Invalid, NotFound, Unavailable};
use crate::openapi::schema;
use crate::state::AppState;

/// How many sessions are shown.
const SHOWN: usize = 100;

/// A login that goes on as long as its tokens are renewed.
#[derive(Serialize, ToSchema)]
pub(super) struct SessionView {
    #[schema(value_type = schema::SessionId)]
    id: SessionId,
    /// Of the login.
    #[schema(value_type = schema::Timestamp)]
    created_at: Timestamp,
    /// When the latest token was given.
    #[schema(value_type = schema::Timestamp)]
    renewed_at: Timestamp,
    /// The network around the address of the login.
    #[schema(example = "203.0.113.0/24")]
    network: String,
    /// What the client called itself.
    #[schema(example = "curl/8.14.1")]
    user_agent: Option<String>,
    /// Whether the request belongs to it.
    current: bool,
    /// Whether it is of a browser that stays logged in when it is closed.
    #[schema(example = false)]
    kept: bool,
}

/// The answer to a logout.
#[derive(Serialize, ToSchema)]
pub(super) struct LoggedOut {
    #[schema(example = "Logout successful")]
    message: &'static str,
    /// How many API keys of the user are good still; null if that could not be seen.
    #[schema(required, example = 0)]
    active_keys: Option<usize>,
}

/// `{id}` in a path: a session of the caller's. Whether there is one is for the store to say.
pub(super) struct OwnSession {
    caller: TokenHolder,
    id: SessionId,
}

/// Log out
///
/// Ends the session that the token belongs to, with all tokens that it was renewed from or by. With
/// `everywhere` all sessions of the user end; API keys end only with `keys` as well.
#[utoipa::path(
    post, path = "/logout", tag = "accounts", operation_id = "logOut",
    params(
        ("everywhere" = Option<bool>, Query, description = "End all sessions."),
        ("keys" = Option<bool>, Query, description = "Together with `everywhere`: end all API keys, too."),
    ),
    responses(
        (status = 200, description = "It has ended", body = LoggedOut), Invalid, Unavailable,
    ),
)]
pub(super) async fn log_out(
    State(state): State<AppState>,
    caller: TokenHolder,
    RawQuery(query): RawQuery,
) -> Result<Answer<LoggedOut>, ApiError> {
    let ends = Ends::asked_for(query.as_deref().unwrap_or_default())?;
    if ends.everywhere {
        end_all(&state, &caller).await?;
        if ends.keys {
            let ended = state.api_keys.end_all(caller.user, state.clock.now());
            ended.await?;
        }
    } else {
        end(&state, caller.token.session).await?;
    }
    Ok(Answer(LoggedOut {
        message: "Logout successful",
        active_keys: keys_that_stay(&state, caller.user).await,
    }))
}

/// List the caller's sessions
///
/// The 100 latest that have neither ended nor expired, the latest renewed first. Tokens of a version
/// that knew no sessions are listed once they are renewed.
#[utoipa::path(
    get, path = "/me/sessions", tag = "accounts", operation_id = "listSessions",
    responses(
        (status = 200, description = "The sessions", body = Vec<SessionView>), Unavailable,
    ),
)]
pub(super) async fn list(
    State(state): State<AppState>,
    caller: TokenHolder,
) -> Result<Answer<Vec<SessionView>>, ApiError> {
    let user = account(&state, &caller).await?;
    let now = state.clock.now();
    let found = state
        .stores
        .sessions
        .sessions_of(user.id, user.generation, now, SHOWN);
    let found = state.store_timeout.once(found).await?;
    let open = found
        .into_iter()
        .filter(|session| !state.revoked.knows_end_of(&latest_token(session)));
    let views = open.map(|session| SessionView {
        id: session.id,
        created_at: session.begun_at,
        renewed_at: session.renewed_at,
        network: session.origin.network,
        user_agent: session.origin.agent,
        current: session.id == caller.token.session,
        kept: session.cookie.is_some_and(|cookie| cookie.is_kept),
    });
    Ok(Answer(views.collect()))
}

/// End one of the caller's sessions
///
/// Its tokens end at once in the process that answers, and within five seconds in all others.
#[utoipa::path(
    delete, path = "/me/sessions/{id}", tag = "accounts", operation_id = "endSession",
    params(OwnSession),
    responses(
        (status = 200, description = "It has ended", body = AccountDone), NotFound, Unavailable,
    ),
)]
pub(super) async fn end_one(
    State(state): State<AppState>,
    OwnSession { caller, id }: OwnSession,
) -> Result<Answer<AccountDone>, ApiError> {
    let session = state.stores.sessions.session(caller.user, id);
    let session = state.store_timeout.once(session).await?;
    let session = session.ok_or(ApiError::NotFound)?;
    end(&state, session.id).await?;
    Ok(Answer(AccountDone {
        message: "Session ended successfully",
    }))
}

/// Ends a session. What could outlast the note of its end comes first: should the process die in between,
/// neither a cookie nor a renewal makes it go on, and its latest tokens are good for the rest of their day.
pub(super) async fn end(state: &AppState, id: SessionId) -> Result<(), ApiError> {
    let forget = || state.stores.sessions.forget(id);
    state.store_timeout.repeat(forget).await?;
    Ok(state.revoked.revoke(id, state.clock.now()).await?)
}

async fn end_all(state: &AppState, caller: &TokenHolder) -> Result<(), ApiError> {
    let (user, at) = (caller.user, state.clock.now());
    let end = || state.stores.accounts.end_sessions(user, at);
    let ended = state.store_timeout.repeat(end).await?;
    // Whoever has closed the account meanwhile has ended them, too.
    let generation = ended.ok_or(ApiError::Unauthorized)?;
    state.revoked.note(Revocation::User {
        user,
        generation,
        at,
    });
    Ok(())
}

/// What else ends beside the session of the token.
struct Ends {
    everywhere: bool,
    keys: bool,
}

impl Ends {
    fn asked_for(query: &str) -> Result<Self, ApiError> {
        let mut checks = Checks::default();
        let mut flag = |name| {
            let flag = checks.parameter(name, query, |text| {
                text.parse::<bool>().map_err(|_| "must be true or false")
            });
            flag.unwrap_or(false)
        };
        let (everywhere, keys) = (flag("everywhere"), flag("keys"));
        if keys && !everywhere {
            checks.refuse::<()>("keys", "only goes together with everywhere");
        }
        checks.finish(Some(Self { everywhere, keys }))
    }
}

pub(super) fn latest_token(session: &Session) -> IssuedToken {
    IssuedToken {
        id: session.token,
        session: session.id,
        user: session.user,
        generation: Some(session.generation),
        issued_at: session.renewed_at,
    }
}

impl FromRequestParts<AppState> for OwnSession {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, ApiError> {
        let caller = TokenHolder::from_request_parts(parts, state).await?;
        let params = RawPathParams::from_request_parts(parts, state).await;
        let params = params.map_err(|_| ApiError::NotFound)?;
        let id = params.iter().find(|(name, _)| *name == "id");
        let id = id.and_then(|(_, id)| id.parse().ok());
        let id = id.ok_or(ApiError::NotFound)?;
        Ok(Self { caller, id })
    }
}

impl IntoParams for OwnSession {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        let id = "The session, as it is listed.";
        vec![schema::path_parameter::<schema::SessionId>("id", id)]
    }
}
