//! The port through which messages are accepted and delivered.

use async_trait::async_trait;

use super::Result;
use crate::domain::{
    Absence, Body, Claim, Claimant, Fact, FactEffect, IdempotencyKey, Lane, LeaseToken, Message,
    MessageId, MessageSid, NewMessage, NextPoll, PhoneNumber, TimelineEntry, Timestamp, UserId,
};

/// The ledger of messages.
///
/// What we decide ourselves is refused without the current lease token; what the provider says is
/// merged without one.
#[async_trait]
pub trait Ledger: Send + Sync {
    /// Stores a message durably. Repeating it with the same id is harmless.
    async fn insert(&self, message: NewMessage) -> Result<Inserted>;

    /// The message for which its owner used an idempotency key; it may be a tombstone by now.
    async fn keyed(&self, owner: UserId, key: &IdempotencyKey) -> Result<Option<Message>>;

    /// Reads messages in no particular order; those that do not exist are left out.
    async fn read(&self, ids: &[MessageId]) -> Result<Vec<Message>>;

    /// The ids whose alarm has rung in a lane of an account, oldest alarm first, at most `limit`.
    async fn due(
        &self,
        account: &str,
        lane: Lane,
        now: Timestamp,
        limit: usize,
    ) -> Result<Vec<MessageId>>;

    /// Claims those of `ids` that `by` may send now and returns them, each once; each is won by
    /// exactly one caller, from whose sender it is from then on. Repeated with the same token it
    /// returns what that token holds.
    async fn claim(
        &self,
        ids: &[MessageId],
        by: Claimant<'_>,
        claim: Claim,
    ) -> Result<Vec<Message>>;

    /// Ends a queued message that was not sent in time; false if it is not such a one.
    async fn expire(&self, id: MessageId, now: Timestamp) -> Result<bool>;

    /// Ends or keeps up an attempt or a look. False if `token` is not the message's current lease
    /// token, or the settlement's own condition does not hold: then nothing happened.
    async fn settle(
        &self,
        id: MessageId,
        token: LeaseToken,
        settlement: Settlement,
        now: Timestamp,
    ) -> Result<bool>;

    /// Merges what the provider said about a SID into the message that owns it, or, if none does,
    /// into the message that the fact is addressed to.
    async fn apply_fact(&self, fact: &Fact) -> Result<FactOutcome>;

    /// Takes a message whose lease is over in order to look for it in the provider's list. Repeated
    /// with the same token it returns the message again.
    async fn take_resolve(&self, id: MessageId, claim: Claim) -> Result<Option<Message>>;

    /// Gives the message held by `token` the SID of `fact`, which the provider's list showed.
    async fn adopt(&self, id: MessageId, token: LeaseToken, fact: &Fact) -> Result<Adoption>;

    /// Takes a message whose status is overdue, until `until`, in order to ask the provider.
    async fn take_poll(
        &self,
        id: MessageId,
        now: Timestamp,
        until: Timestamp,
    ) -> Result<Option<Message>>;

    /// Sets the alarm for the next poll of an open message; false if it is not open any more.
    async fn next_poll(&self, id: MessageId, next: NextPoll) -> Result<bool>;

    /// Which messages own these SIDs; SIDs that nobody owns are left out.
    async fn owners(&self, sids: &[MessageSid]) -> Result<Vec<SidOwner>>;

    /// The texts of an account's messages to a number that are `sending`, tombstones included, in no
    /// particular order.
    async fn being_sent(&self, account: &str, to: &PhoneNumber) -> Result<Vec<Body>>;
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

/// How an attempt or a look ended, in the words of what happens next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Settlement {
    /// The provider refused the message for good.
    Rejected {
        code: String,
        detail: Option<String>,
    },
    /// Nothing was sent, because the recipient wants no texts from us.
    OptedOut,
    /// Nothing was sent: the message waits until `not_before`.
    NotSent(NotSent),
    /// It may have been sent: it stays `sending` until somebody has looked for it.
    Unknown { detail: Option<String> },
    /// It was looked for without a result; the next look may start at `until`.
    LookAgain {
        absence: Absence,
        detail: Option<String>,
        until: Timestamp,
    },
    /// It was absent from a second complete list: it waits to be sent again. Needs a first fruitless
    /// look since the last claim.
    RequeueAbsent,
    /// The doubt cannot be settled. Needs a message that expired before `expired_before`.
    GiveUp { expired_before: Timestamp },
}

/// Why nothing was sent, and until when the message waits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotSent {
    pub not_before: Timestamp,
    /// What the timeline says; its `status` is filled in.
    pub entry: TimelineEntry,
}

/// What became of a fact.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FactOutcome {
    /// It was merged into this message.
    Applied {
        id: MessageId,
        owner: UserId,
        effect: FactEffect,
    },
    /// The message has another SID. `taken_twice` is true the first time that a SID shows that the
    /// provider took the text a second time.
    Surplus {
        id: MessageId,
        owner: UserId,
        taken_twice: bool,
    },
    /// It speaks for another provider account than the message's; nothing changed.
    ForeignAccount { id: MessageId },
    /// No message has the SID or the id; nothing changed.
    NoMessage,
}

impl FactOutcome {
    /// The user who may see by it that something changed.
    pub fn seen_by(self) -> Option<UserId> {
        match self {
            Self::Applied {
                effect: FactEffect::Unchanged,
                ..
            }
            | Self::ForeignAccount { .. }
            | Self::NoMessage => None,
            Self::Applied { owner, .. } | Self::Surplus { owner, .. } => Some(owner),
        }
    }
}

/// What became of an adoption.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Adoption {
    Adopted,
    /// Another message got the SID meanwhile: the list is stale.
    SidTaken,
    /// The token is not current any more.
    NotHeld,
}

/// The message that owns a SID.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SidOwner {
    pub sid: MessageSid,
    pub id: MessageId,
    /// When it got the SID.
    pub at: Timestamp,
}
