//! A worker on a ledger in a file of its own, with a provider that follows a script and a clock that
//! stands still: each step is taken by itself, without a server and without waiting.

mod counted;
mod pace;
mod script;

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use mysms_core::bell::Bell;
use mysms_core::clock::{Clock, ManualClock};
use mysms_core::domain::{
    Address, Body, Claimant, Consent, Content, ContentType, Lane, Media, MediaUrl, Medium, Message,
    MessageId, NewMessage, PhoneNumber, Timestamp, Upload, UploadId, UploadSecret, Wish,
};
use mysms_core::ledger::Ledger;
use mysms_core::queue::{LocalAnnouncements, LocalQueue};
use mysms_core::store::Inserted;
use mysms_core::stores::Stores;
use runtime::config::{DeliveryConfig, Env};
use runtime::lifecycle::Lifecycle;
use sqlite::Sqlite;
use tempfile::TempDir;

use crate::context::{Context, Identity};
use crate::{Parts, Worker};

use counted::Counted;
use pace::Standstill;

pub(crate) use counted::Calls;
pub(crate) use pace::{Accepted, preparing, queue, sender};
pub(crate) use script::{Answer, Script, lost, remote, sid, taken};

pub(crate) const ACCOUNT: &str = "the account";
pub(crate) const SENDER: &str = "+15005550006";
pub(crate) const ANNA: &str = "+14155550123";

/// From where the provider fetches files.
pub(crate) const PUBLIC_BASE_URL: &str = "https://sms.example.com";

/// When the clock starts.
const START: Timestamp = Timestamp::from_millis(1_767_225_600_000);

pub(crate) struct Rig {
    pub(crate) context: Arc<Context>,
    pub(crate) provider: Arc<Script>,
    pub(crate) clock: Arc<ManualClock>,
    pub(crate) stores: Stores,
    /// What was asked of the ports that only senders with rates need.
    pub(crate) calls: Arc<Calls>,
    standstill: Option<Standstill>,
    _directory: TempDir,
}

fn counted(store: Arc<Sqlite>) -> (Stores, Arc<Calls>) {
    let calls = Arc::new(Calls::default());
    let counted = Arc::new(Counted {
        records: store.clone(),
        turns: store.clone(),
        calls: Arc::clone(&calls),
    });
    let stores = Stores {
        ledger: Ledger::new(store.clone(), counted.clone(), store.clone()),
        records: counted.clone(),
        turns: counted,
        ..Stores::new(store)
    };
    (stores, calls)
}

fn parts(stores: &Stores, provider: &Arc<Script>, clock: &Arc<ManualClock>) -> Parts {
    Parts {
        stores: stores.clone(),
        queue: Arc::new(LocalQueue::new(100)),
        announcements: Arc::new(LocalAnnouncements::default()),
        bell: Arc::new(NoBrowsers),
        provider: Arc::<Script>::clone(provider),
        clock: Arc::<ManualClock>::clone(clock),
        metrics: Arc::default(),
        default_user: None,
        public_base_url: Some(PUBLIC_BASE_URL.to_owned()),
    }
}

/// Where nobody is told.
struct NoBrowsers;

#[async_trait]
impl Bell for NoBrowsers {
    async fn public_key(&self) -> mysms_core::store::Result<Vec<u8>> {
        Ok(Vec::new())
    }

    fn ring(&self, _: &Message) {}
}

fn identity() -> Identity {
    Identity {
        account: ACCOUNT.to_owned(),
        sender: SENDER.to_owned(),
        credential: "fingerprint".to_owned(),
    }
}

impl Rig {
    pub(crate) async fn start() -> Self {
        Self::with(&[]).await
    }

    /// With some settings that differ from the defaults.
    pub(crate) async fn with(settings: &[(&'static str, &'static str)]) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let opened = Sqlite::open(&directory.path().join("ledger.db")).await;
        let (stores, calls) = counted(Arc::new(opened.unwrap()));
        let clock = Arc::new(ManualClock::at(START));
        let provider = Arc::new(Script::with(Arc::clone(&clock)));
        let settings: HashMap<_, _> = settings.iter().copied().collect();
        let mut env =
            Env::from_lookup(move |name| settings.get(name).map(|text| (*text).to_owned()));
        let config = DeliveryConfig::read(&mut env, None);
        let config = env.finish(config).unwrap();
        let stores = stores.erasing(config.erasing());
        let parts = parts(&stores, &provider, &clock);
        let worker = Worker::new(parts, identity(), config, Lifecycle::new());
        let context = worker.context();
        context.settings.look().await.unwrap();
        Self {
            context,
            provider,
            clock,
            stores,
            calls,
            standstill: None,
            _directory: directory,
        }
    }

    /// What another worker works with.
    pub(crate) fn parts(&self) -> Parts {
        Parts {
            metrics: Arc::clone(&self.context.metrics),
            ..parts(&self.stores, &self.provider, &self.clock)
        }
    }

    /// Another worker on the same ledger, whose tasks are counted with those of the first.
    pub(crate) async fn another_worker(&self) -> Arc<Context> {
        self.worker_with(self.stores.ledger.clone()).await
    }

    /// The same, with a ledger of its own over what is stored.
    pub(crate) async fn worker_with(&self, ledger: Ledger) -> Arc<Context> {
        let mut parts = parts(&self.stores, &self.provider, &self.clock);
        parts.stores.ledger = ledger;
        self.worker_of(parts).await
    }

    /// Another worker that was not told where the provider reaches the API.
    pub(crate) async fn worker_without_address(&self) -> Arc<Context> {
        let mut parts = parts(&self.stores, &self.provider, &self.clock);
        parts.public_base_url = None;
        self.worker_of(parts).await
    }

    async fn worker_of(&self, parts: Parts) -> Arc<Context> {
        let config = self.context.config.clone();
        let lifecycle = self.context.lifecycle.clone();
        let context = Worker::new(parts, identity(), config, lifecycle).context();
        context.gate.refresh().await.unwrap();
        context
    }

    /// Accepts a text to Anna, to be sent at once.
    pub(crate) async fn accept(&self, text: &str) -> MessageId {
        self.accept_for(ACCOUNT, ANNA, text).await
    }

    pub(crate) async fn accept_for(&self, account: &str, number: &str, text: &str) -> MessageId {
        let content = Body::parse(text.to_owned()).unwrap().into();
        self.accept_content(account, number, content).await
    }

    async fn accept_content(&self, account: &str, number: &str, content: Content) -> MessageId {
        let now = self.clock.now();
        let id = MessageId::generate(now);
        let stored = self.stores.ledger.insert(NewMessage {
            id,
            account: account.to_owned(),
            sender: Some(SENDER.to_owned()),
            recipient: PhoneNumber::parse(number).unwrap(),
            body: content.body,
            media: content.media,
            wake_at: now + self.context.config.enqueue_grace,
            expires_at: now + self.context.config.validity,
            ..NewMessage::example(now)
        });
        assert_eq!(stored.await.unwrap(), Inserted::Stored);
        id
    }

    /// Accepts a text and lets it be sent, to which the provider answers this.
    pub(crate) async fn send(&self, text: &str, answer: Answer) -> MessageId {
        let id = self.accept(text).await;
        self.provider.answers([answer]);
        self.wait_for_the_sweeper();
        self.sweep().await;
        id
    }

    /// Anna wants no texts from now on, as some API has noted.
    pub(crate) async fn opt_out(&self) {
        let now = self.clock.now();
        let wish = Wish {
            recipient: Address::of_author(ANNA),
            senders: vec![SENDER.to_owned()],
            consent: Consent::Withdrawn,
            at: now,
        };
        self.stores.opt_outs.note(&wish, now).await.unwrap();
    }

    /// Lets time go by in which nothing happens.
    pub(crate) fn wait(&self, time: Duration) {
        self.clock.advance(time);
    }

    /// Until a job's right of way is over and the sweeper may take what is queued.
    pub(crate) fn wait_for_the_sweeper(&self) {
        self.wait(self.context.config.enqueue_grace);
    }

    /// Until nobody can be at work on a message any more.
    pub(crate) fn wait_for_the_lease(&self) {
        self.wait(self.context.config.lease() + mysms_core::clock::MAX_CLOCK_SKEW);
    }

    /// One round of the sweeper, and all that it began.
    pub(crate) async fn sweep(&self) {
        crate::sweeper::sweep(&self.context).await.unwrap();
        self.settle().await;
    }

    /// Claims a text and begins to send it, as a job does; what comes of it is not waited for.
    pub(crate) async fn claim(&self, id: MessageId) -> Vec<MessageId> {
        let (ids, permits) = ([id], self.context.permits(1).await);
        let span = |_| tracing::Span::none();
        let claimed = self.context.claim_and_send(&ids, permits, false, span);
        claimed.await.unwrap()
    }

    /// One look for each doubt that is due.
    pub(crate) async fn resolve(&self) {
        for id in self.due(Lane::Resolve).await {
            let context = Arc::clone(&self.context);
            crate::resolving::resolve(context, id).await.unwrap();
        }
    }

    /// One question for each status that is due.
    pub(crate) async fn poll(&self) {
        for id in self.due(Lane::Poll).await {
            let context = Arc::clone(&self.context);
            crate::polling::poll(context, id).await.unwrap();
        }
    }

    /// One try for each deleted message that is due to be erased at the provider.
    pub(crate) async fn erase(&self) {
        for id in self.due(Lane::Erase).await {
            let context = Arc::clone(&self.context);
            crate::erasing::erase(context, id).await.unwrap();
        }
    }

    /// What is due in a lane, in the order in which it is worked on.
    pub(crate) async fn due(&self, lane: Lane) -> Vec<MessageId> {
        let now = self.clock.now();
        self.stores
            .ledger
            .due(ACCOUNT, lane, now, 10)
            .await
            .unwrap()
    }

    /// Waits for what is in flight.
    pub(crate) async fn settle(&self) {
        let tracker = self.context.lifecycle.tracker();
        tracker.close();
        tracker.wait().await;
        tracker.reopen();
    }

    pub(crate) async fn message(&self, id: MessageId) -> Message {
        self.stores.ledger.read(&[id]).await.unwrap().pop().unwrap()
    }

    pub(crate) async fn status(&self, id: MessageId) -> &'static str {
        self.message(id).await.status.as_str()
    }

    /// Accepts a picture to Anna, with words or without.
    pub(crate) async fn accept_picture(&self, words: Option<&str>, url: &str) -> MessageId {
        let url = MediaUrl::fetchable(url).unwrap();
        let body = words.map(|words| Body::parse(words.to_owned()).unwrap());
        let content = Content {
            body: body.unwrap_or_else(Body::empty),
            media: Media::first_of([Medium::at(url)]),
        };
        self.accept_content(ACCOUNT, ANNA, content).await
    }

    /// A picture that its user brought.
    pub(crate) async fn bring(&self) -> Upload {
        let now = self.clock.now();
        let owner = NewMessage::example(now).owner;
        let upload = Upload {
            id: UploadId::generate(now),
            owner,
            content_type: ContentType::parse("image/png").unwrap(),
            size: 7,
            secret: UploadSecret::generate(),
            kept_until: now + self.context.config.validity,
        };
        let uploads = &self.stores.uploads;
        uploads.begin_upload(&upload).await.unwrap();
        uploads.add_part(upload.id, 0, b"picture").await.unwrap();
        let complete = uploads.complete_upload(upload.id, 7, upload.kept_until);
        assert!(complete.await.unwrap());
        upload
    }

    /// Accepts a text to Anna with a picture that its user brought.
    pub(crate) async fn accept_brought(&self, text: &str, upload: &Upload) -> MessageId {
        let content = Content {
            body: Body::parse(text.to_owned()).unwrap(),
            media: Media::first_of([upload.medium()]),
        };
        self.accept_content(ACCOUNT, ANNA, content).await
    }

    /// Claims a text as a worker does that dies at once.
    pub(crate) async fn claim_and_die(&self, id: MessageId) {
        let claim = self.context.new_claim();
        let by = Claimant {
            account: ACCOUNT,
            sender: SENDER,
            others: &[],
        };
        let messages = vec![self.message(id).await];
        let claimed = self.context.ledger.claim_these(messages, by, claim).await;
        assert_eq!(claimed.unwrap().len(), 1);
    }

    /// Accepts a picture whose sending ends in doubt, and waits until it may be looked for.
    pub(crate) async fn doubt_about_picture(&self, words: Option<&str>, url: &str) -> MessageId {
        let id = self.accept_picture(words, url).await;
        self.provider.answers([lost()]);
        self.wait_for_the_sweeper();
        self.sweep().await;
        self.wait_for_the_lease();
        id
    }

    /// Accepts a text whose sending ends in doubt, and waits until it may be looked for.
    pub(crate) async fn doubt(&self, text: &str) -> MessageId {
        let id = self.send(text, lost()).await;
        assert_eq!(self.status(id).await, "sending");
        self.wait_for_the_lease();
        id
    }
}
