//! One worker reads the list up to its present.

use std::time::Duration;

use mysms_core::chain::Chain;
use mysms_core::domain::{Stretch, Timestamp};
use mysms_core::provider::ReadFailure;
use mysms_core::schedule::Schedule;
use mysms_core::store::Result;

use super::CatchingUp;
use super::listing::Unlisted;

/// How often the lease is renewed.
const RENEWED_EVERY: Duration = Duration::from_secs(5);

/// The waits after failures, the longest of which is the interval.
const FIRST_WAIT: Duration = Duration::from_secs(10);

/// Says what to look at when the list is too long although it is of one second.
const TOO_LONG: &str = "the provider's list is too long";

impl CatchingUp {
    /// Reads the list up to its present and takes what is missing, or goes on as far as it can. The lease
    /// is ours when it begins.
    pub(super) async fn round(&self) -> Result<()> {
        let mut goes_on = true;
        while goes_on {
            let Some((stretch, now)) = self.begin().await? else {
                return Ok(());
            };
            let stop = self.context.stop();
            let work = self.list_and_take(stretch, now);
            goes_on = tokio::select! {
                done = work => done?,
                never = self.keep_lease() => never?,
                () = stop.cancelled() => false,
            };
        }
        self.release().await
    }

    /// What is to be listed next, and the time that all processes share.
    async fn begin(&self) -> Result<Option<(Stretch, Timestamp)>> {
        if !self.renew().await? {
            return Ok(None);
        }
        let (state, now) = self.read().await?;
        Ok(Some((state.next(self.context.config.retention, now), now)))
    }

    /// Returns whether there is more to be listed now.
    async fn list_and_take(&self, stretch: Stretch, now: Timestamp) -> Result<bool> {
        let mut listing = match self.context.list_received(stretch).await {
            Ok(listing) => listing,
            Err(Unlisted::Store(error)) => return Err(error),
            Err(Unlisted::Failed(failure)) => return self.fail(&failure).await,
            Err(Unlisted::TooLong) => return self.shorten(stretch).await,
        };
        if self.wanted.is_none() && stretch.until.is_none() {
            listing.settle();
        }
        if listing.unreadable > 0 {
            tracing::warn!(
                texts = listing.unreadable,
                "the provider lists texts to us that cannot be read"
            );
        }
        if let Some(from) = stretch.given_up_from {
            tracing::warn!(%from, until = %stretch.from,
                "what was received then is not looked for: it is too long ago");
        }
        let (present, pages) = (listing.present(), listing.pages);
        let recovered = self.context.take_missing(listing).await?;
        self.context.status.set_list_refused(None);
        let took_ms = self.context.clock.now().since(now).as_millis();
        tracing::info!(
            recovered,
            pages,
            took_ms,
            "looked for texts to us in the provider's list"
        );
        self.edit(|state, _| {
            // Another worker may have listed more by now, or less, which does no harm.
            state.stored(stretch, now, present);
            true
        })
        .await?;
        Ok(stretch.until.is_some())
    }

    async fn fail(&self, failure: &ReadFailure) -> Result<bool> {
        tracing::warn!(error = %Chain(failure), "what our numbers received cannot be listed: {}", failure.remedy());
        let asked = match failure {
            ReadFailure::Throttled { retry_after } => retry_after.unwrap_or_default(),
            _ => Duration::ZERO,
        };
        self.wait(&failure.to_string(), asked).await
    }

    async fn shorten(&self, stretch: Stretch) -> Result<bool> {
        let shortened = self.edit(|state, now| state.shorten(stretch, now)).await?;
        if shortened.is_some() {
            return Ok(true);
        }
        tracing::warn!(from = %stretch.from, "{TOO_LONG}");
        self.wait(TOO_LONG, Duration::ZERO).await
    }

    /// Lets it be tried again later.
    async fn wait(&self, reason: &str, at_least: Duration) -> Result<bool> {
        let waits = Schedule {
            initial: FIRST_WAIT.min(self.interval),
            max: self.interval,
        };
        self.edit(|state, now| {
            let tries = state.failure().map_or(0, |failure| failure.tries);
            let wait = waits.delay(tries.saturating_add(1)).max(at_least);
            state.fail(reason.to_owned(), wait, now);
            true
        })
        .await?;
        Ok(false)
    }

    /// Renews the lease for as long as it can. That it is lost ends nothing: it only means that two do the
    /// same.
    async fn keep_lease(&self) -> Result<bool> {
        loop {
            tokio::time::sleep(RENEWED_EVERY).await;
            self.renew().await?;
        }
    }

    async fn renew(&self) -> Result<bool> {
        let holder = self.holder;
        let renewed = self.edit(|state, now| state.is_held_by(holder) && state.lease(holder, now));
        Ok(renewed.await?.is_some())
    }

    async fn release(&self) -> Result<()> {
        let holder = self.holder;
        let released = self.edit(|state, _| {
            state.release(holder);
            true
        });
        released.await.map(drop)
    }
}
