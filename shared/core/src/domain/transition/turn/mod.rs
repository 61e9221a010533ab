//! Turns, and moves to another sender: what decides when and from where a queued message leaves.

#[cfg(test)]
mod tests;

use super::Held;
use crate::domain::timeline::{Event, TimelineEntry};
use crate::domain::{Body, CLAIM_SLACK, Message, SenderAddress, Status, Timestamp, Turn};

impl Message {
    /// Whether it is queued, may leave now and has no turn yet.
    pub fn needs_turn(&self, now: Timestamp) -> bool {
        self.is_waiting() && self.turn.is_none() && self.may_leave(now)
    }

    /// Gives a message a turn that may leave now; false if it needs none. Its alarm tells from then on that
    /// it was not sent in time.
    pub fn take_turn(&mut self, turn: Turn, now: Timestamp) -> bool {
        let needed = self.needs_turn(now);
        if needed {
            self.turn = Some(turn);
            self.wake_at = Some(self.expires_at);
            self.touch_silently();
        }
        needed
    }

    /// Lets a message that may leave wait a moment, of which nobody has to know; false if it need not, or has a
    /// turn.
    pub fn put_off(&mut self, until: Timestamp, now: Timestamp) -> bool {
        let waits = self.is_waiting() && self.turn.is_none() && self.may_leave(now);
        if waits {
            self.not_before = until;
            self.wake_at = Some(until.min(self.expires_at));
            self.touch_silently();
        }
        waits
    }

    /// Lets a message leave without a turn, because texts leave its sender as they come; false if it waits
    /// for none.
    pub fn leave_line(&mut self, now: Timestamp) -> bool {
        let in_line = self.segments_in_line().is_some();
        if in_line {
            self.turn = None;
            self.wake_at = Some(self.not_before.max(now).min(self.expires_at));
            self.touch_silently();
        }
        in_line
    }

    /// Lets a queued message wait for the end of quiet hours; its validity moves along. Returns false if it
    /// is not queued, waits for longer already, or they are over.
    pub fn wait_until(&mut self, open: Timestamp, now: Timestamp) -> bool {
        let waits = self.is_waiting() && open > self.not_before.max(now);
        if waits {
            self.rest(open, now);
        }
        waits
    }

    fn rest(&mut self, open: Timestamp, now: Timestamp) {
        self.expires_at = self.expires_at + open.since(self.not_before.max(now));
        self.not_before = open;
        self.turn = None;
        self.wake_at = Some(open);
        let entry = TimelineEntry::new(now, Event::Quiet).with_status(self.status);
        self.note(entry, now);
    }

    /// The segments that wait for their turn in this message; `None` if it does not wait for one.
    pub fn segments_in_line(&self) -> Option<u32> {
        let in_line = self.status == Status::Queued && self.turn.is_some();
        self.body.as_ref().filter(|_| in_line).map(Body::segments)
    }

    /// Lets a queued message leave from another sender; it has the turn there if it may leave now. False if
    /// it is to leave from there already, or is not queued any more, for then the provider may have it from
    /// the first one.
    pub fn move_to(&mut self, sender: &SenderAddress, turn: Option<Turn>, now: Timestamp) -> bool {
        let elsewhere = self.sender.as_deref() != Some(sender.as_str());
        let moves = self.is_waiting() && elsewhere;
        if moves {
            self.sender = Some(sender.as_str().to_owned());
            self.turn = turn.filter(|_| self.may_leave(now));
            self.wake_at = Some(match self.turn {
                Some(_) => self.expires_at,
                None => self.not_before.min(self.expires_at),
            });
            let entry = TimelineEntry::new(now, Event::Moved).with_detail(Some(sender.as_str()));
            self.note(entry, now);
        }
        moves
    }

    fn is_waiting(&self) -> bool {
        self.visible && self.status == Status::Queued
    }

    fn may_leave(&self, now: Timestamp) -> bool {
        self.not_before <= now + CLAIM_SLACK
    }
}

impl Held<'_> {
    /// Nothing was sent, because quiet hours had begun: back to `queued` until their end, or `canceled` if it
    /// was deleted.
    pub fn rest_until(self, open: Timestamp, now: Timestamp) {
        let Self(message) = self;
        if message.visible {
            message.status = Status::Queued;
            message.lease = None;
            message.unseen = 0;
            message.rest(open, now);
        } else {
            message.end_unsent(now, Event::Quiet);
        }
    }
}
