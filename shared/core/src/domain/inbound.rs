//! What people write to us.

use super::holder::{claimer, holder};
use super::{
    Address, Body, Consent, Direction, Exchange, Media, Message, MessageId, Provider, ProviderId,
    Status, Timestamp, UserId, Wish,
};

/// A message that the provider received for us.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Inbound {
    /// The caller makes the id, so that storing it may be repeated after an unclear answer.
    pub id: MessageId,
    pub sid: ProviderId,
    pub account: String,
    /// Who wrote it.
    pub from: Address,
    /// Our number, short code or address in another channel.
    pub to: Address,
    /// The Messaging Service that our number belongs to, if it belongs to one.
    pub service: Option<String>,
    pub receiver: Receiver,
    /// Who gets it if that is nobody.
    pub otherwise: UserId,
    /// Absent if it has none, but a picture, say.
    pub body: Option<Body>,
    pub media: Media,
    /// When it was received; the time that `id` was made at.
    pub at: Timestamp,
    /// When it was found in the provider's list, if we were not told of it.
    pub recovered_at: Option<Timestamp>,
    /// What is left of what was exchanged with its author and deleted since.
    pub left: Vec<Exchange>,
}

/// Who gets what was received.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Receiver {
    User(UserId),
    /// Whoever holds the conversation.
    Holder,
    /// Whoever was given an earlier text of its author's that belonged to nobody.
    Claimer,
}

impl Inbound {
    /// Those of our senders that this may be an answer to.
    pub fn senders(&self) -> Vec<String> {
        let mut senders = both_forms(&self.to);
        senders.extend(self.service.clone());
        senders
    }

    /// Whom the texts that this may be an answer to were sent to.
    pub fn authors(&self) -> Vec<String> {
        both_forms(&self.from)
    }

    /// Whose it is, given what was exchanged with its author from our [`senders`](Self::senders).
    pub fn owner(&self, mut exchanges: Vec<Exchange>) -> UserId {
        exchanges.extend(self.left.iter().copied());
        let known = match self.receiver {
            Receiver::User(user) => Some(user),
            // Those whom nothing names are not one and the same.
            _ if self.from.names_nobody() => None,
            Receiver::Holder => holder(exchanges, self.at),
            Receiver::Claimer => claimer(exchanges, self.at),
        };
        known.unwrap_or(self.otherwise)
    }

    /// What its author wants, if they said it in this text. Who wants no texts, in whatever channel, gets
    /// none at their number; who wants them again has said so for the channel that they said it in.
    pub fn wishes(&self, consent: Consent, at: Timestamp) -> Vec<Wish> {
        let of_number = consent == Consent::Withdrawn || self.from.speaks_for_its_number();
        let mut recipients = self.authors();
        recipients.truncate(if of_number { 2 } else { 1 });
        let wish = |recipient| Wish {
            recipient: Address::from(recipient),
            senders: self.senders(),
            consent,
            at,
        };
        recipients.into_iter().map(wish).collect()
    }

    /// The message as it is stored for a user. It has reached whom it was for, so it is `delivered`
    /// and there is nothing left to do with it.
    pub fn message_for(self, owner: UserId) -> Message {
        let recipient = self.to.is_answerable().then(|| self.to.number()).flatten();
        let heard_of = self.recovered_at.map_or(self.at, |at| at.max(self.at));
        Message {
            direction: Direction::Inbound,
            // What is no number is named as the sender that it is.
            sender: recipient.is_none().then(|| self.to.into()),
            recipient,
            body: Body::beside(&self.media, self.body),
            media: self.media,
            counterpart: Some(self.from),
            unread: true,
            status: Status::Delivered,
            provider: Some(Provider {
                sid: self.sid,
                at: heard_of,
                adopted: self.recovered_at.is_some(),
            }),
            delivered_at: Some(self.at),
            // Whoever is told of what changes is told of it from now on.
            updated_at: heard_of,
            ..Message::bare(self.id, owner, self.account, self.at)
        }
    }
}

/// An address, and the phone number that it is made of.
fn both_forms(address: &Address) -> Vec<String> {
    let number = address.number().map(String::from);
    let number = number.filter(|number| number != address.as_str());
    let whole = address.as_str().to_owned();
    std::iter::once(whole).chain(number).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const OURS: &str = "+15005550006";
    const SERVICE: &str = "MG0123456789abcdef0123456789abcdef";

    fn inbound(from: &str, to: &str) -> Inbound {
        Inbound {
            id: MessageId::generate(Timestamp::EPOCH),
            sid: ProviderId::parse("SM1").unwrap(),
            account: "AC1".to_owned(),
            from: Address::of_author(from),
            to: Address::of_author(to),
            service: Some(SERVICE.to_owned()),
            receiver: Receiver::Holder,
            otherwise: UserId::NOBODY,
            body: None,
            media: Media::default(),
            at: Timestamp::EPOCH,
            recovered_at: None,
            left: Vec::new(),
        }
    }

    fn whom(from: &str, consent: Consent) -> Vec<String> {
        let wishes = inbound(from, OURS).wishes(consent, Timestamp::EPOCH);
        let recipients = wishes.into_iter().map(|wish| wish.recipient.into());
        recipients.collect()
    }

    #[test]
    fn a_wish_is_about_whoever_said_it_and_a_stop_about_their_number_too() {
        use Consent::{Given, Withdrawn};
        let number = "+14155550123";
        for author in [number, "72345", "PARCELBOX", "messenger:123456"] {
            assert_eq!(whom(author, Withdrawn), [author]);
            assert_eq!(whom(author, Given), [author]);
        }
        let (whatsapp, rcs) = (format!("whatsapp:{number}"), format!("rcs:{number}"));
        assert_eq!(whom(&whatsapp, Withdrawn), [&whatsapp, number]);
        assert_eq!(whom(&whatsapp, Given), [&*whatsapp]);
        assert_eq!(whom(&rcs, Withdrawn), [&rcs, number]);
        assert_eq!(whom(&rcs, Given), [&rcs, number]);
    }

    #[test]
    fn those_whom_nothing_names_are_not_one_and_the_same() {
        let now = Timestamp::from_millis(1_767_225_600_000);
        let user = UserId::generate(now);
        let claimed = Message {
            assigned_at: Some(now),
            ..inbound("unknown", OURS).message_for(user)
        };
        let claimed = || Exchange::of(&claimed).into_iter().collect::<Vec<_>>();
        assert_eq!(claimed().len(), 1);
        for from in ["", "***", "unknown"] {
            let next = Inbound {
                at: now,
                ..inbound(from, OURS)
            };
            assert_eq!(next.owner(claimed()), UserId::NOBODY, "{from:?}");
        }
        let named = Inbound {
            at: now,
            ..inbound("PARCELBOX", OURS)
        };
        assert_eq!(named.owner(claimed()), user);
    }

    #[test]
    fn an_answer_is_one_to_our_number_whatever_channel_it_takes() {
        let senders = |to| inbound("+14155550123", to).senders();
        assert_eq!(senders(OURS), [OURS, SERVICE]);
        assert_eq!(senders("72345"), ["72345", SERVICE]);
        let channel = format!("whatsapp:{OURS}");
        assert_eq!(senders(&channel), [&channel, OURS, SERVICE]);
        let message = inbound("+14155550123", &channel).message_for(UserId::NOBODY);
        assert_eq!((message.recipient, message.sender), (None, Some(channel)));
    }
}
