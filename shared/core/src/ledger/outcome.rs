//! What the operations of the ledger return, and some of their arguments.

use crate::domain::{FactEffect, Message, MessageId, Timestamp, UserId};

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
    /// The user who may see that something changed; `None` if nobody does.
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

/// What became of a message that was to be given to a user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Assignment {
    /// It is theirs, now or since an earlier request.
    Assigned(Box<Message>),
    /// It was given to somebody else, or is gone since.
    Taken,
    /// No such message belongs to nobody.
    NotFound,
}

/// What became of a cancellation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Cancel {
    /// It is `canceled`, now or since an earlier request.
    Canceled(Box<Message>),
    /// A worker has claimed it: it is too late.
    TooLate,
    /// The user has no such message.
    NotFound,
}

/// What was ended because its recipient wants no texts.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Refused {
    /// Whose the messages were.
    pub owners: Vec<UserId>,
    /// There may be more of them.
    pub more: bool,
}

/// A span of old messages, by when they were accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Old {
    /// Those after this one; it does not have to exist.
    pub after: MessageId,
    pub before: Timestamp,
    /// How many are looked at.
    pub limit: usize,
}

/// What was done with old messages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Erased {
    pub count: u64,
    /// The last message looked at, with which to go on; `None` if there was none.
    pub last: Option<MessageId>,
}
