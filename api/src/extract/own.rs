use std::sync::Arc;

use axum::extract::{FromRef, FromRequestParts, RawPathParams};
use http::request::Parts;
use shared::clock::Clock;
use shared::domain::MessageId;
use utoipa::IntoParams;
use utoipa::openapi::path::{Parameter, ParameterIn};

use crate::auth::{Caller, Tokens};
use crate::error::ApiError;
use crate::openapi::schema;

/// `{user}` in a path: the caller's own username hash. Anybody else's is a 404, whether there is
/// such a user or not.
pub(crate) struct OwnHistory(pub Caller);

/// `{user}/{id}` in a path. Whether the message exists is for the store to say.
pub(crate) struct OwnMessage {
    pub caller: Caller,
    pub id: MessageId,
}

impl<S> FromRequestParts<S> for OwnHistory
where
    S: Send + Sync,
    Arc<Tokens>: FromRef<S>,
    Arc<dyn Clock>: FromRef<S>,
{
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Self::Rejection> {
        let caller = Caller::from_request_parts(parts, state).await?;
        let user = path_param(parts, state, "user").await?;
        if user == caller.hash.as_str() {
            Ok(Self(caller))
        } else {
            Err(ApiError::NotFound)
        }
    }
}

impl<S> FromRequestParts<S> for OwnMessage
where
    S: Send + Sync,
    Arc<Tokens>: FromRef<S>,
    Arc<dyn Clock>: FromRef<S>,
{
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Self::Rejection> {
        let OwnHistory(caller) = OwnHistory::from_request_parts(parts, state).await?;
        let id = path_param(parts, state, "id").await?;
        let id = id.parse().map_err(|_| ApiError::NotFound)?;
        Ok(Self { caller, id })
    }
}

impl IntoParams for OwnHistory {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        let user = "The caller's own username hash; anybody else's is not found.";
        vec![schema::path_parameter::<schema::UsernameHash>("user", user)]
    }
}

impl IntoParams for OwnMessage {
    fn into_params(parameter_in: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        let mut parameters = OwnHistory::into_params(parameter_in);
        parameters.push(schema::path_parameter::<schema::MessageId>(
            "id",
            "The message.",
        ));
        parameters
    }
}

async fn path_param<S: Send + Sync>(
    parts: &mut Parts,
    state: &S,
    name: &str,
) -> Result<String, ApiError> {
    let params = RawPathParams::from_request_parts(parts, state)
        .await
        .map_err(|_| ApiError::NotFound)?;
    let found = params.iter().find(|(key, _)| *key == name);
    found
        .map(|(_, value)| value.to_owned())
        .ok_or(ApiError::NotFound)
}
