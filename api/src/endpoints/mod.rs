//! What users have us call when their messages change: their webhooks.
//!
//! Workers do the calling, and note how far they are; here it is set what they call.

mod aside;
mod attempts;
mod edit;
mod list;
mod request;
mod secret;
mod shelf;
mod switch;
mod trial;
mod view;

use axum::extract::{FromRequestParts, RawPathParams};
use http::request::Parts;
use mysms_core::domain::{Endpoint, EndpointId, UserId};
use utoipa::IntoParams;
use utoipa::openapi::path::{Parameter, ParameterIn};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::auth::Caller;
use crate::error::ApiError;
use crate::openapi::schema;
use crate::state::AppState;

pub(crate) use shelf::forget_all;
pub(crate) use trial::Trials;

pub(crate) fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::default()
        .routes(routes!(list::list, edit::create))
        .routes(routes!(list::show, edit::change, edit::delete))
        .routes(routes!(secret::rotate))
        .routes(routes!(switch::enable))
        .routes(routes!(switch::disable))
        .routes(routes!(switch::replay))
        .routes(routes!(trial::test))
        .routes(routes!(attempts::list))
        .routes(routes!(aside::list))
        .routes(routes!(aside::retry))
        .routes(routes!(aside::dismiss))
}

/// `{id}` in a path: a webhook of the caller's. Whether there is one is for the store to say.
#[derive(Clone, Copy)]
struct OwnEndpoint {
    owner: UserId,
    id: EndpointId,
}

impl OwnEndpoint {
    /// Of all that is stored of it.
    fn key(self) -> String {
        Endpoint::key_of(self.owner, self.id)
    }
}

impl From<&Endpoint> for OwnEndpoint {
    fn from(endpoint: &Endpoint) -> Self {
        Self {
            owner: endpoint.owner,
            id: endpoint.id,
        }
    }
}

impl FromRequestParts<AppState> for OwnEndpoint {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, ApiError> {
        let caller = Caller::from_request_parts(parts, state).await?;
        let params = RawPathParams::from_request_parts(parts, state).await;
        let params = params.map_err(|_| ApiError::NotFound)?;
        let id = params.iter().find(|(name, _)| *name == "id");
        let id = id.and_then(|(_, id)| id.parse().ok());
        Ok(Self {
            owner: caller.user,
            id: id.ok_or(ApiError::NotFound)?,
        })
    }
}

impl IntoParams for OwnEndpoint {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        let id = "The webhook, as it is listed.";
        vec![schema::path_parameter::<schema::EndpointId>("id", id)]
    }
}

#[cfg(test)]
mod tests;
