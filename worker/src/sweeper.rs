//! Finds due messages in the ledger and works on them: what the queue lost, retries, scheduled
//! messages, the backlog of an outage, doubts and overdue statuses.

use std::future::Future;
use std::sync::Arc;

use mysms_core::domain::{Lane, MessageId};
use mysms_core::store::Result;
use runtime::lifecycle::TaskResult;
use tokio::sync::Semaphore;
use tracing::Span;

use crate::admission::Admission;
use crate::context::{Context, log_store_error};

/// Messages of the resolve lane, and of the poll lane, worked on at once: few, so that ten thousand
/// doubts cannot starve sending.
const LANE_BUDGET: usize = 8;

/// Due messages that a probe may be tried with, should some be lost to other workers or expired.
const PROBE_CANDIDATES: usize = 16;

/// Sweeps the send lane until the soft stop.
pub(crate) async fn run(context: Arc<Context>) -> TaskResult {
    rounds(&context, || sweep(&context)).await
}

/// Sweeps a lane with a budget of its own until the soft stop; `work` takes a message and does what
/// it needs.
pub(crate) async fn run_lane<F, W>(context: Arc<Context>, lane: Lane, work: W) -> TaskResult
where
    F: Future<Output = Result<()>> + Send + 'static,
    W: Fn(Arc<Context>, MessageId) -> F,
{
    let budget = Arc::new(Semaphore::new(LANE_BUDGET));
    rounds(&context, || sweep_lane(&context, lane, &budget, &work)).await
}

/// A full round is followed by the next at once, any other by a jittered pause.
async fn rounds<F>(context: &Context, round: impl Fn() -> F) -> TaskResult
where
    F: Future<Output = Result<bool>>,
{
    // A round is never cut off: a claim dropped on its way would have to be looked up later.
    while !context.stop().is_cancelled() {
        let full = round().await.unwrap_or_else(|error| {
            log_store_error(&error, true);
            false
        });
        if !full && !context.rest().await {
            break;
        }
    }
    Ok(())
}

async fn sweep_lane<F, W>(
    context: &Arc<Context>,
    lane: Lane,
    budget: &Arc<Semaphore>,
    work: &W,
) -> Result<bool>
where
    F: Future<Output = Result<()>> + Send + 'static,
    W: Fn(Arc<Context>, MessageId) -> F,
{
    if context.gate.rests(lane) {
        return Ok(false);
    }
    let stop = context.stop();
    let first = tokio::select! {
        () = stop.cancelled() => return Ok(false),
        first = Arc::clone(budget).acquire_owned() => first,
    };
    let mut permits = Vec::from_iter(first);
    while let Ok(permit) = Arc::clone(budget).try_acquire_owned() {
        permits.push(permit);
    }
    let room = permits.len();
    let ids = due(context, lane, room).await?;
    let full = ids.len() == room;
    for (id, permit) in ids.into_iter().zip(permits) {
        let worked = work(Arc::clone(context), id);
        context.lifecycle.tracker().spawn(async move {
            if let Err(error) = worked.await {
                log_store_error(&error, true);
            }
            drop(permit);
        });
    }
    Ok(full)
}

/// One round; returns true if there may be more to do at once.
pub(crate) async fn sweep(context: &Arc<Context>) -> Result<bool> {
    let registry = context.senders.registry().await?;
    if registry.is_paced() {
        return crate::pacing::sweep(context, &registry).await;
    }
    let room = match context.gate.admit(&context.identity.sender).await? {
        Admission::Free => context.concurrency.free().max(1),
        Admission::Probe => return probe(context).await,
        Admission::Shut => return Ok(false),
    };
    let ids = due(context, Lane::Send, room).await?;
    if ids.is_empty() {
        return Ok(false);
    }
    let permits = context.permits(ids.len()).await;
    let taken = &ids[..ids.len().min(permits.len())];
    let won = context
        .claim_and_send(taken, permits, false, |_| Span::current())
        .await?;
    let lost: Vec<MessageId> = taken
        .iter()
        .copied()
        .filter(|id| !won.contains(id))
        .collect();
    context.settle_unclaimable(&lost).await?;
    Ok(ids.len() == room)
}

/// Sends the oldest due message, to find out whether it works again.
async fn probe(context: &Arc<Context>) -> Result<bool> {
    // Messages that were lost to another worker or have expired must not use the probe up.
    let ids = due(context, Lane::Send, PROBE_CANDIDATES).await?;
    for id in ids {
        let permits = context.permits(1).await;
        if !context
            .claim_and_send(&[id], permits, true, |_| Span::current())
            .await?
            .is_empty()
        {
            break;
        }
        context.settle_unclaimable(&[id]).await?;
    }
    Ok(false)
}

async fn due(context: &Context, lane: Lane, limit: usize) -> Result<Vec<MessageId>> {
    let now = context.clock.now();
    let account = &context.identity.account;
    context.ledger.due(account, lane, now, limit).await
}
