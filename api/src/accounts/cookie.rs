//! How a browser stays logged in: by a cookie that no script sees.
//!
//! Only our own pages can use these routes, so they are not in the API's document.

use std::time::Duration;

use axum::Json as Answer;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::HeaderMap;
use http::header::SET_COOKIE;
use mysms_core::domain::{Cookie, Session, Showing, Timestamp, TokenId, User};
use mysms_core::store::Renewed;
use serde::{Deserialize, Serialize};

use super::confirm_password::{AccountDone, LoggedIn, account_of, granted};
use super::sessions::{end, latest_token};
use crate::audit::Subject;
use crate::auth::{Cookies, Login, ShownCookie, TokenHolder, Tokens};
use crate::client_address::ClientAddress;
use crate::error::ApiError;
use crate::extract::{Checks, Field, Json};
use crate::host::OwnPage;
use crate::state::AppState;

/// How long after the password was shown a browser may be told to stay logged in. Whoever has got hold of
/// a token cannot make more of it.
const ENTERED_WITHIN: Duration = Duration::from_mins(10);

/// How often it is tried to be the next, while others go on with the same session.
const TRIES: usize = 32;

#[derive(Deserialize)]
#[serde(expecting = "an object with `keep`")]
pub(super) struct Wish {
    #[serde(default)]
    keep: Field,
}

#[derive(Serialize)]
struct Refreshed {
    #[serde(flatten)]
    login: LoggedIn,
    username: String,
    /// Whether the browser stays logged in when it is closed.
    kept: bool,
}

/// Gives the browser a cookie for the session that has just begun: until it is closed, or, with `keep`, for
/// as long as it is used now and then.
pub(super) async fn keep(
    State(state): State<AppState>,
    page: OwnPage,
    caller: TokenHolder,
    Json(wish): Json<Wish>,
) -> Result<Response, ApiError> {
    let is_kept = wish.checked()?;
    let now = state.clock.now();
    if now > caller.logged_in_at + ENTERED_WITHIN {
        return Err(ApiError::PasswordNeeded);
    }
    let step = || keeping(&state, &caller, is_kept, now);
    let next = go_on(&state, step).await?.ok_or(ApiError::NotFound)?;
    let message = "Login kept successfully";
    with_cookie(&state, &next, page, Answer(AccountDone { message }))
}

/// Gives a new token, and the next cookie, for the cookie.
///
/// One that was used before ends its session, because somebody else must have it, unless that was a moment
/// ago: then another tab was quicker, or the answer was lost.
pub(super) async fn refresh(
    State(state): State<AppState>,
    page: OwnPage,
    client: ClientAddress,
    subject: Subject,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let Some(shown) = state.cookies.shown(&headers, page.is_https) else {
        state.limiter.attempt(client)?;
        return Err(ApiError::Unauthorized);
    };
    subject.is(shown.user);
    let user = account_of(&state, shown.user).await?;
    state.limiter.renewal(&user.username.hash(), client)?;
    let next = go_on(&state, || showing(&state, &user, shown)).await?;
    let next = next.ok_or(ApiError::Unauthorized)?;
    let refreshed = refreshed(&state, &user, &next, next.renewed_at)?;
    with_cookie(&state, &next, page, Answer(refreshed))
}

/// Ends the session of the cookie, whether or not its tokens are good still, and takes the cookie away. If the
/// browser has several, of other folders or from before there was TLS, none of them is left.
pub(super) async fn leave(
    State(state): State<AppState>,
    page: OwnPage,
    client: ClientAddress,
    subject: Subject,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let shown = state.cookies.all(&headers);
    if shown.is_empty() {
        state.limiter.attempt(client)?;
    }
    for cookie in shown {
        subject.is(cookie.user);
        end(&state, cookie.session).await?;
    }
    let message = "Logout successful";
    let mut response = Answer(AccountDone { message }).into_response();
    for header in Cookies::remove(page.is_https) {
        response.headers_mut().append(SET_COOKIE, header);
    }
    Ok(response)
}

/// The session of a token, and the same with a cookie.
async fn keeping(
    state: &AppState,
    caller: &TokenHolder,
    is_kept: bool,
    now: Timestamp,
) -> Result<(Session, Session), ApiError> {
    let session = state
        .stores
        .sessions
        .session(caller.user, caller.token.session);
    let session = state.store_timeout.once(session).await?;
    let session = session.ok_or(ApiError::NotFound)?;
    let first = Cookie {
        turn: 0,
        since: now,
        is_kept,
    };
    let cookie = session.cookie.map_or(first, |cookie| Cookie {
        is_kept,
        ..cookie.next(now)
    });
    let next = Session {
        until: until(state, &session, cookie, now),
        cookie: Some(cookie),
        ..session.clone()
    };
    Ok((session, next))
}

/// The session of a cookie, and the same with what is given for it.
async fn showing(
    state: &AppState,
    user: &User,
    shown: ShownCookie,
) -> Result<(Session, Session), ApiError> {
    let now = state.clock.now();
    let session = open(state, user, shown, now).await?;
    let next = shown_at(state, &session, shown, now).await?;
    Ok((session, next))
}

/// The session of a cookie, if it goes on.
async fn open(
    state: &AppState,
    user: &User,
    shown: ShownCookie,
    now: Timestamp,
) -> Result<Session, ApiError> {
    let session = state.stores.sessions.session(shown.user, shown.session);
    let session = state.store_timeout.once(session).await?;
    let session = session.ok_or(ApiError::Unauthorized)?;
    // The user was read before: a generation that begins now ends what is given for this one.
    let has_ended = session.generation < user.generation || session.until < now;
    if has_ended || state.revoked.ask(&latest_token(&session)).await? {
        return Err(ApiError::Unauthorized);
    }
    Ok(session)
}

/// The session with what is given for a cookie.
async fn shown_at(
    state: &AppState,
    session: &Session,
    shown: ShownCookie,
    now: Timestamp,
) -> Result<Session, ApiError> {
    let cookie = session.cookie.ok_or(ApiError::Unauthorized)?;
    let cookie = match cookie.showing(shown.turn, now) {
        Showing::Latest => cookie.next(now),
        Showing::JustOver => cookie,
        Showing::UsedUp => {
            end(state, session.id).await?;
            tracing::warn!(user.id = %session.user, "a cookie was used twice, so its session has ended");
            return Err(ApiError::RenewedBefore);
        }
    };
    Ok(Session {
        token: TokenId::generate(),
        renewed_at: now,
        until: until(state, session, cookie, now),
        cookie: Some(cookie),
        ..session.clone()
    })
}

/// Until when a session goes on if its cookie is not shown again.
fn until(state: &AppState, session: &Session, cookie: Cookie, now: Timestamp) -> Timestamp {
    let idle = if cookie.is_kept {
        state.http.idle_session
    } else {
        Tokens::longest()
    };
    (now + idle).max(session.until)
}

/// Puts what `step` makes of a session in its place, anew if another tab was quicker. Returns the session as it is
/// then, or `None` if there is none any more.
async fn go_on<F>(state: &AppState, step: impl Fn() -> F) -> Result<Option<Session>, ApiError>
where
    F: Future<Output = Result<(Session, Session), ApiError>>,
{
    for _ in 0..TRIES {
        let (from, to) = step().await?;
        let go_on = || state.stores.sessions.go_on(&from, &to);
        match state.store_timeout.repeat(go_on).await? {
            Renewed::Done => return Ok(Some(to)),
            Renewed::Before => {}
            Renewed::Unknown => return Ok(None),
        }
    }
    Err(ApiError::Busy)
}

fn refreshed(
    state: &AppState,
    user: &User,
    session: &Session,
    now: Timestamp,
) -> Result<Refreshed, ApiError> {
    let login = Login {
        user: user.id,
        hash: user.username.hash(),
        generation: session.generation,
        at: session.begun_at,
        session: session.id,
        until: Some(session.until),
    };
    let message = "Token renewed successfully";
    let Answer(login) = granted(state, message, &login, session.token, now)?;
    Ok(Refreshed {
        login,
        username: user.username.as_str().to_owned(),
        kept: session.cookie.is_some_and(|cookie| cookie.is_kept),
    })
}

fn with_cookie(
    state: &AppState,
    session: &Session,
    page: OwnPage,
    answer: impl IntoResponse,
) -> Result<Response, ApiError> {
    let cookie = session.cookie.ok_or(ApiError::Unauthorized)?;
    let given = ShownCookie {
        user: session.user,
        session: session.id,
        turn: cookie.turn,
    };
    let kept_for = cookie.is_kept.then_some(state.http.idle_session);
    let mut response = answer.into_response();
    if let Some(header) = state.cookies.set(&given, kept_for, page.is_https) {
        response.headers_mut().insert(SET_COOKIE, header);
    }
    Ok(response)
}

impl Wish {
    fn checked(self) -> Result<bool, ApiError> {
        let mut checks = Checks::default();
        let keep = checks.flag("keep", &self.keep);
        checks.finish(Some(keep.unwrap_or(false)))
    }
}
