use axum::Json as Answer;
use axum::extract::State;

use super::view::{Known, OptOutView};
use super::{Keeper, Number};
use crate::error::ApiError;
use crate::openapi::problems::{Invalid, Unavailable};
use crate::state::AppState;

/// Show whether somebody wants texts
///
/// For each sender that the caller may use, and for all senders together. The journal has what was said of
/// the senders that are only the caller's; what was said of senders that everybody uses, and of all, is in
/// it for users whom an operator lets see it.
#[utoipa::path(
    get, path = "/opt-outs/{number}", tag = "consent", operation_id = "getOptOut",
    security(("token" = []), ("key" = ["consent:read"])),
    params(Number),
    responses(
        (status = 200, description = "What is known", body = OptOutView), Invalid, Unavailable,
    ),
)]
pub(super) async fn show(
    State(state): State<AppState>,
    keeper: Keeper,
    Number(number): Number,
) -> Result<Answer<OptOutView>, ApiError> {
    let known = Known::read(&state, &keeper, &number).await?;
    Ok(Answer(known.view(&keeper, number)))
}
