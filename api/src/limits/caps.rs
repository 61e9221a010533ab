//! What a text counts for.

use std::sync::atomic::{AtomicI64, Ordering};

use mysms_core::domain::{Class, Country, PhoneNumber, Timestamp, UserId};
use mysms_core::store::{Charge, Counter, NumberDigest};
use runtime::config::{CapsConfig, TokenConfig};

use crate::seals::{Seals, half};

/// The digits in which the numbers of one prefix differ: so many numbers are given out together.
const DIFFERENT_DIGITS: usize = 4;

/// The limits that are counted for all processes together.
pub(super) struct Caps {
    config: CapsConfig,
    home: Option<Country>,
    seals: Seals,
    /// The days on which this process last refused a text because of them.
    tripped: [(Counter, AtomicI64); 2],
}

/// A text as far as its costs are concerned.
#[derive(Clone, Copy)]
pub(crate) struct Bill<'a> {
    pub user: UserId,
    /// `None` while it is unknown.
    pub recipient: Option<&'a PhoneNumber>,
    pub segments: u32,
    pub class: Class,
    /// When it is to be sent, if not at once.
    pub send_at: Option<Timestamp>,
}

impl Bill<'_> {
    /// The time for which it counts.
    pub(super) fn sent_at(&self, now: Timestamp) -> Timestamp {
        self.send_at.map_or(now, |at| at.max(now))
    }
}

impl Caps {
    /// Numbers are counted under a digest with a key of ours, so that the store holds none of them.
    pub(super) fn new(config: CapsConfig, home: Option<Country>, tokens: &TokenConfig) -> Self {
        let never = || AtomicI64::new(i64::MIN);
        Self {
            config,
            home,
            seals: Seals::new(tokens, b"numbers that are counted"),
            tripped: [(Counter::Everybody, never()), (Counter::Abroad, never())],
        }
    }

    /// What a text adds to each counter that has a limit.
    pub(super) fn charges(&self, bill: Bill<'_>) -> Vec<Charge> {
        let caps = &self.config;
        let segments = |counter, limit: Option<u32>| charge(counter, bill.segments, limit);
        let own = segments(Counter::User(bill.user), caps.user);
        let all = segments(Counter::Everybody, caps.total);
        let abroad = bill.recipient.filter(|number| self.is_abroad(number));
        let abroad = abroad.and_then(|_| segments(Counter::Abroad, caps.abroad));
        let number = bill.recipient.and_then(|number| {
            let limit = caps.recipient?;
            let counter = Counter::Recipient(self.digest(b"number", number.as_str()));
            charge(counter, 1, Some(limit))
        });
        let prefix = bill.recipient.and_then(|number| {
            let limit = caps.prefix?;
            let counter = Counter::Prefix(self.digest(b"prefix", prefix(number)));
            charge(counter, 1, Some(limit))
        });
        let all = [own, all, abroad, number, prefix];
        all.into_iter().flatten().collect()
    }

    /// The limit of a user, as a text of one segment finds it.
    pub(super) fn of_user(&self, user: UserId) -> Option<Charge> {
        charge(Counter::User(user), 1, self.config.user)
    }

    /// The limits of all users together, as a text of one segment finds them.
    pub(super) fn of_everybody(&self) -> Vec<Charge> {
        let all = charge(Counter::Everybody, 1, self.config.total);
        let abroad = charge(Counter::Abroad, 1, self.config.abroad);
        all.into_iter().chain(abroad).collect()
    }

    /// Remembers that a text was refused: there may be room for a smaller one.
    pub(super) fn note(&self, counters: &[Counter], now: Timestamp, at: Timestamp) {
        for (counter, day) in &self.tripped {
            // What is refused for another day says nothing of this one.
            let is_today = counter.window(at) == counter.window(now);
            if is_today && counters.contains(counter) {
                day.store(counter.window(now), Ordering::Relaxed);
            }
        }
    }

    pub(super) fn was_tripped(&self, counter: Counter, now: Timestamp) -> bool {
        let today = counter.window(now);
        let noted = self.tripped.iter().find(|(known, _)| *known == counter);
        noted.is_some_and(|(_, day)| day.load(Ordering::Relaxed) == today)
    }

    fn is_abroad(&self, number: &PhoneNumber) -> bool {
        self.config.abroad.is_some() && number.country() != self.home
    }

    fn digest(&self, kind: &[u8], text: &str) -> NumberDigest {
        NumberDigest(half(self.seals.digest(&[kind, text.as_bytes()])))
    }
}

fn charge(counter: Counter, amount: u32, limit: Option<u32>) -> Option<Charge> {
    let limit = limit?;
    Some(Charge {
        counter,
        amount,
        limit,
    })
}

fn prefix(number: &PhoneNumber) -> &str {
    let number = number.as_str();
    &number[..number.len().saturating_sub(DIFFERENT_DIGITS)]
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_millis(1_767_225_600_000);

    fn tokens(secret: &str) -> TokenConfig {
        TokenConfig {
            secret: secret.into(),
            previous: None,
        }
    }

    fn caps(secret: &str) -> Caps {
        let config = CapsConfig {
            user: Some(1),
            total: Some(2),
            abroad: Some(3),
            recipient: Some(4),
            prefix: Some(5),
        };
        Caps::new(config, Country::parse("US"), &tokens(secret))
    }

    fn charges(caps: &Caps, number: &str) -> Vec<Charge> {
        let number = PhoneNumber::parse(number).unwrap();
        caps.charges(Bill {
            user: UserId::from_uuid(uuid::Uuid::nil()),
            recipient: Some(&number),
            segments: 3,
            class: Class::Bulk,
            send_at: None,
        })
    }

    #[test]
    fn a_text_counts_once_for_whatever_has_a_limit() {
        let all = charges(&caps("one"), "+447400123456");
        let amounts: Vec<_> = all.iter().map(|it| (it.amount, it.limit)).collect();
        assert_eq!(amounts, [(3, 1), (3, 2), (3, 3), (1, 4), (1, 5)]);
        assert_eq!(
            charges(&caps("one"), "+14155550123").len(),
            4,
            "it is at home"
        );
        // The same calling code, but another country.
        assert_eq!(charges(&caps("one"), "+18765550123").len(), 5);
        let off = Caps::new(CapsConfig::default(), None, &tokens("one"));
        assert_eq!(charges(&off, "+447400123456"), []);
    }

    #[test]
    fn numbers_are_told_apart_by_digests_that_nobody_can_make_without_the_key() {
        let numbers = |secret: &str, number: &str| {
            let charges = charges(&caps(secret), number);
            let last = charges.len() - 2;
            (charges[last].counter, charges[last + 1].counter)
        };
        let (number, prefix) = numbers("one", "+14155550123");
        assert_eq!(numbers("one", "+14155550123"), (number, prefix));
        let (neighbour, same) = numbers("one", "+14155559999");
        assert!(neighbour != number && same == prefix);
        let (_, other) = numbers("one", "+14155560123");
        assert_ne!(other, prefix);
        let (foreign, elsewhere) = numbers("two", "+14155550123");
        assert!(foreign != number && elsewhere != prefix);
    }

    #[test]
    fn what_was_refused_is_remembered_for_the_day() {
        let caps = caps("one");
        assert!(!caps.was_tripped(Counter::Everybody, NOW));
        caps.note(&[Counter::Everybody], NOW, NOW);
        assert!(caps.was_tripped(Counter::Everybody, NOW));
        assert!(!caps.was_tripped(Counter::Abroad, NOW));
        let tomorrow = NOW + std::time::Duration::from_hours(24);
        assert!(!caps.was_tripped(Counter::Everybody, tomorrow));
    }
}
