use axum::Json as Answer;
use axum::extract::State;

use super::shelf;
use super::view::TemplateView;
use crate::auth::Caller;
use crate::error::ApiError;
use crate::openapi::problems::Unavailable;
use crate::state::AppState;

/// List the caller's templates
///
/// In the order in which they were made.
#[utoipa::path(
    get, path = "/templates", tag = "templates", operation_id = "listTemplates",
    security(("token" = []), ("key" = ["templates:read"])),
    responses((status = 200, description = "The templates", body = Vec<TemplateView>), Unavailable),
)]
pub(super) async fn list(
    State(state): State<AppState>,
    caller: Caller,
) -> Result<Answer<Vec<TemplateView>>, ApiError> {
    let templates = shelf::all_of(&state, caller.user).await?;
    Ok(Answer(
        templates.into_iter().map(TemplateView::from).collect(),
    ))
}
