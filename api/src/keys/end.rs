use axum::Json as Answer;
use axum::extract::{FromRequestParts, RawPathParams, State};
use http::request::Parts;
use mysms_core::domain::KeyId;
use serde::Serialize;
use utoipa::openapi::path::{Parameter, ParameterIn};
use utoipa::{IntoParams, ToSchema};

use crate::audit::Subject;
use crate::auth::TokenHolder;
use crate::error::ApiError;
use crate::openapi::problems::{NotFound, Unavailable};
use crate::openapi::schema;
use crate::state::AppState;

#[derive(Serialize, ToSchema)]
#[schema(as = KeyDeleted)]
pub(super) struct Deleted {
    #[schema(example = "API key deleted successfully")]
    message: &'static str,
}

/// `{id}` in a path: a key of the caller's. Whether there is one is for the store to say.
pub(super) struct OwnKey {
    holder: TokenHolder,
    id: KeyId,
}

/// Delete one of the caller's API keys
///
/// It is refused at once by the process that answers, and within 5 seconds by all others; event streams that
/// were opened with it end. Deleting it again is answered in the same way for 30 days.
#[utoipa::path(
    delete, path = "/keys/{id}", tag = "keys", operation_id = "deleteKey",
    params(OwnKey),
    responses((status = 200, description = "It is good for nothing any more", body = Deleted), NotFound, Unavailable),
)]
pub(super) async fn end(
    State(state): State<AppState>,
    OwnKey { holder, id }: OwnKey,
    subject: Subject,
) -> Result<Answer<Deleted>, ApiError> {
    subject.has_key(&id);
    let now = state.clock.now();
    if !state.api_keys.end(holder.user, &id, now).await? {
        return Err(ApiError::NotFound);
    }
    Ok(Answer(Deleted {
        message: "API key deleted successfully",
    }))
}

impl FromRequestParts<AppState> for OwnKey {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, ApiError> {
        let holder = TokenHolder::from_request_parts(parts, state).await?;
        let params = RawPathParams::from_request_parts(parts, state).await;
        let params = params.map_err(|_| ApiError::NotFound)?;
        let id = params.iter().find(|(name, _)| *name == "id");
        let id = id.and_then(|(_, id)| KeyId::parse(id));
        let id = id.ok_or(ApiError::NotFound)?;
        Ok(Self { holder, id })
    }
}

impl IntoParams for OwnKey {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        let id = "The key, as it is listed.";
        vec![schema::path_parameter::<schema::KeyId>("id", id)]
    }
}
