//! Gives turns to texts whose time has come: scheduled ones, and those that had to wait before they are
//! tried again.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use futures_util::future::try_join_all;
use mysms_core::domain::{Lane, Message, MessageId, Registry, SenderAddress, Timestamp, Turn};
use mysms_core::pace::{Entrant, Settings};
use mysms_core::store::Result;
use rand::RngExt;

use super::counting::{agree_on_empty, queue};
use super::draw::segments;
use crate::context::{Context, log_store_error};

/// Due texts that are looked at, and those of them that one round takes. Several workers look at the same
/// ones, so that they had better take different ones.
const LOOKED_AT: usize = 512;
const AT_ONCE: usize = 64;

/// One round: gives turns to what is due, and wakes the pacers for whose senders something waits; returns
/// true if there may be more to do at once.
pub(crate) async fn sweep(context: &Arc<Context>, registry: &Registry) -> Result<bool> {
    if !context.gate.trusts_the_clock() {
        return Ok(false);
    }
    let account = &context.identity.account;
    let now = context.clock.now();
    let due = context.ledger.due(account, Lane::Send, now, LOOKED_AT);
    let due = due.await?;
    let full = due.len() > AT_ONCE;
    let some = some_of(due);
    if !some.is_empty() {
        let found = context.ledger.read(&some).await?;
        let helped = give_turns(context, registry, found).await?;
        let lost = some.into_iter().filter(|id| !helped.contains(id));
        let lost: Vec<_> = lost.collect();
        context.settle_unclaimable(&lost).await?;
    }
    let waited_for = context.ledger.waited_for(account).await?;
    check_counts(context, registry, &waited_for);
    let knows = |sender: &String| registry.get(sender).is_some();
    if waited_for.iter().all(knows) {
        context.pacers.note_waiting(waited_for, registry);
    } else {
        // What is not known may have been added just now: its texts are not the environment's to send.
        let registry = context.senders.look().await?;
        context.pacers.note_waiting(waited_for, &registry);
    }
    Ok(full)
}

/// The first of them, or others if there are many.
fn some_of(mut due: Vec<MessageId>) -> Vec<MessageId> {
    let most = due.len().saturating_sub(AT_ONCE);
    if due.len() == LOOKED_AT {
        due.drain(..rand::rng().random_range(0..=most));
    }
    due.truncate(AT_ONCE);
    due
}

/// Compares the counts of senders that have been resting for a while with what waits for them.
fn check_counts(context: &Arc<Context>, registry: &Registry, waited_for: &[String]) {
    for sender in context.pacers.rested() {
        if waited_for.iter().any(|waited| *waited == sender.as_str()) {
            continue;
        }
        if registry.get(sender.as_str()).is_some() {
            let context = Arc::clone(context);
            context.lifecycle.clone().tracker().spawn(async move {
                if let Err(error) = agree_on_empty(&context, &sender).await {
                    log_store_error(&error, false);
                }
            });
        }
    }
}

/// Gives turns to those of some messages, which were just read, that need one, or lets them wait for the
/// end of quiet hours; returns those that it did something for.
pub(super) async fn give_turns(
    context: &Context,
    registry: &Registry,
    messages: Vec<Message>,
) -> Result<HashSet<MessageId>> {
    let now = context.clock.now();
    let account = &context.identity.account;
    let in_time = |message: &Message| {
        message.account == *account && message.needs_turn(now) && !message.is_expired(now)
    };
    let messages: Vec<_> = messages.into_iter().filter(in_time).collect();
    if messages.is_empty() {
        return Ok(HashSet::new());
    }
    let due = Due {
        context,
        registry,
        settings: context.settings.all().await?,
        now,
    };
    due.take(messages).await
}

/// Messages that need turns.
struct Due<'a> {
    context: &'a Context,
    registry: &'a Registry,
    settings: Arc<Settings>,
    now: Timestamp,
}

impl Due<'_> {
    async fn take(&self, messages: Vec<Message>) -> Result<HashSet<MessageId>> {
        let (mut resting, mut ready) = (Vec::new(), Vec::new());
        for message in messages {
            let open = self
                .context
                .rests_until(&message, self.registry, &self.settings);
            match open {
                Some(open) => resting.push((message, open)),
                None => ready.push(message),
            }
        }
        let resting = self.context.rest_in_quiet(resting).await?;
        let mut helped = HashSet::from_iter(resting);
        if !ready.is_empty() {
            helped.extend(self.enter(ready).await?);
        }
        Ok(helped)
    }

    /// Gives each message a turn in the queue of its sender.
    async fn enter(&self, messages: Vec<Message>) -> Result<Vec<MessageId>> {
        let entrants: Vec<_> = messages.iter().map(|it| self.entrant(it)).collect();
        let desk = &self.context.desk;
        let entering = entrants.iter().map(|entrant| desk.enter(entrant.clone()));
        let entered = try_join_all(entering).await?;
        let places = messages.iter().map(|message| message.id);
        let turns = entered.into_iter().map(|(turn, _)| turn);
        let turns: HashMap<_, _> = places.clone().zip(turns).collect();
        let entrants: HashMap<_, _> = places.zip(entrants).collect();
        let taken = self.give(messages, &turns).await;
        let won: HashSet<_> = taken.iter().flatten().map(|message| message.id).collect();
        for (id, entrant) in &entrants {
            if !won.contains(id) {
                // Another worker gave it a turn at the same moment, or somebody took it back.
                let segments = entrant.segments.into();
                let turns = &self.context.turns;
                turns
                    .withdraw(&entrant.queue, entrant.user, segments)
                    .await?;
            }
        }
        for message in taken? {
            let sender = self.registry.leaving(message.sender.as_deref());
            self.context.pacers.wake(&sender.address);
        }
        Ok(won.into_iter().collect())
    }

    async fn give(
        &self,
        messages: Vec<Message>,
        turns: &HashMap<MessageId, Turn>,
    ) -> Result<Vec<Message>> {
        let ledger = &self.context.ledger;
        // Those of early versions say nothing of their sender, by which they would be found.
        let (known, unknown): (Vec<_>, Vec<_>) = messages
            .into_iter()
            .partition(|message| message.sender.is_some());
        let mut taken = ledger.take_turns(known, turns, self.now).await?;
        if !unknown.is_empty() {
            let environment = &self.registry.environment().address;
            let move_of = |(id, turn): (&MessageId, &Turn)| {
                (*id, (SenderAddress::clone(environment), Some(*turn)))
            };
            let moves = turns.iter().map(move_of).collect();
            taken.extend(ledger.move_to(unknown, &moves, self.now).await?);
        }
        Ok(taken)
    }

    fn entrant(&self, message: &Message) -> Entrant {
        let sender = self.registry.leaving(message.sender.as_deref());
        let settings = self.settings.get(&message.owner);
        Entrant {
            queue: queue(self.context, &sender.address, message.class),
            user: message.owner,
            weight: settings.map(|settings| settings.weight).unwrap_or_default(),
            segments: segments(message),
            now: self.now,
        }
    }
}
