//! What users do with their messages.

use crate::domain::timeline::{Event, TimelineEntry};
use crate::domain::{Direction, Learned, Message, OwnError, Status, Timestamp, UserId};

impl Message {
    /// Takes back a message that no worker has claimed; false if one has, or it is not there.
    pub fn cancel(&mut self, now: Timestamp) -> bool {
        let waiting = self.visible && self.status == Status::Queued;
        if waiting {
            self.end_unsent(now, Event::Canceled);
        }
        waiting
    }

    /// Ends a message that no worker has claimed, because its recipient wants none; false if one has,
    /// or it is not there.
    pub fn refuse_opted_out(&mut self, now: Timestamp) -> bool {
        let waiting = self.visible && self.status == Status::Queued;
        if waiting {
            let entry = TimelineEntry::new(now, Event::OptedOut);
            self.fail(OwnError::RecipientOptedOut.as_str(), entry, now);
        }
        waiting
    }

    /// Gives a received message that belongs to nobody to a user; returns false if it does not. Whose it is
    /// by that may be told once more.
    pub fn assign(&mut self, to: UserId, now: Timestamp) -> bool {
        let is_unassigned = self.owner == UserId::NOBODY && self.direction == Direction::Inbound;
        if self.visible && is_unassigned {
            self.owner = to;
            self.assigned_at = Some(now);
            self.touch(now);
        }
        self.visible && self.owner == to && self.assigned_at.is_some()
    }

    /// Takes note that its user has seen a received message; returns false if that is known.
    pub fn mark_read(&mut self, now: Timestamp) -> bool {
        let was_unread = std::mem::take(&mut self.unread);
        if was_unread {
            self.touch(now);
        }
        was_unread
    }

    /// Takes note of what was not known of a file of the message; false if there was nothing, or it is not
    /// there.
    pub fn learn_of_medium(&mut self, index: usize, learned: Learned, now: Timestamp) -> bool {
        let medium = self.media.get_mut(index).filter(|_| self.visible);
        let news = medium.is_some_and(|medium| medium.learn(learned));
        if news {
            self.touch(now);
        }
        news
    }

    /// Makes a tombstone of the message; false if it is one already.
    ///
    /// A text that is `sending` keeps its body and recipient, and what else is erased, until that is
    /// settled, because they are what it is looked for by.
    pub fn delete(&mut self, now: Timestamp) -> bool {
        if !self.visible {
            return false;
        }
        self.visible = false;
        self.deleted_at = Some(now);
        match self.status {
            Status::Queued => self.end_unsent(now, Event::Deleted),
            Status::Sending => self.note(TimelineEntry::new(now, Event::Deleted), now),
            _ => {
                self.wake_at = None;
                self.note(TimelineEntry::new(now, Event::Deleted), now);
            }
        }
        self.erase_if_deleted();
        true
    }

    /// Makes a tombstone of a message that nobody has anything left to do with and that has not
    /// changed since `before`; returns false if there is, or it has.
    pub fn erase_if_old(&mut self, before: Timestamp, now: Timestamp) -> bool {
        let at_rest = self.wake_at.is_none() && self.updated_at < before;
        at_rest && self.delete(now)
    }
}
