//! What all that tell endpoints share.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use mysms_core::clock::{Clock, Fitness};
use mysms_core::domain::{LeaseToken, Timestamp, UserId};
use mysms_core::ledger::Ledger;
use mysms_core::post::Post;
use mysms_core::provider::Glossary;
use mysms_core::queue::Announcements;
use mysms_core::store::{Changes, Records, Told};
use runtime::lifecycle::Lifecycle;
use runtime::metrics::Metrics;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::{Parts, context::Context};

/// Calls under way in a process, and those of one user's endpoints.
const CALLS: usize = 512;
const CALLS_OF_OWNER: usize = 64;

/// After an endpoint had to wait others may have to: longer than it takes until it asks again.
const CROWDED_FOR: Duration = Duration::from_secs(5);

/// What all that tell endpoints share.
pub(crate) struct Desk {
    pub(super) ledger: Ledger,
    pub(super) changes: Arc<dyn Changes>,
    pub(super) records: Arc<dyn Records>,
    pub(super) told: Arc<dyn Told>,
    pub(super) announcements: Arc<dyn Announcements>,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) metrics: Arc<Metrics>,
    pub(super) glossary: Glossary,
    pub(super) post: Arc<dyn Post>,
    pub(super) lifecycle: Lifecycle,
    /// This process, as the holder of leases.
    pub(super) holder: LeaseToken,
    /// Until when endpoints are taken to wait because too many are followed.
    crowded_until: Mutex<Timestamp>,
    calls: Arc<Semaphore>,
    /// Those users that have calls under way.
    owners: Mutex<HashMap<UserId, Arc<Semaphore>>>,
}

/// The right to make one call.
pub(super) struct Place {
    _of_owner: Option<OwnedSemaphorePermit>,
    _of_process: Option<OwnedSemaphorePermit>,
}

impl Desk {
    pub(crate) fn new(parts: &Parts, post: Arc<dyn Post>, lifecycle: Lifecycle) -> Self {
        let stores = &parts.stores;
        Self {
            ledger: stores.ledger.clone(),
            changes: Arc::clone(&stores.changes),
            records: Arc::clone(&stores.records),
            told: Arc::clone(&stores.told),
            announcements: Arc::clone(&parts.announcements),
            clock: Arc::clone(&parts.clock),
            metrics: Arc::clone(&parts.metrics),
            glossary: parts.provider.glossary(),
            post,
            lifecycle,
            holder: LeaseToken::generate(),
            crowded_until: Mutex::new(Timestamp::EPOCH),
            calls: Arc::new(Semaphore::new(CALLS)),
            owners: Mutex::default(),
        }
    }

    /// Whether anything may be begun.
    pub(super) fn may_begin(&self) -> bool {
        !self.lifecycle.soft().is_cancelled() && self.clock.fitness() == Fitness::Fit
    }

    /// Takes note that an endpoint has to wait until another one is followed no more.
    pub(super) fn note_crowd(&self, now: Timestamp) {
        *self.crowded_until() = now + CROWDED_FOR;
    }

    pub(super) fn is_crowded(&self, now: Timestamp) -> bool {
        *self.crowded_until() > now
    }

    fn crowded_until(&self) -> MutexGuard<'_, Timestamp> {
        let until = self.crowded_until.lock();
        until.unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn jitter() -> f64 {
        Context::jitter()
    }

    /// Waits for the right to call an endpoint of a user: first for one of the user's own, so that nobody
    /// takes places of the process that they cannot use.
    pub(super) async fn place(&self, owner: UserId) -> Place {
        let of_owner = self.of_owner(owner).acquire_owned().await.ok();
        let of_process = Arc::clone(&self.calls).acquire_owned().await.ok();
        Place {
            _of_owner: of_owner,
            _of_process: of_process,
        }
    }

    fn of_owner(&self, owner: UserId) -> Arc<Semaphore> {
        let mut owners = self.owners();
        // Whoever has a place, or waits for one, holds the semaphore.
        owners.retain(|_, of_owner| Arc::strong_count(of_owner) > 1);
        let of_owner = owners.entry(owner);
        let of_owner = of_owner.or_insert_with(|| Arc::new(Semaphore::new(CALLS_OF_OWNER)));
        Arc::clone(of_owner)
    }

    fn owners(&self) -> MutexGuard<'_, HashMap<UserId, Arc<Semaphore>>> {
        self.owners.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
