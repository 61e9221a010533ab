//! What people write to us.

use super::{
    Body, Direction, Message, MessageId, PhoneNumber, Provider, ProviderId, Status, Timestamp,
    UserId,
};

/// A message that the provider received for us.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Inbound {
    /// The caller makes the id, so that storing it may be repeated after an unclear answer.
    pub id: MessageId,
    pub sid: ProviderId,
    pub account: String,
    /// Who wrote it.
    pub from: PhoneNumber,
    /// Our number.
    pub to: PhoneNumber,
    /// The Messaging Service that our number belongs to, if it belongs to one.
    pub service: Option<String>,
    /// Absent if it has none, but a picture, say.
    pub body: Option<Body>,
    /// The time that `id` was made at.
    pub at: Timestamp,
}

impl Inbound {
    /// Those of our senders that this may be an answer to.
    pub fn senders(&self) -> impl Iterator<Item = &str> {
        [Some(self.to.as_str()), self.service.as_deref()]
            .into_iter()
            .flatten()
    }

    /// The message as it is stored for a user. It has reached whom it was for, so it is `delivered`
    /// and there is nothing left to do with it.
    pub fn message_for(self, owner: UserId) -> Message {
        Message {
            id: self.id,
            owner,
            account: self.account,
            direction: Direction::Inbound,
            sender: None,
            recipient: Some(self.to),
            body: self.body,
            counterpart: Some(self.from),
            sent_at: self.at,
            unread: true,
            send_at: None,
            version: 1,
            updated_at: self.at,
            expires_at: self.at,
            status: Status::Delivered,
            not_before: self.at,
            wake_at: None,
            lease: None,
            attempts: 0,
            first_attempt_at: None,
            last_claim_at: None,
            unseen: 0,
            provider: Some(Provider {
                sid: self.sid,
                at: self.at,
                adopted: false,
            }),
            polls: 0,
            error_code: None,
            delivered_at: Some(self.at),
            idempotency: None,
            retry_of: None,
            visible: true,
            deleted_at: None,
            timeline: Vec::new(),
        }
    }
}
