use std::io;
use std::ops::Deref;
use std::sync::Arc;

use axum::extract::FromRef;
use mysms_core::bell::Bell;
use mysms_core::clock::Clock;
use mysms_core::domain::{SenderAddress, Timestamp, UserId};
use mysms_core::pace::{Feedback, Lines, SenderWatch};
use mysms_core::post::Post;
use mysms_core::provider::{Callbacks, Glossary, MediaSource};
use mysms_core::queue::{Announcement, Announcements, Queue};
use mysms_core::reception::{DefaultOwner, Reception, Wishes};
use mysms_core::store::Unwilling;
use mysms_core::stores::Stores;
use runtime::config::{
    CapsConfig, DeliveryConfig, HttpConfig, InboxConfig, MediaConfig, ProviderConfig, Recipients,
    RecipientsConfig, SignUpMode, TokenConfig,
};
use runtime::lifecycle::Lifecycle;
use runtime::metrics::Metrics;
use tokio_util::sync::CancellationToken;

use crate::audit::Audit;
use crate::auth::{ApiKeys, AttemptLimiter, Cookies, Marks, Passwords, Revoked, Standing, Tokens};
use crate::endpoints::Trials;
use crate::fingerprints::Fingerprints;
use crate::limits::{Batches, Limits};
use crate::live::{Hub, Source};
use crate::network::Network;
use crate::opt_outs::OptOuts;
use crate::outgoing::Outgoing;
use crate::settings_watch::SettingsWatch;
use crate::store_timeout::StoreTimeout;
use crate::tally::Tally;
use crate::turns::Turns;
use crate::unread::Unread;
use crate::uploads::Rules;

/// Parts of their lists that are read for one user at a time.
const READS_PER_USER: usize = 4;

/// Files that pass through to one user at a time, and to all of them.
const FILES_PER_USER: usize = 8;
const FILES: usize = 64;

/// Everything outside the API that it talks to.
#[derive(Clone)]
pub struct Ports {
    pub stores: Stores,
    pub queue: Arc<dyn Queue>,
    pub announcements: Arc<dyn Announcements>,
    pub callbacks: Arc<dyn Callbacks>,
    pub media: Arc<dyn MediaSource>,
    pub post: Arc<dyn Post>,
    pub bell: Arc<dyn Bell>,
    pub clock: Arc<dyn Clock>,
    pub metrics: Arc<Metrics>,
}

/// What the API is told by its environment.
pub struct Settings {
    pub http: HttpConfig,
    pub tokens: TokenConfig,
    pub provider: ProviderConfig,
    pub delivery: DeliveryConfig,
    pub signup: SignUpMode,
    pub recipients: RecipientsConfig,
    pub caps: CapsConfig,
    pub inbox: InboxConfig,
    pub media: MediaConfig,
    /// The store is a part of this process, which is no better than it.
    pub has_own_store: bool,
}

/// What the handlers share. It is one pointer, because axum clones it for every layer that a request
/// goes through.
#[derive(Clone)]
pub struct AppState(Arc<Parts>);

#[derive(Clone)]
pub struct Parts {
    pub(crate) stores: Stores,
    pub(crate) queue: Arc<dyn Queue>,
    pub(crate) announcements: Arc<dyn Announcements>,
    pub(crate) callbacks: Arc<dyn Callbacks>,
    pub(crate) media: Arc<dyn MediaSource>,
    pub(crate) post: Arc<dyn Post>,
    pub(crate) bell: Arc<dyn Bell>,
    pub(crate) trials: Arc<Trials>,
    pub(crate) events: Arc<Hub>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) metrics: Arc<Metrics>,
    pub(crate) tokens: Arc<Tokens>,
    pub(crate) cookies: Arc<Cookies>,
    pub(crate) passwords: Arc<Passwords>,
    pub(crate) revoked: Arc<Revoked>,
    pub(crate) api_keys: Arc<ApiKeys>,
    pub(crate) limiter: Arc<AttemptLimiter>,
    pub(crate) marks: Arc<Marks>,
    pub(crate) limits: Arc<Limits>,
    pub(crate) opt_outs: Arc<OptOuts>,
    /// Of recipients.
    pub(crate) wishes: Arc<Wishes>,
    pub(crate) reception: Arc<Reception>,
    pub(crate) outgoing: Arc<Outgoing>,
    /// Of the provider, about senders.
    pub(crate) feedback: Feedback,
    /// Of users.
    pub(crate) settings: Arc<SettingsWatch>,
    /// Of what would belong to nobody.
    pub(crate) default_owner: Arc<DefaultOwner>,
    pub(crate) http: Arc<HttpConfig>,
    pub(crate) provider: Arc<ProviderConfig>,
    pub(crate) delivery: Arc<DeliveryConfig>,
    pub(crate) signup: SignUpMode,
    pub(crate) recipients: Arc<Recipients>,
    pub(crate) has_own_store: bool,
    /// Nothing is sent in earnest, and only programs with a key for that are let in.
    pub(crate) is_sandbox: bool,
    /// Of what idempotency keys were used for.
    pub(crate) fingerprints: Arc<Fingerprints>,
    pub(crate) store_timeout: StoreTimeout,
    pub(crate) audit: Arc<Audit>,
    pub(crate) batches: Batches,
    pub(crate) streams: Arc<Tally<Network>>,
    pub(crate) unread: Unread,
    /// Files that pass through, each from the provider to its reader.
    pub(crate) files: Arc<Tally<UserId>>,
    pub(crate) uploads: Arc<Rules>,
    /// Of those who read their histories: the store has a few dozen connections for all of them.
    pub(crate) reads: Arc<Turns>,
    /// Of those who look through their histories, which takes the store long.
    pub(crate) searches: Arc<Turns>,
    /// Its tracker has what goes on after its client has left; from its soft stop on `/readyz` says no.
    pub(crate) lifecycle: Lifecycle,
    /// Cancelled when no more requests are taken, which may be a while after the soft stop.
    pub(crate) closing: CancellationToken,
}

impl AppState {
    /// Starts the threads that hash passwords; fails if the system refuses them.
    pub fn new(ports: Ports, settings: Settings, lifecycle: Lifecycle) -> io::Result<Self> {
        let capacity = settings.http.capacity;
        let store_timeout = StoreTimeout::default();
        let stores = ports.stores;
        let limits = limits_of(&settings, &stores, &ports.metrics, store_timeout);
        let glossary = ports.callbacks.glossary();
        let source = Source {
            changes: Arc::clone(&stores.changes),
            records: Arc::clone(&stores.records),
            store_timeout,
        };
        let events = Hub::new(
            source,
            Arc::clone(&ports.announcements),
            Arc::clone(&ports.clock),
            Arc::clone(&ports.metrics),
            glossary,
        );
        let (records, clock) = (Arc::clone(&stores.records), Arc::clone(&ports.clock));
        let environment = SenderAddress::known(settings.provider.sender.as_str());
        let senders = SenderWatch::new(records.clone(), &settings.provider.account, environment);
        let senders = Arc::new(senders);
        let lines = Lines::new(records, clock.clone());
        let feedback = Feedback::new(&stores, lines.clone(), senders.clone(), glossary);
        let unwilling = Arc::new(Unwilling::new(Arc::clone(&stores.opt_outs)));
        let opt_outs = OptOuts::new(&stores, unwilling.clone(), senders.clone(), store_timeout);
        let announcements = || Arc::clone(&ports.announcements);
        let wishes = Arc::new(Wishes::new(
            &stores,
            unwilling,
            senders.clone(),
            announcements(),
        ));
        let default_user = settings.inbox.default_user;
        let default_owner = DefaultOwner::new(Arc::clone(&stores.accounts), default_user);
        let default_owner = Arc::new(default_owner);
        let reception = Reception::new(
            &stores,
            senders.clone(),
            default_owner.clone(),
            wishes.clone(),
            announcements(),
            Arc::clone(&ports.bell),
        );
        let outgoing = Outgoing::new(&stores, senders, lines, clock, store_timeout);
        let (records, clock) = (Arc::clone(&stores.records), Arc::clone(&ports.clock));
        let (keys, accounts) = (Arc::clone(&stores.keys), Arc::clone(&stores.accounts));
        let user_settings = SettingsWatch::new(records, clock, store_timeout);
        Ok(Self(Arc::new(Parts {
            queue: ports.queue,
            announcements: ports.announcements,
            callbacks: ports.callbacks,
            media: ports.media,
            post: ports.post,
            bell: ports.bell,
            trials: Arc::default(),
            events: Arc::new(events),
            limiter: Arc::new(AttemptLimiter::new(
                &settings.http.limits,
                ports.clock.clone(),
            )),
            clock: ports.clock,
            tokens: Arc::new(Tokens::new(&settings.tokens)),
            cookies: Arc::new(Cookies::new(&settings.tokens)),
            passwords: Arc::new(Passwords::start()?),
            revoked: Arc::new(Revoked::new(Arc::clone(&stores.revocations), store_timeout)),
            api_keys: Arc::new(ApiKeys::new(keys, accounts, store_timeout)),
            marks: Arc::new(Marks::new(&settings.tokens)),
            limits: Arc::new(limits),
            opt_outs: Arc::new(opt_outs),
            wishes,
            reception: Arc::new(reception),
            feedback,
            outgoing: Arc::new(outgoing),
            settings: Arc::new(user_settings),
            default_owner,
            http: Arc::new(settings.http),
            provider: Arc::new(settings.provider),
            delivery: Arc::new(settings.delivery),
            signup: settings.signup,
            recipients: Arc::new(settings.recipients.allowed),
            has_own_store: settings.has_own_store,
            is_sandbox: false,
            fingerprints: Arc::new(Fingerprints::new(&settings.tokens)),
            store_timeout,
            audit: Arc::new(Audit::new(Arc::clone(&ports.metrics))),
            batches: Batches::default(),
            streams: Tally::new(capacity.streams_per_address, usize::MAX),
            files: Tally::new(FILES_PER_USER, FILES),
            uploads: Arc::new(Rules::new(settings.media)),
            unread: Unread::new(capacity.answers_per_user, capacity.answers),
            reads: Arc::new(Turns::new(READS_PER_USER)),
            searches: Arc::new(Turns::new(1)),
            metrics: ports.metrics,
            closing: lifecycle.hard().child_token(),
            lifecycle,
            stores,
        })))
    }

    /// The same, but for what is replaced.
    pub(crate) fn with(&self, change: impl FnOnce(&mut Parts)) -> Self {
        let mut parts = Parts::clone(&self.0);
        change(&mut parts);
        Self(Arc::new(parts))
    }

    /// What tells whether a caller may go on.
    pub(crate) fn standing(&self) -> Standing {
        Standing {
            revoked: Arc::clone(&self.revoked),
            keys: Arc::clone(&self.api_keys),
            clock: Arc::clone(&self.clock),
        }
    }

    /// What the error codes of messages mean.
    pub(crate) fn glossary(&self) -> Glossary {
        self.callbacks.glossary()
    }

    /// Tells whoever watches that a message of a user changed, at a time that is its `updated_at`.
    pub(crate) fn announce(&self, owner: UserId, at: Timestamp) {
        let announcement = Announcement::of_messages(owner, at);
        self.announcements.announce(announcement);
    }

    /// Tells workers and whoever watches that something about a user's endpoints changed.
    pub(crate) fn announce_endpoints(&self, owner: UserId, at: Timestamp) {
        let announcement = Announcement::of_endpoints(owner, at);
        self.announcements.announce(announcement);
    }

    /// Tells whoever watches that what a user noted on conversations changed.
    pub(crate) fn announce_marks(&self, owner: UserId, at: Timestamp) {
        self.announcements
            .announce(Announcement::of_marks(owner, at));
    }
}

fn limits_of(
    settings: &Settings,
    stores: &Stores,
    metrics: &Arc<Metrics>,
    store_timeout: StoreTimeout,
) -> Limits {
    Limits::new(
        &settings.http.limits,
        settings.caps,
        settings.recipients.home,
        &settings.tokens,
        Arc::clone(&stores.quotas),
        store_timeout,
        Arc::clone(metrics),
    )
}

impl Deref for AppState {
    type Target = Parts;

    fn deref(&self) -> &Parts {
        &self.0
    }
}

impl FromRef<AppState> for Arc<HttpConfig> {
    fn from_ref(state: &AppState) -> Self {
        Self::clone(&state.http)
    }
}

impl FromRef<AppState> for Arc<AttemptLimiter> {
    fn from_ref(state: &AppState) -> Self {
        Self::clone(&state.limiter)
    }
}
