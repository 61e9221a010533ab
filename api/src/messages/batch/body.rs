use std::sync::Arc;
use std::time::Duration;

use axum::extract::Request;
use bytes::Bytes;
use http_body::Body as _;
use http_body_util::BodyExt;
use mysms_core::domain::UserId;
use tokio::time::{Instant, timeout_at};

use crate::error::ApiError;
use crate::extract::check_encoding;
use crate::limits::BODY_LIMIT;
use crate::tally::{Held, Tally};

/// How long the body may take to begin, and how many bytes a second have to come from then on: 8 MiB
/// take at most a quarter of a minute longer.
const BEGINNING: Duration = Duration::from_secs(5);
const SLOWEST: usize = 512 * 1024;

/// Reads the body of a batch. What has come of it is counted as its user's, so nobody holds memory
/// that they did not fill, and nobody fills it for long.
pub(super) async fn read(
    request: Request,
    memory: &Arc<Tally<UserId>>,
    user: UserId,
) -> Result<(Bytes, Held<UserId>), ApiError> {
    let (head, mut body) = request.into_parts();
    let least = usize::try_from(body.size_hint().lower()).unwrap_or(usize::MAX);
    if least > BODY_LIMIT {
        return Err(ApiError::TooLarge);
    }
    let mut room = memory.take(user, 0).map_err(|_| ApiError::TooManyBatches)?;
    let mut bytes = Vec::new();
    let begun = Instant::now();
    loop {
        let rate =
            Duration::from_secs(1) * u32::try_from(bytes.len() / SLOWEST).unwrap_or(u32::MAX);
        let frame = timeout_at(begun + BEGINNING + rate, body.frame()).await;
        let Some(frame) = frame.map_err(|_| ApiError::SlowBody)? else {
            break;
        };
        // Trailers say nothing to us.
        let Ok(data) = frame.map_err(|_| ApiError::unreadable())?.into_data() else {
            continue;
        };
        if bytes.len() + data.len() > BODY_LIMIT {
            return Err(ApiError::TooLarge);
        }
        room.grow(data.len())
            .map_err(|_| ApiError::TooManyBatches)?;
        bytes.extend_from_slice(&data);
    }
    check_encoding(&head.headers, &bytes)?;
    Ok((bytes.into(), room))
}
