use axum::extract::rejection::{PathRejection, QueryRejection};
use axum::extract::{Path, Query, State};
use axum::response::Response;
use http::{HeaderMap, HeaderValue};
use mysms_core::domain::UploadId;
use serde::Deserialize;

use super::content::open;
use crate::error::ApiError;
use crate::file_answer::FileAnswer;
use crate::state::AppState;

/// What makes an address good.
#[derive(Deserialize)]
pub(super) struct Signed {
    until: u64,
    signature: String,
}

/// Hands a file to the provider, and to nobody who was not given the address. There is no telling a file that is
/// not there from an address that is not good.
pub(super) async fn serve(
    State(state): State<AppState>,
    id: Result<Path<UploadId>, PathRejection>,
    signed: Result<Query<Signed>, QueryRejection>,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let Path(id) = id.map_err(|_| ApiError::NotFound)?;
    let Query(Signed { until, signature }) = signed.map_err(|_| ApiError::NotFound)?;
    let found = state.stores.uploads.upload(id);
    let found = state.store_timeout.once(found).await?;
    let now = state.clock.now();
    let upload = found.filter(|upload| upload.is_signed(until, &signature, now));
    let upload = upload.ok_or(ApiError::NotFound)?;
    let tag = HeaderValue::try_from(format!("\"{}\"", id.as_uuid().simple()));
    let answer = FileAnswer {
        medium: &upload.medium(),
        index: 0,
        tag: tag.map_err(|error| ApiError::Internal(error.into()))?,
    };
    if let Some(unchanged) = answer.unchanged(&headers) {
        return Ok(unchanged);
    }
    let opened = open(&state, &upload, answer.wanted(&headers).as_ref())?;
    Ok(answer.with(opened, ()))
}
