//! How many batches this process accepts at a time.

use std::sync::Arc;

use axum::extract::Request;
use bytes::Bytes;
use mysms_core::domain::UserId;

use crate::error::ApiError;
use crate::extract::{SteadyBody, check_encoding};
use crate::tally::{Held, Tally};

/// The largest body of a batch, in bytes.
const BODY_LIMIT: usize = 8 * 1024 * 1024;

/// 8 MiB take at most a quarter of a minute longer than they take to begin.
const BODY: SteadyBody = SteadyBody {
    most: BODY_LIMIT,
    slowest: 512 * 1024,
};

/// Batches that are accepted at the same time, and those of one user among them, so that nobody can
/// keep all others out.
const PLACES: usize = 4;
const PLACES_OF_USER: usize = 2;

/// A place is held while the texts are stored, and the memory of the body as long as it is there.
#[derive(Clone)]
pub(crate) struct Batches {
    places: Arc<Tally<UserId>>,
    /// In bytes.
    bodies: Arc<Tally<UserId>>,
}

impl Default for Batches {
    fn default() -> Self {
        Self {
            places: Tally::new(PLACES_OF_USER, PLACES),
            // One of the largest, so that it takes many users to fill up all of it.
            bodies: Tally::new(BODY_LIMIT, 2 * PLACES * BODY_LIMIT),
        }
    }
}

impl Batches {
    /// Reads the body of a batch. Only so many are in memory, and one that comes slowly keeps no place from
    /// others.
    pub(crate) async fn read(
        &self,
        request: Request,
        user: UserId,
    ) -> Result<(Bytes, Held<UserId>), ApiError> {
        let (head, body) = request.into_parts();
        let whose = (user, (|| ApiError::TooManyBatches) as fn() -> ApiError);
        let (bytes, room) = BODY.read(body, &self.bodies, whose).await?;
        check_encoding(&head.headers, &bytes)?;
        Ok((bytes, room))
    }

    /// A place among those whose batches are being done.
    pub(crate) fn place(&self, user: UserId) -> Result<Held<UserId>, ApiError> {
        let place = self.places.take(user, 1);
        place.map_err(|_| ApiError::TooManyBatches)
    }
}
