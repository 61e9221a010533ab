//! The alarms of messages that the provider has.

use crate::domain::{ALARM_PUSH, CLAIM_SLACK, Message, Status, Timestamp};

/// When to ask for the status next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NextPoll {
    /// `None` once the ladder is over: the message rests, a callback still counts.
    pub at: Option<Timestamp>,
    /// Answered polls by now.
    pub polls: u32,
}

impl Message {
    /// Takes a message whose status is overdue in order to ask for it; nobody else asks before
    /// `until`.
    pub fn take_poll(&mut self, now: Timestamp, until: Timestamp) -> bool {
        let due = self.awaits_status() && self.not_before <= now + CLAIM_SLACK;
        if due {
            self.set_alarm(until, Some(until));
        }
        due
    }

    /// Sets the alarm for the next poll; false if the message needs none.
    pub fn next_poll(&mut self, next: NextPoll) -> bool {
        let open = self.awaits_status();
        if open {
            let polls = std::mem::replace(&mut self.polls, next.polls);
            let moved = self.set_alarm(next.at.unwrap_or(self.not_before), next.at);
            if polls != next.polls && !moved {
                self.touch_silently();
            }
        }
        open
    }

    /// Moves the alarm of a message that was found due although there is nothing to do, so that it
    /// cannot block its lane.
    pub fn push_alarm(&mut self, now: Timestamp) {
        let later = now + ALARM_PUSH;
        let ahead = self.expires_at > now;
        let pushed = match self.status {
            status if status.is_terminal() => None,
            Status::Queued if ahead && self.turn.is_some() => Some(self.expires_at),
            _ if ahead => Some(later.min(self.expires_at)),
            _ => Some(later),
        };
        self.set_alarm(self.not_before, pushed);
    }

    /// Tells whether that changed anything.
    fn set_alarm(&mut self, not_before: Timestamp, wake_at: Option<Timestamp>) -> bool {
        let changed = (self.not_before, self.wake_at) != (not_before, wake_at);
        (self.not_before, self.wake_at) = (not_before, wake_at);
        if changed {
            self.touch_silently();
        }
        changed
    }

    pub(super) fn awaits_status(&self) -> bool {
        self.visible && matches!(self.status, Status::Accepted | Status::Sent)
    }
}
