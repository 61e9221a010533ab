use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use shared::domain::UserId;

use crate::error::ApiError;

/// Batches that are accepted at the same time, and those of one user among them, so that nobody can
/// keep all others out.
const PLACES: usize = 4;
const PLACES_OF_USER: usize = 2;

/// The places that there are for batches in this process: who holds one.
#[derive(Clone, Default)]
pub(crate) struct BatchPlaces(Arc<Mutex<Vec<UserId>>>);

/// One of them, for as long as it is held.
pub(crate) struct BatchPlace {
    places: BatchPlaces,
    user: UserId,
}

impl BatchPlaces {
    /// Whoever gets none is told to come back.
    pub(crate) fn take(&self, user: UserId) -> Result<BatchPlace, ApiError> {
        let mut holders = self.holders();
        let own = holders.iter().filter(|holder| **holder == user).count();
        if holders.len() >= PLACES || own >= PLACES_OF_USER {
            return Err(ApiError::TooManyBatches);
        }
        holders.push(user);
        Ok(BatchPlace {
            places: self.clone(),
            user,
        })
    }

    fn holders(&self) -> MutexGuard<'_, Vec<UserId>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for BatchPlace {
    fn drop(&mut self) {
        let mut holders = self.places.holders();
        if let Some(place) = holders.iter().position(|holder| *holder == self.user) {
            holders.swap_remove(place);
        }
    }
}
