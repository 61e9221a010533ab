//! Merging what the provider said: which message a fact goes to, and what it does there.

use std::collections::HashMap;
use std::sync::Arc;

use batch_aint_one::Processor;

use super::change::{CONFLICTS_WITHIN, Conflicts, kept_changing, swap_one};
use super::erasing::Erasing;
use super::leaving::{Leaving, Parties};
use super::{FactOutcome, Ledger};
use crate::domain::{Fact, Message, MessageId};
use crate::store::{MessageStore, Result, StoreError, Swap, Swapped};

/// Merges facts in batches: one read and one swap for all of them, if each is simply about the message
/// that it is addressed to.
#[derive(Clone)]
pub(super) struct Facts {
    pub(super) store: Arc<dyn MessageStore>,
    pub(super) leaving: Leaving,
}

impl Processor for Facts {
    /// The lane, and what is done with those that are deleted.
    type Key = (u8, Erasing);
    type Input = Fact;
    type Output = Merged;
    type Error = StoreError;
    type Resources = ();

    async fn acquire_resources(&self, _: (u8, Erasing)) -> Result<()> {
        Ok(())
    }

    async fn process(
        &self,
        (_, erasing): (u8, Erasing),
        inputs: impl Iterator<Item = Fact> + Send,
        (): (),
    ) -> Result<Vec<Merged>> {
        let facts: Vec<_> = inputs.collect();
        let mut round = Round::of(self.addressed(&facts).await?, erasing);
        let outcomes: Vec<_> = facts.iter().map(|fact| round.merge(fact)).collect();
        let failed = round.write(self, erasing).await?;
        let merged = facts.iter().zip(outcomes).map(|(fact, outcome)| {
            let written = fact.message.is_none_or(|id| !failed.contains(&id));
            match outcome {
                Some(outcome) if written => Merged::Done(outcome),
                foreseen => Merged::Alone { foreseen },
            }
        });
        Ok(merged.collect())
    }
}

/// What a batch did with a fact.
pub(super) enum Merged {
    Done(FactOutcome),
    /// It has to be merged by itself, and not within the batch, whose neighbours would wait for it.
    Alone {
        /// What it would have done, if that was not certainly written.
        foreseen: Option<FactOutcome>,
    },
}

/// The lane of a fact: always the same for a message.
pub(super) fn lane(fact: &Fact) -> u8 {
    fact.message.map_or(0, |id| id.as_uuid().as_bytes()[15] & 1)
}

/// The messages that the facts of a batch are addressed to.
struct Round {
    messages: HashMap<MessageId, Seen>,
}

/// A message with its changes, and what it was without them.
struct Seen {
    version: u32,
    erasable: usize,
    parties: Parties,
    message: Message,
}

impl Round {
    fn of(messages: Vec<Message>, erasing: Erasing) -> Self {
        let seen = messages.into_iter().map(|message| {
            let seen = Seen {
                version: message.version,
                erasable: erasing.before(&message),
                parties: Parties::of(&message),
                message,
            };
            (seen.message.id, seen)
        });
        Self {
            messages: seen.collect(),
        }
    }

    /// Merges a fact; `None` if it is not simply about the SID of the message that it is addressed to.
    /// Whether another message has the SID already is found when it is written.
    fn merge(&mut self, fact: &Fact) -> Option<FactOutcome> {
        let Seen { message, .. } = self.messages.get_mut(&fact.message?)?;
        let has_other_sid = has_other_sid(message, fact);
        (message.account == fact.account && !has_other_sid).then(|| applied(message, fact))
    }

    /// Writes all changes; returns the messages that were not written.
    async fn write(self, to: &Facts, erasing: Erasing) -> Result<Vec<MessageId>> {
        let mut left = Vec::new();
        let changed = self.messages.into_values();
        let swaps: Vec<_> = changed
            .filter(|seen| seen.message.version != seen.version)
            .map(|mut seen| {
                erasing.after(seen.erasable, &mut seen.message);
                left.extend(seen.parties.left(&seen.message));
                Swap {
                    seen: seen.version,
                    after: seen.message,
                }
            })
            .collect();
        if swaps.is_empty() {
            return Ok(Vec::new());
        }
        to.leaving.note(&left).await?;
        let outcomes = to.store.swap(&swaps).await?;
        let not_written = swaps
            .iter()
            .zip(outcomes)
            .filter(|(_, outcome)| *outcome != Swapped::Written)
            .map(|(swap, _)| swap.after.id);
        Ok(not_written.collect())
    }
}

impl Facts {
    async fn addressed(&self, facts: &[Fact]) -> Result<Vec<Message>> {
        let mut ids: Vec<_> = facts.iter().filter_map(|fact| fact.message).collect();
        ids.sort_unstable();
        ids.dedup();
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        self.store.read(&ids).await
    }
}

impl Ledger {
    /// Merges one fact into the owner of its SID, or else into the message that it is addressed to.
    ///
    /// What a batch foresaw counts if it turns out that it was written after all.
    pub(super) async fn merge(
        &self,
        fact: &Fact,
        foreseen: Option<FactOutcome>,
    ) -> Result<FactOutcome> {
        let store = &*self.store;
        let mut conflicts = Conflicts::within(CONFLICTS_WITHIN);
        loop {
            let Some(mut message) = meant_by(store, fact).await? else {
                return Ok(FactOutcome::NoMessage);
            };
            let seen = message.version;
            let (erasable, parties) = (self.erasing.before(&message), Parties::of(&message));
            let outcome = merge_into(store, &mut message, fact).await?;
            if message.version == seen {
                // The batch wrote it after all, unless it was for another message.
                let foreseen = foreseen
                    .filter(|_| fact.message == Some(message.id) && is_recorded(&message, fact));
                return Ok(foreseen.unwrap_or(outcome));
            }
            self.erasing.after(erasable, &mut message);
            self.leaving.note(parties.left(&message).as_slice()).await?;
            let after = message;
            match swap_one(store, &Swap { seen, after }).await? {
                Swapped::Written => return Ok(outcome),
                _ if conflicts.pause().await => {}
                Swapped::Conflict | Swapped::SidTaken => return Err(kept_changing()),
            }
        }
    }
}

async fn meant_by(store: &dyn MessageStore, fact: &Fact) -> Result<Option<Message>> {
    if let Some(owner) = store.with_sid(&fact.sid).await? {
        return Ok(Some(owner));
    }
    let addressed = match fact.message {
        Some(id) => store.read(&[id]).await?.pop(),
        None => None,
    };
    if addressed.is_none() {
        store.confirm_absence().await?;
    }
    Ok(addressed)
}

async fn merge_into(
    store: &dyn MessageStore,
    message: &mut Message,
    fact: &Fact,
) -> Result<FactOutcome> {
    let (id, owner) = (message.id, message.owner);
    if message.account != fact.account {
        return Ok(FactOutcome::ForeignAccount { id });
    }
    if !has_other_sid(message, fact) {
        return Ok(applied(message, fact));
    }
    let adopted = message.has_adopted_sid();
    let twin_in_doubt = adopted && store.has_twin_in_doubt(message).await?;
    Ok(FactOutcome::Surplus {
        id,
        owner,
        taken_twice: message.apply_surplus(fact, twin_in_doubt),
    })
}

/// Whether this very fact is on the timeline, told at this time.
fn is_recorded(message: &Message, fact: &Fact) -> bool {
    message.timeline.iter().any(|entry| {
        entry.at == fact.at
            && entry.sid.as_ref() == Some(&fact.sid)
            && entry.status == Some(fact.status.status())
    })
}

fn has_other_sid(message: &Message, fact: &Fact) -> bool {
    let own = message.provider.as_ref();
    own.is_some_and(|own| own.sid != fact.sid)
}

fn applied(message: &mut Message, fact: &Fact) -> FactOutcome {
    FactOutcome::Applied {
        id: message.id,
        owner: message.owner,
        effect: message.apply_fact(fact),
    }
}
