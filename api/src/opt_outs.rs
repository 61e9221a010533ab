//! Who wants no texts, as far as this process knows.

use std::sync::Arc;

use mysms_core::chain::Chain;
use mysms_core::clock::Clock;
use mysms_core::domain::{Address, Consent, PhoneNumber, Timestamp, UserId, Wish};
use mysms_core::ledger::Ledger;
use mysms_core::pace::SenderWatch;
use mysms_core::store::{self, Result, Unwilling};
use mysms_core::stores::Stores;
use runtime::lifecycle::TaskResult;
use tokio_util::sync::CancellationToken;

use crate::poll_store::poll_store;
use crate::store_timeout::StoreTimeout;

/// Messages that are ended by one statement.
const BATCH: usize = 200;

/// Who wants no texts from which of our senders, within the time that a request has.
pub(crate) struct OptOuts {
    ledger: Ledger,
    store: Arc<dyn store::OptOuts>,
    unwilling: Unwilling,
    senders: Arc<SenderWatch>,
    store_timeout: StoreTimeout,
}

impl OptOuts {
    pub(crate) fn new(
        stores: &Stores,
        senders: Arc<SenderWatch>,
        store_timeout: StoreTimeout,
    ) -> Self {
        Self {
            unwilling: Unwilling::new(Arc::clone(&stores.opt_outs)),
            senders,
            ledger: stores.ledger.clone(),
            store: Arc::clone(&stores.opt_outs),
            store_timeout,
        }
    }

    /// Those of some addresses that want no texts from a sender, as the store knows it.
    pub(crate) async fn among(&self, sender: &str, addresses: &[Address]) -> Result<Vec<Address>> {
        let among = self.unwilling.among(sender, addresses);
        self.store_timeout.once(among).await
    }

    /// Whether a recipient wants no texts from a sender. What another process noted within the last
    /// seconds may be missed; the workers ask again, and so does the provider.
    pub(crate) async fn refuses(&self, sender: &str, recipient: &PhoneNumber) -> Result<bool> {
        self.store_timeout
            .once(self.unwilling.includes(sender, recipient))
            .await
    }

    /// Takes note of a wish, in this process at once, and ends what still waits to be sent against
    /// it; tells whose messages those were.
    pub(crate) async fn note(&self, wish: &Wish, now: Timestamp) -> Result<Vec<UserId>> {
        self.store_timeout
            .repeat(|| self.store.note(wish, now))
            .await?;
        if wish.consent == Consent::Given {
            return Ok(Vec::new());
        }
        self.unwilling.add(&wish.senders, &wish.recipient);
        let unwanted = || self.store.refused_senders(wish);
        let senders = self.store_timeout.repeat(unwanted).await?;
        let mut owners = Vec::new();
        loop {
            let refuse = || {
                let recipient = &wish.recipient;
                self.ledger.refuse_queued(recipient, &senders, now, BATCH)
            };
            let refused = self.store_timeout.repeat(refuse).await?;
            owners.extend(refused.owners);
            if !refused.more {
                return Ok(owners);
            }
        }
    }

    /// Looks at what was noted since the last look.
    pub(crate) async fn look(&self, now: Timestamp) -> Result<()> {
        let registry = self.store_timeout.once(self.senders.registry()).await?;
        let addresses = registry.senders().iter().map(|it| it.address.as_str());
        let addresses: Vec<_> = addresses.collect();
        let look = self.unwilling.look(&addresses, now);
        self.store_timeout.once(look).await
    }

    /// Keeps looking until `stop`.
    pub(crate) async fn watch(
        self: Arc<Self>,
        clock: Arc<dyn Clock>,
        stop: CancellationToken,
    ) -> TaskResult {
        let look = || self.look(clock.now());
        poll_store(Unwilling::LOOK_INTERVAL, stop, look, |error| {
            let error = Chain(error);
            tracing::warn!(%error, "cannot see who has opted out; the provider refuses them");
        })
        .await
    }
}
