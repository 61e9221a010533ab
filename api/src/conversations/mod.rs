//! What users exchange with whom.

mod change;
mod list;
mod marks;
mod read;
mod shown;
mod thread;

use axum::extract::FromRequestParts;
use http::request::Parts;
use mysms_core::domain::{Address, MessageId, UserId};
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

/// Refuses a message up to which something is to be done, if it is none of the conversation: one that is made up may
/// stand behind what nobody has seen.
async fn check_bound(
    state: &AppState,
    (owner, number): (UserId, &Address),
    up_to: Option<MessageId>,
) -> Result<(), ApiError> {
    let Some(id) = up_to else {
        return Ok(());
    };
    let is_bound = state.stores.ledger.is_bound(owner, number, id);
    if state.store_timeout.once(is_bound).await? {
        return Ok(());
    }
    let why = "must be the id of a message of this conversation";
    Err(ApiError::invalid("up_to", why))
}

#[cfg(test)]
mod marking;
#[cfg(test)]
mod positions;
#[cfg(test)]
mod tests;
