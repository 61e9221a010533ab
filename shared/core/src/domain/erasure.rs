//! Erasing at the provider what users deleted here: when it may be done, and that it was.
//!
//! A text that the provider lists may be evidence about another one to the same number, whose outcome is
//! unknown. Whoever looks for that one must not find it erased meanwhile: without its body it may be
//! anybody's, and without its record it was never there. So nothing is erased that a look can show.

use std::time::Duration;

use super::sandbox::SANDBOX_ACCOUNT;
use super::timeline::{self, Event, TimelineEntry};
use super::{Message, ProviderId, Status, Timestamp};

/// How long before the first attempt at a text the SID of another may have been recorded that a look for the
/// first one shows. Where the provider does not tell its time, looks go back by as much as its clock may be
/// behind, and it may be ahead by as much; the rest is for clocks of ours that differ.
pub const LOOKED_BACK: Duration = Duration::from_mins(31);

/// How long after its SID was recorded a text may be erased. By then every attempt that has not begun is later
/// than [`LOOKED_BACK`] allows, and a claim of an earlier moment is written.
pub const ERASED_AFTER: Duration = Duration::from_mins(35);

/// What is erased of a deleted message at the provider.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Erasure {
    /// Its text and its files; that it was sent, when and to whom, stays.
    Content,
    /// All of it.
    Record,
}

/// A text that the provider took for a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Taken<'a> {
    pub sid: &'a ProviderId,
    /// When we heard of it.
    pub at: Timestamp,
}

impl Message {
    /// Whether it was deleted, nobody needs its text any more, and the provider took it.
    pub fn rests_deleted(&self) -> bool {
        !self.visible && self.status != Status::Sending && self.provider.is_some()
    }

    /// How many SIDs the provider has for it that may be erased: none before it [rests](Self::rests_deleted),
    /// and none of what never left us, as in the sandbox.
    pub fn erasable(&self) -> usize {
        if self.account != SANDBOX_ACCOUNT && self.rests_deleted() {
            self.copies().len()
        } else {
            0
        }
    }

    /// Sets the alarm of its erasure, `after` the latest of its SIDs was recorded, unless there is nothing to
    /// erase. It is part of another change of the message.
    pub fn await_erasure(&mut self, after: Duration) {
        if self.erasable() > 0 {
            let recorded = self.copies().iter().map(|copy| copy.at).max();
            let earliest = recorded.map(|at| at + after);
            self.erase_at = earliest.max(self.deleted_at);
        }
    }

    /// Takes a message whose text is to be erased; nobody else does until `until`. False if it is not to be
    /// erased, or not yet.
    pub fn take_erasure(&mut self, now: Timestamp, until: Timestamp) -> bool {
        let due = self.erase_at.is_some_and(|at| at <= now);
        due && self.put_off_erasure(until)
    }

    /// Moves the alarm of its erasure; false if it has none.
    pub fn put_off_erasure(&mut self, until: Timestamp) -> bool {
        let awaited = self.erase_at.is_some();
        if awaited && self.erase_at != Some(until) {
            self.erase_at = Some(until);
            self.touch_silently();
        }
        awaited
    }

    /// The provider has its text no more; false if that is known. Its user, for whom it was gone before,
    /// sees no change.
    pub fn note_erased(&mut self, now: Timestamp) -> bool {
        let awaited = self.forgo_erasure();
        if awaited {
            let entry = TimelineEntry::new(now, Event::ErasedAtProvider);
            timeline::append(&mut self.timeline, entry);
        }
        awaited
    }

    /// Its text is left to the provider after all; false if nothing else was meant.
    pub fn forgo_erasure(&mut self) -> bool {
        let awaited = self.erase_at.take().is_some();
        if awaited {
            self.touch_silently();
        }
        awaited
    }

    /// What the provider took for it, each SID once: its own, and those with which it took the text again.
    pub fn copies(&self) -> Vec<Taken<'_>> {
        let own = self.provider.iter().map(|own| Taken {
            sid: &own.sid,
            at: own.at,
        });
        let again = self.timeline.iter().filter_map(|entry| {
            let sid = entry.sid.as_ref()?;
            let is_surplus = entry.event == Event::Surplus;
            is_surplus.then_some(Taken { sid, at: entry.at })
        });
        let mut copies: Vec<Taken<'_>> = Vec::new();
        for copy in own.chain(again) {
            if copies.iter().all(|known| known.sid != copy.sid) {
                copies.push(copy);
            }
        }
        copies
    }

    /// Whether a look for it, now or after another attempt, may show a text whose SID was recorded then.
    pub fn may_meet(&self, recorded: Timestamp) -> bool {
        let open = matches!(self.status, Status::Queued | Status::Sending);
        let first = self.first_attempt_at;
        open && first.is_some_and(|first| first <= recorded + LOOKED_BACK)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{Claim, Claimant, Fact, LeaseToken, NewMessage, ProviderStatus};

    const NOW: Timestamp = Timestamp::from_millis(1_767_225_600_000);
    const MINUTE: Duration = Duration::from_mins(1);

    fn fact(sid: &str, status: ProviderStatus, at: Timestamp) -> Fact {
        Fact {
            message: None,
            sid: ProviderId::parse(sid).unwrap(),
            account: "AC1".to_owned(),
            status,
            code: None,
            detail: None,
            at,
            poll_at: None,
        }
    }

    fn sending(account: &str) -> Message {
        let mut message = Message::from(NewMessage {
            account: account.to_owned(),
            ..NewMessage::example(NOW)
        });
        let by = Claimant {
            account,
            sender: "+15005550006",
            others: &[],
        };
        let claim = Claim {
            token: LeaseToken::generate(),
            now: NOW,
            until: NOW + MINUTE,
        };
        message.claimable(by, NOW).unwrap().claim(claim);
        message
    }

    fn sent(account: &str) -> Message {
        let mut message = sending(account);
        message.apply_fact(&fact("SM1", ProviderStatus::SENT, NOW));
        message
    }

    #[test]
    fn only_what_rests_deleted_and_was_taken_is_erased() {
        let deleted = |mut message: Message| {
            message.delete(NOW + MINUTE);
            message
        };
        let undeleted = sent("AC1");
        let never_sent = deleted(Message::from(NewMessage::example(NOW)));
        let in_doubt = deleted(sending("AC1"));
        let tried = deleted(sent(SANDBOX_ACCOUNT));
        for mut message in [undeleted, never_sent, in_doubt, tried] {
            message.await_erasure(MINUTE);
            assert_eq!(
                (message.erasable(), message.erase_at),
                (0, None),
                "{message:#?}"
            );
        }
        let mut message = deleted(sent("AC1"));
        message.await_erasure(3 * MINUTE);
        assert_eq!(message.erase_at, Some(NOW + 3 * MINUTE));
        message.await_erasure(Duration::ZERO);
        assert_eq!(
            message.erase_at,
            Some(NOW + MINUTE),
            "not before it was deleted"
        );
        let taken = message.copies();
        assert_eq!((taken.len(), taken[0].at), (1, NOW));
    }

    #[test]
    fn each_copy_that_the_provider_took_is_named_once() {
        let mut message = sent("AC1");
        for minutes in 1..=2 {
            for sid in ["SM2", "SM3"] {
                let status =
                    [ProviderStatus::SENT, ProviderStatus::DELIVERED][minutes as usize - 1];
                message.apply_surplus(&fact(sid, status, NOW + minutes * MINUTE), false);
            }
        }
        message.delete(NOW + 5 * MINUTE);
        let copies = message.copies();
        let named: Vec<_> = copies.iter().map(|copy| copy.sid.as_str()).collect();
        assert_eq!(named, ["SM1", "SM2", "SM3"]);
        assert_eq!(copies[2].at, NOW + MINUTE, "when it was first heard of");
        message.await_erasure(10 * MINUTE);
        assert_eq!(message.erase_at, Some(NOW + 11 * MINUTE));
    }

    #[test]
    fn a_look_shows_what_was_recorded_since_a_while_before_its_first_attempt() {
        let message = sending("AC1");
        let recorded = NOW - LOOKED_BACK;
        assert!(message.may_meet(recorded) && message.may_meet(NOW + MINUTE));
        assert!(!message.may_meet(recorded - MINUTE));
        assert!(!sent("AC1").may_meet(NOW), "it is not looked for");
        let waiting = Message::from(NewMessage::example(NOW));
        assert!(!waiting.may_meet(NOW), "its look begins later");
        // What is tried for the first time when a text may be erased looks at nothing so old.
        let mut later = waiting;
        later.first_attempt_at = Some(NOW + ERASED_AFTER);
        assert!(!later.may_meet(NOW));
    }
}
