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
/// first one shows. Looks go back by that much where the provider does not tell its time; the rest is for
/// clocks of ours that differ.
pub const LOOKED_BACK: Duration = Duration::from_mins(16);

/// How long after its SID was recorded a text may be erased. By then every attempt that has not begun is later
/// than [`LOOKED_BACK`] allows, and a claim of an earlier moment is written.
pub const ERASED_AFTER: Duration = Duration::from_mins(20);

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
pub struct Copy<'a> {
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
    pub fn copies(&self) -> Vec<Copy<'_>> {
        let own = self.provider.iter().map(|own| Copy {
            sid: &own.sid,
            at: own.at,
        });
        let again = self.timeline.iter().filter_map(|entry| {
            let sid = entry.sid.as_ref()?;
            let is_surplus = entry.event == Event::Surplus;
            is_surplus.then_some(Copy { sid, at: entry.at })
        });
        let mut copies: Vec<Copy<'_>> = Vec::new();
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
