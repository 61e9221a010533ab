//! What is left of a conversation once its texts are deleted: who is to get the answers.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::{ANSWERED_WITHIN, Exchange, Kind};
use crate::domain::{Address, Direction, Message, PhoneNumber, SANDBOX_ACCOUNT, Timestamp, UserId};

/// The first and the last exchange are kept of each span of so many seconds. It is shorter than
/// [`KEPT`](super::KEPT), so a conversation that went on is not taken for one that paused.
const SPAN: i64 = 24 * 3600;

/// The exchanges that are left with one author; of more the earliest are forgotten.
const MOST_LEFT: usize = 1000;

/// What was exchanged with somebody whose texts were deleted since, as far as an answer may still come. It has no
/// words, and no number: it is kept under a digest of that.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Left(Vec<LeftExchange>);

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct LeftExchange {
    user: UserId,
    at: Timestamp,
    kind: Kind,
    /// Our number, name or service; absent if a text of an earlier version did not tell.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    ours: Option<String>,
}

impl Left {
    /// What is left with somebody is stored under this.
    pub fn key_of(account: &str, author: &Address) -> String {
        let digest = Sha256::digest(format!("{account} {}", author.as_str()));
        hex::encode(digest)
    }

    /// Whether anything is to be kept of a message that is about to be deleted.
    pub fn is_worth_noting(message: &Message, now: Timestamp) -> bool {
        message.account != SANDBOX_ACCOUNT
            && message.counterpart.is_some()
            && Exchange::of(message).is_some_and(|exchange| exchange.is_recent(now))
    }

    /// Keeps what a message with this author says about who is to get the answers. It may be repeated.
    pub fn note(&mut self, message: &Message) {
        let Some(Exchange { user, at, kind }) = Exchange::of(message) else {
            return;
        };
        let number = message.recipient.as_ref().map(PhoneNumber::as_str);
        let ours = match message.direction {
            Direction::Outbound => message.sender.as_deref(),
            Direction::Inbound => number.or(message.sender.as_deref()),
        };
        let noted = LeftExchange {
            user,
            at,
            kind,
            ours: ours.map(str::to_owned),
        };
        self.put(noted);
    }

    pub fn add(&mut self, other: &Self) {
        for noted in &other.0 {
            self.put(noted.clone());
        }
    }

    fn put(&mut self, noted: LeftExchange) {
        let likes = self.0.iter_mut().filter(|known| known.is_like(&noted));
        let mut likes: Vec<_> = likes.collect();
        likes.sort_by_key(|known| known.at);
        match &mut likes[..] {
            [] => self.0.push(noted),
            [only] if only.at == noted.at => {}
            [_] => self.0.push(noted),
            [first, .., last] => {
                first.at = first.at.min(noted.at);
                last.at = last.at.max(noted.at);
            }
        }
    }

    /// Forgets what no answer is expected to any more.
    pub fn prune(&mut self, now: Timestamp) {
        self.0.retain(|left| now.since(left.at) <= ANSWERED_WITHIN);
        self.0.sort_by_key(|left| left.at);
        let excess = self.0.len().saturating_sub(MOST_LEFT);
        self.0.drain(..excess);
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// What was exchanged from some of our senders.
    pub fn with(&self, senders: &[String]) -> impl Iterator<Item = Exchange> {
        let asked = |left: &&LeftExchange| {
            let ours = left.ours.as_ref();
            ours.is_none_or(|ours| senders.contains(ours))
        };
        self.0.iter().filter(asked).map(|left| Exchange {
            user: left.user,
            at: left.at,
            kind: left.kind,
        })
    }
}

impl LeftExchange {
    fn is_like(&self, other: &Self) -> bool {
        let day = |at: Timestamp| at.as_seconds().div_euclid(SPAN);
        (self.user, self.kind, &self.ours, day(self.at))
            == (other.user, other.kind, &other.ours, day(other.at))
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::super::{KEPT, holder};
    use super::*;
    use crate::domain::MessageId;

    const DAY: Duration = Duration::from_hours(24);
    const OURS: &str = "+15005550006";

    fn at(days: u32) -> Timestamp {
        Timestamp::EPOCH + DAY * days
    }

    fn user(number: u128) -> UserId {
        UserId::from_uuid(uuid::Uuid::from_u128(number))
    }

    /// What a user was given by somebody.
    fn given(number: u128, at: Timestamp) -> Message {
        Message {
            direction: Direction::Inbound,
            sender: Some(OURS.to_owned()),
            counterpart: Some(Address::parse("+14155550123").unwrap()),
            assigned_at: Some(at),
            ..Message::bare(MessageId::generate(at), user(number), "AC1".to_owned(), at)
        }
    }

    fn exchanges(left: &Left) -> Vec<Exchange> {
        left.with(&[OURS.to_owned()]).collect()
    }

    #[test]
    fn a_conversation_that_went_on_stays_whose_it_was() {
        let mut left = Left::default();
        for hour in 0..20 * 24 {
            left.note(&given(1, at(0) + Duration::from_hours(hour)));
        }
        assert!(exchanges(&left).len() <= 40, "two of each day");
        let mut all = exchanges(&left);
        // Who writes in between takes nothing over.
        all.extend((1..19).map(|day| Exchange {
            user: user(2),
            at: at(day) + Duration::from_hours(5),
            kind: Kind::Wrote,
        }));
        assert_eq!(holder(all.clone(), at(20)), Some(user(1)));
        let later = Exchange {
            user: user(2),
            at: at(20) + KEPT,
            kind: Kind::Wrote,
        };
        all.push(later);
        assert_eq!(holder(all, at(24)), Some(user(2)), "after a pause");
    }

    #[test]
    fn who_came_first_on_a_day_stays_first() {
        let mut left = Left::default();
        for hour in [9, 3, 21, 12] {
            left.note(&given(1, at(0) + Duration::from_hours(hour)));
        }
        let mut times: Vec<_> = exchanges(&left).iter().map(|one| one.at).collect();
        times.sort_unstable();
        let hours = [3, 21].map(|hour| at(0) + Duration::from_hours(hour));
        assert_eq!(times, hours);
    }

    #[test]
    fn what_is_noted_again_or_elsewhere_is_there_once() {
        let (mut one, mut other) = (Left::default(), Left::default());
        one.note(&given(1, at(0)));
        one.note(&given(1, at(0)));
        other.note(&given(1, at(0)));
        other.note(&given(1, at(3)));
        one.add(&other);
        assert_eq!(exchanges(&one).len(), 2);
        assert_eq!(
            one.with(&["+15005550007".to_owned()]).count(),
            0,
            "another sender's"
        );
        one.prune(at(0) + ANSWERED_WITHIN + DAY);
        assert_eq!(exchanges(&one).len(), 1);
        let stored = serde_json::to_string(&one).unwrap();
        assert_eq!(serde_json::from_str::<Left>(&stored).unwrap(), one);
    }

    #[test]
    fn what_is_old_or_was_never_sent_leaves_nothing() {
        let fresh = given(1, at(40));
        assert!(Left::is_worth_noting(&fresh, at(41)));
        assert!(!Left::is_worth_noting(&fresh, at(71)));
        let queued = Message {
            direction: Direction::Outbound,
            assigned_at: None,
            ..given(1, at(40))
        };
        assert!(!Left::is_worth_noting(&queued, at(41)));
    }
}
