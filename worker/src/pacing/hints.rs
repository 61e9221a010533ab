//! Jobs, where texts wait for their turn: hints that something may wait.

use std::collections::{HashMap, VecDeque};

use mysms_core::domain::{MessageId, Registry};
use mysms_core::store::Result;
use tracing::Span;

use super::due::give_turns;
use crate::context::{Context, log_store_error};

/// How many messages' traces are kept until they are sent. Of what waits longer, only the log of the
/// request has the trace.
const TRACES: usize = 1024;

/// The traces of messages that wait, the oldest of which are forgotten.
#[derive(Default)]
pub(super) struct Traces {
    spans: HashMap<MessageId, Span>,
    order: VecDeque<MessageId>,
}

impl Traces {
    fn keep(&mut self, id: MessageId, span: Span) {
        if self.spans.insert(id, span).is_none() {
            self.order.push_back(id);
        }
        while self.order.len() > TRACES {
            let oldest = self.order.pop_front();
            oldest.and_then(|oldest| self.spans.remove(&oldest));
        }
    }

    pub(super) fn take(&mut self, id: MessageId) -> Option<Span> {
        self.spans.remove(&id)
    }
}

/// Wakes the pacers for which some messages wait, each with what its sending is logged in.
pub(crate) async fn take(
    context: &Context,
    registry: &Registry,
    messages: impl IntoIterator<Item = (MessageId, Span)>,
) {
    let mut ids = Vec::new();
    {
        let mut state = context.pacers.lock();
        for (id, span) in messages {
            state.traces.keep(id, span);
            ids.push(id);
        }
    }
    if let Err(error) = wake(context, registry, &ids).await {
        log_store_error(&error, true);
        context.pacers.wake_all();
    }
}

async fn wake(context: &Context, registry: &Registry, ids: &[MessageId]) -> Result<()> {
    let now = context.clock.now();
    let found = context.ledger.read(ids).await?;
    for message in &found {
        if message.segments_in_line().is_some() {
            let sender = registry.leaving(message.sender.as_deref());
            context.pacers.wake(&sender.address);
        }
    }
    // Whoever accepted them had not heard that there are rates.
    let without: Vec<_> = found.into_iter().filter(|it| it.needs_turn(now)).collect();
    give_turns(context, registry, without).await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use mysms_core::domain::Timestamp;

    use super::*;

    #[test]
    fn the_oldest_traces_are_forgotten() {
        let mut traces = Traces::default();
        let ids: Vec<_> = (0..=TRACES)
            .map(|_| MessageId::generate(Timestamp::EPOCH))
            .collect();
        for id in &ids {
            traces.keep(*id, Span::none());
            traces.keep(*id, Span::none());
        }
        assert!(traces.take(ids[0]).is_none());
        assert!(traces.take(ids[1]).is_some());
        assert!(traces.take(ids[TRACES]).is_some());
        assert!(traces.take(ids[TRACES]).is_none());
    }
}
