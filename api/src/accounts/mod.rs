//! Signing up, logging in, and who am I.

use axum::Json as Answer;
use axum::extract::State;
use axum::middleware::from_fn_with_state;
use http::StatusCode;
use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use shared::domain::{NewUser, Timestamp, UserId, Username, UsernameHash};
use shared::store::SignUp;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::auth::{Caller, Password, limit_attempts};
use crate::error::ApiError;
use crate::extract::{Checks, Field, Json};
use crate::openapi::problems::{
    Busy, Invalid, TooManyAttempts, Unavailable, UsernameTaken, WrongCredentials,
};
use crate::openapi::schema;
use crate::state::AppState;

pub(crate) fn router(state: &AppState) -> OpenApiRouter<AppState> {
    OpenApiRouter::default()
        .routes(routes!(sign_up))
        .routes(routes!(log_in))
        .route_layer(from_fn_with_state(state.clone(), limit_attempts))
        .routes(routes!(me))
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
    #[schema(value_type = schema::UsernameHash)]
    username_hash: UsernameHash,
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
    Json(credentials): Json<Credentials>,
) -> Result<(StatusCode, Answer<LoggedIn>), ApiError> {
    let (username, password) = credentials.chosen()?;
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
            let message = "User created successfully";
            let answer = logged_in(&state, message, user.id, &user.username)?;
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
    Json(credentials): Json<Credentials>,
) -> Result<Answer<LoggedIn>, ApiError> {
    let (username, password) = credentials.claimed()?;
    let user = match Username::parse(&username) {
        Ok(name) => state.patience.once(state.accounts.by_name(&name)).await?,
        Err(_) => None,
    };
    let hash = user.as_ref().map(|user| user.password_hash.clone());
    let right = state.passwords.verify(password, hash).await?;
    match user {
        Some(user) if right => logged_in(&state, "Login successful", user.id, &user.username),
        _ => Err(ApiError::WrongCredentials),
    }
}

/// Who am I?
#[utoipa::path(
    get, path = "/me", tag = "accounts", operation_id = "getMe",
    responses((status = 200, description = "The user of the token", body = Me), Unavailable),
)]
async fn me(State(state): State<AppState>, caller: Caller) -> Result<Answer<Me>, ApiError> {
    let user = state
        .patience
        .once(state.accounts.by_id(caller.user))
        .await?
        .ok_or(ApiError::Unauthorized)?;
    Ok(Answer(Me {
        username_hash: user.username.hash(),
        username: user.username.as_str().to_owned(),
        created_at: user.created_at,
    }))
}

fn logged_in(
    state: &AppState,
    message: &'static str,
    user: UserId,
    username: &Username,
) -> Result<Answer<LoggedIn>, ApiError> {
    let hash = username.hash();
    let token = state
        .tokens
        .issue(user, hash.clone(), state.clock.now())
        .map_err(|error| ApiError::Internal(Box::new(error)))?;
    Ok(Answer(LoggedIn {
        message,
        token,
        username_hash: hash,
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
        let any = |text: String| Ok::<_, std::convert::Infallible>(text);
        let username = checks.read("username", self.username, any);
        let password = checks.read("password", self.password, any);
        checks.finish(username.zip(password.map(SecretString::from)))
    }
}

#[cfg(test)]
mod tests;
