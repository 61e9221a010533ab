use axum::extract::rejection::PathRejection;
use axum::extract::{FromRequestParts, Path};
use http::request::Parts;
use mysms_core::domain::Address;

use crate::error::ApiError;
use crate::state::AppState;

/// Reads `{number}` in a path: somebody who exchanges texts with us.
pub(crate) async fn address_in_path(
    parts: &mut Parts,
    state: &AppState,
) -> Result<Address, ApiError> {
    let path: Result<Path<String>, PathRejection> = Path::from_request_parts(parts, state).await;
    match path.ok().map(|Path(text)| Address::parse(&text)) {
        Some(Ok(number)) => Ok(number),
        Some(Err(error)) => Err(ApiError::invalid("number", error.to_string())),
        None => Err(ApiError::NotFound),
    }
}
