//! Puts a worker together and starts its loops.

use std::sync::Arc;

use mysms_core::bell::Bell;
use mysms_core::clock::Clock;
use mysms_core::domain::{SenderAddress, Username};
use mysms_core::pace::{Desk, Feedback, Lines, SenderWatch, SettingsWatch};
use mysms_core::provider::{Checkup, Provider};
use mysms_core::queue::{Announcements, Queue};
use mysms_core::reception::{DefaultOwner, Reception, Wishes};
use mysms_core::store::Unwilling;
use mysms_core::stores::Stores;
use runtime::config::DeliveryConfig;
use runtime::lifecycle::Lifecycle;
use runtime::metrics::Metrics;

use crate::admission::{Gate, ProbeTimes};
use crate::concurrency::Concurrency;
use crate::context::{Context, Identity};
use crate::pacing::Pacers;
use crate::status::WorkerStatus;

/// What a worker works with.
#[derive(Clone)]
pub struct Parts {
    pub stores: Stores,
    pub queue: Arc<dyn Queue>,
    pub announcements: Arc<dyn Announcements>,
    pub bell: Arc<dyn Bell>,
    pub provider: Arc<dyn Provider>,
    pub clock: Arc<dyn Clock>,
    pub metrics: Arc<Metrics>,
    /// Who gets what would belong to nobody.
    pub default_user: Option<Username>,
    /// Where the provider reaches the API, from which it fetches the files that users brought.
    pub public_base_url: Option<String>,
}

/// A worker that has not begun yet.
pub struct Worker {
    context: Arc<Context>,
}

impl Worker {
    pub fn new(
        parts: Parts,
        identity: Identity,
        config: DeliveryConfig,
        lifecycle: Lifecycle,
    ) -> Self {
        let times = ProbeTimes {
            initial: config.probe_initial,
            max: config.retry_max,
            lease: config.lease(),
        };
        let stores = parts.stores;
        let pauses = Arc::clone(&stores.pauses);
        let gate = Gate::new(pauses, &identity, Arc::clone(&parts.clock), times);
        let environment = SenderAddress::known(&identity.sender);
        let records = || Arc::clone(&stores.records);
        let senders = SenderWatch::new(records(), &identity.account, environment);
        let senders = Arc::new(senders);
        let lines = Lines::new(records(), Arc::clone(&parts.clock));
        let glossary = parts.provider.glossary();
        let feedback = Feedback::new(&stores, lines.clone(), Arc::clone(&senders), glossary);
        let unwilling = Arc::new(Unwilling::new(Arc::clone(&stores.opt_outs)));
        let wishes = Arc::new(Wishes::new(
            &stores,
            Arc::clone(&unwilling),
            Arc::clone(&senders),
            Arc::clone(&parts.announcements),
        ));
        let reception = Reception::new(
            &stores,
            Arc::clone(&senders),
            Arc::new(DefaultOwner::new(
                Arc::clone(&stores.accounts),
                parts.default_user,
            )),
            Arc::clone(&wishes),
            Arc::clone(&parts.announcements),
            parts.bell,
        );
        let context = Context {
            ledger: stores.ledger,
            upkeep: stores.upkeep,
            pauses: stores.pauses,
            unwilling,
            wishes,
            reception,
            records: Arc::clone(&stores.records),
            told: stores.told,
            settings: SettingsWatch::new(stores.records),
            desk: Desk::new(Arc::clone(&stores.turns)),
            turns: stores.turns,
            uploads: stores.uploads,
            senders,
            lines,
            feedback,
            pacers: Pacers::default(),
            queue: parts.queue,
            announcements: parts.announcements,
            clock: parts.clock,
            metrics: parts.metrics,
            provider: parts.provider,
            identity,
            public_base_url: parts.public_base_url,
            concurrency: Concurrency::new(config.concurrency),
            config,
            gate,
            status: WorkerStatus::default(),
            lifecycle,
        };
        Self {
            context: Arc::new(context),
        }
    }

    #[cfg(test)]
    pub(crate) fn context(&self) -> Arc<Context> {
        Arc::clone(&self.context)
    }

    /// What it says about itself while it runs.
    pub fn status(&self) -> WorkerStatus {
        self.context.status.clone()
    }

    /// Keeps the metrics up to date that have to be looked up, until the soft stop.
    pub fn measure(&self) {
        let gauges = crate::gauges::run(Arc::clone(&self.context));
        self.context.lifecycle.spawn("gauges", gauges);
    }

    /// Looks every hour, until the soft stop, whether the account is set up so that nothing is lost; what is
    /// wrong is told by [`Self::status`].
    pub fn examine(&self, checkup: Arc<dyn Checkup>) {
        let looks = crate::checkups::run(Arc::clone(&self.context), checkup);
        self.context.lifecycle.spawn("checkups", looks);
    }

    /// Starts the loops. They stop taking work at the soft stop; what is in flight then is finished
    /// by tasks that the lifecycle waits for.
    pub fn start(self) {
        // Before anything can be sent: it is not known yet who has said STOP meanwhile.
        crate::catching_up::start(&self.context);
        self.start_lanes();
        let context = self.context;
        let lifecycle = context.lifecycle.clone();
        lifecycle.spawn("jobs", crate::jobs::run(Arc::clone(&context)));
        lifecycle.spawn("duties", crate::maintenance::run(Arc::clone(&context)));
        lifecycle.spawn("pacers", crate::pacing::run(context));
    }

    /// Starts only what is enough for a text to be sent and followed to its end.
    pub(crate) fn start_lanes(&self) {
        let context = || Arc::clone(&self.context);
        let lifecycle = &self.context.lifecycle;
        let watch = crate::maintenance::watch_pause(context());
        lifecycle.spawn("pause-watch", watch);
        lifecycle.spawn("sweep-send", crate::sweeper::run(context()));
        lifecycle.spawn("sweep-resolve", crate::resolving::run(context()));
        lifecycle.spawn("sweep-poll", crate::polling::run(context()));
        lifecycle.spawn("sweep-erase", crate::erasing::run(context()));
    }
}
