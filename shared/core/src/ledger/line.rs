//! Texts that wait for their turn: finding and claiming them, giving turns out, and giving back those of
//! texts that will not be sent.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use super::Ledger;
use crate::chain::Chain;
use crate::domain::{Class, LineId, Message, MessageId, SenderAddress, Timestamp, Turn, UserId};
use crate::store::{QueueId, Result};

impl Ledger {
    /// See [`MessageStore::waiting`](crate::store::MessageStore::waiting).
    pub async fn waiting(
        &self,
        account: &str,
        senders: &[&str],
        class: Class,
        limit: usize,
    ) -> Result<Vec<Message>> {
        self.store.waiting(account, senders, class, limit).await
    }

    /// See [`MessageStore::waited_for`](crate::store::MessageStore::waited_for).
    pub async fn waited_for(&self, account: &str) -> Result<Vec<String>> {
        self.store.waited_for(account).await
    }

    /// See [`MessageStore::queued_from`](crate::store::MessageStore::queued_from).
    pub async fn queued_from(
        &self,
        account: &str,
        sender: &str,
        limit: usize,
    ) -> Result<Vec<Message>> {
        self.store.queued_from(account, sender, limit).await
    }

    /// Gives turns to messages that were just read, where they need one; returns those that got theirs.
    pub async fn take_turns(
        &self,
        messages: Vec<Message>,
        turns: &HashMap<MessageId, Turn>,
        now: Timestamp,
    ) -> Result<Vec<Message>> {
        self.change_each(messages, |message| {
            let turn = turns.get(&message.id).copied();
            turn.is_some_and(|turn| message.take_turn(turn, now))
        })
        .await
    }

    /// Lets messages that were just read leave without a turn; returns those that do.
    pub async fn leave_lines(
        &self,
        messages: Vec<Message>,
        now: Timestamp,
    ) -> Result<Vec<Message>> {
        let left = Left::default();
        let freed = self.change_each(messages, |message| {
            left.after(message, |message| message.leave_line(now))
        });
        let freed = freed.await?;
        self.give_back(left).await;
        Ok(freed)
    }

    /// Lets queued messages that were just read wait for the end of quiet hours; returns those that do.
    pub async fn wait_until(
        &self,
        messages: Vec<Message>,
        open: &HashMap<MessageId, Timestamp>,
        now: Timestamp,
    ) -> Result<Vec<Message>> {
        let left = Left::default();
        let waiting = self.change_each(messages, |message| {
            let open = open.get(&message.id).copied();
            open.is_some_and(|open| left.after(message, |message| message.wait_until(open, now)))
        });
        let waiting = waiting.await?;
        self.give_back(left).await;
        Ok(waiting)
    }

    /// Lets queued messages that were just read leave from other senders, some with a turn there; returns
    /// those that do. What a worker has claimed meanwhile leaves from where it was.
    pub async fn move_to(
        &self,
        messages: Vec<Message>,
        moves: &HashMap<MessageId, (SenderAddress, Option<Turn>)>,
        now: Timestamp,
    ) -> Result<Vec<Message>> {
        let left = Left::default();
        let leaving = self.change_each(messages, |message| {
            let Some((sender, turn)) = moves.get(&message.id) else {
                return false;
            };
            left.after(message, |message| message.move_to(sender, *turn, now))
        });
        let gone = leaving.await?;
        self.give_back(left).await;
        Ok(gone)
    }

    /// Gives turns back. If that fails, the next turns of their users are a little late.
    pub(super) async fn give_back(&self, left: Left) {
        for (place, segments) in left.into_places() {
            let Place { queue, user } = place;
            let counted = self.turns.leave(&queue, segments, None).await;
            let given = self.turns.give_back(&queue, user, segments).await;
            if let Err(error) = counted.and(given) {
                tracing::warn!(error = %Chain(&error), "turns could not be given back");
            }
        }
    }
}

/// What leaves its place in line without being sent.
#[derive(Default)]
pub(super) struct Left(Mutex<HashMap<MessageId, (Place, u64)>>);

#[derive(Clone, PartialEq, Eq, Hash)]
struct Place {
    queue: QueueId,
    user: UserId,
}

impl Left {
    /// Does something to a message, and notes its place if it leaves that; returns what `change` returns.
    pub(super) fn after(
        &self,
        message: &mut Message,
        change: impl FnOnce(&mut Message) -> bool,
    ) -> bool {
        let (id, place) = (message.id, place(message));
        let changed = change(message);
        if let Some(place) = place.filter(|_| changed) {
            let mut places = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            places.insert(id, place);
        }
        changed
    }

    /// The segments of each place.
    fn into_places(self) -> HashMap<Place, u64> {
        let left = self.0.into_inner().unwrap_or_else(PoisonError::into_inner);
        let mut places = HashMap::new();
        for (place, segments) in left.into_values() {
            *places.entry(place).or_default() += segments;
        }
        places
    }
}

fn place(message: &Message) -> Option<(Place, u64)> {
    let segments = message.segments_in_line()?;
    let sender = message.sender.as_deref()?;
    let queue = QueueId {
        line: LineId::new(&message.account, sender),
        class: message.class,
    };
    let user = message.owner;
    Some((Place { queue, user }, segments.into()))
}
