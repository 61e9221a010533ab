//! Texts that users send again and again, with places for what differs.

mod edit;
mod fill;
mod list;
mod request;
mod shelf;
mod view;

use axum::extract::{FromRequestParts, RawPathParams};
use http::request::Parts;
use mysms_core::domain::{TemplateId, UserId};
use utoipa::IntoParams;
use utoipa::openapi::path::{Parameter, ParameterIn};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::auth::Caller;
use crate::error::ApiError;
use crate::openapi::schema;
use crate::state::AppState;

pub(crate) use fill::{Filled, Known, Recipe};
pub(crate) use shelf::forget_all;

pub(crate) fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::default()
        .routes(routes!(list::list, edit::create))
        .routes(routes!(edit::put, edit::delete))
}

/// `{id}` in a path: a template of the caller's. Whether there is one is for the store to say.
#[derive(Clone, Copy)]
struct OwnTemplate {
    owner: UserId,
    id: TemplateId,
}

impl FromRequestParts<AppState> for OwnTemplate {
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

impl IntoParams for OwnTemplate {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        let id = "The template, as it is listed.";
        vec![schema::path_parameter::<schema::TemplateId>("id", id)]
    }
}

#[cfg(test)]
mod tests;
