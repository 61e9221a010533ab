use axum::Json as Answer;
use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;

use super::places::Places;
use super::request::PutContact;
use super::view::ContactView;
use super::{Number, shelf};
use crate::auth::Caller;
use crate::error::ApiError;
use crate::extract::Json;
use crate::openapi::problems::{Invalid, NotFound, Unavailable};
use crate::state::AppState;

/// What became of a contact that is not shown any more.
#[derive(Serialize, ToSchema)]
pub(super) struct ContactDone {
    #[schema(example = "Contact deleted successfully")]
    message: &'static str,
}

/// Show one of the caller's contacts
///
/// What the caller calls a number, and what else they noted of it.
#[utoipa::path(
    get, path = "/contacts/{number}", tag = "contacts", operation_id = "getContact",
    security(("token" = []), ("key" = ["contacts:read"])),
    params(Number),
    responses(
        (status = 200, description = "The contact", body = ContactView),
        Invalid, NotFound, Unavailable,
    ),
)]
pub(super) async fn show(
    State(state): State<AppState>,
    caller: Caller,
    Number(number): Number,
) -> Result<Answer<ContactView>, ApiError> {
    let contact = shelf::find(&state, caller.user, &number).await?;
    Ok(Answer(contact.into()))
}

/// Keep a contact
///
/// It replaces what was known of the number. A user may have 10,000.
#[utoipa::path(
    put, path = "/contacts/{number}", tag = "contacts", operation_id = "putContact",
    security(("token" = []), ("key" = ["contacts:write"])),
    params(Number),
    request_body(content = PutContact, examples(
        ("a name" = (value = json!({"name": "Anna"}))),
        ("all of it" = (value = json!({
            "name": "Anna", "note": "Prefers mornings.", "labels": ["family", "work"],
        }))),
    )),
    responses(
        (status = 200, description = "The contact as it is now", body = ContactView),
        Invalid, Unavailable,
    ),
)]
pub(super) async fn put(
    State(state): State<AppState>,
    caller: Caller,
    Number(number): Number,
    Json(request): Json<PutContact>,
) -> Result<Answer<ContactView>, ApiError> {
    let contact = request.of(&number)?;
    let places = Places::new(&state, caller.user, 1);
    shelf::put(&state, caller.user, &contact, &places).await?;
    Ok(Answer(contact.into()))
}

/// Delete a contact
///
/// What was exchanged with the number stays.
#[utoipa::path(
    delete, path = "/contacts/{number}", tag = "contacts", operation_id = "deleteContact",
    security(("token" = []), ("key" = ["contacts:write"])),
    params(Number),
    responses(
        (status = 200, description = "It is gone", body = ContactDone),
        Invalid, NotFound, Unavailable,
    ),
)]
pub(super) async fn delete(
    State(state): State<AppState>,
    caller: Caller,
    Number(number): Number,
) -> Result<Answer<ContactDone>, ApiError> {
    if !shelf::remove(&state, caller.user, &number).await? {
        return Err(ApiError::NotFound);
    }
    Ok(Answer(ContactDone {
        message: "Contact deleted successfully",
    }))
}
