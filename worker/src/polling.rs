//! Asks the provider for statuses that are overdue, because callbacks can be lost.

use std::sync::Arc;

use mysms_core::chain::Chain;
use mysms_core::domain::{Lane, Message, MessageId, NextPoll, Timestamp};
use mysms_core::store::Result;
use runtime::lifecycle::TaskResult;

use crate::context::Context;
use crate::sweeper::run_lane;

/// A failed question is repeated after this many looks' pauses.
const FAILED_POLL_PAUSES: u32 = 10;

/// Sweeps the poll lane until the soft stop.
pub(crate) async fn run(context: Arc<Context>) -> TaskResult {
    run_lane(context, Lane::Poll, poll).await
}

pub(crate) async fn poll(context: Arc<Context>, id: MessageId) -> Result<()> {
    let now = context.clock.now();
    let until = now + context.config.lease();
    let Some(message) = context.ledger.take_poll(id, now, until).await? else {
        return context.settle_unclaimable(&[id]).await;
    };
    let next = match ask(&context, &message).await {
        Some(asked_at) => NextPoll {
            at: next_rung(&context, &message, asked_at),
            polls: message.polls + 1,
        },
        None => NextPoll {
            at: Some(now + context.config.resolve_interval * FAILED_POLL_PAUSES),
            polls: message.polls,
        },
    };
    context.ledger.next_poll(id, next).await?;
    Ok(())
}

/// Asks for a message's status and records it; returns `None` when the provider did not answer.
#[tracing::instrument(name = "poll", skip_all, fields(message.id = %message.id))]
async fn ask(context: &Context, message: &Message) -> Option<Timestamp> {
    let sid = &message.provider.as_ref()?.sid;
    match context.provider.fetch(sid).await {
        Ok(Some(remote)) => {
            let fact = context.fact_about(message.id, &remote);
            context.record_fact(&fact).await;
            Some(fact.at)
        }
        Ok(None) => {
            tracing::warn!(%sid, "the provider does not know a message that it took");
            Some(context.clock.now())
        }
        Err(failure) => {
            tracing::warn!(error = %Chain(&failure), "the status could not be asked for");
            None
        }
    }
}

fn next_rung(context: &Context, message: &Message, now: Timestamp) -> Option<Timestamp> {
    let accepted_at = message.provider.as_ref().map_or(now, |known| known.at);
    context.poll_after(accepted_at, message.polls + 1)
}
