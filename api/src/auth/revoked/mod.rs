mod known;

use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};
use std::time::Duration;

use mysms_core::chain::Chain;
use mysms_core::clock::Clock;
use mysms_core::domain::{IssuedToken, Revocation, SessionId, Timestamp};
use mysms_core::store::{Result, Revocations};
use runtime::lifecycle::TaskResult;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use self::known::{Known, Look};
use super::tokens::LONGEST_VALIDITY;
use crate::poll_store::poll_store;
use crate::store_timeout::StoreTimeout;

/// The pause between two looks at what ended in other processes.
const LOOK_INTERVAL: Duration = Duration::from_secs(1);

/// How far a look goes back behind the one before: the clocks of two processes differ by less, and so
/// do the time that a revocation says and the one at which it was stored.
const OVERLAP: Duration = Duration::from_mins(2);

/// The tokens that have ended before their time, as far as this process knows.
///
/// Whatever ended in one process has ended in all within 5 seconds: what is known here is at most 4
/// seconds old, or the store is asked about each token; if it does not answer, neither do we.
pub(crate) struct Revoked {
    store: Arc<dyn Revocations>,
    known: RwLock<Known>,
    store_timeout: StoreTimeout,
}

impl Revoked {
    pub(crate) fn new(store: Arc<dyn Revocations>, store_timeout: StoreTimeout) -> Self {
        Self {
            store,
            known: RwLock::default(),
            store_timeout,
        }
    }

    /// Whether a token has ended; fails if that cannot be known at the moment.
    pub(crate) async fn has_ended(&self, token: &IssuedToken) -> Result<bool> {
        let (ended, fresh) = {
            let known = self.read();
            (known.has_ended(token), known.is_fresh())
        };
        if ended || fresh {
            return Ok(ended);
        }
        self.ask(token).await
    }

    /// Whether this process knows that a token has ended.
    pub(crate) fn knows_end_of(&self, token: &IssuedToken) -> bool {
        self.read().has_ended(token)
    }

    /// Asks the store, whatever is known here.
    pub(crate) async fn ask(&self, token: &IssuedToken) -> Result<bool> {
        self.store_timeout.once(self.store.is_revoked(token)).await
    }

    /// Ends a session everywhere, and in this process at once.
    pub(crate) async fn revoke(&self, id: SessionId, now: Timestamp) -> Result<()> {
        // A renewal that has not heard of it issues its last token within the overlap.
        let until = now + LONGEST_VALIDITY + OVERLAP;
        self.store_timeout
            .repeat(|| self.store.revoke(id, until, now))
            .await?;
        self.note(Revocation::Session { id, until });
        Ok(())
    }

    /// Takes note of what has ended in the store.
    pub(crate) fn note(&self, revocation: Revocation) {
        self.write().add(revocation);
    }

    /// Looks at what has ended since the last look.
    pub(crate) async fn look(&self, now: Timestamp) -> Result<()> {
        let latest = self.read().latest;
        let since = latest.map_or(now - LONGEST_VALIDITY, |latest| latest.at);
        let begun = Instant::now();
        let found = self.store.revoked_since(since - OVERLAP);
        let found = self.store_timeout.once(found).await?;
        let mut known = self.write();
        for revocation in found {
            known.add(revocation);
        }
        known.forget_expired(now);
        known.latest = Some(Look { at: now, begun });
        Ok(())
    }

    /// Keeps looking until `stop`.
    pub(crate) async fn watch(
        self: Arc<Self>,
        clock: Arc<dyn Clock>,
        stop: CancellationToken,
    ) -> TaskResult {
        let look = || self.look(clock.now());
        poll_store(LOOK_INTERVAL, stop, look, |error| {
            let error = Chain(error);
            tracing::warn!(%error, "cannot see which tokens have ended; each request asks for itself");
        })
        .await
    }

    fn read(&self) -> RwLockReadGuard<'_, Known> {
        self.known.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> RwLockWriteGuard<'_, Known> {
        self.known.write().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests;
