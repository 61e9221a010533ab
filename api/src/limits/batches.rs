use std::sync::Arc;

use axum::extract::{FromRef, FromRequestParts};
use http::request::Parts;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::error::ApiError;

/// Batches that are accepted at the same time.
const PLACES: usize = 4;

/// The places that there are for batches in this process.
#[derive(Clone)]
pub(crate) struct Places(Arc<Semaphore>);

/// One of them, for as long as it is held. Whoever gets none is told to come back.
pub(crate) struct Place {
    _permit: OwnedSemaphorePermit,
}

impl Default for Places {
    fn default() -> Self {
        Self(Arc::new(Semaphore::new(PLACES)))
    }
}

impl<S: Sync> FromRequestParts<S> for Place
where
    Places: FromRef<S>,
{
    type Rejection = ApiError;

    async fn from_request_parts(_: &mut Parts, state: &S) -> Result<Self, Self::Rejection> {
        let Places(places) = Places::from_ref(state);
        let permit = places.try_acquire_owned();
        permit
            .map(|permit| Self { _permit: permit })
            .map_err(|_| ApiError::TooManyBatches)
    }
}
