//! What users and recipients do with messages.

use std::collections::HashMap;

use super::change::Changed;
use super::leaving::Leaving;
use super::{Assignment, Cancel, Ledger, Refused};
use crate::domain::{
    Address, Learned, Message, MessageId, Position, Status, Timestamp, UploadId, UserId,
};
use crate::store::Result;

/// What was deleted.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Deleted {
    pub messages: u64,
    /// Files that the user brought, and how many of the messages had each. Those of messages that are being sent
    /// are left out: the provider may be about to fetch them.
    pub files: HashMap<UploadId, u32>,
}

impl Deleted {
    pub fn any(&self) -> bool {
        self.messages > 0
    }
}

/// Messages changed at a time, so that no statement takes longer than its caller can wait.
const BATCH: usize = 250;

impl Ledger {
    /// Cancels a queued message of a user; it stays in the history.
    pub async fn cancel(&self, owner: UserId, id: MessageId, now: Timestamp) -> Result<Cancel> {
        let canceled = self.change(id, |message| {
            is_shown_to(owner, message)
                && (message.status == Status::Canceled || message.cancel(now))
        });
        match canceled.await? {
            Changed::Done(message) => Ok(Cancel::Canceled(message)),
            Changed::Refused(Some(message)) if is_shown_to(owner, &message) => Ok(Cancel::TooLate),
            Changed::Refused(_) | Changed::SidTaken => {
                self.store.confirm_absence().await?;
                Ok(Cancel::NotFound)
            }
        }
    }

    /// Gives a message that belongs to nobody to a user.
    pub async fn assign(&self, id: MessageId, to: UserId, now: Timestamp) -> Result<Assignment> {
        let assigned = self.change(id, |message| message.assign(to, now));
        match assigned.await? {
            Changed::Done(message) => Ok(Assignment::Assigned(message)),
            Changed::Refused(Some(message)) if message.assigned_at.is_some() => {
                Ok(Assignment::Taken)
            }
            Changed::Refused(_) | Changed::SidTaken => {
                self.store.confirm_absence().await?;
                Ok(Assignment::NotFound)
            }
        }
    }

    /// Records what became known of a file of a user's message when it was opened; returns the message if
    /// it was not known.
    pub async fn learn_of_medium(
        &self,
        owner: UserId,
        id: MessageId,
        (index, learned): (usize, Learned),
        now: Timestamp,
    ) -> Result<Option<Message>> {
        let changed = self.change(id, |message| {
            message.owner == owner && message.learn_of_medium(index, learned.clone(), now)
        });
        Ok(changed.await?.message())
    }

    /// Deletes a message of a user: it is gone for them at once, and one still queued is never sent.
    pub async fn delete(&self, owner: UserId, id: MessageId, now: Timestamp) -> Result<Deleted> {
        let mut found = self.store.read(&[id]).await?;
        found.retain(|message| message.owner == owner);
        let mut deleted = Deleted::default();
        self.delete_these(found, now, &mut deleted).await?;
        if !deleted.any() {
            self.store.confirm_absence().await?;
        }
        Ok(deleted)
    }

    /// Deletes all messages of a user who leaves, those in the sandbox included; returns how many.
    pub async fn delete_everywhere(&self, user: UserId, now: Timestamp) -> Result<u64> {
        let mut deleted = 0;
        // Nobody is left to whom an answer could go.
        let ledger = Self {
            leaving: Leaving::unnoted(),
            ..self.clone()
        };
        for owner in user.in_all_worlds() {
            let next = || self.store.undeleted(owner, BATCH);
            let gone = ledger.delete_while(next, now).await?;
            deleted += gone.messages;
        }
        Ok(deleted)
    }

    /// Deletes all messages of a user.
    pub async fn delete_all(&self, owner: UserId, now: Timestamp) -> Result<Deleted> {
        let next = || self.store.undeleted(owner, BATCH);
        self.delete_while(next, now).await
    }

    /// Deletes what a user exchanged with a counterpart, either way: what stands no later than a message, or all
    /// of it.
    pub async fn delete_conversation(
        &self,
        owner: UserId,
        counterpart: &Address,
        up_to: Option<MessageId>,
        now: Timestamp,
    ) -> Result<Deleted> {
        let up_to = self.up_to(owner, up_to).await?;
        let next = || {
            let store = &self.store;
            store.undeleted_with(owner, counterpart, up_to, BATCH)
        };
        self.delete_while(next, now).await
    }

    /// Deletes what `next` finds, until there is no more.
    async fn delete_while<F>(&self, next: impl Fn() -> F, now: Timestamp) -> Result<Deleted>
    where
        F: Future<Output = Result<Vec<Message>>>,
    {
        let mut deleted = Deleted::default();
        loop {
            let messages = next().await?;
            let is_last = messages.len() < BATCH;
            self.delete_these(messages, now, &mut deleted).await?;
            if is_last {
                // That there is no more is for a primary to say that a majority follows.
                self.store.confirm_absence().await?;
                if deleted.any() {
                    self.store.forget_erased().await;
                }
                return Ok(deleted);
            }
        }
    }

    async fn delete_these(
        &self,
        messages: Vec<Message>,
        now: Timestamp,
        deleted: &mut Deleted,
    ) -> Result<()> {
        let files: HashMap<_, _> = messages
            .iter()
            .filter(|message| message.status != Status::Sending)
            .map(|message| (message.id, message.media.uploads()))
            .filter(|(_, uploads)| !uploads.is_empty())
            .collect();
        let changed = self.change_each(messages, |message| message.delete(now));
        for message in changed.await? {
            deleted.messages += 1;
            for upload in files.get(&message.id).into_iter().flatten() {
                *deleted.files.entry(*upload).or_default() += 1;
            }
        }
        Ok(())
    }

    /// Records that a user has seen what a counterpart wrote, up to a message, or all of it; returns
    /// whether anything had not been seen before.
    pub async fn mark_read(
        &self,
        owner: UserId,
        counterpart: &Address,
        up_to: Option<MessageId>,
        now: Timestamp,
    ) -> Result<bool> {
        let mut news = false;
        let up_to = self.up_to(owner, up_to).await?;
        loop {
            let messages = self.store.unread(owner, counterpart, up_to, BATCH).await?;
            let is_last = messages.len() < BATCH;
            let seen = self.change_each(messages, |message| message.mark_read(now));
            news |= !seen.await?.is_empty();
            if is_last {
                if !news {
                    self.store.confirm_absence().await?;
                }
                return Ok(news);
            }
        }
    }

    /// Whether a message can be the last one of what a user exchanged with a counterpart: it is one of these, or
    /// was one of the user's before it was deleted, when nobody knows any more with whom.
    pub async fn is_bound(
        &self,
        owner: UserId,
        counterpart: &Address,
        id: MessageId,
    ) -> Result<bool> {
        let found = self.store.read(&[id]).await?;
        let is_bound = |message: &Message| {
            let with = message.counterpart.as_ref();
            message.owner == owner && (with == Some(counterpart) || !message.visible)
        };
        if found.iter().any(is_bound) {
            return Ok(true);
        }
        self.store.confirm_absence().await?;
        Ok(false)
    }

    /// Where a message stands. One that is gone stood where its id says, or later.
    async fn up_to(&self, owner: UserId, id: Option<MessageId>) -> Result<Option<Position>> {
        let Some(id) = id else {
            return Ok(None);
        };
        let found = self.store.read(&[id]).await?;
        let mut own = found.iter().filter(|message| message.owner == owner);
        let position = own.next().map_or_else(|| id.into(), Message::position);
        Ok(Some(position))
    }

    /// Ends what waits to be sent to a recipient from one of `senders`, from which they want no texts,
    /// at most `limit` messages. What a worker has claimed is the provider's to refuse.
    pub async fn refuse_queued(
        &self,
        recipient: &Address,
        senders: &[String],
        now: Timestamp,
        limit: usize,
    ) -> Result<Refused> {
        if senders.is_empty() {
            return Ok(Refused::default());
        }
        let waiting = self.store.queued_to(recipient, senders, limit).await?;
        // Those that a worker claims meanwhile do not end the search.
        let more = waiting.len() == limit;
        let refused = self.change_each(waiting, |message| message.refuse_opted_out(now));
        let owner = |message: Message| message.owner;
        Ok(Refused {
            owners: refused.await?.into_iter().map(owner).collect(),
            more,
        })
    }
}

fn is_shown_to(owner: UserId, message: &Message) -> bool {
    message.owner == owner && message.visible
}
