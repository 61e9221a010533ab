//! What users exchange with whom.

mod list;
mod read;
mod thread;

use axum::extract::rejection::PathRejection;
use axum::extract::{FromRequestParts, Path};
use http::request::Parts;
use mysms_core::domain::Address;
use utoipa::IntoParams;
use utoipa::openapi::path::{Parameter, ParameterIn};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::error::ApiError;
use crate::openapi::schema;
use crate::state::AppState;

pub(crate) fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::default()
        .routes(routes!(list::list))
        .routes(routes!(thread::thread))
        .routes(routes!(read::mark_read))
}

/// `{number}` in a path: whom a conversation is with.
struct Counterpart(Address);

impl FromRequestParts<AppState> for Counterpart {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, ApiError> {
        let path: Result<Path<String>, PathRejection> =
            Path::from_request_parts(parts, state).await;
        let number = path.ok().map(|Path(text)| Address::parse(&text));
        match number {
            Some(Ok(number)) => Ok(Self(number)),
            Some(Err(error)) => Err(ApiError::invalid("number", error.to_string())),
            None => Err(ApiError::NotFound),
        }
    }
}

impl IntoParams for Counterpart {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        let number = "Whom it is with: a number in international form, or what else the `counterpart` \
            of a received message is.";
        vec![schema::path_parameter::<schema::Address>("number", number)]
    }
}

#[cfg(test)]
mod tests;
