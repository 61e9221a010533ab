use axum::Json as Answer;
use axum::extract::State;
use http::StatusCode;
use mysms_core::domain::TemplateId;
use serde::Serialize;
use utoipa::ToSchema;

use super::request::GivenTemplate;
use super::view::TemplateView;
use super::{OwnTemplate, shelf};
use crate::auth::Caller;
use crate::error::ApiError;
use crate::extract::Json;
use crate::openapi::problems::{Invalid, NotFound, Unavailable};
use crate::state::AppState;

/// What became of a template that is not shown any more.
#[derive(Serialize, ToSchema)]
pub(super) struct TemplateDone {
    #[schema(example = "Template deleted successfully")]
    message: &'static str,
}

/// Make a template
///
/// In its `content` `{{field}}` stands for what differs. `POST /messages`, its preview and each message of a batch
/// take its id as `template`, and the values as `fields`. A user may have 200.
#[utoipa::path(
    post, path = "/templates", tag = "templates", operation_id = "createTemplate",
    security(("token" = []), ("key" = ["templates:write"])),
    request_body(content = GivenTemplate, examples(
        ("with a field" = (value = json!({
            "name": "On its way", "content": "Hello {{name}}, your order is on its way.",
        }))),
    )),
    responses(
        (status = 201, description = "The template", body = TemplateView), Invalid, Unavailable,
    ),
)]
pub(super) async fn create(
    State(state): State<AppState>,
    caller: Caller,
    Json(request): Json<GivenTemplate>,
) -> Result<(StatusCode, Answer<TemplateView>), ApiError> {
    let template = request.checked(TemplateId::generate(state.clock.now()))?;
    shelf::add(&state, caller.user, &template).await?;
    Ok((StatusCode::CREATED, Answer(template.into())))
}

/// Change a template
///
/// Texts that were made of it stay as they are.
#[utoipa::path(
    put, path = "/templates/{id}", tag = "templates", operation_id = "putTemplate",
    security(("token" = []), ("key" = ["templates:write"])),
    params(OwnTemplate),
    request_body(content = GivenTemplate, examples(
        ("another text" = (value = json!({
            "name": "On its way", "content": "Hi {{name}}, your order is on its way.",
        }))),
    )),
    responses(
        (status = 200, description = "The template as it is now", body = TemplateView),
        Invalid, NotFound, Unavailable,
    ),
)]
pub(super) async fn put(
    State(state): State<AppState>,
    own: OwnTemplate,
    Json(request): Json<GivenTemplate>,
) -> Result<Answer<TemplateView>, ApiError> {
    let template = request.checked(own.id)?;
    shelf::change(&state, own, &template).await?;
    Ok(Answer(template.into()))
}

/// Delete a template
///
/// Texts that were made of it stay as they are.
#[utoipa::path(
    delete, path = "/templates/{id}", tag = "templates", operation_id = "deleteTemplate",
    security(("token" = []), ("key" = ["templates:write"])),
    params(OwnTemplate),
    responses(
        (status = 200, description = "It is gone", body = TemplateDone), NotFound, Unavailable,
    ),
)]
pub(super) async fn delete(
    State(state): State<AppState>,
    own: OwnTemplate,
) -> Result<Answer<TemplateDone>, ApiError> {
    let known = shelf::find(&state, own).await?;
    known.ok_or(ApiError::NotFound)?;
    shelf::remove(&state, own).await?;
    Ok(Answer(TemplateDone {
        message: "Template deleted successfully",
    }))
}
