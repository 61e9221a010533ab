use std::sync::Arc;

use axum::extract::Request;
use bytes::Bytes;
use mysms_core::domain::UserId;

use crate::error::ApiError;
use crate::extract::{SteadyBody, check_encoding};
use crate::limits::BODY_LIMIT;
use crate::tally::{Held, Tally};

/// 8 MiB take at most a quarter of a minute longer than they take to begin.
const BODY: SteadyBody = SteadyBody {
    most: BODY_LIMIT,
    slowest: 512 * 1024,
};

/// Reads the body of a batch.
pub(super) async fn read(
    request: Request,
    memory: &Arc<Tally<UserId>>,
    user: UserId,
) -> Result<(Bytes, Held<UserId>), ApiError> {
    let (head, body) = request.into_parts();
    let whose = (user, (|| ApiError::TooManyBatches) as fn() -> ApiError);
    let (bytes, room) = BODY.read(body, memory, whose).await?;
    check_encoding(&head.headers, &bytes)?;
    Ok((bytes, room))
}
