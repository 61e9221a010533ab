//! What the cases have in common: readable names for times, ids and texts, and messages brought to
//! a given state.

use std::sync::Arc;
use std::time::Duration;

use mysms_core::domain::{
    Address, Body, Claim, Claimant, Class, ContentType, Event, Fact, Idempotency, IdempotencyKey,
    LeaseToken, LineId, Media, MediaUrl, Medium, Message, MessageId, NewMessage, NotSent,
    PhoneNumber, ProviderId, ProviderStatus, Reference, Settlement, Tag, Tags, TimelineEntry,
    Timestamp, Turn, UserId,
};
use mysms_core::ledger::FactOutcome;
use mysms_core::store::{Inserted, QueueId};
use tokio::sync::Barrier;
use tokio::task::JoinSet;

use super::adapters::Store;

pub(crate) const ACCOUNT: &str = "AC11111111111111111111111111111111";
pub(crate) const OTHER_ACCOUNT: &str = "AC22222222222222222222222222222222";

pub(crate) const SENDER: &str = "+15005550006";
pub(crate) const OTHER_SENDER: &str = "+15005550009";

/// Who claims the messages of the first account.
pub(crate) const BY: Claimant<'static> = Claimant {
    account: ACCOUNT,
    sender: SENDER,
    others: &[],
};

/// Far ahead of the machine's clock, so that no store takes a tombstone of a test for an old one.
const START_MILLIS: i64 = 4_102_444_800_000;

pub(crate) const LEASE: Duration = Duration::from_secs(90);
pub(crate) const VALIDITY: Duration = Duration::from_hours(4);

/// Seconds after the start of the test's time.
pub(crate) fn at(seconds: u64) -> Timestamp {
    Timestamp::from_millis(START_MILLIS) + Duration::from_secs(seconds)
}

pub(crate) const fn millis(millis: u64) -> Duration {
    Duration::from_millis(millis)
}

/// Message ids are in the order of their numbers.
pub(crate) fn id(number: u64) -> MessageId {
    MessageId::from_uuid(uuid(number))
}

pub(crate) fn user(number: u64) -> UserId {
    UserId::from_uuid(uuid(number))
}

pub(crate) fn token(number: u64) -> LeaseToken {
    LeaseToken::from_uuid(uuid(number))
}

fn uuid(number: u64) -> uuid::Uuid {
    let mut tail = [0; 10];
    tail[2..].copy_from_slice(&number.to_be_bytes());
    uuid::Builder::from_unix_timestamp_millis(START_MILLIS.unsigned_abs(), &tail).into_uuid()
}

pub(crate) fn sid(number: u64) -> ProviderId {
    ProviderId::parse(&format!("SM{number:032x}")).unwrap()
}

pub(crate) fn number(text: &str) -> PhoneNumber {
    PhoneNumber::parse(text).unwrap()
}

pub(crate) fn address(text: &str) -> Address {
    Address::of_author(text)
}

pub(crate) fn text(text: &str) -> Body {
    Body::parse(text.to_owned()).unwrap()
}

pub(crate) fn reference(text: &str) -> Reference {
    Reference::parse(text.to_owned()).unwrap()
}

/// Each as `key:value`.
pub(crate) fn tags(pairs: &[&str]) -> Tags {
    Tags::of(pairs.iter().map(|pair| Tag::parse(pair).unwrap())).unwrap()
}

/// A picture of a size that nobody knows.
pub(crate) fn picture(url: &str) -> Medium {
    Medium {
        content_type: ContentType::parse("image/png").ok(),
        ..Medium::at(MediaUrl::parse(url.to_owned()).unwrap())
    }
}

pub(crate) fn pictures(urls: &[&str]) -> Media {
    Media::of(urls.iter().map(|url| picture(url))).unwrap()
}

/// A message without words to the same number as others of its kind.
pub(crate) fn only_pictures(number: u64, urls: &[&str]) -> NewMessage {
    NewMessage {
        body: Body::empty(),
        media: pictures(urls),
        ..message(number)
    }
}

pub(crate) fn idempotency(key: &str) -> Idempotency {
    Idempotency {
        key: IdempotencyKey::parse(key).unwrap(),
        body_hash: "00".repeat(32),
    }
}

/// A message of the first user to be sent at once, with a text of its own.
pub(crate) fn message(number: u64) -> NewMessage {
    NewMessage {
        id: id(number),
        owner: user(1),
        account: ACCOUNT.to_owned(),
        sender: Some(SENDER.to_owned()),
        class: Class::default(),
        turn: None,
        recipient: self::number("+14155550123"),
        body: text(&format!("Your code is {number}")),
        media: Media::default(),
        sent_at: at(0),
        send_at: None,
        time_zone: None,
        not_before: None,
        wake_at: at(15),
        expires_at: at(0) + VALIDITY,
        idempotency: None,
        retry_of: None,
        reference: None,
        tags: Tags::default(),
    }
}

/// A message that waits for its turn, counted in segments of a user with weight 1.
pub(crate) fn in_line(number: u64, turn: i64) -> NewMessage {
    NewMessage {
        turn: Some(self::turn(turn)),
        ..message(number)
    }
}

pub(crate) fn turn(segments: i64) -> Turn {
    Turn::from_micros(segments * 1_000_000)
}

/// The texts of a class that leave a sender of the first account.
pub(crate) fn queue(sender: &str, class: Class) -> QueueId {
    QueueId {
        line: LineId::new(ACCOUNT, sender),
        class,
    }
}

/// A message with the same text to the same number as its twins.
pub(crate) fn twin(number: u64) -> NewMessage {
    NewMessage {
        body: text("ok"),
        ..message(number)
    }
}

pub(crate) fn claim(token: LeaseToken, now: Timestamp) -> Claim {
    Claim {
        token,
        now,
        until: now + LEASE,
    }
}

pub(crate) fn provider_status(word: &str) -> ProviderStatus {
    ProviderStatus::of(word.parse().unwrap()).unwrap()
}

/// A status of the provider for the first account.
pub(crate) fn fact(message: MessageId, sid: ProviderId, word: &str, now: Timestamp) -> Fact {
    Fact {
        message: Some(message),
        sid,
        account: ACCOUNT.to_owned(),
        status: provider_status(word),
        code: None,
        detail: None,
        at: now,
        poll_at: Some(now + Duration::from_hours(1)),
    }
}

pub(crate) fn with_code(code: &str, fact: Fact) -> Fact {
    Fact {
        code: Some(code.to_owned()),
        ..fact
    }
}

pub(crate) fn rejected() -> Settlement {
    Settlement::Rejected {
        code: "21211".to_owned(),
        detail: Some("the number is not valid".to_owned()),
    }
}

/// Nothing was sent, as was found at `now`.
pub(crate) fn not_sent(not_before: Timestamp, now: Timestamp) -> Settlement {
    Settlement::NotSent(NotSent {
        not_before,
        entry: TimelineEntry::new(now, Event::NotSent).with_detail(Some("no connection")),
    })
}

pub(crate) fn unknown() -> Settlement {
    Settlement::Unknown {
        detail: Some("no answer in time".to_owned()),
    }
}

pub(crate) fn look_again(absence: mysms_core::domain::Absence, until: Timestamp) -> Settlement {
    Settlement::LookAgain {
        absence,
        detail: None,
        until,
    }
}

impl Store {
    /// Stores a new message.
    pub(crate) async fn insert(&self, new: NewMessage) -> MessageId {
        let id = new.id;
        let inserted = self.ledger.insert(new).await.unwrap();
        assert_eq!(inserted, Inserted::Stored);
        id
    }

    /// Stores a message and claims it at once.
    pub(crate) async fn sending(&self, new: NewMessage, token: LeaseToken) -> MessageId {
        let (account, sender) = (new.account.clone(), new.sender.clone());
        let id = self.insert(new).await;
        let by = Claimant {
            account: &account,
            sender: sender.as_deref().unwrap_or(SENDER),
            others: &[],
        };
        let fresh = self.documents(&[id]).await;
        let terms = claim(token, at(0));
        let claimed = self.ledger.claim_these(fresh, by, terms).await;
        assert_eq!(claimed.unwrap().len(), 1, "a fresh message can be claimed");
        id
    }

    /// Stores a message that the provider took, whose status is polled after an hour.
    pub(crate) async fn accepted(&self, new: NewMessage, sid: ProviderId) -> MessageId {
        let id = self.sending(new, LeaseToken::generate()).await;
        self.fact(&fact(id, sid, "accepted", at(0))).await;
        id
    }

    pub(crate) async fn get(&self, id: MessageId) -> Message {
        let mut found = self.documents(&[id]).await;
        assert_eq!(found.len(), 1, "the message exists, once");
        found.remove(0)
    }

    /// The messages as they are stored, tombstones included, ordered by id.
    pub(crate) async fn documents(&self, ids: &[MessageId]) -> Vec<Message> {
        let mut found = self.ledger.read(ids).await.unwrap();
        found.sort_by_key(|message| message.id);
        found
    }

    /// Claims one message of the first account.
    pub(crate) async fn claim(&self, id: MessageId, claim: Claim) -> bool {
        let claimed = self.ledger.claim(&[id], BY, claim).await.unwrap();
        claimed.iter().any(|message| message.id == id)
    }

    pub(crate) async fn settle(
        &self,
        id: MessageId,
        token: LeaseToken,
        settlement: Settlement,
        now: Timestamp,
    ) -> bool {
        self.ledger
            .settle(id, token, settlement, now)
            .await
            .unwrap()
    }

    pub(crate) async fn take_resolve(&self, id: MessageId, claim: Claim) -> Option<Message> {
        self.ledger.take_resolve(id, claim).await.unwrap()
    }

    pub(crate) async fn fact(&self, fact: &Fact) -> FactOutcome {
        self.ledger.apply_fact(fact).await.unwrap()
    }

    pub(crate) async fn delete(&self, id: MessageId, now: Timestamp) {
        assert!(self.ledger.delete(user(1), id, now).await.unwrap().any());
    }
}

/// Runs twenty tasks that start together, and gathers what they answer.
pub(crate) async fn race<T, F>(task: impl Fn(u64) -> F) -> Vec<T>
where
    T: Send + 'static,
    F: Future<Output = T> + Send + 'static,
{
    let start = Arc::new(Barrier::new(20));
    let mut tasks = JoinSet::new();
    for number in 0..20 {
        let start = Arc::clone(&start);
        let run = task(number);
        tasks.spawn(async move {
            start.wait().await;
            run.await
        });
    }
    tasks.join_all().await
}
