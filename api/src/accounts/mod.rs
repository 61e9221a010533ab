//! Signing up, logging in and out, who am I, another password, and leaving.

mod closing;
mod password;
mod sessions;

use axum::Json as Answer;
use axum::extract::State;
use axum::middleware::from_fn_with_state;
use http::StatusCode;
use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use shared::domain::{NewUser, Timestamp, User, UserId, Username, UsernameHash};
use shared::store::SignUp;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::auth::{Caller, Login, Password, Tokens, limit_attempts};
use crate::error::ApiError;
use crate::extract::{Checks, ClientAddress, Field, Json};
use crate::openapi::problems::{
    Busy, Invalid, TooManyAttempts, Unavailable, UsernameTaken, WrongCredentials,
};
use crate::openapi::schema;
use crate::state::AppState;

pub(crate) use closing::erase_closed;

pub(crate) fn router(state: &AppState) -> OpenApiRouter<AppState> {
    OpenApiRouter::default()
        .routes(routes!(sign_up))
        .routes(routes!(log_in))
        .route_layer(from_fn_with_state(state.clone(), limit_attempts))
        .routes(routes!(sessions::log_out))
        .routes(routes!(me, closing::close))
        .routes(routes!(password::change))
        .routes(routes!(sessions::renew))
}

#[derive(Deserialize, ToSchema)]
#[serde(expecting = "an object with `username` and `password`")]
struct Credentials {
    #[serde(default)]
    #[schema(value_type = schema::Username, required)]
    username: Field,
    #[serde(default)]
    #[schema(value_type = schema::Password, required)]
    password: Field,
}

#[derive(Serialize, ToSchema)]
struct LoggedIn {
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
struct AccountDone {
    #[schema(example = "Logout successful")]
    message: &'static str,
}

#[derive(Serialize, ToSchema)]
struct Me {
    /// As it was written at the signup.
    #[schema(example = "john_doe")]
    username: String,
    #[schema(value_type = schema::UsernameHash)]
    username_hash: UsernameHash,
    #[schema(value_type = schema::Timestamp)]
    created_at: Timestamp,
}

/// Sign up
#[utoipa::path(
    post, path = "/signup", tag = "accounts", operation_id = "signUp",
    security(()),
    request_body(content = Credentials, examples(
        ("a new user" = (value = json!({"username": "jane_doe", "password": "password123"}))),
        ("username-taken" = (value = json!({"username": "john_doe", "password": "password123"}))),
        ("invalid-request" = (value = json!({"username": "j", "password": "short"}))),
    )),
    responses(
        (status = 201, description = "The user is there and logged in", body = LoggedIn),
        Invalid, UsernameTaken, TooManyAttempts, Busy, Unavailable,
    ),
)]
async fn sign_up(
    State(state): State<AppState>,
    client: ClientAddress,
    Json(credentials): Json<Credentials>,
) -> Result<(StatusCode, Answer<LoggedIn>), ApiError> {
    let (username, password) = credentials.chosen()?;
    state.limiter.attempt_on(&username.hash(), client)?;
    let password_hash = state.passwords.hash(password).await?;
    let now = state.clock.now();
    let user = NewUser {
        id: UserId::generate(now),
        username,
        password_hash,
        created_at: now,
    };
    let result = state
        .patience
        .repeat(|| state.accounts.sign_up(user.clone()))
        .await?;
    match result {
        SignUp::Created => {
            let login = Login {
                user: user.id,
                hash: user.username.hash(),
                generation: 0,
                at: now,
            };
            let answer = logged_in(&state, "User created successfully", login)?;
            Ok((StatusCode::CREATED, answer))
        }
        SignUp::NameTaken => Err(ApiError::UsernameTaken),
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
        ("wrong-credentials" = (value = json!({"username": "john_doe", "password": "password124"}))),
        ("invalid-request" = (value = json!({"username": "john_doe"}))),
    )),
    responses(
        (status = 200, description = "Logged in", body = LoggedIn),
        Invalid, WrongCredentials, TooManyAttempts, Busy, Unavailable,
    ),
)]
async fn log_in(
    State(state): State<AppState>,
    client: ClientAddress,
    Json(credentials): Json<Credentials>,
) -> Result<Answer<LoggedIn>, ApiError> {
    let (username, password) = credentials.claimed()?;
    let user = match Username::parse(&username) {
        Ok(name) => {
            state.limiter.attempt_on(&name.hash(), client)?;
            state.patience.once(state.accounts.by_name(&name)).await?
        }
        Err(_) => None,
    };
    let hash = user.as_ref().map(|user| user.password_hash.clone());
    let right = state.passwords.verify(password, hash).await?;
    let Some(user) = user.filter(|_| right) else {
        return Err(ApiError::WrongCredentials);
    };
    let login = Login {
        user: user.id,
        hash: user.username.hash(),
        // As it was when the password was read: if that was changed meanwhile, the token has ended.
        generation: user.generation,
        at: state.clock.now(),
    };
    logged_in(&state, "Login successful", login)
}

/// Who am I?
#[utoipa::path(
    get, path = "/me", tag = "accounts", operation_id = "getMe",
    responses((status = 200, description = "The user of the token", body = Me), Unavailable),
)]
async fn me(State(state): State<AppState>, caller: Caller) -> Result<Answer<Me>, ApiError> {
    let user = account(&state, &caller).await?;
    Ok(Answer(Me {
        username_hash: user.username.hash(),
        username: user.username.as_str().to_owned(),
        created_at: user.created_at,
    }))
}

/// The caller's account, as long as there is one.
async fn account(state: &AppState, caller: &Caller) -> Result<User, ApiError> {
    let user = state.accounts.by_id(caller.user);
    state
        .patience
        .once(user)
        .await?
        .ok_or(ApiError::Unauthorized)
}

/// The caller's account, once they have shown that they know its password.
async fn proven(
    state: &AppState,
    caller: &Caller,
    client: ClientAddress,
    (field, password): (&'static str, SecretString),
) -> Result<User, ApiError> {
    state.limiter.attempt_on(&caller.hash, client)?;
    let user = account(state, caller).await?;
    let hash = Some(user.password_hash.clone());
    if state.passwords.verify(password, hash).await? {
        Ok(user)
    } else {
        Err(ApiError::WrongPassword { field })
    }
}

fn logged_in(
    state: &AppState,
    message: &'static str,
    login: Login,
) -> Result<Answer<LoggedIn>, ApiError> {
    let now = state.clock.now();
    let token = state
        .tokens
        .issue(&login, now)
        .map_err(|error| ApiError::Internal(Box::new(error)))?
        .ok_or(ApiError::Unauthorized)?;
    let expires_in = Tokens::lifetime(&login, now).ok_or(ApiError::Unauthorized)?;
    Ok(Answer(LoggedIn {
        message,
        token,
        expires_in,
        username_hash: login.hash,
    }))
}

impl Credentials {
    /// As somebody chooses them.
    fn chosen(self) -> Result<(Username, Password), ApiError> {
        let mut checks = Checks::default();
        let username = checks.read("username", self.username, |text| Username::parse(&text));
        let password = checks.read("password", self.password, Password::parse);
        checks.finish(username.zip(password))
    }

    /// As somebody claims to have them: the rules for new ones do not matter.
    fn claimed(self) -> Result<(String, SecretString), ApiError> {
        let mut checks = Checks::default();
        let username = checks.text("username", self.username);
        let password = checks.text("password", self.password);
        checks.finish(username.zip(password.map(SecretString::from)))
    }
}

#[cfg(test)]
mod tests;
