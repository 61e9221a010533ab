//! Whom users know: names for the numbers that they exchange texts with.

mod batch;
mod list;
mod places;
mod request;
mod shelf;
mod single;
mod view;

use axum::extract::FromRequestParts;
use http::request::Parts;
use mysms_core::domain::Address;
use utoipa::IntoParams;
use utoipa::openapi::path::{Parameter, ParameterIn};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::error::ApiError;
use crate::extract::address_in_path;
use crate::openapi::schema;
use crate::state::AppState;

pub(crate) use shelf::forget_all;

pub(crate) fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::default()
        .routes(routes!(list::list))
        .routes(routes!(batch::put_batch))
        .routes(routes!(single::show, single::put, single::delete))
}

/// `{number}` in a path: whom a contact is.
struct Number(Address);

impl FromRequestParts<AppState> for Number {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, ApiError> {
        address_in_path(parts, state).await.map(Self)
    }
}

impl IntoParams for Number {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        let number = "Whom it is about: a number in international form, or what else the `counterpart` of a \
            received message is.";
        vec![schema::path_parameter::<schema::ContactNumber>(
            "number", number,
        )]
    }
}

#[cfg(test)]
mod tests;
