//! The port to the stored messages: what an adapter maps, finds and swaps. It holds no rule of
//! delivery; those stand in [`crate::domain`] and are carried out by [`crate::ledger`].

use async_trait::async_trait;

use super::Result;
use crate::domain::{
    Address, Class, Content, IdempotencyKey, Lane, Message, MessageId, PhoneNumber, Position,
    ProviderId, Restored, Status, Timestamp, UserId,
};

/// The stored messages.
///
/// Everything that is read is what a majority of the servers has, and never older than an earlier answer.
/// Where several messages are read, one that this program cannot read is logged and left out; where one is
/// asked for by its id, that is an error.
#[async_trait]
pub trait MessageStore: Send + Sync {
    /// Stores a message durably. Repeating it with the same id is harmless.
    async fn insert(&self, message: Message) -> Result<Inserted>;

    /// Replaces messages, each by itself and only if it still has the version that was seen; no message
    /// may be in it twice. Returns what became of each, in their order. This is the only way to change a
    /// message.
    async fn swap(&self, swaps: &[Swap]) -> Result<Vec<Swapped>>;

    /// Reads messages in no particular order; those that do not exist are left out.
    async fn read(&self, ids: &[MessageId]) -> Result<Vec<Message>>;

    /// The message for which its owner used an idempotency key; it may be a tombstone by now.
    async fn keyed(&self, owner: UserId, key: &IdempotencyKey) -> Result<Option<Message>>;

    /// The message that owns a SID.
    async fn with_sid(&self, sid: &ProviderId) -> Result<Option<Message>>;

    /// Which messages own these SIDs; SIDs that nobody owns are left out.
    async fn owners(&self, sids: &[ProviderId]) -> Result<Vec<SidOwner>>;

    /// Fails unless everything that has been acknowledged could be read just now. Called before the
    /// answer is that there is nothing, or no more.
    async fn confirm_absence(&self) -> Result<()>;

    /// The ids whose alarm has rung in a lane of an account, oldest alarm first, at most `limit`.
    async fn due(
        &self,
        account: &str,
        lane: Lane,
        now: Timestamp,
        limit: usize,
    ) -> Result<Vec<MessageId>>;

    /// What an account's messages to a number that are `sending` say and bring, tombstones included, in no
    /// particular order.
    async fn being_sent(&self, account: &str, to: &PhoneNumber) -> Result<Vec<Content>>;

    /// What those of an account's messages to a number say and bring that were given up as unknown and
    /// claimed last at `since` or later. Tombstones are left out, which have lost it.
    async fn given_up(
        &self,
        account: &str,
        to: &PhoneNumber,
        since: Timestamp,
    ) -> Result<Vec<Content>>;

    /// At most `limit` messages of an account to a number that are `queued` or `sending`, tombstones included,
    /// and at which an attempt has begun.
    async fn tried(&self, account: &str, to: &PhoneNumber, limit: usize) -> Result<Vec<Message>>;

    /// Whether an identical text of the account to the same number is `sending`.
    async fn has_twin_in_doubt(&self, message: &Message) -> Result<bool>;

    /// At most `limit` messages of a user that are not deleted.
    async fn undeleted(&self, owner: UserId, limit: usize) -> Result<Vec<Message>>;

    /// At most `limit` messages either way that a user exchanged with a counterpart and that are not deleted: those
    /// that stand no later than a position, or all.
    async fn undeleted_with(
        &self,
        owner: UserId,
        counterpart: &Address,
        up_to: Option<Position>,
        limit: usize,
    ) -> Result<Vec<Message>>;

    /// At most `limit` messages from a counterpart that their user has not seen: those that stand no later
    /// than a position, or all.
    async fn unread(
        &self,
        owner: UserId,
        counterpart: &Address,
        up_to: Option<Position>,
        limit: usize,
    ) -> Result<Vec<Message>>;

    /// At most `limit` queued messages to a recipient that are to be sent from one of `senders`, or for
    /// which no sender is stored.
    async fn queued_to(
        &self,
        recipient: &Address,
        senders: &[String],
        limit: usize,
    ) -> Result<Vec<Message>>;

    /// At most `limit` queued messages of a class that are to leave from one of `senders` and have a turn,
    /// the lowest turn first.
    async fn waiting(
        &self,
        account: &str,
        senders: &[&str],
        class: Class,
        limit: usize,
    ) -> Result<Vec<Message>>;

    /// From which senders queued messages that have a turn are to leave, each once.
    async fn waited_for(&self, account: &str) -> Result<Vec<String>>;

    /// At most `limit` messages that have an alarm and a status and leave from a sender, tombstones included,
    /// whether or not they have a turn.
    async fn open_from(
        &self,
        account: &str,
        sender: &str,
        status: Status,
        limit: usize,
    ) -> Result<Vec<Message>>;

    /// The ids of at most `limit` messages accepted after one (which does not have to exist) and before
    /// a time, in that order.
    async fn made_within(
        &self,
        after: MessageId,
        before: Timestamp,
        limit: usize,
    ) -> Result<Vec<MessageId>>;

    /// At most `limit` messages of every account that may have been sent since a backup.
    async fn doubtful(&self, restored: Restored, limit: usize) -> Result<Vec<Message>>;

    /// Removes what was erased from the store's own logs as well.
    async fn forget_erased(&self) {}
}

/// A change of a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Swap {
    /// The version of the message that the change was decided on.
    pub seen: u32,
    /// What takes its place. Its version is a higher one.
    pub after: Message,
}

/// What became of a swap.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Swapped {
    /// It is stored durably.
    Written,
    /// The message has another version, or does not exist: nothing was written.
    Conflict,
    /// Its SID is another message's: nothing was written.
    SidTaken,
}

/// What became of an insert.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Inserted {
    /// The message is stored.
    Stored,
    /// This owner used the idempotency key before, for the message given here (which may be a
    /// tombstone by now); nothing new was stored.
    KeyUsed(Box<Message>),
}

/// The message that owns a SID.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SidOwner {
    pub sid: ProviderId,
    pub id: MessageId,
    /// When it got the SID.
    pub at: Timestamp,
}
