//! Texts that wait for their turn: finding and claiming them, giving turns out, and giving back those of
//! texts that will not be sent.

use std::collections::HashMap;

use super::Ledger;
use crate::chain::Chain;
use crate::domain::{
    Class, LineId, Message, MessageId, SenderAddress, Status, Timestamp, Turn, UserId,
};
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

    /// See [`MessageStore::open_from`](crate::store::MessageStore::open_from).
    pub async fn open_from(
        &self,
        account: &str,
        sender: &str,
        status: Status,
        limit: usize,
    ) -> Result<Vec<Message>> {
        let store = &self.store;
        store.open_from(account, sender, status, limit).await
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
        self.change_each(messages, |message| message.leave_line(now))
            .await
    }

    /// Lets queued messages that were just read wait for the end of quiet hours; returns those that do.
    pub async fn wait_until(
        &self,
        messages: Vec<Message>,
        open: &HashMap<MessageId, Timestamp>,
        now: Timestamp,
    ) -> Result<Vec<Message>> {
        self.change_each(messages, |message| {
            let open = open.get(&message.id).copied();
            open.is_some_and(|open| message.wait_until(open, now))
        })
        .await
    }

    /// Lets queued messages that were just read leave from other senders, some with a turn there; returns
    /// those that do. What a worker has claimed meanwhile leaves from where it was.
    pub async fn move_to(
        &self,
        messages: Vec<Message>,
        moves: &HashMap<MessageId, (SenderAddress, Option<Turn>)>,
        now: Timestamp,
    ) -> Result<Vec<Message>> {
        let senders = messages.iter().map(|it| (it.id, it.sender.clone()));
        let from: HashMap<_, _> = senders.collect();
        self.change_each(messages, |message| {
            // Of two who move it, the second would move it on from where nobody wants it moved from.
            let stayed = from.get(&message.id) == Some(&message.sender);
            let to = moves.get(&message.id).filter(|_| stayed);
            to.is_some_and(|(sender, turn)| message.move_to(sender, *turn, now))
        })
        .await
    }

    /// Gives the turns of changed messages back that have left the places they had in their lines, and are
    /// not being sent. If that fails, the next turns of their users are a little late.
    pub(super) async fn give_back(
        &self,
        places: impl IntoIterator<Item = Place>,
        changed: &[Message],
    ) {
        let mut places: HashMap<_, _> = places.into_iter().map(|it| (it.message, it)).collect();
        let mut left: HashMap<_, u64> = HashMap::new();
        for message in changed {
            let place = places.remove(&message.id);
            if let Some(place) = place.filter(|place| place.is_left_unsent(message)) {
                *left.entry((place.queue, place.user)).or_default() += place.segments;
            }
        }
        for ((queue, user), segments) in left {
            if let Err(error) = self.turns.withdraw(&queue, user, segments).await {
                tracing::warn!(error = %Chain(&error), "turns could not be given back");
            }
        }
    }
}

/// Where a message waits for its turn.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Place {
    message: MessageId,
    queue: QueueId,
    user: UserId,
    segments: u64,
}

impl Place {
    /// `None` if it waits for none.
    pub(super) fn of(message: &Message) -> Option<Self> {
        let segments = message.segments_in_line()?;
        let sender = message.sender.as_deref()?;
        Some(Self {
            message: message.id,
            queue: QueueId {
                line: LineId::new(&message.account, sender),
                class: message.class,
            },
            user: message.owner,
            segments: segments.into(),
        })
    }

    /// What is being sent has left its place too, and is counted by whoever sends it.
    fn is_left_unsent(&self, message: &Message) -> bool {
        message.status != Status::Sending && Self::of(message).as_ref() != Some(self)
    }
}
