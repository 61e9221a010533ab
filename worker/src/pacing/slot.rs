//! What was chosen for a slot is claimed, and sent at its place.

use std::sync::Arc;
use std::time::Duration;

use mysms_core::domain::{Claim, Claimant, Message, MessageId, PerClass, Registry, Share, Slot};
use mysms_core::pace::{Held, StoreTime};
use mysms_core::provider::StartDeadline;
use mysms_core::store::Result;
use tokio::time::Instant;

use super::draw::{Chosen, Next, segments};
use super::pacer::Pacer;
use crate::concurrency::Permit;
use crate::context::log_store_error;
use crate::delivery::{Attempt, NOT_BEGUN};

/// How late a text may begin after its place in a slot. Later it waits for another one, or more than the
/// rate would leave at once.
const LATE: Duration = Duration::from_millis(100);

/// What was claimed for a slot, in the order in which it leaves.
struct Claimed {
    messages: Vec<Message>,
    permits: Vec<Permit>,
    claim: Claim,
    deadline: StartDeadline,
    probe: bool,
}

impl Pacer {
    /// Claims what was chosen, takes the slot for it and begins to send it. What could not be claimed is
    /// passed over by the next draw; if the slot is somebody else's, that waits for the line.
    pub(super) async fn send(
        &mut self,
        held: Held,
        chosen: Chosen,
        share: Share,
        registry: &Registry,
    ) -> Result<Next> {
        let context = Arc::clone(&self.context);
        let probe = chosen.probe;
        let claimed = match self.claim(chosen, registry).await {
            Ok(claimed) if !claimed.messages.is_empty() => claimed,
            nothing => {
                if probe {
                    self.learn_nothing().await?;
                }
                let released = context.lines.release(held, false).await;
                nothing?;
                return released.map(|()| Next::After(Duration::ZERO));
            }
        };
        let segments = PerClass::each(|class| {
            let of_class = claimed.messages.iter().filter(|it| it.class == class);
            of_class.map(|it| u64::from(segments(it))).sum()
        });
        let share = share.claimed(segments);
        let time = held.time;
        match context.lines.take(held, &share).await {
            Ok(Some(slot)) => {
                self.count(&claimed.messages);
                self.begin(claimed, slot, time);
                Ok(Next::Again)
            }
            untaken => {
                self.put_back(claimed).await;
                untaken.map(|_| Next::After(Duration::ZERO))
            }
        }
    }

    async fn claim(&mut self, chosen: Chosen, registry: &Registry) -> Result<Claimed> {
        let Chosen {
            messages,
            mut permits,
            probe,
        } = chosen;
        let context = Arc::clone(&self.context);
        let (claim, deadline) = context.begin_claim();
        let own = self.sender.as_str();
        let others = registry.senders().iter().map(|sender| &sender.address);
        let others: Vec<_> = others.filter(|it| it.as_str() != own).cloned().collect();
        let by = Claimant {
            account: &context.identity.account,
            sender: own,
            others: &others,
        };
        let wanted: Vec<_> = messages.iter().map(|message| message.id).collect();
        let mut won = context.ledger.claim_these(messages, by, claim).await?;
        context.announce(won.iter().map(|message| message.owner), claim.now);
        let place = |id: MessageId| wanted.iter().position(|wanted| *wanted == id);
        won.sort_by_key(|message| place(message.id));
        let lost = wanted.iter().copied();
        self.pass_over(lost.filter(|id| won.iter().all(|message| message.id != *id)));
        permits.truncate(won.len());
        Ok(Claimed {
            messages: won,
            permits,
            claim,
            deadline,
            probe,
        })
    }

    /// Begins to send what has a slot, each text at its place.
    fn begin(&self, claimed: Claimed, slot: Slot, time: StoreTime) {
        // What is reckoned from here on is not early, however long this process stands still now.
        let (seen, seen_wall) = (Instant::now(), self.context.clock.wall());
        let now = time.now();
        let mut before = 0;
        for (message, permit) in claimed.messages.into_iter().zip(claimed.permits) {
            let wait = slot.wait(before, now);
            before += segments(&message);
            let span = self.context.pacers.span(message.id);
            let attempt = Attempt {
                claim: claimed.claim,
                sender: self.sender.clone(),
                place: Some(seen + wait),
                deadline: claimed.deadline.and(wait + LATE, seen, seen_wall),
                probe: claimed.probe,
                message,
            };
            self.context.begin(attempt, permit, span);
        }
    }

    /// Puts what was claimed back to its place in the order: the line was somebody else's meanwhile, or the
    /// ledger does not say.
    async fn put_back(&self, claimed: Claimed) {
        let context = &self.context;
        if claimed.probe
            && let Err(error) = self.learn_nothing().await
        {
            log_store_error(&error, true);
        }
        for message in claimed.messages {
            let attempt = Attempt {
                claim: claimed.claim,
                sender: self.sender.clone(),
                place: None,
                deadline: claimed.deadline.clone(),
                probe: false,
                message,
            };
            let context = Arc::clone(context);
            context.lifecycle.clone().tracker().spawn(async move {
                context.metrics.attempt((&NOT_BEGUN).into());
                context.settle(&attempt, NOT_BEGUN).await;
            });
        }
    }

    /// A probe was not made.
    async fn learn_nothing(&self) -> Result<()> {
        let sender = self.sender.as_str();
        self.context.gate.learn(sender, &NOT_BEGUN, true).await
    }
}
