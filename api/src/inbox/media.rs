//! The files of texts that belong to nobody.

use axum::extract::{FromRequestParts, State};
use axum::response::Response;
use http::HeaderMap;
use http::request::Parts;
use mysms_core::domain::UserId;
use utoipa::IntoParams;
use utoipa::openapi::path::{Parameter, ParameterIn};

use super::Attendant;
use super::assign::Unassigned;
use crate::error::ApiError;
use crate::extract::index_in_path;
use crate::messages::{FileOf, IfNoneMatch, open_for};
use crate::openapi::problems::{
    InboxClosed, MediaElsewhere, MediaGone, MediaRefused, MediaTooLarge, NoFileLeft, NoSuchPart,
    NotFound, ProviderUnavailable, TooManyFiles, Unavailable,
};
use crate::openapi::schema;
use crate::state::AppState;

/// `{id}/media/{index}` in a path.
pub(super) struct UnassignedMedium {
    text: Unassigned,
    index: usize,
}

impl FromRequestParts<AppState> for UnassignedMedium {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, ApiError> {
        Ok(Self {
            text: Unassigned::from_request_parts(parts, state).await?,
            index: index_in_path(parts, state).await?,
        })
    }
}

impl IntoParams for UnassignedMedium {
    fn into_params(parameter_in: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        let mut parameters = Unassigned::into_params(parameter_in);
        let index = "The place of the file among those of the text.";
        parameters.push(schema::path_parameter::<schema::MediumIndex>(
            "index", index,
        ));
        parameters
    }
}

/// Open a picture or another file of a text that belongs to nobody
///
/// What `GET /messages/{user}/{id}/media/{index}` does with one's own, until somebody has the text: then it is
/// not found here.
#[utoipa::path(
    get, path = "/inbox/unassigned/{id}/media/{index}", tag = "inbox", operation_id = "getUnassignedMedia",
    security(("token" = []), ("key" = ["inbox:read"])),
    params(UnassignedMedium, IfNoneMatch),
    responses(
        (
            status = 200, description = "The file", headers(("Accept-Ranges"), ("ETag")),
            body = inline(schema::File), content_type = "application/octet-stream",
        ),
        (status = 304, description = "It is still what its `ETag` stands for", headers(("ETag"))),
        InboxClosed, NotFound, MediaGone, NoSuchPart, TooManyFiles, NoFileLeft, MediaElsewhere, MediaTooLarge,
        MediaRefused, ProviderUnavailable, Unavailable,
    ),
)]
pub(super) async fn open(
    State(state): State<AppState>,
    Attendant(caller): Attendant,
    UnassignedMedium { text, index }: UnassignedMedium,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let file = FileOf {
        owner: UserId::NOBODY,
        id: text.0,
        index,
    };
    open_for(&state, caller.user, file, &headers).await
}
