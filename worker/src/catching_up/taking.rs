//! Taking the texts that were found.

use std::collections::HashMap;

use futures_util::{StreamExt, TryStreamExt, stream};
use mysms_core::chain::Chain;
use mysms_core::domain::Consent;
use mysms_core::provider::{Arrival, Listed, ReceivedText};
use mysms_core::store::{Result, StoreError};

use super::listing::Listing;
use crate::context::Context;

/// Texts that get the same time of being heard of: storing them takes no longer than whoever reads what
/// changed waits for what is late.
const AT_ONCE: usize = 100;

/// Authors whose texts are stored at the same time.
const AUTHORS: usize = 16;

impl Context {
    /// Takes what is missing, the oldest first; returns how many were not known.
    pub(super) async fn take_missing(&self, listing: Listing) -> Result<u64> {
        let clocks = listing.clocks;
        self.foresee(&listing).await?;
        let mut missing = listing.missing.into_iter().peekable();
        let mut recovered = 0;
        while missing.peek().is_some() {
            let now = self.clock.now();
            // Their ids are in their order.
            let part = missing
                .by_ref()
                .take(AT_ONCE)
                .map(|Listed { text, at, .. }| (text, Arrival::found(clocks.ours_at(at), now)));
            // Who holds a conversation depends on what came before.
            let mut authors: HashMap<_, Vec<_>> = HashMap::new();
            for (text, arrival) in part {
                let of_author = authors.entry(text.from.clone()).or_default();
                of_author.push((text, arrival));
            }
            let authors = stream::iter(authors.into_values());
            let taken = authors.map(|texts| async move {
                let mut recovered = 0;
                for (text, arrival) in texts {
                    recovered += u64::from(self.take_one(text, arrival).await?);
                }
                Ok::<u64, StoreError>(recovered)
            });
            let taken = taken.buffer_unordered(AUTHORS);
            recovered += taken.try_fold(0, async |sum, one| Ok(sum + one)).await?;
        }
        Ok(recovered)
    }

    /// Takes note of those who want texts again. When one said so that is stored is known already.
    async fn foresee(&self, listing: &Listing) -> Result<()> {
        let missing = listing.missing.iter();
        let given = missing.filter(|listed| listed.text.consent == Some(Consent::Given));
        let given: Vec<_> = given.collect();
        if given.is_empty() {
            return Ok(());
        }
        let sids: Vec<_> = given.iter().map(|it| it.text.sid.clone()).collect();
        let owners = self.ledger.owners(&sids).await?;
        let now = self.clock.now();
        for Listed { text, at, .. } in given {
            if !owners.iter().any(|owner| owner.sid == text.sid) {
                let arrival = Arrival::found(listing.clocks.ours_at(*at), now);
                self.reception.foresee(text, arrival, now).await?;
            }
        }
        Ok(())
    }

    /// Returns whether it was not known.
    async fn take_one(&self, text: ReceivedText, arrival: Arrival) -> Result<bool> {
        let sid = text.sid.clone();
        match self.reception.take(text, arrival, self.clock.now()).await {
            Ok(received) if received.known => Ok(false),
            Ok(received) => {
                self.metrics.recovered.inc();
                tracing::info!(message.id = %received.message.id, %sid,
                    "a text to us that we had not been told of");
                Ok(true)
            }
            // It must not keep the others from being taken.
            Err(error @ StoreError::Corrupt { .. }) => {
                let error = Chain(&error);
                tracing::error!(%sid, %error, "a text to us cannot be taken");
                Ok(false)
            }
            Err(error) => Err(error),
        }
    }
}
