//! Counts what enters and leaves the queues of a line, which estimates are made by.

use std::sync::Arc;
use std::time::Duration;

use mysms_core::domain::{Class, LineId, Message, PerClass, SenderAddress};
use mysms_core::store::{QueueId, Result};
use tokio::time::Instant;

use super::draw::segments;
use super::pacer::Pacer;
use crate::context::{Context, log_store_error};

/// How long after its last slot the counts of a sender are compared with what waits: by then all of them
/// are made.
const AFTERWARDS: Duration = Duration::from_secs(10);

impl Pacer {
    /// Counts what leaves in a slot, without waiting for it.
    pub(super) fn count(&self, messages: &[Message]) {
        let context = Arc::clone(&self.context);
        context.pacers.note_slot(&self.sender);
        let mut leaving = Vec::new();
        for class in Class::ALL {
            let of_class = || messages.iter().filter(|message| message.class == class);
            let count = of_class().map(|message| u64::from(segments(message))).sum();
            let last = of_class().filter_map(|message| message.turn).max();
            if count > 0 {
                context.metrics.left(class, count);
                leaving.push((queue(&context, &self.sender, class), count, last));
            }
        }
        context.lifecycle.clone().tracker().spawn(async move {
            for (queue, count, last) in leaving {
                if let Err(error) = context.turns.leave(&queue, count, last).await {
                    log_store_error(&error, false);
                }
            }
        });
    }
}

impl Context {
    /// Counts a message into its queue once more, without waiting for it: it goes back to where it was.
    pub(crate) fn count_again(self: &Arc<Self>, sender: &SenderAddress, message: &Message) {
        let context = Arc::clone(self);
        let queue = queue(self, sender, message.class);
        let count = u64::from(segments(message));
        self.lifecycle.tracker().spawn(async move {
            if let Err(error) = context.turns.enter(&queue, count).await {
                log_store_error(&error, false);
            }
        });
    }
}

/// Lets the counts of a sender's queues say that nothing waits, where nothing does: some are lost when
/// processes end.
pub(super) async fn agree_on_empty(context: &Context, sender: &SenderAddress) -> Result<()> {
    let account = &context.identity.account;
    for class in Class::ALL {
        let queue = queue(context, sender, class);
        let (standing, _) = context.turns.queue(&queue).await?;
        if standing.entered == standing.left {
            continue;
        }
        let senders = [sender.as_str()];
        let waiting = context.ledger.waiting(account, &senders, class, 1);
        if waiting.await?.is_empty() {
            context.turns.emptied(&queue, standing.entered).await?;
        }
    }
    Ok(())
}

/// The segments that wait for their turn, of all senders together.
pub(crate) async fn waiting(context: &Context) -> Result<PerClass<u64>> {
    let mut waiting = PerClass::default();
    let registry = context.senders.registry().await?;
    if !registry.is_paced() {
        return Ok(waiting);
    }
    for sender in context.ledger.waited_for(&context.identity.account).await? {
        let sender = &registry.leaving(Some(&sender)).address;
        for class in Class::ALL {
            let queue = queue(context, sender, class);
            let (standing, _) = context.turns.queue(&queue).await?;
            waiting[class] += standing.waiting();
        }
    }
    Ok(waiting)
}

/// Whether a slot was taken some time ago, and none since.
pub(super) fn rests(last_slot: Instant) -> bool {
    last_slot.elapsed() >= AFTERWARDS
}

pub(super) fn queue(context: &Context, sender: &SenderAddress, class: Class) -> QueueId {
    QueueId {
        line: LineId::new(&context.identity.account, sender.as_str()),
        class,
    }
}
