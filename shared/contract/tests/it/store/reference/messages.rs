use std::collections::BTreeSet;

use async_trait::async_trait;
use mysms_core::domain::{
    Address, Class, Content, Direction, IdempotencyKey, Lane, Message, MessageId, PhoneNumber,
    Position, ProviderId, Restored, Status, Timestamp, UserId,
};
use mysms_core::store::{Inserted, MessageStore, Result, SidOwner, Swap, Swapped};

use super::{Reference, State};

#[async_trait]
impl MessageStore for Reference {
    async fn insert(&self, message: Message) -> Result<Inserted> {
        let mut state = self.state();
        if state.messages.contains_key(&message.id) {
            return Ok(Inserted::Stored);
        }
        if let Some(wanted) = &message.idempotency
            && let Some(first) = keyed(&state, message.owner, &wanted.key)
        {
            return Ok(Inserted::KeyUsed(Box::new(first)));
        }
        state.messages.insert(message.id, message);
        Ok(Inserted::Stored)
    }

    async fn swap(&self, swaps: &[Swap]) -> Result<Vec<Swapped>> {
        let mut state = self.state();
        Ok(swaps
            .iter()
            .map(|swap| swap_one(&mut state, swap))
            .collect())
    }

    async fn read(&self, ids: &[MessageId]) -> Result<Vec<Message>> {
        Ok(self.state().select(|message| ids.contains(&message.id)))
    }

    async fn keyed(&self, owner: UserId, key: &IdempotencyKey) -> Result<Option<Message>> {
        Ok(keyed(&self.state(), owner, key))
    }

    async fn with_sid(&self, sid: &ProviderId) -> Result<Option<Message>> {
        Ok(self.state().select(|message| owns(message, sid)).pop())
    }

    async fn owners(&self, sids: &[ProviderId]) -> Result<Vec<SidOwner>> {
        let owners = self
            .state()
            .select(|message| sids.iter().any(|sid| owns(message, sid)));
        let owner = |message: Message| {
            message.provider.map(|own| SidOwner {
                sid: own.sid,
                id: message.id,
                at: own.at,
            })
        };
        Ok(owners.into_iter().filter_map(owner).collect())
    }

    async fn confirm_absence(&self) -> Result<()> {
        Ok(())
    }

    async fn due(
        &self,
        account: &str,
        lane: Lane,
        now: Timestamp,
        limit: usize,
    ) -> Result<Vec<MessageId>> {
        let mut due = self.state().select(|message| {
            let rung = alarm(message, lane).is_some_and(|alarm| alarm <= now);
            message.account == account && rung
        });
        due.sort_by_key(|message| alarm(message, lane));
        Ok(due.iter().map(|message| message.id).take(limit).collect())
    }

    async fn being_sent(&self, account: &str, to: &PhoneNumber) -> Result<Vec<Content>> {
        let sending = self.state().select(|message| {
            let ours = message.account == account && message.recipient.as_ref() == Some(to);
            ours && message.status == Status::Sending
        });
        Ok(sending.iter().filter_map(Content::of).collect())
    }

    async fn given_up(
        &self,
        account: &str,
        to: &PhoneNumber,
        since: Timestamp,
    ) -> Result<Vec<Content>> {
        let given_up = self.state().select(|message| {
            let ours = message.account == account && message.recipient.as_ref() == Some(to);
            let unknown = message.error_code.as_deref() == Some("outcome_unknown");
            ours && unknown && message.last_claim_at >= Some(since)
        });
        Ok(given_up.iter().filter_map(Content::of).collect())
    }

    async fn tried(&self, account: &str, to: &PhoneNumber, limit: usize) -> Result<Vec<Message>> {
        let tried = |message: &Message| {
            message.account == account
                && message.recipient.as_ref() == Some(to)
                && matches!(message.status, Status::Queued | Status::Sending)
                && message.first_attempt_at.is_some()
        };
        Ok(self.some(tried, limit))
    }

    /// A tombstone whose text is erased has no known twin.
    async fn has_twin_in_doubt(&self, message: &Message) -> Result<bool> {
        let twins = self.state().select(|other| {
            other.id != message.id
                && other.account == message.account
                && other.status == Status::Sending
                && other.recipient == message.recipient
                && other.body == message.body
        });
        Ok(message.body.is_some() && !twins.is_empty())
    }

    async fn undeleted(&self, owner: UserId, limit: usize) -> Result<Vec<Message>> {
        let shown = |message: &Message| message.owner == owner && message.visible;
        Ok(self.some(shown, limit))
    }

    async fn undeleted_with(
        &self,
        owner: UserId,
        counterpart: &Address,
        up_to: Option<Position>,
        limit: usize,
    ) -> Result<Vec<Message>> {
        let shown = |message: &Message| {
            message.owner == owner
                && message.visible
                && message.counterpart.as_ref() == Some(counterpart)
                && up_to.is_none_or(|last| message.position() <= last)
        };
        Ok(self.some(shown, limit))
    }

    async fn unread(
        &self,
        owner: UserId,
        counterpart: &Address,
        up_to: Option<Position>,
        limit: usize,
    ) -> Result<Vec<Message>> {
        let unread = |message: &Message| {
            message.owner == owner
                && message.unread
                && message.counterpart.as_ref() == Some(counterpart)
                && up_to.is_none_or(|last| message.position() <= last)
        };
        Ok(self.some(unread, limit))
    }

    async fn queued_to(
        &self,
        recipient: &Address,
        senders: &[String],
        limit: usize,
    ) -> Result<Vec<Message>> {
        let waiting = |message: &Message| {
            let sender = message.sender.as_ref();
            message.status == Status::Queued
                && message.direction == Direction::Outbound
                && message.counterpart.as_ref() == Some(recipient)
                && sender.is_none_or(|sender| senders.contains(sender))
        };
        Ok(self.some(waiting, limit))
    }

    async fn waiting(
        &self,
        account: &str,
        senders: &[&str],
        class: Class,
        limit: usize,
    ) -> Result<Vec<Message>> {
        let mut waiting = self.state().select(|message| {
            let sender = message.sender.as_deref();
            has_turn(message, account)
                && sender.is_some_and(|sender| senders.contains(&sender))
                && message.class == class
        });
        waiting.sort_by_key(|message| message.turn);
        waiting.truncate(limit);
        Ok(waiting)
    }

    async fn waited_for(&self, account: &str) -> Result<Vec<String>> {
        let waiting = self.state().select(|message| has_turn(message, account));
        let senders: BTreeSet<_> = waiting.into_iter().filter_map(|m| m.sender).collect();
        Ok(senders.into_iter().collect())
    }

    async fn open_from(
        &self,
        account: &str,
        sender: &str,
        status: Status,
        limit: usize,
    ) -> Result<Vec<Message>> {
        let open = |message: &Message| {
            message.status == status
                && message.wake_at.is_some()
                && message.account == account
                && message.sender.as_deref() == Some(sender)
        };
        Ok(self.some(open, limit))
    }

    async fn made_within(
        &self,
        after: MessageId,
        before: Timestamp,
        limit: usize,
    ) -> Result<Vec<MessageId>> {
        let end = MessageId::boundary(before);
        let within = |message: &Message| after < message.id && message.id < end;
        Ok(self.some(within, limit).iter().map(|m| m.id).collect())
    }

    async fn doubtful(&self, restored: Restored, limit: usize) -> Result<Vec<Message>> {
        let doubtful = |message: &Message| match message.status {
            Status::Queued => message.not_before <= restored.until,
            Status::Sending => message.last_claim_at < Some(restored.now),
            _ => false,
        };
        Ok(self.some(doubtful, limit))
    }
}

impl Reference {
    fn some(&self, filter: impl Fn(&Message) -> bool, limit: usize) -> Vec<Message> {
        let mut found = self.state().select(filter);
        found.truncate(limit);
        found
    }
}

fn swap_one(state: &mut State, swap: &Swap) -> Swapped {
    let Swap { seen, after } = swap;
    let mut others = state.messages.values().filter(|other| other.id != after.id);
    let own = after.provider.as_ref().map(|own| &own.sid);
    if own.is_some_and(|sid| others.any(|other| owns(other, sid))) {
        return Swapped::SidTaken;
    }
    match state.messages.get_mut(&after.id) {
        Some(message) if message.version == *seen => {
            message.clone_from(after);
            Swapped::Written
        }
        _ => Swapped::Conflict,
    }
}

/// The alarm by which a message is in a lane.
pub(super) fn alarm(message: &Message, lane: Lane) -> Option<Timestamp> {
    match lane {
        Lane::Erase => message.erase_at,
        lane => message
            .wake_at
            .filter(|_| lane.statuses().contains(&message.status)),
    }
}

fn has_turn(message: &Message, account: &str) -> bool {
    message.status == Status::Queued && message.turn.is_some() && message.account == account
}

fn owns(message: &Message, sid: &ProviderId) -> bool {
    message.provider.as_ref().is_some_and(|own| own.sid == *sid)
}

fn keyed(state: &State, owner: UserId, key: &IdempotencyKey) -> Option<Message> {
    let uses_key = |message: &Message| {
        let used = message.idempotency.as_ref().map(|known| &known.key);
        message.owner == owner && used == Some(key)
    };
    state.select(uses_key).pop()
}
