//! Merging what the provider said: which message a fact goes to, and what it does there.

use std::collections::HashMap;
use std::sync::Arc;

use batch_aint_one::Processor;
use futures_util::future::join_all;

use super::FactOutcome;
use super::change::{CONFLICTS_WITHIN, Conflicts, kept_changing, swap_one};
use crate::domain::{Fact, Message, MessageId};
use crate::store::{MessageStore, Result, StoreError, Swap, Swapped};

/// Merges facts in batches: one read and one swap for all of them, if each is simply about the message
/// that it is addressed to.
#[derive(Clone)]
pub(super) struct Facts(pub(super) Arc<dyn MessageStore>);

impl Processor for Facts {
    type Key = ();
    type Input = Fact;
    type Output = Result<FactOutcome>;
    type Error = StoreError;
    type Resources = ();

    async fn acquire_resources(&self, (): ()) -> Result<()> {
        Ok(())
    }

    async fn process(
        &self,
        (): (),
        inputs: impl Iterator<Item = Fact> + Send,
        (): (),
    ) -> Result<Vec<Result<FactOutcome>>> {
        let facts: Vec<_> = inputs.collect();
        let mut round = Round::of(self.addressed(&facts).await?);
        let mut outcomes: Vec<_> = facts.iter().map(|fact| round.merge(fact)).collect();
        let failed = round.write(&*self.0).await?;
        for (fact, outcome) in facts.iter().zip(&mut outcomes) {
            if fact.message.is_some_and(|id| failed.contains(&id)) {
                *outcome = None;
            }
        }
        let results = facts
            .iter()
            .zip(outcomes)
            .map(async |(fact, outcome)| match outcome {
                Some(outcome) => Ok(outcome),
                None => self.merge(fact).await,
            });
        Ok(join_all(results).await)
    }
}

/// The messages that the facts of a batch are addressed to.
struct Round {
    messages: HashMap<MessageId, Seen>,
}

/// A message with its changes, and the version that it had without them.
struct Seen {
    version: u32,
    message: Message,
}

impl Round {
    fn of(messages: Vec<Message>) -> Self {
        let seen = messages.into_iter().map(|message| {
            let version = message.version;
            (message.id, Seen { version, message })
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
    async fn write(self, store: &dyn MessageStore) -> Result<Vec<MessageId>> {
        let changed = self.messages.into_values();
        let swaps: Vec<_> = changed
            .filter(|seen| seen.message.version != seen.version)
            .map(|seen| Swap {
                seen: seen.version,
                after: seen.message,
            })
            .collect();
        if swaps.is_empty() {
            return Ok(Vec::new());
        }
        let outcomes = store.swap(&swaps).await?;
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
        self.0.read(&ids).await
    }

    /// Merges one fact into the owner of its SID, or else into the message that it is addressed to.
    async fn merge(&self, fact: &Fact) -> Result<FactOutcome> {
        let mut conflicts = Conflicts::within(CONFLICTS_WITHIN);
        loop {
            let Some(mut message) = self.meant_by(fact).await? else {
                return Ok(FactOutcome::NoMessage);
            };
            let seen = message.version;
            let outcome = self.merge_into(&mut message, fact).await?;
            if message.version == seen {
                return Ok(outcome);
            }
            let after = message;
            match swap_one(&*self.0, &Swap { seen, after }).await? {
                Swapped::Written => return Ok(outcome),
                _ if conflicts.pause().await => {}
                Swapped::Conflict | Swapped::SidTaken => return Err(kept_changing()),
            }
        }
    }

    async fn meant_by(&self, fact: &Fact) -> Result<Option<Message>> {
        if let Some(owner) = self.0.with_sid(&fact.sid).await? {
            return Ok(Some(owner));
        }
        let addressed = match fact.message {
            Some(id) => self.0.read(&[id]).await?.pop(),
            None => None,
        };
        if addressed.is_none() {
            self.0.confirm_absence().await?;
        }
        Ok(addressed)
    }

    async fn merge_into(&self, message: &mut Message, fact: &Fact) -> Result<FactOutcome> {
        let (id, owner) = (message.id, message.owner);
        if message.account != fact.account {
            return Ok(FactOutcome::ForeignAccount { id });
        }
        if !has_other_sid(message, fact) {
            return Ok(applied(message, fact));
        }
        let adopted = message.has_adopted_sid();
        let twin_in_doubt = adopted && self.0.has_twin_in_doubt(message).await?;
        Ok(FactOutcome::Surplus {
            id,
            owner,
            taken_twice: message.apply_surplus(fact, twin_in_doubt),
        })
    }
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
