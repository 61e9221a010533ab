//! Endpoints are told step by step, on a real store, with a receiver that answers by a script and a clock
//! that stands still.

mod crashes;
mod deleting;
mod down;
mod finding;
mod heeding;
mod lease;
mod receiver;
mod refusing;
mod telling;

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use mysms_core::clock::Clock;
use mysms_core::domain::{
    Address, Attempts, Body, Endpoint, EndpointId, EndpointState, EndpointUrl, EventType,
    EventTypes, Inbound, Media, Message, MessageId, NewMessage, PhoneNumber, Progress, ProviderId,
    Secret, Secrets, Tags, Timestamp, UserId,
};
use mysms_core::queue::{Announcement, Changed};
use mysms_core::store::{Inserted, Kind, written};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::desk::Desk;
use super::follower::Follower;
use super::held::{Held, Opened};
use super::hint::Hint;
use crate::rig::{ACCOUNT, ANNA, Rig, SENDER};
use receiver::Receiver;

const SECOND: Duration = Duration::from_secs(1);
const MINUTE: Duration = Duration::from_mins(1);
const HOUR: Duration = Duration::from_hours(1);

/// A user with an endpoint.
struct Stage {
    rig: Rig,
    receiver: Arc<Receiver>,
    desk: Arc<Desk>,
    endpoint: Endpoint,
    key: String,
}

impl Stage {
    async fn new() -> Self {
        Self::with(&EventType::OFFERED).await
    }

    async fn with(kinds: &[EventType]) -> Self {
        let rig = Rig::start().await;
        let receiver = Receiver::new();
        let owner = UserId::generate(rig.clock.now());
        let endpoint = endpoint(owner, rig.clock.now(), kinds);
        let desk = desk(&rig, &receiver);
        let stage = Self {
            key: endpoint.key(),
            rig,
            receiver,
            desk,
            endpoint,
        };
        stage.put(Kind::Endpoint, &stage.endpoint).await;
        stage.wait(SECOND);
        stage
    }

    fn now(&self) -> Timestamp {
        self.rig.clock.now()
    }

    fn wait(&self, time: Duration) {
        self.rig.wait(time);
    }

    async fn read<T: DeserializeOwned>(&self, kind: Kind) -> Option<(T, u64)> {
        let reading = self
            .rig
            .stores
            .records
            .record(kind, &self.key, self.now())
            .await;
        let record = reading.unwrap().record?;
        Some((record.read().unwrap(), record.version))
    }

    async fn put<T: Serialize>(&self, kind: Kind, value: &T) {
        let records = &self.rig.stores.records;
        let reading = records.record(kind, &self.key, self.now()).await.unwrap();
        let seen = reading.record.map_or(0, |record| record.version);
        let value = written(value).unwrap();
        let replaced = records.replace(kind, &self.key, seen, Some(&value));
        assert!(replaced.await.unwrap());
    }

    async fn progress(&self) -> Progress {
        let stored = self.read::<Progress>(Kind::Progress).await;
        stored.expect("it was told").0
    }

    /// Does what the API does when a user changes how far an endpoint is told.
    async fn change(&self, change: impl FnOnce(&mut Progress)) {
        let mut progress = self.progress().await;
        change(&mut progress);
        self.put(Kind::Progress, &progress).await;
    }

    async fn state(&self) -> EndpointState {
        let stored = self.read::<Endpoint>(Kind::Endpoint).await;
        stored.unwrap().0.state
    }

    async fn set(&self, change: impl FnOnce(&mut Endpoint)) {
        let (mut endpoint, _) = self.read::<Endpoint>(Kind::Endpoint).await.unwrap();
        change(&mut endpoint);
        self.put(Kind::Endpoint, &endpoint).await;
    }

    async fn attempts(&self) -> Attempts {
        let stored = self.read::<Attempts>(Kind::Attempts).await;
        stored.map(|(attempts, _)| attempts).unwrap_or_default()
    }

    /// The user sends a text.
    async fn send(&self) -> MessageId {
        self.send_at(self.now()).await
    }

    /// A text that was sent at a time and is stored now.
    async fn send_at(&self, at: Timestamp) -> MessageId {
        let id = MessageId::generate(at);
        let stored = self.rig.stores.ledger.insert(NewMessage {
            id,
            owner: self.endpoint.owner,
            account: ACCOUNT.to_owned(),
            sender: Some(SENDER.to_owned()),
            recipient: PhoneNumber::parse(ANNA).unwrap(),
            wake_at: at + SECOND,
            ..NewMessage::example(at)
        });
        assert_eq!(stored.await.unwrap(), Inserted::Stored);
        id
    }

    async fn send_many(&self, count: usize) -> Vec<MessageId> {
        let mut ids = Vec::new();
        for _ in 0..count {
            self.wait(Duration::from_millis(1));
            ids.push(self.send().await);
        }
        ids
    }

    async fn cancel(&self, id: MessageId) {
        let now = self.now();
        let owner = self.endpoint.owner;
        self.rig.stores.ledger.cancel(owner, id, now).await.unwrap();
    }

    async fn delete(&self, id: MessageId) {
        let (owner, now) = (self.endpoint.owner, self.now());
        assert!(
            self.rig
                .stores
                .ledger
                .delete(owner, id, now)
                .await
                .unwrap()
                .any()
        );
    }

    /// Anna writes to the user, whose text she has got.
    async fn receive(&self) -> MessageId {
        self.receive_for(self.endpoint.owner).await
    }

    async fn receive_for(&self, owner: UserId) -> MessageId {
        let now = self.now();
        let id = MessageId::generate(now);
        let inbound = Inbound {
            id,
            sid: ProviderId::parse(&format!("SM{}", id.as_uuid().simple())).unwrap(),
            account: ACCOUNT.to_owned(),
            from: Address::of_author(ANNA),
            to: Address::of_author(SENDER),
            service: None,
            receiver: mysms_core::domain::Receiver::User(owner),
            otherwise: UserId::NOBODY,
            body: Body::parse("hi".to_owned()).ok(),
            media: Media::default(),
            at: now,
            recovered_at: None,
            left: Vec::new(),
        };
        let received = self.rig.stores.conversations.receive(&inbound).await;
        assert!(!received.unwrap().known);
        id
    }

    async fn mark_read(&self) {
        let anna = Address::of_author(ANNA);
        let (owner, now) = (self.endpoint.owner, self.now());
        let read = self.rig.stores.ledger.mark_read(owner, &anna, None, now);
        read.await.unwrap();
    }

    /// What is announced when something changed just now.
    fn changed(&self, what: Changed) -> Announcement {
        let (owner, at) = (self.endpoint.owner, self.now());
        Announcement { owner, what, at }
    }

    async fn message(&self, id: MessageId) -> Message {
        self.rig.message(id).await
    }

    /// Another worker.
    fn another_desk(&self) -> Arc<Desk> {
        desk(&self.rig, &self.receiver)
    }

    /// Takes the endpoint, if there is something to do.
    async fn open(&self) -> Result<Follower, Option<Timestamp>> {
        self.open_by(&self.desk).await
    }

    async fn open_by(&self, desk: &Arc<Desk>) -> Result<Follower, Option<Timestamp>> {
        self.open_late(desk, None).await
    }

    async fn open_late(
        &self,
        desk: &Arc<Desk>,
        stored_late: Option<Timestamp>,
    ) -> Result<Follower, Option<Timestamp>> {
        match Held::open(desk, &self.key, stored_late).await.unwrap() {
            Opened::Idle(until) | Opened::Rests(until) => Err(until),
            Opened::Held(held) => {
                let hint = Arc::new(Hint::default());
                Ok(Follower::new(Arc::clone(desk), *held, hint))
            }
        }
    }

    /// A worker does all that there is to do now; returns when there is something again.
    async fn tell(&self) -> Option<Timestamp> {
        self.tell_by(&self.desk).await
    }

    async fn tell_by(&self, desk: &Arc<Desk>) -> Option<Timestamp> {
        match self.open_by(desk).await {
            Ok(follower) => finish(follower).await,
            Err(until) => until,
        }
    }

    /// Goes from one time at which there is something to do to the next, for so long; returns how often.
    async fn tell_for(&self, time: Duration) -> usize {
        let end = self.now() + time;
        let mut rounds = 0;
        while let Some(due) = self.tell().await {
            if due > end {
                break;
            }
            self.wait(due.since(self.now()).max(SECOND));
            rounds += 1;
        }
        self.wait(end.since(self.now()));
        rounds
    }
}

/// Lets a follower do all that there is to do now, and give the endpoint back.
async fn finish(mut follower: Follower) -> Option<Timestamp> {
    work(&mut follower).await;
    follower.close().await
}

async fn work(follower: &mut Follower) {
    loop {
        follower.step().await.unwrap();
        if follower.rests() {
            break;
        }
        follower.land_all().await;
    }
}

fn desk(rig: &Rig, receiver: &Arc<Receiver>) -> Arc<Desk> {
    let post = Arc::clone(receiver);
    Arc::new(Desk::new(&rig.parts(), post, rig.context.lifecycle.clone()))
}

fn endpoint(owner: UserId, now: Timestamp, kinds: &[EventType]) -> Endpoint {
    let kinds: BTreeSet<_> = kinds.iter().copied().collect();
    Endpoint {
        id: EndpointId::generate(now),
        owner,
        url: EndpointUrl::parse("https://example.com/hook".to_owned()).unwrap(),
        description: mysms_core::domain::Description::default(),
        events: EventTypes::try_from(kinds).unwrap(),
        tags: Tags::default(),
        secrets: Secrets::new(Secret::generate()),
        created_at: now,
        state: EndpointState::Active,
    }
}
