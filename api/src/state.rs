use std::io;
use std::sync::Arc;

use axum::extract::FromRef;
use shared::clock::Clock;
use shared::config::{DeliveryConfig, HttpConfig, ProviderConfig, TokenConfig};
use shared::domain::{Timestamp, UserId};
use shared::queue::{Announcement, Announcements, Queue};
use shared::store::{Accounts, Changes, History, Ledger, Quotas, Revocations, Senders, Upkeep};
use tokio_util::sync::CancellationToken;

use crate::auth::{AttemptLimiter, Passwords, Revoked, Tokens};
use crate::events::Hub;
use crate::limits::Limits;
use crate::messages::Places;
use crate::patience::Patience;

/// Everything outside the API that it talks to.
#[derive(Clone)]
pub struct Ports {
    pub ledger: Arc<dyn Ledger>,
    pub history: Arc<dyn History>,
    pub changes: Arc<dyn Changes>,
    pub accounts: Arc<dyn Accounts>,
    pub revocations: Arc<dyn Revocations>,
    pub quotas: Arc<dyn Quotas>,
    pub senders: Arc<dyn Senders>,
    pub upkeep: Arc<dyn Upkeep>,
    pub queue: Arc<dyn Queue>,
    pub announcements: Arc<dyn Announcements>,
    pub clock: Arc<dyn Clock>,
}

/// What the API is told by its environment.
pub struct Settings {
    pub http: HttpConfig,
    pub tokens: TokenConfig,
    pub provider: ProviderConfig,
    pub delivery: DeliveryConfig,
}

/// What the handlers share.
#[derive(Clone, FromRef)]
pub struct AppState {
    pub(crate) ledger: Arc<dyn Ledger>,
    pub(crate) history: Arc<dyn History>,
    pub(crate) changes: Arc<dyn Changes>,
    pub(crate) accounts: Arc<dyn Accounts>,
    pub(crate) senders: Arc<dyn Senders>,
    pub(crate) upkeep: Arc<dyn Upkeep>,
    pub(crate) queue: Arc<dyn Queue>,
    pub(crate) announcements: Arc<dyn Announcements>,
    pub(crate) events: Arc<Hub>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) tokens: Arc<Tokens>,
    pub(crate) passwords: Arc<Passwords>,
    pub(crate) revoked: Arc<Revoked>,
    pub(crate) limiter: Arc<AttemptLimiter>,
    pub(crate) limits: Arc<Limits>,
    pub(crate) http: Arc<HttpConfig>,
    pub(crate) provider: Arc<ProviderConfig>,
    pub(crate) delivery: Arc<DeliveryConfig>,
    pub(crate) patience: Patience,
    pub(crate) batches: Places,
    /// Cancelled when the process begins to stop: `/readyz` says no from then on.
    pub(crate) stopping: CancellationToken,
}

impl AppState {
    /// Starts the threads that hash passwords; fails if the system refuses them.
    pub fn new(ports: Ports, settings: Settings) -> io::Result<Self> {
        let limits = &settings.http.limits;
        let patience = Patience::default();
        let events = Hub::new(
            Arc::clone(&ports.changes),
            Arc::clone(&ports.announcements),
            Arc::clone(&ports.clock),
            patience,
        );
        Ok(Self {
            ledger: ports.ledger,
            history: ports.history,
            changes: ports.changes,
            accounts: ports.accounts,
            senders: ports.senders,
            upkeep: ports.upkeep,
            queue: ports.queue,
            announcements: ports.announcements,
            events: Arc::new(events),
            clock: ports.clock,
            tokens: Arc::new(Tokens::new(&settings.tokens)),
            passwords: Arc::new(Passwords::start()?),
            revoked: Arc::new(Revoked::new(ports.revocations, patience)),
            limiter: Arc::new(AttemptLimiter::new(limits)),
            limits: Arc::new(Limits::new(limits, ports.quotas, patience)),
            http: Arc::new(settings.http),
            provider: Arc::new(settings.provider),
            delivery: Arc::new(settings.delivery),
            patience,
            batches: Places::default(),
            stopping: CancellationToken::new(),
        })
    }

    /// Tells whoever watches that something changed for a user, at a time that is its `updated_at`.
    pub(crate) fn announce(&self, owner: UserId, at: Timestamp) {
        self.announcements.announce(Announcement { owner, at });
    }
}
