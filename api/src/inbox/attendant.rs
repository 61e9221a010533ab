use axum::extract::FromRequestParts;
use http::request::Parts;

use crate::auth::Caller;
use crate::error::ApiError;
use crate::state::AppState;

/// A caller who may see what belongs to nobody, because an operator lets them. Whoever may not learns
/// nothing else.
pub(super) struct Attendant(pub Caller);

impl FromRequestParts<AppState> for Attendant {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, ApiError> {
        let caller = Caller::from_request_parts(parts, state).await?;
        // What a key may do its route says.
        if state.settings.of(caller.user).await?.inbox {
            Ok(Self(caller))
        } else {
            Err(ApiError::InboxClosed)
        }
    }
}
