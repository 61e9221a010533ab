//! Puts a worker together and starts its loops.

use std::sync::Arc;

use shared::clock::Clock;
use shared::config::{DeliveryConfig, ProviderConfig};
use shared::lifecycle::Lifecycle;
use shared::queue::{Announcements, Queue};
use shared::store::{Ledger, OptOuts, SenderKey, Senders, Unwilling, Upkeep};
use shared::twilio::{ClientError, Twilio};

use crate::admission::{Gate, ProbeTimes};
use crate::concurrency::Concurrency;
use crate::context::Context;
use crate::status::WorkerStatus;

/// What a worker works with.
#[derive(Clone)]
pub struct Parts {
    pub ledger: Arc<dyn Ledger>,
    pub upkeep: Arc<dyn Upkeep>,
    pub senders: Arc<dyn Senders>,
    pub opt_outs: Arc<dyn OptOuts>,
    pub queue: Arc<dyn Queue>,
    pub announcements: Arc<dyn Announcements>,
    pub clock: Arc<dyn Clock>,
}

/// A worker that has not begun yet.
pub struct Worker {
    context: Arc<Context>,
}

impl Worker {
    /// Fails when no client for the provider can be built.
    pub fn new(
        parts: Parts,
        provider: ProviderConfig,
        config: DeliveryConfig,
        lifecycle: Lifecycle,
    ) -> Result<Self, ClientError> {
        let twilio = Twilio::new(
            &provider,
            config.provider_timeout,
            config.concurrency,
            Arc::clone(&parts.clock),
        )?;
        let sender = SenderKey::new(
            &provider.account,
            provider.sender.as_str(),
            &provider.credentials.fingerprint(),
        );
        let times = ProbeTimes {
            initial: config.probe_initial,
            max: config.retry_max,
            lease: config.lease(),
        };
        let senders = Arc::clone(&parts.senders);
        let gate = Gate::new(senders, sender, Arc::clone(&parts.clock), times);
        let context = Context {
            ledger: parts.ledger,
            upkeep: parts.upkeep,
            senders: parts.senders,
            unwilling: Unwilling::new(Arc::clone(&parts.opt_outs), provider.sender.as_str()),
            opt_outs: parts.opt_outs,
            queue: parts.queue,
            announcements: parts.announcements,
            clock: parts.clock,
            twilio,
            provider,
            concurrency: Concurrency::new(config.concurrency),
            config,
            gate,
            status: WorkerStatus::default(),
            lifecycle,
        };
        Ok(Self {
            context: Arc::new(context),
        })
    }

    /// What it says about itself while it runs.
    pub fn status(&self) -> WorkerStatus {
        self.context.status.clone()
    }

    /// Keeps the metrics up that have to be looked up, until the soft stop.
    pub fn measure(&self) {
        let gauges = crate::gauges::run(Arc::clone(&self.context));
        self.context.lifecycle.spawn("gauges", gauges);
    }

    /// Starts the loops. They stop taking work at the soft stop; what is in flight then is finished
    /// by tasks that the lifecycle waits for.
    pub fn start(self) {
        let context = self.context;
        let lifecycle = context.lifecycle.clone();
        lifecycle.spawn("jobs", crate::jobs::run(Arc::clone(&context)));
        lifecycle.spawn("sweep-send", crate::sweeper::run(Arc::clone(&context)));
        lifecycle.spawn("sweep-resolve", crate::resolving::run(Arc::clone(&context)));
        lifecycle.spawn("sweep-poll", crate::polling::run(Arc::clone(&context)));
        lifecycle.spawn("duties", crate::duties::run(Arc::clone(&context)));
        let watch = crate::duties::watch_opt_outs(Arc::clone(&context));
        lifecycle.spawn("opt-out-watch", watch);
        lifecycle.spawn("pause-watch", crate::duties::watch_pause(context));
    }
}
