use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use bytes::Bytes;
use http_body::Body as _;
use http_body_util::BodyExt;
use mysms_core::domain::UserId;
use tokio::time::{Instant, timeout_at};

use crate::error::ApiError;
use crate::tally::{Held, Tally};

/// How long a body may take to begin.
const BEGINNING: Duration = Duration::from_secs(5);

/// A large body that has to come without pauses, as far as it may come.
pub(crate) struct SteadyBody {
    /// In bytes.
    pub most: usize,
    /// How many bytes a second have to come, once it has begun.
    pub slowest: usize,
}

impl SteadyBody {
    /// Reads a body to its end. What has come of it is counted as its user's, so nobody holds memory that
    /// they did not fill, and nobody fills it for long.
    pub(crate) async fn read(
        &self,
        mut body: Body,
        memory: &Arc<Tally<UserId>>,
        (user, no_room): (UserId, fn() -> ApiError),
    ) -> Result<(Bytes, Held<UserId>), ApiError> {
        let least = usize::try_from(body.size_hint().lower()).unwrap_or(usize::MAX);
        if least > self.most {
            return Err(ApiError::TooLarge);
        }
        let mut room = memory.take(user, 0).map_err(|_| no_room())?;
        let mut bytes = Vec::new();
        let begun = Instant::now();
        loop {
            let came = u32::try_from(bytes.len() / self.slowest).unwrap_or(u32::MAX);
            let by = begun + BEGINNING + Duration::from_secs(1) * came;
            let frame = timeout_at(by, body.frame()).await;
            let Some(frame) = frame.map_err(|_| ApiError::SlowBody)? else {
                return Ok((bytes.into(), room));
            };
            // Trailers say nothing to us.
            let Ok(data) = frame.map_err(|_| ApiError::unreadable())?.into_data() else {
                continue;
            };
            if bytes.len() + data.len() > self.most {
                return Err(ApiError::TooLarge);
            }
            room.grow(data.len()).map_err(|_| no_room())?;
            bytes.extend_from_slice(&data);
        }
    }
}
