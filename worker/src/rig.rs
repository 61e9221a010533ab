//! A worker on a ledger in a file of its own, with a provider that follows a script and a clock that
//! stands still: each step is taken by itself, without a server and without waiting.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use async_trait::async_trait;
use futures_util::future::BoxFuture;
use mysms_core::clock::{Clock, ManualClock};
use mysms_core::domain::{
    Body, Class, Consent, Lane, Message, MessageId, NewMessage, PhoneNumber, ProviderId,
    ProviderStatus, Timestamp, UserId, Wish,
};
use mysms_core::provider::{
    Doubt, Found, Glossary, Likeness, OutgoingText, Pressure, Provider, ReadFailure, RemoteMessage,
    Search, StartDeadline, Verdict,
};
use mysms_core::queue::{LocalAnnouncements, LocalQueue};
use mysms_core::store::Inserted;
use mysms_core::stores::Stores;
use runtime::config::{DeliveryConfig, Env};
use runtime::lifecycle::Lifecycle;
use sqlite::Sqlite;
use tempfile::TempDir;

use crate::context::{Context, Identity};
use crate::{Parts, Worker};

pub(crate) const ACCOUNT: &str = "the account";
pub(crate) const SENDER: &str = "+15005550006";
pub(crate) const ANNA: &str = "+14155550123";

/// When the clock starts.
const START: Timestamp = Timestamp::from_millis(1_767_225_600_000);

pub(crate) struct Rig {
    pub(crate) context: Arc<Context>,
    pub(crate) provider: Arc<Script>,
    pub(crate) clock: Arc<ManualClock>,
    pub(crate) stores: Stores,
    _directory: TempDir,
}

/// What happens while the provider is asked to send.
type Meanwhile = BoxFuture<'static, ()>;

/// A provider that answers by a script, and without one takes every text.
#[derive(Default)]
pub(crate) struct Script(Mutex<Lines>);

#[derive(Default)]
struct Lines {
    sent: Vec<MessageId>,
    answers: VecDeque<Answer>,
    lists: VecDeque<List>,
    known: HashMap<ProviderId, RemoteMessage>,
    is_forbidden: bool,
    is_silent: bool,
}

/// What comes of a request to send.
pub(crate) enum Answer {
    Verdict(Verdict),
    Panic,
    /// The verdict, after this has happened.
    After(Meanwhile, Verdict),
}

/// What a search finds.
pub(crate) type List = Vec<(u32, Likeness)>;

pub(crate) fn sid(number: u32) -> ProviderId {
    ProviderId::parse(&format!("SM{number:032x}")).unwrap()
}

pub(crate) fn remote(number: u32, word: &str) -> RemoteMessage {
    RemoteMessage {
        sid: sid(number),
        status: ProviderStatus::of(word.parse().unwrap()).unwrap(),
        unknown_word: None,
        error_code: None,
    }
}

pub(crate) fn taken(number: u32) -> Answer {
    Answer::Verdict(Verdict::Accepted(remote(number, "accepted")))
}

pub(crate) fn lost() -> Answer {
    Answer::Verdict(Verdict::Unknown {
        detail: "no answer came",
    })
}

impl Script {
    fn lines(&self) -> MutexGuard<'_, Lines> {
        self.0.lock().unwrap()
    }

    /// The texts that it was asked to send, in their order.
    pub(crate) fn sent(&self) -> Vec<MessageId> {
        self.lines().sent.clone()
    }

    pub(crate) fn answers(&self, answers: impl IntoIterator<Item = Answer>) {
        self.lines().answers.extend(answers);
    }

    pub(crate) fn lists(&self, lists: impl IntoIterator<Item = List>) {
        self.lines().lists.extend(lists);
    }

    pub(crate) fn knows(&self, remote: RemoteMessage) {
        self.lines().known.insert(remote.sid.clone(), remote);
    }

    /// It does not let us read anything any more.
    pub(crate) fn forbid(&self) {
        self.lines().is_forbidden = true;
    }

    /// It does not answer questions any more.
    pub(crate) fn fall_silent(&self) {
        self.lines().is_silent = true;
    }

    fn may_be_read(&self) -> Result<(), ReadFailure> {
        let lines = self.lines();
        if lines.is_forbidden {
            return Err(ReadFailure::Refused {
                code: "20003".to_owned(),
                detail: "The key may not do this.",
            });
        }
        if lines.is_silent {
            return Err(ReadFailure::Status(502));
        }
        Ok(())
    }
}

#[async_trait]
impl Provider for Script {
    async fn send(&self, text: &OutgoingText<'_>, _: StartDeadline) -> Verdict {
        let (answer, number) = {
            let mut lines = self.lines();
            lines.sent.push(text.message);
            (lines.answers.pop_front(), lines.sent.len())
        };
        match answer {
            Some(Answer::Verdict(verdict)) => verdict,
            Some(Answer::Panic) => panic!("as the test wants it"),
            Some(Answer::After(meanwhile, verdict)) => {
                meanwhile.await;
                verdict
            }
            None => Verdict::Accepted(remote(u32::try_from(number).unwrap(), "accepted")),
        }
    }

    async fn search(&self, doubt: &Doubt<'_>) -> Result<Search, ReadFailure> {
        self.may_be_read()?;
        let list = self.lines().lists.pop_front().unwrap_or_default();
        let found = list.into_iter().map(|(number, likeness)| Found {
            message: remote(number, "sent"),
            likeness,
            created_at: Some(doubt.last_claim_at),
        });
        Ok(Search {
            found: found.collect(),
            requested_at: doubt.last_claim_at + doubt.lease * 2,
        })
    }

    fn is_listed_alike(&self, one: &Body, other: &Body) -> bool {
        one == other
    }

    async fn fetch(&self, sid: &ProviderId) -> Result<Option<RemoteMessage>, ReadFailure> {
        self.may_be_read()?;
        Ok(self.lines().known.get(sid).cloned())
    }

    fn glossary(&self) -> Glossary {
        Glossary::new(|_| "It does not want it.").with_pressures(|code| match code {
            "30022" => Some(Pressure::SlowDown),
            "30023" => Some(Pressure::StopUntilMidnight),
            _ => None,
        })
    }

    async fn check(&self) -> Result<(), ReadFailure> {
        self.may_be_read()
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
        let stores = Stores::new(Arc::new(opened.unwrap()));
        let clock = Arc::new(ManualClock::at(START));
        let provider = Arc::new(Script::default());
        let parts = Parts {
            stores: stores.clone(),
            queue: Arc::new(LocalQueue::new(100)),
            announcements: Arc::new(LocalAnnouncements::default()),
            provider: provider.clone(),
            clock: clock.clone(),
            metrics: Arc::default(),
        };
        let identity = Identity {
            account: ACCOUNT.to_owned(),
            sender: SENDER.to_owned(),
            credential: "fingerprint".to_owned(),
        };
        let settings: HashMap<_, _> = settings.iter().copied().collect();
        let mut env =
            Env::from_lookup(move |name| settings.get(name).map(|text| (*text).to_owned()));
        let config = DeliveryConfig::read(&mut env, None);
        let config = env.finish(config).unwrap();
        let worker = Worker::new(parts, identity, config, Lifecycle::new());
        let context = worker.context();
        context.unwilling.look([SENDER], START).await.unwrap();
        Self {
            context,
            provider,
            clock,
            stores,
            _directory: directory,
        }
    }

    /// Accepts a text to Anna, to be sent at once.
    pub(crate) async fn accept(&self, text: &str) -> MessageId {
        self.accept_for(ACCOUNT, ANNA, text).await
    }

    pub(crate) async fn accept_for(&self, account: &str, number: &str, text: &str) -> MessageId {
        let now = self.clock.now();
        let id = MessageId::generate(now);
        let stored = self.stores.ledger.insert(NewMessage {
            id,
            owner: UserId::generate(now),
            account: account.to_owned(),
            sender: Some(SENDER.to_owned()),
            class: Class::default(),
            turn: None,
            recipient: PhoneNumber::parse(number).unwrap(),
            body: Body::parse(text.to_owned()).unwrap(),
            sent_at: now,
            send_at: None,
            time_zone: None,
            not_before: None,
            wake_at: now + self.context.config.enqueue_grace,
            expires_at: now + self.context.config.validity,
            idempotency: None,
            retry_of: None,
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
            recipient: PhoneNumber::parse(ANNA).unwrap(),
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

    async fn due(&self, lane: Lane) -> Vec<MessageId> {
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

    /// Accepts a text whose sending ends in doubt, and waits until it may be looked for.
    pub(crate) async fn doubt(&self, text: &str) -> MessageId {
        let id = self.send(text, lost()).await;
        assert_eq!(self.status(id).await, "sending");
        self.wait_for_the_lease();
        id
    }
}
