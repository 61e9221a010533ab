//! The sandbox, in which programs try what they do: the same API over another user's messages, which nobody
//! gets.

use std::sync::Arc;
use std::time::Duration;

use mysms_core::domain::{SANDBOX_ACCOUNT, SANDBOX_FAILING, SANDBOX_SENDER, SenderAddress};
use mysms_core::pace::{Lines, SenderWatch};
use mysms_core::queue::LocalQueue;
use mysms_core::reception::Wishes;
use mysms_core::store::Unwilling;
use runtime::config::{DeliveryConfig, ProviderConfig};

use crate::opt_outs::OptOuts;
use crate::outgoing::Outgoing;
use crate::state::AppState;

impl AppState {
    /// What handlers share in the sandbox. Texts leave from the sandbox's own sender, are counted in no
    /// budget, and no job tells of them: their worker looks for what is due. Wherever texts may go, they may go to
    /// the numbers that try a failure.
    pub(crate) fn sandbox(&self) -> Self {
        let environment = SenderAddress::known(SANDBOX_SENDER);
        let records = || Arc::clone(&self.stores.records);
        let senders = SenderWatch::new(records(), SANDBOX_ACCOUNT, environment);
        let senders = Arc::new(senders);
        let lines = Lines::new(records(), Arc::clone(&self.clock));
        let unwilling = Arc::new(Unwilling::new(Arc::clone(&self.stores.opt_outs)));
        let wishes = Wishes::new(
            &self.stores,
            Arc::clone(&unwilling),
            Arc::clone(&senders),
            Arc::clone(&self.announcements),
        );
        let opt_outs = OptOuts::new(
            &self.stores,
            unwilling,
            Arc::clone(&senders),
            self.store_timeout,
        );
        let clock = Arc::clone(&self.clock);
        let outgoing = Outgoing::new(&self.stores, senders, lines, clock, self.store_timeout);
        let provider = ProviderConfig {
            simulated: true,
            ..ProviderConfig::clone(&self.provider)
        };
        let delivery = DeliveryConfig {
            enqueue_grace: Duration::ZERO,
            ..DeliveryConfig::clone(&self.delivery)
        };
        self.with(|parts| {
            parts.is_sandbox = true;
            parts.queue = Arc::new(LocalQueue::new(1));
            parts.limits = Arc::new(parts.limits.without_caps());
            parts.recipients = Arc::new(parts.recipients.with(SANDBOX_FAILING));
            parts.opt_outs = Arc::new(opt_outs);
            parts.wishes = Arc::new(wishes);
            parts.outgoing = Arc::new(outgoing);
            parts.provider = Arc::new(provider);
            parts.delivery = Arc::new(delivery);
        })
    }
}
