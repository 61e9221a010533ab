//! Erasing at the provider what was deleted here.

use std::time::Duration;

use super::Ledger;
use crate::domain::{Message, MessageId, PhoneNumber, Timestamp};
use crate::store::Result;

/// More attempts at texts to one number than can be open count as one that may meet anything.
const LOOKED_AT: usize = 1_000;

/// Whether what is deleted is erased at the provider as well, and how long after its SID was recorded at the
/// earliest.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub(super) struct Erasing(pub(super) Option<Duration>);

impl Erasing {
    /// What of a message may be erased before it is changed.
    pub(super) fn before(self, message: &Message) -> usize {
        self.0.map_or(0, |_| message.erasable())
    }

    /// Sets the alarm of a changed message of which more may be erased than before.
    pub(super) fn after(self, before: usize, message: &mut Message) {
        if let Some(after) = self.0
            && message.erasable() > before
        {
            message.await_erasure(after);
        }
    }
}

impl Ledger {
    /// The same ledger, which from now on sets the alarm of whatever comes to rest deleted, so that it is
    /// erased at the provider `after` its SID was recorded; `None`: of nothing.
    #[must_use]
    pub fn erasing(self, after: Option<Duration>) -> Self {
        Self {
            erasing: Erasing(after),
            ..self
        }
    }

    /// Takes a message whose text is to be erased at the provider, until `until`.
    pub async fn take_erasure(
        &self,
        id: MessageId,
        now: Timestamp,
        until: Timestamp,
    ) -> Result<Option<Message>> {
        let taken = self.change(id, |message| message.take_erasure(now, until));
        Ok(taken.await?.message())
    }

    /// Moves the alarm of an erasure; returns false if the message has none any more.
    pub async fn put_off_erasure(&self, id: MessageId, until: Timestamp) -> Result<bool> {
        let moved = self.change(id, |message| message.put_off_erasure(until));
        Ok(moved.await?.message().is_some())
    }

    /// Records that the provider has the text of a message no more; returns false if that is known.
    pub async fn note_erased(&self, id: MessageId, now: Timestamp) -> Result<bool> {
        let noted = self.change(id, |message| message.note_erased(now));
        Ok(noted.await?.message().is_some())
    }

    /// Leaves the text of a deleted message to the provider; returns false if nothing else was meant.
    pub async fn forgo_erasure(&self, id: MessageId) -> Result<bool> {
        let forgone = self.change(id, Message::forgo_erasure).await?;
        Ok(forgone.message().is_some())
    }

    /// Whether a text to a number whose SID was recorded then may be seen by a look for another one of the
    /// account. What is tried for the first time only [`crate::domain::ERASED_AFTER`] that looks at nothing so
    /// old.
    pub async fn is_evidence(
        &self,
        account: &str,
        to: &PhoneNumber,
        recorded: Timestamp,
    ) -> Result<bool> {
        let tried = self.store.tried(account, to, LOOKED_AT).await?;
        let meets = |message: &Message| message.may_meet(recorded);
        Ok(tried.len() >= LOOKED_AT || tried.iter().any(meets))
    }
}
