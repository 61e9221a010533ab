use std::convert::Infallible;

use axum::Json as Answer;
use axum::extract::State;
use http::{HeaderMap, StatusCode};
use mysms_core::chain::Chain;
use mysms_core::domain::{
    InviteCode, InviteHash, KnownNetworks, NewUser, SessionId, Timestamp, User, UserId, Username,
};
use mysms_core::store::SignUp;
use runtime::config::SignUpMode;
use secrecy::SecretString;
use serde::Deserialize;
use utoipa::ToSchema;

use super::confirm_password::{LoggedIn, judged, logged_in, logged_in_at_last, origin};
use crate::audit::Subject;
use crate::auth::{Familiarity, Login, Password, Verdict};
use crate::client_address::ClientAddress;
use crate::error::ApiError;
use crate::extract::{Checks, Field, Json};
use crate::openapi::problems::{
    Busy, Invalid, InviteNeeded, InviteNotGood, SignUpClosed, TooManyAttempts, Unavailable,
    UsernameTaken, WrongCredentials,
};
use crate::openapi::schema;
use crate::state::AppState;

#[derive(Deserialize, ToSchema)]
#[serde(expecting = "an object with `username` and `password`")]
pub(super) struct Credentials {
    #[serde(default)]
    #[schema(value_type = schema::Username, required)]
    username: Field,
    #[serde(default)]
    #[schema(value_type = schema::Password, required)]
    password: Field,
}

#[derive(Deserialize, ToSchema)]
#[serde(expecting = "an object with `username` and `password`")]
pub(super) struct NewCredentials {
    #[serde(default)]
    #[schema(value_type = schema::Username, required)]
    username: Field,
    #[serde(default)]
    #[schema(value_type = schema::Password, required)]
    password: Field,
    /// The code of an invite, where one is needed.
    #[serde(default)]
    #[schema(value_type = Option<schema::InviteCode>)]
    invite: Field,
}

/// Sign up
///
/// Whether everybody may, only who has an invite, or nobody else, `GET /client.json` tells.
#[utoipa::path(
    post, path = "/signup", tag = "accounts", operation_id = "signUp",
    security(()),
    request_body(content = NewCredentials, examples(
        ("a new user" = (value = json!({"username": "jane_doe", "password": "password123"}))),
    )),
    responses(
        (status = 201, description = "The user is there and logged in", body = LoggedIn),
        Invalid, UsernameTaken, InviteNeeded, SignUpClosed, InviteNotGood, TooManyAttempts, Busy,
        Unavailable,
    ),
)]
pub(super) async fn sign_up(
    State(state): State<AppState>,
    client: ClientAddress,
    subject: Subject,
    headers: HeaderMap,
    Json(request): Json<NewCredentials>,
) -> Result<(StatusCode, Answer<LoggedIn>), ApiError> {
    let (username, password, invite) = request.chosen(state.http.common_passwords_allowed)?;
    state.limiter.attempt_on(&username.hash(), client)?;
    // Whoever had the name would read what belongs to nobody.
    if state.default_owner.is_named(&username) {
        return Err(ApiError::UsernameTaken);
    }
    let invite = admitted(&state, invite, state.clock.now()).await?;
    let sign_up = state.limiter.sign_up(client)?;
    let made = make(&state, client, (username, password, invite)).await;
    // Where the answer of the store is unclear there may be a user.
    if matches!(
        made,
        Err(ApiError::UsernameTaken | ApiError::InviteNotGood | ApiError::Busy)
    ) {
        sign_up.give_back();
    }
    let login = made?;
    subject.is(login.user);
    let origin = origin(client, &headers);
    let answer = logged_in_at_last(&state, "User created successfully", &login, origin);
    Ok((StatusCode::CREATED, answer.await?))
}

async fn make(
    state: &AppState,
    client: ClientAddress,
    (username, password, invite): (Username, Password, Option<InviteHash>),
) -> Result<Login, ApiError> {
    let password_hash = state.passwords.hash(password, client).await?;
    let now = state.clock.now();
    let user = NewUser {
        id: UserId::generate(now),
        username,
        password_hash,
        created_at: now,
        invite,
    };
    let result = state
        .store_timeout
        .repeat(|| state.stores.accounts.sign_up(user.clone()))
        .await?;
    match result {
        SignUp::Created => {}
        SignUp::NameTaken => return Err(ApiError::UsernameTaken),
        SignUp::InviteNotGood => return Err(ApiError::InviteNotGood),
    }
    let user = User {
        id: user.id,
        username: user.username,
        password_hash: user.password_hash,
        created_at: now,
        generation: 0,
        known_networks: KnownNetworks::default(),
    };
    // There is a user now, whatever becomes of this.
    if let Err(error) = remember(state, client, &user).await {
        tracing::warn!(error = %Chain(&error), "the network of a new user is not known yet");
    }
    Ok(entered(state, &user))
}

/// The invite of somebody who may sign up, if they need one. It is judged before their password is
/// hashed, which costs more than the look; what counts is what the store says when it makes the user.
async fn admitted(
    state: &AppState,
    invite: Option<String>,
    now: Timestamp,
) -> Result<Option<InviteHash>, ApiError> {
    let Some(code) = invite.filter(|code| !code.trim().is_empty()) else {
        return match state.signup {
            SignUpMode::Open => Ok(None),
            SignUpMode::Invite => Err(ApiError::InviteNeeded),
            SignUpMode::Closed => Err(ApiError::SignUpClosed),
        };
    };
    let code = InviteCode::parse(&code).ok_or(ApiError::InviteNotGood)?;
    let hash = code.hash();
    if state
        .store_timeout
        .once(state.stores.invites.is_open(&hash, now))
        .await?
    {
        Ok(Some(hash))
    } else {
        Err(ApiError::InviteNotGood)
    }
}

/// Notes from where somebody has shown to be a user.
async fn remember(state: &AppState, client: ClientAddress, user: &User) -> Result<(), ApiError> {
    if let Some(mark) = state.marks.news(user, client) {
        let remember = || state.stores.accounts.remember_network(user.id, &mark);
        state.store_timeout.repeat(remember).await?;
    }
    Ok(())
}

/// Somebody has shown to be a user.
fn entered(state: &AppState, user: &User) -> Login {
    Login {
        user: user.id,
        hash: user.username.hash(),
        // As it was when the password was read: if that was changed meanwhile, the token has ended.
        generation: user.generation,
        at: state.clock.now(),
        session: SessionId::generate(),
        until: None,
    }
}

/// Log in
///
/// A wrong password and an unknown user are told apart neither by the answer nor by its time.
#[utoipa::path(
    post, path = "/login", tag = "accounts", operation_id = "logIn",
    security(()),
    request_body(content = Credentials, examples(
        ("a known user" = (value = json!({"username": "john_doe", "password": "password123"}))),
    )),
    responses(
        (status = 200, description = "Logged in", body = LoggedIn),
        Invalid, WrongCredentials, TooManyAttempts, Busy, Unavailable,
    ),
)]
pub(super) async fn log_in(
    State(state): State<AppState>,
    client: ClientAddress,
    subject: Subject,
    headers: HeaderMap,
    Json(credentials): Json<Credentials>,
) -> Result<Answer<LoggedIn>, ApiError> {
    let (username, password) = credentials.claimed()?;
    let Ok(name) = Username::parse(&username) else {
        // Nobody has such a name, and that must not show in the time.
        let stranger = Familiarity::Stranger;
        state
            .passwords
            .verify(password, None, client, stranger)
            .await?;
        return Err(ApiError::WrongCredentials);
    };
    let user = state
        .store_timeout
        .once(state.stores.accounts.by_name(&name))
        .await?;
    let known = user.as_ref().is_some_and(|user| {
        subject.is(user.id);
        state.marks.know(user, client)
    });
    let guess = state.limiter.guess(&name.hash(), client, known)?;
    let hash = user.as_ref().map(|user| user.password_hash.clone());
    let familiarity = Familiarity::of(known);
    let secret = (password.clone(), hash);
    let verdict = judged(&state, client, guess, familiarity, secret).await?;
    let Some(user) = user.filter(|_| verdict != Verdict::Wrong) else {
        return Err(ApiError::WrongCredentials);
    };
    if verdict == Verdict::Outdated {
        hash_anew(&state, client, &user, &password).await;
    }
    remember(&state, client, &user).await?;
    let login = entered(&state, &user);
    let origin = origin(client, &headers);
    logged_in(&state, "Login successful", &login, origin).await
}

/// Brings the hash of a password up to date. Whatever keeps that from being done, it can be done at
/// the next login.
async fn hash_anew(state: &AppState, client: ClientAddress, user: &User, password: &SecretString) {
    let hash = match state.passwords.hash_again(password, client).await {
        Ok(hash) => hash,
        Err(error) => {
            tracing::debug!(error = %Chain(&error), "a password is hashed anew another time");
            return;
        }
    };
    let replace = || {
        state
            .stores
            .accounts
            .replace_hash(user.id, &user.password_hash, &hash)
    };
    match state.store_timeout.repeat(replace).await {
        Ok(()) => tracing::info!(user.id = %user.id, "the hash of a password is up to date again"),
        Err(error) => {
            tracing::warn!(error = %Chain(&error), "a password is hashed anew another time");
        }
    }
}

impl NewCredentials {
    /// As somebody chooses them, and what lets them in.
    fn chosen(
        self,
        common_allowed: bool,
    ) -> Result<(Username, Password, Option<String>), ApiError> {
        let mut checks = Checks::default();
        let username = checks.read("username", self.username, |text| Username::parse(&text));
        let name = username.as_ref().map(Username::hash);
        let password = checks.read("password", self.password, |text| {
            Password::choose(&text, name.as_ref(), common_allowed)
        });
        let invite = checks.optional("invite", self.invite, Ok::<_, Infallible>);
        let chosen = username.zip(password);
        checks.finish(chosen.map(|(username, password)| (username, password, invite)))
    }
}

impl Credentials {
    /// As somebody claims to have them: the rules for new ones do not matter.
    fn claimed(self) -> Result<(String, SecretString), ApiError> {
        let mut checks = Checks::default();
        let username = checks.text("username", self.username);
        let password = checks.text("password", self.password);
        checks.finish(username.zip(password.map(SecretString::from)))
    }
}
