//! What wakes those who follow an endpoint.

use std::sync::{Mutex, MutexGuard, PoisonError};

use mysms_core::domain::Timestamp;
use mysms_core::queue::{Announcement, Changed};
use tokio::sync::Notify;

/// That something changed, which is passed on to whoever follows an endpoint.
#[derive(Default)]
pub(super) struct Hint {
    wake: Notify,
    /// What was announced since it was taken last.
    heard: Mutex<Option<Heard>>,
}

/// What was announced.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Heard {
    /// The earliest time of what changed of messages.
    pub(super) earliest: Option<Timestamp>,
    /// Its user changed the endpoint, or how far it is told.
    pub(super) endpoint: bool,
}

impl Hint {
    pub(super) fn give(&self, announced: Announcement) {
        self.heard().get_or_insert_default().add(announced);
        self.wake.notify_one();
    }

    /// Waits until it is given.
    pub(super) async fn given(&self) {
        self.wake.notified().await;
    }

    pub(super) fn take(&self) -> Option<Heard> {
        self.heard().take()
    }

    fn heard(&self) -> MutexGuard<'_, Option<Heard>> {
        self.heard.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Heard {
    fn add(&mut self, Announcement { what, at, .. }: Announcement) {
        match what {
            Changed::Messages => self.earliest = self.earliest.into_iter().chain([at]).min(),
            Changed::Endpoints => self.endpoint = true,
            // Endpoints are told nothing of it.
            Changed::Marks => {}
        }
    }
}
