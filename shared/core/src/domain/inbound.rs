//! What people write to us.

use super::{
    Body, Direction, Message, MessageId, PhoneNumber, Provider, ProviderId, SenderAddress, Status,
    Timestamp, UserId,
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
    /// Our number or short code.
    pub to: SenderAddress,
    /// The Messaging Service that our number belongs to, if it belongs to one.
    pub service: Option<String>,
    /// Who gets it, if our number has a rule for that; otherwise whoever holds the conversation.
    pub owner: Option<UserId>,
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
        let recipient = PhoneNumber::parse(self.to.as_str()).ok();
        Message {
            direction: Direction::Inbound,
            // What is no number is named as the sender that it is.
            sender: recipient.is_none().then(|| self.to.into()),
            recipient,
            body: self.body,
            counterpart: Some(self.from),
            unread: true,
            status: Status::Delivered,
            provider: Some(Provider {
                sid: self.sid,
                at: self.at,
                adopted: false,
            }),
            delivered_at: Some(self.at),
            ..Message::bare(self.id, owner, self.account, self.at)
        }
    }
}
