//! A store that lets a test come between the ledger and what stores its messages.

use std::sync::Arc;

use async_trait::async_trait;
use futures_util::future::BoxFuture;

use super::{Inserted, MessageStore, Result, SidOwner, Swap, Swapped};
use crate::domain::{
    Address, Class, Content, IdempotencyKey, Lane, Message, MessageId, PhoneNumber, Position,
    ProviderId, Restored, Status, Timestamp, UserId,
};

/// When a [`Relay`] lets its test come between.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Moment {
    /// What was decided on is read, but nothing is written.
    BeforeSwap,
    /// The answer is on its way.
    AfterSwap,
    AfterInsert,
}

type Interfere = Box<dyn Fn(Moment) -> BoxFuture<'static, Result<()>> + Send + Sync>;

/// Passes everything on, and calls a function of a test at some moments. If that fails, the caller gets
/// its error.
pub struct Relay {
    inner: Arc<dyn MessageStore>,
    interfere: Interfere,
}

impl Relay {
    pub fn new<F>(
        inner: Arc<dyn MessageStore>,
        interfere: impl Fn(Moment) -> F + Send + Sync + 'static,
    ) -> Self
    where
        F: Future<Output = Result<()>> + Send + 'static,
    {
        Self {
            inner,
            interfere: Box::new(move |moment| Box::pin(interfere(moment))),
        }
    }
}

#[async_trait]
impl MessageStore for Relay {
    async fn insert(&self, message: Message) -> Result<Inserted> {
        let inserted = self.inner.insert(message).await?;
        (self.interfere)(Moment::AfterInsert).await?;
        Ok(inserted)
    }

    async fn swap(&self, swaps: &[Swap]) -> Result<Vec<Swapped>> {
        (self.interfere)(Moment::BeforeSwap).await?;
        let swapped = self.inner.swap(swaps).await?;
        (self.interfere)(Moment::AfterSwap).await?;
        Ok(swapped)
    }

    async fn read(&self, ids: &[MessageId]) -> Result<Vec<Message>> {
        self.inner.read(ids).await
    }

    async fn keyed(&self, owner: UserId, key: &IdempotencyKey) -> Result<Option<Message>> {
        self.inner.keyed(owner, key).await
    }

    async fn with_sid(&self, sid: &ProviderId) -> Result<Option<Message>> {
        self.inner.with_sid(sid).await
    }

    async fn owners(&self, sids: &[ProviderId]) -> Result<Vec<SidOwner>> {
        self.inner.owners(sids).await
    }

    async fn confirm_absence(&self) -> Result<()> {
        self.inner.confirm_absence().await
    }

    async fn due(
        &self,
        account: &str,
        lane: Lane,
        now: Timestamp,
        limit: usize,
    ) -> Result<Vec<MessageId>> {
        self.inner.due(account, lane, now, limit).await
    }

    async fn being_sent(&self, account: &str, to: &PhoneNumber) -> Result<Vec<Content>> {
        self.inner.being_sent(account, to).await
    }

    async fn given_up(
        &self,
        account: &str,
        to: &PhoneNumber,
        since: Timestamp,
    ) -> Result<Vec<Content>> {
        self.inner.given_up(account, to, since).await
    }

    async fn tried(&self, account: &str, to: &PhoneNumber, limit: usize) -> Result<Vec<Message>> {
        self.inner.tried(account, to, limit).await
    }

    async fn has_twin_in_doubt(&self, message: &Message) -> Result<bool> {
        self.inner.has_twin_in_doubt(message).await
    }

    async fn undeleted(&self, owner: UserId, limit: usize) -> Result<Vec<Message>> {
        self.inner.undeleted(owner, limit).await
    }

    async fn undeleted_with(
        &self,
        owner: UserId,
        counterpart: &Address,
        up_to: Option<Position>,
        limit: usize,
    ) -> Result<Vec<Message>> {
        let inner = &self.inner;
        inner.undeleted_with(owner, counterpart, up_to, limit).await
    }

    async fn unread(
        &self,
        owner: UserId,
        counterpart: &Address,
        up_to: Option<Position>,
        limit: usize,
    ) -> Result<Vec<Message>> {
        self.inner.unread(owner, counterpart, up_to, limit).await
    }

    async fn queued_to(
        &self,
        recipient: &Address,
        senders: &[String],
        limit: usize,
    ) -> Result<Vec<Message>> {
        self.inner.queued_to(recipient, senders, limit).await
    }

    async fn waiting(
        &self,
        account: &str,
        senders: &[&str],
        class: Class,
        limit: usize,
    ) -> Result<Vec<Message>> {
        self.inner.waiting(account, senders, class, limit).await
    }

    async fn waited_for(&self, account: &str) -> Result<Vec<String>> {
        self.inner.waited_for(account).await
    }

    async fn open_from(
        &self,
        account: &str,
        sender: &str,
        status: Status,
        limit: usize,
    ) -> Result<Vec<Message>> {
        let inner = &self.inner;
        inner.open_from(account, sender, status, limit).await
    }

    async fn made_within(
        &self,
        after: MessageId,
        before: Timestamp,
        limit: usize,
    ) -> Result<Vec<MessageId>> {
        self.inner.made_within(after, before, limit).await
    }

    async fn doubtful(&self, restored: Restored, limit: usize) -> Result<Vec<Message>> {
        self.inner.doubtful(restored, limit).await
    }

    async fn forget_erased(&self) {
        self.inner.forget_erased().await;
    }
}
