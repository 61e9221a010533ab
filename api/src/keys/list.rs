use axum::Json as Answer;
use axum::extract::State;

use super::view::KeyView;
use crate::auth::TokenHolder;
use crate::error::ApiError;
use crate::openapi::problems::Unavailable;
use crate::state::AppState;

/// List the caller's API keys
///
/// The newest first. One that has expired is listed for 30 days, unless it is deleted.
#[utoipa::path(
    get, path = "/keys", tag = "keys", operation_id = "listKeys",
    responses((status = 200, description = "The keys", body = Vec<KeyView>), Unavailable),
)]
pub(super) async fn list(
    State(state): State<AppState>,
    holder: TokenHolder,
) -> Result<Answer<Vec<KeyView>>, ApiError> {
    let now = state.clock.now();
    let found = state.stores.keys.keys_of(holder.user);
    let found = state.store_timeout.once(found).await?;
    let views = found.iter().map(|key| KeyView::new(key, now));
    Ok(Answer(views.collect()))
}
