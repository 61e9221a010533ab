use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use tokio::{task::JoinHandle, time::sleep};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use crate::{
    Options, SenderKind, Settings, SettingsChange, Setup,
    callback::{Queue, Sender},
    clock::Shown,
    faults::Book,
    ledger::Ledger,
    lock::lock,
    senders::Senders,
    stats::Stats,
};

/// Everything that the simulator's handlers and tasks share.
pub(crate) struct Sim {
    pub(crate) account_sid: String,
    pub(crate) senders: Senders,
    pub(crate) faults: Book,
    pub(crate) ledger: Ledger,
    pub(crate) queue: Queue,
    pub(crate) sender: Sender,
    pub(crate) stats: Stats,
    live: Mutex<Arc<Live>>,
    /// No new work is begun and nothing waits any longer.
    pub(crate) stopping: CancellationToken,
    /// Everything ends where it is.
    pub(crate) killed: CancellationToken,
    pub(crate) tasks: TaskTracker,
}

/// What may change while the simulator runs.
#[derive(Clone)]
pub(crate) struct Live {
    pub(crate) auth_token: String,
    pub(crate) settings: Settings,
    pub(crate) setup: Setup,
}

impl Live {
    /// Where texts to a number are posted: it decides, unless it sends for a Messaging Service that does.
    pub(crate) fn inbound_url(&self, number_or_service: &str) -> Option<&str> {
        let of_service = SenderKind::of(number_or_service) == Some(SenderKind::Service);
        if of_service && !self.setup.service.use_inbound_webhook_on_number {
            return self.setup.service.inbound_url.as_deref();
        }
        self.settings.inbound_url.as_deref()
    }

    /// How times look to the account's owner.
    pub(crate) fn shown(&self) -> Shown {
        Shown::new(self.settings.clock_offset_seconds)
    }
}

impl Sim {
    pub(crate) fn new(options: Options) -> anyhow::Result<Arc<Self>> {
        let ledger = Ledger::open(options.ledger.as_deref())?;
        let numbers = options.senders.into_iter();
        let addresses = numbers.chain([options.messaging_service_sid]);
        Ok(Arc::new(Self {
            sender: Sender::new(options.callback_concurrency)?,
            account_sid: options.account_sid,
            senders: Senders::new(addresses, options.terms, &ledger)?,
            faults: Book::default(),
            queue: Queue::new(ledger.owed()),
            ledger,
            stats: Stats::default(),
            live: Mutex::new(Arc::new(Live {
                auth_token: options.auth_token,
                settings: options.settings,
                setup: Setup::default(),
            })),
            stopping: CancellationToken::new(),
            killed: CancellationToken::new(),
            tasks: TaskTracker::new(),
        }))
    }

    pub(crate) fn live(&self) -> Arc<Live> {
        Arc::clone(&lock(&self.live))
    }

    pub(crate) fn change(&self, mut change: SettingsChange) -> Arc<Live> {
        let mut live = lock(&self.live);
        let mut changed = Live::clone(&live);
        if let Some(auth_token) = change.auth_token.take() {
            changed.auth_token = auth_token;
        }
        change.apply(&mut changed.settings);
        *live = Arc::new(changed);
        Arc::clone(&live)
    }

    pub(crate) fn set_up(&self, change: impl FnOnce(&mut Setup)) -> Arc<Live> {
        let mut live = lock(&self.live);
        let mut changed = Live::clone(&live);
        change(&mut changed.setup);
        *live = Arc::new(changed);
        Arc::clone(&live)
    }

    /// How times look to the account's owner.
    pub(crate) fn shown(&self) -> Shown {
        self.live().shown()
    }

    /// Runs a task to its end, whoever waits for it; `None` if the simulator is killed before.
    pub(crate) fn spawn<F>(&self, task: F) -> JoinHandle<Option<F::Output>>
    where
        F: Future<Output: Send> + Send + 'static,
    {
        self.tasks
            .spawn(self.killed.clone().run_until_cancelled_owned(task))
    }

    /// Waits, but not longer than the simulator runs.
    pub(crate) async fn pause(&self, ms: u32) {
        if ms > 0 {
            let time = Duration::from_millis(ms.into());
            self.stopping.run_until_cancelled(sleep(time)).await;
        }
    }
}
