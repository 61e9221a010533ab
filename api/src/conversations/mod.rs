//! What users exchange with whom.

mod change;
mod list;
mod marks;
mod read;
mod shown;
mod thread;

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

pub(crate) use marks::forget_all;

pub(crate) fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::default()
        .routes(routes!(list::list))
        .routes(routes!(thread::thread, change::change, change::delete))
        .routes(routes!(read::mark_read))
}

/// `{number}` in a path: whom a conversation is with.
struct Counterpart(Address);

impl FromRequestParts<AppState> for Counterpart {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, ApiError> {
        address_in_path(parts, state).await.map(Self)
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
mod marking;
#[cfg(test)]
mod positions;
#[cfg(test)]
mod tests;
