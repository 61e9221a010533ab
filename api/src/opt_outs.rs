//! Who wants no texts, as far as this process knows.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

use mysms_core::chain::Chain;
use mysms_core::clock::Clock;
use mysms_core::domain::{Consent, PhoneNumber, Timestamp, UserId, Wish};
use mysms_core::ledger::Ledger;
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
    /// Of each sender that was asked about, from then on.
    unwilling: RwLock<HashMap<String, Arc<Unwilling>>>,
    store_timeout: StoreTimeout,
}

impl OptOuts {
    /// Knows of one sender from the first look on.
    pub(crate) fn new(stores: &Stores, sender: &str, store_timeout: StoreTimeout) -> Self {
        let opt_outs = Self {
            ledger: stores.ledger.clone(),
            store: Arc::clone(&stores.opt_outs),
            unwilling: RwLock::default(),
            store_timeout,
        };
        opt_outs.of(sender);
        opt_outs
    }

    /// Who wants no texts from a sender. Until the next look each text from a new one is asked about.
    fn of(&self, sender: &str) -> Arc<Unwilling> {
        let known = self
            .unwilling
            .read()
            .unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = known.get(sender) {
            return Arc::clone(known);
        }
        drop(known);
        let mut known = self
            .unwilling
            .write()
            .unwrap_or_else(PoisonError::into_inner);
        let known = known.entry(sender.to_owned());
        Arc::clone(
            known.or_insert_with(|| Arc::new(Unwilling::new(Arc::clone(&self.store), sender))),
        )
    }

    fn known(&self) -> Vec<Arc<Unwilling>> {
        let known = self
            .unwilling
            .read()
            .unwrap_or_else(PoisonError::into_inner);
        known.values().map(Arc::clone).collect()
    }

    /// Those of some numbers that want no texts from a sender, as the store knows it.
    pub(crate) async fn among(
        &self,
        sender: &str,
        numbers: &[PhoneNumber],
    ) -> Result<Vec<PhoneNumber>> {
        let unwilling = self.of(sender);
        self.store_timeout.once(unwilling.among(numbers)).await
    }

    /// Whether a recipient wants no texts from a sender. What another process noted within the last
    /// seconds may be missed; the workers ask again, and so does the provider.
    pub(crate) async fn refuses(&self, sender: &str, recipient: &PhoneNumber) -> Result<bool> {
        let unwilling = self.of(sender);
        self.store_timeout.once(unwilling.includes(recipient)).await
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
        for unwilling in self.known() {
            if wish.senders.iter().any(|it| it == unwilling.sender()) {
                unwilling.add(std::slice::from_ref(&wish.recipient));
            }
        }
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
        for unwilling in self.known() {
            self.store_timeout.once(unwilling.look(now)).await?;
        }
        Ok(())
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
