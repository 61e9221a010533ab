//! Who wants no texts, as far as this process knows.

mod changes;

use std::sync::Arc;

use mysms_core::chain::Chain;
use mysms_core::clock::Clock;
use mysms_core::domain::{Address, PhoneNumber, Timestamp};
use mysms_core::pace::SenderWatch;
use mysms_core::store::{self, Result, Unwilling};
use mysms_core::stores::Stores;
use runtime::lifecycle::TaskResult;
use tokio::sync::broadcast;
use tokio_util::sync::CancellationToken;

use self::changes::Changes;
use crate::poll_store::poll_store;
use crate::store_timeout::StoreTimeout;

pub(crate) use self::changes::Heard;

/// Who wants no texts from which of our senders, within the time that a request has.
pub(crate) struct OptOuts {
    unwilling: Arc<Unwilling>,
    store: Arc<dyn store::OptOuts>,
    changes: Changes,
    senders: Arc<SenderWatch>,
    store_timeout: StoreTimeout,
}

impl OptOuts {
    pub(crate) fn new(
        stores: &Stores,
        unwilling: Arc<Unwilling>,
        senders: Arc<SenderWatch>,
        store_timeout: StoreTimeout,
    ) -> Self {
        Self {
            unwilling,
            store: Arc::clone(&stores.opt_outs),
            changes: Changes::default(),
            senders,
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

    /// Looks at what was noted since the last look.
    pub(crate) async fn look(&self, now: Timestamp) -> Result<()> {
        let registry = self.store_timeout.once(self.senders.registry()).await?;
        let addresses = registry.senders().iter().map(|it| it.address.as_str());
        let addresses: Vec<_> = addresses.collect();
        let look = self.unwilling.look(&addresses, now);
        self.store_timeout.once(look).await?;
        self.changes
            .look(&*self.store, self.store_timeout, &addresses, now)
            .await
    }

    /// Hears what people want when that changes, whichever process noted it.
    pub(crate) fn subscribe(&self) -> broadcast::Receiver<Heard> {
        self.changes.heard.subscribe()
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
