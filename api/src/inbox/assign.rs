use axum::Json as Answer;
use axum::extract::{FromRequestParts, State};
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use http::request::Parts;
use mysms_core::domain::{MessageId, Username};
use serde::Deserialize;
use utoipa::openapi::path::{Parameter, ParameterIn};
use utoipa::{IntoParams, ToSchema};

use super::{Attendant, give};
use crate::error::ApiError;
use crate::extract::{Checks, Field, Json, path_param};
use crate::openapi::problems::{AlreadyAssigned, InboxClosed, Invalid, NotFound, Unavailable};
use crate::openapi::schema;
use crate::state::AppState;
use view::MessageView;

/// `{id}` in a path. Whether the text exists, and belongs to nobody, is for the ledger to say.
pub(super) struct Unassigned(pub(super) MessageId);

impl FromRequestParts<AppState> for Unassigned {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, ApiError> {
        let id = path_param(parts, state, "id").await?;
        id.parse().map(Self).map_err(|_| ApiError::NotFound)
    }
}

impl IntoParams for Unassigned {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        vec![schema::path_parameter::<schema::ReceivedId>(
            "id",
            "The text.",
        )]
    }
}

/// To whom a text is given.
#[derive(Deserialize, ToSchema)]
#[schema(as = AssignTo)]
#[serde(expecting = "an object with `username`")]
pub(super) struct AssignTo {
    #[serde(default)]
    #[schema(value_type = schema::Username, required)]
    username: Field,
}

/// Take a text that belongs to nobody
///
/// From then on it is the caller's: it is in their conversation with its author, their stream and their
/// webhooks are told of it as received, and they get what its author writes next, as if they had exchanged
/// it. Of several who claim it at once one gets it.
#[utoipa::path(
    post, path = "/inbox/unassigned/{id}/claim", tag = "inbox", operation_id = "claimUnassigned",
    security(("token" = []), ("key" = ["inbox:write"])),
    params(Unassigned),
    responses(
        (status = 200, description = "The text, which is the caller's now", body = MessageView<'static>),
        InboxClosed, NotFound, AlreadyAssigned, Unavailable,
    ),
)]
pub(super) async fn claim(
    State(state): State<AppState>,
    Attendant(caller): Attendant,
    Unassigned(id): Unassigned,
) -> Result<Response, ApiError> {
    let message = give(&state, id, caller.user, caller.user).await?;
    Ok(Answer(MessageView::new(&message, state.glossary())).into_response())
}

/// Give a text that belongs to nobody to a user
///
/// The same as if that user had claimed it.
#[utoipa::path(
    post, path = "/inbox/unassigned/{id}/assign", tag = "inbox", operation_id = "assignUnassigned",
    security(("token" = []), ("key" = ["inbox:write"])),
    params(Unassigned),
    request_body(
        content = AssignTo,
        examples(("a colleague" = (value = json!({ "username": "john_doe" })))),
    ),
    responses(
        (status = 204, description = "It is theirs"),
        Invalid, InboxClosed, NotFound, AlreadyAssigned, Unavailable,
    ),
)]
pub(super) async fn assign(
    State(state): State<AppState>,
    Attendant(caller): Attendant,
    Unassigned(id): Unassigned,
    Json(request): Json<AssignTo>,
) -> Result<StatusCode, ApiError> {
    let mut checks = Checks::default();
    let name = checks.read("username", request.username, |text| Username::parse(&text));
    let name = checks.finish(name)?;
    let find = state.stores.accounts.by_name(&name);
    let user = state.store_timeout.once(find).await?;
    let user = user.ok_or_else(|| ApiError::invalid("username", "is no user's"))?;
    give(&state, id, user.id, caller.user).await?;
    Ok(StatusCode::NO_CONTENT)
}
