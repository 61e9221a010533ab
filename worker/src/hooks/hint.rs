//! What wakes those who follow an endpoint.

use std::sync::{Mutex, MutexGuard, PoisonError};

use mysms_core::domain::Timestamp;
use tokio::sync::Notify;

/// That something changed, which is passed on to whoever follows an endpoint.
#[derive(Default)]
pub(super) struct Hint {
    wake: Notify,
    /// The earliest time of what was announced since it was taken last.
    earliest: Mutex<Option<Timestamp>>,
}

impl Hint {
    pub(super) fn give(&self, at: Timestamp) {
        let mut earliest = self.earliest();
        *earliest = Some(earliest.map_or(at, |earlier| earlier.min(at)));
        self.wake.notify_one();
    }

    /// Waits until it is given.
    pub(super) async fn given(&self) {
        self.wake.notified().await;
    }

    pub(super) fn take(&self) -> Option<Timestamp> {
        self.earliest().take()
    }

    fn earliest(&self) -> MutexGuard<'_, Option<Timestamp>> {
        self.earliest.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
