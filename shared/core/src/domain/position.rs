//! When a text went out, and where it stands in its conversation.

use std::time::Duration;

use super::{Direction, Message, Position, Status, Timestamp};

/// What went out within this time after it was written went out at once. Texts that are written one after the
/// other are taken by the provider in any order, and stand as they were written.
const AT_ONCE: Duration = Duration::from_mins(1);

impl Message {
    /// When it went out, which is when the provider took it; `None` if that is not known, or it was received.
    /// Never changes once it is known.
    pub fn dispatched_at(&self) -> Option<Timestamp> {
        let is_sent = self.direction == Direction::Outbound;
        let known = self.provider.as_ref().filter(|_| is_sent)?;
        // One that was found in the provider's list was taken in its latest attempt, not when it was found.
        let attempt = self.last_claim_at.filter(|_| known.adopted);
        Some(attempt.unwrap_or(known.at))
    }

    /// Where it stands in its conversation: where it was written or received, until it goes out later than
    /// that. So it moves at most once, and never back.
    pub fn position(&self) -> Position {
        match self.dispatched_at() {
            Some(at) if self.waited_until(at) => Position::at(at.max(self.sent_at), self.id),
            _ => self.id.into(),
        }
    }

    /// Whether it may yet go out, and stand elsewhere.
    pub fn may_move(&self) -> bool {
        matches!(self.status, Status::Queued | Status::Sending)
    }

    fn waited_until(&self, dispatched_at: Timestamp) -> bool {
        self.send_at.is_some() || self.sent_at + AT_ONCE < dispatched_at
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{MessageId, NewMessage, Provider, ProviderId};

    const WRITTEN: Timestamp = Timestamp::from_millis(1_767_225_600_000);

    fn taken(new: NewMessage, at: Timestamp) -> Message {
        let sid = ProviderId::parse("SM1").unwrap();
        let adopted = false;
        let mut message = Message::from(new);
        message.provider = Some(Provider { sid, at, adopted });
        message
    }

    fn after(seconds: u64) -> Timestamp {
        WRITTEN + Duration::from_secs(seconds)
    }

    #[test]
    fn what_went_out_at_once_stands_where_it_was_written() {
        let new = NewMessage::example(WRITTEN);
        let waiting = Message::from(new.clone());
        assert_eq!(waiting.dispatched_at(), None);
        assert_eq!(waiting.position(), waiting.id.into());
        let sent = taken(new, after(60));
        assert_eq!(sent.dispatched_at(), Some(after(60)));
        assert_eq!(sent.position(), sent.id.into());
    }

    #[test]
    fn what_had_to_wait_stands_where_it_went_out() {
        let new = NewMessage::example(WRITTEN);
        let scheduled = NewMessage {
            send_at: Some(after(20)),
            ..new.clone()
        };
        let before = Message::from(scheduled.clone());
        assert_eq!(before.position(), before.id.into());
        for (moved, at) in [
            (taken(scheduled, after(21)), 21),
            (taken(new, after(61)), 61),
        ] {
            let written_then = |millis: u64| {
                let at = after(at) + Duration::from_millis(millis);
                Position::from(MessageId::boundary(at))
            };
            assert!(written_then(0) <= moved.position() && moved.position() < written_then(1));
            let tail = |id: uuid::Uuid| id.into_bytes()[6..].to_vec();
            assert_eq!(tail(moved.position().as_uuid()), tail(moved.id.as_uuid()));
        }
    }

    #[test]
    fn what_was_found_later_went_out_when_it_was_tried() {
        let mut found = taken(NewMessage::example(WRITTEN), after(3600));
        found.last_claim_at = Some(after(2));
        if let Some(provider) = &mut found.provider {
            provider.adopted = true;
        }
        assert_eq!(found.dispatched_at(), Some(after(2)));
        assert_eq!(found.position(), found.id.into());
    }

    #[test]
    fn no_clock_moves_a_text_back() {
        let scheduled = NewMessage {
            send_at: Some(after(20)),
            ..NewMessage::example(WRITTEN)
        };
        let early = taken(scheduled, WRITTEN - Duration::from_secs(9));
        assert_eq!(early.position(), early.id.into());
    }

    #[test]
    fn what_was_received_never_went_out() {
        let mut received = taken(NewMessage::example(WRITTEN), after(3600));
        received.direction = Direction::Inbound;
        assert_eq!(received.dispatched_at(), None);
        assert_eq!(received.position(), received.id.into());
    }
}
