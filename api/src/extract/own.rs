use axum::extract::{FromRequestParts, RawPathParams};
use http::request::Parts;
use mysms_core::domain::MessageId;
use utoipa::IntoParams;
use utoipa::openapi::path::{Parameter, ParameterIn};

use crate::auth::Caller;
use crate::error::ApiError;
use crate::openapi::schema;
use crate::state::AppState;

/// `{user}` in a path: the caller's own username hash. Anybody else's is a 404, whether there is
/// such a user or not.
pub(crate) struct OwnHistory(pub Caller);

/// `{user}/{id}` in a path. Whether the message exists is for the store to say.
pub(crate) struct OwnMessage {
    pub caller: Caller,
    pub id: MessageId,
}

/// `{user}/{id}/media/{index}` in a path. Whether there is such a file is for the store to say.
pub(crate) struct OwnMedium {
    pub message: OwnMessage,
    pub index: usize,
}

impl FromRequestParts<AppState> for OwnMedium {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, ApiError> {
        let message = OwnMessage::from_request_parts(parts, state).await?;
        let index = index_in_path(parts, state).await?;
        Ok(Self { message, index })
    }
}

impl IntoParams for OwnMedium {
    fn into_params(parameter_in: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        let mut parameters = OwnMessage::into_params(parameter_in);
        parameters.retain(|parameter| parameter.name != "id");
        let id = "A message that was received.";
        parameters.push(schema::path_parameter::<schema::PictureId>("id", id));
        let index = "The place of the file among those of the message.";
        parameters.push(schema::path_parameter::<schema::MediumIndex>(
            "index", index,
        ));
        parameters
    }
}

impl FromRequestParts<AppState> for OwnHistory {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, ApiError> {
        let caller = Caller::from_request_parts(parts, state).await?;
        let user = path_param(parts, state, "user").await?;
        if user == caller.hash.as_str() {
            Ok(Self(caller))
        } else {
            Err(ApiError::NotFound)
        }
    }
}

impl FromRequestParts<AppState> for OwnMessage {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, ApiError> {
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

/// `{index}` in a path: the place of a file among those of a message.
pub(crate) async fn index_in_path(parts: &mut Parts, state: &AppState) -> Result<usize, ApiError> {
    let index = path_param(parts, state, "index").await?;
    index.parse().map_err(|_| ApiError::NotFound)
}

/// A parameter of a path by its name.
pub(crate) async fn path_param(
    parts: &mut Parts,
    state: &AppState,
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
