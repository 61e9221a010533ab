//! Who gets the answers of a number: whoever holds the conversation with it.

mod left;

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::{Direction, Message, Status, Timestamp, UserId};

pub use left::Left;

/// For how long an answer to a text is expected. What comes later is an answer to nobody.
pub const ANSWERED_WITHIN: Duration = Duration::from_hours(30 * 24);

/// For how long after its last text, either way, a conversation is kept from other users: an answer
/// to one of them is not to be read by another.
pub const KEPT: Duration = Duration::from_hours(72);

/// What is noted so much later than a text still counts as being from before it: the clocks of those who
/// note it differ, and so does the provider's.
const CLOCKS: Duration = Duration::from_secs(10);

/// So many of the latest texts to a number that the provider took are looked at, and as many of the
/// newest from it. What nobody has sent is not among them, however many it is; and more than these would have
/// to be sent within [`KEPT`] to hide a conversation.
pub const MOST_EXCHANGED: u32 = 5000;

/// Something that a user and a number have exchanged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Exchange {
    user: UserId,
    at: Timestamp,
    kind: Kind,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Kind {
    /// The user wrote a text.
    Wrote,
    /// The user got one.
    Got,
    /// The user was given one that belonged to nobody.
    WasGiven,
}

impl Exchange {
    /// The statuses in which a text to a number counts, once the provider has taken it.
    pub const TAKEN: [Status; 3] = [Status::Accepted, Status::Sent, Status::Delivered];

    /// What a message says about it. A text counts only while the provider has it or has delivered it:
    /// one that is queued, scheduled, canceled or failed has reached nobody, and costs nothing.
    pub fn of(message: &Message) -> Option<Self> {
        let (kind, at) = match (message.direction, message.assigned_at) {
            (Direction::Inbound, Some(at)) => (Kind::WasGiven, at),
            (Direction::Inbound, None) => (Kind::Got, message.sent_at),
            (Direction::Outbound, _) => {
                let provider = message.provider.as_ref();
                let taken = provider.filter(|_| Self::TAKEN.contains(&message.status))?;
                // One that was in doubt was taken when it was tried, not when it was found.
                let tried_at = message.last_claim_at.filter(|_| taken.adopted);
                (Kind::Wrote, tried_at.unwrap_or(taken.at))
            }
        };
        Some(Self {
            user: message.owner,
            at,
            kind,
        })
    }

    /// Whether an answer to it may still come.
    fn is_recent(&self, now: Timestamp) -> bool {
        now.since(self.at) <= ANSWERED_WITHIN
    }

    /// The user of it.
    pub fn user(&self) -> UserId {
        self.user
    }
}

/// Who had the conversation at a time, given all that was exchanged with somebody from one sender
/// within [`ANSWERED_WITHIN`], in any order. What came later than that time does not count, so that a
/// text that is heard of late goes to whom it would have gone to.
pub(super) fn holder(exchanges: Vec<Exchange>, then: Timestamp) -> Option<UserId> {
    held_by(exchanges, then, &[Kind::Wrote, Kind::WasGiven])
}

/// Who had it where writing makes nobody its holder, but only being given what belonged to nobody.
pub(super) fn claimer(exchanges: Vec<Exchange>, then: Timestamp) -> Option<UserId> {
    held_by(exchanges, then, &[Kind::WasGiven])
}

fn held_by(mut exchanges: Vec<Exchange>, then: Timestamp, takes: &[Kind]) -> Option<UserId> {
    exchanges.retain(|exchange| {
        then.since(exchange.at) <= ANSWERED_WITHIN && exchange.at.since(then) <= CLOCKS
    });
    exchanges.sort_by_key(|exchange| exchange.at);
    // And when something was last exchanged with them.
    let mut holder: Option<(UserId, Timestamp)> = None;
    for Exchange { user, at, kind } in exchanges {
        match &mut holder {
            Some((holder, last)) if *holder == user => *last = at,
            Some((_, last)) if at.since(*last) < KEPT => {}
            _ if takes.contains(&kind) => holder = Some((user, at)),
            _ => {}
        }
    }
    holder.map(|(user, _)| user)
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: Duration = Duration::from_hours(1);

    fn user(number: u128) -> UserId {
        UserId::from_uuid(uuid::Uuid::from_u128(number))
    }

    fn wrote(number: u128, hour: u32) -> Exchange {
        Exchange {
            user: user(number),
            at: Timestamp::EPOCH + HOUR * hour,
            kind: Kind::Wrote,
        }
    }

    fn got(number: u128, hour: u32) -> Exchange {
        Exchange {
            kind: Kind::Got,
            ..wrote(number, hour)
        }
    }

    fn was_given(number: u128, hour: u32) -> Exchange {
        Exchange {
            kind: Kind::WasGiven,
            ..wrote(number, hour)
        }
    }

    fn held(exchanges: &[Exchange], hour: u32) -> Option<UserId> {
        holder(exchanges.to_vec(), Timestamp::EPOCH + HOUR * hour)
    }

    #[test]
    fn whoever_wrote_holds_it_for_thirty_days() {
        assert_eq!(held(&[], 0), None);
        assert_eq!(held(&[wrote(1, 0)], 30 * 24), Some(user(1)));
        assert_eq!(held(&[wrote(1, 0)], 30 * 24 + 1), None);
        assert_eq!(held(&[got(1, 0)], 1), None);
    }

    #[test]
    fn a_running_conversation_cannot_be_taken_over() {
        assert_eq!(held(&[wrote(1, 0), wrote(2, 71)], 72), Some(user(1)));
        // However often it is tried, and whatever comes in what order.
        let flood: Vec<_> = (1..72)
            .map(|hour| wrote(2, hour))
            .chain([wrote(1, 0)])
            .collect();
        assert_eq!(held(&flood, 72), Some(user(1)));
        let alive = [
            wrote(1, 0),
            got(1, 60),
            wrote(2, 73),
            got(1, 130),
            wrote(2, 190),
        ];
        assert_eq!(held(&alive, 200), Some(user(1)));
    }

    #[test]
    fn who_is_given_a_text_holds_the_conversation_as_if_they_had_written() {
        assert_eq!(held(&[was_given(1, 0)], 30 * 24), Some(user(1)));
        assert_eq!(held(&[was_given(1, 0)], 30 * 24 + 1), None);
        assert_eq!(held(&[wrote(1, 0), was_given(2, 71)], 72), Some(user(1)));
        assert_eq!(held(&[was_given(2, 0), wrote(1, 71)], 72), Some(user(2)));
        assert_eq!(held(&[wrote(1, 0), was_given(2, 72)], 73), Some(user(2)));
    }

    #[test]
    fn where_nobody_is_to_get_it_at_first_only_who_is_given_a_text_gets_the_next() {
        let claimed = |exchanges: &[Exchange], hour| {
            claimer(exchanges.to_vec(), Timestamp::EPOCH + HOUR * hour)
        };
        assert_eq!(claimed(&[wrote(1, 0), got(1, 1)], 2), None);
        assert_eq!(claimed(&[wrote(1, 0), was_given(2, 1)], 2), Some(user(2)));
        // What they write themselves keeps it, and what others do takes nothing.
        let alive = [
            was_given(2, 0),
            wrote(2, 60),
            wrote(1, 61),
            was_given(1, 131),
        ];
        assert_eq!(claimed(&alive, 132), Some(user(2)));
    }

    #[test]
    fn who_writes_later_than_a_text_does_not_get_it() {
        let exchanges = [wrote(1, 0), wrote(2, 80)];
        assert_eq!(held(&exchanges, 79), Some(user(1)));
        assert_eq!(held(&exchanges, 80), Some(user(2)));
        let just_after = Timestamp::EPOCH + HOUR * 80 - CLOCKS;
        assert_eq!(holder(exchanges.to_vec(), just_after), Some(user(2)));
    }

    #[test]
    fn who_writes_after_three_silent_days_holds_it_from_then_on() {
        let exchanges = [wrote(1, 0), wrote(2, 72), wrote(1, 73)];
        assert_eq!(held(&exchanges, 74), Some(user(2)));
        assert_eq!(held(&exchanges[..2], 72), Some(user(2)));
    }
}
