//! Attempts, looks and polls: what workers do.

use std::collections::hash_map::Entry;
use std::collections::{HashMap, HashSet};
use std::time::Duration;

use super::change::{Changed, Conflicts};
use super::{Adoption, Ledger};
use crate::domain::{
    Claim, Claimant, Content, Fact, LeaseToken, Message, MessageId, NextPoll, PhoneNumber,
    Settlement, Timestamp,
};
use crate::store::Result;

/// For how long the claim of a message that others change at the same moment is tried again. The rest of
/// its batch waits meanwhile, and its own alarm rings in any case.
const CLAIM_CONFLICTS_WITHIN: Duration = Duration::from_millis(100);

/// How long files wait for others that the provider would list alike: about as long as it takes to answer.
const FILES_APART: Duration = Duration::from_millis(300);

impl Ledger {
    /// Claims those of `ids` that `by` may send now and returns them, each once; each is won by
    /// exactly one caller, and is from that caller's sender from then on. Repeated with the same token it
    /// returns what that token holds. What waits for its turn is left alone, and so are files that would be
    /// listed like others on their way to the same number: they wait a moment.
    pub async fn claim(
        &self,
        ids: &[MessageId],
        by: Claimant<'_>,
        claim: Claim,
    ) -> Result<Vec<Message>> {
        // A caller that gets a message twice may send it twice.
        let ids: HashSet<_> = ids.iter().copied().collect();
        let ids: Vec<_> = ids.into_iter().collect();
        let mut messages = self.store.read(&ids).await?;
        let behind = self.behind_other_files(&messages, claim).await?;
        if !behind.is_empty() {
            let apart = messages.extract_if(.., |message| behind.contains(&message.id));
            let apart = apart.collect();
            let until = claim.now + FILES_APART;
            let put_off = |message: &mut Message| {
                let is_theirs = message.claimable(by, claim.now).is_some();
                is_theirs && message.put_off(until, claim.now)
            };
            self.change_each(apart, put_off).await?;
        }
        let in_no_line = |message: &Message| message.segments_in_line().is_none();
        self.claim_if(messages, by, claim, in_no_line).await
    }

    /// Those of some messages whose files the provider would list like others that are being sent to the
    /// same number, or that are claimed before them. They wait without being claimed: were both in doubt, or
    /// only seemed to be because a worker died, the list would tell of neither which it shows.
    async fn behind_other_files(
        &self,
        messages: &[Message],
        claim: Claim,
    ) -> Result<HashSet<MessageId>> {
        let mut behind = HashSet::new();
        let mut sending: HashMap<(&str, &PhoneNumber), Vec<Content>> = HashMap::new();
        let is_ours =
            |message: &Message| message.lease.and_then(|lease| lease.token) == Some(claim.token);
        let with_files = messages.iter().filter(|message| !is_ours(message));
        let with_files =
            with_files.filter_map(|message| Some((message, Content::with_files(message)?)));
        let mut with_files: Vec<_> = with_files.collect();
        with_files.sort_unstable_by_key(|(message, _)| message.id);
        for (message, content) in with_files {
            let Some(to) = &message.recipient else {
                continue;
            };
            let others = match sending.entry((&message.account, to)) {
                Entry::Occupied(known) => known.into_mut(),
                Entry::Vacant(new) => new.insert(self.being_sent(&message.account, to).await?),
            };
            if others.iter().any(|other| content.is_mistakable_for(other)) {
                behind.insert(message.id);
            } else {
                others.push(content);
            }
        }
        Ok(behind)
    }

    /// The same for messages that were just read, each once, whether or not they have a turn.
    pub async fn claim_these(
        &self,
        messages: Vec<Message>,
        by: Claimant<'_>,
        claim: Claim,
    ) -> Result<Vec<Message>> {
        self.claim_if(messages, by, claim, |_| true).await
    }

    async fn claim_if(
        &self,
        messages: Vec<Message>,
        by: Claimant<'_>,
        claim: Claim,
        may: impl Fn(&Message) -> bool + Send + Sync,
    ) -> Result<Vec<Message>> {
        let begin = |message: &mut Message| {
            if may(message)
                && let Some(free) = message.claimable(by, claim.now)
            {
                free.claim(claim);
                return true;
            }
            message.held_by(claim.token).is_some()
        };
        let conflicts = Conflicts::within(CLAIM_CONFLICTS_WITHIN);
        let claimed = self.change_most(messages, begin, conflicts);
        let (won, _others) = claimed.await?;
        Ok(won)
    }

    /// Ends a queued message that was not sent in time; returns false if it is not queued, or not
    /// expired.
    pub async fn expire(&self, id: MessageId, now: Timestamp) -> Result<bool> {
        let expired = self.change(id, |message| message.expire(now)).await?;
        Ok(expired.message().is_some())
    }

    /// The same for messages that were just read; returns those that it ended.
    pub async fn expire_these(
        &self,
        messages: Vec<Message>,
        now: Timestamp,
    ) -> Result<Vec<Message>> {
        self.change_each(messages, |message| message.expire(now))
            .await
    }

    /// Ends or keeps up an attempt or a look. Returns false if `token` is not the message's current
    /// lease token, or the settlement's own condition does not hold: then nothing happened.
    pub async fn settle(
        &self,
        id: MessageId,
        token: LeaseToken,
        settlement: Settlement,
        now: Timestamp,
    ) -> Result<bool> {
        let settled = self.change(id, |message| {
            let held = message.held_by(token);
            held.is_some_and(|held| held.settle(&settlement, now))
        });
        Ok(settled.await?.message().is_some())
    }

    /// Takes a message whose lease is over in order to look for it in the provider's list. Repeated
    /// with the same token it returns the message again.
    pub async fn take_resolve(&self, id: MessageId, claim: Claim) -> Result<Option<Message>> {
        let taken = self.change(id, |message| {
            message.take_resolve(claim) || message.held_by(claim.token).is_some()
        });
        Ok(taken.await?.message())
    }

    /// Gives the message held by `token` the SID of `fact`, which the provider's list showed.
    pub async fn adopt(&self, id: MessageId, token: LeaseToken, fact: &Fact) -> Result<Adoption> {
        let adopted = self.change(id, |message| {
            let held = message.held_by(token);
            held.map(|held| held.adopt(fact)).is_some()
        });
        Ok(match adopted.await? {
            Changed::Done(_) => Adoption::Adopted,
            Changed::SidTaken => Adoption::SidTaken,
            Changed::Refused(_) => Adoption::NotHeld,
        })
    }

    /// Takes a message whose status is overdue, until `until`, in order to ask the provider.
    pub async fn take_poll(
        &self,
        id: MessageId,
        now: Timestamp,
        until: Timestamp,
    ) -> Result<Option<Message>> {
        let taken = self.change(id, |message| message.take_poll(now, until));
        Ok(taken.await?.message())
    }

    /// Sets the alarm for the next poll of an open message; returns false if it is not open any more.
    pub async fn next_poll(&self, id: MessageId, next: NextPoll) -> Result<bool> {
        let open = self.change(id, |message| message.next_poll(next)).await?;
        Ok(open.message().is_some())
    }
}
