//! A ledger whose answers get lost on the way back.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use async_trait::async_trait;
use shared::domain::{
    Body, Claim, Claimant, Fact, IdempotencyKey, Lane, LeaseToken, Message, MessageId, MessageSid,
    NewMessage, NextPoll, PhoneNumber, Timestamp, UserId,
};
use shared::store::{
    Adoption, FactOutcome, Inserted, Ledger, Result, Settlement, SidOwner, StoreError,
};

use crate::testing::TestApi;

/// Loses the answers to its first inserts.
pub(super) struct Lossy {
    inner: Arc<dyn Ledger>,
    losses: AtomicU32,
}

impl Lossy {
    pub(super) fn new(inner: Arc<dyn Ledger>, losses: u32) -> Self {
        Self {
            inner,
            losses: losses.into(),
        }
    }
}

#[async_trait]
impl Ledger for Lossy {
    async fn insert(&self, message: NewMessage) -> Result<Inserted> {
        let inserted = self.inner.insert(message).await?;
        let more = |left: u32| left.checked_sub(1);
        match self
            .losses
            .fetch_update(Ordering::SeqCst, Ordering::SeqCst, more)
        {
            Ok(_) => Err(StoreError::unavailable("the ledger", "connection reset")),
            Err(_) => Ok(inserted),
        }
    }

    async fn keyed(&self, owner: UserId, key: &IdempotencyKey) -> Result<Option<Message>> {
        self.inner.keyed(owner, key).await
    }

    async fn read(&self, ids: &[MessageId]) -> Result<Vec<Message>> {
        self.inner.read(ids).await
    }

    async fn due(&self, a: &str, lane: Lane, now: Timestamp, n: usize) -> Result<Vec<MessageId>> {
        self.inner.due(a, lane, now, n).await
    }

    async fn claim(
        &self,
        ids: &[MessageId],
        by: Claimant<'_>,
        claim: Claim,
    ) -> Result<Vec<Message>> {
        self.inner.claim(ids, by, claim).await
    }

    async fn expire(&self, id: MessageId, now: Timestamp) -> Result<bool> {
        self.inner.expire(id, now).await
    }

    async fn settle(
        &self,
        id: MessageId,
        token: LeaseToken,
        settlement: Settlement,
        now: Timestamp,
    ) -> Result<bool> {
        self.inner.settle(id, token, settlement, now).await
    }

    async fn apply_fact(&self, fact: &Fact) -> Result<FactOutcome> {
        self.inner.apply_fact(fact).await
    }

    async fn take_resolve(&self, id: MessageId, claim: Claim) -> Result<Option<Message>> {
        self.inner.take_resolve(id, claim).await
    }

    async fn adopt(&self, id: MessageId, token: LeaseToken, fact: &Fact) -> Result<Adoption> {
        self.inner.adopt(id, token, fact).await
    }

    async fn take_poll(
        &self,
        id: MessageId,
        now: Timestamp,
        until: Timestamp,
    ) -> Result<Option<Message>> {
        self.inner.take_poll(id, now, until).await
    }

    async fn next_poll(&self, id: MessageId, next: NextPoll) -> Result<bool> {
        self.inner.next_poll(id, next).await
    }

    async fn owners(&self, sids: &[MessageSid]) -> Result<Vec<SidOwner>> {
        self.inner.owners(sids).await
    }

    async fn being_sent(&self, account: &str, to: &PhoneNumber) -> Result<Vec<Body>> {
        self.inner.being_sent(account, to).await
    }
}

#[tokio::test]
async fn a_message_is_accepted_once_though_the_first_answers_were_lost() {
    let mut api = TestApi::start().await;
    api.state.ledger = Arc::new(Lossy::new(api.store.clone(), 2));
    let john = api.user("john_doe").await;
    let id = api.send(&john, "hello").await;
    let list = api.get("/messages", &john).await.json();
    let ids: Vec<_> = list.as_array().unwrap().iter().map(|m| &m["id"]).collect();
    assert_eq!(ids, [&serde_json::json!(id)]);
}
